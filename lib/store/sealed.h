#ifndef CDP_STORE_SEALED_H
#define CDP_STORE_SEALED_H

#include "lib/store/logint.h"

/*
 * sealed: what the sealed segments of a log know, asked through their indexes.
 *
 * An index in which a bit fell over is made anew from META when that is
 * noticed, and asked again; a writer also writes it anew.  So each of these
 * can fail as reading a segment can: CDP_ECORRUPT, CDP_EIO.
 */

/* "0000000001.idx" */
void cdp_sealed_name(const struct cdp_seg *sg, char ret[24]);

/* Open log->sealed[i], which MANIFEST names; CDP_END: it is not there. */
int cdp_sealed_open(struct cdp_log *log, size_t i, struct cdp_err *err);

/* See to it that every block of index i is sound. */
int cdp_sealed_sound(struct cdp_log *log, size_t i, struct cdp_err *err);

/*
 * The newest of the segments lo to hi - 1 that has a key of this hash: 0 with
 * the segment and the place of the state; CDP_END.
 */
int cdp_sealed_key(struct cdp_log *log, size_t lo, size_t hi,
    struct cdp_hash128 h, size_t *seg, uint64_t *loc, struct cdp_err *err);

/* The number of an input, or CDP_END. */
int cdp_sealed_where(struct cdp_log *log, const struct cdp_log_key *key,
    uint64_t *q, struct cdp_err *err);

/* The segment and the epoch that hold input q, or CDP_END. */
int cdp_sealed_epoch(struct cdp_log *log, uint64_t q, size_t *seg,
    struct cdp_epoch_at *ret, struct cdp_err *err);

/* Due time k of segment i; the first behind ms. */
int cdp_sealed_due(struct cdp_log *log, size_t i, uint64_t k,
    struct cdp_due_at *ret, struct cdp_err *err);
int cdp_sealed_due_after(struct cdp_log *log, size_t i, int64_t ms,
    uint64_t *ret, struct cdp_err *err);

#endif
