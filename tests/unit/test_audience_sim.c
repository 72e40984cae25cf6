/*
 * Audiences of random projects over random streams, against an evaluator that
 * knows no timers, counters or groups' books: it keeps every event and asks
 * every condition of everybody at every second.  Late events, merges, moves
 * between groups and groups' conditions included.  What fails is made smaller
 * and printed.  CDP_SIM=N runs N projects (120).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lib/audience/audience.h"
#include "lib/base/map.h"
#include "lib/store/outs.h"
#include "tests/unit/project_dir.h"

#define BASE INT64_C(1772323200)
#define NAUD 6
#define NPEOPLE 5
#define NOPS 70
#define NEV 400

static uint32_t seed;

static unsigned
pick(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

/* ---- projects ---- */

enum kind { EV, TR, NOT, ALL, ANY, AU, GR };

struct cond {
	enum kind kind;
	int ev, min, from, to, op, n; /* EV; TR: n */
	int aud, ask;
	struct cond *kid[2];
};

static struct cond pool[500];
static size_t npool;
static struct cond *audience[NAUD];
static bool grouped[NAUD];
static const char *const ops[] = { "gte", "eq", "lt", "ne" };
static const char *const asks[] = { "any", "all", "none" };

static struct cond *
gen(int depth, int aud, bool inner)
{
	struct cond *c = &pool[npool++];
	unsigned k = pick(depth > 2 ? 3 : 10);

	*c = (struct cond){ .kind = EV };
	if (k < 2) {
		c->ev = (int)pick(2);
		c->min = (int)pick(3);
		c->op = pick(3) == 0 ? (int)pick(4) : 0;
		c->n = 1 + (int)pick(3);
		c->to = pick(4) == 0 ? 0 : 2 + (int)pick(14);
		c->from = c->to > 3 && pick(4) == 0 ? 1 + (int)pick(3) : 0;
	} else if (k == 2) {
		c->kind = TR;
		c->n = (int)pick(4);
	} else if (k < 5) {
		c->kind = NOT;
		c->kid[0] = gen(depth + 1, aud, inner);
	} else if (k < 7 || inner) {
		c->kind = k % 2 != 0 ? ALL : ANY;
		c->kid[0] = gen(depth + 1, aud, inner);
		c->kid[1] = gen(depth + 1, aud, inner);
	} else if (k == 7 && aud > 0) {
		c->kind = AU;
		c->aud = (int)pick((unsigned)aud);
		grouped[aud] |= grouped[c->aud];
	} else {
		c->kind = GR;
		c->ask = (int)pick(3);
		grouped[aud] = true;
		c->kid[0] = gen(depth + 1, aud, true);
	}
	return c;
}

static void
print(struct cdp_buf *b, const struct cond *c)
{
	cdp_buf_putc(b, '{');
	switch (c->kind) {
	case EV:
		cdp_buf_printf(b,
		    "event: %c, where: {properties.v: {gte: %d}}, "
		    "count: {%s: %d}",
		    'A' + c->ev, c->min, ops[c->op], c->n);
		if (c->from != 0)
			cdp_buf_printf(
			    b, ", between: [%ds, %ds]", c->from, c->to);
		else if (c->to != 0)
			cdp_buf_printf(b, ", within: %ds", c->to);
		break;
	case TR:
		cdp_buf_printf(b, "trait: n, gte: %d", c->n);
		break;
	case AU:
		cdp_buf_printf(b, "audience: a%d", c->aud);
		break;
	case NOT:
		cdp_buf_puts(b, "not: ");
		print(b, c->kid[0]);
		break;
	case GR:
		cdp_buf_printf(b, "in_group: g, %s: ", asks[c->ask]);
		print(b, c->kid[0]);
		break;
	case ALL:
	case ANY:
		cdp_buf_puts(b, c->kind == ALL ? "all: [" : "any: [");
		print(b, c->kid[0]);
		cdp_buf_puts(b, ", ");
		print(b, c->kid[1]);
		cdp_buf_putc(b, ']');
		break;
	}
	cdp_buf_putc(b, '}');
}

/* ---- streams ---- */

enum what { EVENT, LATE, TRAIT, MOVE, CLOCK, MERGE };

struct op {
	enum what what;
	int dt, who, ev, v, ctx, n, group, other;
};

static struct op op[NOPS];

static void
gen_ops(void)
{
	static const enum what often[] = { EVENT, EVENT, EVENT, EVENT, LATE,
		TRAIT, MOVE, MOVE, CLOCK, CLOCK, MERGE };

	for (size_t i = 0; i < NOPS; i++)
		op[i] = (struct op){ .what = often[pick(11)],
			.dt = (int)pick(4),
			.who = (int)pick(NPEOPLE),
			.ev = (int)pick(2),
			.v = (int)pick(4),
			.ctx = pick(3) == 0 ? 1 + (int)pick(2) : 0,
			.n = (int)pick(5),
			.group = (int)pick(3),
			.other = (int)pick(NPEOPLE) };
}

/* ---- both sides tell what happened ---- */

struct told {
	int who, aud, at;
	bool in;
};

struct story {
	struct told v[4000];
	size_t n;
};

static struct story ours, theirs;

static void
tell(struct story *s, int who, int aud, int at, bool in)
{
	assert_true(s->n < 4000);
	s->v[s->n++] = (struct told){ who, aud, at, in };
}

/* ---- the evaluator ---- */

struct event {
	int ts, ev, v;
	bool counts; /* for the group that its person is in */
};

struct person {
	struct event e[NEV];
	size_t n;
	int trait, group, into, now;
	bool known, in[NAUD];
};

static struct person people[NPEOPLE];

static bool
holds(const struct cond *c, const struct person *p, int at, bool inner)
{
	int n = 0, all = 0;

	switch (c->kind) {
	case EV:
		for (size_t i = 0; i < p->n; i++)
			n += p->e[i].ev == c->ev && p->e[i].v >= c->min &&
			    (p->e[i].counts || !inner) &&
			    (c->to == 0 ||
				(p->e[i].ts + c->from <= at &&
				    at < p->e[i].ts + c->to));
		return c->op == 0 ? n >= c->n
		    : c->op == 1  ? n == c->n
		    : c->op == 2  ? n < c->n
				  : n != c->n;
	case TR:
		return p->trait >= c->n;
	case AU:
		return p->in[c->aud];
	case NOT:
		return !holds(c->kid[0], p, at, inner);
	case ALL:
		return holds(c->kid[0], p, at, inner) &&
		    holds(c->kid[1], p, at, inner);
	case ANY:
		return holds(c->kid[0], p, at, inner) ||
		    holds(c->kid[1], p, at, inner);
	case GR:
		break;
	}
	for (size_t i = 0; i < NPEOPLE; i++) {
		const struct person *q = &people[i];

		if (!q->known || q->group != p->group)
			continue;
		all++;
		n += holds(c->kid[0], q, at, true);
	}
	return p->group != 0 &&
	    (c->ask == 0          ? n > 0
		    : c->ask == 1 ? n == all
				  : n == 0);
}

static void
judge(struct person *p, int at, int stamp)
{
	bool is;

	for (int a = 0; a < NAUD && p->known; a++) {
		is = holds(audience[a], p, at, false);
		if (is != p->in[a])
			tell(&theirs, (int)(p - people), a, stamp, is);
		p->in[a] = is;
	}
}

/* Those in one of the groups, and p, come to at, second by second. */
static void
advance(const struct person *p, unsigned groups, int at)
{
	for (int s = 0; s <= at; s++)
		for (size_t i = 0; i < NPEOPLE; i++) {
			struct person *q = &people[i];

			if ((q == p || (groups >> q->group & 1) != 0) &&
			    q->known && q->now < s) {
				q->now = s;
				judge(q, s, s);
			}
		}
}

static void
move(struct person *p, int group)
{
	if (p->group == group)
		return;
	for (size_t i = 0; p->group != 0 && i < p->n; i++)
		p->e[i].counts = false;
	p->group = group;
}

/* A line of p, whose profile shows that group from now on. */
static void
line(struct person *p, int at, int group, int trait, const struct event *e,
    unsigned others)
{
	unsigned groups = others | 1u << group | 1u << p->group;

	groups &= ~1u;
	if (!p->known)
		p->now = at;
	advance(p, groups, at);
	p->known = true;
	p->trait = trait;
	move(p, group);
	if (e != NULL) {
		p->e[p->n] = *e;
		p->e[p->n++].counts &= group != 0;
	}
	judge(p, at, e != NULL ? e->ts : at);
	for (size_t i = 0; i < NPEOPLE; i++)
		if ((groups >> people[i].group & 1) != 0 && &people[i] != p)
			judge(&people[i], at, at);
}

static unsigned
merge(struct person *into, struct person *from)
{
	unsigned groups = (1u << into->group | 1u << from->group) & ~1u;

	for (size_t i = 0; i < from->n; i++) {
		into->e[into->n] = from->e[i];
		into->e[into->n++].counts &=
		    into->group == 0 || into->group == from->group;
	}
	if (into->group == 0)
		into->group = from->group;
	for (int a = 0; a < NAUD; a++)
		into->in[a] |= from->in[a];
	from->known = false;
	from->into = (int)(into - people);
	return groups;
}

/* ---- ours ---- */

struct bench {
	struct cdp_audiences *au;
	struct cdp_outs outs;
	struct cdp_stage_opt opt;
	struct cdp_tape tape;
	struct cdp_arena mem;
	struct cdp_buf whole;
	struct cdp_buf log; /* all lines, to be shown */
};

static void
stamp(struct cdp_buf *b, const char *key, int at)
{
	char text[CDP_TIME_SIZE];

	cdp_time_format((BASE + at) * 1000, text);
	cdp_buf_printf(b, "\"%s\":\"%s\"", key, text);
}

static void
take(struct bench *w, struct cdp_str json)
{
	struct cdp_tape t = { 0 };
	struct cdp_line ln;
	const char *key;

	if (memmem(json.p, json.n, "\"aud_", 5) == NULL)
		return;
	assert_int_equal(cdp_line_parse(json, 1, &t, &w->mem, &ln, NULL), 0);
	key = memmem(json.p, json.n, "\"audience_key\":\"a", 17);
	tell(&ours, ln.profile_id.p[2] - '0', key[17] - '0',
	    (int)(ln.ts_ms / 1000 - BASE),
	    cdp_str_is(ln.event, "Audience Entered"));
	cdp_tape_free(&t);
}

static void
feed(struct bench *w, struct cdp_buf *b)
{
	struct cdp_err err = { 0 };
	struct cdp_line ln;
	struct cdp_rec rec;

	assert_int_equal(
	    cdp_line_parse(cdp_buf_str(b), 1, &w->tape, &w->mem, &ln, &err), 0);
	cdp_outs_reset(&w->outs, &ln);
	assert_int_equal(cdp_audiences_ops.step(w->au, &ln, &w->outs, &err), 0);
	for (size_t i = 0; i < w->outs.n; i++)
		if ((rec = cdp_outs_rec(&w->outs, i)).kind == CDP_REC_LINE)
			take(w, cdp_rec_whole(&rec, &w->whole));
	cdp_buf_put(&w->log, cdp_buf_str(b));
	cdp_buf_putc(&w->log, '\n');
	cdp_arena_reset(&w->mem);
	cdp_buf_reset(b);
}

static void
feed_line(struct bench *w, int who, int trait, int group, const struct event *e,
    int ctx, int at)
{
	struct cdp_buf b = { 0 };

	cdp_buf_puts(&b, "{\"type\":\"");
	cdp_buf_puts(&b, e != NULL ? "track\"," : "identify\",");
	if (e != NULL)
		cdp_buf_printf(&b,
		    "\"event\":\"%c\",\"properties\":{\"v\":%d},", 'A' + e->ev,
		    e->v);
	if (ctx != 0)
		cdp_buf_printf(&b, "\"context\":{\"groupId\":\"x%d\"},", ctx);
	stamp(&b, "timestamp", e != NULL ? e->ts : at);
	cdp_buf_printf(&b,
	    ",\"profile\":{\"id\":\"p_%d\",\"traits\":{\"n\":%d}", who, trait);
	if (group != 0)
		cdp_buf_printf(
		    &b, ",\"groups\":{\"g\":{\"id\":\"x%d\"}}", group);
	cdp_buf_puts(&b, "}}");
	feed(w, &b);
	cdp_buf_free(&b);
}

static void
feed_clock(struct bench *w, int at)
{
	struct cdp_buf b = { 0 };

	cdp_buf_puts(&b, "{\"type\":\"clock\",");
	stamp(&b, "now", at);
	cdp_buf_putc(&b, '}');
	feed(w, &b);
	cdp_buf_free(&b);
	for (size_t i = 0; i < NPEOPLE; i++)
		advance(&people[i], 6, at);
}

static void
feed_merge(struct bench *w, int from, int into, int at)
{
	struct cdp_buf b = { 0 };

	cdp_buf_puts(&b, "{\"type\":\"merge\",");
	stamp(&b, "timestamp", at);
	cdp_buf_printf(&b, ",\"from\":\"p_%d\",\"into\":\"p_%d\"}", from, into);
	feed(w, &b);
	cdp_buf_free(&b);
}

static int
now_of(int who)
{
	while (people[who].into >= 0)
		who = people[who].into;
	return who;
}

static void
play(struct bench *w, const struct op *o, int at)
{
	int who = now_of(o->who), other = now_of(o->other);
	struct person *p = &people[who];
	struct event e = { at, o->ev, o->v, false };
	int group = o->what == MOVE ? o->group : p->group;
	int trait = o->what == TRAIT ? o->n : p->trait;
	unsigned groups = 0;

	if (o->what == LATE)
		e.ts -= o->dt * 4;
	if (o->what == CLOCK || o->what == LATE)
		feed_clock(w, at);
	if (o->what == CLOCK)
		return;
	if (o->what == MERGE) {
		if (who == other || !p->known || !people[other].known)
			return;
		advance(p, (1u << p->group) & ~1u, at);
		advance(&people[other], (1u << people[other].group) & ~1u, at);
		group = o->v % 2 != 0 ? people[other].group : p->group;
		feed_merge(w, other, who, at);
		groups = merge(p, &people[other]);
	}
	e.counts = o->ctx == 0 || o->ctx == group;
	if (o->what != EVENT && o->what != LATE) {
		line(p, at, group, trait, NULL, groups);
		feed_line(w, who, p->trait, group, NULL, 0, at);
		return;
	}
	line(p, at, group, trait, &e, groups);
	feed_line(w, who, p->trait, group, &e, o->ctx, at);
}

/* ---- the two compared ---- */

static int
by_who(const void *a, const void *b)
{
	const struct told *x = a, *y = b;

	return x->who != y->who ? x->who - y->who : x->aud - y->aud;
}

/* In the order of each, by person and audience. */
static void
sort(struct story *s)
{
	struct told t;
	size_t k;

	for (size_t i = 1; i < s->n; i++) {
		t = s->v[i];
		for (k = i; k > 0 && by_who(&s->v[k - 1], &t) > 0; k--)
			s->v[k] = s->v[k - 1];
		s->v[k] = t;
	}
}

static bool
same(void)
{
	sort(&ours);
	sort(&theirs);
	for (size_t i = 0; i < ours.n && i < theirs.n; i++)
		if (by_who(&ours.v[i], &theirs.v[i]) != 0 ||
		    ours.v[i].at != theirs.v[i].at ||
		    ours.v[i].in != theirs.v[i].in)
			return false;
	return ours.n == theirs.n;
}

static bool
run(struct cdp_project *pr, const bool *skip, struct cdp_buf *log)
{
	struct bench w = { .au = cdp_audiences_new(pr) };
	int at = 20;

	w.outs.opt = &w.opt;
	ours.n = theirs.n = 0;
	memset(people, 0, sizeof(people));
	for (size_t i = 0; i < NPEOPLE; i++)
		people[i].into = -1;
	for (size_t i = 0; i < NOPS; i++) {
		at += op[i].dt;
		if (!skip[i])
			play(&w, &op[i], at);
	}
	feed_clock(&w, at + 40);
	cdp_audiences_free(w.au);
	cdp_outs_free(&w.outs);
	cdp_buf_free(&w.whole);
	cdp_tape_free(&w.tape);
	cdp_arena_free(&w.mem);
	if (log != NULL)
		cdp_buf_put(log, cdp_buf_str(&w.log));
	cdp_buf_free(&w.log);
	return same();
}

static void
show(const char *name, const struct story *s)
{
	print_error("%s:", name);
	for (size_t i = 0; i < s->n; i++)
		print_error(" p_%d/a%d%c%d", s->v[i].who, s->v[i].aud,
		    s->v[i].in ? '+' : '-', s->v[i].at);
	print_error("\n");
}

/* Leave out what need not be there for it to fail. */
static void
shrink(struct cdp_project *pr, const char *yaml)
{
	bool skip[NOPS] = { 0 };
	struct cdp_buf log = { 0 };

	for (size_t len = NOPS / 2; len > 0; len /= 2)
		for (size_t i = 0; i < NOPS; i += len) {
			bool was[NOPS];

			memcpy(was, skip, sizeof(was));
			for (size_t k = i; k < i + len && k < NOPS; k++)
				skip[k] = true;
			if (run(pr, skip, NULL))
				memcpy(skip, was, sizeof(skip));
		}
	run(pr, skip, &log);
	print_error("%s%s", yaml, cdp_buf_cstr(&log));
	show("ours  ", &ours);
	show("theirs", &theirs);
	cdp_buf_free(&log);
}

static void
round_of(unsigned no)
{
	const bool none[NOPS] = { 0 };
	struct cdp_diags diags = { 0 };
	struct cdp_project *pr;
	struct cdp_err err = { 0 };
	struct cdp_buf b = { 0 };

	seed = no * 2654435761u + 1;
	npool = 0;
	memset(grouped, 0, sizeof(grouped));
	cdp_buf_puts(&b, "version: 1\ngroups: {g: {}}\naudiences:\n");
	for (int a = 0; a < NAUD; a++) {
		audience[a] = gen(0, a, false);
		cdp_buf_printf(&b, "  a%d: {when: ", a);
		print(&b, audience[a]);
		cdp_buf_puts(&b, "}\n");
	}
	gen_ops();
	put("cdp.yaml", cdp_buf_cstr(&b));
	assert_int_equal(
	    cdp_project_load(CDP_STR("."), NULL, 0, &diags, &pr, &err), 0);
	if (!run(pr, none, NULL)) {
		print_error("project %u\n", no);
		shrink(pr, cdp_buf_cstr(&b));
		fail();
	}
	cdp_project_free(pr);
	cdp_diags_free(&diags);
	cdp_buf_free(&b);
}

static void
test_audiences_are_what_all_events_say(void **state)
{
	const char *env = getenv("CDP_SIM");
	unsigned n = env != NULL ? (unsigned)atoi(env) : 120;
	size_t told = 0;

	(void)state;
	for (unsigned i = 0; i < n; i++) {
		round_of(i);
		told += theirs.n;
	}
	print_message("%u projects, %zu transitions\n", n, told);
	assert_true(told > n * 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_audiences_are_what_all_events_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
