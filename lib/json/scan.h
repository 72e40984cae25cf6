#ifndef CDP_JSON_SCAN_H
#define CDP_JSON_SCAN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/*
 * scan: the insides of strings, for the files of this folder.
 *
 * A plain byte stands for itself in a JSON string and in UTF-8: ASCII from
 * the blank on, without the quote and the backslash.
 */
static inline int
cdp_scan_isplain(unsigned char c)
{
	return (unsigned char)(c - 0x20) < 0x60 && c != '"' && c != '\\';
}

/* The first byte from at that is not plain, or end; one byte at a time. */
static inline const char *
cdp_scan_bytes(const char *at, const char *end)
{
	while (at < end && cdp_scan_isplain((unsigned char)*at))
		at++;
	return at;
}

/* The same eight bytes at a time, on any machine. */
static inline const char *
cdp_scan_words(const char *at, const char *end)
{
	const uint64_t one = 0x0101010101010101, top = one << 7;
	uint64_t x, quote, slash;

	for (; end - at >= 8; at += 8) {
		memcpy(&x, at, sizeof(x));
		quote = x ^ one * '"';
		slash = x ^ one * '\\';
		if (((x | ((x - one * 0x20) & ~x) | ((quote - one) & ~quote) |
			 ((slash - one) & ~slash)) &
			top) != 0)
			break;
	}
	return cdp_scan_bytes(at, end);
}

#ifdef __SSE2__
/*
 * One bit for each of 16 bytes that is not plain.  Compared as signed, bytes
 * from 0x80 on are below the blank, as control characters are.
 */
static inline unsigned
cdp_scan_mask16(const char *at)
{
	__m128i x = _mm_loadu_si128((const __m128i *)(const void *)at);
	__m128i low = _mm_cmplt_epi8(x, _mm_set1_epi8(0x20));
	__m128i quote = _mm_cmpeq_epi8(x, _mm_set1_epi8('"'));
	__m128i slash = _mm_cmpeq_epi8(x, _mm_set1_epi8('\\'));

	return (unsigned)_mm_movemask_epi8(
	    _mm_or_si128(low, _mm_or_si128(quote, slash)));
}

/* The same by the fastest way that the machine surely has. */
static inline const char *
cdp_scan_plain(const char *at, const char *end)
{
	unsigned m;

	for (; end - at >= 16; at += 16)
		if ((m = cdp_scan_mask16(at)) != 0)
			return at + __builtin_ctz(m);
	return cdp_scan_words(at, end);
}
#else
static inline const char *
cdp_scan_plain(const char *at, const char *end)
{
	return cdp_scan_words(at, end);
}
#endif

/* The length of the well-formed UTF-8 sequence at p, which is < end; or 0. */
static inline size_t
cdp_scan_utf8(const char *p, const char *end)
{
	const unsigned char *u = (const unsigned char *)p;
	size_t left = (size_t)(end - p), i, n;
	unsigned lo = 0x80, hi = 0xbf;

	if (u[0] < 0x80)
		return 1;
	if (u[0] < 0xc2 || u[0] > 0xf4)
		return 0;
	n = u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;
	if (left < n)
		return 0;
	switch (u[0]) {
	case 0xe0: /* overlong below */
		lo = 0xa0;
		break;
	case 0xed: /* surrogates above */
		hi = 0x9f;
		break;
	case 0xf0:
		lo = 0x90;
		break;
	case 0xf4: /* beyond U+10FFFF above */
		hi = 0x8f;
		break;
	}
	if (u[1] < lo || u[1] > hi)
		return 0;
	for (i = 2; i < n; i++)
		if ((u[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

/*
 * Read the escape at p, which is a backslash < end.
 *
 * ret  receives the code point it stands for; of a pair of surrogates the
 *      one that both make
 *
 * Returns the bytes it takes, or 0 if it is none or a surrogate is alone.
 */
size_t cdp_scan_escape(const char *p, const char *end, uint32_t *ret);

#endif
