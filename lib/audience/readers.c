#include "lib/audience/readers.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/num.h"
#include "lib/rule/ops.h"

/* ---- who reads what ---- */

/* One audience that is being filed. */
struct filing {
	struct cdp_readers *rd;
	uint32_t turn;
	bool jq; /* it has a program */
};

/* At such a number an answer about a trait changes. */
struct step {
	double at;
	uint32_t audience;
};

/* Who reads a trait. */
struct trait {
	struct cdp_ids all;
	struct cdp_ids always; /* those that any change may concern */
	struct step *step;     /* of the others, ascending */
	size_t nstep;
};

static void
add(struct cdp_ids *ids, uint32_t audience)
{
	if (ids->n != 0 && ids->v[ids->n - 1] == audience)
		return;
	ids->v = cdp_xreallocarray(ids->v, ids->n + 1, sizeof(*ids->v));
	ids->v[ids->n++] = audience;
}

static void
add_slot(void *arg, size_t slot)
{
	const struct filing *f = arg;

	add(&f->rd->slot[slot], f->turn);
}

/* Whether the answers of ops about numbers change only at some of them. */
static bool
has_steps(const struct cdp_ops *ops)
{
	for (; ops != NULL; ops = ops->next)
		switch (ops->kind) {
		case CDP_OP_EQ:
		case CDP_OP_NE:
		case CDP_OP_GT:
		case CDP_OP_GTE:
		case CDP_OP_LT:
		case CDP_OP_LTE:
		case CDP_OP_IN:
		case CDP_OP_NOT_IN:
		case CDP_OP_EXISTS:
			break;
		default:
			return false;
		}
	return true;
}

static void
add_step(struct trait *tr, double at, uint32_t audience)
{
	tr->step =
	    cdp_xreallocarray(tr->step, tr->nstep + 1, sizeof(*tr->step));
	tr->step[tr->nstep++] = (struct step){ at, audience };
}

static void
add_trait(
    const struct filing *f, struct cdp_str name, const struct cdp_ops *ops)
{
	struct trait **at = (struct trait **)cdp_map_at(&f->rd->trait, name);

	if (*at == NULL)
		*at = cdp_xcalloc(1, sizeof(**at));
	add(&(*at)->all, f->turn);
	if (ops == NULL || !has_steps(ops)) {
		add(&(*at)->always, f->turn);
		return;
	}
	for (; ops != NULL; ops = ops->next)
		for (size_t i = 0; i < ops->nv; i++)
			if (ops->v[i].kind == CDP_NUM)
				add_step(
				    *at, cdp_num_double(ops->v[i].s), f->turn);
}

static void
add_naming(const struct filing *f, struct cdp_str name)
{
	const struct cdp_project *pr = f->rd->pr;

	/* An audience comes after those it names. */
	for (size_t i = 0; i < f->turn; i++)
		if (cdp_str_eq(pr->audience[pr->order[i]].key, name))
			add(&f->rd->naming[i], f->turn);
}

static void
add_part(void *arg, enum cdp_reads what, struct cdp_str name,
    const struct cdp_ops *ops)
{
	struct filing *f = arg;

	switch (what) {
	case CDP_READS_TRAIT:
		add_trait(f, name, ops);
		break;
	case CDP_READS_GROUP:
		add(&f->rd->groups, f->turn);
		break;
	case CDP_READS_CONSENT:
		add(&f->rd->consent, f->turn);
		break;
	case CDP_READS_AUDIENCE:
		add_naming(f, name);
		break;
	case CDP_READS_ALL:
		add(&f->rd->whole, f->turn);
		f->jq = true;
		break;
	}
}

static bool
nobody(void *arg, struct cdp_str name)
{
	(void)arg;
	(void)name;
	return false;
}

/* Whether it is false of somebody of whom nothing is known. */
static bool
is_blank(const struct cdp_cond *c)
{
	static const unsigned known =
	    CDP_USES_EVENTS | CDP_USES_AUDIENCES | CDP_USES_TIME;
	struct cdp_hist none = { 0 };
	struct cdp_ctx ctx = { .hist = &none, .in_audience = nobody };

	return (cdp_cond_uses(c) & ~known) == 0 && !cdp_cond_test(c, &ctx);
}

static void
file(struct cdp_readers *rd, uint32_t turn)
{
	const struct cdp_cond *c = rd->pr->audience[rd->pr->order[turn]].when;
	struct filing f = { rd, turn, false };
	unsigned uses = cdp_cond_uses(c);
	bool groups = (uses & CDP_USES_GROUPS) != 0;

	cdp_cond_slots(c, add_slot, &f);
	cdp_cond_reads(c, add_part, &f);
	if ((uses & CDP_USES_LINE) != 0)
		add(&rd->line, turn);
	if (groups) {
		add(&rd->whole, turn);
		add(&rd->peers, turn);
	}
	rd->jq[turn] = f.jq && (uses & CDP_USES_AUDIENCES) != 0;
	if (rd->jq[turn] || groups)
		add(&rd->members, turn);
	if (!is_blank(c))
		add(&rd->fresh, turn);
}

static int
cmp_step(const void *a, const void *b)
{
	const struct step *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

void
cdp_readers_init(struct cdp_readers *rd, const struct cdp_project *pr,
    const struct cdp_wset *ws)
{
	struct cdp_map_ent *e;
	struct trait *tr;
	size_t i;

	*rd = (struct cdp_readers){ .pr = pr,
		.n = pr->naudience + pr->nasked,
		.nslot = cdp_wset_count(ws) };
	rd->slot = cdp_xcalloc(rd->nslot + 1, sizeof(*rd->slot));
	rd->naming = cdp_xcalloc(rd->n + 1, sizeof(*rd->naming));
	rd->jq = cdp_xcalloc(rd->n + 1, sizeof(*rd->jq));
	rd->turn = cdp_xcalloc(rd->n + 1, sizeof(*rd->turn));
	for (i = 0; i < rd->n; i++) {
		rd->turn[pr->order[i]] = (uint32_t)i;
		file(rd, (uint32_t)i);
	}
	for (i = 0; (e = cdp_map_next(&rd->trait, &i)) != NULL;) {
		tr = e->val;
		if (tr->nstep != 0)
			qsort(tr->step, tr->nstep, sizeof(*tr->step), cmp_step);
	}
}

void
cdp_readers_free(struct cdp_readers *rd)
{
	struct cdp_map_ent *e;
	struct trait *tr;
	size_t i;

	for (i = 0; i < rd->nslot; i++)
		free(rd->slot[i].v);
	for (i = 0; i < rd->n; i++)
		free(rd->naming[i].v);
	for (i = 0; (e = cdp_map_next(&rd->trait, &i)) != NULL;) {
		tr = e->val;
		free(tr->all.v);
		free(tr->always.v);
		free(tr->step);
		free(tr);
	}
	cdp_map_free(&rd->trait);
	free(rd->slot);
	free(rd->naming);
	free(rd->jq);
	free(rd->turn);
	free(rd->groups.v);
	free(rd->consent.v);
	free(rd->whole.v);
	free(rd->line.v);
	free(rd->members.v);
	free(rd->peers.v);
	free(rd->fresh.v);
}

/* ---- what differs ---- */

static bool
same(const struct cdp_tape *t, uint32_t a, const struct cdp_tape *u, uint32_t b)
{
	if (a == CDP_NOTOK || b == CDP_NOTOK)
		return a == b;
	return cdp_str_eq(cdp_tape_raw(t, a), cdp_tape_raw(u, b));
}

/* Mark those whose number stands from lo to hi. */
static void
add_steps(struct cdp_marks *mk, const struct trait *tr, double lo, double hi)
{
	size_t from = 0, to = tr->nstep, mid;

	while (from < to) {
		mid = from + (to - from) / 2;
		if (tr->step[mid].at < lo)
			from = mid + 1;
		else
			to = mid;
	}
	for (; from < tr->nstep && tr->step[from].at <= hi; from++)
		cdp_marks_set(mk, tr->step[from].audience);
}

/* From one number to another one, texts that are empty if it is none. */
static void
differ_number(const struct trait *tr, struct cdp_str a, struct cdp_str b,
    struct cdp_marks *mk)
{
	double x, y;

	if (a.n == 0 || b.n == 0) {
		cdp_marks_add(mk, &tr->all);
		return;
	}
	/* Rounding keeps the order, so what is between is so as doubles. */
	x = cdp_num_double(a);
	y = cdp_num_double(b);
	cdp_marks_add(mk, &tr->always);
	add_steps(mk, tr, x < y ? x : y, x < y ? y : x);
}

static struct cdp_str
number(const struct cdp_tape *t, uint32_t at)
{
	return cdp_tape_isa(t, at, CDP_NUM) ? cdp_tape_raw(t, at) : CDP_STR("");
}

static void
differ_trait(const struct trait *tr, const struct cdp_tape *t, uint32_t a,
    const struct cdp_tape *u, uint32_t b, struct cdp_marks *mk)
{
	if (!same(t, a, u, b))
		differ_number(tr, number(t, a), number(u, b), mk);
}

/* Ask for each trait that somebody reads. */
static void
differ_by_name(const struct cdp_readers *rd, const struct cdp_tape *t,
    uint32_t a, const struct cdp_tape *u, uint32_t b, struct cdp_marks *mk)
{
	struct cdp_map_ent *e;
	size_t i = 0;

	while ((e = cdp_map_next(&rd->trait, &i)) != NULL)
		differ_trait(e->val, t, cdp_tape_get(t, a, e->key), u,
		    cdp_tape_get(u, b, e->key), mk);
}

/* Most often the same traits come in the same order. */
static void
differ_traits(const struct cdp_readers *rd, const struct cdp_tape *t,
    uint32_t a, const struct cdp_tape *u, uint32_t b, struct cdp_marks *mk)
{
	uint32_t it = 0, iu = 0, key, val, ukey, uval;
	const struct trait *tr;
	struct cdp_str name;

	while (cdp_tape_next(t, a, &it, &key, &val)) {
		if (!cdp_tape_next(u, b, &iu, &ukey, &uval) ||
		    !same(t, key, u, ukey) || t->tok[key].escaped) {
			differ_by_name(rd, t, a, u, b, mk);
			return;
		}
		if (same(t, val, u, uval))
			continue;
		name = cdp_tape_raw(t, key);
		name = (struct cdp_str){ name.p + 1, name.n - 2 };
		if ((tr = cdp_map_get(&rd->trait, name)) != NULL)
			differ_trait(tr, t, val, u, uval, mk);
	}
	if (cdp_tape_next(u, b, &iu, &ukey, &uval))
		differ_by_name(rd, t, a, u, b, mk);
}

void
cdp_readers_differ(const struct cdp_readers *rd, const struct cdp_tape *t,
    uint32_t a, const struct cdp_tape *u, uint32_t b, struct cdp_marks *mk)
{
	static const char *const names[] = { "groups", "consent", "traits" };
	uint32_t x, y;

	cdp_marks_add(mk, &rd->whole);
	for (size_t i = 0; i < 3; i++) {
		x = cdp_tape_get(t, a, cdp_str_of(names[i]));
		y = cdp_tape_get(u, b, cdp_str_of(names[i]));
		if (same(t, x, u, y))
			continue;
		if (i < 2)
			cdp_marks_add(mk, i == 0 ? &rd->groups : &rd->consent);
		else
			differ_traits(rd, t, x, u, y, mk);
	}
}

/* ---- the same, of a text that need not be parsed ---- */

/* What is left of it. */
struct text {
	const char *p, *end;
};

static bool
skip(struct text *x, struct cdp_str s)
{
	if ((size_t)(x->end - x->p) < s.n || memcmp(x->p, s.p, s.n) != 0)
		return false;
	x->p += s.n;
	return true;
}

static bool
skip_key(struct text *x, const struct cdp_tape *u, uint32_t key)
{
	return skip(x, cdp_tape_raw(u, key)) && skip(x, CDP_STR(":"));
}

static bool
at_end(const struct text *x)
{
	return x->p < x->end && (*x->p == ',' || *x->p == '}');
}

/* The very same value. */
static bool
skip_same(struct text *x, const struct cdp_tape *u, uint32_t val)
{
	struct text was = *x;

	if (skip(x, cdp_tape_raw(u, val)) && at_end(x))
		return true;
	*x = was;
	return false;
}

/* Any scalar; *ret is empty unless it is a number. */
static bool
skip_scalar(struct text *x, struct cdp_str *ret)
{
	const char *from = x->p;

	*ret = CDP_STR("");
	if (from == x->end || *from == '{' || *from == '[')
		return false;
	if (*from == '"') {
		for (x->p++; x->p < x->end && *x->p != '"'; x->p++)
			if (*x->p == '\\')
				return false;
		x->p += x->p < x->end;
		return at_end(x);
	}
	while (x->p < x->end && !at_end(x))
		x->p++;
	if (*from == '-' || (*from >= '0' && *from <= '9'))
		*ret = (struct cdp_str){ from, (size_t)(x->p - from) };
	return at_end(x);
}

static bool
skip_traits(const struct cdp_readers *rd, struct text *x,
    const struct cdp_tape *u, uint32_t at, struct cdp_marks *mk)
{
	const struct trait *tr;
	struct cdp_str name, num;
	uint32_t it = 0, key, val;

	if (!skip(x, CDP_STR("{")))
		return false;
	for (bool first = true; cdp_tape_next(u, at, &it, &key, &val);
	     first = false) {
		if ((!first && !skip(x, CDP_STR(","))) || u->tok[key].escaped ||
		    !skip_key(x, u, key))
			return false;
		if (skip_same(x, u, val))
			continue;
		if (!skip_scalar(x, &num))
			return false;
		name = cdp_tape_raw(u, key);
		name = (struct cdp_str){ name.p + 1, name.n - 2 };
		if ((tr = cdp_map_get(&rd->trait, name)) != NULL)
			differ_number(tr, num, number(u, val), mk);
	}
	return skip(x, CDP_STR("}"));
}

bool
cdp_readers_differ_text(const struct cdp_readers *rd, struct cdp_str was,
    const struct cdp_tape *u, uint32_t b, struct cdp_marks *mk)
{
	struct text x = { was.p, was.p + was.n };
	uint32_t it = 0, key, val;
	struct cdp_str none;

	if (!skip(&x, CDP_STR("{\"id\":")) || !skip_scalar(&x, &none))
		return false;
	while (cdp_tape_next(u, b, &it, &key, &val)) {
		if (cdp_tape_streq(u, key, CDP_STR("id")) ||
		    cdp_tape_streq(u, key, CDP_STR("audiences")))
			continue;
		if (!skip(&x, CDP_STR(",")) || !skip_key(&x, u, key))
			return false;
		if (!skip_same(&x, u, val) &&
		    (!cdp_tape_streq(u, key, CDP_STR("traits")) ||
			!cdp_tape_isa(u, val, CDP_OBJECT) ||
			!skip_traits(rd, &x, u, val, mk)))
			return false;
	}
	cdp_marks_add(mk, &rd->whole);
	return skip(&x, CDP_STR("}")) && x.p == x.end;
}
