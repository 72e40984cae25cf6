#ifndef CDP_RULE_MEASURE_H
#define CDP_RULE_MEASURE_H

#include "lib/json/line.h"
#include "lib/rule/cond.h"
#include "lib/rule/window.h"

/*
 * measure: what a condition computes of a profile's events, other than a
 * bounded count of them: a sum, the greatest, the most frequent, and so on.
 *
 * It is a window as traits have it (window.h).  With "between" events wait
 * until they are long enough ago and then enter a window that is as long as
 * the two are apart, with the time they enter it for theirs.  With a trail
 * (trail.h) the events are kept, and the value is made anew of those that its
 * where holds of.
 */
struct cdp_trail_def; /* trail.h */

struct cdp_measure_def {
	struct cdp_trait def; /* kind, path, within_ms, session_ms, min, def */
	int64_t from_ms;      /* between: events wait for so long */
	int pick;   /* min (-1) and max (1) of strings, of a set; 0: neither */
	bool many;  /* the path is over "$": each value of an event counts */
	bool whole; /* or all of them as one, an array */
	const struct cdp_trail_def *trail; /* or NULL */
};

struct cdp_measure {            /* an empty one is { 0 } */
	struct cdp_window w;    /* what counts */
	struct cdp_points wait; /* what does not yet; or all of a trail */
};

/*
 * What there is at path from at, for d, made in mem: each like the datum "like"
 * but for the value.  *n of them, often one; NULL if there is none.
 */
const struct cdp_datum *cdp_measure_data(const struct cdp_measure_def *d,
    const struct cdp_tape *t, uint32_t at, const struct cdp_path *path,
    const struct cdp_datum *like, struct cdp_arena *mem, size_t *n);

/* The same of a line. */
const struct cdp_datum *cdp_measure_line(
    const struct cdp_measure_def *d, const struct cdp_line *ln, size_t *n);

void cdp_measure_put(struct cdp_measure *y, const struct cdp_measure_def *d,
    const struct cdp_datum *in);
void cdp_measure_join(struct cdp_measure *y, const struct cdp_measure *from,
    const struct cdp_measure_def *d);
void cdp_measure_free(struct cdp_measure *y, const struct cdp_measure_def *d);
bool cdp_measure_is_empty(
    const struct cdp_measure *y, const struct cdp_measure_def *d);

/* Let what has come into the window enter it, and go what has left it. */
bool cdp_measure_expire(
    struct cdp_measure *y, const struct cdp_measure_def *d, int64_t now_ms);

/* The first instant when that does something; INT64_MAX: never. */
int64_t cdp_measure_leaves(
    const struct cdp_measure *y, const struct cdp_measure_def *d);

/* The value at now as JSON, or nothing; y may be NULL. */
void cdp_measure_value(struct cdp_buf *b, const struct cdp_measure *y,
    const struct cdp_measure_def *d, const struct cdp_ctx *ctx);

/* The value of y as it stands. */
void cdp_measure_show(struct cdp_buf *b, const struct cdp_measure *y,
    const struct cdp_measure_def *d);

/* When it may be another one, behind now; INT64_MAX: never. */
int64_t cdp_measure_next(const struct cdp_measure *y,
    const struct cdp_measure_def *d, const struct cdp_ctx *ctx);

/* As JSON, and back into an empty one. */
void cdp_measure_write(struct cdp_buf *b, const struct cdp_measure *y,
    const struct cdp_measure_def *d);
void cdp_measure_read(struct cdp_measure *y, const struct cdp_measure_def *d,
    const struct cdp_tape *t, uint32_t at);

#endif
