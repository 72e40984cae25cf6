#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/tool/sandbox.h"

/* What a confined child found; each is errno, or 0 if it was done. */
struct found {
	int entered, outside, inside, name, rename, list, above, stranger;
	int tcp, local, exec, fork, trace, again;
};

static int
done(int rc)
{
	int saved = errno;

	if (rc < 0)
		return saved;
	return 0;
}

static int
try_open(const char *path, int flags)
{
	int fd = open(path, flags, 0600), rc = done(fd);

	if (fd != -1)
		close(fd);
	return rc;
}

static void
look(struct found *f)
{
	char *const argv[] = { "true", NULL }, *const env[] = { NULL };
	pid_t pid;

	f->outside = try_open("/etc/passwd", O_RDONLY);
	f->stranger = try_open("other/file", O_RDONLY);
	f->name = try_open("other/new", O_WRONLY | O_CREAT);
	f->inside = try_open("mine/a.tmp", O_RDWR | O_CREAT | O_TRUNC);
	f->rename = done(rename("mine/a.tmp", "mine/a"));
	if (f->rename == 0)
		f->rename = done(mkdir("mine/b", 0700)) != 0 ||
		    done(truncate("mine/a", 3)) != 0 ||
		    done(unlink("mine/a")) != 0;
	f->list = try_open("mine/..", O_RDONLY | O_DIRECTORY);
	f->above = try_open("/", O_RDONLY | O_DIRECTORY);
	f->again = try_open("input", O_RDONLY);
	f->tcp = done(socket(AF_INET, SOCK_STREAM, 0));
	f->local = done(socket(AF_UNIX, SOCK_STREAM, 0));
	f->exec = done(execve("/bin/true", argv, env));
	f->trace = done((int)ptrace(PTRACE_ATTACH, getppid(), 0, 0));
	if ((pid = fork()) == 0)
		_exit(0);
	f->fork = done(pid);
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

static void
child(int fd, bool net)
{
	struct cdp_sandbox sb;
	struct cdp_err err = { 0 };
	struct found f = { 0 };

	cdp_sandbox_begin(&sb, CDP_SANDBOX_REQUIRE);
	cdp_sandbox_rules(&sb, net);
	cdp_sandbox_allow(&sb, "mine", CDP_SANDBOX_CHANGE);
	cdp_sandbox_allow(&sb, "mine/..", CDP_SANDBOX_LIST);
	cdp_sandbox_allow(&sb, "input", CDP_SANDBOX_READ);
	cdp_sandbox_allow(&sb, "not there", CDP_SANDBOX_READ);
	f.entered = cdp_sandbox_enter(&sb, &err);
	if (f.entered == 0)
		look(&f);
	_exit(write(fd, &f, sizeof(f)) == sizeof(f) ? 0 : 1);
}

static struct found
confined(bool net)
{
	struct found f;
	int p[2], status;
	pid_t pid;

	assert_int_equal(pipe(p), 0);
	if ((pid = fork()) == 0)
		child(p[1], net);
	close(p[1]);
	assert_int_equal(read(p[0], &f, sizeof(f)), sizeof(f));
	close(p[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	return f;
}

static void
make(void)
{
	mkdir("mine", 0700);
	mkdir("other", 0700);
	assert_int_equal(try_open("other/file", O_WRONLY | O_CREAT), 0);
	assert_int_equal(try_open("input", O_WRONLY | O_CREAT), 0);
}

static bool
kernel_can(void)
{
	char state[64];

	cdp_sandbox_state(state, sizeof(state));
	return strstr(state, "landlock") != NULL &&
	    strstr(state, "seccomp") != NULL;
}

static void
test_enter_leaves_what_was_named(void **state)
{
	struct found f;

	(void)state;
	if (!kernel_can())
		skip();
	make();
	f = confined(false);
	assert_int_equal(f.entered, 0);
	assert_int_equal(f.inside, 0);
	assert_int_equal(f.rename, 0);
	assert_int_equal(f.list, 0);
	assert_int_equal(f.again, 0);
}

static void
test_enter_takes_the_rest(void **state)
{
	struct found f;

	(void)state;
	if (!kernel_can())
		skip();
	make();
	f = confined(false);
	assert_int_equal(f.outside, EACCES);
	assert_int_equal(f.stranger, EACCES);
	assert_int_equal(f.name, EACCES);
	assert_int_equal(f.above, EACCES);
	assert_int_equal(f.tcp, EPERM);
	assert_int_equal(f.local, EPERM);
	assert_int_equal(f.exec, EPERM);
	assert_int_equal(f.fork, EPERM);
	assert_int_equal(f.trace, EPERM);
}

static void
test_net_leaves_sockets_only(void **state)
{
	struct found f;

	(void)state;
	if (!kernel_can())
		skip();
	make();
	f = confined(true);
	assert_int_equal(f.tcp, 0);
	assert_int_equal(f.local, 0);
	assert_int_equal(f.exec, EPERM);
	assert_int_equal(f.outside, EACCES);
}

static void
test_off_changes_nothing(void **state)
{
	struct cdp_sandbox sb;

	(void)state;
	cdp_sandbox_begin(&sb, CDP_SANDBOX_OFF);
	cdp_sandbox_rules(&sb, false);
	cdp_sandbox_allow(&sb, ".", CDP_SANDBOX_READ);
	assert_int_equal(cdp_sandbox_enter(&sb, NULL), 0);
	assert_int_equal(try_open("/etc/passwd", O_RDONLY), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_enter_leaves_what_was_named),
		cmocka_unit_test(test_enter_takes_the_rest),
		cmocka_unit_test(test_net_leaves_sockets_only),
		cmocka_unit_test(test_off_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
