#ifndef CDP_PROFILE_LINKS_H
#define CDP_PROFILE_LINKS_H

#include "lib/profile/identifiers.h"

/*
 * links: which identifiers were seen together, and on what event.
 *
 * A link is a set of two or more identifiers that one event had and that were
 * believed; of events that say the same the first is kept.  A profile is what
 * its links hold together: they answer why two identifiers are one person, and
 * what would part them.  Costs a look into a table for an event that says
 * nothing new.
 */
enum {
	CDP_LINKS_MAX = 4000 /* of one profile; then those that say more only */
};

/*
 * An event of p had these identifiers; those that were not given to p are left
 * out.  fresh: it gave p one, or joined others to it.  Returns their link, or
 * NULL; of one identifier there is one only where parts are kept.
 */
struct cdp_link *cdp_links_event(struct cdp_merge *m, struct cdp_profile *p,
    const struct cdp_id *ids, size_t nids, bool fresh, struct cdp_stamp at);

/* Somebody else's event had it, and it was set aside. */
void cdp_links_refused(struct cdp_merge *m, const struct cdp_ident *id);

/* A new one, or one that was written: ids is copied. */
struct cdp_link *cdp_links_add(struct cdp_merge *m, struct cdp_profile *p,
    struct cdp_ident *const *ids, size_t n, struct cdp_stamp at);

void cdp_links_join(struct cdp_profile *into, struct cdp_profile *from);

/* The link of that set, or NULL; sorts it. */
struct cdp_link *cdp_links_find(
    struct cdp_merge *m, struct cdp_ident **set, size_t n);

/* It was said at that time, too. */
void cdp_links_date(
    struct cdp_profile *p, struct cdp_link *l, struct cdp_stamp at);

/* Into p's list. */
void cdp_links_place(struct cdp_profile *p, struct cdp_link *l);

/* Out of the table; and, when it is in nobody's list, out of the world. */
void cdp_links_detach(struct cdp_merge *m, struct cdp_link *l);
void cdp_links_discard(struct cdp_link *l);

/* Forget p's; the identifiers must still be there. */
void cdp_links_free(struct cdp_merge *m, struct cdp_profile *p);

#endif
