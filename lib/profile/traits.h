#ifndef CDP_PROFILE_TRAITS_H
#define CDP_PROFILE_TRAITS_H

#include "lib/profile/profile.h"

/*
 * traits: custom traits, those that identify calls set.
 *
 * Of each name the newest value by event time holds, whatever the order of
 * arrival; null removes, and is remembered as the newest.
 */

/* Take in an identify call's traits.  True if a visible value changed. */
bool cdp_traits_identify(
    struct cdp_profile *p, const struct cdp_line *ln, struct cdp_stamp at);

/* Join what another profile had. */
void cdp_traits_join(struct cdp_profile *p, const struct cdp_profile *from);

/* Set one, newest wins (val empty: removed).  True if that is visible. */
bool cdp_traits_set(struct cdp_profile *p, struct cdp_str name,
    struct cdp_str val, struct cdp_stamp at);

void cdp_traits_free(struct cdp_profile *p);

#endif
