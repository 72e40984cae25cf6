#ifndef CDP_PROFILE_TIMERS_H
#define CDP_PROFILE_TIMERS_H

#include "lib/profile/profile.h"

/*
 * timers: what time alone changes.
 *
 * A unit's timer is due when its next value leaves a window.  Everything runs
 * in the order (due, key).  A circle's timer first brings its members as far,
 * so that what each of them shows is of one moment.
 */

/* Run what is due at or before now for n profiles and their circles. */
int cdp_timers_advance(struct cdp_merge *m, struct cdp_profile *const *p,
    size_t n, int64_t now_ms, struct cdp_err *err);

/* Run what is due at or before now for everybody. */
int cdp_timers_all(struct cdp_merge *m, int64_t now_ms, struct cdp_err *err);

/*
 * Load a circle and its members and bring the members' own timers to now:
 * before the circle changes, so that those who change with it are told.
 */
int cdp_timers_prepare(struct cdp_merge *m, struct cdp_circle *c,
    int64_t now_ms, struct cdp_err *err);

/* What u keeps has changed: queue it anew. */
void cdp_timers_set(struct cdp_merge *m, struct cdp_unit *u);

#endif
