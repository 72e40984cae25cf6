#include "lib/audience/marks.h"

#include <stdlib.h>

#include "lib/base/mem.h"

void
cdp_marks_init(struct cdp_marks *mk, size_t n)
{
	mk->n = n / 64 + 1;
	mk->word = cdp_xcalloc(mk->n, sizeof(*mk->word));
}

void
cdp_marks_free(struct cdp_marks *mk)
{
	free(mk->word);
}

void
cdp_marks_add(struct cdp_marks *mk, const struct cdp_ids *ids)
{
	for (size_t i = 0; i < ids->n; i++)
		cdp_marks_set(mk, ids->v[i]);
}

void
cdp_marks_add_behind(
    struct cdp_marks *mk, const struct cdp_ids *ids, uint32_t i)
{
	for (size_t k = ids->n; k-- > 0 && ids->v[k] > i;)
		cdp_marks_set(mk, ids->v[k]);
}

bool
cdp_marks_take(struct cdp_marks *mk, uint32_t *i)
{
	size_t w = *i / 64;
	uint64_t rest;

	if (w >= mk->n)
		return false;
	rest = mk->word[w] >> *i % 64 << *i % 64;
	while (rest == 0) {
		if (++w == mk->n)
			return false;
		rest = mk->word[w];
	}
	*i = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(rest);
	mk->word[w] &= ~(rest & -rest);
	return true;
}
