#ifndef CDP_STORE_HISTORY_H
#define CDP_STORE_HISTORY_H

#include "lib/store/log.h"
#include "lib/store/manifest.h"

/*
 * history: a log epoch by epoch, as far back as compaction has left it.
 */
struct cdp_epoch_info {
	uint64_t e, first; /* first: of those that compaction made into e */
	int64_t t_ms;      /* event time at its end, or CDP_TIME_NONE */
	struct cdp_str cfg;
	uint64_t q, inputs;  /* number of its first input, and how many */
	uint64_t n, records; /* the same of its records */
	uint64_t states, bytes;
};

/* Each committed epoch, in order; a non-zero return of fn ends the walk. */
int cdp_log_epochs(struct cdp_log *log,
    int (*fn)(void *arg, const struct cdp_epoch_info *info), void *arg,
    struct cdp_err *err);

/*
 * Each state that key has had, oldest first; val is empty where it was taken
 * away.  Segments that never met the key cost a look into their index.
 */
int cdp_log_versions(struct cdp_log *log, struct cdp_str key,
    int (*fn)(void *arg, const struct cdp_epoch_info *info, struct cdp_str val),
    void *arg, struct cdp_err *err);

/* The highest input taken in of each origin; borrowed from the log. */
const struct cdp_highs *cdp_log_position(const struct cdp_log *log);

struct cdp_log_sizes {
	uint64_t segments, compacted, epochs, unsynced, bytes, index_bytes;
	uint64_t inputs, records;
	uint64_t live; /* keys, those taken away included */
	uint64_t dead; /* older states, which compaction would leave out */
};

/* From MANIFEST and the indexes alone: no state is read. */
int cdp_log_sizes(
    struct cdp_log *log, struct cdp_log_sizes *ret, struct cdp_err *err);

#endif
