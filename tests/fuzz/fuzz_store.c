#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/store/frame.h"
#include "lib/store/log.h"

/*
 * A log from hostile bytes.  The first byte says what they are: 'r', what
 * stands behind the file header; 'f', sections with their lengths, which are
 * packed into good frames, so that the lines in them are reached.  Whatever
 * opens must open again, for reading and for writing, with the same meaning.
 */
static struct cdp_io io;
static struct cdp_store *st;
static int dir;
static struct cdp_buf head; /* the segment of an empty log */

static int
no_sync(int fd)
{
	(void)fd;
	return 0;
}

static void
start(void)
{
	static char path[] = "cdp-fuzz.XXXXXX";
	static const struct cdp_log_opt opt = { .stage = "merge" };
	struct cdp_log *log;
	struct cdp_err err;
	char name[64];

	io = cdp_io_real;
	io.fsync = io.fdatasync = no_sync;
	if (mkdtemp(path) == NULL ||
	    cdp_store_open(&io, path, CDP_STORE_WRITE, &st, &err) != 0 ||
	    cdp_log_open(st, &opt, &log, &err) != 0)
		abort();
	cdp_log_close(log);
	dir = openat(st->dir, "merge", O_RDONLY | O_DIRECTORY);
	snprintf(name, sizeof(name), "%s/merge/0000000001.seg", path);
	if (cdp_io_read_file(name, 4096, &head, &err) != 0)
		abort();
}

/* Section, length in two bytes, text; a section's top bit ends an epoch. */
static void
frames(const uint8_t *p, size_t n, struct cdp_buf *seg)
{
	struct cdp_zip *z = cdp_zip_new();
	struct cdp_frame_head h = { .epoch = 1,
		.chain = cdp_le32(head.p + 68),
		.salt = cdp_le32(head.p + 64) };
	struct cdp_err err;
	size_t len;

	while (n > 3) {
		h.section = (uint8_t)(1 + (p[0] & 0x7f) % 3);
		h.flags = (p[0] & 0x80) != 0 ? CDP_FRAME_LAST : 0;
		len = (size_t)p[1] | (size_t)p[2] << 8;
		p += 3;
		n -= 3;
		len = len == 0 || len > n ? n : len;
		h.off = seg->n;
		if (cdp_zip_frame(z, &h,
			(struct cdp_str){ (const char *)p, len }, NULL,
			seg, &err) != 0)
			abort();
		h.chain = h.hcrc;
		h.epoch += h.flags;
		p += len;
		n -= len;
	}
	cdp_zip_free(z);
}

static int
add_line(void *arg, struct cdp_str line)
{
	cdp_buf_put(arg, line);
	cdp_buf_putc(arg, '\n');
	return 0;
}

static int
on_due(void *arg, struct cdp_str key, int64_t due_ms)
{
	(void)arg;
	(void)due_ms;
	return key.n == 0;
}

static void
open_it(bool readonly, int want)
{
	struct cdp_log_opt opt = { .stage = "merge", .readonly = readonly };
	struct cdp_err err;
	struct cdp_log *log;
	int rc = cdp_log_open(st, &opt, &log, &err);

	assert(rc == want);
	if (rc != 0)
		return;
	cdp_log_due_start(log, CDP_STR("none"), INT64_MIN);
	assert(cdp_log_due(log, INT64_MAX, on_due, NULL, &err) == 0);
	cdp_log_close(log);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct cdp_buf seg = { 0 }, a = { 0 }, b = { 0 };
	struct cdp_log_stats stats;
	struct cdp_err err;
	int fd, rc, rc2;

	if (st == NULL)
		start();
	if (n == 0)
		return 0;
	cdp_buf_put(&seg, cdp_buf_str(&head));
	if (p[0] == 'f')
		frames(p + 1, n - 1, &seg);
	else
		cdp_buf_put(
		    &seg, (struct cdp_str){ (const char *)p + 1, n - 1 });
	fd = openat(dir, "0000000001.seg", O_WRONLY);
	if (fd == -1 || pwrite(fd, seg.p, seg.n, 0) != (ssize_t)seg.n ||
	    ftruncate(fd, (off_t)seg.n) != 0)
		abort();
	close(fd);
	rc = cdp_log_dump(st, "merge", add_line, &a, &err);
	assert(rc == 0 || rc == CDP_ECORRUPT);
	cdp_log_verify(st, "merge", NULL, NULL, &stats, &err);
	if (rc == 0) {
		open_it(true, 0);
		open_it(false, 0);
		rc2 = cdp_log_dump(st, "merge", add_line, &b, &err);
		assert(
		    rc2 == 0 && cdp_str_eq(cdp_buf_str(&a), cdp_buf_str(&b)));
	}
	cdp_buf_free(&seg);
	cdp_buf_free(&a);
	cdp_buf_free(&b);
	return 0;
}
