#include "lib/json/names.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "lib/json/tape.h"

static inline struct cdp_str
name(const struct cdp_tape *t, uint32_t key)
{
	return (struct cdp_str){ t->p + t->tok[key].off, t->tok[key].len };
}

/* One bit for each member with that sign. */
static inline uint32_t
alike(const struct cdp_names *x, uint8_t s)
{
	uint32_t m = 0;
#ifdef __SSE2__
	const __m128i *p = (const __m128i *)(const void *)x->sign;
	__m128i all = _mm_set1_epi8((char)s);

	m = (uint32_t)_mm_movemask_epi8(
	    _mm_cmpeq_epi8(_mm_loadu_si128(p), all));
	m |= (uint32_t)_mm_movemask_epi8(
		 _mm_cmpeq_epi8(_mm_loadu_si128(p + 1), all))
	    << 16;
#else
	uint32_t i;

	for (i = 0; i < x->n; i++)
		m |= (uint32_t)(x->sign[i] == s) << i;
#endif
	return m & (uint32_t)(((uint64_t)1 << x->n) - 1);
}

bool
cdp_names_make(struct cdp_names *x, const struct cdp_tape *t, uint32_t at)
{
	const struct cdp_tok *tok = t->tok;
	uint32_t i, end = tok[at].next;

	cdp_names_reset(x);
	for (i = at + 1; i < end; i = tok[i + 1].next)
		if (tok[i].escaped ||
		    !cdp_names_add(x, i, cdp_names_sign(name(t, i)))) {
			x->none = at;
			return false;
		}
	x->at = at;
	return true;
}

uint32_t
cdp_names_get(
    const struct cdp_names *x, const struct cdp_tape *t, struct cdp_str key)
{
	uint32_t m = alike(x, cdp_names_sign(key));
	int i;

	for (; m != 0; m ^= (uint32_t)1 << i) {
		i = 31 - __builtin_clz(m);
		if (cdp_str_eq(name(t, x->key[i]), key))
			return x->key[i] + 1; /* of equal names the last */
	}
	return CDP_NOTOK;
}
