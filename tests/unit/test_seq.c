#include "tests/unit/hist_rig.h"

/*
 * Random sequences over random events, some late and some of a profile that
 * is merged, against a search through all chains of all events.
 */
struct step {
	char event;
	bool absent;
	int within; /* 0: none */
};

struct want {
	struct step step[5];
	int n;
	bool match;
	int within; /* 0: ever */
};

static void
make(struct want *w)
{
	w->n = 2 + below(3);
	for (int i = 0; i < w->n; i++) {
		struct step *st = &w->step[i];

		st->event = (char)('A' + below(3));
		st->absent = i != 0 && below(2) == 0;
		st->within = i != 0 && below(2) == 0 ? 1 + below(20) : 0;
	}
	for (int i = w->n - 1; i > 0; i--)
		if (w->step[i].absent && w->step[i].within == 0 &&
		    (i + 1 == w->n ||
			(w->step[i + 1].absent && w->step[i + 1].within != 0)))
			w->step[i].within = 1 + below(20);
	w->match = below(2) == 0;
	w->within = below(3) == 0 ? 0 : 5 + below(50);
}

static void
put(struct cdp_buf *b, const struct want *w)
{
	cdp_buf_puts(b, "{sequence: [");
	for (int i = 0; i < w->n; i++) {
		const struct step *st = &w->step[i];

		cdp_buf_printf(b, "%s{%sevent: %c%s", i == 0 ? "" : ", ",
		    st->absent ? "not: {" : "", st->event,
		    st->absent ? "}" : "");
		if (st->within != 0)
			cdp_buf_printf(b, ", within: %dms", st->within);
		cdp_buf_puts(b, "}");
	}
	cdp_buf_puts(b, w->match ? "], match: properties.cart" : "]");
	if (w->within != 0)
		cdp_buf_printf(b, ", within: %dms", w->within);
	cdp_buf_puts(b, "}");
}

/* ---- all chains ---- */

struct search {
	const struct want *w;
	struct ev v[400]; /* in order, those of one value */
	int n, now;
};

static bool
is_free(const struct search *s, int from, int to, char event, int before_ms)
{
	for (int i = from; i < to; i++)
		if (s->v[i].name == event && s->v[i].ms < before_ms)
			return false;
	return true;
}

static bool
chain(const struct search *s, int i, int pos, int ms)
{
	const struct step *st = &s->w->step[i];
	int k, at = pos;

	if (i == s->w->n)
		return true;
	if (st->absent && st->within != 0) {
		if (s->now < ms + st->within ||
		    !is_free(s, pos, s->n, st->event, ms + st->within))
			return false;
		while (at < s->n && s->v[at].ms < ms + st->within)
			at++;
		return chain(s, i + 1, at, ms + st->within);
	}
	for (k = i; s->w->step[k].absent;)
		k++;
	for (int e = pos; e < s->n; e++) {
		bool good = s->v[e].name == s->w->step[k].event &&
		    (s->w->step[k].within == 0 ||
			s->v[e].ms < ms + s->w->step[k].within);

		for (int j = i; good && j < k; j++)
			good = is_free(s, pos, e, s->w->step[j].event, 1 << 30);
		if (good && chain(s, k + 1, e + 1, s->v[e].ms))
			return true;
	}
	return false;
}

static bool
truth(const struct want *w, const struct events *l, int now)
{
	for (int val = w->match ? 1 : 0; val < (w->match ? 4 : 1); val++) {
		struct search s = { .w = w, .now = now };

		for (int i = 0; i < l->n; i++) {
			int k = s.n;

			if (w->match && l->v[i].val != val)
				continue;
			for (s.n++; k > 0 && s.v[k - 1].ms > l->v[i].ms; k--)
				s.v[k] = s.v[k - 1];
			s.v[k] = l->v[i];
		}
		for (int i = 0; i < s.n; i++)
			if (s.v[i].name == w->step[0].event &&
			    (w->within == 0 || now < s.v[i].ms + w->within) &&
			    chain(&s, 1, i + 1, s.v[i].ms))
				return true;
	}
	return false;
}

/* ---- the trial ---- */

struct trial {
	struct rig r; /* first: who asks is given it */
	struct want want;
	struct rig_watch watch;
};

static const char *
cart(int val)
{
	static const char *const carts[] = { "", "\"cart\":1", "\"cart\":\"2\"",
		"\"cart\":\"\\u0032\\n\"" };

	return carts[val];
}

static void
ask(struct rig *r, int now, bool quiet)
{
	struct trial *tr = (struct trial *)r;
	struct cdp_ctx ctx = { .now_ms = now, .hist = &r->hist };
	bool want = truth(&tr->want, &r->all, now);

	rig_expect(&tr->watch, &ctx, want, quiet);
}

static void
test_seq_answers_as_a_search_through_all_chains(void **state)
{
	static struct trial tr;
	struct cdp_buf b = { 0 };

	(void)state;
	for (int round = 0; round < 500; round++) {
		rig_init(&tr.r);
		tr.r.nval = 4;
		tr.r.props = cart;
		tr.r.ask = ask;
		tr.watch = (struct rig_watch){ 0 };
		make(&tr.want);
		cdp_buf_reset(&b);
		put(&b, &tr.want);
		tr.watch.cond = rig_cond(&tr.r, cdp_buf_cstr(&b));
		rig_live(&tr.r, 120, 15);
		rig_free(&tr.r);
	}
	cdp_buf_free(&b);
}

/* ---- what is kept ---- */

/* Who bought stays a buyer however often they look at something after. */
static void
test_seq_keeps_the_newest_and_what_was_reached(void **state)
{
	struct cdp_ctx ctx = { .now_ms = 5000000 };
	struct cdp_buf b = { 0 };
	struct cdp_cond *c;
	static struct rig r;

	(void)state;
	rig_init(&r);
	c = rig_cond(&r, "{sequence: [{event: A}, {event: B}]}");
	rig_track(&r, &r.hist, "A", "", 1);
	rig_track(&r, &r.hist, "B", "", 2);
	for (int i = 0; i < 2000; i++)
		rig_track(&r, &r.hist, "A", "", 1000 + i);
	ctx.hist = &r.hist;
	assert_true(cdp_cond_test(c, &ctx));
	assert_int_equal(rig_commas(&r, &b), 3 * 1000);
	cdp_buf_free(&b);
	rig_free(&r);
}

static const struct {
	const char *cond, *says;
} wrong[] = {
	{ "{sequence: []}", "2 to 30 steps" },
	{ "{sequence: [{event: A}]}", "2 to 30 steps" },
	{ "{sequence: [{not: {event: A}}, {event: B}]}", "begins with" },
	{ "{sequence: [{event: A, within: 1d}, {event: B}]}",
	    "beside 'sequence'" },
	{ "{sequence: [{event: A}, {not: {event: B}}]}", "how long" },
	{ "{sequence: [{event: A}, {not: {event: B}}, {not: {event: C}, "
	  "within: 1d}]}",
	    "how long" },
	{ "{sequence: [{event: A}, {event: B, within: 0s}]}",
	    "longer than nothing" },
	{ "{sequence: [{event: A}, {event: B}], within: 0s}",
	    "longer than nothing" },
	{ "{sequence: [{event: A}, {event: B, count: 2}]}", "'count'" },
	{ "{sequence: [{event: A}, {not: {event: B, within: 1d}}]}",
	    "'within'" },
	{ "{sequence: [{event: A}, {event: B}], mach: a}", "match" },
};

static void
test_seq_load_says_what_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct world w;

		world_init(&w);
		if (cdp_cond_load(&w.ld, world_yaml(&w, wrong[i].cond)) !=
			NULL ||
		    w.diags.nerrors == 0)
			fail_msg("%s was taken", wrong[i].cond);
		if (strstr(w.diags.v[0].msg, wrong[i].says) == NULL)
			fail_msg("%s: %s", wrong[i].cond, w.diags.v[0].msg);
		world_free(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_seq_answers_as_a_search_through_all_chains),
		cmocka_unit_test(
		    test_seq_keeps_the_newest_and_what_was_reached),
		cmocka_unit_test(test_seq_load_says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
