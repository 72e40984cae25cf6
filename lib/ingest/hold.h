#ifndef CDP_INGEST_HOLD_H
#define CDP_INGEST_HOLD_H

#include "lib/ingest/order.h"
#include "lib/ingest/position.h"
#include "lib/rule/project.h"
#include "lib/rule/suppress.h"
#include "lib/store/stage.h"

/*
 * hold: events that wait for the next run of the same source (--hold).
 *
 * They are kept in the log as two sets of states: what the last run began
 * with and what it left.  The next run begins with what was left; but a run
 * that was not finished, or is the same run again, begins with what it began
 * with then, or it would not print the same.  It is the same run if its first
 * line is that of the last one.
 */
struct cdp_hold_set {
	int64_t g; /* its number, from 1; 0: there is none */
	int64_t n; /* how many */
	int64_t tier, tier_ms, ticked; /* see struct cdp_ingest */
};

struct cdp_hold {
	struct cdp_str key;           /* of the state, in mem */
	struct cdp_hold_set from, to; /* to.g == 0: not finished */
	struct cdp_hold_set again;    /* what the same run left before */
	char first[17];               /* hash of its first line, or empty */
	bool begun;
	struct cdp_buf buf;
	struct cdp_tape tape;
	struct cdp_arena mem;
};

/* Read what is kept of a source.  0 or fatal. */
int cdp_hold_open(struct cdp_hold *h, struct cdp_log *log,
    struct cdp_str source, struct cdp_err *err);

/*
 * A run begins, with that line (empty if none came at all): what it begins with
 * goes into the queue, or aside (ahead.h), and it is noted that it did.  0 or
 * fatal.
 */
int cdp_hold_begin(struct cdp_hold *h, struct cdp_stage *sg,
    struct cdp_str first, struct cdp_order *q, struct cdp_order *aside,
    struct cdp_err *err);

/* What the same run left before goes back into the queue.  0 or fatal. */
int cdp_hold_again(struct cdp_hold *h, struct cdp_stage *sg,
    struct cdp_order *q, struct cdp_order *aside, struct cdp_err *err);

/*
 * The run ends and leaves what is in the queue, which is emptied: how many.
 * set holds the rest; pos is told of it, or NULL.
 */
uint64_t cdp_hold_end(struct cdp_hold *h, struct cdp_stage *sg,
    struct cdp_order *q, const struct cdp_hold_set *set,
    struct cdp_position *pos);

/*
 * Take out of a log what is held back of the erased, and commit.  0; CDP_ECONF
 * if pr, which says who events are of, is NULL and something is held back; or
 * fatal.
 */
int cdp_hold_erase(struct cdp_log *log, struct cdp_suppress *s,
    const struct cdp_project *pr, struct cdp_err *err);

void cdp_hold_free(struct cdp_hold *h);

#endif
