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
 * even to be taken off a list.
 */
struct cdp_owed {
	struct cdp_log *log; /* NULL: there is none yet */
	bool dry_run;        /* do not write there: keep it in memory */
	struct cdp_map kept; /* then: key to one of the marks below */
	struct cdp_arena mem;
};

/* Which step of which instance, and what is said of it in the log. */
struct cdp_debt {
	struct cdp_str instance, step, destination, profile;
};

void cdp_owed_free(struct cdp_owed *ow);

/* Whether something went out that was not taken back.  0 or fatal. */
int cdp_owed_has(struct cdp_owed *ow, const struct cdp_debt *d, bool *ret,
    struct cdp_err *err);

/* It goes out; it is taken back.  Both are of the epoch being gathered. */
void cdp_owed_add(struct cdp_owed *ow, const struct cdp_debt *d);
void cdp_owed_drop(struct cdp_owed *ow, const struct cdp_debt *d);

#endif
