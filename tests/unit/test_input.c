#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <cmocka.h>

#include "lib/base/buf.h"
#include "lib/tool/input.h"

/* Write p to a file of its own; the name is good until the next call. */
static char *
file_of(const char *p, size_t n)
{
	static char path[64];
	FILE *fp;
	int fd;

	snprintf(path, sizeof(path), "input.XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	fp = fdopen(fd, "w");
	assert_int_equal(fwrite(p, 1, n, fp), n);
	fclose(fp);
	return path;
}

/* What comes out, spelled: "N:line|" , "N!start|", "E|"; "?" a refusal. */
static void
spell(struct cdp_input *in, struct cdp_buf *b)
{
	enum cdp_input_kind kind;
	struct cdp_str line;
	struct cdp_err err = { 0 };
	int rc;

	cdp_buf_reset(b);
	while ((rc = cdp_input_next(in, &kind, &line, &err)) == 0) {
		if (kind == CDP_INPUT_FILE_END) {
			cdp_buf_puts(b, "E|");
			continue;
		}
		cdp_buf_u64(b, in->lineno);
		cdp_buf_putc(b, kind == CDP_INPUT_LINE ? ':' : '!');
		cdp_buf_put(b, line);
		cdp_buf_puts(b, in->torn ? "~|" : "|");
	}
	if (rc != CDP_END)
		cdp_buf_printf(b, "?%s",
		    rc == CDP_EEARLY                            ? "early"
			: strstr(err.msg, "1000 times") != NULL ? "bomb"
			: strstr(err.msg, "damaged") != NULL    ? "damaged"
								: err.msg);
	cdp_buf_cstr(b);
	cdp_input_free(in);
}

static void
expect(const char *p, size_t n, const char *want)
{
	char *path = file_of(p, n);
	struct cdp_buf b = { 0 };
	size_t chunk;

	for (chunk = 1; chunk <= 31; chunk++) {
		struct cdp_input in = {
			.file = &path,
			.nfile = 1,
			.line_max = 8,
			.read_max = chunk,
		};

		spell(&in, &b);
		assert_string_equal(b.p, want);
	}
	unlink(path);
	cdp_buf_free(&b);
}

#define EXPECT(text, want) expect(text, sizeof(text) - 1, want)

static void
test_next_gives_the_lines_at_every_chunk_size(void **state)
{
	(void)state;
	EXPECT("", "E|");
	EXPECT("\n", "1:|E|");
	EXPECT("{}\n", "1:{}|E|");
	EXPECT("ab\ncd\r\nef", "1:ab|2:cd|3:ef~|E|");
	EXPECT("12345678\n123456789\nx\n", "1:12345678|2!123456789|3:x|E|");
	EXPECT("\xef\xbb\xbf{}\n\xef\xbb\xbf\n", "1:{}|2:\xef\xbb\xbf|E|");
}

static void
test_next_finds_long_lines_in_constant_memory(void **state)
{
	static char big[3000];
	struct cdp_buf b = { 0 };
	struct cdp_input in;
	char *path;
	size_t chunk;

	(void)state;
	memset(big, 'x', sizeof(big));
	memcpy(big + 2996, "\nab\n", 4);
	path = file_of(big, sizeof(big));
	for (chunk = 1; chunk < 1500; chunk = chunk * 3 + 1) {
		in = (struct cdp_input){ .file = &path, .nfile = 1 };
		in.line_max = 8;
		in.read_max = chunk;
		spell(&in, &b);
		assert_int_equal(strncmp(b.p, "1!xxxxxx", 8), 0);
		assert_int_equal(strlen(b.p), strlen("1!|2:ab|E|") + in.nhead);
		assert_string_equal(b.p + strlen(b.p) - 8, "|2:ab|E|");
	}
	unlink(path);
	cdp_buf_free(&b);
}

/* One member or frame with text in it, behind what is in b. */
static void
pack(struct cdp_buf *b, bool gzip, const char *text, size_t n)
{
	char *p = cdp_buf_room(b, n + 1000);
	z_stream z = { .next_in = (unsigned char *)(uintptr_t)text,
		.avail_in = (uInt)n,
		.next_out = (unsigned char *)p,
		.avail_out = (uInt)n + 1000 };

	if (gzip) {
		assert_int_equal(
		    deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY),
		    Z_OK);
		assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
		b->n += z.total_out;
		deflateEnd(&z);
	} else {
		b->n += ZSTD_compress(p, n + 1000, text, n, 3);
	}
}

static const char lines[] = "one\nthree\r\n\nlonger 8\n9";

static void
test_next_unpacks_at_every_chunk_size(void **state)
{
	struct cdp_buf b = { 0 };
	int gzip;

	(void)state;
	for (gzip = 0; gzip < 2; gzip++) {
		cdp_buf_reset(&b);
		pack(&b, gzip, "\xef\xbb\xbfx\ny", 6);
		pack(&b, gzip, "", 0);
		if (!gzip) /* and what is no frame at all */
			cdp_buf_put(
			    &b, CDP_STR("\x50\x2a\x4d\x18\3\0\0\0ab\n"));
		pack(&b, gzip, lines, sizeof(lines) - 1);
		if (gzip)
			cdp_buf_put(&b, CDP_STR("\0\0\0\0\0"));
		expect(b.p, b.n, "1:x|2:yone|3:three|4:|5:longer 8|6:9~|E|");
	}
	cdp_buf_free(&b);
}

/* Cut anywhere: whole lines first, and then it says so. */
static void
test_next_tells_what_breaks_off(void **state)
{
	struct cdp_input in;
	struct cdp_buf b = { 0 }, out = { 0 };
	char *path;
	size_t n;
	int gzip;

	(void)state;
	for (gzip = 0; gzip < 2; gzip++) {
		cdp_buf_reset(&b);
		pack(&b, gzip, lines, sizeof(lines) - 1);
		for (n = gzip ? 3 : 4; n < b.n; n++) {
			path = file_of(b.p, n);
			in = (struct cdp_input){ .file = &path, .nfile = 1 };
			spell(&in, &out);
			if (strstr(out.p, "?early") == NULL)
				fail_msg("%zu %d: %s", n, gzip, out.p);
			assert_null(strchr(out.p, '~'));
			unlink(path);
		}
	}
	cdp_buf_free(&b);
	cdp_buf_free(&out);
}

static void
test_next_refuses_what_is_damaged(void **state)
{
	struct cdp_buf b = { 0 };
	int gzip;

	(void)state;
	for (gzip = 0; gzip < 2; gzip++) {
		cdp_buf_reset(&b);
		pack(&b, gzip, lines, sizeof(lines) - 1);
		cdp_buf_puts(&b, "trailing rubbish");
		expect(b.p, b.n, "1:one|2:three|3:|4:longer 8|?damaged");
		b.p[b.n - 20] ^= 1; /* in the checksum, or the data */
		if (gzip)
			expect(
			    b.p, b.n, "1:one|2:three|3:|4:longer 8|?damaged");
	}
	cdp_buf_free(&b);
}

static void
test_next_refuses_what_would_fill_the_disk(void **state)
{
	static char none[1 << 20];
	struct cdp_input in;
	struct cdp_buf b = { 0 }, out = { 0 };
	char *path;
	int i;

	(void)state;
	for (i = 0; i < 300; i++)
		pack(&b, false, none, sizeof(none));
	path = file_of(b.p, b.n);
	in = (struct cdp_input){ .file = &path, .nfile = 1 };
	spell(&in, &out);
	assert_string_equal(out.p, "?bomb");
	assert_true(in.cap < (size_t)8 << 20);
	unlink(path);
	cdp_buf_free(&b);
	cdp_buf_free(&out);
}

static void
test_next_reads_every_file(void **state)
{
	char a[64], b[64];
	char *file[2] = { a, b };
	struct cdp_input in = { .file = file, .nfile = 2 };
	struct cdp_buf out = { 0 };

	(void)state;
	strcpy(a, file_of("1\n2", 3));
	strcpy(b, file_of("3\n", 2));
	spell(&in, &out);
	assert_string_equal(out.p, "1:1|2:2~|E|1:3|E|");
	assert_int_equal(in.total, 5);
	assert_int_equal(in.bytes, 5);
	unlink(a);
	unlink(b);
	cdp_buf_free(&out);
}

static int
refuse(void *arg, struct cdp_err *err)
{
	return *(bool *)arg ? cdp_fail(err, CDP_EIO, "the stage") : 0;
}

static void
test_more_returns_at_once_what_the_stage_says(void **state)
{
	char *path = file_of("1\n2\n3\n4\n", 8);
	bool now = false;
	struct cdp_input in = { .file = &path,
		.nfile = 1,
		.read_max = 4,
		.tick = refuse,
		.arg = &now };
	enum cdp_input_kind kind;
	struct cdp_str line;
	struct cdp_err err = { 0 };

	(void)state;
	assert_int_equal(cdp_input_next(&in, &kind, &line, &err), 0);
	now = true;
	assert_int_equal(cdp_input_more(&in, &err), CDP_EIO);
	assert_string_equal(err.msg, "the stage");
	cdp_input_free(&in);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_next_gives_the_lines_at_every_chunk_size),
		cmocka_unit_test(test_next_finds_long_lines_in_constant_memory),
		cmocka_unit_test(test_next_unpacks_at_every_chunk_size),
		cmocka_unit_test(test_next_tells_what_breaks_off),
		cmocka_unit_test(test_next_refuses_what_is_damaged),
		cmocka_unit_test(test_next_refuses_what_would_fill_the_disk),
		cmocka_unit_test(test_next_reads_every_file),
		cmocka_unit_test(test_more_returns_at_once_what_the_stage_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
