#ifndef CDP_STORE_SETS_H
#define CDP_STORE_SETS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

/*
 * sets: which edits stand in an epoch already.
 *
 * A profile is the same from event to event much more often than not, so what
 * a stage sets on its lines comes again and again: an epoch holds each such
 * text once, and the number of it everywhere else.
 */
struct cdp_set {
	uint64_t h; /* of its text */
	size_t off; /* where that stands; 0: nowhere yet */
	size_t n;
	uint64_t no;
};

struct cdp_sets { /* an empty one is { 0 } */
	struct cdp_set *v;
	size_t n, cap;
};

/*
 * What an edit of one member, whose name has a dot, puts into the object before
 * the dot, but for the first quote: audiences":{...} of
 * {"profile.audiences":{...}}.  Empty if it has no dot.
 */
struct cdp_str cdp_set_inner(struct cdp_str set);

void cdp_sets_reset(struct cdp_sets *ss); /* keeps the memory */
void cdp_sets_free(struct cdp_sets *ss);

/*
 * The entry of set, among those that stand in text.  Of a new one off is 0:
 * the caller puts it there and says where.  Valid until the next call.
 */
struct cdp_set *cdp_sets_at(
    struct cdp_sets *ss, const struct cdp_buf *text, struct cdp_str set);

#endif
