#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/time.h"
#include "lib/store/compact.h"
#include "lib/store/frame.h"
#include "lib/store/history.h"
#include "lib/store/meta.h"
#include "lib/store/repair.h"

static int
no_sync(int fd)
{
	(void)fd;
	return 0;
}

/* The real kernel without waiting for the disk. */
static const struct cdp_io *
quick_io(void)
{
	static struct cdp_io io;

	io = cdp_io_real;
	io.fsync = io.fdatasync = no_sync;
	return &io;
}

static void
shell(const char *cmd)
{
	assert_int_equal(system(cmd), 0);
}

static struct cdp_store *
open_store(const char *path)
{
	struct cdp_err err = { 0 };
	struct cdp_store *st;

	assert_int_equal(
	    cdp_store_open(quick_io(), path, CDP_STORE_WRITE, &st, &err), 0);
	return st;
}

static struct cdp_log *
open_log(struct cdp_store *st, bool readonly)
{
	struct cdp_log_opt opt = { .stage = "merge", .readonly = readonly };
	struct cdp_err err = { 0 };
	struct cdp_log *log;
	int rc = cdp_log_open(st, &opt, &log, &err);

	if (rc != 0)
		fail_msg("%s", err.msg);
	return log;
}

static struct cdp_compact_stats
compact(struct cdp_store *st, const struct cdp_compact_opt *opt)
{
	struct cdp_compact_stats s;
	struct cdp_log_stats sound;
	struct cdp_err err = { 0 };
	int rc = cdp_compact_stage(st, "merge", opt, &s, &err);

	if (rc != 0)
		fail_msg("%s", err.msg);
	assert_int_equal(
	    cdp_log_verify(st, "merge", NULL, NULL, &sound, &err), 0);
	return s;
}

/* ---- what is kept, and for how long ---- */

static struct cdp_log_key
hashed(uint64_t n)
{
	return (struct cdp_log_key){ .h = { n, n * 31 } };
}

/* An epoch a day: a numbered input with a line, and a hashed one passed. */
static void
add_day(struct cdp_log *log, uint64_t day)
{
	struct cdp_log_key key = { .o = CDP_STR("x"), .n = day };
	struct cdp_err err = { 0 };
	char val[32];

	cdp_log_input(log, &key);
	cdp_log_record(log, CDP_REC_LINE, CDP_STR("{\"type\":\"x\"}"));
	cdp_log_record(log, CDP_REC_PASS, CDP_STR("{\"a\":1}"));
	key = hashed(day);
	cdp_log_input(log, &key);
	cdp_log_record(log, CDP_REC_PASS, (struct cdp_str){ 0 });
	cdp_log_time(log, (int64_t)day * 86400000);
	snprintf(val, sizeof(val), "{\"day\":%llu}", (unsigned long long)day);
	cdp_log_put(log, CDP_STR("p_1"), cdp_str_of(val), INT64_MAX);
	if (day == 2)
		cdp_log_put(
		    log, CDP_STR("p_gone"), (struct cdp_str){ 0 }, INT64_MAX);
	assert_int_equal(cdp_log_commit(log, &err), 0);
}

static struct cdp_store *
four_days(const char *path)
{
	struct cdp_store *st = open_store(path);
	struct cdp_log *log = open_log(st, false);
	uint64_t day;

	for (day = 1; day <= 4; day++)
		add_day(log, day);
	/* The clock at the end of all is no time to count from. */
	cdp_log_time(log, CDP_TIME_END);
	cdp_log_close(log);
	return st;
}

/* How many records an input has; -1: it is not known. */
static int
records(struct cdp_store *st, struct cdp_log_key key, enum cdp_rec_kind *kind,
    uint64_t *first)
{
	struct cdp_log *log = open_log(st, true);
	struct cdp_err err = { 0 };
	const struct cdp_rec *rec;
	size_t n;
	int rc = cdp_log_find(log, &key, first, &rec, &n, &err);

	if (rc == 0 && n != 0)
		*kind = rec[0].kind;
	cdp_log_close(log);
	return rc == 0 ? (int)n : -1;
}

static void
test_compact_keeps_outputs_for_a_time(void **state)
{
	struct cdp_compact_opt opt = { .outputs_ms = 2 * 86400000 };
	struct cdp_log_key key = { .o = CDP_STR("x") };
	struct cdp_compact_stats s;
	struct cdp_store *st;
	enum cdp_rec_kind kind;
	uint64_t first;
	int twice;

	(void)state;
	shell("rm -rf e1");
	st = four_days("e1");
	for (twice = 0; twice < 2; twice++) {
		s = compact(st, &opt);
		assert_int_equal(s.expired, twice == 0 ? 4 : 0);
		for (key.n = 1; key.n <= 4; key.n++) {
			assert_int_equal(records(st, key, &kind, &first),
			    key.n <= 2 ? 1 : 2);
			assert_int_equal(
			    kind, key.n <= 2 ? CDP_REC_GONE : CDP_REC_LINE);
			assert_int_equal(first, key.n * 3 - 2);
		}
	}
	cdp_store_close(st);
	shell("rm -rf e1");
}

static void
test_compact_keeps_ids_for_a_time(void **state)
{
	struct cdp_compact_opt opt = { .ids_ms = 86400000 };
	struct cdp_log_key key = { .o = CDP_STR("x"), .n = 1 };
	struct cdp_compact_stats s;
	struct cdp_store *st;
	enum cdp_rec_kind kind;
	uint64_t first, day;
	int twice;

	(void)state;
	shell("rm -rf e2");
	st = four_days("e2");
	for (twice = 0; twice < 2; twice++) {
		s = compact(st, &opt);
		assert_int_equal(s.forgotten, twice == 0 ? 3 : 0);
		for (day = 1; day <= 4; day++)
			assert_int_equal(
			    records(st, hashed(day), &kind, &first),
			    day <= 3 ? -1 : 1);
		/* Numbered ones cost nothing and stay. */
		assert_int_equal(records(st, key, &kind, &first), 2);
	}
	cdp_store_close(st);
	shell("rm -rf e2");
}

static enum cdp_compact_keep
no_states(
    void *arg, struct cdp_str key, struct cdp_str val, struct cdp_buf *ret)
{
	(void)arg;
	(void)key;
	(void)val;
	cdp_buf_puts(ret, "{}");
	return CDP_REPLACE;
}

static enum cdp_compact_keep
no_lines(
    void *arg, enum cdp_rec_kind kind, struct cdp_str json, struct cdp_buf *ret)
{
	(void)arg;
	(void)ret;
	return kind == CDP_REC_LINE && json.n != 0 ? CDP_DROP : CDP_KEEP;
}

/* A writer that compacts goes on with what the filter left. */
static void
test_compact_obeys_a_filter(void **state)
{
	struct cdp_compact_filter f = { .state = no_states,
		.record = no_lines };
	struct cdp_compact_opt opt = { .filter = &f };
	struct cdp_log_key key = { .o = CDP_STR("x"), .n = 2 };
	struct cdp_compact_stats s;
	struct cdp_buf b = { 0 };
	struct cdp_err err = { 0 };
	const struct cdp_rec *rec;
	struct cdp_store *st;
	struct cdp_log *log;
	uint64_t first;
	size_t n;

	(void)state;
	shell("rm -rf e3");
	st = four_days("e3");
	log = open_log(st, false);
	assert_int_equal(cdp_log_find(log, &key, &first, &rec, &n, &err), 0);
	assert_int_equal(cdp_compact_log(log, &opt, &s, &err), 0);
	assert_int_equal(s.dropped, 4);
	assert_int_equal(s.replaced, 1);
	assert_int_equal(cdp_log_get(log, CDP_STR("p_1"), &b, &err), 0);
	assert_string_equal(cdp_buf_cstr(&b), "{}");
	assert_int_equal(cdp_log_find(log, &key, &first, &rec, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_int_equal(rec[0].kind, CDP_REC_GONE);
	assert_int_equal(rec[1].kind, CDP_REC_PASS);
	add_day(log, 5);
	cdp_log_close(log);
	shell("test $(zstd -dcq e3/merge/*.seg | grep -c p_gone) = 0");
	cdp_buf_free(&b);
	cdp_store_close(st);
	shell("rm -rf e3");
}

static enum cdp_compact_keep
no_second(
    void *arg, enum cdp_rec_kind kind, struct cdp_str json, struct cdp_buf *ret)
{
	(void)arg;
	(void)kind;
	(void)ret;
	return cdp_str_is(json, "{\"n\":2,\"end\":1}") ? CDP_DROP : CDP_KEEP;
}

/* What lines end with stays where it is once, and a filter sees all of them. */
static void
test_compact_of_lines_with_one_end(void **state)
{
	struct cdp_compact_filter f = { .record = no_second };
	struct cdp_compact_opt opt = { .filter = &f };
	struct cdp_log_key key = { .o = CDP_STR("x") };
	struct cdp_compact_stats s;
	struct cdp_buf b = { 0 };
	struct cdp_err err = { 0 };
	const struct cdp_rec *rec;
	struct cdp_store *st;
	struct cdp_log *log;
	uint64_t first;
	size_t n;

	(void)state;
	shell("rm -rf e7");
	st = open_store("e7");
	log = open_log(st, false);
	for (key.n = 1; key.n <= 2; key.n++) {
		cdp_log_input(log, &key);
		cdp_log_line(log, CDP_STR("{\"n\":1"), CDP_STR("\"end\":1}"), NULL);
		cdp_log_line(log, CDP_STR("{\"n\":2"), CDP_STR("\"end\":1}"), NULL);
		cdp_log_line(log, CDP_STR("{\"n\":3"), CDP_STR("\"end\":1}"), NULL);
		assert_int_equal(cdp_log_commit(log, &err), 0);
	}
	shell("test $(zstd -dcq e7/merge/*.seg | grep -c end) = 2");
	assert_int_equal(cdp_compact_log(log, &opt, &s, &err), 0);
	assert_int_equal(s.dropped, 2);
	shell("test $(zstd -dcq e7/merge/*.seg | grep -c end) = 1");
	key.n = 2;
	assert_int_equal(cdp_log_find(log, &key, &first, &rec, &n, &err), 0);
	assert_int_equal(n, 3);
	assert_int_equal(rec[1].kind, CDP_REC_GONE);
	assert_true(
	    cdp_str_is(cdp_rec_whole(&rec[2], &b), "{\"n\":3,\"end\":1}"));
	cdp_log_close(log);
	cdp_store_close(st);
	cdp_buf_free(&b);
	shell("rm -rf e7");
}

/* A filter starts, fills segments and ends while its log is rewritten. */
static enum cdp_compact_keep
write_meanwhile(
    void *arg, struct cdp_str key, struct cdp_str val, struct cdp_buf *ret)
{
	struct cdp_log_opt opt = { .stage = "merge", .segment_bytes = 1 };
	struct cdp_err err = { 0 };
	struct cdp_log *log;
	uint64_t day;

	(void)key;
	(void)val;
	(void)ret;
	assert_int_equal(cdp_log_open(arg, &opt, &log, &err), 0);
	for (day = 6; day <= 8; day++)
		add_day(log, day);
	cdp_log_close(log);
	return CDP_KEEP;
}

static void
test_compact_while_a_writer_starts(void **state)
{
	struct cdp_compact_filter f = { .state = write_meanwhile };
	struct cdp_compact_opt opt = { .filter = &f, .segment_bytes = 1 };
	struct cdp_log_opt other = { .stage = "merge",
		.fingerprint = CDP_STR("b") };
	struct cdp_log_key key = { .o = CDP_STR("x") };
	struct cdp_buf b = { 0 };
	struct cdp_err err = { 0 };
	enum cdp_rec_kind kind;
	struct cdp_store *st;
	struct cdp_log *log;
	uint64_t first;

	(void)state;
	shell("rm -rf e6");
	st = four_days("e6");
	/* Of another project: the first segment is done before this day. */
	assert_int_equal(cdp_log_open(st, &other, &log, &err), 0);
	add_day(log, 5);
	cdp_log_close(log);
	f.arg = st;
	compact(st, &opt);
	log = open_log(st, false);
	assert_int_equal(cdp_log_get(log, CDP_STR("p_1"), &b, &err), 0);
	assert_string_equal(cdp_buf_cstr(&b), "{\"day\":8}");
	cdp_log_close(log);
	for (key.n = 1; key.n <= 8; key.n++) {
		assert_int_equal(records(st, key, &kind, &first), 2);
		assert_int_equal(first, key.n * 3 - 2);
	}
	shell("test $(ls e6/merge/*.seg | wc -l) = 6");
	cdp_buf_free(&b);
	cdp_store_close(st);
	shell("rm -rf e6");
}

static int
count_version(void *arg, const struct cdp_epoch_info *info, struct cdp_str val)
{
	assert_true(val.n != 0);
	assert_true(info->t_ms % 86400000 == 0);
	++*(int *)arg;
	return 0;
}

static void
test_log_versions_until_compaction(void **state)
{
	struct cdp_compact_opt opt = { 0 };
	struct cdp_log_sizes sz;
	struct cdp_err err = { 0 };
	struct cdp_store *st;
	struct cdp_log *log;
	int n;

	(void)state;
	shell("rm -rf e4");
	st = four_days("e4");
	for (n = 0; n < 2; n++) {
		int versions = 0;

		log = open_log(st, true);
		assert_int_equal(cdp_log_versions(log, CDP_STR("p_1"),
				     count_version, &versions, &err),
		    0);
		assert_int_equal(versions, n == 0 ? 4 : 1);
		assert_int_equal(cdp_log_sizes(log, &sz, &err), 0);
		assert_int_equal(sz.live, n == 0 ? 2 : 1);
		assert_int_equal(sz.dead, n == 0 ? 3 : 0);
		cdp_log_close(log);
		compact(st, &opt);
	}
	cdp_store_close(st);
	shell("rm -rf e4");
}

/* ---- how small it gets ---- */

#define NPROFILE 6000
#define NVERSION 4

static uint32_t seed = 7;

static uint32_t
rnd(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

/*
 * About what cdp-merge keeps of a person: a kilobyte that packs to a fifth, as
 * those of reference data do.
 */
static void
profile(struct cdp_buf *b, int i, int version)
{
	static const char *const page[] = { "/", "/cart", "/checkout",
		"/products/coffee", "/products/tea", "/account/orders" };
	int k;

	cdp_buf_reset(b);
	cdp_buf_printf(b,
	    "{\"born\":[1772%09u,\"m%08x\"],\"now\":1775%09u,\"ids\":[["
	    "\"email\","
	    "\"user%d@example.com\"],[\"anonymous_id\",\"%08x-%08x\"],["
	    "\"phone\","
	    "\"+5511%08u\"]],\"traits\":{\"first_name\":\"Ana "
	    "%d\",\"orders\":%d",
	    rnd(1u << 24), rnd(1u << 24), rnd(1u << 24), i, rnd(1u << 24),
	    rnd(1u << 24), rnd(1u << 24), i, version);
	for (k = 0; k < 10; k++)
		cdp_buf_printf(b,
		    ",\"trait_%d\":{\"value\":%u.%02u,\"page\":\"%s?id=%u\","
		    "\"at\":\"2026-03-%02uT%02u:%02u:00.000Z\"}",
		    k, rnd(1000000), rnd(100), page[rnd(6)], rnd(10000),
		    1 + rnd(28), rnd(24), rnd(60));
	cdp_buf_puts(b, "}}");
}

static uint64_t
packed_alone(const struct cdp_buf *live)
{
	struct cdp_frame_head h = { .section = CDP_SECT_PUTS };
	struct cdp_zip *z = cdp_zip_new();
	struct cdp_buf out = { 0 };
	struct cdp_err err;
	uint64_t n;

	assert_int_equal(
	    cdp_zip_frame(z, &h, cdp_buf_str(live), NULL, &out, &err), 0);
	n = out.n;
	cdp_buf_free(&out);
	cdp_zip_free(z);
	return n;
}

static uint64_t
bytes_of(const char *cmd)
{
	FILE *f = popen(cmd, "r");
	unsigned long long n = 0;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%llu", &n), 1);
	pclose(f);
	return n;
}

/*
 * Segments and indexes together against one zstd frame of all the states; and
 * zstd reads it with the dictionary as cdp-store(5) says.
 */
static void
test_compact_size(void **state)
{
	struct cdp_compact_opt opt = { 0 };
	struct cdp_store *st;
	struct cdp_log *log;
	struct cdp_buf b = { 0 }, live = { 0 };
	struct cdp_err err = { 0 };
	uint64_t alone, have;
	char key[24];
	int v, i;

	(void)state;
	shell("rm -rf e5");
	st = open_store("e5");
	log = open_log(st, false);
	for (v = 0; v < NVERSION; v++)
		for (i = 0; i < NPROFILE; i++) {
			snprintf(key, sizeof(key), "p_%020llx",
			    (unsigned long long)i * 0x9E3779B97F4A7C15u);
			profile(&b, i, v);
			cdp_log_put(
			    log, cdp_str_of(key), cdp_buf_str(&b), INT64_MAX);
			if (v == NVERSION - 1)
				cdp_put_line(&live, cdp_str_of(key),
				    cdp_buf_str(&b), INT64_MAX);
			if (i % 500 == 499)
				assert_int_equal(cdp_log_commit(log, &err), 0);
		}
	cdp_log_close(log);
	compact(st, &opt);
	alone = packed_alone(&live);
	have = bytes_of("cat e5/merge/*.seg e5/merge/*.idx | wc -c");
	print_message("%llu live bytes, %llu packed alone, %llu in the log\n",
	    (unsigned long long)live.n, (unsigned long long)alone,
	    (unsigned long long)have);
	assert_true(have * 10 <= alone * 13);
	shell("seg=e5/merge/1000000001.seg &&"
	      " len=$(od -An -tu4 -j76 -N4 $seg) &&"
	      " tail -c +89 $seg | head -c $((len - 8)) >e5/dict &&"
	      " test $(zstd -dcq -D e5/dict $seg | grep -c '\"k\":') = 6000");
	cdp_buf_free(&b);
	cdp_buf_free(&live);
	cdp_store_close(st);
	shell("rm -rf e5");
}

/* ---- repair of what was compacted ---- */

static int
add_text(void *arg, struct cdp_str line)
{
	struct cdp_buf *b = arg;

	cdp_buf_put(b, line);
	cdp_buf_putc(b, '\n');
	return 0;
}

static void
dump(struct cdp_store *st, struct cdp_buf *ret)
{
	struct cdp_err err = { 0 };
	struct cdp_log *log = open_log(st, true);

	cdp_buf_reset(ret);
	assert_int_equal(cdp_log_lines(log, true, add_text, ret, &err), 0);
	cdp_log_close(log);
}

static struct cdp_repair_stats
repair(struct cdp_store *st)
{
	struct cdp_repair_stats s;
	struct cdp_log_stats sound;
	struct cdp_err err = { 0 };

	if (cdp_log_repair(st, "merge", NULL, NULL, &s, &err) != 0)
		fail_msg("%s", err.msg);
	assert_int_equal(
	    cdp_log_verify(st, "merge", NULL, NULL, &sound, &err), 0);
	return s;
}

static void
add_days(struct cdp_store *st, uint64_t from, uint64_t to)
{
	struct cdp_log *log = open_log(st, false);
	struct cdp_err err = { 0 };
	char name[32];

	for (; from <= to; from++) {
		snprintf(name, sizeof(name), "p_%llu",
		    (unsigned long long)from % 37);
		cdp_log_put(
		    log, cdp_str_of(name), CDP_STR("{\"v\":1}"), (int64_t)from);
		add_day(log, from);
	}
	assert_int_equal(cdp_log_commit(log, &err), 0);
	cdp_log_close(log);
}

/* Twice compacted, a segment behind it, and what a killed one may leave. */
static struct cdp_store *
compacted(const char *path)
{
	struct cdp_compact_opt opt = { .segment_bytes = 1 };
	struct cdp_store *st = open_store(path);

	add_days(st, 1, 100);
	compact(st, &opt);
	add_days(st, 101, 150);
	shell("cp e6/merge/0000000002.seg e6/left.seg");
	compact(st, &opt);
	add_days(st, 151, 180);
	return st;
}

static void
test_repair_of_a_compacted_log(void **state)
{
	struct cdp_store *st = compacted("e6");
	struct cdp_buf want = { 0 }, got = { 0 };
	struct cdp_repair_stats s;

	(void)state;
	dump(st, &want);
	s = repair(st);
	assert_false(s.changed);
	/* Only the headers of the segments know their order now. */
	shell("cp e6/left.seg e6/merge/0000000002.seg &&"
	      " rm e6/merge/MANIFEST");
	s = repair(st);
	assert_true(s.changed);
	assert_int_equal(s.lost, 0);
	dump(st, &got);
	assert_string_equal(cdp_buf_cstr(&want), cdp_buf_cstr(&got));
	compact(st, &(struct cdp_compact_opt){ 0 });
	add_days(st, 181, 182);
	compact(st, &(struct cdp_compact_opt){ 0 });
	cdp_store_close(st);
	shell("rm -rf e6");
	cdp_buf_free(&want);
	cdp_buf_free(&got);
}

/* What is left is a part of what was, and new numbers stay behind the old. */
static void
test_repair_of_a_damaged_compacted_log(void **state)
{
	struct cdp_store *st;
	struct cdp_log *log;
	struct cdp_repair_stats s;
	char cmd[160];
	int at;

	(void)state;
	for (at = 90; at < 1200; at += 101) {
		st = compacted("e6");
		snprintf(cmd, sizeof(cmd),
		    "f=$(ls e6/merge/10*.seg | head -n 1) && printf XXXX |"
		    " dd of=$f bs=1 seek=%d conv=notrunc 2>/dev/null",
		    at);
		shell(cmd);
		s = repair(st);
		assert_true(s.changed);
		assert_true(s.lost != 0 && s.kept != 0);
		log = open_log(st, true);
		assert_int_equal(cdp_log_last(log), 180 * 3);
		cdp_log_close(log);
		add_days(st, 181, 182);
		compact(st, &(struct cdp_compact_opt){ 0 });
		cdp_store_close(st);
		shell("rm -rf e6");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compact_keeps_outputs_for_a_time),
		cmocka_unit_test(test_compact_keeps_ids_for_a_time),
		cmocka_unit_test(test_compact_obeys_a_filter),
		cmocka_unit_test(test_compact_of_lines_with_one_end),
		cmocka_unit_test(test_compact_while_a_writer_starts),
		cmocka_unit_test(test_log_versions_until_compaction),
		cmocka_unit_test(test_compact_size),
		cmocka_unit_test(test_repair_of_a_compacted_log),
		cmocka_unit_test(test_repair_of_a_damaged_compacted_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
