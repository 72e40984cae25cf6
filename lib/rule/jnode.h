#ifndef CDP_RULE_JNODE_H
#define CDP_RULE_JNODE_H

#include "lib/rule/diag.h"

/*
 * jnode: a JSON file as nodes that know where they stand.
 *
 * What was written for another tool is read by the rules of JSON, and by the
 * same loaders as our own YAML: its strings are quoted scalars, and of equal
 * keys the last counts.
 */

/*
 * Read a file's bytes.  Nodes live in mem.  Faults go to diags, and then *ret
 * is NULL.
 */
void cdp_jnode_parse(struct cdp_str text, const char *file,
    struct cdp_arena *mem, struct cdp_diags *diags, struct cdp_node **ret);

#endif
