#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/mem.h"

#define FIRST 4096

/* Chunks double, so a record of any size settles in one after a few. */
struct cdp_chunk {
	struct cdp_chunk *next;
	size_t size;
	_Alignas(max_align_t) char data[];
};

static void
grow(struct cdp_arena *a, size_t n)
{
	size_t size = a->head != NULL ? a->head->size * 2 : FIRST;
	struct cdp_chunk *c;

	if (size > (size_t)1 << 20)
		size = (size_t)1 << 20;
	if (size < n)
		size = n;
	c = cdp_xmalloc(sizeof(*c) + size);
	c->size = size;
	c->next = a->head;
	a->head = c;
	a->at = c->data;
	a->end = c->data + size;
}

void *
cdp_arena_more(struct cdp_arena *a, size_t n)
{
	char *p;

	grow(a, n);
	p = a->at;
	a->at += n;
	return p;
}

void *
cdp_arena_calloc(struct cdp_arena *a, size_t n, size_t size)
{
	void *p = cdp_arena_alloc(a, n * size);

	memset(p, 0, n * size);
	return p;
}

struct cdp_str
cdp_arena_dup(struct cdp_arena *a, struct cdp_str s)
{
	char *p = cdp_arena_alloc(a, s.n + 1);

	if (s.n != 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return (struct cdp_str){ p, s.n };
}

struct cdp_str
cdp_arena_printf(struct cdp_arena *a, const char *fmt, ...)
{
	va_list ap, again;
	char *p;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	p = cdp_arena_alloc(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return (struct cdp_str){ p, (size_t)n };
}

static void
drop(struct cdp_chunk *c)
{
	struct cdp_chunk *next;

	for (; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
}

void
cdp_arena_reset(struct cdp_arena *a)
{
	if (a->head == NULL)
		return;
	drop(a->head->next);
	a->head->next = NULL;
	a->at = a->head->data;
	a->end = a->head->data + a->head->size;
}

void
cdp_arena_free(struct cdp_arena *a)
{
	drop(a->head);
	*a = (struct cdp_arena){ 0 };
}
