#include "lib/json/quick.h"

#ifdef __x86_64__
#include <immintrin.h>
#include <stddef.h>

#include "lib/json/scan.h"

#define BLOCK 64
#define NONE SIZE_MAX

/* Of the bytes of a text so far. */
struct seen {
	uint64_t bad;  /* not 0: a backslash or control character */
	uint64_t high; /* not 0: a byte from 0x80 on */
};

/* One bit for each quote among 64 bytes. */
static inline uint64_t
look16(const char *p, struct seen *s)
{
	const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');
	const __m128i blank = _mm_set1_epi8(' ');
	__m128i x, bad = _mm_setzero_si128(), high = bad;
	uint64_t m = 0;
	int i;

	for (i = 0; i < 4; i++) {
		x = _mm_loadu_si128((const __m128i *)(const void *)p + i);
		high = _mm_or_si128(high, x);
		/* The least of both is another one than the blank. */
		bad = _mm_or_si128(bad, _mm_cmpeq_epi8(x, slash));
		bad = _mm_or_si128(
		    bad, _mm_xor_si128(_mm_min_epu8(x, blank), blank));
		m |= (uint64_t)(unsigned)_mm_movemask_epi8(
			 _mm_cmpeq_epi8(x, quote))
		    << 16 * i;
	}
	s->high |= (unsigned)_mm_movemask_epi8(high);
	s->bad |= (unsigned)_mm_movemask_epi8(
		      _mm_cmpeq_epi8(bad, _mm_setzero_si128())) ^
	    0xffff;
	return m;
}

/* The same with what newer machines have. */
__attribute__((target("avx2"))) static inline uint64_t
look32(const char *p, struct seen *s)
{
	const __m256i quote = _mm256_set1_epi8('"');
	const __m256i slash = _mm256_set1_epi8('\\');
	const __m256i blank = _mm256_set1_epi8(' ');
	__m256i x = _mm256_loadu_si256((const __m256i *)(const void *)p);
	__m256i y = _mm256_loadu_si256((const __m256i *)(const void *)p + 1);
	__m256i bad = _mm256_or_si256(
	    _mm256_cmpeq_epi8(x, slash), _mm256_cmpeq_epi8(y, slash));

	bad = _mm256_or_si256(bad,
	    _mm256_xor_si256(
		_mm256_min_epu8(_mm256_min_epu8(x, y), blank), blank));
	s->high |= (unsigned)_mm256_movemask_epi8(_mm256_or_si256(x, y));
	s->bad |= !_mm256_testz_si256(bad, bad);
	return (uint64_t)(unsigned)_mm256_movemask_epi8(
		   _mm256_cmpeq_epi8(x, quote)) |
	    (uint64_t)(unsigned)_mm256_movemask_epi8(
		_mm256_cmpeq_epi8(y, quote))
	    << 32;
}

/* The offset of the first bit of m, which goes. */
__attribute__((always_inline)) static inline void
first(uint64_t *m, uint32_t base, uint32_t *ret)
{
	*ret = base + (uint32_t)__builtin_ctzll(*m | (uint64_t)1 << 63);
	*m &= *m - 1;
}

/* The offsets of the bits of m, eight at a time: mostly without a surprise. */
__attribute__((always_inline)) static inline size_t
spread(uint64_t m, uint32_t base, uint32_t *ret)
{
	size_t n = (size_t)__builtin_popcountll(m), i;

	for (i = 0; i < n; i += 8) {
		first(&m, base, &ret[i]);
		first(&m, base, &ret[i + 1]);
		first(&m, base, &ret[i + 2]);
		first(&m, base, &ret[i + 3]);
		first(&m, base, &ret[i + 4]);
		first(&m, base, &ret[i + 5]);
		first(&m, base, &ret[i + 6]);
		first(&m, base, &ret[i + 7]);
	}
	return n;
}

/* What has bytes from 0x80 on must be UTF-8. */
static bool
is_utf8(const char *p, const char *end)
{
	__m128i x;
	unsigned m;
	size_t n;

	while (p < end) {
		if (end - p >= 16) {
			x = _mm_loadu_si128((const __m128i *)(const void *)p);
			m = (unsigned)_mm_movemask_epi8(x);
			p += m != 0 ? __builtin_ctz(m) : 16;
			if (m == 0)
				continue;
		}
		if ((n = cdp_scan_utf8(p, end)) == 0)
			return false;
		p += n;
	}
	return true;
}

/* All of it, by one of both ways to look. */
__attribute__((always_inline)) static inline size_t
all(const char *p, size_t n, uint32_t *ret,
    uint64_t (*look)(const char *p, struct seen *s))
{
	struct seen s = { 0, 0 };
	char last[BLOCK];
	size_t at, k = 0;

	for (at = 0; n - at >= BLOCK && s.bad == 0; at += BLOCK)
		k += spread(look(p + at, &s), (uint32_t)at, ret + k);
	if (at != n && s.bad == 0) {
		memset(last, ' ', sizeof(last));
		memcpy(last, p + at, n - at);
		k += spread(look(last, &s), (uint32_t)at, ret + k);
	}
	if (s.bad != 0 || k % 2 != 0 || (s.high != 0 && !is_utf8(p, p + n)))
		return NONE;
	return k;
}

static size_t
all16(const char *p, size_t n, uint32_t *ret)
{
	return all(p, n, ret, look16);
}

__attribute__((target("avx2,bmi,popcnt"))) static size_t
all32(const char *p, size_t n, uint32_t *ret)
{
	return all(p, n, ret, look32);
}

/* And with the newest, that tell places from bits by themselves. */
#define NEWEST "avx512f,avx512bw,avx512vbmi2,popcnt"

/* The offsets of the bits of m. */
__attribute__((target(NEWEST), always_inline)) static inline size_t
spread64(uint64_t m, uint32_t base, uint32_t *ret)
{
	const __m512i iota =
	    _mm512_set_epi64(0x3f3e3d3c3b3a3938, 0x3736353433323130,
		0x2f2e2d2c2b2a2928, 0x2726252423222120, 0x1f1e1d1c1b1a1918,
		0x1716151413121110, 0x0f0e0d0c0b0a0908, 0x0706050403020100);
	const __m512i from = _mm512_set1_epi32((int)base);
	__m512i off = _mm512_maskz_compress_epi8(m, iota);
	size_t n = (size_t)__builtin_popcountll(m), i = 0;

	for (;;) {
		_mm512_storeu_si512(ret + i,
		    _mm512_add_epi32(from,
			_mm512_cvtepu8_epi32(_mm512_castsi512_si128(off))));
		if ((i += 16) >= n)
			return n;
		off = _mm512_alignr_epi32(off, off, 4);
	}
}

__attribute__((target(NEWEST))) static size_t
all64(const char *p, size_t n, uint32_t *ret)
{
	const __m512i quote = _mm512_set1_epi8('"');
	const __m512i slash = _mm512_set1_epi8('\\');
	const __m512i blanks = _mm512_set1_epi8(' ');
	__m512i x, high = blanks, least = blanks;
	__m512i odd = blanks; /* a 0 there is a backslash */
	size_t at, k = 0;

	for (at = 0; at < n; at += BLOCK) {
		if (n - at >= BLOCK)
			x = _mm512_loadu_si512(p + at);
		else
			x = _mm512_mask_loadu_epi8(
			    blanks, ((uint64_t)1 << (n - at)) - 1, p + at);
		high = _mm512_or_si512(high, x);
		least = _mm512_min_epu8(least, x);
		odd = _mm512_min_epu8(odd, _mm512_xor_si512(x, slash));
		k += spread64(
		    _mm512_cmpeq_epi8_mask(x, quote), (uint32_t)at, ret + k);
	}
	if (_mm512_cmplt_epu8_mask(least, blanks) != 0 ||
	    _mm512_testn_epi8_mask(odd, odd) != 0 || k % 2 != 0 ||
	    (_mm512_movepi8_mask(high) != 0 && !is_utf8(p, p + n)))
		return NONE;
	return k;
}

typedef size_t (*way)(const char *p, size_t n, uint32_t *ret);

/* The ways that this machine has, the best last; how many. */
static size_t
ways(way ret[3])
{
	size_t n = 0;

	ret[n++] = all16;
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
	    __builtin_cpu_supports("popcnt"))
		ret[n++] = all32;
	if (__builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512vbmi2"))
		ret[n++] = all64;
	return n;
}

static size_t
quotes(const char *p, size_t n, uint32_t *ret)
{
	static way best;
	way have[3];

	if (best == NULL)
		best = have[ways(have) - 1];
	return best(p, n, ret);
}

static inline bool
is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

/* The end of a number, or NULL; a byte that is no part of one is there. */
static const char *
number(const char *p)
{
	p += *p == '-';
	if (!is_digit(*p))
		return NULL;
	if (*p++ != '0')
		while (is_digit(*p))
			p++;
	if (*p == '.') {
		if (!is_digit(*++p))
			return NULL;
		while (is_digit(*p))
			p++;
	}
	if ((*p | 0x20) == 'e') {
		p++;
		p += *p == '+' || *p == '-';
		if (!is_digit(*p))
			return NULL;
		while (is_digit(*p))
			p++;
	}
	return p;
}

/* The same of a word. */
static const char *
word(const char *p, const char *end, uint8_t *kind)
{
	if (end - p > 4 && memcmp(p, "true", 4) == 0) {
		*kind = CDP_TRUE;
		return p + 4;
	}
	if (end - p > 4 && memcmp(p, "null", 4) == 0) {
		*kind = CDP_NULL;
		return p + 4;
	}
	*kind = CDP_FALSE;
	return end - p > 5 && memcmp(p, "false", 5) == 0 ? p + 5 : NULL;
}

static inline const char *
blank(const char *at)
{
	while (*at == ' ')
		at++;
	return at;
}

_Static_assert(offsetof(struct cdp_tok, next) == 8 &&
	offsetof(struct cdp_tok, kind) == 12 && sizeof(struct cdp_tok) == 16,
    "next and what follows it are one word");

static inline void
put(struct cdp_tok *k, uint32_t off, uint32_t len, uint64_t next,
    enum cdp_kind kind)
{
	next += (uint64_t)kind << 32;
	k->off = off;
	k->len = len;
	memcpy((char *)k + offsetof(struct cdp_tok, next), &next, sizeof(next));
}

/* The string between two quotes is token n. */
static inline void
string(struct cdp_tok *k, uint64_t n, uint32_t open, uint32_t end)
{
	put(k, open + 1, end - (open + 1), n + 1, CDP_STRING);
}

/*
 * The last byte ends an object or array, and only that takes it: so nothing
 * else reads on behind the end.  Open containers are linked through their
 * next, as in read.c; in is the innermost, and k where token n goes.
 */
static bool
read_quoted(struct cdp_tape *t, const uint32_t *quote)
{
	const char *base = t->p, *end = base + t->n, *at = blank(base), *p;
	struct cdp_tok *k = t->tok, *in = NULL;
	uint32_t depth = 0, deepest = 0, up = CDP_NOTOK;
	uint64_t n = 0;
	uint8_t kind;

	if (*at != '{' && *at != '[')
		return false;
value:
	at = blank(at);
	if (*at == '{')
		goto object;
	if (*at == '"') {
		string(k++, n++, quote[0], quote[1]);
		at = base + quote[1] + 1;
		quote += 2;
		goto after;
	}
	if (*at == '[')
		goto array;
	kind = CDP_NUM;
	p = *at > '9' ? word(at, end, &kind) : number(at);
	if (p == NULL)
		return false;
	put(k++, (uint32_t)(at - base), (uint32_t)(p - at), n + 1, kind);
	n++;
	at = p;
	goto after;
array:
	put(k, (uint32_t)(at - base), 0, up, CDP_ARRAY);
	goto open;
object:
	put(k, (uint32_t)(at - base), 0, up, CDP_OBJECT);
open:
	if (depth++ == CDP_JSON_DEPTH)
		return false;
	deepest = depth > deepest ? depth : deepest;
	in = k++;
	up = (uint32_t)n++;
	at = blank(at + 1);
	if (in->kind == CDP_ARRAY) {
		if (*at == ']')
			goto close;
		goto value;
	}
	if (*at == '}')
		goto close;
	if (*at != '"')
		return false;
key:
	p = base + quote[1];
	string(k++, n++, quote[0], quote[1]);
	if (p[1] == ':' && p[2] == '"') {
		p = base + quote[3];
		string(k++, n++, quote[2], quote[3]);
		quote += 4;
		at = p + 1;
		if (*at == ',' && at[1] == '"')
			goto key;
		goto after;
	}
	quote += 2;
	at = blank(p + 1);
	if (*at++ != ':')
		return false;
	goto value;
close:
	at++;
	up = in->next;
	in->len = (uint32_t)(at - base) - in->off;
	in->next = (uint32_t)n;
	if (at == end || up == CDP_NOTOK) {
		if (at != end || up != CDP_NOTOK)
			return false;
		t->ntok = (uint32_t)n;
		t->depth = deepest;
		return true;
	}
	in = t->tok + up;
	depth--;
after:
	at = blank(at);
	if (in->kind == CDP_ARRAY) {
		if (*at == ']')
			goto close;
		if (*at++ != ',')
			return false;
		goto value;
	}
	if (*at == '}')
		goto close;
	if (*at++ != ',')
		return false;
	at = blank(at);
	if (*at != '"')
		return false;
	goto key;
}

bool
cdp_quick_text(struct cdp_tape *t)
{
	uint32_t *quote = (uint32_t *)(void *)(t->tok + cdp_read_max(t->n));

	if (t->cap < cdp_quick_max(t->n) || t->n == 0 ||
	    (t->p[t->n - 1] != '}' && t->p[t->n - 1] != ']') ||
	    quotes(t->p, t->n, quote) == NONE)
		return false;
	return read_quoted(t, quote);
}

#else

bool
cdp_quick_text(struct cdp_tape *t)
{
	(void)t;
	return false;
}

#endif
