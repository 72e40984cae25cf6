#ifndef CDP_INGEST_INFER_H
#define CDP_INGEST_INFER_H

#include "lib/base/buf.h"
#include "lib/json/line.h"

/*
 * infer: a tracking plan from the events that came.
 *
 * For each name of a track call and each other type: which properties or
 * traits there were, of which types, which of them always, which strings were
 * all of one format, or were few.  What comes out depends on the events alone
 * and not on their order, as long as the limits are not met; memory follows
 * the number of names, which is limited.
 */
#define CDP_INFER_EVENTS 2000  /* names of track calls */
#define CDP_INFER_NAMES 200    /* in one object; more: it is a map */
#define CDP_INFER_FIELDS 50000 /* in all */
#define CDP_INFER_DEPTH 8

struct cdp_infer; /* opaque */

struct cdp_infer *cdp_infer_new(void);
void cdp_infer_free(struct cdp_infer *in);

void cdp_infer_line(struct cdp_infer *in, const struct cdp_line *ln);

/* The plan as a YAML file of a project. */
void cdp_infer_write(const struct cdp_infer *in, struct cdp_buf *b);

#endif
