#ifndef CDP_PROFILE_PEOPLE_H
#define CDP_PROFILE_PEOPLE_H

#include "lib/base/io.h"
#include "lib/profile/profile.h"

/*
 * people: everybody, one line a profile, in order of their ids, in the shape
 * of Segment's Profile API: external_ids, traits, links, metadata.
 *
 * Written to fd once sg, which is flushed for that, has made durable what it
 * knows; the first are made ready meanwhile.  Reads each state once, and lets
 * go of what it read when much is held.
 */
int cdp_people_write(struct cdp_merge *m, struct cdp_stage *sg,
    const struct cdp_io *io, int fd, struct cdp_err *err);

/*
 * One profile, as later stages see it, appended to ret as JSON; now_ms receives
 * how far cdp-merge has come.  log is its, or NULL.  0; CDP_END if there is no
 * such profile; CDP_EIO, CDP_ECORRUPT.
 */
int cdp_people_view(struct cdp_project *pr, struct cdp_log *log,
    struct cdp_str id, struct cdp_buf *ret, int64_t *now_ms,
    struct cdp_err *err);

/*
 * fn(arg, profile) for everybody whom the log of m has, by id, with the profile
 * as lines have it; what fn returns other than 0 ends it.
 */
int cdp_people_each(struct cdp_merge *m,
    int (*fn)(void *arg, struct cdp_str profile, struct cdp_err *err),
    void *arg, struct cdp_err *err);

#endif
