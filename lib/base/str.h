#ifndef CDP_BASE_STR_H
#define CDP_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * str: bytes that somebody else owns, passed by value.
 *
 * No terminator is implied.  p may be NULL only where n is 0.
 */
struct cdp_str {
	const char *p;
	size_t n;
};

/* A string literal as bytes, without its terminator. */
#define CDP_STR(lit) ((struct cdp_str){ "" lit, sizeof(lit) - 1 })

static inline struct cdp_str
cdp_str_of(const char *z)
{
	return (struct cdp_str){ z, z != NULL ? strlen(z) : 0 };
}

/* Overwrite what is to be secret, in memory that is ours to write. */
static inline void
cdp_str_wipe(struct cdp_str s)
{
	if (s.n != 0)
		explicit_bzero((char *)(uintptr_t)s.p, s.n);
}

/*
 * Whether n bytes are the same.  Most are names: two words that may overlap
 * are all of those, and to call somebody would cost more than to compare.
 */
static inline bool
cdp_str_same(const char *p, const char *q, size_t n)
{
	uint64_t a, b, c, d;
	uint32_t e, f, g, h;

	if (n > 16)
		return memcmp(p, q, n) == 0;
	if (n >= 8) {
		memcpy(&a, p, 8);
		memcpy(&b, q, 8);
		memcpy(&c, p + n - 8, 8);
		memcpy(&d, q + n - 8, 8);
		return ((a ^ b) | (c ^ d)) == 0;
	}
	if (n >= 4) {
		memcpy(&e, p, 4);
		memcpy(&f, q, 4);
		memcpy(&g, p + n - 4, 4);
		memcpy(&h, q + n - 4, 4);
		return ((e ^ f) | (g ^ h)) == 0;
	}
	return n == 0 ||
	    ((p[0] ^ q[0]) | (p[n / 2] ^ q[n / 2]) | (p[n - 1] ^ q[n - 1])) ==
	    0;
}

static inline bool
cdp_str_eq(struct cdp_str a, struct cdp_str b)
{
	return a.n == b.n && cdp_str_same(a.p, b.p, a.n);
}

static inline bool
cdp_str_is(struct cdp_str a, const char *z)
{
	return cdp_str_eq(a, cdp_str_of(z));
}

/* Bytewise order, a shorter prefix first: negative, 0 or positive. */
static inline int
cdp_str_cmp(struct cdp_str a, struct cdp_str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n != 0 ? memcmp(a.p, b.p, n) : 0;

	return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

static inline bool
cdp_str_starts(struct cdp_str s, struct cdp_str prefix)
{
	return s.n >= prefix.n &&
	    (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

/* s without blanks and control characters at its ends. */
static inline struct cdp_str
cdp_str_trim(struct cdp_str s)
{
	while (s.n != 0 && (unsigned char)s.p[0] <= ' ')
		s.p++, s.n--;
	while (s.n != 0 && (unsigned char)s.p[s.n - 1] <= ' ')
		s.n--;
	return s;
}

/*
 * The nearest of n names to s by edit distance (two neighbours swapped are
 * one edit), for "did you mean".
 *
 * Returns the index of the nearest at a distance of at most a third of s's
 * length (and at most 3), the first of equals, or -1.  O(n * s.n * name).
 */
int cdp_str_nearest(struct cdp_str s, const struct cdp_str *names, size_t n);

#endif
