#ifndef CDP_EMIT_TOLD_H
#define CDP_EMIT_TOLD_H

#include "lib/rule/project.h"
#include "lib/store/log.h"

/*
 * told: what became of an activation, from what the logs have kept; for
 * questions, not for the filter.  Reads whole logs.
 */
struct cdp_told {
	struct cdp_project *pr;
	struct cdp_log *emit, *deliver, *spool, *journey; /* or NULL */
	int64_t at_ms; /* now; CDP_TIME_NONE: nobody knows of anybody */
	bool past;     /* it is another time that was asked for */
	/* How that profile stands, appended to ret: 0, CDP_END, or fatal. */
	int (*person)(void *arg, struct cdp_str id, struct cdp_buf *ret,
	    struct cdp_err *err);
	void *arg;
};

/*
 * Tell, as one JSON object each, of the deliveries with that id: a delivery's,
 * an activation's or a profile's.  In it: the gates and which was closed, what
 * was decided when, what would be decided now and what of that differs, the
 * activation, what was made of it, and each attempt.
 *
 * 0; CDP_END if there is none; what fn returned; CDP_EIO, CDP_ECORRUPT.
 */
int cdp_told_explain(const struct cdp_told *q, struct cdp_str id,
    int (*fn)(void *arg, struct cdp_str json), void *arg, struct cdp_err *err);

/*
 * The newest activation with that template for that profile, appended to ret.
 * 0; CDP_END if there is none; CDP_EIO, CDP_ECORRUPT.
 */
int cdp_told_last(struct cdp_log *journey, struct cdp_str profile,
    struct cdp_str template, struct cdp_buf *ret, struct cdp_err *err);

#endif
