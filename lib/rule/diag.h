#ifndef CDP_RULE_DIAG_H
#define CDP_RULE_DIAG_H

#include <stdbool.h>
#include <stdio.h>

#include "lib/rule/yaml.h"

/*
 * diag: what is wrong with a project, all of it, with its place.
 *
 * Rules are lower-case names with dashes ("unknown-key", "unknown-audience").
 * A message offers the nearest known name where there is one.
 */
struct cdp_diag {
	struct cdp_mark at;
	const char *rule;
	char *msg;
	bool warning;
};

struct cdp_diags { /* an empty one is { 0 } */
	struct cdp_diag *v;
	size_t n, cap;
	size_t nerrors;
	struct cdp_srcs *srcs; /* the texts of the files, for the caret */
};

void cdp_diags_free(struct cdp_diags *d);

/* Keep a file's text so that its lines can be shown; copied. */
void cdp_diags_source(
    struct cdp_diags *d, const char *file, struct cdp_str text);

/* at may be NULL (then the message stands without a place). */
void cdp_diag_error(struct cdp_diags *d, const struct cdp_node *at,
    const char *rule, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void cdp_diag_warn(struct cdp_diags *d, const struct cdp_node *at,
    const char *rule, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void cdp_diag_at(struct cdp_diags *d, struct cdp_mark at, const char *rule,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * Report "WHAT 'NAME'" under a rule, with "did you mean" if one of the n
 * known names is near: cdp_diag_name(d, node, "unknown-audience",
 * "no audience", name, names, n).
 */
void cdp_diag_name(struct cdp_diags *d, const struct cdp_node *at,
    const char *rule, const char *what, struct cdp_str name,
    const struct cdp_str *known, size_t n);

/*
 * Report every key of map that is not in known (NULL-terminated), with the
 * nearest one that is.
 */
void cdp_diag_keys(struct cdp_diags *d, const struct cdp_node *map,
    const char *what, const char *const *known);

/*
 * Print "TOOL:FILE:LINE:COL: error[RULE]: MSG", the source line and a caret;
 * ordered by file and place; after ten of a rule only their number.
 */
void cdp_diags_print(const struct cdp_diags *d, const char *tool, FILE *fp);

#endif
