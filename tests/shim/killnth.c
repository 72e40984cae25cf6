/*
 * killnth: a preloaded library that does something bad to its process at its
 * n-th call to the kernel.
 *
 * CDP_KILL_TOOL  the tools it is for, by name, with commas between
 * CDP_KILL_AT    which call, from 1
 * CDP_KILL_WHEN  what happens there:
 *     before, after   the process dies before, or after, a call that changes
 *                     something
 *     machine         so do all others of its process group
 *     torn, torn1     a write is done by half, or by one byte, and the
 *                     process dies
 *     short           a write is done by half and says so
 *     EINTR EIO       the call is not made and fails; calls that only look
 *                     count as well
 *     ENOSPC          the call that changes something is not made and fails
 *     full            and so do all after it that need room
 *     fsync           the sync fails, and what was not yet synced is lost
 * CDP_KILL_MARK  a file that is made right before, so that the caller knows
 *                that the call was reached
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/shim/trickle.h"

enum kind { LOOKS, CHANGES, GROWS, WRITES, SYNCS, SENDS };

static enum act {
	BEFORE,
	AFTER,
	MACHINE,
	TORN,
	TORN1,
	SHORT,
	FAIL,
	NOROOM,
	FULL,
	FSYNC
} act;
static long left = -1; /* calls to go; -1: never */
static bool reached;
static int code;
static const char *mark;

#define NFD 1024
static off_t synced[NFD]; /* how much of a file is */

static bool
named(const char *list, const char *name)
{
	size_t n = strlen(name);
	const char *p;

	for (p = list; (p = strstr(p, name)) != NULL; p += n)
		if ((p == list || p[-1] == ',') &&
		    (p[n] == ',' || p[n] == '\0'))
			return true;
	return false;
}

__attribute__((constructor)) static void
start(void)
{
	static const struct {
		const char *name;
		enum act act;
		int code;
	} acts[] = {
		{ "before", BEFORE, 0 },
		{ "after", AFTER, 0 },
		{ "machine", MACHINE, 0 },
		{ "torn", TORN, 0 },
		{ "torn1", TORN1, 0 },
		{ "short", SHORT, 0 },
		{ "EINTR", FAIL, EINTR },
		{ "EIO", FAIL, EIO },
		{ "ENOSPC", NOROOM, ENOSPC },
		{ "full", FULL, ENOSPC },
		{ "fsync", FSYNC, EIO },
	};
	const char *tool = getenv("CDP_KILL_TOOL");
	const char *at = getenv("CDP_KILL_AT");
	const char *when = getenv("CDP_KILL_WHEN");
	size_t i;

	mark = getenv("CDP_KILL_MARK");
	if (tool == NULL || at == NULL ||
	    !named(tool, program_invocation_short_name))
		return;
	left = atol(at);
	for (i = 0; when != NULL && i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(when, acts[i].name) == 0) {
			act = acts[i].act;
			code = acts[i].code;
		}
}

static void
leave_mark(void)
{
	if (mark != NULL)
		syscall(SYS_close,
		    syscall(
			SYS_openat, AT_FDCWD, mark, O_CREAT | O_WRONLY, 0600));
}

static void
die(void)
{
	leave_mark();
	syscall(SYS_kill, act == MACHINE ? 0 : getpid(), SIGKILL);
}

static bool
counts(enum kind kind)
{
	switch (act) {
	case TORN:
	case TORN1:
	case SHORT:
		return kind == WRITES || kind == SENDS;
	case FSYNC:
		return kind == SYNCS;
	case FAIL:
		return true;
	case FULL:
		return kind == GROWS || kind == WRITES;
	case NOROOM:
		return kind != LOOKS && kind != SENDS;
	default:
		return kind != LOOKS;
	}
}

/* Whether this is the call; dies here if it must not be made. */
static bool
due(enum kind kind)
{
	if (reached && act == FULL && counts(kind))
		return true;
	/* Two threads may be at it. */
	if (left <= 0 || !counts(kind) ||
	    __atomic_sub_fetch(&left, 1, __ATOMIC_SEQ_CST) != 0)
		return false;
	reached = true;
	if (act == BEFORE || act == MACHINE)
		die();
	return true;
}

static bool
fails(void)
{
	if (act < FAIL)
		return false;
	leave_mark();
	errno = code;
	return true;
}

#define REAL(name) __typeof__(&name) real = dlsym(RTLD_NEXT, #name)

/* A call without bytes: made, and then perhaps the last one; or not made. */
#define CALL(type, name, kind, decl, args)                                     \
	type name decl;                                                        \
	type name decl                                                         \
	{                                                                      \
		REAL(name);                                                    \
		bool now = due(kind);                                          \
		type rc;                                                       \
                                                                               \
		if (now && fails())                                            \
			return -1;                                             \
		rc = real args;                                                \
		if (now)                                                       \
			die();                                                 \
		return rc;                                                     \
	}

CALL(int, ftruncate, CHANGES, (int fd, off_t n), (fd, n))
CALL(int, renameat, CHANGES,
    (int dir, const char *from, int todir, const char *to),
    (dir, from, todir, to))
CALL(int, rename, CHANGES, (const char *from, const char *to), (from, to))
CALL(int, unlinkat, CHANGES, (int dir, const char *path, int flags),
    (dir, path, flags))
CALL(int, unlink, CHANGES, (const char *path), (path))
CALL(int, mkdirat, GROWS, (int dir, const char *path, mode_t mode),
    (dir, path, mode))
CALL(int, connect, SENDS, (int fd, const struct sockaddr *to, socklen_t n),
    (fd, to, n))
CALL(ssize_t, recv, LOOKS, (int fd, void *p, size_t n, int flags),
    (fd, p, n, flags))
CALL(int, flock, LOOKS, (int fd, int op), (fd, op))
CALL(ssize_t, read, LOOKS, (int fd, void *p, size_t n), (fd, p, piece(fd, n)))
CALL(ssize_t, pread, LOOKS, (int fd, void *p, size_t n, off_t off),
    (fd, p, n, off))

int
poll(struct pollfd *p, nfds_t n, int ms)
{
	REAL(poll);

	return pauses(p, ms) ? 0 : real(p, n, ms);
}

/* ---- syncs ---- */

static void
note_size(int fd)
{
	struct stat sb;

	if (fd >= 0 && fd < NFD && fstat(fd, &sb) == 0)
		synced[fd] = S_ISREG(sb.st_mode) ? sb.st_size : -1;
}

static int
sync_with(int (*real)(int), int fd)
{
	bool now = due(SYNCS);
	int rc;

	if (now && act >= FAIL) {
		if (act == FSYNC && fd < NFD && synced[fd] >= 0)
			syscall(SYS_ftruncate, fd, synced[fd]);
		fails();
		return -1;
	}
	rc = real(fd);
	note_size(fd);
	if (now)
		die();
	return rc;
}

int
fsync(int fd)
{
	REAL(fsync);

	return sync_with(real, fd);
}

int
fdatasync(int fd)
{
	REAL(fdatasync);

	return sync_with(real, fd);
}

/* ---- calls with bytes ---- */

static size_t
some(size_t n)
{
	return act == TORN1 ? 1 : act == TORN || act == SHORT ? (n + 1) / 2 : n;
}

static void
end(bool now)
{
	if (now && act == SHORT)
		leave_mark();
	else if (now)
		die();
}

ssize_t
write(int fd, const void *p, size_t n)
{
	REAL(write);
	bool now = due(WRITES);
	ssize_t rc;

	if (now && fails())
		return -1;
	rc = real(fd, p, now ? some(n) : n);
	end(now);
	return rc;
}

ssize_t
send(int fd, const void *p, size_t n, int flags)
{
	REAL(send);
	bool now = due(SENDS);
	ssize_t rc;

	if (now && fails())
		return -1;
	rc = real(fd, p, now ? some(n) : n, flags);
	end(now);
	return rc;
}

ssize_t
pwritev(int fd, const struct iovec *iov, int n, off_t off)
{
	REAL(pwritev);
	bool now = due(WRITES);
	struct iovec part = iov[0];
	ssize_t rc;

	if (now && fails())
		return -1;
	part.iov_len = some(part.iov_len);
	rc = now ? real(fd, &part, 1, off) : real(fd, iov, n, off);
	end(now);
	return rc;
}

int
openat(int dir, const char *path, int flags, ...)
{
	REAL(openat);
	bool now = due((flags & O_CREAT) != 0 ? GROWS : LOOKS);
	va_list ap;
	mode_t mode;
	int fd;

	va_start(ap, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	if (now && fails())
		return -1;
	fd = real(dir, path, flags, mode);
	note_size(fd);
	if (now)
		die();
	return fd;
}
