#include "lib/audience/circle.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/write.h"

static struct cdp_circle *
circle(struct cdp_state *k)
{
	return (struct cdp_circle *)k; /* its first member */
}

/* ---- in the store ---- */

static void
clear(void *self, struct cdp_state *k)
{
	(void)self;
	(void)k;
}

static bool
empty(void *self, const struct cdp_state *k)
{
	(void)self;
	return ((const struct cdp_circle *)k)->n == 0;
}

static size_t
bytes(void *self, const struct cdp_state *k)
{
	(void)self;
	return ((const struct cdp_circle *)k)->cap * 64;
}

static void
drop(void *self, struct cdp_state *k)
{
	struct cdp_circle *c = circle(k);

	(void)self;
	for (size_t i = 0; i < c->n; i++)
		cdp_mem_disown(&c->v[i].id);
	free(c->v);
}

static size_t
place(const struct cdp_circle *c, struct cdp_str id)
{
	size_t lo = 0, hi = c->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (cdp_str_cmp(c->v[mid].id, id) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct cdp_peer *
find(const struct cdp_circle *c, struct cdp_str id)
{
	size_t i = place(c, id);

	return i < c->n && cdp_str_eq(c->v[i].id, id) ? &c->v[i] : NULL;
}

static struct cdp_peer *
enter(struct cdp_circle *c, struct cdp_str id)
{
	size_t i = place(c, id);

	if (i < c->n && cdp_str_eq(c->v[i].id, id))
		return &c->v[i];
	if (c->n == c->cap) {
		c->cap = c->cap == 0 ? 4 : c->cap * 2;
		c->v = cdp_xreallocarray(c->v, c->cap, sizeof(*c->v));
	}
	memmove(&c->v[i + 1], &c->v[i], (c->n - i) * sizeof(*c->v));
	c->v[i] = (struct cdp_peer){ .id = cdp_mem_own(id) };
	c->n++;
	return &c->v[i];
}

static void
read(void *self, struct cdp_state *k, const struct cdp_tape *t)
{
	const struct cdp_circles *cs = self;
	const struct cdp_audience *v = &cs->pr->audience[cs->pr->naudience];
	uint32_t it = 0, jt, key, val, nokey, el;
	struct cdp_arena mem = { 0 };
	struct cdp_peer *p;

	circle(k)->restless =
	    cdp_tape_get(t, 0, CDP_STR("restless")) != CDP_NOTOK;
	while (cdp_tape_next(
	    t, cdp_tape_get(t, 0, CDP_STR("m")), &it, &key, &val)) {
		p = enter(circle(k), cdp_tape_str(t, key, &mem));
		for (jt = 0; cdp_tape_next(t, val, &jt, &nokey, &el);)
			for (size_t i = 0; i < cs->pr->nasked; i++)
				if (cdp_tape_streq(t, el, v[i].key))
					p->holds |= UINT64_C(1) << i;
	}
	cdp_arena_free(&mem);
}

static void
write(void *self, const struct cdp_state *k, struct cdp_buf *b)
{
	const struct cdp_circles *cs = self;
	const struct cdp_audience *v = &cs->pr->audience[cs->pr->naudience];
	const struct cdp_circle *c = (const struct cdp_circle *)k;

	cdp_buf_puts(b, "{\"m\":{");
	for (size_t i = 0; i < c->n; i++) {
		cdp_json_comma(b);
		cdp_json_str(b, c->v[i].id);
		cdp_buf_puts(b, ":[");
		for (size_t h = 0; h < cs->pr->nasked; h++)
			if ((c->v[i].holds >> h & 1) != 0) {
				cdp_json_comma(b);
				cdp_json_str(b, v[h].key);
			}
		cdp_buf_putc(b, ']');
	}
	cdp_buf_puts(b, c->restless ? "},\"restless\":true}" : "}}");
}

void
cdp_circles_init(struct cdp_circles *cs, const struct cdp_project *pr,
    const struct cdp_wset *ws)
{
	static const struct cdp_states_ops ops = {
		.size = sizeof(struct cdp_circle),
		.clear = clear,
		.read = read,
		.write = write,
		.empty = empty,
		.bytes = bytes,
		.drop = drop,
	};

	*cs = (struct cdp_circles){ .pr = pr, .ws = ws };
	cdp_states_init(&cs->all, &ops, cs);
	cs->used = cdp_xcalloc(pr->ngroup + 1, sizeof(*cs->used));
	cs->of = cdp_xcalloc(pr->ngroup + 1, sizeof(*cs->of));
	for (size_t i = 0; i < pr->nasked; i++)
		cs->used[pr->audience[pr->naudience + i].group] = true;
}

void
cdp_circles_free(struct cdp_circles *cs)
{
	cdp_states_free(&cs->all);
	cdp_buf_free(&cs->key);
	free(cs->stirred);
	free(cs->used);
	free(cs->of);
}

/* ---- who is where ---- */

int
cdp_circles_get(struct cdp_circles *cs, size_t kind, struct cdp_str id,
    struct cdp_circle **ret, struct cdp_err *err)
{
	struct cdp_str name = cs->pr->group[kind].name;
	struct cdp_state *k;
	int rc;

	*ret = NULL;
	if (id.n == 0)
		return 0;
	cdp_buf_reset(&cs->key);
	cdp_buf_printf(&cs->key, "g:%.*s:", (int)name.n, name.p);
	cdp_buf_put(&cs->key, id);
	rc = cdp_states_get(&cs->all, cdp_buf_str(&cs->key), &k, err);
	*ret = rc == 0 ? circle(k) : NULL;
	return rc;
}

int
cdp_circles_of(
    struct cdp_circles *cs, const struct cdp_member *m, struct cdp_err *err)
{
	int rc = 0;

	for (size_t k = 0; rc == 0 && k < cs->pr->ngroup; k++)
		if (cs->used[k])
			rc = cdp_circles_get(
			    cs, k, m->group[k].shown, &cs->of[k], err);
	return rc;
}

bool
cdp_circles_holds(const struct cdp_circles *cs, const struct cdp_member *m,
    size_t i, enum cdp_members_ask ask)
{
	const struct cdp_circle *c = cs->of[cs->pr->audience[i].group];
	size_t bit = i - cs->pr->naudience, n = 0;

	if (c == NULL)
		return false;
	for (size_t k = 0; k < c->n; k++)
		if (cdp_str_eq(c->v[k].id, m->k.due.id))
			n += cdp_seats_get(&m->seats, (uint32_t)i).since_ms !=
			    CDP_TIME_NONE;
		else
			n += c->v[k].holds >> bit & 1;
	return ask == CDP_OF_ANY ? n != 0
	    : ask == CDP_OF_ALL  ? n == c->n
				 : n == 0;
}

struct cdp_str
cdp_circles_shown(
    const struct cdp_circles *cs, size_t kind, const struct cdp_line *ln)
{
	const struct cdp_tape *t = ln->tape;
	uint32_t at = cdp_tape_get(t, ln->profile, CDP_STR("groups"));

	at = cdp_tape_get(t, at, cs->pr->group[kind].name);
	return cdp_tape_str(t, cdp_tape_get(t, at, CDP_STR("id")), ln->mem);
}

static void
stir(struct cdp_circles *cs, struct cdp_circle *c)
{
	cdp_states_changed(&cs->all, &c->k);
	if (c->stirred)
		return;
	c->stirred = true;
	if (cs->nstirred == cs->cap) {
		cs->cap = cs->cap == 0 ? 4 : cs->cap * 2;
		cs->stirred = cdp_xreallocarray(
		    cs->stirred, cs->cap, sizeof(struct cdp_circle *));
	}
	cs->stirred[cs->nstirred++] = c;
}

/* Take id out of a circle and forget that it was there. */
static int
leave(struct cdp_circles *cs, size_t kind, struct cdp_str *was,
    struct cdp_str id, struct cdp_err *err)
{
	struct cdp_circle *c;
	struct cdp_peer *p;
	int rc = cdp_circles_get(cs, kind, *was, &c, err);

	if (rc == 0 && c != NULL && (p = find(c, id)) != NULL) {
		cdp_mem_disown(&p->id);
		c->n--;
		memmove(p, p + 1, (size_t)(c->v + c->n - p) * sizeof(*p));
		stir(cs, c);
	}
	cdp_mem_disown(was);
	return rc;
}

/* What m did for the group it was in. */
static void
forget(struct cdp_circles *cs, size_t kind, struct cdp_member *m)
{
	struct cdp_str name = cs->pr->group[kind].name;

	cdp_hist_regroup(&m->hist, cs->ws, name);
	for (uint32_t i = 0; i < m->shares.n; i++)
		cdp_hist_regroup(&m->shares.v[i].h, cs->ws, name);
}

static int
move(struct cdp_circles *cs, size_t kind, struct cdp_member *m,
    struct cdp_str to, struct cdp_err *err)
{
	struct cdp_group_seat *g = &m->group[kind];
	struct cdp_circle *c;
	int rc = 0;

	if (g->other.n != 0 && !cdp_str_eq(g->other, to))
		rc = leave(cs, kind, &g->other, m->k.due.id, err);
	cdp_mem_disown(&g->other);
	if (rc != 0 || cdp_str_eq(g->shown, to))
		return rc;
	if (g->shown.n != 0) {
		forget(cs, kind, m);
		rc = leave(cs, kind, &g->shown, m->k.due.id, err);
	}
	if (rc == 0)
		rc = cdp_circles_get(cs, kind, to, &c, err);
	if (rc != 0)
		return rc;
	m->all = true;
	g->shown = cdp_mem_own(to);
	if (c != NULL) {
		enter(c, m->k.due.id)->holds = 0;
		stir(cs, c);
	}
	return 0;
}

int
cdp_circles_move(struct cdp_circles *cs, struct cdp_member *m,
    const struct cdp_line *ln, struct cdp_err *err)
{
	int rc = 0;

	for (size_t k = 0; rc == 0 && k < cs->pr->ngroup; k++)
		if (cs->used[k])
			rc = move(cs, k, m, cdp_circles_shown(cs, k, ln), err);
	return rc;
}

int
cdp_circles_note(
    struct cdp_circles *cs, const struct cdp_member *m, struct cdp_err *err)
{
	const struct cdp_project *pr = cs->pr;
	struct cdp_peer *p;
	uint64_t holds = 0;
	int rc = cdp_circles_of(cs, m, err);

	for (uint32_t i = 0; i < m->seats.n; i++)
		if (m->seats.v[i].since_ms != CDP_TIME_NONE &&
		    m->seats.v[i].audience >= pr->naudience)
			holds |= UINT64_C(1)
			    << (m->seats.v[i].audience - pr->naudience);
	for (size_t k = 0; rc == 0 && k < pr->ngroup; k++) {
		if (!cs->used[k] || cs->of[k] == NULL)
			continue;
		p = enter(cs->of[k], m->k.due.id);
		if (p->holds == holds && !cs->of[k]->restless)
			continue;
		p->holds = holds;
		cs->of[k]->restless = false;
		stir(cs, cs->of[k]);
	}
	return rc;
}

int
cdp_circles_join(struct cdp_circles *cs, struct cdp_member *into,
    struct cdp_member *from, struct cdp_err *err)
{
	struct cdp_circle *c;
	int rc = 0;

	for (size_t k = 0; rc == 0 && k < cs->pr->ngroup; k++) {
		struct cdp_group_seat *a = &into->group[k];
		struct cdp_group_seat *b = &from->group[k];

		if (!cs->used[k] || b->shown.n == 0)
			continue;
		rc = cdp_circles_get(cs, k, b->shown, &c, err);
		if (rc == 0)
			enter(c, into->k.due.id);
		if (rc == 0 && a->shown.n == 0)
			a->shown = cdp_mem_own(b->shown);
		else if (rc == 0 && !cdp_str_eq(a->shown, b->shown)) {
			cdp_mem_disown(&a->other);
			a->other = cdp_mem_own(b->shown);
			forget(cs, k, from);
		}
	}
	if (rc == 0)
		rc = cdp_circles_quit(cs, from, err);
	while ((c = cdp_circles_stirred(cs)) != NULL)
		c->restless = true;
	return rc;
}

int
cdp_circles_quit(
    struct cdp_circles *cs, struct cdp_member *m, struct cdp_err *err)
{
	int rc = 0;

	for (size_t k = 0; rc == 0 && k < cs->pr->ngroup; k++) {
		struct cdp_group_seat *g = &m->group[k];

		if (!cs->used[k])
			continue;
		rc = leave(cs, k, &g->shown, m->k.due.id, err);
		if (rc == 0)
			rc = leave(cs, k, &g->other, m->k.due.id, err);
	}
	return rc;
}

struct cdp_circle *
cdp_circles_stirred(struct cdp_circles *cs)
{
	struct cdp_circle *c;

	if (cs->nstirred == 0)
		return NULL;
	c = cs->stirred[--cs->nstirred];
	c->stirred = false;
	return c;
}
