#ifndef CDP_INGEST_AHEAD_H
#define CDP_INGEST_AHEAD_H

#include "lib/base/buf.h"
#include "lib/ingest/order.h"

/*
 * ahead: events that are dated too far ahead to be believed at once.
 *
 * One wrong clock must not move everybody's.  What says when it was received
 * is judged by that.  Another event that is more than clock.ahead ahead of all
 * before it is put aside until its neighbours have spoken: CDP_AHEAD_VOTES
 * that are as far ahead as it is, and time has moved; as many that are not,
 * and it had a wrong clock.  An event that had one passes at the time that the
 * stream has come to, and says in "ahead" what it had said.
 *
 * Nothing is before the first event of all.  Until as many have come that lie
 * within clock.ahead of one another, or a clock line has been told, an event
 * that is more than that before all of them puts them aside, and time is its.
 */
#define CDP_AHEAD_VOTES 32

struct cdp_ahead { /* an empty one is { 0 } */
	struct cdp_order aside;
	unsigned forth, back; /* votes */
	struct cdp_buf buf;
	uint64_t n; /* that had a wrong clock */
	bool begun; /* those that lead are enough */
	unsigned nlead;
	int64_t low_ms; /* the first of them */
};

enum cdp_ahead_verdict {
	CDP_AHEAD_PASS, /* nothing is aside, or nothing is known yet */
	CDP_AHEAD_TRUE, /* what is aside is right */
	CDP_AHEAD_FALSE /* it had a wrong clock */
};

/* An event that is not to be believed yet: copied. */
enum cdp_ahead_verdict cdp_ahead_put(
    struct cdp_ahead *a, const struct cdp_waiting *w);

/*
 * An event of that time is about to go to the queue, and time has not begun:
 * is it too far before those that lead?  Then they are put aside.
 */
bool cdp_ahead_lead(
    struct cdp_ahead *a, struct cdp_order *q, int64_t ts_ms, int64_t ahead_ms);

/* An event of the time that the stream has come to. */
static inline enum cdp_ahead_verdict
cdp_ahead_other(struct cdp_ahead *a)
{
	if (cdp_order_count(&a->aside) == 0 || ++a->back < CDP_AHEAD_VOTES ||
	    a->back < a->forth)
		return CDP_AHEAD_PASS;
	return CDP_AHEAD_FALSE;
}

/*
 * The input ends, and perhaps time has not begun: is what is aside more than
 * what led?
 */
static inline bool
cdp_ahead_most(const struct cdp_ahead *a)
{
	return !a->begun && a->forth > a->back;
}

/*
 * Move what is aside to the queue, as it is (fixed_ms is CDP_TIME_NONE), or to
 * that time.  doubt: marked as such.  The greatest timestamp of it, or
 * CDP_TIME_NONE.
 */
int64_t cdp_ahead_take(struct cdp_ahead *a, struct cdp_order *q,
    int64_t fixed_ms, int rank, bool doubt);

/* The edit of a line, and that it is of another time than it said. */
struct cdp_str cdp_ahead_edit(
    struct cdp_ahead *a, struct cdp_str edit, int64_t said_ms, int64_t ms);

void cdp_ahead_free(struct cdp_ahead *a);

#endif
