#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/store/compact.h"
#include "lib/store/log.h"

/*
 * Edits of somebody that differ in some members, on passed lines and at the
 * end of lines of our own, are what they were when they are asked for again:
 * while they are written, by the next run, and after a compaction.
 */
#define PEOPLE 3
#define INPUTS 1500
#define MEMBERS 40

static uint64_t seed = 4711;

static size_t
rnd(size_t n)
{
	seed = seed * 6364136223846793005 + 1442695040888963407;
	return (size_t)(seed >> 33) % n;
}

struct person {
	bool in[MEMBERS], had[MEMBERS];
	struct cdp_buf edit, was;
	struct cdp_spot spot;
};

struct world {
	struct person person[PEOPLE];
	char *want[INPUTS][3]; /* by input, its records, NULL behind them */
	bool pass[INPUTS][3];
};

static int
no_sync(int fd)
{
	(void)fd;
	return 0;
}

static void
write_edit(struct cdp_buf *b, const bool *in)
{
	cdp_buf_reset(b);
	cdp_buf_puts(b, "{\"profile.audiences\":{");
	for (size_t i = 0; i < MEMBERS; i++)
		if (in[i])
			cdp_buf_printf(b, "\"a%02zu\":true,", i);
	b->n -= b->p[b->n - 1] == ',';
	cdp_buf_puts(b, "}}");
}

/* Maybe enter and leave some, or go back; the edit of that. */
static struct cdp_edit
move(struct person *p)
{
	struct cdp_edit ed = { .spot = &p->spot };
	struct cdp_buf was = p->was;
	bool now[MEMBERS];

	if (p->edit.n == 0 || rnd(3) != 0) {
		memcpy(now, p->in, sizeof(now));
		for (size_t k = rnd(5); k-- > 0;)
			now[rnd(MEMBERS)] ^= true;
		if (rnd(2) == 0)
			memcpy(now, p->had, sizeof(now));
		memcpy(p->had, p->in, sizeof(now));
		memcpy(p->in, now, sizeof(now));
		p->was = p->edit;
		p->edit = was;
		write_edit(&p->edit, p->in);
		ed.was = cdp_buf_str(&p->was);
		/* As if more had happened that nobody told the log. */
		ed.anew = rnd(8) == 0;
		if (ed.anew)
			ed.was.n = rnd(2) * 9;
	}
	ed.edit = cdp_buf_str(&p->edit);
	return ed;
}

static char *
line_of(struct cdp_log *log, size_t i, size_t k, const struct person *p,
    const struct cdp_edit *ed)
{
	struct cdp_buf with = { 0 }, json = { 0 };
	struct cdp_str in = cdp_buf_str(&p->edit);

	cdp_buf_printf(&json, "{\"i\":%zu,\"k\":%zu", i, k);
	cdp_buf_puts(&with, "\"profile\":{\"id\":\"p_1\",\"audiences\":");
	cdp_buf_put(&with, (struct cdp_str){ in.p + 21, in.n - 22 });
	cdp_buf_puts(&with, "}}");
	cdp_log_line(log, cdp_buf_str(&json), cdp_buf_str(&with), ed);
	cdp_buf_putc(&json, ',');
	cdp_buf_put(&json, cdp_buf_str(&with));
	cdp_buf_free(&with);
	return cdp_buf_cstr(&json);
}

static void
add_input(struct world *w, struct cdp_log *log, size_t i)
{
	struct cdp_log_key key = { .o = CDP_STR("main.merge"), .n = i + 1 };
	struct person *p = &w->person[rnd(PEOPLE)];
	struct cdp_edit ed = move(p);
	size_t k = 0;

	cdp_log_input(log, &key);
	if (rnd(3) != 0) {
		cdp_log_edit(log, &ed);
		w->pass[i][0] = true;
		w->want[i][k++] = cdp_xstrndup(ed.edit);
		ed.was = CDP_STR("");
	}
	if (k == 0 || rnd(2) == 0) {
		for (size_t first = k; k < 3; k++)
			w->want[i][k] =
			    line_of(log, i, k, p, k == first ? &ed : NULL);
	}
}

static void
check(const struct world *w, struct cdp_log *log, size_t n)
{
	struct cdp_err err = { 0 };
	const struct cdp_rec *rec;
	struct cdp_buf b = { 0 };
	uint64_t first;
	size_t nrec, k;

	for (size_t i = 0; i < n; i++) {
		struct cdp_log_key key = { .o = CDP_STR("main.merge"),
			.n = i + 1 };

		if (cdp_log_find(log, &key, &first, &rec, &nrec, &err) != 0)
			fail_msg("input %zu: %s", i, err.msg);
		for (k = 0; k < 3 && w->want[i][k] != NULL; k++) {
			assert_true(k < nrec);
			assert_int_equal(
			    rec[k].kind == CDP_REC_PASS, w->pass[i][k]);
			assert_true(!w->pass[i][k] || rec[k].one);
			assert_true(cdp_str_is(
			    cdp_rec_whole(&rec[k], &b), w->want[i][k]));
		}
		assert_int_equal(k, nrec);
	}
	cdp_buf_free(&b);
}

static void
test_edits_are_what_they_were(void **state)
{
	static struct world w;
	struct cdp_io io = cdp_io_real;
	struct cdp_log_opt opt = { .stage = "audience",
		.fingerprint = CDP_STR("abcd"),
		.segment_bytes = 20000 };
	struct cdp_compact_opt how = { 0 };
	struct cdp_compact_stats st;
	struct cdp_err err = { 0 };
	struct cdp_store *store = NULL;
	struct cdp_log *log = NULL;

	(void)state;
	io.fsync = io.fdatasync = no_sync;
	assert_int_equal(system("rm -rf edit"), 0);
	assert_int_equal(
	    cdp_store_open(&io, "edit", CDP_STORE_WRITE, &store, &err), 0);
	assert_int_equal(cdp_log_open(store, &opt, &log, &err), 0);
	for (size_t i = 0; i < INPUTS; i++) {
		add_input(&w, log, i);
		if (rnd(100) == 0) {
			assert_int_equal(cdp_log_commit(log, &err), 0);
			check(&w, log, i + 1);
		}
	}
	assert_int_equal(cdp_log_commit(log, &err), 0);
	check(&w, log, INPUTS);
	cdp_log_close(log);
	assert_int_equal(
	    system("zstd -dcq edit/audience/*.seg | grep -q '\"but\"'"), 0);
	assert_int_equal(cdp_log_open(store, &opt, &log, &err), 0);
	check(&w, log, INPUTS);
	cdp_log_close(log);
	assert_int_equal(
	    cdp_compact_stage(store, "audience", &how, &st, &err), 0);
	assert_int_equal(cdp_log_open(store, &opt, &log, &err), 0);
	check(&w, log, INPUTS);
	cdp_log_close(log);
	cdp_store_close(store);
	assert_int_equal(system("rm -rf edit"), 0);
	for (size_t i = 0; i < INPUTS; i++)
		for (size_t k = 0; k < 3; k++)
			free(w.want[i][k]);
	for (size_t i = 0; i < PEOPLE; i++) {
		cdp_buf_free(&w.person[i].edit);
		cdp_buf_free(&w.person[i].was);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edits_are_what_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
