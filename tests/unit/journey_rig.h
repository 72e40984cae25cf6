#ifndef TESTS_JOURNEY_RIG_H
#define TESTS_JOURNEY_RIG_H

/*
 * A rig for journeys: lines go in at minutes, what comes out is one short
 * text: "#5" a line of minute 5 that passed, "clock60", "30!email" an
 * activation, "30!ad/remove" one with another action than "send".
 *
 * Every case runs four times: without a store, with one in a single run, with
 * one whose profiles leave memory after every line, and with one that is
 * closed and opened again after every line.  All must print the same.  Where
 * the project is edited on the way there is no run without a store.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/mem.h"
#include "lib/journey/engine.h"
#include "lib/json/write.h"
#include "tests/unit/scratch.h"

#define BASE INT64_C(1735689600000) /* 2025-01-01T00:00:00Z */

#define EDITS 8

struct rig {
	char dir[64];
	struct cdp_project *pr;
	struct cdp_project *edit[EDITS]; /* what it becomes, */
	size_t edit_at[EDITS], nedit;    /* before which line */
	struct cdp_diags diags;
	struct cdp_buf *line; /* what to feed, without "cdp" */
	size_t nline;
	struct cdp_buf out;   /* of the last run, as it is printed */
	struct cdp_buf text;  /* the same, short */
	struct cdp_buf stats; /* of the run without a store */
};

static const char rig_head[] =
    "version: 1\n"
    "project: {name: test}\n"
    "destinations:\n"
    "  email: {preset: file, settings: {dir: out}}\n"
    "  sms: {preset: file, settings: {dir: out}}\n"
    "  ads: {preset: file, settings: {dir: out}}\n"
    "templates:\n"
    "  hello: {text: '\"hello\"'}\n"
    "audiences:\n"
    "  vip: {when: {event: Order Completed, count: {gte: 3}}}\n";

static inline struct cdp_project *
rig_project(struct rig *r, const char *yaml)
{
	struct cdp_project *pr = NULL;
	struct cdp_err err = { 0 };
	char path[96];
	FILE *fp;

	snprintf(path, sizeof(path), "%s/cdp.yaml", r->dir);
	fp = fopen(path, "w");
	assert_non_null(fp);
	fprintf(fp, "%s%s", rig_head, yaml);
	fclose(fp);
	cdp_project_load(cdp_str_of(r->dir), NULL, 0, &r->diags, &pr, &err);
	return pr;
}

static inline void
rig_load(struct rig *r, const char *yaml)
{
	*r = (struct rig){ 0 };
	strcpy(r->dir, "journey.XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	r->pr = rig_project(r, yaml);
}

static inline void
rig_init(struct rig *r, const char *yaml)
{
	rig_load(r, yaml);
	if (r->diags.nerrors != 0)
		cdp_diags_print(&r->diags, "test", stderr);
	assert_int_equal(r->diags.nerrors, 0);
	assert_non_null(r->pr);
}

/* From the next line on the project is another. */
static inline void
rig_edit(struct rig *r, const char *yaml)
{
	assert_true(r->nedit < EDITS);
	r->edit_at[r->nedit] = r->nline;
	r->edit[r->nedit] = rig_project(r, yaml);
	if (r->diags.nerrors != 0)
		cdp_diags_print(&r->diags, "test", stderr);
	assert_non_null(r->edit[r->nedit++]);
}

static inline void
rig_free(struct rig *r)
{
	size_t i;

	for (i = 0; i < r->nedit; i++)
		cdp_project_free(r->edit[i]);
	for (i = 0; i < r->nline; i++)
		cdp_buf_free(&r->line[i]);
	free(r->line);
	cdp_buf_free(&r->out);
	cdp_buf_free(&r->text);
	cdp_buf_free(&r->stats);
	cdp_diags_free(&r->diags);
	cdp_project_free(r->pr);
	scratch_drop(r->dir);
}

static inline struct cdp_buf *
rig_line(struct rig *r)
{
	r->line = cdp_xreallocarray(r->line, r->nline + 1, sizeof(*r->line));
	r->line[r->nline] = (struct cdp_buf){ 0 };
	return &r->line[r->nline++];
}

/* An event of profile p_WHO; props and more are the insides of objects. */
static inline void
rig_event(struct rig *r, int min, const char *who, const char *event,
    const char *props, const char *more)
{
	struct cdp_buf *b;
	size_t n = r->nline;

	b = rig_line(r);
	cdp_buf_puts(b, "{\"type\":\"track\"");
	cdp_json_kstr(b, "event", cdp_str_of(event));
	cdp_buf_printf(b, ",\"messageId\":\"m%zu\"", n);
	cdp_json_ktime(b, "timestamp", BASE + min * INT64_C(60000));
	cdp_buf_printf(b,
	    ",\"properties\":{%s},\"profile\":{\"id\":\"p_%s\"%s%s}}", props,
	    who, *more != '\0' ? "," : "", more);
}

static inline void
rig_profile(struct rig *r, int min, const char *who, const char *more)
{
	struct cdp_buf *b = rig_line(r);

	cdp_buf_puts(b, "{\"type\":\"profile\"");
	cdp_json_ktime(b, "timestamp", BASE + min * INT64_C(60000));
	cdp_buf_printf(b, ",\"profile\":{\"id\":\"p_%s\",%s}}", who, more);
}

static inline void
rig_merge(struct rig *r, int min, const char *from, const char *into)
{
	struct cdp_buf *b = rig_line(r);

	cdp_buf_puts(b, "{\"type\":\"merge\"");
	cdp_json_ktime(b, "timestamp", BASE + min * INT64_C(60000));
	cdp_buf_printf(b, ",\"from\":\"p_%s\",\"into\":\"p_%s\"}", from, into);
}

static inline void
rig_clock(struct rig *r, int min)
{
	struct cdp_buf *b = rig_line(r);

	cdp_buf_puts(b, "{\"type\":\"clock\"");
	cdp_json_ktime(b, "now", BASE + min * INT64_C(60000));
	cdp_buf_putc(b, '}');
}

static inline void
rig_feed(struct rig *r, struct cdp_stage *sg, size_t from, size_t to)
{
	struct cdp_arena mem = { 0 };
	struct cdp_tape t = { 0 };
	struct cdp_err err = { 0 };
	struct cdp_buf b = { 0 };
	struct cdp_line ln;
	size_t i;

	for (i = from; i < to; i++) {
		cdp_buf_reset(&b);
		cdp_arena_reset(&mem);
		cdp_buf_put(
		    &b, (struct cdp_str){ r->line[i].p, r->line[i].n - 1 });
		cdp_buf_printf(
		    &b, ",\"cdp\":{\"o\":\"main.merge\",\"n\":%zu}}", i + 1);
		assert_int_equal(
		    cdp_line_parse(cdp_buf_str(&b), i + 1, &t, &mem, &ln, &err),
		    0);
		if (cdp_stage_line(sg, &ln, &err) != 0)
			fail_msg("line %zu: %s", i + 1, err.msg);
		assert_int_equal(cdp_stage_pace(sg, &err), 0);
	}
	assert_int_equal(cdp_stage_flush(sg, &err), 0);
	cdp_buf_free(&b);
	cdp_arena_free(&mem);
	cdp_tape_free(&t);
}

/* No power will fail here. */
static inline int
rig_sync(int fd)
{
	(void)fd;
	return 0;
}

/* The project as it is at line i, and up to which line it is that. */
static inline struct cdp_project *
rig_now(const struct rig *r, size_t i, size_t *to)
{
	struct cdp_project *pr = r->pr;
	size_t k = 0;

	for (; k < r->nedit && r->edit_at[k] <= i; k++)
		pr = r->edit[k];
	if (k < r->nedit && r->edit_at[k] < *to)
		*to = r->edit_at[k];
	return pr;
}

/*
 * Run lines; with step != 0 a new stage for every step lines; cold: profiles
 * leave memory after every line.
 */
static inline void
rig_once(struct rig *r, const char *store, size_t step, bool cold,
    struct cdp_buf *out)
{
	int fd = memfd_create("out", 0);
	struct cdp_io io = cdp_io_real;
	struct cdp_stage_opt opt = { .store_path = store,
		.fingerprint = CDP_STR("0123456789abcdef"),
		.io = &io,
		.epoch_lines = cold ? 1 : 0,
		.out_fd = fd };
	struct cdp_journeys *js;
	struct cdp_stage *sg;
	size_t i = 0, to;
	ssize_t n;

	assert_true(fd >= 0);
	io.fsync = io.fdatasync = rig_sync;
	do {
		to = step == 0 || i + step > r->nline ? r->nline : i + step;
		js = cdp_journeys_new(rig_now(r, i, &to));
		if (cold)
			js->people.max_bytes = 0;
		sg = cdp_stage_new(&cdp_journeys_ops, js, &opt);
		rig_feed(r, sg, i, to);
		if (store == NULL || (r->nedit != 0 && step == 0)) {
			cdp_buf_reset(&r->stats);
			cdp_buf_putc(&r->stats, '{');
			cdp_journeys_stats(js, &r->stats);
			cdp_buf_putc(&r->stats, '}');
		}
		cdp_stage_free(sg);
		cdp_journeys_free(js);
		i = to;
	} while (i < r->nline);
	cdp_buf_reset(out);
	n = lseek(fd, 0, SEEK_END);
	assert_true(n >= 0);
	if (n != 0)
		assert_int_equal(
		    pread(fd, cdp_buf_room(out, (size_t)n), (size_t)n, 0), n);
	out->n = (size_t)n;
	close(fd);
}

static inline int
rig_state(void *arg, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	cdp_buf_put(arg, key);
	cdp_buf_printf(arg, " %lld ", (long long)due_ms);
	cdp_buf_put(arg, val);
	cdp_buf_putc(arg, '\n');
	return 0;
}

/* What a store keeps, as text. */
static inline void
rig_states(struct rig *r, const char *name, struct cdp_buf *ret)
{
	struct cdp_log_opt opt = { .stage = "journey", .readonly = true };
	struct cdp_err err = { 0 };
	struct cdp_store *st;
	struct cdp_log *log;
	char path[96];

	snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	cdp_buf_reset(ret);
	assert_int_equal(
	    cdp_store_open(&cdp_io_real, path, CDP_STORE_READ, &st, &err), 0);
	assert_int_equal(cdp_log_open(st, &opt, &log, &err), 0);
	assert_int_equal(cdp_log_each(log, rig_state, ret, &err), 0);
	cdp_log_close(log);
	cdp_store_close(st);
}

/* One run with a store, which must print what the others have printed. */
static inline void
rig_again(struct rig *r, const char *name, size_t step, bool cold)
{
	struct cdp_buf out = { 0 };
	char path[96];

	snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	rig_once(r, path, step, cold, &out);
	assert_string_equal(cdp_buf_cstr(&out), cdp_buf_cstr(&r->out));
	cdp_buf_free(&out);
}

static inline void
rig_short(struct rig *r, const struct cdp_line *ln)
{
	uint32_t at;
	struct cdp_str s;
	int min = (int)((ln->ts_ms - BASE) / 60000);

	if (r->text.n != 0)
		cdp_buf_putc(&r->text, ' ');
	if (ln->type == CDP_CLOCK) {
		cdp_buf_printf(&r->text, "clock%d", min);
		return;
	}
	if (ln->type != CDP_ACTIVATION) {
		cdp_buf_printf(&r->text, "#%d", min);
		return;
	}
	at = cdp_tape_get(ln->tape, 0, CDP_STR("step"));
	s = cdp_tape_str(ln->tape, at, ln->mem);
	cdp_buf_printf(&r->text, "%d!%.*s", min, (int)s.n, s.p);
	at = cdp_tape_get(ln->tape, 0, CDP_STR("action"));
	s = cdp_tape_str(ln->tape, at, ln->mem);
	if (!cdp_str_is(s, "send"))
		cdp_buf_printf(&r->text, "/%.*s", (int)s.n, s.p);
}

/* All four runs must print the same and leave the same state. */
static inline void
rig_run(struct rig *r)
{
	struct cdp_buf want = { 0 }, got = { 0 };
	struct cdp_arena mem = { 0 };
	struct cdp_tape t = { 0 };
	struct cdp_err err = { 0 };
	struct cdp_line ln;
	const char *p, *nl;
	char path[96];

	if (r->nedit == 0) {
		rig_once(r, NULL, 0, false, &r->out);
		rig_again(r, "one", 0, false);
	} else {
		snprintf(path, sizeof(path), "%s/one", r->dir);
		rig_once(r, path, 0, false, &r->out);
	}
	rig_again(r, "cold", 0, true);
	rig_again(r, "many", 1, false);
	rig_states(r, "one", &want);
	rig_states(r, "cold", &got);
	assert_string_equal(cdp_buf_cstr(&got), cdp_buf_cstr(&want));
	rig_states(r, "many", &got);
	assert_string_equal(cdp_buf_cstr(&got), cdp_buf_cstr(&want));
	cdp_buf_reset(&r->text);
	for (p = r->out.p; p != NULL && p < r->out.p + r->out.n; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(r->out.p + r->out.n - p));
		assert_non_null(nl);
		assert_int_equal(
		    cdp_line_parse((struct cdp_str){ p, (size_t)(nl - p) }, 1,
			&t, &mem, &ln, &err),
		    0);
		rig_short(r, &ln);
		cdp_arena_reset(&mem);
	}
	cdp_buf_free(&want);
	cdp_buf_free(&got);
	cdp_arena_free(&mem);
	cdp_tape_free(&t);
}

static inline void
rig_expect(struct rig *r, const char *want)
{
	rig_run(r);
	assert_string_equal(cdp_buf_cstr(&r->text), want);
}

/* Whether the output, or the statistics, have this text in them. */
static inline void
rig_has(struct rig *r, const char *text)
{
	if (strstr(cdp_buf_cstr(&r->out), text) == NULL)
		fail_msg("no %s in:\n%s", text, r->out.p);
}

static inline void
rig_counts(struct rig *r, const char *text)
{
	if (strstr(cdp_buf_cstr(&r->stats), text) == NULL)
		fail_msg("no %s in: %s", text, r->stats.p);
}

#endif
