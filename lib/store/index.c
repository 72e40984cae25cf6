#include <stdlib.h>

#include "lib/base/large.h"
#include "lib/base/mem.h"
#include "lib/store/index.h"

/* The hashes are keyed already, so any of their bits will do. */
static struct cdp_slot *
slot(const struct cdp_slots *t, struct cdp_hash128 h)
{
	size_t i = (size_t)h.lo & (t->cap - 1);

	while (t->v[i].val != 0 &&
	    !cdp_hash_is((struct cdp_hash128){ t->v[i].lo, t->v[i].hi }, h))
		i = (i + 1) & (t->cap - 1);
	return &t->v[i];
}

static void
slots_free(struct cdp_slots *t)
{
	size_t n = t->cap * sizeof(*t->v);

	if (n < CDP_LARGE)
		free(t->v);
	else
		cdp_large_free(t->v, n);
}

/* Twice as many, the new ones free behind the others. */
static void
slots_double(struct cdp_slots *t)
{
	size_t n = t->cap * sizeof(*t->v);
	struct cdp_slot *v;

	if (n >= CDP_LARGE) {
		t->v = cdp_large_grow(t->v, n, 2 * n);
	} else {
		v = 2 * n < CDP_LARGE ? cdp_xcalloc(2, n)
				      : cdp_large_grow(NULL, 0, 2 * n);
		memcpy(v, t->v, n);
		free(t->v);
		t->v = v;
	}
	t->cap *= 2;
}

/*
 * To cap slots, a power of two.  In place: memory that is not touched need not
 * be cleared.  A slot's new place is the old one or a multiple of what there
 * was behind it, and never beyond where it stands if what stands before it in
 * its run has gone first.  So begin behind a free one.
 */
static void
slots_grow(struct cdp_slots *t, size_t cap)
{
	size_t i, n, was = t->cap;
	struct cdp_slot s;

	if (was == 0) {
		t->cap = 64;
		t->v = cdp_xcalloc(t->cap, sizeof(*t->v));
	}
	while (t->cap < cap)
		slots_double(t);
	if (was == 0)
		return;
	for (i = was - 1; t->v[i].val != 0; i--)
		;
	for (n = 0; n < was; n++) {
		i = (i + 1) & (was - 1);
		if (t->v[i].val == 0)
			continue;
		s = t->v[i];
		t->v[i].val = 0;
		*slot(t, (struct cdp_hash128){ s.lo, s.hi }) = s;
	}
}

static void
slots_set(struct cdp_slots *t, struct cdp_hash128 h, uint64_t val)
{
	struct cdp_slot *s;

	if (t->n * 4 >= t->cap * 3)
		slots_grow(t, 2 * t->cap);
	s = slot(t, h);
	t->n += s->val == 0;
	*s = (struct cdp_slot){ h.lo, h.hi, val };
}

static uint64_t
slots_get(const struct cdp_slots *t, struct cdp_hash128 h)
{
	return t->n == 0 ? 0 : slot(t, h)->val;
}

void
cdp_index_free(struct cdp_index *ix)
{
	size_t i;

	for (i = 0; i < ix->norigin; i++)
		free(ix->origin[i].v);
	free(ix->origin);
	slots_free(&ix->keys);
	slots_free(&ix->seen);
	free(ix->epoch);
	free(ix->due);
	cdp_arena_free(&ix->mem);
	*ix = (struct cdp_index){ 0 };
}

void
cdp_index_put(struct cdp_index *ix, struct cdp_hash128 h, uint64_t loc,
    struct cdp_str key, int64_t due_ms)
{
	slots_set(&ix->keys, h, loc);
	ix->nput++;
	if (due_ms == INT64_MAX)
		return;
	if (ix->ndue == ix->cdue) {
		ix->cdue = ix->cdue != 0 ? ix->cdue * 2 : 64;
		ix->due =
		    cdp_xreallocarray(ix->due, ix->cdue, sizeof(*ix->due));
	}
	ix->due[ix->ndue++] =
	    (struct cdp_due_at){ h, loc, due_ms, cdp_arena_dup(&ix->mem, key) };
}

uint64_t
cdp_index_loc(const struct cdp_index *ix, struct cdp_hash128 h)
{
	return slots_get(&ix->keys, h);
}

static struct cdp_origin *
origin(const struct cdp_index *ix, struct cdp_str o)
{
	size_t i;

	for (i = 0; i < ix->norigin; i++)
		if (cdp_str_eq(ix->origin[i].o, o))
			return &ix->origin[i];
	return NULL;
}

static struct cdp_origin *
origin_make(struct cdp_index *ix, struct cdp_str o)
{
	struct cdp_origin *g = origin(ix, o);

	if (g != NULL)
		return g;
	ix->origin =
	    cdp_xreallocarray(ix->origin, ix->norigin + 1, sizeof(*ix->origin));
	g = &ix->origin[ix->norigin++];
	*g = (struct cdp_origin){ .o = cdp_arena_dup(&ix->mem, o) };
	return g;
}

/* The first span that ends at or behind n. */
static size_t
span_at(const struct cdp_origin *g, uint64_t n)
{
	size_t lo = 0, hi = g->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (g->v[mid].to < n)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

void
cdp_index_in(struct cdp_index *ix, struct cdp_str o, uint64_t from, uint64_t to,
    uint64_t q)
{
	struct cdp_origin *g = origin_make(ix, o);
	size_t at =
	    g->n != 0 && g->v[g->n - 1].to < from ? g->n : span_at(g, from);
	struct cdp_span *last = at != 0 ? &g->v[at - 1] : NULL;

	if (last != NULL && last->to + 1 == from &&
	    last->q + (from - last->from) == q) {
		last->to = to;
		return;
	}
	if (g->n == g->cap) {
		g->cap = g->cap != 0 ? g->cap * 2 : 8;
		g->v = cdp_xreallocarray(g->v, g->cap, sizeof(*g->v));
	}
	memmove(&g->v[at + 1], &g->v[at], (g->n - at) * sizeof(*g->v));
	g->v[at] = (struct cdp_span){ from, to, q };
	g->n++;
	ix->nspan++;
}

void
cdp_index_hash(struct cdp_index *ix, struct cdp_hash128 h, uint64_t q)
{
	slots_set(&ix->seen, h, q);
}

void
cdp_index_reserve(struct cdp_index *ix, uint64_t n)
{
	size_t cap = ix->seen.cap;

	while (cap != 0 && n * 4 >= (uint64_t)cap * 3)
		cap *= 2;
	if (cap != ix->seen.cap)
		slots_grow(&ix->seen, cap);
}

void
cdp_index_expect(const struct cdp_index *ix, struct cdp_hash128 h)
{
	const struct cdp_slots *t = &ix->seen;
	const struct cdp_slot *s;

	if (t->cap == 0)
		return;
	s = &t->v[h.lo & (t->cap - 1)];
	__builtin_prefetch(s);
	__builtin_prefetch((const char *)s + 64); /* few stand in their place */
}

uint64_t
cdp_index_where(const struct cdp_index *ix, const struct cdp_log_key *key)
{
	const struct cdp_origin *g;
	size_t at;

	if (key->n == 0)
		return slots_get(&ix->seen, key->h);
	g = origin(ix, key->o);
	if (g == NULL)
		return 0;
	at = span_at(g, key->n);
	if (at == g->n || g->v[at].from > key->n)
		return 0;
	return g->v[at].q + (key->n - g->v[at].from);
}

bool
cdp_index_hashed(
    const struct cdp_index *ix, struct cdp_hash128 h, struct cdp_hash128 *ret)
{
	const struct cdp_slot *s = ix->seen.n != 0 ? slot(&ix->seen, h) : NULL;

	if (s == NULL || s->val == 0)
		return false;
	*ret = (struct cdp_hash128){ s->lo, s->hi };
	return true;
}

void
cdp_index_epoch(struct cdp_index *ix, const struct cdp_epoch_at *at)
{
	if (ix->nepoch == ix->cepoch) {
		ix->cepoch = ix->cepoch != 0 ? ix->cepoch * 2 : 64;
		ix->epoch = cdp_xreallocarray(
		    ix->epoch, ix->cepoch, sizeof(*ix->epoch));
	}
	ix->epoch[ix->nepoch++] = *at;
}

const struct cdp_epoch_at *
cdp_index_find(const struct cdp_index *ix, uint64_t q)
{
	size_t lo = 0, hi = ix->nepoch, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (ix->epoch[mid].q <= q)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo == 0 ? NULL : &ix->epoch[lo - 1];
}

size_t
cdp_index_size(const struct cdp_index *ix)
{
	return ix->keys.n + ix->seen.n + ix->nspan + ix->ndue;
}
