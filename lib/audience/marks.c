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
cdp_marks_find(struct cdp_marks *mk, uint32_t *i)
{
	for (size_t w = *i / 64 + 1; w < mk->n; w++)
		if (mk->word[w] != 0) {
			*i = (uint32_t)(w * 64) +
			    (uint32_t)__builtin_ctzll(mk->word[w]);
			mk->word[w] &= mk->word[w] - 1;
			return true;
		}
	return false;
}
