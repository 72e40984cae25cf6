/*
 * States: counters by name, which leave memory at any time and must not show
 * it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/store/states.h"
#include "tests/unit/scratch.h"

struct counter {
	struct cdp_state k;
	int64_t n;
	char *held; /* what drop must free */
};

static void
clear(void *self, struct cdp_state *k)
{
	struct counter *c = (struct counter *)k;

	(void)self;
	assert_int_equal(c->n, 0);
	assert_null(c->held);
	c->held = malloc(16);
	assert_non_null(c->held);
}

static void
read_n(void *self, struct cdp_state *k, const struct cdp_tape *t)
{
	uint32_t at = cdp_tape_get(t, 0, CDP_STR("n"));

	(void)self;
	assert_true(cdp_tape_i64(t, at, &((struct counter *)k)->n));
}

static void
write_n(void *self, const struct cdp_state *k, struct cdp_buf *b)
{
	(void)self;
	cdp_buf_puts(b, "{\"n\":");
	cdp_buf_i64(b, ((const struct counter *)k)->n);
	cdp_buf_puts(b,
	    ",\"of\":\"a counter, which says a number and that it "
	    "is the one of ");
	cdp_buf_put(b, k->due.id);
	cdp_buf_puts(b, ", as all of them do, and nothing else at all\"}");
}

static bool
empty(void *self, const struct cdp_state *k)
{
	(void)self;
	return ((const struct counter *)k)->n == 0;
}

static size_t
bytes(void *self, const struct cdp_state *k)
{
	(void)self;
	(void)k;
	return 16;
}

static void
drop(void *self, struct cdp_state *k)
{
	(void)self;
	free(((struct counter *)k)->held);
}

static const struct cdp_states_ops ops = {
	.size = sizeof(struct counter),
	.clear = clear,
	.read = read_n,
	.write = write_n,
	.empty = empty,
	.bytes = bytes,
	.drop = drop,
};

static void
set(struct cdp_states *ss, const char *id, int64_t n, int64_t due_ms)
{
	struct cdp_err err = { 0 };
	struct cdp_state *k;

	cdp_states_trim(ss);
	assert_int_equal(cdp_states_get(ss, cdp_str_of(id), &k, &err), 0);
	((struct counter *)k)->n = n;
	cdp_states_due(ss, k, n != 0 ? due_ms : INT64_MAX);
	cdp_states_changed(ss, k);
}

static int64_t
get(struct cdp_states *ss, const char *id)
{
	struct cdp_err err = { 0 };
	struct cdp_state *k;

	cdp_states_trim(ss);
	assert_int_equal(cdp_states_get(ss, cdp_str_of(id), &k, &err), 0);
	return ((struct counter *)k)->n;
}

static void
commit(struct cdp_states *ss)
{
	struct cdp_err err = { 0 };

	cdp_states_save(ss);
	assert_int_equal(cdp_log_commit(ss->log, &err), 0);
}

/* A log in a new folder, with the states of ss in it. */
static void
open_states(struct cdp_states *ss, char dir[32], struct cdp_store **st)
{
	struct cdp_log_opt opt = { .stage = "merge", .lock_timeout_ms = 0 };
	struct cdp_err err = { 0 };
	struct cdp_log *log;

	if (dir[0] == '\0') {
		strcpy(dir, "states.XXXXXX");
		assert_non_null(mkdtemp(dir));
	}
	assert_int_equal(
	    cdp_store_open(&cdp_io_real, dir, CDP_STORE_WRITE, st, &err), 0);
	assert_int_equal(cdp_log_open(*st, &opt, &log, &err), 0);
	cdp_states_init(ss, &ops, NULL);
	cdp_states_open(ss, log, CDP_STR("clock"), INT64_MIN);
}

static void
close_states(struct cdp_states *ss, struct cdp_store *st)
{
	struct cdp_log *log = ss->log;

	cdp_states_free(ss);
	cdp_log_close(log);
	cdp_store_close(st);
}

static void
test_get_reads_what_was_saved(void **state)
{
	char dir[32] = "";
	struct cdp_states ss;
	struct cdp_store *st;

	(void)state;
	open_states(&ss, dir, &st);
	set(&ss, "p_a", 3, 700);
	set(&ss, "p_b", 4, 500);
	set(&ss, "p_c", 5, INT64_MAX);
	set(&ss, "p_a", 6, 600);
	commit(&ss);
	set(&ss, "p_c", 0, INT64_MAX);
	set(&ss, "p_d", 1, INT64_MAX); /* never committed */
	cdp_states_save(&ss);
	close_states(&ss, st);
	open_states(&ss, dir, &st);
	assert_int_equal(ss.by_id.n, 0);
	assert_int_equal(cdp_states_ripe(&ss, 700, NULL), 0);
	assert_int_equal(ss.by_id.n, 2); /* those with a timer, not read */
	assert_true(cdp_str_is(cdp_due_min(&ss.due)->id, "p_b"));
	assert_int_equal(cdp_due_min(&ss.due)->due_ms, 500);
	assert_int_equal(get(&ss, "p_a"), 6);
	assert_int_equal(get(&ss, "p_b"), 4);
	assert_int_equal(get(&ss, "p_c"), 5);
	assert_int_equal(get(&ss, "p_d"), 0);
	cdp_states_clear(&ss, cdp_map_get(&ss.by_id, CDP_STR("p_b")));
	assert_int_equal(get(&ss, "p_b"), 0);
	commit(&ss);
	close_states(&ss, st);
	open_states(&ss, dir, &st);
	assert_int_equal(cdp_states_ripe(&ss, 700, NULL), 0);
	assert_int_equal(ss.by_id.n, 1);
	assert_int_equal(get(&ss, "p_b"), 0);
	close_states(&ss, st);
	scratch_drop(dir);
}

static void
test_trim_lets_go_of_what_the_log_has(void **state)
{
	char dir[32] = "";
	struct cdp_states ss;
	struct cdp_store *st;

	(void)state;
	open_states(&ss, dir, &st);
	ss.max_bytes = 0;
	set(&ss, "p_a", 1, 100);
	set(&ss, "p_b", 2, INT64_MAX);
	cdp_states_trim(&ss); /* both are yet to be written */
	assert_int_equal(ss.by_id.n, 2);
	commit(&ss);
	ss.trim_at = 0;
	cdp_states_trim(&ss);
	assert_int_equal(ss.by_id.n, 1); /* the timer */
	assert_int_equal(ss.hot_bytes + ss.cold_bytes, 0);
	assert_int_equal(cdp_due_min(&ss.due)->due_ms, 100);
	assert_int_equal(get(&ss, "p_a"), 1);
	assert_int_equal(get(&ss, "p_b"), 2);
	assert_int_equal(get(&ss, "p_c"), 0);
	close_states(&ss, st);
	scratch_drop(dir);
}

static void
test_trim_without_a_log_keeps_what_is_kept(void **state)
{
	struct cdp_states ss;

	(void)state;
	cdp_states_init(&ss, &ops, NULL);
	set(&ss, "p_a", 1, 100);
	set(&ss, "p_b", 2, INT64_MAX);
	set(&ss, "p_b", 0, INT64_MAX);
	assert_int_equal(get(&ss, "p_c"), 0);
	ss.max_bytes = 0;
	cdp_states_trim(&ss);
	assert_int_equal(ss.by_id.n, 1);
	assert_int_equal(get(&ss, "p_a"), 1);
	assert_int_equal(get(&ss, "p_b"), 0);
	cdp_states_free(&ss);
}

/* What was used since the last time stays, as far as there is room. */
static void
test_trim_keeps_who_is_used(void **state)
{
	char dir[32] = "", id[16];
	struct cdp_states ss;
	struct cdp_store *st;
	int i;

	(void)state;
	open_states(&ss, dir, &st);
	for (i = 0; i < 100; i++) {
		snprintf(id, sizeof(id), "p_%d", i);
		set(&ss, id, 1, INT64_MAX);
	}
	commit(&ss);
	ss.max_bytes = 16 * (ss.hot_bytes - 1);
	cdp_states_trim(&ss); /* all were used */
	assert_int_equal(ss.nhot, 99);
	ss.max_bytes = SIZE_MAX;
	for (i = 0; i < 100; i++) {
		snprintf(id, sizeof(id), "p_%d", i);
		get(&ss, id);
	}
	assert_int_equal(ss.nhot, 100);
	for (i = 10; i < 100; i++) { /* as at a time before */
		snprintf(id, sizeof(id), "p_%d", i);
		((struct cdp_state *)cdp_map_get(&ss.by_id, cdp_str_of(id)))
		    ->used = false;
	}
	ss.max_bytes = 16 * (ss.hot_bytes / 10);
	cdp_states_trim(&ss);
	assert_int_equal(ss.nhot, 10);
	for (i = 0; i < 10; i++) {
		snprintf(id, sizeof(id), "p_%d", i);
		assert_true(
		    ((struct cdp_state *)cdp_map_get(&ss.by_id, cdp_str_of(id)))
			->loaded);
	}
	close_states(&ss, st);
	scratch_drop(dir);
}

static void
add_up(void *arg, struct cdp_str id, struct cdp_str text)
{
	int64_t *sum = arg;

	assert_true(cdp_str_starts(id, CDP_STR("p_")));
	*sum += strtoll(text.p + strlen("{\"n\":"), NULL, 10);
}

/* Hot or packed, with what was learned or before: always the same. */
static void
many(struct cdp_states *ss, int n)
{
	struct cdp_err err = { 0 };
	struct cdp_state *k;
	int64_t sum = 0, was = 0;
	char id[16];
	int i;

	ss->max_bytes = 20000;
	for (i = 0; i < 3 * n; i++) {
		snprintf(id, sizeof(id), "p_%d", i * 7 % n);
		set(ss, id, get(ss, id) + i, 1000 + i * 11 % n);
		if (ss->log != NULL && i % 500 == 499)
			commit(ss);
	}
	cdp_states_each(ss, add_up, &sum);
	if (ss->log == NULL)
		assert_int_equal(sum, (int64_t)3 * n * (3 * n - 1) / 2);
	for (i = 0; i < n; i++) {
		cdp_states_trim(ss);
		assert_int_equal(
		    cdp_states_first(ss, INT64_MAX - 1, &k, &err), 0);
		assert_true(k->due.due_ms >= was);
		was = k->due.due_ms;
		cdp_states_due(ss, k, INT64_MAX);
		cdp_states_changed(ss, k);
	}
	assert_int_equal(cdp_states_first(ss, INT64_MAX - 1, &k, &err), 1);
	for (i = 0, sum = 0; i < n; i++) {
		snprintf(id, sizeof(id), "p_%d", i);
		sum += get(ss, id);
	}
	assert_int_equal(sum, (int64_t)3 * n * (3 * n - 1) / 2);
}

static void
test_trim_packs_who_is_not_used(void **state)
{
	char dir[32] = "";
	struct cdp_states ss;
	struct cdp_store *st;

	(void)state;
	cdp_states_init(&ss, &ops, NULL);
	many(&ss, 3001);
	assert_true(ss.cold_bytes / ss.by_id.n < 100); /* of 130 to 140 */
	cdp_states_free(&ss);
	open_states(&ss, dir, &st);
	many(&ss, 1501);
	close_states(&ss, st);
	scratch_drop(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_get_reads_what_was_saved),
		cmocka_unit_test(test_trim_lets_go_of_what_the_log_has),
		cmocka_unit_test(test_trim_without_a_log_keeps_what_is_kept),
		cmocka_unit_test(test_trim_keeps_who_is_used),
		cmocka_unit_test(test_trim_packs_who_is_not_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
