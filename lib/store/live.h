#ifndef CDP_STORE_LIVE_H
#define CDP_STORE_LIVE_H

#include "lib/store/logint.h"

/*
 * live: which states in the sealed segments of a log are the newest of their
 * key, found by merging the sorted indexes: one bit a state.
 *
 * What the active segment says counts for nothing here: its end may be lost
 * with the power, and what it replaces would be lost with it.
 */
struct cdp_live {
	uint8_t **bits; /* of each segment, by the entry in its index */
	size_t n;
	uint64_t nlive, ndead; /* entries */
};

int cdp_live_find(
    struct cdp_log *log, struct cdp_live *ret, struct cdp_err *err);

/* Whether the state at loc in segment i is the newest of the key. */
bool cdp_live_has(const struct cdp_live *lv, const struct cdp_log *log,
    size_t i, struct cdp_hash128 h, uint64_t loc);

/* How many keys only the active segment has. */
int cdp_live_fresh(struct cdp_log *log, uint64_t *ret, struct cdp_err *err);

void cdp_live_free(struct cdp_live *lv);

#endif
