#ifndef CDP_STORE_INDEX_H
#define CDP_STORE_INDEX_H

#include <stdbool.h>

#include "lib/base/arena.h"
#include "lib/store/log.h"

/*
 * index: where things stand in the active segment, in memory.
 *
 * States by a 128-bit keyed hash of their key; inputs by (o, n), as runs that
 * cost nothing while they are dense, or by their hash; epochs by the number
 * of their first input.  Inputs are numbered q = 1, 2, 3, ... in the order of
 * commitment, for ever.  It is rebuilt from META when a log is opened, and
 * becomes an .idx file (idx.h) when its segment is sealed.
 */
struct cdp_slot {
	uint64_t lo, hi;
	uint64_t val; /* 0: free */
};

struct cdp_slots {
	struct cdp_slot *v;
	size_t n, cap;
};

/* Inputs from to to of an origin are q, q + 1, ... */
struct cdp_span {
	uint64_t from, to, q;
};

struct cdp_origin {
	struct cdp_str o;
	struct cdp_span *v; /* sorted, disjoint */
	size_t n, cap;
};

struct cdp_epoch_at {
	uint64_t q, n; /* its first input and record */
	uint64_t off, no;
};

struct cdp_due_at {
	struct cdp_hash128 h;
	uint64_t loc;
	int64_t due_ms;
	struct cdp_str key;
};

struct cdp_index {             /* an empty one is { 0 } */
	struct cdp_slots keys; /* to loc */
	struct cdp_slots seen; /* to q */
	struct cdp_origin *origin;
	size_t norigin;
	struct cdp_epoch_at *epoch;
	size_t nepoch, cepoch;
	struct cdp_due_at *due; /* stale ones included */
	size_t ndue, cdue;
	size_t nspan;
	uint64_t nunsynced; /* epochs */
	uint64_t nput;      /* states, older ones of a key included */
	struct cdp_arena mem;
};

/*
 * A place: the frame's offset and the byte in what it holds.
 */
#define CDP_LOC(off, raw) ((uint64_t)(off) << 24 | (raw))
#define CDP_LOC_OFF(loc) ((loc) >> 24)
#define CDP_LOC_RAW(loc) ((loc)&0xFFFFFF)

void cdp_index_free(struct cdp_index *ix); /* and empty again */

void cdp_index_put(struct cdp_index *ix, struct cdp_hash128 h, uint64_t loc,
    struct cdp_str key, int64_t due_ms);
uint64_t cdp_index_loc(const struct cdp_index *ix, struct cdp_hash128 h);

void cdp_index_in(struct cdp_index *ix, struct cdp_str o, uint64_t from,
    uint64_t to, uint64_t q);
void cdp_index_hash(struct cdp_index *ix, struct cdp_hash128 h, uint64_t q);

/* Room for n hashed inputs in all, once there is one. */
void cdp_index_reserve(struct cdp_index *ix, uint64_t n);

/* That hash is going to be asked for, or added: have its place at hand. */
void cdp_index_expect(const struct cdp_index *ix, struct cdp_hash128 h);

/* The number of that input, or 0; and how it was hashed (of a hashed one). */
uint64_t cdp_index_where(
    const struct cdp_index *ix, const struct cdp_log_key *key);
bool cdp_index_hashed(
    const struct cdp_index *ix, struct cdp_hash128 h, struct cdp_hash128 *ret);

void cdp_index_epoch(struct cdp_index *ix, const struct cdp_epoch_at *at);

/* The epoch that holds input q, or NULL if it begins behind it. */
const struct cdp_epoch_at *cdp_index_find(
    const struct cdp_index *ix, uint64_t q);

/* How many entries it has: what decides, with bytes, when to seal. */
size_t cdp_index_size(const struct cdp_index *ix);

#endif
