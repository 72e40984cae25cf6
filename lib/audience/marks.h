#ifndef CDP_AUDIENCE_MARKS_H
#define CDP_AUDIENCE_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * marks: which audiences are to be asked; they are taken in their order.
 */

/*
 * Some audiences, ascending: each by its turn, its place in the order in which
 * they are judged, where hidden ones (in_group) stand among the others.
 */
struct cdp_ids {
	uint32_t *v;
	size_t n;
};

/* Some of n numbers, a bit each. */
struct cdp_marks {
	uint64_t *word;
	size_t n;
};

void cdp_marks_init(struct cdp_marks *mk, size_t n);
void cdp_marks_free(struct cdp_marks *mk);
void cdp_marks_add(struct cdp_marks *mk, const struct cdp_ids *ids);
/* Those of them that come after i. */
void cdp_marks_add_behind(
    struct cdp_marks *mk, const struct cdp_ids *ids, uint32_t i);

static inline void
cdp_marks_set(struct cdp_marks *mk, uint32_t i)
{
	mk->word[i / 64] |= UINT64_C(1) << i % 64;
}

/* The first mark in a word behind that of *i into *i, taken away; false: none.
 */
bool cdp_marks_find(struct cdp_marks *mk, uint32_t *i);

/* The same of the first mark at or behind *i, which most often is in its word.
 */
static inline bool
cdp_marks_take(struct cdp_marks *mk, uint32_t *i)
{
	uint64_t rest;

	if (*i / 64 >= mk->n)
		return false;
	rest = mk->word[*i / 64] >> *i % 64 << *i % 64;
	if (rest == 0)
		return cdp_marks_find(mk, i);
	mk->word[*i / 64] &= ~(rest & -rest);
	*i = *i / 64 * 64 + (uint32_t)__builtin_ctzll(rest);
	return true;
}

#endif
