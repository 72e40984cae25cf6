#include "lib/store/beside.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "lib/store/logint.h"

void
cdp_beside_open(struct cdp_log *log, const char *name, size_t max,
    struct cdp_beside *b, struct cdp_buf *ret)
{
	const struct cdp_io *io = log->st->io;
	struct stat sb;
	size_t n;

	*b = (struct cdp_beside){ .io = io, .fd = -1 };
	if (log->readonly)
		return;
	b->fd = io->openat(
	    log->dir, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (b->fd == -1 || fstat(b->fd, &sb) != 0 || !S_ISREG(sb.st_mode)) {
		cdp_beside_close(b);
		return;
	}
	b->end = (uint64_t)sb.st_size;
	n = b->end > max ? max : (size_t)b->end;
	if (n != 0 && cdp_buf_room(ret, n + 1) != NULL &&
	    cdp_io_pread_all(io, b->fd, ret->p + ret->n, n, b->end - n, NULL) ==
		0)
		ret->n += n;
}

void
cdp_beside_add(struct cdp_beside *b, struct cdp_str bytes)
{
	struct iovec iov = { (void *)(uintptr_t)bytes.p, bytes.n };

	if (b->fd == -1 || bytes.n == 0)
		return;
	if (b->io->pwritev(b->fd, &iov, 1, (off_t)b->end) == (ssize_t)bytes.n)
		b->end += bytes.n;
}

void
cdp_beside_replace(struct cdp_beside *b, struct cdp_str bytes)
{
	if (b->fd == -1 || b->io->ftruncate(b->fd, 0) != 0)
		return;
	b->end = 0;
	cdp_beside_add(b, bytes);
}

void
cdp_beside_close(struct cdp_beside *b)
{
	if (b->fd != -1)
		b->io->close(b->fd);
	b->fd = -1;
}
