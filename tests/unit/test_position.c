#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lib/ingest/position.h"

static void
read_one(struct cdp_position *p, const char *stream, uint64_t at, uint64_t seq)
{
	cdp_position_begin(p, cdp_str_of(stream), at, at + 1);
	cdp_position_wait(p, seq);
	cdp_position_end(p);
}

/* The newest epoch that a save at n writes, or "" for none. */
static void
expect(struct cdp_position *p, uint64_t n, const char *want)
{
	struct cdp_buf b = { 0 };
	struct cdp_tape t = { 0 };
	uint32_t it = 0, key, val, at = CDP_NOTOK;
	struct cdp_str got = { "", 0 };

	if (cdp_position_save(p, n, &b)) {
		assert_int_equal(cdp_tape_parse(&t, cdp_buf_str(&b), NULL), 0);
		while (cdp_tape_next(&t, 0, &it, &key, &val))
			at = cdp_tape_get(&t, val, CDP_STR("at"));
		got = cdp_tape_raw(&t, at);
	}
	if (got.n != strlen(want))
		fail_msg(
		    "%llu: %.*s", (unsigned long long)n, (int)got.n, got.p);
	assert_memory_equal(got.p, want, got.n);
	cdp_tape_free(&t);
	cdp_buf_free(&b);
}

static void
test_save_is_held_back_by_what_waits(void **state)
{
	struct cdp_position *p = cdp_position_new();
	uint64_t i;

	(void)state;
	for (i = 0; i < 3000; i++)
		read_one(p, i % 2 == 0 ? "a/0" : "a/1", 100 + i, i);
	expect(p, 0, "{\"a/0\":100,\"a/1\":101}");
	/* Let go in another order than they came. */
	for (i = 1; i < 3000; i++)
		cdp_position_done(p, i);
	expect(p, 1, "{\"a/0\":100,\"a/1\":3100}");
	cdp_position_done(p, 0);
	expect(p, 2, "{\"a/0\":3099,\"a/1\":3100}");
	expect(p, 3, "");
	/* What was read before moves nothing, nor back. */
	read_one(p, "a/0", 5, 3000);
	expect(p, 4, "");
	/* Numbers that are of no stream hold nothing. */
	read_one(p, "a/0", 3099, 3010);
	cdp_position_done(p, 3005);
	cdp_position_done(p, 3000);
	cdp_position_done(p, 3010);
	expect(p, 5, "{\"a/0\":3100,\"a/1\":3100}");
	cdp_position_free(p);
}

static void
test_begin_does_not_count_what_is_half_read(void **state)
{
	struct cdp_position *p = cdp_position_new();

	(void)state;
	cdp_position_begin(p, CDP_STR("f"), 10, 20);
	expect(p, 1, "{\"f\":10}");
	cdp_position_end(p);
	expect(p, 2, "{\"f\":20}");
	cdp_position_free(p);
}

static void
test_retire_forgets_what_is_read(void **state)
{
	struct cdp_position *p = cdp_position_new();

	(void)state;
	read_one(p, "file:x#1", 0, 0);
	read_one(p, "file:x#2", 0, 1);
	cdp_position_retire(p, CDP_STR("file:x#"), CDP_STR("file:x#2"));
	expect(p, 1, "{\"file:x#1\":0,\"file:x#2\":0}");
	cdp_position_done(p, 0);
	cdp_position_done(p, 1);
	expect(p, 2, "{\"file:x#2\":1}");
	cdp_position_free(p);
}

static void
note(void *arg, struct cdp_str name, uint64_t at)
{
	cdp_buf_printf(
	    arg, "%.*s=%llu ", (int)name.n, name.p, (unsigned long long)at);
}

static void
check(const struct cdp_position *p, const struct cdp_buf *list,
    uint64_t received, const char *want)
{
	struct cdp_buf b = { 0 };
	struct cdp_tape t = { 0 };
	uint32_t it = 0, key, val;

	cdp_position_resume(p, received, CDP_STR("s"), note, &b);
	assert_string_equal(cdp_buf_cstr(&b), want);
	/* cdp-store says the same. */
	cdp_buf_reset(&b);
	assert_int_equal(cdp_tape_parse(&t, cdp_buf_str(list), NULL), 0);
	key = cdp_position_safe(&t, received);
	for (it = 0; key != CDP_NOTOK &&
	     cdp_tape_next(&t, key, &it, &(uint32_t){ 0 }, &val);)
		note(&b, CDP_STR("s"),
		    strtoull(cdp_tape_raw(&t, val).p, NULL, 10));
	assert_string_equal(cdp_buf_cstr(&b), want);
	cdp_tape_free(&t);
	cdp_buf_free(&b);
}

static void
test_resume_is_where_all_was_received(void **state)
{
	struct cdp_position *p = cdp_position_new(), *q;
	struct cdp_buf list = { 0 }, b = { 0 };
	struct cdp_err err = { 0 };
	uint64_t i;

	(void)state;
	for (i = 1; i <= 1000; i++) {
		cdp_position_begin(p, CDP_STR("s"), i - 1, i);
		cdp_position_end(p);
		cdp_buf_reset(&list);
		assert_true(cdp_position_save(p, 10 * i, &list));
		assert_true(list.n < 1500);
	}
	q = cdp_position_new();
	assert_int_equal(cdp_position_load(q, cdp_buf_str(&list), &err), 0);
	check(p, &list, 10000, "s=1000 ");
	check(q, &list, 10000, "s=1000 ");
	check(q, &list, 9999, "s=999 ");
	check(q, &list, 9950, "s=995 ");
	check(q, &list, 0, "s=999 ");
	/* Nothing was received: from the beginning. */
	cdp_position_resume(q, 5, CDP_STR("s"), note, &b);
	assert_string_equal(cdp_buf_cstr(&b), "s=0 ");
	cdp_position_free(p);
	cdp_position_free(q);
	cdp_buf_free(&list);
	cdp_buf_free(&b);
}

/* What only newer epochs know was lost as a whole. */
static void
test_resume_names_what_came_later(void **state)
{
	struct cdp_position *p = cdp_position_new();
	struct cdp_buf list = { 0 }, b = { 0 };
	static const char *const name[] = { "s1", "s2", "s3" };
	uint64_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		cdp_position_begin(p, cdp_str_of(name[i]), 3, 7);
		cdp_position_retire(p, CDP_STR("s"), cdp_str_of(name[i]));
		cdp_position_end(p);
		assert_true(cdp_position_save(p, 10 * i + 10, &list));
	}
	cdp_position_resume(p, 30, CDP_STR("s"), note, &b);
	assert_string_equal(cdp_buf_cstr(&b), "s3=7 ");
	cdp_buf_reset(&b);
	cdp_position_resume(p, 10, CDP_STR("s"), note, &b);
	assert_string_equal(cdp_buf_cstr(&b), "s1=7 s2=0 s3=0 ");
	cdp_buf_reset(&b);
	cdp_position_resume(p, 1, CDP_STR("s"), note, &b);
	assert_string_equal(cdp_buf_cstr(&b), "s1=0 s2=0 s3=0 ");
	cdp_position_free(p);
	cdp_buf_free(&list);
	cdp_buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_save_is_held_back_by_what_waits),
		cmocka_unit_test(test_begin_does_not_count_what_is_half_read),
		cmocka_unit_test(test_retire_forgets_what_is_read),
		cmocka_unit_test(test_resume_is_where_all_was_received),
		cmocka_unit_test(test_resume_names_what_came_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
