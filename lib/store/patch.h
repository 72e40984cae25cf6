#ifndef CDP_STORE_PATCH_H
#define CDP_STORE_PATCH_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"

/*
 * patch: a text told by what differs from another one.
 *
 * Made for JSON objects whose members are sorted, of which some come and go:
 * then what is said are those.  Of other texts it is right as well, but long;
 * and of those that are not ASCII the list may be no UTF-8, as it is cut at any
 * byte.
 * In the store it is [at,n,"text",...]: at this place of the old text, counted
 * from its start and ascending, n bytes give way to the text, in which \" and
 * \\ are the only escapes.
 */

/*
 * Append what makes now of was.  False, and nothing is added, if that takes
 * more than half as much as now itself.  O(was.n + now.n).
 */
bool cdp_patch_make(struct cdp_buf *b, struct cdp_str was, struct cdp_str now);

/*
 * What list, which was made so, makes of was, in mem.  At most max bytes.
 * False if it is no such list, or the result is longer.
 */
bool cdp_patch_apply(struct cdp_arena *mem, struct cdp_str was,
    struct cdp_str list, size_t max, struct cdp_str *ret);

#endif
