#ifndef CDP_BASE_ARENA_H
#define CDP_BASE_ARENA_H

#include <stddef.h>

#include "lib/base/str.h"

/*
 * arena: memory that is given back all at once.
 *
 * What lives for one record comes from the record's arena, which is reset
 * after it; nothing in it is freed.  An empty one is { 0 }.
 */
struct cdp_arena {
	struct cdp_chunk *head;
	char *at;
	char *end;
};

/* The same from another chunk: there is no room in this one. */
void *cdp_arena_more(struct cdp_arena *a, size_t n);

/* n bytes, aligned for any type, not cleared.  Amortised O(1). */
static inline void *
cdp_arena_alloc(struct cdp_arena *a, size_t n)
{
	const size_t mask = _Alignof(max_align_t) - 1;
	char *p = a->at;

	n = (n + mask) & ~mask;
	if (p == NULL || (size_t)(a->end - p) < n)
		return cdp_arena_more(a, n);
	a->at = p + n;
	return p;
}

/* The same, cleared, for n objects of a size. */
void *cdp_arena_calloc(struct cdp_arena *a, size_t n, size_t size);

/* A copy of s, with a terminator behind its end that n does not count. */
struct cdp_str cdp_arena_dup(struct cdp_arena *a, struct cdp_str s);

/* Formatted text, terminated. */
struct cdp_str cdp_arena_printf(struct cdp_arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Forget everything; keeps the largest chunk. */
void cdp_arena_reset(struct cdp_arena *a);
void cdp_arena_free(struct cdp_arena *a);

#endif
