#include "lib/rule/shares.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/write.h"

/* The history of a set, made if there is none. */
static struct cdp_hist *
of_set(struct cdp_shares *s, uint32_t set)
{
	uint32_t i = s->n;

	while (i != 0 && s->v[i - 1].set > set)
		i--;
	if (i != 0 && s->v[i - 1].set == set)
		return &s->v[i - 1].h;
	s->v = cdp_xreallocarray(s->v, s->n + 1, sizeof(*s->v));
	memmove(&s->v[i + 1], &s->v[i], (s->n - i) * sizeof(*s->v));
	s->n++;
	s->v[i] = (struct cdp_share){ .set = set };
	return &s->v[i].h;
}

/* From here on there is more than one set. */
static void
begin(struct cdp_shares *s, const struct cdp_hist *h, const struct cdp_wset *ws)
{
	if (s->n == 0)
		cdp_hist_merge(of_set(s, s->only), h, ws);
}

/* One that is alone is the whole history. */
static void
settle(struct cdp_shares *s)
{
	uint32_t i, k = 0;

	for (i = 0; i < s->n; i++)
		if (s->v[i].h.n != 0)
			s->v[k++] = s->v[i];
		else
			cdp_hist_free(&s->v[i].h);
	s->n = k;
	if (s->n > 1)
		return;
	s->only = s->n != 0 ? s->v[0].set : s->only;
	cdp_shares_free(&(struct cdp_shares){ .n = s->n, .v = s->v });
	s->v = NULL;
	s->n = 0;
}

bool
cdp_shares_event(struct cdp_shares *s, struct cdp_hist *h,
    const struct cdp_wset *ws, const struct cdp_identity *rules,
    const struct cdp_line *ln, void (*touched)(void *arg, size_t slot),
    void *arg)
{
	uint32_t set;

	if (!cdp_wset_names(ws, ln))
		return false;
	set = cdp_ident_set(rules, ln);
	if (s->n == 0 && h->n == 0)
		s->only = set;
	if (s->n != 0 || s->only != set) {
		begin(s, h, ws);
		cdp_hist_event(of_set(s, set), ws, ln, NULL, NULL);
	}
	return cdp_hist_event(h, ws, ln, touched, arg);
}

void
cdp_shares_join(struct cdp_shares *into, struct cdp_hist *h,
    struct cdp_shares *from, struct cdp_hist *fh, const struct cdp_wset *ws)
{
	uint32_t i;

	if (h->n == 0)
		into->only = from->only;
	if (fh->n != 0 &&
	    (into->n != 0 || from->n != 0 || into->only != from->only)) {
		if (h->n != 0)
			begin(into, h, ws);
		begin(from, fh, ws);
		for (i = 0; i < from->n; i++)
			cdp_hist_merge(
			    of_set(into, from->v[i].set), &from->v[i].h, ws);
	}
	cdp_hist_merge(h, fh, ws);
	cdp_hist_free(fh);
	cdp_shares_free(from);
}

bool
cdp_shares_expire(struct cdp_shares *s, struct cdp_hist *h,
    const struct cdp_wset *ws, int64_t now_ms)
{
	uint32_t i;

	for (i = 0; i < s->n; i++)
		cdp_hist_expire(&s->v[i].h, ws, now_ms);
	if (s->n != 0)
		settle(s);
	return cdp_hist_expire(h, ws, now_ms);
}

void
cdp_shares_write(
    struct cdp_buf *b, const struct cdp_shares *s, const struct cdp_wset *ws)
{
	uint32_t i;

	if (s->n == 0) {
		if (s->only != 0)
			cdp_json_ki64(b, "set", s->only);
		return;
	}
	cdp_json_key(b, "sets");
	cdp_buf_putc(b, '[');
	for (i = 0; i < s->n; i++) {
		cdp_json_comma(b);
		cdp_buf_putc(b, '{');
		cdp_json_ki64(b, "set", s->v[i].set);
		cdp_json_key(b, "h");
		cdp_hist_write(b, &s->v[i].h, ws);
		cdp_buf_putc(b, '}');
	}
	cdp_buf_putc(b, ']');
}

static uint32_t
number(const struct cdp_tape *t, uint32_t at, const char *name)
{
	int64_t v = 0;

	cdp_tape_i64(t, cdp_tape_get(t, at, cdp_str_of(name)), &v);
	return (uint32_t)v;
}

void
cdp_shares_read(struct cdp_shares *s, const struct cdp_wset *ws,
    const struct cdp_tape *t, uint32_t at)
{
	uint32_t list = cdp_tape_get(t, at, CDP_STR("sets"));
	uint32_t it = 0, key, val;

	s->only = number(t, at, "set");
	while (cdp_tape_next(t, list, &it, &key, &val))
		cdp_hist_read(of_set(s, number(t, val, "set")), ws, t,
		    cdp_tape_get(t, val, CDP_STR("h")));
}

size_t
cdp_shares_bytes(const struct cdp_shares *s)
{
	size_t n = s->n * sizeof(*s->v);

	for (uint32_t i = 0; i < s->n; i++)
		n += cdp_hist_bytes(&s->v[i].h);
	return n;
}

void
cdp_shares_free(struct cdp_shares *s)
{
	uint32_t i;

	for (i = 0; i < s->n; i++)
		cdp_hist_free(&s->v[i].h);
	free(s->v);
	*s = (struct cdp_shares){ 0 };
}

/* ---- taking apart ---- */

bool
cdp_moves_read(const struct cdp_line *ln, struct cdp_str *from,
    struct cdp_move **ret, size_t *n)
{
	const struct cdp_tape *t = ln->tape;
	uint32_t list = cdp_tape_get(t, 0, CDP_STR("sets"));
	uint32_t it = 0, key, val;
	struct cdp_move *v;

	*from = cdp_tape_str(t, cdp_tape_get(t, 0, CDP_STR("from")), ln->mem);
	if (ln->type != CDP_UNMERGE || from->n == 0 ||
	    !cdp_tape_isa(t, list, CDP_ARRAY))
		return false;
	v = cdp_arena_calloc(ln->mem, cdp_tape_count(t, list) + 1, sizeof(*v));
	for (*ret = v; cdp_tape_next(t, list, &it, &key, &val); v++) {
		v->set = number(t, val, "set");
		v->is = number(t, val, "is");
		v->of = cdp_tape_str(
		    t, cdp_tape_get(t, val, CDP_STR("of")), ln->mem);
	}
	*n = (size_t)(v - *ret);
	return true;
}

const struct cdp_move *
cdp_moves_find(const struct cdp_move *v, size_t n, uint32_t set)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i].set == set)
			return &v[i];
	return NULL;
}

void
cdp_shares_split(struct cdp_shares *s, struct cdp_hist *h,
    const struct cdp_wset *ws, const struct cdp_move *v, size_t n)
{
	struct cdp_shares was = *s, own;
	struct cdp_hist whole = *h, own_h;
	const struct cdp_move *mv;
	uint32_t i;

	begin(&was, &whole, ws);
	*s = (struct cdp_shares){ 0 };
	*h = (struct cdp_hist){ 0 };
	for (i = 0; i < was.n; i++) {
		mv = cdp_moves_find(v, n, was.v[i].set);
		own = (struct cdp_shares){ mv != NULL ? mv->is : was.v[i].set,
			0, NULL };
		own_h = was.v[i].h;
		was.v[i].h = (struct cdp_hist){ 0 };
		if (mv == NULL)
			cdp_shares_join(s, h, &own, &own_h, ws);
		else if (mv->to != NULL)
			cdp_shares_join(mv->to, mv->to_h, &own, &own_h, ws);
		else
			cdp_hist_free(&own_h);
	}
	cdp_shares_free(&was);
	cdp_hist_free(&whole);
}
