#ifndef CDP_JOURNEY_STORY_H
#define CDP_JOURNEY_STORY_H

#include "lib/base/buf.h"
#include "lib/store/log.h"

/*
 * story: what a profile went through, from what the log has of it: its states,
 * epoch by epoch, and the activations of those epochs.
 *
 * Entries, restarts and what was sent have their times.  A branch that was
 * taken, or an end that undid nothing, happened by the end of its epoch at the
 * latest, or by the activation that names it: such a line has "by" in the place
 * of "at".  A log goes back as far as compaction has left it.
 */

/* ,"timeline":[...], in order of time.  0, CDP_EIO or CDP_ECORRUPT. */
int cdp_story_write(struct cdp_buf *b, struct cdp_log *log, struct cdp_str id,
    struct cdp_err *err);

#endif
