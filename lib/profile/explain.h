#ifndef CDP_PROFILE_EXPLAIN_H
#define CDP_PROFILE_EXPLAIN_H

#include "lib/profile/net.h"

/*
 * explain: why identifiers are one person, or are not.  JSON, one object.
 */

/*
 * One identifier or profile: what it has, what holds that together, what was
 * set aside.  0 with the object appended to b; CDP_END if nobody is known by
 * it; CDP_ECORRUPT, CDP_EIO.
 */
int cdp_explain_one(struct cdp_log *log, const struct cdp_project *pr,
    struct cdp_str id, struct cdp_buf *b, struct cdp_err *err);

/*
 * Two identifiers: the shortest chain of events that joined them and what
 * would part them (unless one is a profile's id); or what was set aside.
 * *joined: whether they are one.
 */
int cdp_explain_two(struct cdp_log *log, const struct cdp_project *pr,
    struct cdp_str one, struct cdp_str other, bool *joined, struct cdp_buf *b,
    struct cdp_err *err);

#endif
