#include <stdio.h>

#include "tests/unit/cond_world.h"

#include "lib/json/write.h"

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

struct ev {
	char name;
	int price; /* 0: none */
	int ms;
};

struct log {
	struct ev v[400];
	int n;
};

static uint64_t seed = 88172645463325252ull;

static int
below(int n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (int)((seed >> 20) % (unsigned)n);
}

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
truth(const struct want *c, const struct log *l, int now)
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
		    (c->price == 0 || e->price >= c->price) &&
		    (c->to == 0 ||
			(e->ms + c->from <= now && now < e->ms + c->to));
	}
	return count_is(c, n);
}

#define NCOND 4
#define STEPS 160

struct trial {
	struct world w;
	struct want *want[NCOND];
	struct cdp_cond *cond[NCOND];
	char *text[NCOND];
	struct cdp_wset *ws;
	struct cdp_hist hist, other;
	struct log log, other_log;
	int64_t next[NCOND];
	bool last[NCOND];
};

static void
happen(struct trial *tr, struct cdp_hist *h, struct log *l, int ms)
{
	struct ev *e = &l->v[l->n++];
	char json[200], ts[CDP_TIME_SIZE], price[40] = "";

	*e = (struct ev){ (char)('A' + below(3)), below(6), ms };
	cdp_time_format(ms, ts);
	if (e->price != 0)
		snprintf(price, sizeof(price), "\"price\":%d", e->price);
	snprintf(json, sizeof(json),
	    "{\"type\":\"track\",\"event\":\"%c\",\"timestamp\":\"%s\","
	    "\"properties\":{%s}}",
	    e->name, ts, price);
	cdp_hist_event(h, tr->ws, world_line(&tr->w, json), NULL, NULL);
}

/* What was written reads back as the same. */
static void
reread(struct trial *tr)
{
	struct cdp_buf a = { 0 }, b = { 0 };
	struct cdp_hist h = { 0 };

	cdp_hist_write(&a, &tr->hist, tr->ws);
	assert_int_equal(cdp_tape_parse(&tr->w.tape, cdp_buf_str(&a), NULL), 0);
	cdp_hist_read(&h, tr->ws, &tr->w.tape, 0);
	cdp_hist_write(&b, &h, tr->ws);
	assert_true(cdp_str_eq(cdp_buf_str(&a), cdp_buf_str(&b)));
	cdp_hist_free(&tr->hist);
	tr->hist = h;
	cdp_buf_free(&a);
	cdp_buf_free(&b);
}

static void
ask(struct trial *tr, int now, bool quiet)
{
	struct cdp_ctx ctx = { .now_ms = now, .hist = &tr->hist };

	for (int i = 0; i < NCOND; i++) {
		bool want = truth(tr->want[i], &tr->log, now);

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

	memset(tr, 0, sizeof(*tr));
	world_init(&tr->w);
	tr->ws = cdp_wset_new();
	for (int i = 0; i < NCOND; i++) {
		tr->want[i] = make(&tr->w, i < 2 ? 0 : 2);
		cdp_buf_reset(&b);
		put(&b, tr->want[i]);
		tr->text[i] =
		    (char *)cdp_arena_dup(&tr->w.pr->mem, cdp_buf_str(&b)).p;
		tr->cond[i] = world_cond(&tr->w, tr->text[i]);
		cdp_wset_add(tr->ws, tr->cond[i]);
	}
	cdp_buf_free(&b);
}

static void
merge(struct trial *tr)
{
	cdp_hist_merge(&tr->hist, &tr->other, tr->ws);
	cdp_hist_free(&tr->other);
	for (int i = 0; i < tr->other_log.n; i++)
		tr->log.v[tr->log.n++] = tr->other_log.v[i];
	tr->other_log.n = 0;
}

static void
test_hist_answers_as_all_events_would(void **state)
{
	static struct trial tr;

	(void)state;
	for (int round = 0; round < 300; round++) {
		start(&tr);
		ask(&tr, 0, false);
		for (int now = 1; now < STEPS; now++) {
			ask(&tr, now, true);
			if (below(12) == 0)
				cdp_hist_expire(&tr.hist, tr.ws, now);
			if (below(40) == 0)
				reread(&tr);
			if (below(9) == 0)
				happen(&tr, &tr.other, &tr.other_log, now);
			if (below(50) == 0) {
				merge(&tr);
				ask(&tr, now, false);
			}
			for (int k = below(6) == 0 ? below(3) : 0; k > 0; k--) {
				int late = below(4) == 0 ? below(25) : 0;

				happen(&tr, &tr.hist, &tr.log,
				    now > late ? now - late : now);
				ask(&tr, now, false);
			}
		}
		cdp_hist_free(&tr.hist);
		cdp_hist_free(&tr.other);
		cdp_wset_free(tr.ws);
		world_free(&tr.w);
	}
}

/* ---- by hand ---- */

static void
track(struct world *w, struct cdp_hist *h, const struct cdp_wset *ws,
    const char *event, const char *ts)
{
	char json[200];

	snprintf(json, sizeof(json),
	    "{\"type\":\"track\",\"event\":\"%s\",\"timestamp\":\"%s\"}", event,
	    ts);
	cdp_hist_event(h, ws, world_line(w, json), NULL, NULL);
}

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
		struct cdp_hist h = { 0 };
		struct cdp_buf b = { 0 };
		struct cdp_wset *ws = cdp_wset_new();
		struct world w;
		int n = 0;

		world_init(&w);
		cdp_wset_add(ws, world_cond(&w, conds[i]));
		for (int k = 0; k < 1000; k++) {
			char ts[CDP_TIME_SIZE];

			cdp_time_format(k * INT64_C(10000), ts);
			track(&w, &h, ws, "A", ts);
		}
		cdp_hist_write(&b, &h, ws);
		for (size_t k = 0; k < b.n; k++)
			n += b.p[k] == ',';
		assert_int_equal(n, commas[i]);
		assert_non_null(strstr(cdp_buf_cstr(&b), sizes[i]));
		cdp_buf_free(&b);
		cdp_hist_free(&h);
		cdp_wset_free(ws);
		world_free(&w);
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
	struct cdp_wset *old = cdp_wset_new(), *new = cdp_wset_new();
	struct cdp_hist h = { 0 }, again = { 0 };
	struct cdp_buf b = { 0 };
	struct cdp_ctx ctx = { .now_ms = 5000, .hist = &again };
	struct cdp_cond *kept;
	struct world w;

	(void)state;
	world_init(&w);
	cdp_wset_add(old, world_cond(&w, "{event: X, within: 1d}"));
	cdp_wset_add(old, world_cond(&w, "{event: A, within: 1d}"));
	track(&w, &h, old, "A", "1970-01-01T00:00:01Z");
	track(&w, &h, old, "X", "1970-01-01T00:00:01Z");
	cdp_hist_write(&b, &h, old);
	kept = world_cond(&w, "{event: A, within: 1d}");
	cdp_wset_add(new, kept);
	assert_int_equal(cdp_tape_parse(&w.tape, cdp_buf_str(&b), NULL), 0);
	cdp_hist_read(&again, new, &w.tape, 0);
	assert_true(cdp_cond_test(kept, &ctx));
	assert_int_equal(again.n, 1);
	ctx.now_ms = 1000 + 86400000 - 1;
	assert_true(cdp_cond_test(kept, &ctx));
	assert_int_equal(cdp_cond_next(kept, &ctx), 1000 + 86400000);
	ctx.now_ms++;
	assert_false(cdp_cond_test(kept, &ctx));
	cdp_hist_free(&h);
	cdp_hist_free(&again);
	cdp_buf_free(&b);
	cdp_wset_free(old);
	cdp_wset_free(new);
	world_free(&w);
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
