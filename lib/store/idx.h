#ifndef CDP_STORE_IDX_H
#define CDP_STORE_IDX_H

#include "lib/store/index.h"
#include "lib/store/seg.h"

/*
 * idx: the index of a sealed segment, a file of sorted arrays that is mapped.
 *
 * It is a cache: what it says of a state is checked against the segment, and
 * a file that is missing or does not fit is made anew from META.
 */
struct cdp_idx { /* an empty one is { 0 } */
	uint8_t *p;
	size_t n;
	bool mapped; /* else from malloc */
	uint64_t nkey, nseen, nspan, norigin, nepoch, ndue, nblob;
	const uint8_t *key, *seen, *span, *origin, *epoch, *due, *blob;
};

/* The bytes of the file for ix. */
void cdp_idx_build(const struct cdp_index *ix, const struct cdp_seg_head *sg,
    struct cdp_buf *ret);

/*
 * Map the file name in dir.  0; CDP_END if it is not there or is not sound
 * and of segment sg.  full: check the sum over all of it, too.
 */
int cdp_idx_open(const struct cdp_io *io, int dir, const char *name,
    const struct cdp_seg_head *sg, bool full, struct cdp_idx *ret);

/* Use an image in memory instead: takes b's bytes over. */
void cdp_idx_take(struct cdp_buf *b, struct cdp_idx *ret);
void cdp_idx_close(struct cdp_idx *x);

/*
 * The newest state in the segment whose key has this hash: which entry it is,
 * or nkey if there is none.
 */
uint64_t cdp_idx_find_key(const struct cdp_idx *x, struct cdp_hash128 h);

/* The hash of entry i, and the place of its state. */
struct cdp_hash128 cdp_idx_hash(const struct cdp_idx *x, uint64_t i);
uint64_t cdp_idx_place(const struct cdp_idx *x, uint64_t i);

/* The place of a state, or 0. */
uint64_t cdp_idx_loc(const struct cdp_idx *x, struct cdp_hash128 h);

/* The number of an input, or 0. */
uint64_t cdp_idx_where(const struct cdp_idx *x, const struct cdp_log_key *key);

/* The epoch that holds input q; false if all begin behind it. */
bool cdp_idx_find(
    const struct cdp_idx *x, uint64_t q, struct cdp_epoch_at *ret);

void cdp_idx_due(const struct cdp_idx *x, uint64_t i, struct cdp_due_at *ret);

#endif
