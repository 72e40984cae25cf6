#ifndef CDP_AUDIENCE_ROLL_H
#define CDP_AUDIENCE_ROLL_H

#include "lib/rule/project.h"
#include "lib/store/log.h"

/*
 * roll: who is in which audience, as the store says after the last line.
 *
 * One walk over all profiles; memory does not grow with them.
 */

/* {"audience":"vip","size":12} for each audience of the project, on lines. */
int cdp_roll_sizes(struct cdp_log *log, const struct cdp_project *pr,
    struct cdp_buf *b, struct cdp_err *err);

/*
 * print(arg, {"id":"p_1","since":"..."}) for each member, by id.  CDP_ECONF if
 * the project has no such audience; what print returns other than 0.
 */
int cdp_roll_members(struct cdp_log *log, const struct cdp_project *pr,
    struct cdp_str key, int (*print)(void *arg, struct cdp_str line), void *arg,
    struct cdp_err *err);

/* Append {"vip":true,...}: what a profile is a member of.  0 or fatal. */
int cdp_roll_of(struct cdp_log *log, const struct cdp_project *pr,
    struct cdp_str profile, struct cdp_buf *b, struct cdp_err *err);

#endif
