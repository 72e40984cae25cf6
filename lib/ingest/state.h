#ifndef CDP_INGEST_STATE_H
#define CDP_INGEST_STATE_H

#include "lib/base/map.h"
#include "lib/ingest/ahead.h"
#include "lib/ingest/body.h"
#include "lib/ingest/hold.h"
#include "lib/ingest/ingest.h"
#include "lib/ingest/order.h"
#include "lib/ingest/position.h"
#include "lib/rule/suppress.h"
#include "lib/store/stretch.h"

/*
 * state: what cdp-ingest knows while it runs.
 *
 * ingest.c reads lines, release.c lets them go in order, runs.c begins and
 * ends; unread.c takes lines that need not be read; step.c is what each of them
 * does then, and what the log remembers of it.
 */
struct cdp_ingest {
	struct cdp_ingest_opt opt;
	struct cdp_position *position; /* or NULL: of no stream */
	uint64_t places;               /* given to what waits */
	struct cdp_body body;
	struct cdp_line changed;    /* what is being read, transformed */
	uint64_t filtered;          /* and what was dropped there */
	struct cdp_buf usual;       /* the edit of each line; or empty */
	struct cdp_stretches known; /* of the input, */
	struct cdp_waiting unread[CDP_STRETCH_LINES]; /* one of them */
	uint64_t nunread;
	struct cdp_order order;
	struct cdp_ahead ahead;
	struct cdp_hold hold;
	uint64_t doubtful;      /* ahead, and nothing behind them spoke */
	uint64_t resumed, held; /* from the last run, for the next one */
	int64_t greatest;       /* timestamp seen in this run */
	int64_t released;       /* the last timestamp that left */
	int64_t ticked;         /* the last clock line of this run */
	struct cdp_planned planned;
	uint64_t made_ids, retimed, untimed, late, stale;

	/* What the log remembers. */
	int64_t clock;  /* the last clock line ever */
	int64_t newest; /* timestamp of any event */
	bool dirty;

	struct cdp_suppress suppress;
	int64_t tier_ms;      /* when the last command without a time came, */
	int tier;             /* and the rank of what comes after it */
	struct cdp_map again; /* ids that were made, and how often */
	struct cdp_arena again_mem;

	const struct cdp_waiting *now; /* what step() is to pass */
	struct cdp_buf edit;
	struct cdp_buf key;
	struct cdp_buf text;
	struct cdp_buf whole; /* a line as it will leave */
	struct cdp_tape tape; /* of what is being released */
	struct cdp_arena mem;
};

/* What an earlier run held back comes before the first line of this one. */
int cdp_ingest_begin(struct cdp_ingest *ig, struct cdp_stage *sg,
    struct cdp_str first, struct cdp_err *err);

/* Release what need wait no longer, and what there is no room for. */
int cdp_ingest_release(
    struct cdp_ingest *ig, struct cdp_stage *sg, struct cdp_err *err);
int cdp_ingest_release_all(
    struct cdp_ingest *ig, struct cdp_stage *sg, struct cdp_err *err);

/*
 * w, of time ts (or none), to its place in time; release what is due.
 * Of an event that says when it was received, see place() in ingest.c.
 */
int cdp_ingest_wait(struct cdp_ingest *ig, struct cdp_stage *sg,
    struct cdp_waiting *w, int64_t ts, struct cdp_err *err);

/* What is aside is right, or is not: it goes into the queue. */
void cdp_ingest_believe(struct cdp_ingest *ig, enum cdp_ahead_verdict v);

/*
 * A line was read into w, and is to pass with the edit in ig: unread.c takes
 * note.  judged: the plan has found something.
 */
void cdp_ingest_seen(struct cdp_ingest *ig, const struct cdp_line *ln,
    const struct cdp_envelope *env, struct cdp_waiting *w, bool judged);

/* The last tick before t; CDP_TIME_NONE without ticks. */
int64_t cdp_ingest_tick(const struct cdp_ingest *ig, int64_t t);

/* A clock line. */
int cdp_ingest_tell(struct cdp_ingest *ig, struct cdp_stage *sg, int64_t ms,
    struct cdp_err *err);

/*
 * Without a stage nothing is passed: tell who wants to know of a line (tell.c).
 * ts is its time; w is NULL if it would be rejected.
 */
void cdp_ingest_look(struct cdp_ingest *ig, const struct cdp_line *ln,
    const struct cdp_waiting *w, int64_t ts, bool violating);

#endif
