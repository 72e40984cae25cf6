#ifndef CDP_INGEST_STATE_H
#define CDP_INGEST_STATE_H

#include "lib/base/map.h"
#include "lib/ingest/body.h"
#include "lib/ingest/ingest.h"
#include "lib/ingest/order.h"
#include "lib/ingest/position.h"
#include "lib/rule/suppress.h"

/*
 * state: what cdp-ingest knows while it runs.
 *
 * ingest.c reads lines and releases them in order; step.c is what each of
 * them does then, and what the log remembers of it.
 */
struct cdp_ingest {
	struct cdp_ingest_opt opt;
	struct cdp_position *position; /* or NULL: of no stream */
	struct cdp_body body;
	struct cdp_line changed; /* what is being read, transformed */
	uint64_t filtered;       /* and what was dropped there */
	struct cdp_order order;
	int64_t greatest; /* timestamp seen in this run */
	int64_t released; /* the last timestamp that left */
	int64_t ticked;   /* the last clock line of this run */
	struct cdp_planned planned;
	uint64_t made_ids, retimed, late, hurried, stale;

	/* What the log remembers. */
	int64_t clock;  /* the last clock line ever */
	int64_t newest; /* timestamp of any event */
	bool dirty;

	struct cdp_suppress suppress;
	int64_t tier_ms;     /* when the last command without a time came, */
	int tier;            /* and the rank of what comes after it */
	struct cdp_map bare; /* commands without a name, and how often */
	struct cdp_arena bare_mem;

	const struct cdp_waiting *now; /* what step() is to pass */
	struct cdp_buf edit;
	struct cdp_buf key;
	struct cdp_buf text;
	struct cdp_buf whole; /* a line as it will leave */
	struct cdp_tape tape; /* of what is being released */
	struct cdp_arena mem;
};

#endif
