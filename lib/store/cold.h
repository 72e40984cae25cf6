#ifndef CDP_STORE_COLD_H
#define CDP_STORE_COLD_H

#include "lib/base/buf.h"

/*
 * cold: texts that are much alike, packed each by itself, in memory.
 *
 * What the first of them have in common is learned; from then on one takes
 * about its own part.  Nothing of this is ever written anywhere.
 */
struct cdp_cold; /* opaque */

struct cdp_cold *cdp_cold_new(void);
void cdp_cold_free(struct cdp_cold *c);

/*
 * Pack a text, in ret, which is emptied first; whether by what was learned,
 * which cdp_cold_open() wants to know.
 */
bool cdp_cold_pack(
    struct cdp_cold *c, struct cdp_str text, struct cdp_buf *ret);

/* The text again, in ret, which is emptied first. */
void cdp_cold_open(struct cdp_cold *c, struct cdp_str packed, bool learned,
    struct cdp_buf *ret);

#endif
