#ifndef CDP_PROFILE_GRAPH_H
#define CDP_PROFILE_GRAPH_H

#include "lib/profile/identifiers.h"

/*
 * graph: which profile an event belongs to; Segment's algorithm.
 *
 * All profiles that any of the identifiers matches become one, with the
 * identifiers, unless that profile would hold more values of a type than its
 * limit: then the lowest-priority identifier of the event is left out and the
 * rest tried again.  The oldest profile, by founding event, survives.
 */
struct cdp_found {
	struct cdp_profile *p[CDP_IDS_MAX]; /* the oldest first */
	size_t n;                           /* 0: there is none yet */
	size_t nids; /* of the identifiers, the first so many count */
};

/* Pure but for the violations that it notes. */
void cdp_graph_resolve(struct cdp_merge *m, const struct cdp_id *ids,
    size_t nids, int64_t now_ms, struct cdp_found *ret);

/* A new profile for an event; not linked to its identifiers yet. */
struct cdp_profile *cdp_graph_found(
    struct cdp_merge *m, const struct cdp_id *first, struct cdp_stamp born);

/*
 * Give p those of the identifiers that are nobody's: they are known from then
 * on.  True if any was, or was seen earlier than was known.
 */
bool cdp_graph_attach(struct cdp_merge *m, struct cdp_profile *p,
    struct cdp_id *ids, size_t nids, int64_t at_ms);

/* Move all identifiers of from to into; their states will name into. */
void cdp_graph_join(
    struct cdp_merge *m, struct cdp_profile *into, struct cdp_profile *from);

/* To be saved: it is new, or somebody else's from now on. */
void cdp_graph_renew(struct cdp_merge *m, struct cdp_ident *id);

/* The order of identifiers: by type, then by first sight. */
int cdp_graph_ident_cmp(const struct cdp_ident *a, const struct cdp_ident *b);

/* Put an identifier into p's own list. */
void cdp_graph_link(struct cdp_profile *p, struct cdp_ident *id);

#endif
