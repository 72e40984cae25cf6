#ifndef CDP_PROFILE_HUBS_H
#define CDP_PROFILE_HUBS_H

#include "lib/profile/net.h"

/*
 * hubs: identifiers that many others are seen with, such as the cookie of a
 * kiosk: what makes one blob of many people, or would.
 */

/*
 * A line for each that at least identity.hub others of higher priority came
 * together with, or asked for in vain, those with the most first:
 * {"identifier":"anonymous_id:kiosk","shared":7,"refused":2,"profile":"p_..",
 * "identifiers":19,"since":".."}.  fn as in cdp_log_lines().  One walk over all
 * profiles; memory follows the hubs.
 */
int cdp_hubs_write(struct cdp_log *log, const struct cdp_project *pr,
    int (*fn)(void *arg, struct cdp_str line), void *arg, struct cdp_err *err);

#endif
