#ifndef CDP_STORE_WALK_H
#define CDP_STORE_WALK_H

#include "lib/store/logint.h"

/*
 * walk: a log from its first epoch to its last, and the states that stand
 * there.
 */

/*
 * Call fn for each committed epoch of segment i (the last one is active),
 * which is then in log->ep; a non-zero return of fn ends the walk.
 */
int cdp_log_walk(struct cdp_log *log, size_t i,
    int (*fn)(struct cdp_log *log, size_t i, void *arg, struct cdp_err *err),
    void *arg, struct cdp_err *err);

/* The frame that was unpacked last; an empty one is { 0 }. */
struct cdp_kept {
	struct cdp_buf raw;
	uint64_t seg, off;
};

/*
 * The state that m, a line of META of the epoch in log->ep, names: 0 with val
 * (empty: the key is taken away), which lives until the next call.
 */
int cdp_log_state(struct cdp_log *log, struct cdp_seg *sg,
    const struct cdp_meta *m, struct cdp_kept *kept, struct cdp_str *val,
    int64_t *due_ms, struct cdp_err *err);

#endif
