#include "lib/json/num.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * 0.DIGITS times ten to the power of exp.  The digits begin and end with one
 * that is not 0; there may be a point among them.  Zero has none.
 */
struct num {
	const char *p;
	size_t n; /* digits, the point not counted */
	int64_t exp;
	bool neg;
};

#define EXP_MAX ((int64_t)1 << 40)

static bool
isdig(char c)
{
	return (unsigned char)(c - '0') < 10;
}

static int64_t
exponent(const char *p, const char *end)
{
	int64_t v = 0;
	bool neg = false;

	if (p < end && (*p == '-' || *p == '+'))
		neg = *p++ == '-';
	for (; p < end; p++)
		if (v < EXP_MAX)
			v = v * 10 + (*p - '0');
	return neg ? -v : v;
}

static void
num_read(struct cdp_str s, struct num *ret)
{
	const char *p = s.p, *end = s.p + s.n, *point = NULL, *last = NULL;
	struct num r = { 0 };

	r.neg = p < end && *p == '-';
	p += r.neg;
	for (; p < end && (isdig(*p) || *p == '.'); p++) {
		if (*p == '.') {
			point = p;
			continue;
		}
		if (*p != '0') {
			if (r.p == NULL)
				r.p = p;
			last = p;
		}
	}
	if (r.p != NULL) {
		if (point == NULL)
			point = p;
		r.n = (size_t)(last - r.p) + 1 - (r.p < point && point < last);
		r.exp = r.p < point ? point - r.p : point + 1 - r.p;
		if (p < end)
			r.exp += exponent(p + 1, end);
	}
	*ret = r;
}

bool
cdp_num_eq(struct cdp_str a, struct cdp_str b)
{
	const char *p, *q;
	struct num x, y;
	size_t i;

	if (cdp_str_eq(a, b))
		return true;
	num_read(a, &x);
	num_read(b, &y);
	if (x.n != y.n || x.exp != y.exp || (x.neg != y.neg && x.n != 0))
		return false;
	for (i = 0, p = x.p, q = y.p; i < x.n; i++, p++, q++) {
		p += *p == '.';
		q += *q == '.';
		if (*p != *q)
			return false;
	}
	return true;
}

/* Of two numbers that are not zero, without their signs. */
static int
compare_digits(const struct num *x, const struct num *y)
{
	const char *p = x->p, *q = y->p;

	if (x->exp != y->exp)
		return x->exp < y->exp ? -1 : 1;
	for (size_t i = 0; i < x->n && i < y->n; i++, p++, q++) {
		p += *p == '.';
		q += *q == '.';
		if (*p != *q)
			return *p < *q ? -1 : 1;
	}
	return (x->n > y->n) - (x->n < y->n);
}

int
cdp_num_cmp(struct cdp_str a, struct cdp_str b)
{
	struct num x, y;
	int sx, sy;

	num_read(a, &x);
	num_read(b, &y);
	sx = x.n == 0 ? 0 : x.neg ? -1 : 1;
	sy = y.n == 0 ? 0 : y.neg ? -1 : 1;
	if (sx != sy || sx == 0)
		return (sx > sy) - (sx < sy);
	return sx * compare_digits(&x, &y);
}

bool
cdp_num_whole(struct cdp_str s)
{
	struct num x;

	num_read(s, &x);
	return x.n == 0 || x.exp >= (int64_t)x.n;
}

size_t
cdp_num_digits(struct cdp_str s)
{
	struct num x;

	num_read(s, &x);
	return x.n;
}

/*
 * s is P * 10^i and of is Q * 10^j, both P and Q without a zero at their end.
 * If i < j then P / (Q * 10^(j - i)) is no whole number, for 10 does not
 * divide P; else it is the remainder of P * 10^(i - j) by Q that decides.
 */
bool
cdp_num_multiple(struct cdp_str s, struct cdp_str of)
{
	unsigned __int128 q = 0, r = 0;
	const char *p;
	struct num x, y;
	int64_t zeros;

	num_read(s, &x);
	num_read(of, &y);
	if (x.n == 0)
		return true;
	zeros = (x.exp - (int64_t)x.n) - (y.exp - (int64_t)y.n);
	if (zeros < 0)
		return false;
	p = y.p;
	for (size_t i = 0; i < y.n; i++, p++) {
		p += *p == '.';
		q = q * 10 + (unsigned)(*p - '0');
	}
	p = x.p;
	for (size_t i = 0; i < x.n; i++, p++) {
		p += *p == '.';
		r = (r * 10 + (unsigned)(*p - '0')) % q;
	}
	/* 36 digits are less than 120 bits: after so many nothing changes. */
	for (int64_t i = 0; r != 0 && i < zeros && i < 120; i++)
		r = r * 10 % q;
	return r == 0;
}

/*
 * The text of the digits d times ten to the power exp, as strtod() reads it
 * in any locale (no point).  What lies beyond 800 digits can only break a
 * tie, so one more digit stands for it.
 */
#define DIGITS_MAX 800

static double
slow_double(const struct num *r)
{
	char z[DIGITS_MAX + 40];
	size_t i, n = r->n < DIGITS_MAX ? r->n : DIGITS_MAX;
	int64_t exp = r->exp;
	const char *p = r->p;
	double v;

	for (i = 0; i < n; i++, p++) {
		p += *p == '.';
		z[i] = *p;
	}
	if (n < r->n)
		z[i++] = '1';
	exp = exp > 1000 ? 1000 : exp < -1000 ? -1000 : exp;
	snprintf(z + i, sizeof(z) - i, "e%d", (int)(exp - (int64_t)i));
	v = strtod(z, NULL);
	return r->neg ? -v : v;
}

double
cdp_num_double(struct cdp_str s)
{
	static const double ten[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7,
		1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
		1e19, 1e20, 1e21, 1e22 };
	const char *p;
	uint64_t m = 0;
	int64_t exp;
	struct num r;
	size_t i;
	double v;

	num_read(s, &r);
	if (r.n == 0)
		return r.neg ? -0.0 : 0.0;
	exp = r.exp - (int64_t)r.n;
	if (r.n > 15 || exp < -22 || exp > 22)
		return slow_double(&r);
	/* Both factors are exact, so the one operation rounds correctly. */
	for (i = 0, p = r.p; i < r.n; i++, p++) {
		p += *p == '.';
		m = m * 10 + (uint64_t)(*p - '0');
	}
	v = exp < 0 ? (double)m / ten[-exp] : (double)m * ten[exp];
	return r.neg ? -v : v;
}

static void
zeros(struct cdp_buf *b, int64_t n)
{
	while (n-- > 0)
		cdp_buf_putc(b, '0');
}

static void
put(struct cdp_buf *b, const struct num *r)
{
	int64_t point = r->exp;
	const char *p = r->p;
	bool sci = point > 21 || point < -5;
	size_t i;

	if (r->n == 0) {
		cdp_buf_putc(b, '0');
		return;
	}
	if (r->neg)
		cdp_buf_putc(b, '-');
	if (sci)
		point = 1;
	if (point <= 0) {
		cdp_buf_puts(b, "0.");
		zeros(b, -point);
	}
	for (i = 0; i < r->n; i++, p++) {
		p += *p == '.';
		if (i != 0 && (int64_t)i == point)
			cdp_buf_putc(b, '.');
		cdp_buf_putc(b, *p);
	}
	zeros(b, point - (int64_t)i);
	if (sci) {
		cdp_buf_putc(b, 'e');
		cdp_buf_i64(b, r->exp - 1);
	}
}

void
cdp_num_put(struct cdp_buf *b, struct cdp_str s)
{
	struct num r;

	num_read(s, &r);
	put(b, &r);
}

/*
 * A decimal of at most 15 digits and 15 decimals, as most numbers that people
 * write are: found by scaling, which errs by less than a quarter.
 */
static bool
short_decimal(double v, char *z, size_t size)
{
	double scale = 1, m;
	int k;

	for (k = 0; k <= 15; k++, scale *= 10) {
		m = nearbyint(v * scale);
		if (fabs(m) >= 1e15)
			return false;
		if (m / scale == v) {
			snprintf(z, size, "%.0fe-%d", m, k);
			return true;
		}
	}
	return false;
}

void
cdp_num_put_double(struct cdp_buf *b, double v)
{
	char z[48];
	int prec = fabs(v) < DBL_MIN ? 1 : 15;
	char *point;

	assert(isfinite(v));
	if (fabs(v) < 9007199254740992.0 && v == (double)(int64_t)v) {
		cdp_buf_i64(b, (int64_t)v);
		return;
	}
	if (!short_decimal(v, z, sizeof(z)))
		for (; prec <= 17; prec++) {
			snprintf(z, sizeof(z), "%.*e", prec - 1, v);
			/* whatever the locale's point is */
			if ((point = strpbrk(z + 1, ",.")) != NULL)
				*point = '.';
			if (cdp_num_double(cdp_str_of(z)) == v)
				break;
		}
	cdp_num_put(b, cdp_str_of(z));
}
