#ifndef CDP_TOOL_EXPORT_H
#define CDP_TOOL_EXPORT_H

#include "lib/tool/admin.h"

/*
 * export: a store's contents for other programs, and back.
 */

/*
 * The tables named (a->name), or all of them, as a->format says ("ndjson", the
 * default, or "csv"): each to a file of its own in a->dir, or one to standard
 * output.  With "dump", everything in the store, for cdp_admin_import().
 */
int cdp_admin_export(struct cdp_admin *a, struct cdp_err *err);

/*
 * Make a store, where there is none, from what export --format=dump wrote:
 * from the file named, or from standard input.
 */
int cdp_admin_import(struct cdp_admin *a, struct cdp_err *err);

#endif
