#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lib/rule/wstate.h"

/*
 * Every kind against a recomputation from all events, at every instant, with
 * events that arrive out of order; now and then the window is written and
 * read back, and in the end two halves are joined.
 */
#define N 300

struct ev {
	int64_t ms;
	char mid[8];
	int val; /* also the letter of a string */
};

static uint32_t seed;

static uint32_t
rnd(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

static int
cmp_ev(const struct ev *a, const struct ev *b)
{
	if (a->ms != b->ms)
		return a->ms < b->ms ? -1 : 1;
	return strcmp(a->mid, b->mid);
}

/* Sessions: the first event after the last gap before now; -1: none is on. */
static int64_t session_from = -1;

static bool
in_window(const struct ev *e, const struct cdp_trait *def, int64_t now)
{
	if (def->session_ms != 0)
		return session_from >= 0 && e->ms >= session_from;
	return def->within_ms == 0 || now < e->ms + def->within_ms;
}

/* The expected value, written by other means than those under test. */
static void
expect(char *out, const struct ev *ev, size_t n, const struct cdp_trait *def,
    int64_t now)
{
	const struct ev *first = NULL, *last = NULL;
	int cnt = 0, sum = 0, min = 0, max = 0, freq[8] = { 0 }, best = -1;
	int distinct = 0, k;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!in_window(&ev[i], def, now))
			continue;
		if (cnt == 0 || ev[i].val < min)
			min = ev[i].val;
		if (cnt == 0 || ev[i].val > max)
			max = ev[i].val;
		if (first == NULL || cmp_ev(&ev[i], first) < 0)
			first = &ev[i];
		if (last == NULL || cmp_ev(&ev[i], last) > 0)
			last = &ev[i];
		cnt++;
		sum += ev[i].val;
		distinct += freq[ev[i].val]++ == 0;
	}
	out[0] = '\0';
	if (cnt == 0)
		return;
	switch (def->kind) {
	case CDP_TRAIT_COUNT:
		sprintf(out, "%d", cnt);
		break;
	case CDP_TRAIT_SUM:
		sprintf(out, "%d", sum);
		break;
	case CDP_TRAIT_AVG:
		sprintf(out, "%.9g", (double)sum / cnt);
		break;
	case CDP_TRAIT_MIN:
		sprintf(out, "%d", min);
		break;
	case CDP_TRAIT_MAX:
		sprintf(out, "%d", max);
		break;
	case CDP_TRAIT_FIRST:
		sprintf(out, "\"%c\"", 'a' + first->val);
		break;
	case CDP_TRAIT_LAST:
		sprintf(out, "\"%c\"", 'a' + last->val);
		break;
	case CDP_TRAIT_MOST_FREQUENT:
		for (k = 0; k < 8; k++)
			if (freq[k] >= 2 && (best < 0 || freq[k] > freq[best]))
				best = k;
		if (best >= 0)
			sprintf(out, "\"%c\"", 'a' + best);
		break;
	case CDP_TRAIT_UNIQUE_COUNT:
		sprintf(out, "%d", distinct);
		break;
	default:
		strcpy(out, "[");
		for (k = 0; k < 8; k++)
			if (freq[k] != 0)
				sprintf(out + strlen(out), "%s\"%c\"",
				    out[1] != '\0' ? "," : "", 'a' + k);
		strcat(out, "]");
	}
}

static void
put(struct cdp_window *w, const struct cdp_trait *def, const struct ev *e)
{
	struct cdp_datum d = { .weight = 1 };
	char json[16];

	sprintf(json, cdp_window_numeric(def) ? "%d" : "\"%c\"",
	    cdp_window_numeric(def) ? e->val : 'a' + e->val);
	d.at = (struct cdp_stamp){ e->ms, cdp_str_of(e->mid) };
	d.json = cdp_str_of(json);
	if (cdp_window_numeric(def))
		assert_int_equal(cdp_dec_parse(d.json, &d.dec), 0);
	cdp_window_put(w, def, &d);
}

static void
check(struct cdp_window *w, const struct cdp_trait *def, const struct ev *ev,
    size_t n, int64_t now)
{
	struct cdp_buf b = { 0 };
	char want[256], got[64];

	expect(want, ev, n, def, now);
	cdp_window_show(&b, w, def);
	cdp_buf_cstr(&b);
	if (def->kind == CDP_TRAIT_AVG && b.n != 0) {
		sprintf(got, "%.9g", strtod(b.p, NULL));
		assert_string_equal(got, want);
	} else {
		assert_string_equal(b.n != 0 ? b.p : "", want);
	}
	cdp_buf_free(&b);
}

static void
reread(struct cdp_window *w, const struct cdp_trait *def)
{
	struct cdp_buf b = { 0 }, again = { 0 };
	struct cdp_tape t = { 0 };
	struct cdp_arena mem = { 0 };
	struct cdp_window copy = { 0 };
	struct cdp_err err = { 0 };

	cdp_wstate_write(&b, w, def);
	assert_int_equal(cdp_tape_parse(&t, cdp_buf_str(&b), &err), 0);
	cdp_wstate_read(&copy, def, &t, 0, &mem);
	cdp_wstate_write(&again, &copy, def);
	assert_int_equal(b.n, again.n);
	assert_memory_equal(b.p, again.p, b.n);
	cdp_window_free(w, def);
	*w = copy;
	cdp_buf_free(&b);
	cdp_buf_free(&again);
	cdp_tape_free(&t);
	cdp_arena_free(&mem);
}

/* The next instant to look at: an event, or when something leaves. */
static void
live(const struct cdp_trait *def)
{
	struct cdp_window w = { 0 }, half[2];
	struct ev ev[N];
	int64_t now = 0, next;
	size_t i;

	memset(half, 0, sizeof(half));
	for (i = 0; i < N; i++) {
		ev[i].ms = (int64_t)i * 5 + rnd(40);
		ev[i].val = (int)rnd(8);
		sprintf(ev[i].mid, "m%u", rnd(1000));
	}
	for (i = 0; i < N; i++) {
		int64_t to = ev[i].ms > now ? ev[i].ms : now;

		while ((next = cdp_window_next(&w, def)) <= to) {
			assert_true(next > now || now == 0);
			check(&w, def, ev, i, next - 1);
			assert_true(cdp_window_expire(&w, def, next));
			check(&w, def, ev, i, next);
		}
		now = to;
		if (in_window(&ev[i], def, now)) {
			put(&w, def, &ev[i]);
			put(&half[i % 3 == 0], def, &ev[i]);
		}
		check(&w, def, ev, i + 1, now);
		if (i % 37 == 0)
			reread(&w, def);
	}
	cdp_window_join(&half[0], &half[1], def);
	cdp_window_expire(&half[0], def, now);
	check(&half[0], def, ev, N, now);
	cdp_window_free(&w, def);
	cdp_window_free(&half[0], def);
	cdp_window_free(&half[1], def);
}

static void
test_window_equals_recomputation(void **state)
{
	static const int64_t windows[] = { 0, 1, 17, 90, 400 };
	int kind;
	size_t i;

	(void)state;
	for (kind = 0; kind < CDP_TRAIT_LIST; kind++)
		for (i = 0; i < 5; i++) {
			struct cdp_trait def = { .kind =
						     (enum cdp_trait_kind)kind,
				.jq = -1,
				.min = 2,
				.within_ms = windows[i] };

			seed = (uint32_t)(kind * 10 + (int)i + 1);
			live(&def);
		}
}

/* Where the session of in-order events is that is on at now. */
static void
find_session(const struct ev *ev, size_t n, int64_t gap, int64_t now)
{
	size_t i = n;

	session_from = -1;
	if (n == 0 || ev[n - 1].ms + gap <= now)
		return;
	while (i-- > 0 && (session_from < 0 || ev[i].ms > session_from - gap))
		session_from = ev[i].ms;
}

static void
live_sessions(const struct cdp_trait *def)
{
	struct cdp_window w = { 0 };
	struct ev ev[N];
	int64_t now = 0, next;
	size_t i;

	for (i = 0; i < N; i++) {
		now += rnd(4) == 0 ? 20 + rnd(40) : rnd(20);
		ev[i].ms = now;
		ev[i].val = (int)rnd(8);
		sprintf(ev[i].mid, "m%03zu", i);
		while ((next = cdp_window_next(&w, def)) <= now) {
			find_session(ev, i, def->session_ms, next - 1);
			check(&w, def, ev, i, next - 1);
			find_session(ev, i, def->session_ms, next);
			assert_true(session_from < 0);
			assert_true(cdp_window_expire(&w, def, next));
			check(&w, def, ev, i, next);
		}
		assert_true(cdp_window_session(&w, def, now, now));
		put(&w, def, &ev[i]);
		find_session(ev, i + 1, def->session_ms, now);
		check(&w, def, ev, i + 1, now);
		if (i % 37 == 0)
			reread(&w, def);
	}
	cdp_window_free(&w, def);
}

static void
test_session_equals_recomputation(void **state)
{
	int kind;

	(void)state;
	for (kind = 0; kind < CDP_TRAIT_LIST; kind++) {
		struct cdp_trait def = { .kind = (enum cdp_trait_kind)kind,
			.jq = -1,
			.min = 2,
			.session_ms = 30 };

		seed = (uint32_t)kind + 1;
		live_sessions(&def);
	}
}

/* Late data stretch the session that is on; older sessions are forgotten. */
static void
test_session_and_late_data(void **state)
{
	struct cdp_trait def = {
		.kind = CDP_TRAIT_COUNT, .jq = -1, .session_ms = 30
	};
	struct cdp_window w = { 0 }, other = { 0 };
	struct cdp_datum d = { .weight = 1 };

	(void)state;
	assert_true(cdp_window_session(&w, &def, 100, 100));
	cdp_window_put(&w, &def, &d);
	assert_false(cdp_window_session(&w, &def, 70, 100));
	assert_true(cdp_window_session(&w, &def, 71, 100));
	cdp_window_put(&w, &def, &d);
	assert_int_equal(w.from_ms, 71);
	assert_int_equal(cdp_window_next(&w, &def), 130);

	/* Two people become one: 45 and 71 are one session, 130 is another. */
	assert_true(cdp_window_session(&other, &def, 45, 60));
	cdp_window_put(&other, &def, &d);
	cdp_window_join(&w, &other, &def);
	assert_int_equal(w.n, 3);
	assert_int_equal(w.from_ms, 45);
	assert_true(cdp_window_session(&other, &def, 130, 130));
	cdp_window_put(&other, &def, &d);
	cdp_window_join(&w, &other, &def);
	assert_int_equal(w.n, 1);
	assert_int_equal(w.from_ms, 130);
	cdp_window_free(&w, &def);
	cdp_window_free(&other, &def);
}

/* T8: one occurrence gives nothing; of equals the first by the alphabet. */
static void
test_window_most_frequent(void **state)
{
	struct cdp_trait def = {
		.kind = CDP_TRAIT_MOST_FREQUENT, .jq = -1, .min = 2
	};
	struct cdp_datum d = { .weight = 1 };
	struct cdp_window w = { 0 };
	struct cdp_buf b = { 0 };

	(void)state;
	d.json = CDP_STR("\"ab c\"");
	cdp_window_put(&w, &def, &d);
	cdp_window_show(&b, &w, &def);
	assert_int_equal(b.n, 0);
	cdp_window_put(&w, &def, &d);
	d.json = CDP_STR("\"ab\"");
	cdp_window_put(&w, &def, &d);
	cdp_window_put(&w, &def, &d);
	cdp_window_show(&b, &w, &def);
	assert_string_equal(cdp_buf_cstr(&b), "\"ab\"");
	cdp_buf_free(&b);
	cdp_window_free(&w, &def);
}

/* Somebody who is a robot keeps no more than can be stored. */
static void
test_window_is_bounded(void **state)
{
	struct cdp_trait count = {
		.kind = CDP_TRAIT_COUNT, .jq = -1, .within_ms = 1000000
	};
	struct cdp_trait unique = { .kind = CDP_TRAIT_UNIQUE_COUNT, .jq = -1 };
	struct cdp_trait recent = {
		.kind = CDP_TRAIT_UNIQUE_COUNT, .jq = -1, .within_ms = 1000000
	};
	struct cdp_window *w = calloc(3, sizeof(*w));
	struct cdp_datum d = { .weight = 1 };
	struct cdp_buf b = { 0 };
	char val[16];
	int i;

	(void)state;
	assert_non_null(w);
	for (i = 0; i < CDP_POINTS_MAX + 1000; i++) {
		d.at.ms = i;
		d.json = (struct cdp_str){ val, (size_t)sprintf(val, "%d", i) };
		cdp_window_put(&w[0], &count, &d);
		if (i < CDP_VALUES_MAX + 1000) {
			cdp_window_put(&w[1], &unique, &d);
			cdp_window_put(&w[2], &recent, &d);
		}
	}
	cdp_window_show(&b, &w[0], &count);
	cdp_buf_putc(&b, ' ');
	cdp_window_show(&b, &w[1], &unique);
	cdp_buf_putc(&b, ' ');
	cdp_window_show(&b, &w[2], &recent);
	assert_string_equal(cdp_buf_cstr(&b), "100000 10000 10000");
	/* Of those that are held the oldest leaves first, as ever. */
	assert_int_equal(cdp_window_next(&w[0], &count), 1000 + 1000000);
	cdp_window_expire(&w[2], &recent, 1000000 + 9998);
	cdp_buf_reset(&b);
	cdp_window_show(&b, &w[2], &recent);
	assert_string_equal(cdp_buf_cstr(&b), "1");
	cdp_buf_free(&b);
	cdp_window_free(&w[0], &count);
	cdp_window_free(&w[1], &unique);
	cdp_window_free(&w[2], &recent);
	free(w);
}

/* Sums keep every digit and do not depend on the order. */
static void
test_window_sum_is_decimal(void **state)
{
	struct cdp_trait def = { .kind = CDP_TRAIT_SUM, .jq = -1 };
	struct cdp_datum d = { .weight = 1 };
	struct cdp_window w = { 0 };
	struct cdp_buf b = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 10; i++) {
		cdp_dec_parse(CDP_STR("0.1"), &d.dec);
		cdp_window_put(&w, &def, &d);
	}
	cdp_dec_parse(CDP_STR("1e15"), &d.dec);
	cdp_window_put(&w, &def, &d);
	cdp_window_show(&b, &w, &def);
	assert_string_equal(cdp_buf_cstr(&b), "1000000000000001");
	cdp_buf_free(&b);
	cdp_window_free(&w, &def);
}

/* ---- lists ---- */

struct act {
	char what; /* put, remove, reset */
	int64_t ms;
	char key;
	int val;
};

static void
act(struct cdp_list *l, const struct act *a, size_t keep)
{
	char mid[8], key[4] = { '"', a->key, '"', '\0' }, val[8];
	struct cdp_stamp at = { a->ms, { mid, 1 } };

	strcpy(mid, "m");
	sprintf(val, "%d", a->val);
	if (a->what == 'p')
		cdp_list_put(l, at, cdp_str_of(key), cdp_str_of(val), keep);
	else if (a->what == 'd')
		cdp_list_remove(l, at, cdp_str_of(key), keep);
	else
		cdp_list_reset(l, at);
}

/* In order of time, the plain meaning; a cart of at most 8 keys. */
static void
expect_list(char *out, const struct act *a, size_t n)
{
	char keys[16] = "", *p;
	int val[128] = { 0 };
	int64_t t;
	size_t i;

	for (t = 0; t < (int64_t)n; t++) {
		for (i = 0; a[i].ms != t; i++)
			;
		if (a[i].what == 'r') {
			keys[0] = '\0';
			continue;
		}
		p = strchr(keys, a[i].key);
		if (a[i].what == 'd' && p != NULL)
			memmove(p, p + 1, strlen(p));
		if (a[i].what == 'p') {
			val[(int)a[i].key] = a[i].val;
			if (p != NULL)
				memmove(p, p + 1, strlen(p));
			sprintf(keys + strlen(keys), "%c", a[i].key);
		}
	}
	out[0] = '\0';
	for (p = keys; *p != '\0'; p++)
		sprintf(out + strlen(out), "%c%d", p == keys ? '[' : ',',
		    val[(int)*p]);
	if (keys[0] != '\0')
		strcat(out, "]");
}

/* In the order of time it is the plain cart; written and read; joined. */
static void
test_list_equals_replay(void **state)
{
	struct act a[40];
	char want[256];
	size_t i, round;

	(void)state;
	for (round = 0; round < 100; round++) {
		struct cdp_list l = { 0 }, copy = { 0 };
		struct cdp_buf b = { 0 };
		struct cdp_tape t = { 0 };
		struct cdp_arena mem = { 0 };
		struct cdp_err err = { 0 };

		seed = (uint32_t)round + 7;
		for (i = 0; i < 40; i++) {
			uint32_t what = rnd(12);

			a[i] = (struct act){ what == 0 ? 'r'
				    : what < 4         ? 'd'
						       : 'p',
				(int64_t)i, (char)('a' + rnd(6)),
				(int)rnd(1000) };
			act(&l, &a[i], 50);
			cdp_buf_reset(&b);
			cdp_list_show(&b, &l);
			expect_list(want, a, i + 1);
			assert_string_equal(cdp_buf_cstr(&b), want);
		}
		cdp_buf_reset(&b);
		cdp_list_write(&b, &l);
		assert_int_equal(cdp_tape_parse(&t, cdp_buf_str(&b), &err), 0);
		cdp_list_read(&copy, &t, 0, &mem);
		cdp_buf_reset(&b);
		cdp_list_show(&b, &copy);
		assert_string_equal(cdp_buf_cstr(&b), want);
		cdp_list_free(&l);
		cdp_list_free(&copy);
		cdp_buf_free(&b);
		cdp_tape_free(&t);
		cdp_arena_free(&mem);
	}
}

/* A reset that comes late, and what comes after it though it was before. */
static void
test_list_does_not_mind_lateness(void **state)
{
	static const struct act a[] = { { 'p', 5, 'b', 2 }, { 'p', 1, 'a', 1 },
		{ 'r', 3, 0, 0 }, { 'p', 2, 'c', 3 }, { 'd', 7, 'd', 0 },
		{ 'p', 6, 'd', 4 }, { 'p', 4, 'b', 9 }, { 'p', 8, 'e', 5 } };
	struct cdp_list l = { 0 };
	struct cdp_buf b = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(a) / sizeof(a[0]); i++)
		act(&l, &a[i], 50);
	cdp_list_show(&b, &l);
	assert_string_equal(cdp_buf_cstr(&b), "[2,5]");
	cdp_list_free(&l);
	cdp_buf_free(&b);
}

static void
test_list_keeps_the_newest(void **state)
{
	static const struct act a[] = { { 'p', 1, 'a', 1 }, { 'p', 2, 'b', 2 },
		{ 'p', 3, 'a', 3 }, { 'p', 4, 'c', 4 } };
	struct cdp_list l = { 0 };
	struct cdp_buf b = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++)
		act(&l, &a[i], 2);
	cdp_list_show(&b, &l);
	assert_string_equal(cdp_buf_cstr(&b), "[3,4]");
	assert_int_equal(cdp_list_oldest(&l), 3);
	assert_true(cdp_list_expire(&l, 3));
	cdp_buf_reset(&b);
	cdp_list_show(&b, &l);
	assert_string_equal(cdp_buf_cstr(&b), "[4]");
	cdp_list_free(&l);
	cdp_buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_window_equals_recomputation),
		cmocka_unit_test(test_session_equals_recomputation),
		cmocka_unit_test(test_session_and_late_data),
		cmocka_unit_test(test_window_most_frequent),
		cmocka_unit_test(test_window_is_bounded),
		cmocka_unit_test(test_window_sum_is_decimal),
		cmocka_unit_test(test_list_equals_replay),
		cmocka_unit_test(test_list_does_not_mind_lateness),
		cmocka_unit_test(test_list_keeps_the_newest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
