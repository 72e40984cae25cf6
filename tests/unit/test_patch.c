#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "lib/store/patch.h"

static uint64_t seed = 4711;

static size_t
rnd(size_t n)
{
	seed = seed * 6364136223846793005 + 1442695040888963407;
	return (size_t)(seed >> 33) % n;
}

static void
check(struct cdp_str was, struct cdp_str now, struct cdp_buf *list)
{
	struct cdp_arena mem = { 0 };
	struct cdp_str got;

	cdp_buf_reset(list);
	if (cdp_patch_make(list, was, now)) {
		assert_true(list->n <= now.n / 2 + 100);
		assert_true(cdp_patch_apply(
		    &mem, was, cdp_buf_str(list), 100000, &got));
		assert_true(cdp_str_eq(got, now));
		assert_false(cdp_patch_apply(
		    &mem, was, cdp_buf_str(list), was.n + list->n - 1, &got));
	} else {
		assert_int_equal(list->n, 0);
	}
	cdp_arena_free(&mem);
}

static void
members(struct cdp_buf *b, const bool *in, size_t n)
{
	cdp_buf_reset(b);
	cdp_buf_puts(b, "{\"profile.audiences\":{");
	for (size_t i = 0; i < n; i++)
		if (in[i])
			cdp_buf_printf(b, "\"a%zu\":true,", 1000 + i);
	b->n -= b->p[b->n - 1] == ',';
	cdp_buf_puts(b, "}}");
}

static void
test_make_tells_members_that_come_and_go(void **state)
{
	struct cdp_buf was = { 0 }, now = { 0 }, list = { 0 };
	bool in[60] = { false };
	size_t long_ones = 0;

	(void)state;
	for (size_t round = 0; round < 20000; round++) {
		members(&was, in, 60);
		for (size_t k = rnd(6); k-- > 0;)
			in[rnd(round % 2 != 0 ? 60 : 1 + rnd(60))] ^= true;
		members(&now, in, 60);
		check(cdp_buf_str(&was), cdp_buf_str(&now), &list);
		long_ones += list.n == 0;
	}
	assert_true(long_ones < 1000);
	cdp_buf_free(&was);
	cdp_buf_free(&now);
	cdp_buf_free(&list);
}

static void
test_make_is_right_about_any_text(void **state)
{
	static const char chars[] = ",,{}\"\\ab";
	struct cdp_buf list = { 0 };
	char was[80], now[80];
	size_t n, k;

	(void)state;
	for (size_t round = 0; round < 100000; round++) {
		n = rnd(sizeof(was));
		for (k = 0; k < n; k++)
			was[k] = chars[rnd(8)];
		memcpy(now, was, n);
		for (k = rnd(4); n != 0 && k-- > 0;)
			now[rnd(n)] = chars[rnd(8)];
		k = n - (n != 0 ? rnd(n < 9 ? n : 9) : 0);
		check((struct cdp_str){ was, n }, (struct cdp_str){ now, k },
		    &list);
	}
	cdp_buf_free(&list);
}

static void
test_apply_refuses_what_is_no_list(void **state)
{
	static const char *const bad[] = { "", "[", "]", "[]x", "[1]", "[1,2]",
		"[1,2,3]", "[1,2,\"]", "[1,2,\"\"", "[1,2,\"\",]",
		"[4,2,\"\",3,0,\"\"]", "[9,0,\"\"]", "[8,1,\"\"]",
		"[-1,2,\"\"]", "[1,2,\"\\n\"]", "[1,2,\"\\", "[1,2,\"\"] ",
		"[99999999999999999999,0,\"\"]",
		"[0,18446744073709551615,\"\"]" };
	struct cdp_arena mem = { 0 };
	struct cdp_str got;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (cdp_patch_apply(&mem, CDP_STR("{\"a\":1}."),
			cdp_str_of(bad[i]), 1000, &got))
			fail_msg("took %s", bad[i]);
	assert_true(cdp_patch_apply(&mem, CDP_STR("{\"a\":1}"),
	    CDP_STR("[1,3,\"\\\"b\\\\\",6,0,\",\"]"), 1000, &got));
	assert_true(cdp_str_is(got, "{\"b\\:1,}"));
	assert_true(cdp_patch_apply(
	    &mem, CDP_STR("{\"a\":1}"), CDP_STR("[]"), 1000, &got));
	assert_true(cdp_str_is(got, "{\"a\":1}"));
	cdp_arena_free(&mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_make_tells_members_that_come_and_go),
		cmocka_unit_test(test_make_is_right_about_any_text),
		cmocka_unit_test(test_apply_refuses_what_is_no_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
