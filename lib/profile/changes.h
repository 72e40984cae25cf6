#ifndef CDP_PROFILE_CHANGES_H
#define CDP_PROFILE_CHANGES_H

#include "lib/profile/profile.h"

/*
 * changes: a stream of what changed about people, in place of their events.
 *
 *   profile   {"type":"profile",..,"profile":{..},"changed":{"traits":
 *             {"points":[1,2]},"identifiers":[{..},{..}]}}: from, to
 *   identify  Segment's identify with the traits that changed; a removed one
 *             is null
 *   track     Segment's "Trait Computed" for each computed trait that changed
 *
 * A profile is told of once a change, and of everything when it is new.
 */

/* What p shows now was told before this run. */
void cdp_changes_loaded(struct cdp_merge *m, struct cdp_profile *p);

/* Queue what p shows now and did not when it was last told of. */
void cdp_changes_tell(struct cdp_merge *m, struct cdp_profile *p, int64_t ms);

#endif
