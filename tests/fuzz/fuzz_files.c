#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/store/idx.h"
#include "lib/store/log.h"
#include "lib/store/text.h"

/*
 * The small files of a store, with their checksums mended.  The first byte
 * says which: 'i' the index of a sealed segment, 'm' a MANIFEST, else FORMAT.
 * A reader may refuse them; an index may make it find nothing, or say that the
 * log is damaged, but nothing is read from outside of the files.
 */
#define IDX "0000000001.idx"

static struct cdp_io io;
static char path[] = "cdp-fuzz.XXXXXX";
static struct cdp_buf idx, manifest, format; /* as they should be */
static uint8_t mark[36];                     /* whose index it is */

static int
no_sync(int fd)
{
	(void)fd;
	return 0;
}

static void
gather(struct cdp_log *log, uint64_t n)
{
	struct cdp_log_key key = { .o = CDP_STR("main.ingest"), .n = n };
	struct cdp_err err;
	char k[] = "p_0";

	cdp_log_input(log, &key);
	cdp_log_record(log, CDP_REC_PASS, CDP_STR("{\"a\":1}"));
	cdp_log_record(log, CDP_REC_LINE, CDP_STR("{\"b\":2}"));
	key = (struct cdp_log_key){ .h = { n, n * 7 } };
	cdp_log_input(log, &key);
	k[2] = (char)('0' + n % 3);
	cdp_log_put(log, cdp_str_of(k), CDP_STR("{\"v\":1}"),
	    n % 2 != 0 ? (int64_t)n : INT64_MAX);
	if (cdp_log_commit(log, &err) != 0)
		abort();
}

static void
slurp(int dir, const char *name, struct cdp_buf *ret)
{
	struct cdp_err err;

	if (cdp_text_slurp(&io, dir, name, 1 << 20, ret, &err) != 0)
		abort();
}

static void
start(void)
{
	static const struct cdp_log_opt opt = { .stage = "merge",
		.segment_bytes = 1200 };
	struct cdp_store *st;
	struct cdp_log *log;
	struct cdp_err err;
	uint64_t n;
	int dir;

	io = cdp_io_real;
	io.fsync = io.fdatasync = no_sync;
	if (mkdtemp(path) == NULL ||
	    cdp_store_open(&io, path, CDP_STORE_WRITE, &st, &err) != 0 ||
	    cdp_log_open(st, &opt, &log, &err) != 0)
		abort();
	for (n = 1; n < 12; n++)
		gather(log, n);
	cdp_log_close(log);
	dir = openat(st->dir, "merge", O_RDONLY | O_DIRECTORY);
	slurp(dir, IDX, &idx);
	slurp(dir, "MANIFEST", &manifest);
	slurp(st->dir, "FORMAT", &format);
	memcpy(mark, idx.p, sizeof(mark));
	close(dir);
	cdp_store_close(st);
}

static void
put(const char *name, const void *p, size_t n)
{
	char full[64];
	int fd;

	snprintf(full, sizeof(full), "%s/%s", path, name);
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd == -1 || write(fd, p, n) != (ssize_t)n)
		abort();
	close(fd);
}

static void
put_idx(const uint8_t *p, size_t n)
{
	struct cdp_buf b = { 0 };
	char sum[4];
	uint8_t *at;
	size_t i, end, body;

	cdp_buf_put(&b, (struct cdp_str){ (const char *)p, n });
	while (b.n < CDP_IDX_HEAD)
		cdp_buf_putc(&b, '\0');
	memcpy(b.p, mark, sizeof(mark));
	for (body = b.n, i = CDP_IDX_HEAD; i < body; i = end) {
		end = (i / CDP_IDX_BLOCK + 1) * CDP_IDX_BLOCK;
		end = end < body ? end : body;
		cdp_le32_put(sum, cdp_crc32c(0, b.p + i, end - i));
		cdp_buf_put(&b, (struct cdp_str){ sum, 4 });
	}
	at = (uint8_t *)b.p;
	cdp_le32_put(at + 36, cdp_crc32c(0, at + body, b.n - body));
	cdp_le32_put(at + 124, cdp_crc32c(0, at, 124));
	put("merge/" IDX, b.p, b.n);
	cdp_buf_free(&b);
}

/* Lines, and the line with their checksum. */
static void
put_text(const char *name, const uint8_t *p, size_t n)
{
	struct cdp_buf b = { 0 };

	cdp_buf_put(&b, (struct cdp_str){ (const char *)p, n });
	cdp_buf_printf(
	    &b, "{\"crc32c\":\"%08x\"}\n", (unsigned)cdp_crc32c(0, p, n));
	put(name, b.p, b.n);
	cdp_buf_free(&b);
}

static int
on_due(void *arg, struct cdp_str key, int64_t due_ms)
{
	(void)arg;
	(void)due_ms;
	return key.n > 1 << 20;
}

static int
on_state(void *arg, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	(void)arg;
	(void)due_ms;
	return key.n + val.n > 1 << 20;
}

static void
look(struct cdp_log *log)
{
	struct cdp_log_key key = { .o = CDP_STR("main.ingest") };
	struct cdp_buf val = { 0 };
	const struct cdp_rec *rec;
	struct cdp_err err;
	uint64_t first;
	char k[] = "p_0";
	size_t nrec;

	for (; k[2] < '4'; k[2]++)
		cdp_log_get(log, cdp_str_of(k), &val, &err);
	for (key.n = 1; key.n < 12; key.n++)
		cdp_log_find(log, &key, &first, &rec, &nrec, &err);
	for (key.n = 0; key.h.lo < 12; key.h.lo++, key.h.hi += 7)
		cdp_log_find(log, &key, &first, &rec, &nrec, &err);
	cdp_log_due_start(log, CDP_STR("p_1"), 3);
	cdp_log_due(log, 5, on_due, NULL, &err);
	cdp_log_due(log, INT64_MAX, on_due, NULL, &err);
	cdp_log_each(log, on_state, NULL, &err);
	cdp_buf_free(&val);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct cdp_log_opt opt = { .stage = "merge",
		.readonly = true };
	struct cdp_store *st = NULL;
	struct cdp_log *log;
	struct cdp_err err;

	if (idx.n == 0)
		start();
	if (n == 0)
		return 0;
	if (p[0] == 'i')
		put_idx(p + 1, n - 1);
	else
		put_text(
		    p[0] == 'm' ? "merge/MANIFEST" : "FORMAT", p + 1, n - 1);
	if (cdp_store_open(&io, path, CDP_STORE_READ, &st, &err) == 0 &&
	    cdp_log_open(st, &opt, &log, &err) == 0) {
		look(log);
		cdp_log_close(log);
	}
	cdp_store_close(st);
	put("merge/" IDX, idx.p, idx.n);
	put("merge/MANIFEST", manifest.p, manifest.n);
	put("FORMAT", format.p, format.n);
	return 0;
}
