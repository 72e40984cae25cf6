#ifndef CDP_BASE_IO_H
#define CDP_BASE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

/*
 * io: every call to the kernel that the store makes, in one table, so that a
 * test can stand in for the disk.
 *
 * Each member has the meaning of the call of its name.  Standard output goes
 * through write as well.
 */
struct cdp_io {
	int (*openat)(int dir, const char *path, int flags, mode_t mode);
	int (*close)(int fd);
	ssize_t (*pread)(int fd, void *p, size_t n, off_t off);
	ssize_t (*pwritev)(int fd, const struct iovec *iov, int n, off_t off);
	ssize_t (*write)(int fd, const void *p, size_t n);
	int (*fdatasync)(int fd);
	int (*fsync)(int fd);
	int (*ftruncate)(int fd, off_t n);
	int (*renameat)(int dir, const char *from, int todir, const char *to);
	int (*unlinkat)(int dir, const char *path, int flags);
	int (*mkdirat)(int dir, const char *path, mode_t mode);
	int (*flock)(int fd, int op);
	bool unsynced; /* the syncs do nothing */
};

extern const struct cdp_io cdp_io_real;

/*
 * The same, but that nothing is synced: what was written survives the death
 * of the process, not that of the machine.
 */
extern const struct cdp_io cdp_io_unsynced;

/* Write all of it, going on after short writes and EINTR.  0 or CDP_EIO. */
int cdp_io_write_all(const struct cdp_io *io, int fd, const void *p, size_t n,
    struct cdp_err *err);

/* pread n bytes in full: 0, CDP_END at end of file before n, or CDP_EIO. */
int cdp_io_pread_all(const struct cdp_io *io, int fd, void *p, size_t n,
    uint64_t off, struct cdp_err *err);

/*
 * Replace the file name in dir as a whole: a temporary name, fsync, rename,
 * fsync of the directory.  After a crash the old or the new is there.
 */
int cdp_io_replace(const struct cdp_io *io, int dir, const char *name,
    const void *p, size_t n, struct cdp_err *err);

/*
 * Take an exclusive flock on fd, waiting up to timeout_ms (-1: for ever, 0:
 * not at all).  CDP_ELOCKED when time is up.
 */
int cdp_io_lock(
    const struct cdp_io *io, int fd, int timeout_ms, struct cdp_err *err);

/*
 * Append a whole file to ret, at most max bytes: 0, CDP_EDATA (longer), or
 * CDP_EIO with the name in the message.  Plain calls, not through a table.
 */
int cdp_io_read_file(
    const char *path, size_t max, struct cdp_buf *ret, struct cdp_err *err);

#endif
