#ifndef CDP_PROFILE_VIEW_H
#define CDP_PROFILE_VIEW_H

#include "lib/profile/profile.h"

/*
 * view: the profile as every later stage sees it.
 *
 * {"id","identifiers","traits","groups","consent","merged",
 * "suppressed"}, members that
 * would be empty left out.  It is built once per change and kept as bytes;
 * jq traits run only then.
 */

/* Build p->edit anew if it is stale.  True if it is another one. */
bool cdp_view_profile(struct cdp_merge *m, struct cdp_profile *p);

/* Build c->view anew if it is stale.  True if it is another one. */
bool cdp_view_circle(struct cdp_merge *m, struct cdp_circle *c);

/*
 * Append what the view has behind "identifiers", each with a comma before it,
 * as it stands; p->edit is left alone.
 */
void cdp_view_known(
    struct cdp_merge *m, struct cdp_profile *p, struct cdp_buf *b);

/* Queue a "profile" line. */
void cdp_view_line(struct cdp_merge *m, struct cdp_profile *p, int64_t ms);

#endif
