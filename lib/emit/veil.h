#ifndef CDP_EMIT_VEIL_H
#define CDP_EMIT_VEIL_H

#include "lib/base/arena.h"
#include "lib/base/str.h"

/*
 * veil: no secret in what a receiver says.
 *
 * Receivers quote what they were sent ("bad token abc..."), and what they say
 * is kept in the ledger and shown to people.
 */
#define CDP_VEIL_MIN 6 /* bytes; what is shorter would hide words */

struct cdp_veil { /* an empty one is { 0 } */
	struct cdp_str *v;
	size_t n;
};

/* Hide s, which is copied, and of two words the second by itself, too. */
void cdp_veil_add(struct cdp_veil *m, struct cdp_str s);
void cdp_veil_free(struct cdp_veil *m);

/* s with "***" for each secret: s itself, if there is none, or made in mem. */
struct cdp_str cdp_veil_hide(
    const struct cdp_veil *m, struct cdp_str s, struct cdp_arena *mem);

#endif
