#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/hash.h"
#include "lib/store/frame.h"
#include "lib/store/log.h"

/*
 * A whole segment file, as another machine may hand it over.  The mutator
 * unpacks a frame, changes what is in it, packs it again and mends every
 * checksum, offset and link of the chain, so that what is behind the checks
 * is reached; one time in eight it leaves them broken.
 *
 * Whatever opens must be found good by verify, and open again, for reading
 * and for writing, with the same meaning.
 */
static struct cdp_io io;
static struct cdp_store *st;
static struct cdp_zip *zip;
static int dir;

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

	io = cdp_io_real;
	io.fsync = io.fdatasync = no_sync;
	if (mkdtemp(path) == NULL ||
	    cdp_store_open(&io, path, CDP_STORE_WRITE, &st, &err) != 0 ||
	    cdp_log_open(st, &opt, &log, &err) != 0)
		abort();
	cdp_log_close(log);
	dir = openat(st->dir, "merge", O_RDONLY | O_DIRECTORY);
}

/* ---- the mutator ----------------------------------------------------------
 */

size_t LLVMFuzzerMutate(uint8_t *data, size_t n, size_t max);
size_t LLVMFuzzerCustomMutator(
    uint8_t *data, size_t n, size_t max, unsigned seed);

struct frame {
	struct cdp_frame_head h;
	struct cdp_buf raw;
};

#define MAX_FRAMES 64

static bool
read_frame(const uint8_t *p, size_t n, struct frame *ret)
{
	memset(ret, 0, sizeof(*ret));
	return n > CDP_FRAME_HEAD && cdp_frame_get(p, &ret->h) == 0 &&
	    ret->h.clen <= n - CDP_FRAME_HEAD &&
	    cdp_zip_open(zip, &ret->h, p + CDP_FRAME_HEAD, NULL, &ret->raw) ==
	    0;
}

/* Change the text of a frame, or a number in its header. */
static void
change(struct frame *f, unsigned seed)
{
	size_t n = f->raw.n;

	switch (seed % 16) {
	case 0:
		f->h.epoch += seed / 16 % 3 - 1;
		break;
	case 1:
		f->h.flags ^= CDP_FRAME_LAST;
		break;
	case 2:
		f->h.section = (uint8_t)(1 + seed / 16 % 3);
		break;
	case 3:
		f->h.records = seed / 16;
		break;
	default:
		if (cdp_buf_room(&f->raw, 256) == NULL)
			abort();
		n = LLVMFuzzerMutate((uint8_t *)f->raw.p, n, n + 256);
		f->raw.n = n != 0 ? n : 1;
		break;
	}
}

/* All of it again, with every check in order. */
static void
write_frames(const struct cdp_seg_head *head, struct frame *f, size_t n,
    struct cdp_buf *out)
{
	struct cdp_seg_head h = *head;
	struct cdp_err err;
	uint8_t p[CDP_SEG_HEAD];
	uint32_t chain;
	size_t i;

	cdp_frame_seg_put(&h, p);
	cdp_buf_put(out, (struct cdp_str){ (const char *)p, sizeof(p) });
	chain = h.hcrc;
	for (i = 0; i < n; i++) {
		f[i].h.off = out->n;
		f[i].h.chain = chain;
		f[i].h.salt = h.salt;
		if (cdp_zip_frame(zip, &f[i].h, cdp_buf_str(&f[i].raw), NULL,
			out, &err) != 0)
			abort();
		chain = f[i].h.hcrc;
	}
}

/* Drop, double or swap a frame, or change one. */
static size_t
shuffle(struct frame *f, size_t n, unsigned seed)
{
	size_t i = seed / 8 % n, k = seed / 512 % n;
	struct frame was;

	switch (seed % 8) {
	case 0:
		cdp_buf_free(&f[i].raw);
		memmove(f + i, f + i + 1, (n - i - 1) * sizeof(*f));
		return n - 1;
	case 1:
		if (n == MAX_FRAMES)
			return n;
		f[n] = (struct frame){ .h = f[i].h };
		cdp_buf_put(&f[n].raw, cdp_buf_str(&f[i].raw));
		return n + 1;
	case 2:
		was = f[i];
		f[i] = f[k];
		f[k] = was;
		return n;
	default:
		change(&f[i], seed / 8 / 64);
		return n;
	}
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t max, unsigned seed)
{
	struct frame f[MAX_FRAMES];
	struct cdp_seg_head head;
	struct cdp_buf out = { 0 };
	struct cdp_err err;
	size_t at = CDP_SEG_HEAD, k = 0, i;

	if (zip == NULL)
		zip = cdp_zip_new();
	if (seed % 8 == 0 || n < CDP_SEG_HEAD ||
	    cdp_frame_seg_get(data, &head, &err) != 0)
		return LLVMFuzzerMutate(data, n, max);
	for (; k < MAX_FRAMES && read_frame(data + at, n - at, &f[k]); k++)
		at += CDP_FRAME_HEAD + f[k].h.clen;
	if (k != 0) {
		k = shuffle(f, k, seed / 8);
		write_frames(&head, f, k, &out);
	}
	for (i = 0; i < k; i++)
		cdp_buf_free(&f[i].raw);
	if (out.n == 0 || out.n > max) {
		cdp_buf_free(&out);
		return LLVMFuzzerMutate(data, n, max);
	}
	memcpy(data, out.p, out.n);
	n = out.n;
	cdp_buf_free(&out);
	return n;
}

/* ---- the target ------------------------------------------------------------
 */

static int
add_line(void *arg, struct cdp_str line)
{
	cdp_buf_put(arg, line);
	cdp_buf_putc(arg, '\n');
	return 0;
}

static int
read_state(void *arg, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	struct cdp_buf b = { 0 };
	struct cdp_err err;
	int rc;

	(void)due_ms;
	rc = cdp_log_get(arg, key, &b, &err);
	assert(rc == 0 && cdp_str_eq(cdp_buf_str(&b), val));
	cdp_buf_free(&b);
	return 0;
}

static void
open_it(bool readonly)
{
	struct cdp_log_opt opt = { .stage = "merge", .readonly = readonly };
	struct cdp_err err;
	struct cdp_log *log;
	const struct cdp_rec *rec;
	struct cdp_log_key key = { .o = CDP_STR("main.ingest") };
	uint64_t first;
	size_t nrec;
	int rc;

	assert(cdp_log_open(st, &opt, &log, &err) == 0);
	assert(cdp_log_each(log, read_state, log, &err) == 0);
	for (key.n = 1; key.n < 4; key.n++) {
		rc = cdp_log_find(log, &key, &first, &rec, &nrec, &err);
		assert(rc == 0 || rc == CDP_END);
	}
	cdp_log_close(log);
}

static void
put_file(const uint8_t *p, size_t n)
{
	int fd = openat(dir, "0000000001.seg", O_WRONLY);

	if (fd == -1 || pwrite(fd, p, n, 0) != (ssize_t)n ||
	    ftruncate(fd, (off_t)n) != 0)
		abort();
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct cdp_buf a = { 0 }, b = { 0 };
	struct cdp_log_stats stats;
	struct cdp_err err;
	int rc;

	if (st == NULL)
		start();
	if (n < CDP_SEG_HEAD)
		return 0;
	/* The store is the one that the file belongs to. */
	memcpy(st->uuid, p + 48, sizeof(st->uuid));
	put_file(p, n);
	rc = cdp_log_dump(st, "merge", add_line, &a, &err);
	assert(rc == 0 || rc == CDP_ECORRUPT);
	cdp_log_verify(st, "merge", NULL, NULL, &stats, &err);
	if (rc == 0) {
		open_it(true);
		open_it(false);
		rc = cdp_log_dump(st, "merge", add_line, &b, &err);
		assert(rc == 0 && cdp_str_eq(cdp_buf_str(&a), cdp_buf_str(&b)));
	}
	cdp_buf_free(&a);
	cdp_buf_free(&b);
	return 0;
}
