#ifndef CDP_AUDIENCE_ROLL_H
#define CDP_AUDIENCE_ROLL_H

#include "lib/audience/bygone.h"

/*
 * roll: who is in which audience, as the store says after the last line; or
 * was, given a past (NULL: now).
 *
 * One walk over all profiles; who is in the audience asked about is held.
 */

/* {"audience":"vip","size":12} for each audience of the project, on lines. */
int cdp_roll_sizes(struct cdp_log *log, const struct cdp_project *pr,
    struct cdp_bygone *past, struct cdp_buf *b, struct cdp_err *err);

/* The audience of that key.  0, or CDP_ECONF with the nearest one. */
int cdp_roll_find(const struct cdp_project *pr, struct cdp_str key, size_t *ret,
    struct cdp_err *err);

/*
 * print(arg, {"id":"p_1","since":"..."}) for each member of audience i, by id.
 * What print returns other than 0 ends it and is returned.
 */
int cdp_roll_members(struct cdp_log *log, const struct cdp_project *pr,
    struct cdp_bygone *past, size_t i,
    int (*print)(void *arg, struct cdp_str line), void *arg,
    struct cdp_err *err);

/* Append {"vip":true,...}: what a profile is a member of.  0 or fatal. */
int cdp_roll_of(struct cdp_log *log, const struct cdp_project *pr,
    struct cdp_str profile, struct cdp_buf *b, struct cdp_err *err);

#endif
