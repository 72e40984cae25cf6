#ifndef CDP_PROFILE_GROUPS_H
#define CDP_PROFILE_GROUPS_H

#include "lib/profile/profile.h"

/*
 * groups: who belongs to which circle.
 *
 * A group call joins its person to a circle; nobody leaves but who is deleted.  Somebody may be
 * in several circles of one kind; the one joined last is shown.
 */

/* The circle that a group call names for a kind, or NULL. */
struct cdp_circle *cdp_groups_named(
    struct cdp_merge *m, size_t kind, const struct cdp_line *ln);

/* Whether p is in c. */
bool cdp_groups_has(const struct cdp_profile *p, const struct cdp_circle *c);

/*
 * Make p a member, up to the limit of the kind; a violation past it.  True if
 * that is new or changes which circle of the kind is shown.
 */
bool cdp_groups_join(struct cdp_merge *m, struct cdp_profile *p,
    struct cdp_circle *c, struct cdp_stamp at);

/* Whether the event takes its person out of c. */
bool cdp_groups_leaves(struct cdp_merge *m, const struct cdp_circle *c,
    const struct cdp_line *ln);

/* Take p out of c, which is marked as changed. */
void cdp_groups_quit(
    struct cdp_merge *m, struct cdp_profile *p, struct cdp_circle *c);

/*
 * Of a part of a profile (parts.h): it has joined c, or left it; what is newest
 * holds.
 */
void cdp_groups_mark(struct cdp_profile *part, struct cdp_circle *c,
    struct cdp_stamp at, bool left);

/* The part has learnt from what its person has made of the event. */
void cdp_groups_part(struct cdp_merge *m, const struct cdp_profile *p,
    struct cdp_profile *part, const struct cdp_line *ln, struct cdp_stamp at);

/*
 * p, who was more, is in what its parts joined, of those circles that the parts
 * of who it was knew of.
 */
void cdp_groups_rebuild(struct cdp_merge *m, struct cdp_profile *p,
    const struct cdp_profile *parts, const struct cdp_profile *known);

/* Its members are to be told by the line at hand, though p is none now. */
void cdp_groups_note_left(struct cdp_merge *m, struct cdp_circle *c);

/* Link both sides, as read from the log. */
void cdp_groups_link(
    struct cdp_profile *p, struct cdp_circle *c, struct cdp_stamp joined);
void cdp_groups_add_member(struct cdp_circle *c, struct cdp_profile *p);

/* Take p out of all its circles, which are marked as changed. */
void cdp_groups_leave(struct cdp_merge *m, struct cdp_profile *p);

/* Replace from by into in all its circles, which are marked as changed. */
void cdp_groups_merge(
    struct cdp_merge *m, struct cdp_profile *into, struct cdp_profile *from);

/* The circle of a kind that p's profile shows, or NULL. */
const struct cdp_circle *cdp_groups_shown(
    const struct cdp_profile *p, size_t kind);

/* Whether the event counts for a circle of its person. */
bool cdp_groups_counts(const struct cdp_circle *c, const struct cdp_line *ln);

#endif
