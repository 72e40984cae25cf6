#ifndef CDP_STORE_REPAIR_H
#define CDP_STORE_REPAIR_H

#include "lib/store/log.h"

/*
 * repair: what is good of a damaged log, as a log.
 *
 * An epoch is good as a whole or not at all.  The good ones are copied, in
 * order, to a new segment; the place of each lost one is taken by an epoch
 * that has as many inputs, of the origin "lost" which nobody has, and as many
 * records, so that no number is given twice.  What another log has read
 * beyond the end counts as lost, too.  A state is then the newest that is
 * left, and a lost input that comes in again is a new one.
 *
 * The new segment is durable before MANIFEST names it, so a repair that is
 * killed has not been.  The old segments stay in the folder, as
 * "0000000001.seg.damaged".
 */
struct cdp_repair_stats {
	bool changed;        /* else it was sound, and is as it was */
	uint64_t kept, lost; /* epochs */
	uint64_t lost_inputs, lost_records;
	uint64_t kept_bytes;
};

/*
 * fn is told of each loss (one line each).  0; CDP_END if there is no such
 * log; CDP_ELOCKED if a filter writes, or the
 * log is being compacted; CDP_ECORRUPT if nothing can be made of
 * it; CDP_EIO.
 */
int cdp_log_repair(struct cdp_store *st, const char *stage,
    void (*fn)(void *arg, const char *msg), void *arg,
    struct cdp_repair_stats *ret, struct cdp_err *err);

#endif
