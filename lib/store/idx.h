#ifndef CDP_STORE_IDX_H
#define CDP_STORE_IDX_H

#include "lib/store/index.h"
#include "lib/store/seg.h"

/*
 * idx: the index of a sealed segment, a file of sorted arrays that is mapped.
 *
 * It is a cache.  Each block of it has a checksum, which is looked at when the
 * block is first used: one that does not fit sets bad, whatever was asked is
 * then answered with "not there", and the index must be made anew from META.
 * A key that the segment never met costs one look into a filter.
 */
struct cdp_idx { /* an empty one is { 0 } */
	uint8_t *p;
	size_t n;
	bool mapped; /* else it stands in built, and is sound */
	struct cdp_buf built;
	bool bad;
	uint8_t *ok; /* a bit for each block that was found sound */
	uint64_t nkey, nseen, nspan, norigin, nepoch, ndue, nblob;
	uint64_t nunsynced; /* epochs */
	uint64_t nput;      /* states in the segment, older ones included */
	uint64_t least;     /* the q that those of hashed inputs count from */
	size_t keysize, seensize;     /* of an entry, CDP_IDX_ENTRY */
	uint64_t nkeyline, nseenline; /* of the filters */
	const uint8_t *keyline, *seenline, *key, *seen, *span, *origin, *epoch,
	    *due, *blob, *sum;
};

#define CDP_IDX_HEAD 128
#define CDP_IDX_BLOCK 4096

/* The bytes of the file for ix. */
void cdp_idx_build(const struct cdp_index *ix, const struct cdp_seg_head *sg,
    struct cdp_buf *ret);

/*
 * Map the file name in dir.  0; CDP_END if it is not there, its head or its
 * sums are not sound, or it is not of segment sg.
 */
int cdp_idx_open(const struct cdp_io *io, int dir, const char *name,
    const struct cdp_seg_head *sg, struct cdp_idx *ret);

/* Use an image in memory instead: takes b's bytes over. */
void cdp_idx_take(struct cdp_buf *b, struct cdp_idx *ret);
void cdp_idx_close(struct cdp_idx *x);

/* Look at every block that was not used yet. */
bool cdp_idx_sound(struct cdp_idx *x);

/* Let go of the pages that were looked at: they are read again. */
void cdp_idx_forget(struct cdp_idx *x);

/* Have the line of the filter fetched that a look for this key needs. */
void cdp_idx_hint(const struct cdp_idx *x, struct cdp_hash128 h, bool seen);

/*
 * The newest state in the segment whose key has this hash: which entry it is,
 * or nkey if there is none.
 */
uint64_t cdp_idx_find_key(struct cdp_idx *x, struct cdp_hash128 h);

/* The hash of entry i, and the place of its state; of a sound index only. */
struct cdp_hash128 cdp_idx_hash(const struct cdp_idx *x, uint64_t i);
uint64_t cdp_idx_place(const struct cdp_idx *x, uint64_t i);

/* The place of a state, or 0. */
uint64_t cdp_idx_loc(struct cdp_idx *x, struct cdp_hash128 h);

/* The number of an input, or 0. */
uint64_t cdp_idx_where(struct cdp_idx *x, const struct cdp_log_key *key);

/* How that input, a hashed one, was hashed; false if it is not there. */
bool cdp_idx_hashed(
    struct cdp_idx *x, struct cdp_hash128 h, struct cdp_hash128 *ret);

/* The epoch that holds input q; false if all begin behind it. */
bool cdp_idx_find(struct cdp_idx *x, uint64_t q, struct cdp_epoch_at *ret);

/* Due time i, in the order of time; the first behind ms, or ndue. */
bool cdp_idx_due(struct cdp_idx *x, uint64_t i, struct cdp_due_at *ret);
uint64_t cdp_idx_due_after(struct cdp_idx *x, int64_t ms);

/* ---- of idx.c and idxbuild.c ---- */

/* Of a hash: u64 lo, hi, and a number of 1 to 8 bytes, a place or a q. */
#define CDP_IDX_ENTRY(width) (16 + (size_t)(width))
#define CDP_IDX_SPAN 24   /* u64 from, to, q */
#define CDP_IDX_ORIGIN 32 /* u64 first span, spans, name's place and length */
#define CDP_IDX_EPOCH 32  /* u64 q, n, offset, epoch */
#define CDP_IDX_DUE 40    /* u64 lo, hi, i64 due, u64 key's place and length */
#define CDP_IDX_LINE 64   /* of a filter */

/* Lines of a filter for so many keys: 12 bits each. */
#define CDP_IDX_LINES(n) (((n)*12 + 511) / 512)

extern const char cdp_idx_magic[8];

/* The line of a hash in a filter, and its seven bits there; not of its mark. */
static inline uint64_t
cdp_idx_line(struct cdp_hash128 h, uint64_t nline)
{
	h.hi = h.hi >> CDP_MARK_BITS << CDP_MARK_BITS;
	return (uint64_t)((unsigned __int128)h.hi * nline >> 64);
}

static inline uint64_t
cdp_idx_bit(struct cdp_hash128 h, unsigned k)
{
	return h.lo >> (9 * k) & 511;
}

#endif
