#ifndef CDP_STORE_COMPACT_H
#define CDP_STORE_COMPACT_H

#include "lib/store/log.h"

/*
 * compact: a log written anew, with what is still needed.
 *
 * The sealed segments are read and others are written in their place: of each
 * key the newest state only, no tombstones, every input that was ever taken in
 * and what it caused, in fewer and larger epochs, packed with a dictionary of
 * each segment's own records.  Readers keep what they have opened, and a
 * filter may write all the while: LOCK is held by the caller or by nobody.
 * Killed anywhere, the log is as it was before or as it is afterwards.
 */
enum cdp_compact_keep { CDP_KEEP, CDP_DROP, CDP_REPLACE };

/* A filter: each newest state, and each record, is put before it. */
struct cdp_compact_filter {
	void *arg;

	/*
	 * CDP_DROP: nothing is left, not even a tombstone.  CDP_REPLACE: by the
	 * JSON text put into ret (empty when called).  NULL: all is kept.
	 */
	enum cdp_compact_keep (*state)(void *arg, struct cdp_str key,
	    struct cdp_str val, struct cdp_buf *ret);

	/*
	 * What an input caused (json is empty for a line passed as it is).
	 * CDP_DROP leaves its number and prints nothing in a replay.
	 */
	enum cdp_compact_keep (*record)(void *arg, enum cdp_rec_kind kind,
	    struct cdp_str json, struct cdp_buf *ret);
};

struct cdp_compact_opt {
	/*
	 * Keep what inputs caused, and the hashes of inputs, only for so long
	 * before the event time that the log has come to; 0: for ever.
	 */
	int64_t outputs_ms, ids_ms;
	const struct cdp_compact_filter *filter; /* or NULL */
	uint64_t segment_bytes;                  /* 0: 64 MiB */
};

struct cdp_compact_stats {
	uint64_t segments_was, bytes_was; /* of what was rewritten */
	uint64_t segments, bytes;
	uint64_t live, dead;         /* states written, and left out */
	uint64_t dropped, replaced;  /* states and records, by the filter */
	uint64_t expired, forgotten; /* inputs without outputs, without ids */
	bool busy;                   /* a filter writes: its segment was left */
	bool nothing;                /* it was compact already */
};

/*
 * Rewrite the sealed segments of an open log; a log that is open for writing
 * seals its active one first, and goes on with the new ones.
 *
 * 0; CDP_ELOCKED if another process compacts it; CDP_EIO, CDP_ECORRUPT, after
 * which only cdp_log_close() is allowed.  Needs room on the disk for the new
 * segments beside the old, and memory for one epoch, a bit for each state, and
 * one index, which is kept so small that the store's memory is enough.
 */
int cdp_compact_log(struct cdp_log *log, const struct cdp_compact_opt *opt,
    struct cdp_compact_stats *ret, struct cdp_err *err);

/*
 * Open a log, compact it, close it.  LOCK is held only while its active
 * segment is sealed; if somebody else has it, that segment is left alone.
 * Else as above; CDP_END if there is no such log.
 */
int cdp_compact_stage(struct cdp_store *st, const char *stage,
    const struct cdp_compact_opt *opt, struct cdp_compact_stats *ret,
    struct cdp_err *err);

#endif
