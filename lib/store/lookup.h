#ifndef CDP_STORE_LOOKUP_H
#define CDP_STORE_LOOKUP_H

#include "lib/base/arena.h"
#include "lib/store/log.h"

/*
 * lookup: from what a person knows to what the logs keep.
 */

/*
 * The names of the logs in a store, in the order of the pipeline and then by
 * name; made in mem.  0 or CDP_EIO.
 */
int cdp_store_logs(struct cdp_store *st, struct cdp_arena *mem,
    const char *const **ret, size_t *n, struct cdp_err *err);

/*
 * The key under which id is kept: itself, if a log has a state under it; for
 * TYPE:VALUE the profile that cdp-merge has for this identifier (the state of
 * "i:TYPE:VALUE" is its id as a JSON string), or the group of that name.  A
 * profile that became a part of another ({"into":id}) is followed there.
 *
 * 0 with *ret made in mem; CDP_END if nothing is known of it; else negative.
 */
int cdp_store_resolve(struct cdp_store *st, struct cdp_str id,
    struct cdp_arena *mem, struct cdp_str *ret, struct cdp_err *err);

#endif
