#ifndef CDP_EMIT_OWED_H
#define CDP_EMIT_OWED_H

#include "lib/emit/kept.h"

/*
 * owed: what went out of one instance's step and is to be taken back one day.
 *
 * A key of the log for each, "u:" and a hash of instance and step, from the
 * delivery until its undo went out too.  So an undo can be held back of which
 * nothing ever went out: without consent nobody is named to a provider, not
 * even to be taken off a list.  And the undo goes where the delivery went,
 * whatever the person's address is by then.
 */
/* Which step of which instance, and what is said of it in the log. */
struct cdp_debt {
	struct cdp_str instance, step, destination, profile, to;
	struct cdp_str key; /* the UUID of the delivery */
};

/*
 * What went out and was not taken back: d->to receives where it went, empty if
 * it had no address, and d->key which it was; both made in mem.  0, CDP_END if
 * there is nothing, or fatal.
 */
int cdp_owed_find(struct cdp_kept *k, struct cdp_debt *d, struct cdp_arena *mem,
    struct cdp_err *err);

/* Where the log has it. */
struct cdp_str cdp_owed_key(const struct cdp_debt *d, char ret[CDP_KEPT_KEY]);

/* It goes out; it is taken back.  Both are of the epoch being gathered. */
void cdp_owed_add(struct cdp_kept *k, const struct cdp_debt *d);
void cdp_owed_drop(struct cdp_kept *k, const struct cdp_debt *d);

#endif
