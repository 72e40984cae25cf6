#include "tests/unit/hist_rig.h"

/*
 * Values that conditions make of events, and events behind events, against an
 * evaluation of all events: late ones, merged profiles, and what was written
 * and read back are of the rig; tests/prop/ql.py has the whole language.
 */
enum { SUM, MIN, MAX, UNIQUE, COUNT, NKIND };
static const char *const kinds[] = { "sum", "min", "max", "unique_count" };

struct trial {
	struct rig r;       /* first: who asks is given it */
	int kind, from, to; /* to == 0: no window */
	int then;           /* no B within so long behind an A; 0: any A */
	bool limit;         /* compared with a trait */
	int n;
	struct rig_watch watch;
};

static const char *
number(int val)
{
	static const char *const v[] = { "", "\"n\":1", "\"n\":2.0",
		"\"n\":\"x\"", "\"n\":4" };

	return v[val];
}

static void
put(struct cdp_buf *b, const struct trial *tr)
{
	cdp_buf_puts(b, "{event: A");
	if (tr->from != 0)
		cdp_buf_printf(b, ", between: [%dms, %dms]", tr->from, tr->to);
	else if (tr->to != 0)
		cdp_buf_printf(b, ", within: %dms", tr->to);
	if (tr->then != 0)
		cdp_buf_printf(b,
		    ", where: {then: {event: B, within: %dms, count: 0}}",
		    tr->then);
	if (tr->kind == COUNT)
		cdp_buf_puts(b, ", count: {gte: ");
	else
		cdp_buf_printf(b, ", %s: properties.n, gte: ", kinds[tr->kind]);
	if (tr->limit)
		cdp_buf_puts(b, "{trait: limit}");
	else
		cdp_buf_printf(b, "%d", tr->n);
	cdp_buf_puts(b, tr->kind == COUNT ? "}}" : "}");
}

/* Whether e, the i-th as they came, was not followed in time. */
static bool
alone(const struct trial *tr, const struct events *l, int i, int now)
{
	const struct ev *e = &l->v[i];

	if (tr->then == 0)
		return true;
	if (now < e->ms + tr->then)
		return false;
	for (int k = 0; k < l->n; k++)
		if (l->v[k].name == 'B' && l->v[k].ms < e->ms + tr->then &&
		    (l->v[k].ms > e->ms || (l->v[k].ms == e->ms && k > i)))
			return false;
	return true;
}

static bool
truth(const struct trial *tr, const struct events *l, int now)
{
	static const int of[] = { 0, 1, 2, 0, 4 };
	int sum = 0, min = 99, max = -99, n = 0, values = 0, seen = 0;

	for (int i = 0; i < l->n; i++) {
		const struct ev *e = &l->v[i];

		if (e->name != 'A' ||
		    (tr->to != 0 &&
			!(e->ms + tr->from <= now && now < e->ms + tr->to)) ||
		    !alone(tr, l, i, now))
			continue;
		n++;
		if (e->val != 0)
			seen |= 1 << e->val;
		if (of[e->val] == 0)
			continue;
		values++;
		sum += of[e->val];
		min = of[e->val] < min ? of[e->val] : min;
		max = of[e->val] > max ? of[e->val] : max;
	}
	switch (tr->kind) {
	case SUM:
		return values != 0 && sum >= tr->n;
	case MIN:
		return values != 0 && min >= tr->n;
	case MAX:
		return values != 0 && max >= tr->n;
	case UNIQUE:
		return __builtin_popcount((unsigned)seen) >= tr->n;
	default:
		return n >= tr->n;
	}
}

static void
ask(struct rig *r, int now, bool quiet)
{
	struct trial *tr = (struct trial *)r;
	struct cdp_ctx ctx = {
		.now_ms = now, .hist = &r->hist, .profile = &r->w.tape
	};
	bool want = truth(tr, &r->all, now);
	char json[60];

	snprintf(json, sizeof(json), "{\"traits\":{\"limit\":%d}}", tr->n);
	assert_int_equal(cdp_tape_parse(&r->w.tape, cdp_str_of(json), NULL), 0);
	rig_expect(&tr->watch, &ctx, want, quiet);
}

static void
test_measure_is_what_all_events_make(void **state)
{
	static struct trial tr;
	struct cdp_buf b = { 0 };

	(void)state;
	for (int round = 0; round < 400; round++) {
		rig_init(&tr.r);
		tr.r.nval = 5;
		tr.r.props = number;
		tr.r.ask = ask;
		tr.watch = (struct rig_watch){ 0 };
		tr.kind = below(NKIND);
		tr.from = below(3) == 0 ? 1 + below(15) : 0;
		tr.to =
		    tr.from != 0 || below(3) != 0 ? tr.from + 1 + below(30) : 0;
		tr.then = below(3) == 0 ? 1 + below(20) : 0;
		tr.limit = below(3) == 0;
		tr.n = 1 + below(tr.kind == SUM ? 12 : 4);
		cdp_buf_reset(&b);
		put(&b, &tr);
		tr.watch.cond = rig_cond(&tr.r, cdp_buf_cstr(&b));
		rig_live(&tr.r, 120, 15);
		rig_free(&tr.r);
	}
	cdp_buf_free(&b);
}

/* What is kept does not grow with what happens. */
static void
test_measure_is_bounded(void **state)
{
	struct cdp_buf b = { 0 };
	static struct rig r;
	size_t few;

	(void)state;
	rig_init(&r);
	rig_cond(&r, "{event: A, sum: properties.n, gt: 5}");
	rig_cond(&r, "{event: A, max: properties.n, gt: 5}");
	rig_track(&r, &r.hist, "A", "\"n\":1", 1);
	few = rig_commas(&r, &b);
	for (int i = 0; i < 3000; i++)
		rig_track(&r, &r.hist, "A", "\"n\":1", 1000 + i);
	assert_int_equal(rig_commas(&r, &b), few);
	rig_cond(&r, "{event: A, where: {then: {event: B}}}");
	for (int i = 0; i < 3000; i++)
		rig_track(&r, &r.hist, "A", "", 10000 + i);
	assert_in_range(rig_commas(&r, &b), 1000, few + 2 * 1000 + 10);
	cdp_buf_free(&b);
	rig_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_measure_is_what_all_events_make),
		cmocka_unit_test(test_measure_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
