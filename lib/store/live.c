#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/store/live.h"
#include "lib/store/sealed.h"

/* The next entry of one segment's index. */
struct cursor {
	struct cdp_hash128 h;
	size_t seg;
	uint64_t at;
};

struct heap {
	struct cdp_log *log;
	struct cursor *v;
	size_t n;
	uint64_t steps;
};

#define STEPS ((uint64_t)1 << 18)

/* What was merged need not stay in memory. */
static void
forget(struct heap *hp)
{
	size_t i;

	for (i = 0; i < hp->log->nsealed; i++)
		cdp_idx_forget(&hp->log->sealed[i].idx);
}

static int
cmp_hash(struct cdp_hash128 a, struct cdp_hash128 b)
{
	if (a.lo != b.lo)
		return a.lo < b.lo ? -1 : 1;
	return (a.hi > b.hi) - (a.hi < b.hi);
}

/* By hash; of one key, the newest segment first. */
static bool
before(const struct cursor *a, const struct cursor *b)
{
	int c = cmp_hash(a->h, b->h);

	return c != 0 ? c < 0 : a->seg > b->seg;
}

static void
sink(struct heap *hp, size_t i)
{
	struct cursor c = hp->v[i];
	size_t kid;

	for (; (kid = 2 * i + 1) < hp->n; i = kid) {
		if (kid + 1 < hp->n && before(&hp->v[kid + 1], &hp->v[kid]))
			kid++;
		if (!before(&hp->v[kid], &c))
			break;
		hp->v[i] = hp->v[kid];
	}
	hp->v[i] = c;
}

/* The first cursor goes on to its next entry. */
static void
advance(struct heap *hp)
{
	struct cursor *c = &hp->v[0];
	const struct cdp_idx *x = &hp->log->sealed[c->seg].idx;

	if (++hp->steps % STEPS == 0)
		forget(hp);
	if (++c->at < x->nkey)
		c->h = cdp_idx_hash(x, c->at);
	else
		*c = hp->v[--hp->n];
	if (hp->n != 0)
		sink(hp, 0);
}

int
cdp_live_find(struct cdp_log *log, struct cdp_live *ret, struct cdp_err *err)
{
	struct heap hp = { .log = log };
	struct cdp_hash128 last = { 0 };
	bool any = false;
	const struct cdp_idx *x;
	struct cursor *c;
	size_t i;
	int rc;

	*ret = (struct cdp_live){ 0 };
	for (i = 0; i < log->nsealed; i++)
		if ((rc = cdp_sealed_sound(log, i, err)) != 0)
			return rc;
	ret->n = log->nsealed;
	ret->bits = cdp_xcalloc(log->nsealed + 1, sizeof(*ret->bits));
	hp.v = cdp_xreallocarray(NULL, log->nsealed + 1, sizeof(*hp.v));
	for (i = 0; i < log->nsealed; i++) {
		x = &log->sealed[i].idx;
		ret->bits[i] = cdp_xcalloc(x->nkey / 8 + 1, 1);
		if (x->nkey != 0)
			hp.v[hp.n++] =
			    (struct cursor){ cdp_idx_hash(x, 0), i, 0 };
	}
	for (i = hp.n; i-- > 0;)
		sink(&hp, i);
	while (hp.n != 0) {
		c = &hp.v[0];
		if (!any || cmp_hash(c->h, last) != 0) {
			ret->bits[c->seg][c->at / 8] |=
			    (uint8_t)(1 << c->at % 8);
			ret->nlive++;
		} else {
			ret->ndead++;
		}
		last = c->h;
		any = true;
		advance(&hp);
	}
	forget(&hp);
	free(hp.v);
	return 0;
}

bool
cdp_live_has(const struct cdp_live *lv, const struct cdp_log *log, size_t i,
    struct cdp_hash128 h, uint64_t loc)
{
	struct cdp_idx *x = &log->sealed[i].idx;
	uint64_t at = cdp_idx_find_key(x, h);

	return at != x->nkey && cdp_idx_place(x, at) == loc &&
	    (lv->bits[i][at / 8] & 1 << at % 8) != 0;
}

int
cdp_live_fresh(struct cdp_log *log, uint64_t *ret, struct cdp_err *err)
{
	const struct cdp_slot *s = log->ix.keys.v;
	const struct cdp_slot *end = s + log->ix.keys.cap;
	struct cdp_hash128 h;
	uint64_t loc;
	size_t i;
	int rc;

	for (*ret = 0; s < end; s++) {
		if (s->val == 0)
			continue;
		h = (struct cdp_hash128){ .lo = s->lo, .hi = s->hi };
		rc = cdp_sealed_key(log, 0, log->nsealed, h, &i, &loc, err);
		if (rc < 0)
			return rc;
		*ret += rc == CDP_END;
	}
	return 0;
}

void
cdp_live_free(struct cdp_live *lv)
{
	size_t i;

	for (i = 0; i < lv->n; i++)
		free(lv->bits[i]);
	free(lv->bits);
	*lv = (struct cdp_live){ 0 };
}
