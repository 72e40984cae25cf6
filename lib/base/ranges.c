#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/ranges.h"

/* The first interval that ends at n or later. */
static size_t
seek(const struct cdp_ranges *r, uint64_t n)
{
	size_t lo = 0, hi = r->n;

	if (hi != 0 && r->v[hi - 1].to < n)
		return hi;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (r->v[mid].to < n)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void
insert(struct cdp_ranges *r, size_t at, struct cdp_range v)
{
	if (r->n == r->cap) {
		r->cap = r->cap != 0 ? r->cap * 2 : 8;
		r->v = cdp_xreallocarray(r->v, r->cap, sizeof(*r->v));
	}
	memmove(r->v + at + 1, r->v + at, (r->n - at) * sizeof(*r->v));
	r->v[at] = v;
	r->n++;
}

bool
cdp_ranges_add(struct cdp_ranges *r, uint64_t from, uint64_t to)
{
	/* The first that touches from - 1, so neighbours become one. */
	size_t at, end;
	bool fresh = true;

	if (r->n != 0 && from != 0 && r->v[r->n - 1].to == from - 1) {
		r->v[r->n - 1].to = to;
		return true;
	}
	at = end = seek(r, from != 0 ? from - 1 : 0);
	while (end < r->n && (to == UINT64_MAX || r->v[end].from <= to + 1)) {
		if (r->v[end].from <= to && r->v[end].to >= from)
			fresh = false;
		if (r->v[end].from < from)
			from = r->v[end].from;
		if (r->v[end].to > to)
			to = r->v[end].to;
		end++;
	}
	if (end == at) {
		insert(r, at, (struct cdp_range){ from, to });
		return true;
	}
	r->v[at] = (struct cdp_range){ from, to };
	memmove(r->v + at + 1, r->v + end, (r->n - end) * sizeof(*r->v));
	r->n -= end - at - 1;
	return fresh;
}

bool
cdp_ranges_has(const struct cdp_ranges *r, uint64_t n)
{
	size_t at = seek(r, n);

	return at < r->n && r->v[at].from <= n;
}

void
cdp_ranges_free(struct cdp_ranges *r)
{
	free(r->v);
	*r = (struct cdp_ranges){ 0 };
}
