#include <stdint.h>
#include <stdlib.h>
#include <utf8proc.h>

#include "lib/base/utf8.h"

/* Length of the sequence at p (at least 1 byte before end), or 0. */
static size_t
sequence(const unsigned char *p, const unsigned char *end)
{
	size_t n, i;
	unsigned char lo = 0x80, hi = 0xBF;

	if (*p < 0x80)
		return 1;
	if (*p < 0xC2 || *p > 0xF4)
		return 0;
	n = *p < 0xE0 ? 2 : *p < 0xF0 ? 3 : 4;
	if ((size_t)(end - p) < n)
		return 0;
	/* No overlong forms, no surrogates, nothing past U+10FFFF. */
	if (*p == 0xE0)
		lo = 0xA0;
	else if (*p == 0xED)
		hi = 0x9F;
	else if (*p == 0xF0)
		lo = 0x90;
	else if (*p == 0xF4)
		hi = 0x8F;
	if (p[1] < lo || p[1] > hi)
		return 0;
	for (i = 2; i < n; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	return n;
}

size_t
cdp_utf8_valid(struct cdp_str s)
{
	const unsigned char *start = (const unsigned char *)s.p;
	const unsigned char *p = start, *end = start + s.n;
	uint64_t v;
	size_t n;

	while (p < end) {
		if (end - p >= 8) {
			memcpy(&v, p, 8);
			if ((v & 0x8080808080808080U) == 0) {
				p += 8;
				continue;
			}
		}
		if ((n = sequence(p, end)) == 0)
			break;
		p += n;
	}
	return (size_t)(p - start);
}

size_t
cdp_utf8_put(char *p, uint32_t c)
{
	if (c < 0x80) {
		p[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		p[0] = (char)(0xC0 | c >> 6);
		p[1] = (char)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		p[0] = (char)(0xE0 | c >> 12);
		p[1] = (char)(0x80 | (c >> 6 & 63));
		p[2] = (char)(0x80 | (c & 63));
		return 3;
	}
	p[0] = (char)(0xF0 | c >> 18);
	p[1] = (char)(0x80 | (c >> 12 & 63));
	p[2] = (char)(0x80 | (c >> 6 & 63));
	p[3] = (char)(0x80 | (c & 63));
	return 4;
}

static int
fold_unicode(struct cdp_str s, struct cdp_arena *mem, struct cdp_str *ret,
    struct cdp_err *err)
{
	utf8proc_uint8_t *out = NULL;
	utf8proc_ssize_t n;

	n = utf8proc_map((const utf8proc_uint8_t *)s.p, (utf8proc_ssize_t)s.n,
	    &out, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
	if (n < 0)
		return cdp_fail(
		    err, CDP_EDATA, "cannot fold case: %s", utf8proc_errmsg(n));
	*ret = cdp_arena_dup(mem, (struct cdp_str){ (char *)out, (size_t)n });
	free(out);
	return 0;
}

int
cdp_utf8_fold(struct cdp_str s, struct cdp_arena *mem, struct cdp_str *ret,
    struct cdp_err *err)
{
	char *p;
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return fold_unicode(s, mem, ret, err);
	p = cdp_arena_alloc(mem, s.n + 1);
	for (i = 0; i < s.n; i++)
		p[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] | 32
							     : s.p[i]);
	p[s.n] = '\0';
	*ret = (struct cdp_str){ p, s.n };
	return 0;
}

struct cdp_str
cdp_utf8_printable(struct cdp_str s, struct cdp_arena *mem)
{
	const unsigned char *p = (const unsigned char *)s.p, *end = p + s.n;
	char *out = cdp_arena_alloc(mem, s.n * 4 + 1);
	size_t k = 0, n;

	while (p < end) {
		n = sequence(p, end);
		if (n == 0 || (n == 1 && (*p < 0x20 || *p == 0x7F)) ||
		    (n == 2 && p[0] == 0xC2 && p[1] < 0xA0)) {
			for (n = n == 0 ? 1 : n; n != 0; n--, p++) {
				out[k++] = '\\';
				out[k++] = 'x';
				out[k++] = "0123456789abcdef"[*p >> 4];
				out[k++] = "0123456789abcdef"[*p & 15];
			}
			continue;
		}
		memcpy(out + k, p, n);
		k += n;
		p += n;
	}
	out[k] = '\0';
	return (struct cdp_str){ out, k };
}
