#include "tests/unit/hist_rig.h"

/*
 * Random conditions over random events, against an evaluation of all events
 * from the beginning that knows nothing of windows that are kept.
 */
enum { EVENT, ALL, ANY, NOT };
enum { GTE, GT, LTE, LT, EQ, NE, NCMP };
static const char *const cmp_names[] = { "gte", "gt", "lte", "lt", "eq", "ne" };

struct want { /* a condition, by the test's own idea of it */
	int kind;
	unsigned events; /* bits of A, B, C */
	int price;       /* at least; 0: any event */
	int from, to;    /* to == 0: no window */
	int cmp, n;
	struct want *kid[3];
	int nkid;
};

static struct want *
make_event(struct world *w)
{
	struct want *c = cdp_arena_calloc(&w->pr->mem, 1, sizeof(*c));

	c->events = 1u + (unsigned)below(7);
	c->price = below(3) == 0 ? 1 + below(4) : 0;
	switch (below(4)) {
	case 0:
		break;
	case 1:
		c->from = 1 + below(20);
		/* FALLTHROUGH */
	default:
		c->to = c->from + 1 + below(30);
	}
	c->cmp = below(3) != 0 ? GTE : below(NCMP);
	c->n = below(4);
	return c;
}

static struct want *
make(struct world *w, int depth)
{
	struct want *c;

	if (depth == 0 || below(3) == 0)
		return make_event(w);
	c = cdp_arena_calloc(&w->pr->mem, 1, sizeof(*c));
	c->kind = ALL + below(3);
	c->nkid = c->kind == NOT ? 1 : 1 + below(3);
	for (int i = 0; i < c->nkid; i++)
		c->kid[i] = make(w, depth - 1);
	return c;
}

static void
put(struct cdp_buf *b, const struct want *c)
{
	static const char *const heads[] = { "", "{all: [", "{any: [",
		"{not: " };
	bool first = true;

	if (c->kind != EVENT) {
		cdp_buf_puts(b, heads[c->kind]);
		for (int i = 0; i < c->nkid; i++) {
			cdp_buf_puts(b, i == 0 ? "" : ", ");
			put(b, c->kid[i]);
		}
		cdp_buf_puts(b, c->kind == NOT ? "}" : "]}");
		return;
	}
	cdp_buf_puts(b, "{event: [");
	for (int i = 2; i >= 0; i--)
		if ((c->events >> i & 1) != 0) {
			cdp_buf_printf(b, "%s%c", first ? "" : ", ", 'A' + i);
			first = false;
		}
	cdp_buf_puts(b, "]");
	if (c->price != 0)
		cdp_buf_printf(
		    b, ", where: {properties.price: {gte: %d}}", c->price);
	if (c->from != 0)
		cdp_buf_printf(b, ", between: [%dms, %dms]", c->from, c->to);
	else if (c->to != 0)
		cdp_buf_printf(b, ", within: %dms", c->to);
	if (c->cmp == EQ && c->n % 2 == 0)
		cdp_buf_printf(b, ", count: %d", c->n);
	else if (c->cmp != GTE || c->n != 1)
		cdp_buf_printf(b, ", count: {%s: %d}", cmp_names[c->cmp], c->n);
	cdp_buf_puts(b, "}");
}

static bool
count_is(const struct want *c, int n)
{
	switch (c->cmp) {
	case GTE:
		return n >= c->n;
	case GT:
		return n > c->n;
	case LTE:
		return n <= c->n;
	case LT:
		return n < c->n;
	case EQ:
		return n == c->n;
	default:
		return n != c->n;
	}
}

static bool
truth(const struct want *c, const struct events *l, int now)
{
	int n = 0;

	if (c->kind == NOT)
		return !truth(c->kid[0], l, now);
	if (c->kind != EVENT) {
		for (int i = 0; i < c->nkid; i++)
			if (truth(c->kid[i], l, now) == (c->kind == ANY))
				return c->kind == ANY;
		return c->kind == ALL;
	}
	for (int i = 0; i < l->n; i++) {
		const struct ev *e = &l->v[i];

		n += (c->events >> (e->name - 'A') & 1) != 0 &&
		    (c->price == 0 || e->val >= c->price) &&
		    (c->to == 0 ||
			(e->ms + c->from <= now && now < e->ms + c->to));
	}
	return count_is(c, n);
}

#define NCOND 4
#define STEPS 160

struct trial {
	struct rig r; /* first: who asks is given it */
	struct want *want[NCOND];
	struct cdp_cond *cond[NCOND];
	char *text[NCOND];
	int64_t next[NCOND];
	bool last[NCOND];
};

static const char *
price(int val)
{
	static const char *const prices[] = { "", "\"price\":1", "\"price\":2",
		"\"price\":3", "\"price\":4", "\"price\":5" };

	return prices[val];
}

static void
ask(struct rig *r, int now, bool quiet)
{
	struct trial *tr = (struct trial *)r;
	struct cdp_ctx ctx = { .now_ms = now, .hist = &r->hist };

	for (int i = 0; i < NCOND; i++) {
		bool want = truth(tr->want[i], &r->all, now);

		if (cdp_cond_test(tr->cond[i], &ctx) != want)
			fail_msg("%s at %d: not %d", tr->text[i], now, want);
		if (quiet && want != tr->last[i] && now < tr->next[i])
			fail_msg("%s changed at %d, before %lld", tr->text[i],
			    now, (long long)tr->next[i]);
		if (quiet && now == tr->next[i] && tr->want[i]->kind == EVENT &&
		    want == tr->last[i])
			fail_msg("%s is the same at %d", tr->text[i], now);
		if (!quiet || now >= tr->next[i])
			tr->next[i] = cdp_cond_next(tr->cond[i], &ctx);
		assert_true(tr->next[i] > now);
		tr->last[i] = want;
	}
}

static void
start(struct trial *tr)
{
	struct cdp_buf b = { 0 };
	struct rig *r = &tr->r;

	memset(tr, 0, sizeof(*tr));
	rig_init(r);
	r->nval = 6;
	r->props = price;
	r->ask = ask;
	for (int i = 0; i < NCOND; i++) {
		tr->want[i] = make(&r->w, i < 2 ? 0 : 2);
		cdp_buf_reset(&b);
		put(&b, tr->want[i]);
		tr->text[i] =
		    (char *)cdp_arena_dup(&r->w.pr->mem, cdp_buf_str(&b)).p;
		tr->cond[i] = rig_cond(r, tr->text[i]);
	}
	cdp_buf_free(&b);
}

static void
test_hist_answers_as_all_events_would(void **state)
{
	static struct trial tr;

	(void)state;
	for (int round = 0; round < 300; round++) {
		start(&tr);
		rig_live(&tr.r, STEPS, 9);
		rig_free(&tr.r);
	}
}

/* ---- by hand ---- */

static void
test_hist_keeps_no_more_than_it_needs(void **state)
{
	static const char *const conds[] = {
		"{event: A, within: 30d, count: {gte: 3}}",
		"{event: A, within: 30d, count: {lte: 3}}",
		"{event: A, count: {gte: 3}}",
		"{event: A, within: 10s}",
	};
	static const char *const sizes[] = { "[", "[", "1000", "[" };
	static const int commas[] = { 2, 3, 0, 0 };

	(void)state;
	for (int i = 0; i < 4; i++) {
		static struct rig r;
		struct cdp_buf b = { 0 };

		rig_init(&r);
		rig_cond(&r, conds[i]);
		for (int k = 0; k < 1000; k++)
			rig_track(&r, &r.hist, "A", "", k * INT64_C(10000));
		assert_int_equal(rig_commas(&r, &b), commas[i]);
		assert_non_null(strstr(cdp_buf_cstr(&b), sizes[i]));
		cdp_buf_free(&b);
		rig_free(&r);
	}
}

static void
test_wset_shares_equal_leaves_and_knows_their_names(void **state)
{
	static const char *const same[] = {
		"{event: [A, B], within: 1d, where: {x.a: 1, x.b: [2, c]}}",
		"{not: {count: {gte: 1}, where: {x.b: [2, c], x.a: 1}, "
		"within: 24h, event: [B, A]}}",
	};
	static const char *const other[] = {
		"{event: [A, B], within: 1d, where: {x.a: '1', x.b: [2, c]}}",
		"{event: [A, B], within: 2d, where: {x.a: 1, x.b: [2, c]}}",
		"{event: A, within: 1d, where: {x.a: 1, x.b: [2, c]}}",
		"{event: [A, B], within: 1d}",
	};
	struct cdp_wset *ws = cdp_wset_new();
	struct world w;

	(void)state;
	world_init(&w);
	for (size_t i = 0; i < 2; i++)
		cdp_wset_add(ws, world_cond(&w, same[i]));
	assert_int_equal(cdp_wset_count(ws), 1);
	for (size_t i = 0; i < 4; i++)
		cdp_wset_add(ws, world_cond(&w, other[i]));
	assert_int_equal(cdp_wset_count(ws), 5);
	cdp_wset_free(ws);
	world_free(&w);
}

static void
test_hist_read_outlives_an_edited_project(void **state)
{
	struct cdp_wset *new = cdp_wset_new();
	struct cdp_hist again = { 0 };
	struct cdp_buf b = { 0 };
	struct cdp_ctx ctx = { .now_ms = 5000, .hist = &again };
	struct cdp_cond *kept;
	static struct rig r;

	(void)state;
	rig_init(&r);
	rig_cond(&r, "{event: X, within: 1d}");
	rig_cond(&r, "{event: A, within: 1d}");
	rig_track(&r, &r.hist, "A", "", 1000);
	rig_track(&r, &r.hist, "X", "", 1000);
	cdp_hist_write(&b, &r.hist, r.ws);
	kept = world_cond(&r.w, "{event: A, within: 1d}");
	cdp_wset_add(new, kept);
	assert_int_equal(cdp_tape_parse(&r.w.tape, cdp_buf_str(&b), NULL), 0);
	cdp_hist_read(&again, new, &r.w.tape, 0);
	assert_true(cdp_cond_test(kept, &ctx));
	assert_int_equal(again.n, 1);
	ctx.now_ms = 1000 + 86400000 - 1;
	assert_true(cdp_cond_test(kept, &ctx));
	assert_int_equal(cdp_cond_next(kept, &ctx), 1000 + 86400000);
	ctx.now_ms++;
	assert_false(cdp_cond_test(kept, &ctx));
	cdp_hist_free(&again);
	cdp_buf_free(&b);
	cdp_wset_free(new);
	rig_free(&r);
}

/* A trait's instant, stepped through: next is never late. */
static void
test_cond_next_of_instants_is_exact(void **state)
{
	static const char *const ops[] = { "within_last: 20ms",
		"within_next: 20ms", "before: 7ms", "after: 7ms", "before: now",
		"within_last: 20ms, before: 5ms" };

	(void)state;
	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++) {
		struct cdp_hist none = { 0 };
		struct cdp_ctx ctx = { .hist = &none };
		char text[100], profile[100], ts[CDP_TIME_SIZE];
		int64_t next = 0;
		bool last = false, is;
		struct world w;

		world_init(&w);
		snprintf(text, sizeof(text), "{not: {trait: x, %s}}", ops[i]);
		cdp_time_format(50, ts);
		snprintf(profile, sizeof(profile),
		    "{\"traits\":{\"x\":\"%s\"}}", ts);
		assert_int_equal(
		    cdp_tape_parse(&w.tape, cdp_str_of(profile), NULL), 0);
		ctx.profile = &w.tape;
		for (ctx.now_ms = 0; ctx.now_ms < 120; ctx.now_ms++) {
			struct cdp_cond *c = world_cond(&w, text);

			is = cdp_cond_test(c, &ctx);
			if (ctx.now_ms != 0 && is != last)
				assert_int_equal(ctx.now_ms, next);
			if (ctx.now_ms >= next)
				next = cdp_cond_next(c, &ctx);
			last = is;
		}
		assert_true(next == INT64_MAX);
		world_free(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hist_answers_as_all_events_would),
		cmocka_unit_test(test_hist_keeps_no_more_than_it_needs),
		cmocka_unit_test(
		    test_wset_shares_equal_leaves_and_knows_their_names),
		cmocka_unit_test(test_hist_read_outlives_an_edited_project),
		cmocka_unit_test(test_cond_next_of_instants_is_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
