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
	(void)self;
	assert_true(cdp_tape_i64(t, 0, &((struct counter *)k)->n));
}

static void
write_n(void *self, const struct cdp_state *k, struct cdp_buf *b)
{
	(void)self;
	cdp_buf_i64(b, ((const struct counter *)k)->n);
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
	assert_int_equal(ss.bytes, 0);
	assert_int_equal(cdp_due_min(&ss.due)->due_ms, 100);
	assert_int_equal(get(&ss, "p_a"), 1);
	assert_int_equal(get(&ss, "p_b"), 2);
	assert_int_equal(get(&ss, "p_c"), 0);
	close_states(&ss, st);
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
	ss.max_bytes = ss.bytes - 1;
	cdp_states_trim(&ss); /* all were used: all go */
	assert_int_equal(ss.by_id.n, 0);
	ss.max_bytes = SIZE_MAX;
	for (i = 0; i < 100; i++) {
		snprintf(id, sizeof(id), "p_%d", i);
		get(&ss, id);
	}
	for (i = 10; i < 100; i++) { /* as at a time before */
		snprintf(id, sizeof(id), "p_%d", i);
		((struct cdp_state *)cdp_map_get(&ss.by_id, cdp_str_of(id)))
		    ->used = false;
	}
	ss.max_bytes = ss.bytes - 1;
	ss.trim_at = 0;
	cdp_states_trim(&ss);
	assert_int_equal(ss.by_id.n, 10);
	close_states(&ss, st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_get_reads_what_was_saved),
		cmocka_unit_test(test_trim_lets_go_of_what_the_log_has),
		cmocka_unit_test(test_trim_without_a_log_keeps_what_is_kept),
		cmocka_unit_test(test_trim_keeps_who_is_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
