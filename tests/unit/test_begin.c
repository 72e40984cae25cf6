#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/store/log.h"

/* ---- a disk that syncs when it is told to ---- */

static sem_t go;
static int sync_errno;

static int
slow_sync(int fd)
{
	(void)fd;
	while (sem_wait(&go) != 0)
		;
	errno = sync_errno;
	return sync_errno == 0 ? 0 : -1;
}

static int
no_sync(int fd)
{
	(void)fd;
	return 0;
}

struct rig {
	struct cdp_io io;
	struct cdp_store *st;
	struct cdp_log *log;
	struct cdp_err err;
	struct cdp_buf val;
	char path[32];
};

static void
reopen(struct rig *r, int (*sync)(int))
{
	struct cdp_log_opt opt = { .stage = "merge",
		.fingerprint = CDP_STR("abcd") };

	r->io = cdp_io_real;
	r->io.fsync = r->io.fdatasync = no_sync;
	assert_int_equal(
	    cdp_store_open(&r->io, r->path, CDP_STORE_WRITE, &r->st, &r->err),
	    0);
	assert_int_equal(cdp_log_open(r->st, &opt, &r->log, &r->err), 0);
	r->io.fdatasync = sync;
}

static void
shut(struct rig *r)
{
	cdp_log_close(r->log);
	cdp_store_close(r->st);
}

static int
setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));

	*state = r;
	sync_errno = 0;
	snprintf(r->path, sizeof(r->path), "begin.XXXXXX");
	return r == NULL || sem_init(&go, 0, 0) != 0 ||
	    mkdtemp(r->path) == NULL;
}

static int
teardown(void **state)
{
	struct rig *r = *state;
	char cmd[64];

	snprintf(cmd, sizeof(cmd), "rm -rf %s", r->path);
	cdp_buf_free(&r->val);
	free(r);
	return system(cmd);
}

/* ---- */

static uint64_t
input(struct rig *r, uint64_t n)
{
	struct cdp_log_key key = { .o = CDP_STR("main.ingest"), .n = n };
	uint64_t q = cdp_log_input(r->log, &key), again;

	cdp_log_record(r->log, CDP_REC_PASS, CDP_STR("{\"a\":1}"));
	assert_int_equal(cdp_log_where(r->log, &key, &again), 0);
	assert_int_equal(again, q);
	assert_true(cdp_log_pending(r->log, &key));
	return q;
}

static void
says(struct rig *r, const char *key, const char *want)
{
	cdp_buf_reset(&r->val);
	assert_int_equal(
	    cdp_log_get(r->log, cdp_str_of(key), &r->val, &r->err), 0);
	assert_string_equal(cdp_buf_cstr(&r->val), want);
}

static int
add_due(void *arg, struct cdp_str key, int64_t due_ms)
{
	char *text = arg;

	sprintf(
	    text + strlen(text), "%.*s=%d ", (int)key.n, key.p, (int)due_ms);
	return 0;
}

static void
put(struct rig *r, const char *key, const char *val, int64_t due_ms)
{
	cdp_log_put(r->log, cdp_str_of(key), cdp_str_of(val), due_ms);
}

/* What is to be done behind an epoch. */
static int thens;

static void
then(void *arg)
{
	assert_non_null(arg);
	thens++;
}

static void
test_what_is_under_way_can_be_asked_for(void **state)
{
	struct rig *r = *state;
	char due[64] = "";

	thens = 0;
	reopen(r, slow_sync);
	put(r, "p_1", "1", 5);
	put(r, "p_2", "1", 6);
	assert_int_equal(input(r, 1), 1);
	assert_int_equal(cdp_log_begin(r->log, then, r, &r->err), 0);
	assert_true(cdp_log_begun(r->log));
	assert_int_equal(cdp_log_last(r->log), 0);
	says(r, "p_1", "1");
	put(r, "p_1", "2", 7);
	says(r, "p_1", "2");
	says(r, "p_2", "1");
	assert_int_equal(input(r, 2), 2);
	cdp_log_due_start(r->log, CDP_STR("none"), INT64_MIN);
	cdp_log_due(r->log, INT64_MAX, add_due, due, &r->err);
	assert_string_equal(due, "p_1=7 p_2=6 ");
	assert_int_equal(thens, 0);
	sem_post(&go);
	assert_int_equal(cdp_log_finish(r->log, &r->err), 0);
	assert_int_equal(thens, 1);
	assert_int_equal(cdp_log_last(r->log), 1);
	says(r, "p_1", "2");
	says(r, "p_2", "1");
	due[0] = '\0';
	cdp_log_due_start(r->log, CDP_STR("none"), INT64_MIN);
	cdp_log_due(r->log, INT64_MAX, add_due, due, &r->err);
	assert_string_equal(due, "p_1=7 p_2=6 ");
	sem_post(&go);
	assert_int_equal(cdp_log_commit(r->log, &r->err), 0);
	shut(r);

	reopen(r, no_sync);
	says(r, "p_1", "2");
	says(r, "p_2", "1");
	assert_int_equal(cdp_log_last(r->log), 2);
	shut(r);
}

static void
test_a_sync_that_fails_loses_the_epoch(void **state)
{
	struct rig *r = *state;

	thens = 0;
	reopen(r, slow_sync);
	input(r, 1);
	assert_int_equal(cdp_log_begin(r->log, then, r, &r->err), 0);
	sync_errno = EIO;
	sem_post(&go);
	assert_int_equal(cdp_log_finish(r->log, &r->err), CDP_EIO);
	assert_int_equal(thens, 0);
	assert_non_null(strstr(r->err.msg, "cannot sync"));
	shut(r);

	reopen(r, no_sync);
	assert_int_equal(cdp_log_last(r->log), 0);
	shut(r);
}

static void
test_closing_waits(void **state)
{
	struct rig *r = *state;

	reopen(r, slow_sync);
	input(r, 1);
	assert_int_equal(cdp_log_begin(r->log, then, r, &r->err), 0);
	sem_post(&go);
	shut(r);

	reopen(r, no_sync);
	assert_int_equal(cdp_log_last(r->log), 1);
	shut(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_what_is_under_way_can_be_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_sync_that_fails_loses_the_epoch, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_closing_waits, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
