#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "lib/store/logint.h"

#define NOTE 128

/*
 * What LOCK holds when the last epoch was synced, and the sync said so.  The
 * number of the file is there because a copy of it was never synced by us.
 */
static int
note(const struct cdp_log *log, char ret[NOTE])
{
	struct stat sb;

	if (fstat(log->active.fd, &sb) != 0)
		return -1;
	return snprintf(ret, NOTE,
	    "{\"seg\":%10llu,\"file\":%20llu,\"epoch\":%16llu,"
	    "\"end\":%13llu,\"chain\":\"%08x\"}\n",
	    (unsigned long long)log->active.head.no,
	    (unsigned long long)sb.st_ino, (unsigned long long)log->e,
	    (unsigned long long)log->end, log->chain);
}

static bool
noted(const struct cdp_log *log)
{
	char want[NOTE], got[NOTE];
	int n = note(log, want);

	return n > 0 &&
	    cdp_io_pread_all(log->st->io, log->lock, got, (size_t)n, 0, NULL) ==
	    0 &&
	    memcmp(got, want, (size_t)n) == 0;
}

void
cdp_log_sure(struct cdp_log *log)
{
	char text[NOTE];
	struct iovec iov = { text, 0 };
	int n;

	if (!log->sure || log->dead || log->last_off == 0 ||
	    log->st->io == &cdp_io_unsynced || noted(log) ||
	    (n = note(log, text)) < 0)
		return;
	iov.iov_len = (size_t)n;
	(void)log->st->io->pwritev(log->lock, &iov, 1, 0);
}

/* The n bytes in work, where they belong, and durable. */
static int
write_again(struct cdp_log *log, uint64_t off, size_t n, struct cdp_err *err)
{
	struct cdp_seg *sg = &log->active;
	int rc = cdp_seg_write(sg, log->work.p, n, off, err);

	if (rc == 0 && log->st->io->fdatasync(sg->fd) != 0)
		rc = cdp_fail(err, CDP_EIO, "cannot sync '%s'", sg->name);
	return rc;
}

static int
read_into_work(
    struct cdp_log *log, int fd, uint64_t off, uint64_t n, struct cdp_err *err)
{
	cdp_buf_reset(&log->work);
	if (cdp_buf_room(&log->work, n + 1) == NULL)
		return cdp_fail(err, CDP_EIO, "an epoch is too long");
	return cdp_io_pread_all(log->st->io, fd, log->work.p, n, off, err);
}

/* 0 with the bytes of LAST in work, and how many; CDP_END: there is none. */
static int
read_last(struct cdp_log *log, size_t *ret, struct cdp_err *err)
{
	const struct cdp_io *io = log->st->io;
	struct stat sb;
	int fd, rc;

	fd = io->openat(log->dir, "LAST", O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0);
	if (fd == -1 && errno == ENOENT)
		return CDP_END;
	if (fd == -1 || fstat(fd, &sb) != 0) {
		rc = cdp_fail(err, CDP_EIO, "cannot open 'LAST'");
	} else {
		*ret = (size_t)sb.st_size;
		rc = read_into_work(log, fd, 0, *ret, err);
		if (rc == CDP_END)
			rc = cdp_fail(err, CDP_EIO, "'LAST' shrinks");
	}
	if (fd != -1)
		io->close(fd);
	return rc;
}

int
cdp_log_mend(struct cdp_log *log, struct cdp_settle *how, struct cdp_err *err)
{
	struct cdp_seg *sg = &log->active;
	struct cdp_frame_head h;
	uint64_t size;
	size_t n = 0;
	int rc = read_last(log, &n, err);

	if (rc == CDP_END)
		return 0;
	if (rc != 0 || (rc = cdp_seg_size(sg, &size, err)) != 0)
		return rc;
	how->last = true;
	/* One that came back, of a segment that is sealed, is nothing. */
	if (n < CDP_FRAME_HEAD ||
	    cdp_frame_get((const uint8_t *)log->work.p, &h) != 0 ||
	    h.salt != sg->head.salt || h.off < sg->first || h.off > size)
		return 0;
	how->off = h.off;
	return write_again(log, h.off, n, err);
}

int
cdp_log_settle(
    struct cdp_log *log, const struct cdp_settle *how, struct cdp_err *err)
{
	const struct cdp_io *io = log->st->io;
	struct cdp_seg *sg = &log->active;
	uint64_t size, off = log->last_off, n = log->end - off;
	bool last = how->last;
	int rc;

	if ((rc = cdp_seg_size(sg, &size, err)) != 0)
		return rc;
	if (size > log->end && io->ftruncate(sg->fd, (off_t)log->end) != 0)
		return cdp_fail(err, CDP_EIO, "cannot shorten '%s'", sg->name);
	if (off != 0 && off != how->off && !noted(log)) {
		rc = read_into_work(log, sg->fd, off, n, err);
		if (rc == CDP_END)
			rc = cdp_fail(err, CDP_EIO, "'%s' shrinks", sg->name);
		if (rc == 0)
			rc = cdp_io_replace(
			    io, log->dir, "LAST", log->work.p, n, err);
		if (rc == 0)
			rc = write_again(log, off, n, err);
		last = true;
	}
	if (rc == 0 && last && io->unlinkat(log->dir, "LAST", 0) != 0)
		rc = cdp_fail(err, CDP_EIO, "cannot remove 'LAST'");
	return rc;
}
