#ifndef CDP_PROFILE_CONSENT_H
#define CDP_PROFILE_CONSENT_H

#include "lib/profile/profile.h"

/*
 * consent: what somebody agreed to, by category, as Segment keeps it.
 *
 * An event with context.consent.categoryPreferences says it all: what it
 * leaves out of the known categories (the project's and the profile's) is
 * false.  The newest event wins.  Profiles that merge and differ are in
 * "conflict" until the next such event; never asked counts as false.
 */

/* Take in an event's preferences.  True if a visible value changed. */
bool cdp_consent_event(const struct cdp_merge *m, struct cdp_profile *p,
    const struct cdp_line *ln, struct cdp_stamp at, bool *touched);

void cdp_consent_join(struct cdp_profile *p, const struct cdp_profile *from);

/* Set one category. */
bool cdp_consent_set(struct cdp_profile *p, struct cdp_str category,
    enum cdp_consent_value value);

void cdp_consent_free(struct cdp_profile *p);

#endif
