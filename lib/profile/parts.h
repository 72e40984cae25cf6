#ifndef CDP_PROFILE_PARTS_H
#define CDP_PROFILE_PARTS_H

#include "lib/profile/links.h"

/*
 * parts: what each set of identifiers has contributed to a profile, so that it
 * can be told apart again.
 *
 * Kept unless the project says identity.reversible: false, and only of a
 * profile whose events had two different sets of identifiers or more: a part
 * is then what the profile would be of the events with that set alone.  All
 * parts joined are the profile.  A part is a struct cdp_profile that
 * nobody else knows, with custom traits, choices, computed traits and places in
 * circles, which do not know of it.
 */

/*
 * Before p gets another identifier, or a second set, or is joined: what it is
 * so far is the first set's.
 */
void cdp_parts_begin(struct cdp_merge *m, struct cdp_profile *p);

/* The part of the set that the event at hand had learns from it. */
void cdp_parts_event(struct cdp_merge *m, const struct cdp_profile *p,
    struct cdp_link *l, const struct cdp_line *ln, int64_t at_ms);

/* An empty one. */
struct cdp_profile *cdp_parts_new(const struct cdp_merge *m);

/* What from has contributed, into has; from is freed, or NULL. */
void cdp_parts_join(
    struct cdp_merge *m, struct cdp_profile **into, struct cdp_profile *from);

/* What p's parts have joined and left, as one part. */
struct cdp_profile *cdp_parts_members(
    const struct cdp_merge *m, const struct cdp_profile *p);

/*
 * p is what its parts are; known are the members of who it was before.  Its
 * circles are loaded.
 */
void cdp_parts_rebuild(struct cdp_merge *m, struct cdp_profile *p,
    const struct cdp_profile *known);

void cdp_parts_free(struct cdp_profile *part);

#endif
