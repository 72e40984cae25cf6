#include "lib/base/dec.h"

#define PLACES 12

#define TEN18 ((__int128)1000000000000000000)

static const __int128 max = (__int128)1 << 126;
static const __int128 full = TEN18 * TEN18; /* 36 digits */

static __int128
ten_to(int n)
{
	__int128 v = 1;

	while (n-- > 0)
		v *= 10;
	return v;
}

/* v / by, rounded half to even; by > 0. */
static __int128
divide(__int128 v, __int128 by)
{
	__int128 q = v / by, r = v % by, twice = r < 0 ? -r * 2 : r * 2;

	if (twice > by || (twice == by && q % 2 != 0))
		q += v < 0 ? -1 : 1;
	return q;
}

/* The digits of s as mantissa and exponent; false if s is no number. */
static bool
scan(struct cdp_str s, __int128 *mant, int *exp10, bool *neg)
{
	size_t i = 0, from;
	int e = 0, sign = 1;
	bool point = false, any = false;

	*mant = 0;
	*exp10 = 0;
	*neg = s.n != 0 && s.p[0] == '-';
	for (i = *neg; i < s.n; i++) {
		char c = s.p[i];

		if (c == '.' && !point && any) {
			point = true;
			continue;
		}
		if (c < '0' || c > '9')
			break;
		any = true;
		/* 37 digits are kept; the rest only move the exponent. */
		if (*mant < full) {
			*mant = *mant * 10 + (c - '0');
			*exp10 -= point;
		} else {
			*exp10 += !point;
		}
	}
	if (!any || s.p[i - 1] == '.')
		return false;
	if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
		i++;
		if (i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
			sign = s.p[i++] == '-' ? -1 : 1;
		for (from = i; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
			if (e < 100000)
				e = e * 10 + (s.p[i] - '0');
		if (i == from)
			return false;
	}
	*exp10 += sign * e;
	return i == s.n;
}

int
cdp_dec_parse(struct cdp_str s, struct cdp_dec *ret)
{
	__int128 m;
	int e;
	bool neg;

	if (!scan(s, &m, &e, &neg))
		return CDP_EDATA;
	e += PLACES;
	while (e > 0 && m != 0) {
		if (m > max / 10)
			return CDP_EDATA;
		m *= 10;
		e--;
	}
	if (e < 0)
		m = e < -37 ? 0 : divide(m, ten_to(-e));
	ret->v = neg ? -m : m;
	return 0;
}

int
cdp_dec_add(struct cdp_dec *a, struct cdp_dec b)
{
	__int128 v;

	if (__builtin_add_overflow(a->v, b.v, &v) || v > max || v < -max)
		return CDP_EDATA;
	a->v = v;
	return 0;
}

int
cdp_dec_sub(struct cdp_dec *a, struct cdp_dec b)
{
	b.v = -b.v;
	return cdp_dec_add(a, b);
}

struct cdp_dec
cdp_dec_div(struct cdp_dec a, int64_t n)
{
	if (n < 0)
		a.v = -a.v;
	return (struct cdp_dec){ divide(a.v, n < 0 ? -(__int128)n : n) };
}

void
cdp_dec_put(struct cdp_buf *b, struct cdp_dec d)
{
	char out[48], *p = out + sizeof(out);
	__int128 v = d.v < 0 ? -d.v : d.v;
	int i;
	bool some = false;

	for (i = 0; i < PLACES || v != 0 || i == PLACES; i++, v /= 10) {
		if (i == PLACES && some)
			*--p = '.';
		if (i < PLACES && v % 10 == 0 && !some)
			continue;
		some = true;
		*--p = (char)('0' + (int)(v % 10));
		if (i >= PLACES && v < 10)
			break;
	}
	if (d.v < 0)
		*--p = '-';
	cdp_buf_put(b, (struct cdp_str){ p, (size_t)(out + sizeof(out) - p) });
}
