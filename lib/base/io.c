#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/io.h"

static int
real_openat(int dir, const char *path, int flags, mode_t mode)
{
	return openat(dir, path, flags, mode);
}

static ssize_t
real_pwritev(int fd, const struct iovec *iov, int n, off_t off)
{
	return pwritev(fd, iov, n, off);
}

const struct cdp_io cdp_io_real = {
	.openat = real_openat,
	.close = close,
	.pread = pread,
	.pwritev = real_pwritev,
	.write = write,
	.fdatasync = fdatasync,
	.fsync = fsync,
	.ftruncate = ftruncate,
	.renameat = renameat,
	.unlinkat = unlinkat,
	.mkdirat = mkdirat,
	.flock = flock,
};

static int
no_sync(int fd)
{
	(void)fd;
	return 0;
}

const struct cdp_io cdp_io_unsynced = {
	.openat = real_openat,
	.close = close,
	.pread = pread,
	.pwritev = real_pwritev,
	.write = write,
	.unsynced = true,
	.fdatasync = no_sync,
	.fsync = no_sync,
	.ftruncate = ftruncate,
	.renameat = renameat,
	.unlinkat = unlinkat,
	.mkdirat = mkdirat,
	.flock = flock,
};

/* A descriptor that does not block by itself is waited for. */
static bool
again(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	if (errno == EINTR)
		return true;
	return (errno == EAGAIN || errno == EWOULDBLOCK) &&
	    poll(&p, 1, -1) >= 0;
}

int
cdp_io_write_all(const struct cdp_io *io, int fd, const void *p, size_t n,
    struct cdp_err *err)
{
	const char *at = p;
	ssize_t k;

	while (n != 0) {
		k = io->write(fd, at, n);
		if (k < 0) {
			if (again(fd))
				continue;
			return cdp_fail(err, CDP_EIO, "cannot write");
		}
		at += k;
		n -= (size_t)k;
	}
	return 0;
}

int
cdp_io_pread_all(const struct cdp_io *io, int fd, void *p, size_t n,
    uint64_t off, struct cdp_err *err)
{
	char *at = p;
	ssize_t k;

	while (n != 0) {
		k = io->pread(fd, at, n, (off_t)off);
		if (k < 0) {
			if (errno == EINTR)
				continue;
			return cdp_fail(err, CDP_EIO, "cannot read");
		}
		if (k == 0)
			return CDP_END;
		at += k;
		n -= (size_t)k;
		off += (uint64_t)k;
	}
	return 0;
}

static int
write_new(const struct cdp_io *io, int dir, const char *tmp, const void *p,
    size_t n, struct cdp_err *err)
{
	int fd, rc;

	if (io->unlinkat(dir, tmp, 0) != 0 && errno != ENOENT)
		return cdp_fail(err, CDP_EIO, "cannot remove '%s'", tmp);
	fd = io->openat(dir, tmp,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return cdp_fail(err, CDP_EIO, "cannot create '%s'", tmp);
	rc = cdp_io_write_all(io, fd, p, n, err);
	if (rc == 0 && io->fsync(fd) != 0)
		rc = cdp_fail(err, CDP_EIO, "cannot sync '%s'", tmp);
	if (io->close(fd) != 0 && rc == 0)
		rc = cdp_fail(err, CDP_EIO, "cannot close '%s'", tmp);
	return rc;
}

int
cdp_io_replace(const struct cdp_io *io, int dir, const char *name,
    const void *p, size_t n, struct cdp_err *err)
{
	char tmp[256];
	int rc;

	snprintf(tmp, sizeof(tmp), "%s.tmp", name);
	if ((rc = write_new(io, dir, tmp, p, n, err)) != 0)
		return rc;
	if (io->renameat(dir, tmp, dir, name) != 0)
		return cdp_fail(
		    err, CDP_EIO, "cannot rename '%s' to '%s'", tmp, name);
	if (io->fsync(dir) != 0)
		return cdp_fail(err, CDP_EIO,
		    "cannot sync the directory of "
		    "'%s'",
		    name);
	return 0;
}

int
cdp_io_lock(
    const struct cdp_io *io, int fd, int timeout_ms, struct cdp_err *err)
{
	const struct timespec nap = { 0, 20000000 };
	int waited = 0;

	if (timeout_ms < 0) {
		while (io->flock(fd, LOCK_EX) != 0)
			if (errno != EINTR)
				return cdp_fail(err, CDP_EIO, "cannot lock");
		return 0;
	}
	while (io->flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return cdp_fail(err, CDP_EIO, "cannot lock");
		if (waited >= timeout_ms)
			return cdp_fail(
			    err, CDP_ELOCKED, "locked by another process");
		nanosleep(&nap, NULL);
		waited += 20;
	}
	return 0;
}

int
cdp_io_read_file(
    const char *path, size_t max, struct cdp_buf *ret, struct cdp_err *err)
{
	size_t from = ret->n;
	ssize_t k;
	char *p;
	int fd, rc = 0;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return cdp_fail(err, CDP_EIO, "cannot open '%s'", path);
	for (;;) {
		if ((p = cdp_buf_room(ret, 65536)) == NULL ||
		    ret->n - from > max) {
			rc = cdp_fail(err, CDP_EDATA,
			    "'%s' is longer than %zu bytes", path, max);
			break;
		}
		if ((k = read(fd, p, 65536)) == 0)
			break;
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0) {
			rc = cdp_fail(err, CDP_EIO, "cannot read '%s'", path);
			break;
		}
		ret->n += (size_t)k;
	}
	close(fd);
	return rc;
}
