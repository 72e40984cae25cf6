#ifndef CDP_PROFILE_PRIVACY_H
#define CDP_PROFILE_PRIVACY_H

#include "lib/profile/profile.h"

/*
 * privacy: whom the profiles are to forget, and whom nothing is sent.
 *
 * A suppressed identifier shows as "suppressed" in the profile that has it.
 * Deleting takes a whole profile: its state, its identifiers, its place in
 * circles.  What is left is the hash of each identifier, so that events that
 * are not later found nobody anew.
 */

/* suppress, unsuppress or delete.  0 or fatal. */
int cdp_privacy_command(struct cdp_merge *m, const struct cdp_line *ln,
    struct cdp_outs *outs, struct cdp_err *err);

/* CDP_END if the event is of somebody who was deleted later, and dropped. */
int cdp_privacy_drops(struct cdp_merge *m, const struct cdp_line *ln,
    int64_t at_ms, struct cdp_outs *outs, struct cdp_err *err);

/* Whether a new identifier was suppressed before anybody had it. */
bool cdp_privacy_suppressed(struct cdp_merge *m, const struct cdp_ident *id);

#endif
