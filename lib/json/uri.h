#ifndef CDP_JSON_URI_H
#define CDP_JSON_URI_H

#include "lib/base/arena.h"
#include "lib/base/str.h"

/*
 * uri: references between schemas, as RFC 3986 section 5.2 resolves them.
 */

/*
 * What ref means where base is the base, with its fragment if it has one; made
 * in mem.  base may be empty, and then ref stands for itself.
 */
struct cdp_str cdp_uri_resolve(
    struct cdp_str base, struct cdp_str ref, struct cdp_arena *mem);

/* Cut the fragment off uri: without its "#", or empty if there is none. */
struct cdp_str cdp_uri_fragment(struct cdp_str *uri);

#endif
