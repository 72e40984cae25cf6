#include "lib/tool/backfill.h"

#include <stdlib.h>

#include "lib/audience/audience.h"
#include "lib/base/mem.h"
#include "lib/store/history.h"
#include "lib/store/outs.h"

#define EPOCH_LINES 16384

struct backfill {
	struct cdp_run *run;
	struct cdp_audiences *au;
	struct cdp_outs outs;
	struct cdp_stage_opt opt;
	struct cdp_store *st;
	struct cdp_log *log, *was;
	struct cdp_log *made; /* what there is of it so far, beside memory */
	uint64_t last;        /* the number of the input that came last */
	uint64_t all, later;
};

static int
start(struct cdp_run *run, void **self, struct cdp_err *err)
{
	struct backfill *bf = cdp_xcalloc(1, sizeof(*bf));

	(void)err;
	*self = bf;
	bf->run = run;
	bf->au = cdp_audiences_new(run->project);
	cdp_audiences_hold(bf->au, cdp_run_hold(run));
	bf->outs.opt = &bf->opt;
	return 0;
}

/* A log for the people that memory does not hold; a killed run left one. */
static int
open_made(struct backfill *bf, struct cdp_log_opt *opt, struct cdp_err *err)
{
	struct cdp_log *old;
	int rc;

	opt->stage = "backfill";
	rc = cdp_log_open(bf->st, opt, &old, err);
	if (rc == 0 && !cdp_log_is_new(old)) {
		if ((rc = cdp_log_scrap(old, err)) == 0)
			rc = cdp_log_open(bf->st, opt, &old, err);
	}
	if (rc == 0)
		bf->made = old;
	return rc == 0 ? cdp_audiences_ops.open(bf->au, bf->made, err) : rc;
}

/* Nobody else may write from the first line on. */
static int
open_logs(struct backfill *bf, struct cdp_err *err)
{
	const struct cdp_args *a = &bf->run->args;
	struct cdp_log_opt opt = { .stage = "audience",
		.lock_timeout_ms = a->pub.lock_timeout_ms,
		.fingerprint = cdp_str_of(bf->run->project->fingerprint) };
	struct cdp_log_sizes s;
	int rc;

	if (bf->made != NULL)
		return 0;
	rc = cdp_store_open(a->unsynced ? &cdp_io_unsynced : &cdp_io_real,
	    bf->run->store, CDP_STORE_READ, &bf->st, err);
	if (rc == CDP_END)
		return cdp_fail(err, CDP_ECONF,
		    "there is no store at '%s' to backfill", bf->run->store);
	if (rc != 0)
		return rc;
	if (a->pub.memory != 0)
		bf->st->memory = a->pub.memory;
	if ((rc = cdp_log_open(bf->st, &opt, &bf->log, err)) == 0 &&
	    (rc = cdp_log_sizes(bf->log, &s, err)) == 0) {
		bf->all = s.inputs;
		opt.readonly = true;
		rc = cdp_log_open(bf->st, &opt, &bf->was, err);
	}
	opt.readonly = false;
	return rc == 0 ? open_made(bf, &opt, err) : rc;
}

static int
keep(struct backfill *bf, struct cdp_err *err)
{
	int rc = cdp_audiences_ops.save(bf->au, bf->made, err);

	return rc == 0 ? cdp_log_commit(bf->made, err) : rc;
}

static int
line(void *self, struct cdp_stage *sg, const struct cdp_line *ln,
    struct cdp_err *err)
{
	struct cdp_log_key key = { .o = ln->o, .n = ln->n };
	struct backfill *bf = self;
	uint64_t q;
	int rc = open_logs(bf, err);

	(void)sg;
	if (rc != 0)
		return rc;
	if (ln->o.n == 0)
		return cdp_fail(err, CDP_ECONF,
		    "line %llu has no \"cdp\": a backfill reads what "
		    "cdp-merge prints",
		    (unsigned long long)ln->lineno);
	if (cdp_log_where(bf->log, &key, &q) != 0) {
		bf->later++;
		return 0;
	}
	if (q <= bf->last)
		return 0; /* once more */
	if (q != bf->last + 1)
		return cdp_fail(err, CDP_ECONF,
		    "line %llu: the store took in another line before this "
		    "one: a backfill needs all lines, in their order",
		    (unsigned long long)ln->lineno);
	bf->last = q;
	cdp_outs_reset(&bf->outs, ln);
	rc = cdp_audiences_ops.step(bf->au, ln, &bf->outs, err);
	if (rc == CDP_EDATA)
		rc = 0;
	return rc == 0 && q % EPOCH_LINES == 0 ? keep(bf, err) : rc;
}

static int
finish(void *self, struct cdp_stage *sg, struct cdp_err *err)
{
	struct backfill *bf = self;
	int rc = open_logs(bf, err);

	(void)sg;
	if (rc == 0 && bf->last != bf->all)
		rc = cdp_fail(err, CDP_ECONF,
		    "the store has taken in %llu lines, and %llu have come "
		    "again: a backfill needs all of them",
		    (unsigned long long)bf->all, (unsigned long long)bf->last);
	if (rc == 0)
		rc = keep(bf, err);
	cdp_audiences_free(bf->au);
	bf->au = NULL;
	if (rc == 0)
		rc = cdp_audiences_backfill(bf->log, bf->was, bf->made, err);
	if (rc == 0 && bf->later != 0)
		cdp_run_say(bf->run,
		    "%llu lines are new to the store: run cdp-audience on them "
		    "as ever",
		    (unsigned long long)bf->later);
	return rc;
}

static void
stop(void *self)
{
	struct backfill *bf = self;
	struct cdp_err ignored = { 0 };

	if (bf->made != NULL)
		(void)cdp_log_scrap(bf->made, &ignored);
	cdp_log_close(bf->was);
	cdp_log_close(bf->log);
	cdp_store_close(bf->st);
	cdp_outs_free(&bf->outs);
	cdp_audiences_free(bf->au);
	free(bf);
}

const struct cdp_tool cdp_backfill_tool = {
	.name = "cdp-audience",
	.start = start,
	.line = line,
	.finish = finish,
	.stop = stop,
};
