#ifndef CDP_INGEST_ORDER_H
#define CDP_INGEST_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/hash.h"
#include "lib/json/tape.h"

/*
 * order: events on their way into time order.
 *
 * What is pushed is popped in the order (timestamp, rank, message id, push).
 * Input that is in order already goes through a ring at no cost; what comes out
 * of turn goes through a heap.  Bytes are copied once, into blocks that are
 * given back when nothing in them waits any more; how many blocks there are
 * depends on the input alone, so a bound on them decides the same everywhere.
 */
struct cdp_waiting {
	int64_t ts_ms;
	uint64_t seq;
	uint64_t lineno;
	uint64_t place;            /* among all that waited in this run, or 0 */
	int type;                  /* of the line */
	bool bare;                 /* it came without id and time */
	bool again;                /* see hold.h */
	bool plain;                /* it was not read: see unread.c */
	bool whole;                /* passed as it is: no tape is needed */
	bool doubt;                /* its time may be wrong: see ahead.h */
	uint64_t mark;             /* of what it says: see same.h */
	int rank;                  /* before the id; 0: an event */
	struct cdp_str id;         /* message id */
	struct cdp_str thing;      /* of a row without id and time: which */
	struct cdp_hash128 key;    /* of source and id */
	struct cdp_str raw;        /* the line */
	struct cdp_str edit;       /* what is to be changed in it, or empty */
	const struct cdp_tok *tok; /* its tape, or NULL */
	uint32_t ntok;
	struct cdp_block *block;
};

struct cdp_order_ent {
	int64_t ts_ms;
	struct cdp_waiting *w;
};

/* An empty one is { 0 }. */
struct cdp_order {
	struct cdp_order_ent *ring; /* in order, from at, n of them */
	size_t at, n, cap;          /* cap is a power of two */
	struct cdp_order_ent *heap; /* the rest */
	size_t nheap, capheap;
	struct cdp_block *block; /* the one that is being filled */
	struct cdp_block *spare;
	size_t bytes; /* in blocks that hold something */
	uint64_t seq;
};

/*
 * Copies w and what it points to; seq and block are set here.  O(1) in order,
 * else O(log n).
 */
void cdp_order_push(struct cdp_order *q, const struct cdp_waiting *w);

/* The first, or NULL; it stays until it is popped. */
const struct cdp_waiting *cdp_order_min(const struct cdp_order *q);

/* Remove the first, which must be there; what min gave is no longer valid. */
void cdp_order_pop(struct cdp_order *q);

static inline size_t
cdp_order_count(const struct cdp_order *q)
{
	return q->n + q->nheap;
}

void cdp_order_free(struct cdp_order *q);

#endif
