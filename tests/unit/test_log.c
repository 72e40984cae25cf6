#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/store/compact.h"
#include "lib/store/lookup.h"

static int
no_sync(int fd)
{
	(void)fd;
	return 0;
}

/* The real kernel without waiting for the disk. */
static struct cdp_io
quick_io(void)
{
	struct cdp_io io = cdp_io_real;

	io.fsync = io.fdatasync = no_sync;
	return io;
}

static void
shell(const char *cmd)
{
	assert_int_equal(system(cmd), 0);
}

static struct cdp_store *
open_store(const struct cdp_io *io, const char *path)
{
	struct cdp_err err = { 0 };
	struct cdp_store *st = NULL;
	int rc = cdp_store_open(io, path, CDP_STORE_WRITE, &st, &err);

	if (rc != 0)
		fail_msg("%s", err.msg);
	return st;
}

static struct cdp_log *
open_log(struct cdp_store *st, uint64_t segment_bytes, bool readonly)
{
	struct cdp_log_opt opt = { .stage = "merge",
		.readonly = readonly,
		.fingerprint = CDP_STR("abcd"),
		.segment_bytes = segment_bytes };
	struct cdp_err err = { 0 };
	struct cdp_log *log = NULL;
	int rc = cdp_log_open(st, &opt, &log, &err);

	if (rc != 0)
		fail_msg("%d: %s", rc, err.msg);
	return log;
}

static int
add_line(void *arg, struct cdp_str line)
{
	cdp_buf_put(arg, line);
	cdp_buf_putc(arg, '\n');
	return 0;
}

/* The dump, or NULL with its code in *rc. */
static char *
dump(struct cdp_store *st, int *rc, struct cdp_err *err)
{
	struct cdp_buf b = { 0 };

	*rc = cdp_log_dump(st, "merge", add_line, &b, err);
	if (*rc == 0)
		return cdp_buf_cstr(&b);
	cdp_buf_free(&b);
	return NULL;
}

static struct cdp_log_key
key_of(uint64_t n)
{
	/* Every fifth is a hashed one. */
	if (n % 5 == 0)
		return (struct cdp_log_key){ .h = { n * 7919, n } };
	return (struct cdp_log_key){ .o = CDP_STR("main.ingest"), .n = n };
}

/* ---- damage ---- */

#define NEPOCHS 4

static void
small_epoch(struct cdp_log *log, int e)
{
	struct cdp_err err = { 0 };
	struct cdp_log_key key;
	char k[16], v[64];
	int i;

	for (i = 0; i < 3; i++) {
		key = key_of((uint64_t)(e * 3 + i + 1));
		cdp_log_input(log, &key);
		cdp_log_record(log, CDP_REC_PASS,
		    i == 1 ? CDP_STR("{\"a\":1}") : (struct cdp_str){ 0 });
		if (i == 2)
			cdp_log_record(
			    log, CDP_REC_LINE, CDP_STR("{\"type\":\"merge\"}"));
	}
	for (i = 0; i < 2; i++)
		cdp_log_line(log,
		    i == 0 ? CDP_STR("{\"type\":\"x\"")
			   : CDP_STR("{\"type\":\"y\""),
		    CDP_STR("\"with\":{\"n\":1}}"), NULL);
	for (i = 0; i < 2; i++) {
		snprintf(k, sizeof(k), "p_%d", (e + i) % 3);
		snprintf(v, sizeof(v), "{\"epoch\":%d,\"i\":%d}", e, i);
		cdp_log_put(log, cdp_str_of(k), cdp_str_of(v),
		    i != 0 ? e * 1000 : INT64_MAX);
	}
	assert_int_equal(cdp_log_commit(log, &err), 0);
}

struct small {
	char *want[NEPOCHS + 1]; /* the dump after so many epochs */
	struct cdp_buf seg;      /* the bytes of the segment */
};

static void
small_make(struct small *s, const struct cdp_io *io, const char *path)
{
	struct cdp_store *st = open_store(io, path);
	struct cdp_log *log = open_log(st, 0, false);
	struct cdp_err err = { 0 };
	char name[64];
	int e, rc;

	for (e = 0; e <= NEPOCHS; e++) {
		if (e != 0)
			small_epoch(log, e - 1);
		s->want[e] = dump(st, &rc, &err);
		assert_non_null(s->want[e]);
	}
	cdp_log_close(log);
	cdp_store_close(st);
	snprintf(name, sizeof(name), "%s/merge/0000000001.seg", path);
	assert_int_equal(cdp_io_read_file(name, 1 << 20, &s->seg, NULL), 0);
}

static void
small_free(struct small *s)
{
	int e;

	for (e = 0; e <= NEPOCHS; e++)
		free(s->want[e]);
	cdp_buf_free(&s->seg);
}

/* In place: truncating to nothing first would make ext4 wait for the disk. */
static void
write_file(const char *name, const void *p, size_t n)
{
	int fd = open(name, O_WRONLY);

	assert_int_not_equal(fd, -1);
	assert_int_equal(pwrite(fd, p, n, 0), n);
	assert_int_equal(ftruncate(fd, (off_t)n), 0);
	close(fd);
}

/* Reader and writer both find a prefix, at least min epochs, or damage. */
static void
check_damaged(
    struct small *s, const struct cdp_io *io, const char *path, int min)
{
	struct cdp_store *st = open_store(io, path);
	struct cdp_log_opt opt = { .stage = "merge" };
	struct cdp_err err = { 0 };
	struct cdp_log *log;
	char *got;
	int e, rc, rc2;

	got = dump(st, &rc, &err);
	assert_true(rc == 0 || rc == CDP_ECORRUPT);
	if (rc == 0) {
		for (e = NEPOCHS; e >= 0; e--)
			if (strcmp(got, s->want[e]) == 0)
				break;
		assert_true(e >= min);
	}
	rc2 = cdp_log_open(st, &opt, &log, &err);
	assert_int_equal(rc, rc2);
	if (rc2 == 0)
		cdp_log_close(log);
	free(got);
	cdp_store_close(st);
}

static void
test_log_cut_at_every_byte(void **state)
{
	struct cdp_io io = quick_io();
	struct small s = { 0 };
	size_t i;

	(void)state;
	shell("rm -rf c1");
	small_make(&s, &io, "c1");
	for (i = 0; i < s.seg.n; i++) {
		write_file("c1/merge/0000000001.seg", s.seg.p, i);
		check_damaged(&s, &io, "c1", 0);
	}
	small_free(&s);
	shell("rm -rf c1");
}

static void
test_log_flipped_at_every_byte(void **state)
{
	struct cdp_io io = quick_io();
	struct small s = { 0 };
	size_t i;

	(void)state;
	shell("rm -rf c2");
	small_make(&s, &io, "c2");
	for (i = 0; i < s.seg.n; i++) {
		s.seg.p[i] ^= (char)(1 << i % 8);
		write_file("c2/merge/0000000001.seg", s.seg.p, s.seg.n);
		check_damaged(&s, &io, "c2", NEPOCHS - 1);
		s.seg.p[i] ^= (char)(1 << i % 8);
	}
	small_free(&s);
	shell("rm -rf c2");
}

static void
test_log_small_files_flipped(void **state)
{
	static const char *const name[] = { "c3/FORMAT", "c3/SECRET",
		"c3/merge/MANIFEST" };
	struct cdp_io io = quick_io();
	struct cdp_log_opt opt = { .stage = "merge", .readonly = true };
	struct small s = { 0 };
	struct cdp_buf b = { 0 };
	struct cdp_err err = { 0 };
	struct cdp_store *st;
	struct cdp_log *log;
	size_t i, k;
	int rc;

	(void)state;
	shell("rm -rf c3");
	small_make(&s, &io, "c3");
	for (k = 0; k < 3; k++) {
		cdp_buf_reset(&b);
		assert_int_equal(
		    cdp_io_read_file(name[k], 1 << 20, &b, NULL), 0);
		for (i = 0; i < b.n; i++) {
			b.p[i] ^= (char)(1 << i % 8);
			write_file(name[k], b.p, b.n);
			rc = cdp_store_open(
			    &io, "c3", CDP_STORE_WRITE, &st, &err);
			if (rc == 0) {
				rc = cdp_log_open(st, &opt, &log, &err);
				cdp_store_close(st);
			}
			assert_int_equal(rc, CDP_ECORRUPT);
			b.p[i] ^= (char)(1 << i % 8);
		}
		write_file(name[k], b.p, b.n);
	}
	cdp_buf_free(&b);
	small_free(&s);
	shell("rm -rf c3");
}

/* What another stage has read must not be missing. */
static void
test_log_lost_end_is_noticed(void **state)
{
	struct cdp_io io = quick_io();
	struct cdp_log_opt up = { .stage = "ingest" };
	struct cdp_log_key key = { .h = { 1, 2 } };
	struct cdp_err err = { 0 };
	struct cdp_store *st;
	struct cdp_log *log;
	int i;

	(void)state;
	shell("rm -rf c4");
	st = open_store(&io, "c4");
	for (i = 0; i < 2; i++) {
		assert_int_equal(cdp_log_open(st, &up, &log, &err), 0);
		key.h.lo++;
		cdp_log_input(log, &key);
		assert_int_equal(
		    cdp_log_record(log, CDP_REC_PASS, (struct cdp_str){ 0 }),
		    i + 1);
		assert_int_equal(cdp_log_commit(log, &err), 0);
		cdp_log_close(log);
		if (i == 0)
			shell("cp -r c4/ingest c4.old");
	}
	log = open_log(st, 0, false);
	key = (struct cdp_log_key){ .o = CDP_STR("main.ingest"), .n = 2 };
	cdp_log_input(log, &key);
	assert_int_equal(cdp_log_commit(log, &err), 0);
	cdp_log_close(log);
	assert_int_equal(cdp_log_open(st, &up, &log, &err), 0);
	cdp_log_close(log);
	shell("rm -r c4/ingest && mv c4.old c4/ingest");
	assert_int_equal(cdp_log_open(st, &up, &log, &err), CDP_ECORRUPT);
	assert_non_null(strstr(err.msg, "'merge' has read record 2"));
	shell("rm -r c4/ingest");
	assert_int_equal(cdp_log_open(st, &up, &log, &err), CDP_ECORRUPT);
	cdp_store_close(st);
	shell("rm -rf c4");
}

static void
test_log_has_one_writer(void **state)
{
	struct cdp_io io = quick_io();
	struct cdp_log_opt opt = { .stage = "merge", .lock_timeout_ms = 30 };
	struct cdp_err err = { 0 };
	struct cdp_store *st;
	struct cdp_log *log, *other;

	(void)state;
	shell("rm -rf c5");
	st = open_store(&io, "c5");
	log = open_log(st, 0, false);
	assert_int_equal(cdp_log_open(st, &opt, &other, &err), CDP_ELOCKED);
	other = open_log(st, 0, true);
	cdp_log_close(other);
	cdp_log_close(log);
	log = open_log(st, 0, false);
	cdp_log_close(log);
	cdp_store_close(st);
	shell("rm -rf c5");
}

/* ---- a model ---- */

#define NKEYS 40
#define NINPUTS 4000

struct model {
	char val[NKEYS][64]; /* "": none */
	int64_t due[NKEYS];
	uint64_t first[NINPUTS]; /* 0: not an input yet */
	int kind[NINPUTS];       /* what it caused */
	uint64_t next_n, ninputs;
};

static uint32_t seed;

static uint32_t
rnd(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

static void
key_name(int k, char ret[32])
{
	snprintf(ret, 32, "p_%d\"\n%d", k, k * k);
}

static void
model_put(struct model *m, struct cdp_log *log)
{
	int k = (int)rnd(NKEYS);
	char name[32];

	key_name(k, name);
	m->due[k] = rnd(2) != 0 ? (int64_t)rnd(100000) - 500 : INT64_MAX;
	if (rnd(5) == 0)
		m->val[k][0] = '\0';
	else
		snprintf(m->val[k], sizeof(m->val[k]), "{\"v\":%u}", rnd(1000));
	cdp_log_put(log, cdp_str_of(name), cdp_str_of(m->val[k]), m->due[k]);
}

/*
 * What input i of kind 0 to 4 causes; the same words both ways.  Of the last
 * kind there are runs of one edit.
 */
static size_t
caused(int kind, uint64_t i, char text[3][64], struct cdp_rec ret[3])
{
	static const char *const ends[] = { "\"with\":1}",
		"\"a\":{\"b\":{}}}" };
	size_t n = 0;

	if (kind == 0)
		ret[n++] = (struct cdp_rec){ .kind = CDP_REC_PASS };
	if (kind == 4)
		ret[n++] = (struct cdp_rec){ CDP_REC_PASS, false,
			CDP_STR("{\"run\":1}"), { 0 } };
	if (kind == 2 || kind == 3) {
		snprintf(text[n], 64, "{\"type\":\"x\",\"i\":%llu}",
		    (unsigned long long)i);
		ret[n] = (struct cdp_rec){ CDP_REC_LINE, false,
			cdp_str_of(text[n]), { 0 } };
		n++;
	}
	if (kind == 3) {
		snprintf(
		    text[n], 64, "{\"set\":%llu}", (unsigned long long)(i % 4));
		ret[n] = (struct cdp_rec){ CDP_REC_PASS, false,
			cdp_str_of(text[n]), { 0 } };
		n++;
	}
	for (; kind == 5 && n < 2; n++) {
		snprintf(text[n], 64, "{\"type\":\"y\",\"i\":%llu,\"n\":%zu",
		    (unsigned long long)i, n);
		ret[n] = (struct cdp_rec){ CDP_REC_LINE, false,
			cdp_str_of(text[n]), cdp_str_of(ends[i % 2]) };
	}
	return n;
}

static void
model_input(struct model *m, struct cdp_log *log)
{
	/* Mostly the next one, at times one that a filter held back. */
	uint64_t i = rnd(4) == 0 ? rnd(NINPUTS) : m->ninputs + rnd(3);
	struct cdp_log_key key = key_of(i + 1);
	struct cdp_rec rec[3];
	char text[3][64];
	uint64_t q;
	size_t k, n;

	if (i >= NINPUTS || m->first[i] != 0)
		return;
	m->ninputs = i + 1 > m->ninputs ? i + 1 : m->ninputs;
	assert_int_equal(cdp_log_where(log, &key, &q), CDP_END);
	m->first[i] = m->next_n;
	m->kind[i] = (int)rnd(9);
	if (m->kind[i] > 5)
		m->kind[i] = 4;
	cdp_log_input(log, &key);
	n = caused(m->kind[i], i, text, rec);
	for (k = 0; k < n; k++)
		assert_int_equal(rec[k].with.n != 0
			? cdp_log_line(log, rec[k].json, rec[k].with, NULL)
			: cdp_log_record(log, rec[k].kind, rec[k].json),
		    m->next_n++);
	assert_true(cdp_log_pending(log, &key));
}

static void
check_states(struct model *m, struct cdp_log *log)
{
	struct cdp_buf b = { 0 };
	struct cdp_err err = { 0 };
	char name[32];
	int k, rc;

	for (k = 0; k < NKEYS; k++) {
		key_name(k, name);
		cdp_buf_reset(&b);
		rc = cdp_log_get(log, cdp_str_of(name), &b, &err);
		assert_int_equal(rc, m->val[k][0] != '\0' ? 0 : CDP_END);
		if (rc == 0)
			assert_string_equal(cdp_buf_cstr(&b), m->val[k]);
	}
	cdp_buf_free(&b);
}

static void
check_input(struct model *m, struct cdp_log *log, uint64_t i)
{
	struct cdp_log_key key = key_of(i + 1);
	struct cdp_err err = { 0 };
	const struct cdp_rec *got;
	struct cdp_rec rec[3];
	char text[3][64];
	uint64_t first;
	size_t k, n, ngot;
	int rc = cdp_log_find(log, &key, &first, &got, &ngot, &err);

	assert_int_equal(rc, m->first[i] != 0 ? 0 : CDP_END);
	if (rc != 0)
		return;
	n = caused(m->kind[i], i, text, rec);
	assert_int_equal(ngot, n);
	assert_int_equal(first, m->first[i]);
	for (k = 0; k < n; k++) {
		assert_int_equal(got[k].kind, rec[k].kind);
		assert_true(cdp_str_eq(got[k].json, rec[k].json));
		assert_true(cdp_str_eq(got[k].with, rec[k].with));
	}
}

struct due_check {
	struct model *m;
	bool told[NKEYS];
};

static int
on_due(void *arg, struct cdp_str key, int64_t due_ms)
{
	struct due_check *c = arg;
	int k = atoi(key.p + 2);

	assert_true(k >= 0 && k < NKEYS);
	assert_true(c->m->val[k][0] != '\0');
	assert_true(c->m->due[k] == due_ms);
	assert_false(c->told[k]);
	c->told[k] = true;
	return 0;
}

static void
check_due(struct model *m, struct cdp_log *log)
{
	struct due_check c = { .m = m };
	struct cdp_err err = { 0 };
	int64_t until[] = { INT64_MIN, m->due[1], m->due[2], INT64_MAX - 1 };
	size_t i;
	int k;

	cdp_log_due_start(log, CDP_STR("none"), INT64_MIN);
	for (i = 0; i < 4; i++) {
		assert_int_equal(
		    cdp_log_due(log, until[i], on_due, &c, &err), 0);
		for (k = 0; k < NKEYS; k++)
			assert_true(m->val[k][0] == '\0' ||
			    m->due[k] > until[i] || m->due[k] == INT64_MAX ||
			    c.told[k]);
	}
}

static void
say(void *arg, const char *msg)
{
	(void)arg;
	print_message("%s\n", msg);
}

static void
check_all(struct model *m, struct cdp_store *st, bool sound)
{
	struct cdp_log *log = open_log(st, 0, true);
	struct cdp_log_stats stats;
	struct cdp_err err = { 0 };
	uint64_t i;

	check_states(m, log);
	check_due(m, log);
	for (i = 0; i < NINPUTS; i++)
		check_input(m, log, i);
	cdp_log_close(log);
	if (sound)
		assert_int_equal(
		    cdp_log_verify(st, "merge", say, NULL, &stats, &err), 0);
}

/*
 * Compact beside the writer, between two, or by it: the dump stays the same.
 * Returns the log, opened again if need be.
 */
static struct cdp_log *
compact_somehow(struct cdp_store *st, struct cdp_log *log)
{
	struct cdp_compact_opt opt = { .segment_bytes = 3000 + rnd(9000) };
	struct cdp_compact_stats stats;
	struct cdp_err err = { 0 };
	uint32_t how = rnd(3);
	char *before, *after;
	int rc;

	before = dump(st, &rc, &err);
	assert_int_equal(rc, 0);
	if (how == 0)
		cdp_log_close(log);
	rc = how == 2 ? cdp_compact_log(log, &opt, &stats, &err)
		      : cdp_compact_stage(st, "merge", &opt, &stats, &err);
	if (rc != 0)
		fail_msg("%d: %s", rc, err.msg);
	assert_true(stats.busy == (how == 1));
	if (how == 0)
		log = open_log(st, 3000, false);
	st->memory = 4 * rnd(2000); /* so the states are not all held at once */
	after = dump(st, &rc, &err);
	st->memory = CDP_STORE_MEMORY;
	assert_int_equal(rc, 0);
	assert_string_equal(before, after);
	free(before);
	free(after);
	return log;
}

/*
 * Puts, inputs, commits, compactions, reopens and lost indexes against
 * arrays.
 */
static void
test_log_against_a_model(void **state)
{
	struct cdp_io io = quick_io();
	struct model *m;
	struct cdp_store *st;
	struct cdp_log *log;
	struct cdp_err err = { 0 };
	int round, i;

	(void)state;
	for (round = 0; round < 4; round++) {
		m = calloc(1, sizeof(*m));
		m->next_n = 1;
		seed = (uint32_t)round + 1;
		shell("rm -rf m1");
		st = open_store(&io, "m1");
		log = open_log(st, 3000, false);
		for (i = 0; i < 3000; i++) {
			if (rnd(3) == 0)
				model_put(m, log);
			else
				model_input(m, log);
			if (rnd(500) == 0)
				check_states(m, log);
			if (rnd(40) != 0)
				continue;
			assert_int_equal(cdp_log_commit(log, &err), 0);
			if (round != 0 && rnd(8) == 0)
				log = compact_somehow(st, log);
			if (rnd(6) != 0)
				continue;
			cdp_log_close(log);
			if (rnd(3) == 0)
				shell("rm -f m1/merge/*2.idx");
			log = open_log(st, 3000, false);
			check_due(m, log);
		}
		assert_int_equal(cdp_log_commit(log, &err), 0);
		check_all(m, st, false);
		cdp_log_close(log);
		log = open_log(st, 3000, false);
		check_all(m, st, true);
		cdp_log_close(log);
		shell("test $(ls m1/merge/*.seg | wc -l) -ge 2");
		shell("for f in m1/merge/*.seg; do zstd -qt $f; done");
		cdp_store_close(st);
		free(m);
	}
	shell("rm -rf m1");
}

/* ---- readers beside a writer ---- */

struct snapshot {
	long counter, inputs;
};

static int
on_line(void *arg, struct cdp_str line)
{
	struct snapshot *s = arg;

	if (cdp_str_starts(line, CDP_STR("{\"k\":\"counter\",\"v\":")))
		s->counter = atol(line.p + strlen("{\"k\":\"counter\",\"v\":"));
	if (cdp_str_starts(line, CDP_STR("{\"q\":")))
		s->inputs++;
	return 0;
}

/* Beside a writer and compactions, each dump is of whole epochs, and of no
 * fewer than the one before. */
static int
read_along(struct cdp_store *st, int stop)
{
	struct snapshot s, last = { 0 };
	struct cdp_err err = { 0 };
	bool done = false;
	char c;
	int rc;

	while (!done) {
		done = read(stop, &c, 1) == 0;
		s = (struct snapshot){ 0 };
		rc = cdp_log_dump(st, "merge", on_line, &s, &err);
		if (rc < 0 || s.counter != s.inputs || s.counter < last.counter)
			return 1;
		last = s;
	}
	return last.counter == 300 ? 0 : 2;
}

static void
test_log_readers_see_whole_epochs(void **state)
{
	struct cdp_io io = quick_io();
	struct cdp_store *st;
	struct cdp_log *log;
	struct cdp_log_key key;
	struct cdp_err err = { 0 };
	pid_t pid[3];
	struct cdp_compact_opt opt = { 0 };
	struct cdp_compact_stats stats;
	char val[16];
	int i, k, status, stop[2];

	(void)state;
	shell("rm -rf r1");
	st = open_store(&io, "r1");
	log = open_log(st, 4000, false);
	assert_int_equal(pipe(stop), 0);
	assert_int_equal(fcntl(stop[0], F_SETFL, O_NONBLOCK), 0);
	for (i = 0; i < 3; i++) {
		pid[i] = fork();
		if (pid[i] == 0) {
			close(stop[1]);
			_exit(read_along(st, stop[0]));
		}
	}
	close(stop[0]);
	for (i = 0; i < 300;) {
		for (k = 0; k < 3; k++) {
			key = key_of((uint64_t)++i);
			cdp_log_input(log, &key);
			cdp_log_record(
			    log, CDP_REC_PASS, (struct cdp_str){ 0 });
		}
		snprintf(val, sizeof(val), "%d", i);
		cdp_log_put(
		    log, CDP_STR("counter"), cdp_str_of(val), INT64_MAX);
		assert_int_equal(cdp_log_commit(log, &err), 0);
		if (i % 30 == 0)
			assert_int_equal(
			    cdp_compact_stage(st, "merge", &opt, &stats, &err),
			    0);
	}
	assert_true(stats.segments_was != 0);
	close(stop[1]);
	for (i = 0; i < 3; i++) {
		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
		assert_int_equal(status, 0);
	}
	cdp_log_close(log);
	cdp_store_close(st);
	shell("rm -rf r1");
}

/* ---- looking things up ---- */

static void
test_store_resolve_follows_merges(void **state)
{
	struct cdp_io io = quick_io();
	struct cdp_store *st;
	struct cdp_log *log;
	struct cdp_err err = { 0 };
	struct cdp_arena mem = { 0 };
	struct cdp_str got;

	(void)state;
	shell("rm -rf l1");
	st = open_store(&io, "l1");
	log = open_log(st, 0, false);
	cdp_log_put(
	    log, CDP_STR("i:email:a@b.c"), CDP_STR("\"p_1\""), INT64_MAX);
	cdp_log_put(
	    log, CDP_STR("p_1"), CDP_STR("{\"into\":\"p_2\"}"), INT64_MAX);
	cdp_log_put(log, CDP_STR("p_2"), CDP_STR("{\"x\":1}"), INT64_MAX);
	assert_int_equal(cdp_log_commit(log, &err), 0);
	assert_int_equal(
	    cdp_store_resolve(st, CDP_STR("email:a@b.c"), &mem, &got, &err), 0);
	assert_true(cdp_str_is(got, "p_2"));
	assert_int_equal(
	    cdp_store_resolve(st, CDP_STR("p_1"), &mem, &got, &err), 0);
	assert_true(cdp_str_is(got, "p_2"));
	assert_int_equal(
	    cdp_store_resolve(st, CDP_STR("p_3"), &mem, &got, &err), CDP_END);
	cdp_arena_free(&mem);
	cdp_log_close(log);
	cdp_store_close(st);
	shell("rm -rf l1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_log_cut_at_every_byte),
		cmocka_unit_test(test_log_flipped_at_every_byte),
		cmocka_unit_test(test_log_small_files_flipped),
		cmocka_unit_test(test_log_lost_end_is_noticed),
		cmocka_unit_test(test_log_has_one_writer),
		cmocka_unit_test(test_log_against_a_model),
		cmocka_unit_test(test_log_readers_see_whole_epochs),
		cmocka_unit_test(test_store_resolve_follows_merges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
