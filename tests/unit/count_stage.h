#ifndef TESTS_UNIT_COUNT_STAGE_H
#define TESTS_UNIT_COUNT_STAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/store/stage.h"

/*
 * A stage that counts each person's lines: it passes "p" lines with the count,
 * says a line of its own at every third, swallows "q" and rejects "r".
 */
struct count {
	struct cdp_log *log;
	struct {
		char id[16];
		int n;
		bool dirty;
	} v[32];
	size_t n;
	int saves, commits;
};

static int
count_open(void *self, struct cdp_log *log, struct cdp_err *err)
{
	struct count *c = self;

	(void)err;
	c->log = log;
	return 0;
}

static int
count_of(struct count *c, struct cdp_str id, struct cdp_err *err)
{
	struct cdp_buf b = { 0 };
	size_t i;
	int rc = CDP_END;

	for (i = 0; i < c->n; i++)
		if (cdp_str_is(id, c->v[i].id))
			return (int)i;
	snprintf(c->v[c->n].id, sizeof(c->v[0].id), "%.*s", (int)id.n, id.p);
	c->v[c->n].n = 0;
	if (c->log != NULL)
		rc = cdp_log_get(c->log, id, &b, err);
	assert_true(rc == 0 || rc == CDP_END);
	if (rc == 0)
		c->v[c->n].n = atoi(cdp_buf_cstr(&b));
	cdp_buf_free(&b);
	return (int)c->n++;
}

static int
count_step(void *self, const struct cdp_line *ln, struct cdp_outs *outs,
    struct cdp_err *err)
{
	struct count *c = self;
	struct cdp_str id = cdp_tape_str(
	    ln->tape, cdp_tape_get(ln->tape, 0, CDP_STR("p")), ln->mem);
	struct cdp_str s;
	int i;

	if (id.n == 0) {
		if (cdp_tape_get(ln->tape, 0, CDP_STR("q")) != CDP_NOTOK)
			return 0;
		if (cdp_tape_get(ln->tape, 0, CDP_STR("r")) != CDP_NOTOK)
			return cdp_fail_rule(
			    err, CDP_EDATA, "no_p", "r", "no p");
		cdp_outs_pass(outs);
		return 0;
	}
	i = count_of(c, id, err);
	c->v[i].n++;
	c->v[i].dirty = true;
	if (c->v[i].n % 3 == 0) {
		s = cdp_arena_printf(ln->mem, "{\"third\":\"%s\"}", c->v[i].id);
		cdp_outs_line(outs, s);
	}
	s = cdp_arena_printf(ln->mem, "{\"n\":%d}", c->v[i].n);
	cdp_outs_pass_edit(outs, s);
	return 0;
}

static int
count_save(void *self, struct cdp_log *log, struct cdp_err *err)
{
	struct count *c = self;
	char val[16];
	size_t i;

	(void)err;
	c->saves++;
	for (i = 0; i < c->n; i++) {
		if (!c->v[i].dirty)
			continue;
		snprintf(val, sizeof(val), "%d", c->v[i].n);
		cdp_log_put(log, cdp_str_of(c->v[i].id), cdp_str_of(val),
		    c->v[i].n % 2 != 0 ? c->v[i].n * 1000 : INT64_MAX);
		c->v[i].dirty = false;
	}
	return 0;
}

static int
count_committed(void *self, struct cdp_err *err)
{
	(void)err;
	((struct count *)self)->commits++;
	return 0;
}

static const struct cdp_stage_ops count_ops = {
	.name = "count",
	.open = count_open,
	.step = count_step,
	.save = count_save,
	.committed = count_committed,
};

struct run {
	const char *store;
	const struct cdp_io *io;
	bool dry;
	size_t epoch_lines;
	const char *cfg;
	char *out; /* all that was printed */
	int rejects, warnings;
	struct cdp_stage_stats stats;
	struct cdp_err err;
};

static void
on_reject(void *arg, const struct cdp_line *ln, const char *code,
    struct cdp_str field, struct cdp_str message)
{
	(void)ln;
	(void)field;
	(void)message;
	assert_string_equal(code, "no_p");
	((struct run *)arg)->rejects++;
}

static void
on_warn(void *arg, const char *msg)
{
	(void)msg;
	((struct run *)arg)->warnings++;
}

/* Feed text through the stage; the code of the first failure. */
static int
run(struct run *r, const char *text)
{
	struct cdp_stage_opt opt = { .store_path = r->store,
		.dry_run = r->dry,
		.io = r->io,
		.lock_timeout_ms = 1000,
		.fingerprint = cdp_str_of(r->cfg != NULL ? r->cfg : "aa"),
		.epoch_lines = r->epoch_lines,
		.reject_arg = r,
		.reject = on_reject,
		.warn_arg = r,
		.warn = on_warn };
	struct count c = { 0 };
	struct cdp_stage *sg;
	struct cdp_tape tape = { 0 };
	struct cdp_arena mem = { 0 };
	struct cdp_buf b = { 0 };
	struct cdp_line ln;
	struct cdp_str s = cdp_str_of(text), raw;
	char tmp[] = "out.XXXXXX";
	const char *nl;
	uint64_t no = 0;
	int rc = 0;

	opt.out_fd = mkstemp(tmp);
	assert_int_not_equal(opt.out_fd, -1);
	sg = cdp_stage_new(&count_ops, &c, &opt);
	while (rc == 0 && (nl = memchr(s.p, '\n', s.n)) != NULL) {
		raw = (struct cdp_str){ s.p, (size_t)(nl - s.p) };
		s.p = nl + 1;
		s.n -= raw.n + 1;
		assert_int_equal(
		    cdp_line_parse(raw, ++no, &tape, &mem, &ln, &r->err), 0);
		rc = cdp_stage_line(sg, &ln, &r->err);
		if (rc == 0)
			rc = cdp_stage_pace(sg, &r->err);
		cdp_arena_reset(&mem);
	}
	if (rc == 0)
		rc = cdp_stage_end(sg, &r->err);
	r->stats = *cdp_stage_stats(sg);
	cdp_stage_free(sg);
	close(opt.out_fd);
	assert_int_equal(cdp_io_read_file(tmp, 1 << 20, &b, NULL), 0);
	unlink(tmp);
	free(r->out);
	r->out = strdup(b.n != 0 ? cdp_buf_cstr(&b) : "");
	cdp_buf_free(&b);
	cdp_tape_free(&tape);
	cdp_arena_free(&mem);
	return rc;
}

#define CDP(n) ",\"cdp\":{\"o\":\"x\",\"n\":" #n "}}\n"
#define OUT(n) ",\"cdp\":{\"o\":\"main.count\",\"n\":" #n "}}\n"
#define ENDS(n)                                                                \
	"{\"type\":\"end\",\"cdp\":{\"o\":\"main.count\",\"lines\":" #n "}}\n"

static const char input[] =
    "{\"p\":\"a\"" CDP(1) "{\"p\":\"b\"" CDP(2) "{\"p\":\"a\"" CDP(
	3) "{\"q\":1" CDP(4) "{\"p\":\"a\"" CDP(5) "{\"r\":1" CDP(6) "{\"z\":"
								     "1" CDP(7);
static const char output[] =
    "{\"p\":\"a\",\"n\":1" OUT(1) "{\"p\":\"b\",\"n\":1" OUT(
	2) "{\"p\":\"a\",\"n\":2" OUT(3) "{\"third\":\"a\"" OUT(4) "{\"p\":"
								   "\"a\","
								   "\"n\":"
								   "3" OUT(
								       5) "{\"z"
									  "\":"
									  "1" OUT(
									      6)
									      ENDS(
										  6);

static void
clean(const char *dir)
{
	char cmd[64];

	snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	assert_int_equal(system(cmd), 0);
}

#endif
