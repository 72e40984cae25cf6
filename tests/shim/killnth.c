/*
 * killnth: a preloaded library that kills its process at its n-th call to the
 * kernel that changes something.
 *
 * CDP_KILL_TOOL  only the process of this name is killed
 * CDP_KILL_AT    which call, from 1
 * CDP_KILL_WHEN  before it, after it, or torn: a write is done by half, then
 *                the process dies (only writes are counted)
 * CDP_KILL_MARK  a file that is made right before the end, so that the caller
 *                knows that the call was reached
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static long left = -1; /* calls to go; -1: never */
static bool after, torn;
static const char *mark;

__attribute__((constructor)) static void
start(void)
{
	const char *tool = getenv("CDP_KILL_TOOL");
	const char *at = getenv("CDP_KILL_AT");
	const char *when = getenv("CDP_KILL_WHEN");

	mark = getenv("CDP_KILL_MARK");
	if (tool == NULL || at == NULL ||
	    strcmp(tool, program_invocation_short_name) != 0)
		return;
	left = atol(at);
	after = when != NULL && strcmp(when, "after") == 0;
	torn = when != NULL && strcmp(when, "torn") == 0;
}

static void
die(void)
{
	if (mark != NULL)
		syscall(SYS_openat, AT_FDCWD, mark, O_CREAT | O_WRONLY, 0600);
	syscall(SYS_kill, getpid(), SIGKILL);
}

/* Whether this is the call; dies here if it must not be made. */
static bool
due(bool writes)
{
	if (left <= 0 || (torn && !writes) || --left != 0)
		return false;
	if (!after && !torn)
		die();
	return true;
}

#define REAL(name) __typeof__(&name) real = dlsym(RTLD_NEXT, #name)

/* A call without bytes: made, and then perhaps the last one. */
#define CALL(type, name, decl, args)                                           \
	type name decl;                                                        \
	type name decl                                                         \
	{                                                                      \
		REAL(name);                                                    \
		bool last = due(false);                                        \
		type rc = real args;                                           \
                                                                               \
		if (last)                                                      \
			die();                                                 \
		return rc;                                                     \
	}

CALL(int, fsync, (int fd), (fd))
CALL(int, fdatasync, (int fd), (fd))
CALL(int, ftruncate, (int fd, off_t n), (fd, n))
CALL(int, renameat, (int dir, const char *from, int todir, const char *to),
    (dir, from, todir, to))
CALL(int, rename, (const char *from, const char *to), (from, to))
CALL(int, unlinkat, (int dir, const char *path, int flags), (dir, path, flags))
CALL(int, unlink, (const char *path), (path))
CALL(int, mkdirat, (int dir, const char *path, mode_t mode), (dir, path, mode))

/* A call with bytes: half of them if it is torn. */
ssize_t
write(int fd, const void *p, size_t n)
{
	REAL(write);
	bool last = due(true);
	ssize_t rc = real(fd, p, last && torn ? (n + 1) / 2 : n);

	if (last)
		die();
	return rc;
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t off)
{
	REAL(pwrite);
	bool last = due(true);
	ssize_t rc = real(fd, p, last && torn ? (n + 1) / 2 : n, off);

	if (last)
		die();
	return rc;
}

ssize_t
pwritev(int fd, const struct iovec *iov, int n, off_t off)
{
	REAL(pwritev);
	bool last = due(true);
	struct iovec half;
	ssize_t rc;

	if (last && torn) {
		half = iov[0];
		half.iov_len = (half.iov_len + 1) / 2;
		rc = real(fd, &half, 1, off);
	} else {
		rc = real(fd, iov, n, off);
	}
	if (last)
		die();
	return rc;
}

/* Opening counts where it makes a file. */
int
openat(int dir, const char *path, int flags, ...)
{
	REAL(openat);
	bool last = (flags & O_CREAT) != 0 && due(false);
	va_list ap;
	mode_t mode;
	int fd;

	va_start(ap, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	fd = real(dir, path, flags, mode);
	if (last)
		die();
	return fd;
}
