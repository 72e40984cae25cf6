#ifndef CDP_RULE_SEGMENT_H
#define CDP_RULE_SEGMENT_H

#include "lib/rule/yaml.h"

/*
 * segment: Segment's query language, as its text stands in their API.
 *
 * It is rewritten into a condition as one would have written it in YAML: an
 * event in where() into "then", "omits" into not "contains".
 */
struct cdp_loader;

/* The condition that text says; NULL, with a diagnostic, if it is wrong or
 * says more than conditions can. */
struct cdp_node *cdp_segment_read(
    struct cdp_loader *ld, const struct cdp_node *text);

#endif
