#include "tests/unit/count_stage.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/store/compact.h"

/*
 * The kernel that dies, or fails, at its n-th call that changes something.
 */
enum act { KILL_BEFORE, KILL_AFTER, KILL_TORN, FAIL, NACTS };

static enum act act;
static long calls_left;
static bool reached;

/* Whether this is the call; a call that is to be killed before dies here. */
static bool
due(bool writes)
{
	if (calls_left <= 0 || (act == KILL_TORN && !writes) ||
	    --calls_left != 0)
		return false;
	reached = true;
	if (act == KILL_BEFORE)
		_exit(9);
	if (act == FAIL)
		errno = EIO;
	return true;
}

#define BAD(call, wrong)                                                       \
	do {                                                                   \
		bool last = due(false);                                        \
		__typeof__(call) rc_ = last && act == FAIL ? (wrong) : (call); \
                                                                               \
		if (last && act != FAIL)                                       \
			_exit(9);                                              \
		return rc_;                                                    \
	} while (0)

static int
bad_openat(int dir, const char *path, int flags, mode_t mode)
{
	if ((flags & O_CREAT) == 0)
		return openat(dir, path, flags, mode);
	BAD(openat(dir, path, flags, mode), -1);
}

static ssize_t
bad_pwritev(int fd, const struct iovec *iov, int n, off_t off)
{
	bool last = due(true);
	struct iovec half = iov[0];
	ssize_t rc;

	if (last && act == FAIL)
		return -1;
	if (last)
		half.iov_len /= act == KILL_TORN ? 2 : 1;
	rc = last ? pwritev(fd, &half, 1, off) : pwritev(fd, iov, n, off);
	if (last)
		_exit(9);
	return rc;
}

static ssize_t
bad_write(int fd, const void *p, size_t n)
{
	bool last = due(true);
	ssize_t rc;

	if (last && act == FAIL)
		return -1;
	rc = write(fd, p, last && act == KILL_TORN ? n / 2 : n);
	if (last)
		_exit(9);
	return rc;
}

static int
bad_fdatasync(int fd)
{
	(void)fd;
	BAD(0, -1);
}

static int
bad_ftruncate(int fd, off_t n)
{
	BAD(ftruncate(fd, n), -1);
}

static int
bad_renameat(int dir, const char *from, int todir, const char *to)
{
	BAD(renameat(dir, from, todir, to), -1);
}

static int
bad_unlinkat(int dir, const char *path, int flags)
{
	BAD(unlinkat(dir, path, flags), -1);
}

static int
bad_mkdirat(int dir, const char *path, mode_t mode)
{
	BAD(mkdirat(dir, path, mode), -1);
}

static struct cdp_io
bad_io(void)
{
	struct cdp_io io = cdp_io_real;

	io.openat = bad_openat;
	io.pwritev = bad_pwritev;
	io.write = bad_write;
	io.fdatasync = bad_fdatasync;
	io.fsync = bad_fdatasync;
	io.ftruncate = bad_ftruncate;
	io.renameat = bad_renameat;
	io.unlinkat = bad_unlinkat;
	io.mkdirat = bad_mkdirat;
	return io;
}

static int
add_line(void *arg, struct cdp_str line)
{
	cdp_buf_put(arg, line);
	cdp_buf_putc(arg, '\n');
	return 0;
}

static char *
dump(const char *store)
{
	struct cdp_err err = { 0 };
	struct cdp_store *st;
	struct cdp_buf b = { 0 };

	assert_int_equal(
	    cdp_store_open(&cdp_io_real, store, CDP_STORE_READ, &st, &err), 0);
	assert_int_equal(cdp_log_dump(st, "count", add_line, &b, &err), 0);
	cdp_store_close(st);
	return cdp_buf_cstr(&b);
}

/* One run that ends, or not, at call n; whether the call was reached. */
static bool
doomed(struct run *r, long n)
{
	struct cdp_io io = bad_io();
	int status;
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		calls_left = n;
		r->io = &io;
		run(r, input);
		_exit(reached ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status) != 0;
}

static void
every_call(enum act what, size_t epoch_lines)
{
	struct run r = { .store = "k1", .epoch_lines = epoch_lines };
	struct cdp_io quick = bad_io(); /* syncs nothing, fails nothing */
	struct run again = r;
	char *want, *got;
	long n;

	clean("k1");
	again.io = &quick;
	assert_int_equal(run(&again, input), 0);
	want = dump("k1");
	act = what;
	for (n = 1;; n++) {
		clean("k1");
		if (!doomed(&r, n))
			break;
		assert_int_equal(run(&again, input), 0);
		assert_string_equal(again.out, output);
		got = dump("k1");
		assert_string_equal(got, want);
		free(got);
	}
	assert_true(n > 5);
	free(want);
	free(r.out);
	free(again.out);
	clean("k1");
	assert_int_equal(system("rm -f out.*"), 0);
}

static void
test_stage_killed_before_any_call(void **state)
{
	(void)state;
	every_call(KILL_BEFORE, 2);
}

static void
test_stage_killed_after_any_call(void **state)
{
	(void)state;
	every_call(KILL_AFTER, 3);
}

static void
test_stage_killed_within_any_write(void **state)
{
	(void)state;
	every_call(KILL_TORN, 2);
}

static void
test_stage_goes_on_after_any_failure(void **state)
{
	(void)state;
	every_call(FAIL, 3);
}

/* ---- compaction ---- */

/* 0, or that of cdp_compact_stage. */
static int
compact(const struct cdp_io *io, const char *store)
{
	struct cdp_compact_opt opt = { 0 };
	struct cdp_compact_stats stats;
	struct cdp_err err = { 0 };
	struct cdp_store *st;
	int rc;

	assert_int_equal(
	    cdp_store_open(io, store, CDP_STORE_READ, &st, &err), 0);
	rc = cdp_compact_stage(st, "count", &opt, &stats, &err);
	cdp_store_close(st);
	return rc;
}

static bool
doomed_compact(const char *store, long n)
{
	struct cdp_io io = bad_io();
	int status;
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		calls_left = n;
		compact(&io, store);
		_exit(reached ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status) != 0;
}

static void
assert_dump(const char *store, const char *want)
{
	char *got = dump(store);

	assert_string_equal(got, want);
	free(got);
}

/* What a writer and a compaction, both whole, leave: no file but its own. */
static void
assert_tidy(const char *store)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "test $(ls %s/count | wc -l) -eq 6", store);
	assert_int_equal(system(cmd), 0);
}

/*
 * Two generations of segments, then a third compaction that ends, or fails,
 * at call n: the log says the same, at once and after what comes next.
 */
static void
every_call_of_compact(enum act what)
{
	struct cdp_io quick = bad_io();
	struct run r = { .store = "k2", .epoch_lines = 2, .io = &quick };
	char *want, *half = strdup(input);
	size_t cut = strlen(input) / 2;
	long n;

	clean("k2");
	while (half[cut] != '\n')
		cut++;
	half[cut + 1] = '\0';
	assert_int_equal(run(&r, half), 0);
	assert_int_equal(compact(&quick, "k2"), 0);
	assert_int_equal(run(&r, input), 0);
	want = dump("k2");
	assert_int_equal(system("rm -rf k3 && cp -r k2 k3"), 0);
	act = what;
	r.store = "k3";
	for (n = 1; doomed_compact("k3", n); n++) {
		assert_dump("k3", want);
		if (n % 2 == 0)
			assert_int_equal(compact(&quick, "k3"), 0);
		assert_int_equal(run(&r, input), 0);
		assert_string_equal(r.out, output);
		assert_dump("k3", want);
		assert_int_equal(compact(&quick, "k3"), 0);
		assert_dump("k3", want);
		assert_tidy("k3");
		assert_int_equal(system("rm -rf k3 && cp -r k2 k3"), 0);
	}
	assert_true(n > 5);
	free(want);
	free(half);
	free(r.out);
	clean("k2");
	clean("k3");
}

static void
test_compact_stopped_at_any_call(void **state)
{
	enum act what;

	(void)state;
	for (what = KILL_BEFORE; what < NACTS; what++)
		if (what != KILL_AFTER) /* is before the next one */
			every_call_of_compact(what);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stage_killed_before_any_call),
		cmocka_unit_test(test_stage_killed_after_any_call),
		cmocka_unit_test(test_stage_killed_within_any_write),
		cmocka_unit_test(test_stage_goes_on_after_any_failure),
		cmocka_unit_test(test_compact_stopped_at_any_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
