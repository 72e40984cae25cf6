#ifndef CDP_PROFILE_CIRCLES_H
#define CDP_PROFILE_CIRCLES_H

#include "lib/profile/profile.h"

/*
 * circles: what happens to one member of a circle, and the others see.
 */

/*
 * Rebuild the views of p's circles that changed; their members then show
 * something else.  True if any did.
 */
bool cdp_circles_refresh(struct cdp_merge *m, struct cdp_profile *p);

/* A line for each other member of a circle that changed, in order of id. */
void cdp_circles_tell(
    struct cdp_merge *m, struct cdp_profile *p, int64_t at_ms);

#endif
