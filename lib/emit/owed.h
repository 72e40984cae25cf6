#ifndef CDP_EMIT_OWED_H
#define CDP_EMIT_OWED_H

#include "lib/base/map.h"
#include "lib/store/log.h"

/*
 * owed: what went out of one instance's step and is to be taken back one day.
 *
 * A key of the log for each, "u:" and a hash of instance and step, from the
 * delivery until its undo went out too.  So an undo can be held back of which
 * nothing ever went out: without consent nobody is named to a provider, not
 * even to be taken off a list.  And the undo goes where the delivery went,
 * whatever the person's address is by then.
 */
struct cdp_owed {
	struct cdp_log *log; /* NULL: there is none yet */
	bool dry_run;        /* do not write there: keep it in memory */
	struct cdp_map kept; /* then: key to what the log would say, or "" */
	struct cdp_arena mem;
};

/* Which step of which instance, and what is said of it in the log. */
struct cdp_debt {
	struct cdp_str instance, step, destination, profile, to;
};

void cdp_owed_free(struct cdp_owed *ow);

/*
 * What went out and was not taken back: d->to receives where it went, made in
 * mem; empty if it had no address.  0, CDP_END if there is nothing, or fatal.
 */
int cdp_owed_find(struct cdp_owed *ow, struct cdp_debt *d,
    struct cdp_arena *mem, struct cdp_err *err);

/* It goes out; it is taken back.  Both are of the epoch being gathered. */
void cdp_owed_add(struct cdp_owed *ow, const struct cdp_debt *d);
void cdp_owed_drop(struct cdp_owed *ow, const struct cdp_debt *d);

#endif
