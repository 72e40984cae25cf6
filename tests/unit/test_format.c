/*
 * What a later version may write: a segment, MANIFEST or FORMAT of a version
 * or with features that are not known is refused by name, with its checksums
 * right; features that may be ignored are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/store/log.h"

#define SEG "v/merge/0000000001.seg"
#define HEAD 72
#define FRAME 64

static uint32_t
le32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

static void
le32_put(uint8_t *p, uint32_t v)
{
	int i;

	for (i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static void
write_file(const char *name, const void *p, size_t n)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void
read_file(const char *name, struct cdp_buf *b)
{
	cdp_buf_reset(b);
	assert_int_equal(cdp_io_read_file(name, 1 << 20, b, NULL), 0);
}

/* A store with three epochs in the log of cdp-merge. */
static void
make(void)
{
	struct cdp_log_opt opt = { .stage = "merge" };
	struct cdp_log_key key = { .o = CDP_STR("main.ingest") };
	struct cdp_err err = { 0 };
	struct cdp_store *st;
	struct cdp_log *log;

	assert_int_equal(system("rm -rf v"), 0);
	assert_int_equal(
	    cdp_store_open(&cdp_io_real, "v", CDP_STORE_WRITE, &st, &err), 0);
	assert_int_equal(cdp_log_open(st, &opt, &log, &err), 0);
	for (key.n = 1; key.n <= 3; key.n++) {
		cdp_log_input(log, &key);
		cdp_log_record(log, CDP_REC_PASS, CDP_STR("{\"x\":1}"));
		cdp_log_put(log, CDP_STR("p_1"), CDP_STR("1"), INT64_MAX);
		assert_int_equal(cdp_log_commit(log, &err), 0);
	}
	cdp_log_close(log);
	cdp_store_close(st);
}

static int
open_it(bool readonly, struct cdp_err *err)
{
	struct cdp_log_opt opt = { .stage = "merge", .readonly = readonly };
	struct cdp_store *st;
	struct cdp_log *log;
	int rc = cdp_store_open(&cdp_io_real, "v", CDP_STORE_READ, &st, err);

	if (rc != 0)
		return rc;
	rc = cdp_log_open(st, &opt, &log, err);
	if (rc == 0)
		cdp_log_close(log);
	cdp_store_close(st);
	return rc;
}

static void
check_refused(const char *why)
{
	struct cdp_err err = { 0 };
	int readonly;

	for (readonly = 0; readonly < 2; readonly++) {
		assert_int_equal(open_it(readonly != 0, &err), CDP_ECORRUPT);
		if (strstr(err.msg, why) == NULL)
			fail_msg("'%s' does not say '%s'", err.msg, why);
	}
}

/* Make the checksums right again, and the chain through all frames. */
static void
mend(struct cdp_buf *b)
{
	uint8_t *p = (uint8_t *)b->p;
	uint32_t chain;
	size_t off;

	chain = cdp_crc32c(0, p, HEAD - 4);
	le32_put(p + HEAD - 4, chain);
	for (off = HEAD; off < b->n; off += FRAME + le32(p + off + 32)) {
		le32_put(p + off + 44, chain);
		chain = cdp_crc32c(0, p + off, FRAME - 4);
		le32_put(p + off + FRAME - 4, chain);
	}
}

static void
patch_seg(size_t at, uint8_t v)
{
	struct cdp_buf b = { 0 };

	make();
	read_file(SEG, &b);
	b.p[at] = (char)v;
	mend(&b);
	write_file(SEG, b.p, b.n);
	cdp_buf_free(&b);
}

static void
test_segment_of_another_version_is_refused(void **state)
{
	(void)state;
	patch_seg(16, 2);
	check_refused("format version 2 is newer than this program");
	patch_seg(17, 1);
	check_refused("format version 257 is newer than this program");
}

static void
test_segment_with_unknown_features_is_refused(void **state)
{
	(void)state;
	patch_seg(23, 0x80);
	check_refused("has features that this program lacks (0x80000000)");
}

static void
test_segment_with_features_to_ignore_is_read(void **state)
{
	struct cdp_err err = { 0 };

	(void)state;
	patch_seg(27, 0x80);
	if (open_it(true, &err) != 0 || open_it(false, &err) != 0)
		fail_msg("%s", err.msg);
	patch_seg(18, 9); /* a minor version */
	if (open_it(true, &err) != 0 || open_it(false, &err) != 0)
		fail_msg("%s", err.msg);
}

/* Replace a word in a small file and mend its last line. */
static void
patch_text(const char *name, const char *from, const char *to)
{
	struct cdp_buf b = { 0 }, out = { 0 };
	char *at, *crc;

	make();
	read_file(name, &b);
	at = strstr(cdp_buf_cstr(&b), from);
	crc = strstr(b.p, "{\"crc32c\"");
	assert_non_null(at);
	assert_non_null(crc);
	cdp_buf_put(&out, (struct cdp_str){ b.p, (size_t)(at - b.p) });
	cdp_buf_puts(&out, to);
	at += strlen(from);
	cdp_buf_put(&out, (struct cdp_str){ at, (size_t)(crc - at) });
	cdp_buf_printf(
	    &out, "{\"crc32c\":\"%08x\"}\n", cdp_crc32c(0, out.p, out.n));
	write_file(name, out.p, out.n);
	cdp_buf_free(&b);
	cdp_buf_free(&out);
}

static void
test_small_files_of_another_version_are_refused(void **state)
{
	struct cdp_err err = { 0 };

	(void)state;
	patch_text("v/FORMAT", "\"cdp_store\":1", "\"cdp_store\":1");
	if (open_it(false, &err) != 0)
		fail_msg("%s", err.msg);
	patch_text("v/FORMAT", "\"cdp_store\":1", "\"cdp_store\":2");
	check_refused("format version 2 is not known");
	patch_text("v/merge/MANIFEST", "\"cdp_log\":1", "\"cdp_log\":7");
	check_refused("'MANIFEST' is of a form that is not known");
	assert_int_equal(system("rm -rf v"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_segment_of_another_version_is_refused),
		cmocka_unit_test(test_segment_with_unknown_features_is_refused),
		cmocka_unit_test(test_segment_with_features_to_ignore_is_read),
		cmocka_unit_test(
		    test_small_files_of_another_version_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
