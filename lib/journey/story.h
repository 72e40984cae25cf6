#ifndef CDP_JOURNEY_STORY_H
#define CDP_JOURNEY_STORY_H

#include "lib/base/buf.h"
#include "lib/journey/journey.h"

/*
 * story: what a profile went through, from what the log has of it: its states,
 * epoch by epoch, and the activations of those epochs.
 *
 * All of it has its time, as far as a state remembers it: of each instance the
 * newest decisions (way.h), and the newest that have ended (ended.h), of each
 * epoch anew.  Of what was more than that in one epoch, and in stores of before
 * these times, it says "by" in the place of "at": by the end of its epoch, or
 * by the activation that tells of it.  A log goes back as far as compaction has
 * left it.
 */

/* ,"timeline":[...], in order of time.  0, CDP_EIO or CDP_ECORRUPT. */
int cdp_story_write(struct cdp_buf *b, struct cdp_journeys *js,
    struct cdp_str id, struct cdp_err *err);

#endif
