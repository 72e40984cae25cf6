#ifndef CDP_BASE_DEC_H
#define CDP_BASE_DEC_H

#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

/*
 * dec: exact decimal numbers, for money.
 *
 * A 128-bit count of units of 10^-12, so sums do not depend on their order:
 * 26 digits before the point and 12 behind it.
 */
struct cdp_dec {
	__int128 v;
};

/*
 * Read a JSON number (exponents too).  Digits beyond the twelfth decimal are
 * rounded half to even.  CDP_EDATA without a message if s is no number or out
 * of range.
 */
int cdp_dec_parse(struct cdp_str s, struct cdp_dec *ret);

/* a + b into *a; CDP_EDATA, with *a as it was, on overflow. */
int cdp_dec_add(struct cdp_dec *a, struct cdp_dec b);
int cdp_dec_sub(struct cdp_dec *a, struct cdp_dec b);

/* a divided by n (not 0), rounded half to even. */
struct cdp_dec cdp_dec_div(struct cdp_dec a, int64_t n);

static inline int
cdp_dec_cmp(struct cdp_dec a, struct cdp_dec b)
{
	return (a.v > b.v) - (a.v < b.v);
}

/* Write it as a JSON number without needless zeros: 180, 19.9, -0.5. */
void cdp_dec_put(struct cdp_buf *b, struct cdp_dec d);

#endif
