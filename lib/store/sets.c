#include "lib/store/sets.h"

#include <stdlib.h>

#include "lib/base/hash.h"
#include "lib/base/mem.h"

struct cdp_str
cdp_set_inner(struct cdp_str set)
{
	const char *p = set.p + 2, *end = set.p + set.n - 1;

	while (set.n > 3 && p < end && *p != '.' && *p != '"')
		p++;
	if (set.n <= 3 || p == end || *p != '.')
		return CDP_STR("");
	return (struct cdp_str){ p + 1, (size_t)(end - p - 1) };
}

void
cdp_sets_reset(struct cdp_sets *ss)
{
	if (ss->n != 0)
		memset(ss->v, 0, ss->cap * sizeof(*ss->v));
	ss->n = 0;
}

void
cdp_sets_free(struct cdp_sets *ss)
{
	free(ss->v);
	*ss = (struct cdp_sets){ 0 };
}

/* Its place, or the free one that it would have. */
static struct cdp_set *
place(const struct cdp_sets *ss, const struct cdp_buf *text, uint64_t h,
    struct cdp_str set)
{
	struct cdp_set *s;
	uint64_t i;

	for (i = h;; i++) {
		s = &ss->v[i & (ss->cap - 1)];
		if (s->off == 0 ||
		    (s->h == h && s->n == set.n &&
			memcmp(text->p + s->off, set.p, set.n) == 0))
			return s;
	}
}

static void
grow(struct cdp_sets *ss, const struct cdp_buf *text)
{
	struct cdp_sets old = *ss;
	struct cdp_set *s;
	size_t i;

	ss->cap = old.cap != 0 ? old.cap * 2 : 64;
	ss->v = cdp_xcalloc(ss->cap, sizeof(*ss->v));
	for (i = 0; i < old.cap; i++) {
		s = &old.v[i];
		if (s->off != 0)
			*place(ss, text, s->h,
			    (struct cdp_str){ text->p + s->off, s->n }) = *s;
	}
	free(old.v);
}

struct cdp_set *
cdp_sets_at(struct cdp_sets *ss, const struct cdp_buf *text, struct cdp_str set)
{
	uint64_t h = cdp_hash_seeded(set);
	struct cdp_set *s;

	if (ss->n * 4 >= ss->cap * 3)
		grow(ss, text);
	s = place(ss, text, h, set);
	if (s->off == 0) {
		*s = (struct cdp_set){ .h = h, .n = set.n };
		ss->n++;
	}
	return s;
}
