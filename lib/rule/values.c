#include "lib/rule/values.h"

struct cdp_val *
cdp_val_new(struct cdp_str json, struct cdp_str mid)
{
	struct cdp_val *v = cdp_xmalloc(sizeof(*v) + json.n + mid.n);

	v->n = 0;
	v->jlen = (uint32_t)json.n;
	v->mlen = (uint32_t)mid.n;
	memcpy(v->p, json.p, json.n);
	if (mid.n != 0)
		memcpy(v->p + json.n, mid.p, mid.n);
	return v;
}

/* ---- sets ---- */

/*
 * Strings alphabetically: without the closing quote, which would sort "a b"
 * before "a".
 */
static int
alphabetical(struct cdp_str a, struct cdp_str b)
{
	if (a.n != 0 && a.p[0] == '"')
		a.n--;
	if (b.n != 0 && b.p[0] == '"')
		b.n--;
	return cdp_str_cmp(a, b);
}

/* Its place in the set, or the place it would have (*found false). */
static size_t
find(const struct cdp_values *s, struct cdp_str json, bool *found)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = alphabetical(cdp_val_json(s->v[mid]), json);

		if (c == 0) {
			*found = true;
			return mid;
		}
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	*found = false;
	return lo;
}

struct cdp_val *
cdp_values_add(struct cdp_values *s, struct cdp_str json, int64_t weight)
{
	bool found;
	size_t i = find(s, json, &found);

	if (!found && s->n == CDP_VALUES_MAX)
		return NULL;
	if (!found) {
		if (s->n == s->cap) {
			s->cap = s->cap != 0 ? s->cap * 2 : 4;
			s->v = cdp_xreallocarray(s->v, s->cap, sizeof(*s->v));
		}
		memmove(&s->v[i + 1], &s->v[i], (s->n - i) * sizeof(*s->v));
		s->v[i] = cdp_val_new(json, CDP_STR(""));
		s->n++;
	}
	s->v[i]->n += (uint32_t)weight;
	return s->v[i];
}

void
cdp_values_drop(struct cdp_values *s, struct cdp_val *v)
{
	bool found;
	size_t i;

	if (--v->n != 0)
		return;
	i = find(s, cdp_val_json(v), &found);
	s->n--;
	memmove(&s->v[i], &s->v[i + 1], (s->n - i) * sizeof(*s->v));
	free(v);
}

void
cdp_values_free(struct cdp_values *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		free(s->v[i]);
	free(s->v);
}

/* ---- points ---- */

void
cdp_points_insert(struct cdp_points *s, size_t i, struct cdp_pt pt)
{
	if (s->head + s->n == s->cap) {
		if (s->head > s->n) {
			memmove(s->v, s->v + s->head, s->n * sizeof(*s->v));
			s->head = 0;
		} else {
			s->cap = s->cap != 0 ? s->cap * 2 : 4;
			s->v = cdp_xreallocarray(s->v, s->cap, sizeof(*s->v));
		}
	}
	memmove(cdp_points_at(s, i + 1), cdp_points_at(s, i),
	    (s->n - i) * sizeof(*s->v));
	*cdp_points_at(s, i) = pt;
	s->n++;
}

void
cdp_points_cut(struct cdp_points *s, size_t i, size_t n)
{
	if (n == 0)
		return;
	memmove(cdp_points_at(s, i), cdp_points_at(s, i + n),
	    (s->n - i - n) * sizeof(*s->v));
	s->n -= n;
}

void
cdp_points_shift(struct cdp_points *s)
{
	s->head++;
	if (--s->n == 0)
		s->head = 0;
}

struct cdp_pt
cdp_pt_of(int64_t ms, struct cdp_dec d)
{
	struct cdp_pt pt = { .ms = ms };

	memcpy(pt.u.dec, &d.v, sizeof(d.v));
	return pt;
}

struct cdp_dec
cdp_pt_dec(const struct cdp_pt *pt)
{
	struct cdp_dec d;

	memcpy(&d.v, pt->u.dec, sizeof(d.v));
	return d;
}

struct cdp_stamp
cdp_pt_stamp(const struct cdp_pt *pt)
{
	const struct cdp_val *v = pt->u.val;

	return (struct cdp_stamp){ pt->ms, { v->p + v->jlen, v->mlen } };
}
