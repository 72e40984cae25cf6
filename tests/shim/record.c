/*
 * record: a preloaded library that writes down what its process does to the
 * files under a directory, so that tests/crash/power.c can make the disk of
 * any moment.
 *
 * CDP_RECORD_ROOT   the directory, absolute and without links
 * CDP_RECORD_TRACE  the file to append to.  It is locked from before a call
 *                   to after its record: the records of all processes stand
 *                   in the order of the calls.
 *
 * A record is a line, with the bytes of a write behind it:
 *     C PATH             made or emptied
 *     W PATH OFF LEN     written
 *     T PATH SIZE        cut
 *     S PATH             synced, a file or a directory
 *     R PATH TO          renamed
 *     U PATH             removed
 *     M PATH             directory made
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/shim/trickle.h"

#define REAL(name) __typeof__(&name) real = dlsym(RTLD_NEXT, #name)

static const char *root, *trace_name;
static int trace = -1;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* of threads */

__attribute__((constructor)) static void
start(void)
{
	root = getenv("CDP_RECORD_ROOT");
	trace_name = getenv("CDP_RECORD_TRACE");
	if (root != NULL && trace_name != NULL &&
	    strncmp(program_invocation_short_name, "cdp-", 4) == 0)
		trace = (int)syscall(SYS_openat, AT_FDCWD, trace_name,
		    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

/* The part of dir/name below the root; name may be NULL.  False: elsewhere. */
static bool
locate(int dir, const char *name, char ret[PATH_MAX])
{
	char link[64], base[PATH_MAX], full[PATH_MAX * 2];
	size_t n = trace == -1 ? 0 : strlen(root);
	ssize_t k;
	char *at;

	if (trace == -1)
		return false;
	if (name != NULL && name[0] == '/') {
		snprintf(full, sizeof(full), "%s", name);
	} else {
		snprintf(link, sizeof(link),
		    dir == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d",
		    dir);
		if ((k = readlink(link, base, sizeof(base) - 1)) < 0)
			return false;
		base[k] = '\0';
		snprintf(full, sizeof(full), "%s%s%s", base,
		    name != NULL ? "/" : "", name != NULL ? name : "");
	}
	while ((at = strstr(full, "/./")) != NULL)
		memmove(at, at + 2, strlen(at + 2) + 1);
	if (strncmp(full, root, n) != 0 || (full[n] != '/' && full[n] != '\0'))
		return false;
	snprintf(ret, PATH_MAX, "%s", full[n] == '/' ? full + n + 1 : ".");
	return true;
}

static void
begin(void)
{
	pthread_mutex_lock(&mutex);
	while (syscall(SYS_flock, trace, LOCK_EX) != 0)
		;
}

static void
end(void)
{
	int saved = errno;

	syscall(SYS_flock, trace, LOCK_UN);
	pthread_mutex_unlock(&mutex);
	errno = saved;
}

static void
note(const char *line, const void *p, size_t n)
{
	struct iovec iov[2] = { { (void *)(unsigned long)line, strlen(line) },
		{ (void *)(unsigned long)p, n } };
	int saved = errno;

	syscall(SYS_writev, trace, iov, n != 0 ? 2 : 1);
	errno = saved;
}

static void
note_path(char op, const char *path, long long arg)
{
	char line[PATH_MAX + 64];

	if (arg >= 0)
		snprintf(line, sizeof(line), "%c %s %lld\n", op, path, arg);
	else
		snprintf(line, sizeof(line), "%c %s\n", op, path);
	note(line, NULL, 0);
}

/* A call on one path, noted if it succeeds. */
#define CALL(name, op, arg, dir, path, decl, args)                             \
	int name decl;                                                         \
	int name decl                                                          \
	{                                                                      \
		REAL(name);                                                    \
		char at[PATH_MAX];                                             \
		int rc;                                                        \
                                                                               \
		if (!locate(dir, path, at))                                    \
			return real args;                                      \
		begin();                                                       \
		if ((rc = real args) == 0)                                     \
			note_path(op, at, arg);                                \
		end();                                                         \
		return rc;                                                     \
	}

CALL(fsync, 'S', -1, fd, NULL, (int fd), (fd))
CALL(fdatasync, 'S', -1, fd, NULL, (int fd), (fd))
CALL(ftruncate, 'T', n, fd, NULL, (int fd, off_t n), (fd, n))
CALL(unlinkat, 'U', -1, dir, path, (int dir, const char *path, int flags),
    (dir, path, flags))
CALL(mkdirat, 'M', -1, dir, path, (int dir, const char *path, mode_t mode),
    (dir, path, mode))

int
renameat(int dir, const char *from, int todir, const char *to)
{
	REAL(renameat);
	char at[PATH_MAX], there[PATH_MAX], line[PATH_MAX * 2 + 8];
	int rc;

	if (!locate(dir, from, at) || !locate(todir, to, there))
		return real(dir, from, todir, to);
	begin();
	if ((rc = real(dir, from, todir, to)) == 0) {
		snprintf(line, sizeof(line), "R %s %s\n", at, there);
		note(line, NULL, 0);
	}
	end();
	return rc;
}

int
poll(struct pollfd *p, nfds_t n, int ms)
{
	REAL(poll);

	return pauses(p, ms) ? 0 : real(p, n, ms);
}

ssize_t
read(int fd, void *p, size_t n)
{
	REAL(read);

	return real(fd, p, piece(fd, n));
}

static void
note_write(const char *at, off_t off, const void *p, size_t n)
{
	char line[PATH_MAX + 64];

	snprintf(line, sizeof(line), "W %s %lld %zu\n", at, (long long)off, n);
	note(line, p, n);
}

ssize_t
write(int fd, const void *p, size_t n)
{
	REAL(write);
	char at[PATH_MAX];
	struct stat sb;
	ssize_t rc;
	off_t off;

	if (trace == -1 || fstat(fd, &sb) != 0 || !S_ISREG(sb.st_mode) ||
	    !locate(fd, NULL, at))
		return real(fd, p, n);
	begin();
	off = lseek(fd, 0, SEEK_CUR);
	if ((rc = real(fd, p, n)) > 0)
		note_write(at, off, p, (size_t)rc);
	end();
	return rc;
}

ssize_t
pwritev(int fd, const struct iovec *iov, int n, off_t off)
{
	REAL(pwritev);
	char at[PATH_MAX];
	ssize_t rc;

	if (!locate(fd, NULL, at))
		return real(fd, iov, n, off);
	begin();
	rc = real(fd, iov, 1, off);
	if (rc > 0)
		note_write(at, off, iov->iov_base, (size_t)rc);
	end();
	return rc;
}

int
openat(int dir, const char *path, int flags, ...)
{
	REAL(openat);
	char at[PATH_MAX];
	va_list ap;
	mode_t mode;
	bool there;
	int fd;

	va_start(ap, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	if ((flags & O_CREAT) == 0 || !locate(dir, path, at))
		return real(dir, path, flags, mode);
	begin();
	there = faccessat(dir, path, F_OK, 0) == 0;
	fd = real(dir, path, flags, mode);
	if (fd != -1 && (!there || (flags & O_TRUNC) != 0))
		note_path('C', at, -1);
	end();
	return fd;
}
