#include <stdlib.h>

#include "lib/base/due.h"
#include "lib/base/mem.h"

static bool
before(const struct cdp_due_own *a, const struct cdp_due_own *b)
{
	if (a->due_ms != b->due_ms)
		return a->due_ms < b->due_ms;
	return cdp_str_cmp(a->id, b->id) < 0;
}

static void
set(struct cdp_due *q, size_t at, struct cdp_due_own *o)
{
	q->v[at - 1] = o;
	o->at = at;
}

static void
up(struct cdp_due *q, struct cdp_due_own *o)
{
	size_t at = o->at;

	while (at > 1 && before(o, q->v[at / 2 - 1])) {
		set(q, at, q->v[at / 2 - 1]);
		at /= 2;
	}
	set(q, at, o);
}

static void
down(struct cdp_due *q, struct cdp_due_own *o)
{
	size_t at = o->at, kid;

	while ((kid = at * 2) <= q->n) {
		if (kid < q->n && before(q->v[kid], q->v[kid - 1]))
			kid++;
		if (!before(q->v[kid - 1], o))
			break;
		set(q, at, q->v[kid - 1]);
		at = kid;
	}
	set(q, at, o);
}

static void
take_out(struct cdp_due *q, struct cdp_due_own *o)
{
	struct cdp_due_own *last = q->v[--q->n];
	size_t at = o->at;

	o->at = 0;
	if (last == o)
		return;
	set(q, at, last);
	up(q, last);
	down(q, last);
}

void
cdp_due_set(struct cdp_due *q, struct cdp_due_own *o, int64_t due_ms)
{
	if (o->at != 0 && o->due_ms == due_ms)
		return;
	if (due_ms == INT64_MAX) {
		if (o->at != 0)
			take_out(q, o);
		return;
	}
	if (o->at == 0) {
		if (q->n == q->cap) {
			q->cap = q->cap != 0 ? q->cap * 2 : 64;
			q->v = cdp_xreallocarray(q->v, q->cap, sizeof(*q->v));
		}
		set(q, ++q->n, o);
	}
	o->due_ms = due_ms;
	up(q, o);
	down(q, o);
}

void
cdp_due_moved(struct cdp_due *q, struct cdp_due_own *o)
{
	if (o->at != 0)
		q->v[o->at - 1] = o;
}

struct cdp_due_own *
cdp_due_min(const struct cdp_due *q)
{
	return q->n != 0 ? q->v[0] : NULL;
}

void
cdp_due_free(struct cdp_due *q)
{
	free(q->v);
	*q = (struct cdp_due){ 0 };
}
