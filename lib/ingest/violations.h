#ifndef CDP_INGEST_VIOLATIONS_H
#define CDP_INGEST_VIOLATIONS_H

#include "lib/json/line.h"
#include "lib/rule/project.h"

/*
 * violations: a file of Segment's "Violation Generated" events, one for each
 * violation of the tracking plan, of events that pass and of those that do not.
 *
 * It is a source of its own, as Segment forwards them to one: all of them are
 * of the user "schema-violations", who should not become a profile among the
 * others.  Its lines depend on the events alone, the message ids too.
 */
struct cdp_violations; /* opaque */

/* Opens and empties the file.  plan and source are borrowed.  0 or CDP_EIO. */
int cdp_violations_open(const char *path, const struct cdp_plan *plan,
    struct cdp_str source, struct cdp_violations **ret, struct cdp_err *err);

/* For struct cdp_ingest_opt: self is the struct cdp_violations. */
void cdp_violations_add(void *self, const struct cdp_line *ln,
    const struct cdp_violation *v, const char *code, bool blocked);

/* 0, or CDP_EIO if not all of it could be written.  NULL is nothing. */
int cdp_violations_close(struct cdp_violations *vs, struct cdp_err *err);

#endif
