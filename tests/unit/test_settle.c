#include "tests/unit/count_stage.h"

#include <sys/stat.h>
#include <sys/wait.h>

/*
 * The last epoch is made sure when a log is opened, and no durable byte is
 * at risk meanwhile.
 */
static int nwrites, nsyncs;
static bool spoil; /* a write into a segment leaves garbage, and the power */

static ssize_t
count_pwritev(int fd, const struct iovec *iov, int n, off_t off)
{
	struct stat sb;
	char *junk;

	if (spoil && fstat(fd, &sb) == 0 && off > 0 && off < sb.st_size) {
		junk = calloc(1, iov->iov_len);
		assert_int_equal(
		    pwrite(fd, junk, iov->iov_len, off), (ssize_t)iov->iov_len);
		_exit(9);
	}
	nwrites++;
	return pwritev(fd, iov, n, off);
}

static int
count_sync(int fd)
{
	(void)fd;
	nsyncs++;
	return 0;
}

static struct cdp_io
count_io(void)
{
	struct cdp_io io = cdp_io_real;

	io.pwritev = count_pwritev;
	io.fdatasync = io.fsync = count_sync;
	nwrites = nsyncs = 0;
	return io;
}

static void
assert_same(const char *store)
{
	struct run r = { .store = store, .epoch_lines = 3 };
	struct cdp_io io = count_io();

	r.io = &io;
	assert_int_equal(run(&r, input), 0);
	assert_string_equal(r.out, output);
	free(r.out);
}

static void
make(const char *store)
{
	clean(store);
	assert_same(store);
	assert_true(nsyncs > 3);
}

static bool
there(const char *path)
{
	return access(path, F_OK) == 0;
}

static void
test_log_closed_well_is_opened_without_a_write(void **state)
{
	(void)state;
	make("s1");
	assert_same("s1");
	assert_int_equal(nwrites, 0);
	assert_int_equal(nsyncs, 0);
	clean("s1");
}

static void
test_log_left_open_is_made_sure(void **state)
{
	(void)state;
	make("s1");
	assert_int_equal(truncate("s1/count/LOCK", 0), 0);
	assert_same("s1");
	/* LAST, its folder, the segment; and the note in LOCK. */
	assert_int_equal(nsyncs, 3);
	assert_int_equal(nwrites, 2);
	assert_false(there("s1/count/LAST"));
	clean("s1");
}

/* Nobody has synced a copy, nor what another stage wrote without a sync. */
static void
test_log_that_we_did_not_sync_is_not_believed(void **state)
{
	struct run r = { .store = "s1", .io = &cdp_io_unsynced };

	(void)state;
	make("s1");
	clean("s2");
	assert_int_equal(system("cp -R s1 s2"), 0);
	assert_same("s2");
	assert_int_equal(nsyncs, 3);
	clean("s2");
	clean("s1");
	assert_int_equal(run(&r, input), 0);
	assert_same("s1");
	assert_int_equal(nsyncs, 3);
	free(r.out);
	clean("s1");
}

/* The power fails while the last epoch is written again, any time. */
static void
test_log_survives_a_bad_second_write(void **state)
{
	int status, i;
	pid_t pid;

	(void)state;
	make("s1");
	for (i = 0; i < 3; i++) {
		if (i == 0)
			assert_int_equal(truncate("s1/count/LOCK", 0), 0);
		pid = fork();
		assert_int_not_equal(pid, -1);
		if (pid == 0) {
			spoil = true;
			assert_same("s1");
			_exit(1);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 9);
		assert_true(there("s1/count/LAST"));
	}
	assert_same("s1");
	assert_false(there("s1/count/LAST"));
	assert_same("s1");
	assert_int_equal(nwrites, 0);
	clean("s1");
}

/* One that came back from the dead, or is none, is taken away. */
static void
test_log_drops_a_last_that_is_not_its_own(void **state)
{
	static const char *const how[] = { "echo >s1/count/LAST",
		": >s1/count/LAST",
		"tail -c +73 s2/count/0000000001.seg >s1/count/LAST" };
	size_t i;

	(void)state;
	make("s1");
	make("s2");
	for (i = 0; i < sizeof(how) / sizeof(how[0]); i++) {
		assert_int_equal(system(how[i]), 0);
		assert_same("s1");
		assert_int_equal(nwrites, 0);
		assert_false(there("s1/count/LAST"));
	}
	clean("s1");
	clean("s2");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_log_closed_well_is_opened_without_a_write),
		cmocka_unit_test(test_log_left_open_is_made_sure),
		cmocka_unit_test(test_log_that_we_did_not_sync_is_not_believed),
		cmocka_unit_test(test_log_survives_a_bad_second_write),
		cmocka_unit_test(test_log_drops_a_last_that_is_not_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
