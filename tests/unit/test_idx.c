/*
 * An index is a cache: whatever happens to it, a writer makes it anew and the
 * log answers the same, whoever asks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/store/idx.h"
#include "lib/store/log.h"

/* How large the log is, and how far the damage is apart. */
struct size {
	uint64_t ninput;
	uint64_t segment_bytes;
	size_t step;
};
static struct size of;

static int
no_sync(int fd)
{
	(void)fd;
	return 0;
}

static struct cdp_io
quick_io(void)
{
	struct cdp_io io = cdp_io_real;

	io.fsync = io.fdatasync = no_sync;
	return io;
}

static struct cdp_log *
open_log(struct cdp_store *st, bool readonly)
{
	struct cdp_log_opt opt = { .stage = "merge",
		.readonly = readonly,
		.segment_bytes = of.segment_bytes };
	struct cdp_err err = { 0 };
	struct cdp_log *log = NULL;

	if (cdp_log_open(st, &opt, &log, &err) != 0)
		fail_msg("%s", err.msg);
	return log;
}

static struct cdp_log_key
key_of(uint64_t n)
{
	struct cdp_log_key key = { .h = { n * 7919, n } };

	if (n % 2 == 0)
		key =
		    (struct cdp_log_key){ CDP_STR("main.ingest"), n, { 0, 0 } };
	return key;
}

static struct cdp_str
name_of(uint64_t n, char ret[32])
{
	snprintf(ret, 32, "p_%llu",
	    (unsigned long long)(n * n % (of.ninput / 4 + 1)));
	return cdp_str_of(ret);
}

/* Several sealed segments, with states, due times and both kinds of inputs. */
static struct cdp_store *
make(const struct cdp_io *io)
{
	struct cdp_err err = { 0 };
	struct cdp_store *st;
	struct cdp_log_key key;
	struct cdp_log *log;
	char name[32], val[128];
	uint64_t n;

	assert_int_equal(system("rm -rf x"), 0);
	assert_int_equal(
	    cdp_store_open(io, "x", CDP_STORE_WRITE, &st, &err), 0);
	log = open_log(st, false);
	for (n = 1; n <= of.ninput; n++) {
		key = key_of(n);
		cdp_log_input(log, &key);
		snprintf(val, sizeof(val), "{\"v\":%llu}",
		    (unsigned long long)(n * 0x9E3779B97F4A7C15u));
		cdp_log_record(log, CDP_REC_PASS, cdp_str_of(val));
		cdp_log_put(log, name_of(n, name), cdp_str_of(val),
		    n % 3 == 0 ? (int64_t)n : INT64_MAX);
		if (n % 2 == 0)
			assert_int_equal(cdp_log_commit(log, &err), 0);
	}
	cdp_log_close(log);
	return st;
}

static int
add_due(void *arg, struct cdp_str key, int64_t due_ms)
{
	/* The order of the walk is not said: add up. */
	*(uint64_t *)arg += cdp_hash64(key) ^ (uint64_t)due_ms;
	return 0;
}

/* All that can be asked of a log, as one text. */
static void
ask(struct cdp_store *st, bool readonly, struct cdp_buf *ret)
{
	struct cdp_log *log = open_log(st, readonly);
	const struct cdp_rec *rec;
	struct cdp_err err = { 0 };
	struct cdp_log_key key;
	uint64_t n, q, first, due = 0;
	size_t nrec;
	char name[32];

	cdp_buf_reset(ret);
	for (n = 0; n <= of.ninput + 2; n++) {
		key = key_of(n);
		q = first = nrec = 0;
		if (cdp_log_where(log, &key, &q) == 0)
			assert_int_equal(
			    cdp_log_find(log, &key, &first, &rec, &nrec, &err),
			    0);
		cdp_buf_printf(ret, "%llu %llu %llu %zu ",
		    (unsigned long long)n, (unsigned long long)q,
		    (unsigned long long)first, nrec);
		if (nrec != 0)
			cdp_buf_put(ret, rec->json);
		(void)cdp_log_get(log, name_of(n, name), ret, &err);
		cdp_buf_putc(ret, '\n');
	}
	cdp_log_due_start(log, CDP_STR("none"), INT64_MIN);
	assert_int_equal(cdp_log_due(log, INT64_MAX, add_due, &due, &err), 0);
	cdp_buf_printf(ret, "%llu\n", (unsigned long long)due);
	cdp_log_close(log);
}

static void
same(struct cdp_store *st, const struct cdp_buf *want, const char *what,
    size_t at)
{
	struct cdp_buf got = { 0 };

	ask(st, true, &got);
	if (!cdp_str_eq(cdp_buf_str(want), cdp_buf_str(&got)))
		fail_msg("index %s at byte %zu: other answers", what, at);
	cdp_buf_free(&got);
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
damaged_anywhere(void)
{
	static const char name[] = "x/merge/0000000001.idx";
	struct cdp_io io = quick_io();
	struct cdp_buf want = { 0 }, idx = { 0 }, got = { 0 };
	struct cdp_store *st = make(&io);
	size_t i;

	ask(st, true, &want);
	assert_int_equal(cdp_io_read_file(name, 1 << 20, &idx, NULL), 0);
	assert_true(idx.n > 200);
	for (i = 0; i < idx.n; i += of.step) {
		idx.p[i] ^= (char)(1 << i % 8);
		write_file(name, idx.p, idx.n);
		same(st, &want, "flipped", i);
		idx.p[i] ^= (char)(1 << i % 8);
	}
	for (i = 0; i < idx.n; i += 8 * of.step) {
		write_file(name, idx.p, i);
		same(st, &want, "cut", i);
	}
	assert_int_equal(system("rm x/merge/*.idx"), 0);
	same(st, &want, "removed", 0);
	cdp_log_close(open_log(st, false));
	same(st, &want, "made anew", 0);
	cdp_buf_reset(&got);
	assert_int_equal(cdp_io_read_file(name, 1 << 20, &got, NULL), 0);
	assert_true(cdp_str_eq(cdp_buf_str(&got), cdp_buf_str(&idx)));
	/* A writer that meets the damage mends the file. */
	idx.p[400] ^= 1;
	write_file(name, idx.p, idx.n);
	ask(st, false, &got);
	assert_true(cdp_str_eq(cdp_buf_str(&got), cdp_buf_str(&want)));
	idx.p[400] ^= 1;
	cdp_buf_reset(&got);
	assert_int_equal(cdp_io_read_file(name, 1 << 20, &got, NULL), 0);
	assert_true(cdp_str_eq(cdp_buf_str(&got), cdp_buf_str(&idx)));
	cdp_buf_free(&want);
	cdp_buf_free(&idx);
	cdp_buf_free(&got);
	cdp_store_close(st);
	assert_int_equal(system("rm -rf x"), 0);
}

static void
test_index_damaged_anywhere_changes_no_answer(void **state)
{
	(void)state;
	of = (struct size){ 120, 4096, 3 };
	damaged_anywhere();
}

/* So large that a look finds some of it unharmed. */
static void
test_index_of_many_blocks_damaged(void **state)
{
	(void)state;
	of = (struct size){ 900, 1 << 16, 1499 };
	damaged_anywhere();
}

/* Input i of n, with a mark; numbers with gaps, as of compacted history. */
static struct cdp_hash128
nth_hash(uint64_t i)
{
	static const uint8_t secret[CDP_SECRET_SIZE];
	struct cdp_hash128 h = cdp_hash_keyed(
	    secret, (struct cdp_str){ (const char *)&i, sizeof(i) });

	h.hi = h.hi >> CDP_MARK_BITS << CDP_MARK_BITS | CDP_MARK(i * 7919);
	return h;
}

/* Ids are found with their marks, and none that was not put in. */
static double
index_of(uint64_t n, uint64_t first, uint64_t step)
{
	struct cdp_seg_head sg = { .no = 1 };
	struct cdp_index ix = { 0 };
	struct cdp_hash128 have, h;
	struct cdp_buf b = { 0 };
	struct cdp_log_key key;
	struct cdp_idx x;
	double ret;
	uint64_t i;

	for (i = 0; i < n; i++) {
		if (i % 4096 == 0)
			cdp_index_epoch(&ix,
			    &(struct cdp_epoch_at){
				first + i * step, 1, i, i / 4096 });
		cdp_index_hash(&ix, nth_hash(i), first + i * step);
	}
	cdp_idx_build(&ix, &sg, &b);
	cdp_index_free(&ix);
	ret = (double)b.n / (double)n;
	cdp_idx_take(&b, &x);
	for (i = 0; i < 2 * n; i += 1 + n / 100000) {
		h = nth_hash(i);
		key =
		    (struct cdp_log_key){ .h = { h.lo, ~CDP_MARK(0) & h.hi } };
		assert_int_equal(
		    cdp_idx_where(&x, &key), i < n ? first + i * step : 0);
		assert_int_equal(cdp_idx_hashed(&x, key.h, &have), i < n);
		if (i < n)
			assert_memory_equal(&have, &h, sizeof(h));
	}
	cdp_idx_close(&x);
	return ret;
}

static void
test_index_has_at_most_24_bytes_an_id(void **state)
{
	(void)state;
	assert_true(index_of(100000, 1, 1) < 20.7);
	assert_true(index_of(1 << 20, 1, 1) < 20.7);
	/* Far behind, and with so many in between that were dropped. */
	assert_true(index_of(100000, (uint64_t)1 << 40, 1) < 20.7);
	assert_true(index_of(100000, 5, 20000) < 21.7);
	/* Whatever is asked of it: the numbers themselves have no limit. */
	assert_true(index_of(1000, 1, (uint64_t)1 << 53) < 27);
	assert_true(index_of(1, UINT64_MAX, 1) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_index_damaged_anywhere_changes_no_answer),
		cmocka_unit_test(test_index_of_many_blocks_damaged),
		cmocka_unit_test(test_index_has_at_most_24_bytes_an_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
