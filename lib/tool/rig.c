#include "lib/tool/rig.h"

#include <stdlib.h>

#include "lib/audience/audience.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/emit/emit.h"
#include "lib/json/write.h"
#include "lib/profile/merge.h"
#include "lib/store/outs.h"

enum { MERGE, AUDIENCE, JOURNEY, EMIT, NSTAGES };

/* A stage without a log: what it says goes straight to the next one. */
struct stage {
	const struct cdp_stage_ops *ops;
	struct cdp_log *log; /* only read; or NULL */
	void *self;
	struct cdp_outs outs;
	struct cdp_tape tape;
	struct cdp_arena mem;
	struct cdp_buf text;
};

struct cdp_rig {
	struct cdp_rig_watch watch;
	struct cdp_merge *merge;
	struct cdp_audiences *audiences;
	struct cdp_journeys *journeys;
	struct cdp_emit *emit;
	struct cdp_store *store; /* or NULL */
	struct stage stage[NSTAGES];
	struct cdp_stage_opt opt, quiet;
	struct cdp_tape tape; /* of what comes out at the end */
	struct cdp_arena tmp;
};

static int feed(
    struct cdp_rig *r, size_t k, struct cdp_str raw, struct cdp_err *err);

static int
pass_on(struct cdp_rig *r, size_t k, const struct cdp_line *ln,
    struct cdp_rec rec, struct cdp_err *err)
{
	struct stage *st = &r->stage[k];
	if (rec.kind != CDP_REC_PASS)
		return feed(r, k + 1, cdp_rec_whole(&rec, &st->text), err);
	cdp_buf_reset(&st->text);
	if (rec.json.n == 0)
		return feed(r, k + 1, ln->raw, err);
	if (rec.one)
		cdp_json_splice_one(
		    &st->text, ln->tape, rec.json, CDP_STR(""), 0);
	else
		cdp_json_splice(&st->text, ln->tape, rec.json, CDP_STR(""), 0);
	return feed(r, k + 1, cdp_buf_str(&st->text), err);
}

static int
feed(struct cdp_rig *r, size_t k, struct cdp_str raw, struct cdp_err *err)
{
	struct stage *st = k < NSTAGES ? &r->stage[k] : NULL;
	struct cdp_line ln;
	int rc;

	if (st == NULL) {
		cdp_arena_reset(&r->tmp);
		rc = cdp_line_parse(raw, 1, &r->tape, &r->tmp, &ln, err);
		return rc != 0 ? rc : r->watch.delivery(r->watch.arg, &ln, err);
	}
	cdp_arena_reset(&st->mem);
	if ((rc = cdp_line_parse(raw, 1, &st->tape, &st->mem, &ln, err)) != 0)
		return rc;
	if (k == EMIT && (rc = r->watch.line(r->watch.arg, &ln, err)) != 0)
		return rc;
	cdp_outs_reset(&st->outs, &ln);
	rc = st->ops->step(st->self, &ln, &st->outs, err);
	if (rc == CDP_EDATA && k == EMIT)
		rc = 0;
	if (rc == CDP_EDATA) {
		r->watch.fault(r->watch.arg, &ln, err->rule,
		    cdp_str_of(err->field), cdp_str_of(err->msg));
		rc = 0;
	}
	for (size_t i = 0; rc == 0 && i < st->outs.n; i++)
		rc = pass_on(r, k, &ln, cdp_outs_rec(&st->outs, i), err);
	return rc;
}

bool
cdp_rig_makes(const struct cdp_line *ln)
{
	return ln->type == CDP_MERGE || ln->type == CDP_PROFILE ||
	    ln->type == CDP_ACTIVATION || ln->type == CDP_DELIVERY ||
	    cdp_str_starts(ln->message_id, CDP_STR("aud_"));
}

int
cdp_rig_feed(struct cdp_rig *r, struct cdp_str raw, struct cdp_err *err)
{
	return feed(r, 0, raw, err);
}

static void
ignore_held(void *arg)
{
	(void)arg;
}

int
cdp_rig_new(struct cdp_project *pr, const struct cdp_rig_watch *watch,
    struct cdp_rig **ret, struct cdp_err *err)
{
	const struct cdp_emit_opt opt = { .dry_run = true,
		.secrets = CDP_STR("{}"),
		.io = &cdp_io_real,
		.held = ignore_held };
	struct cdp_rig *r = cdp_xcalloc(1, sizeof(*r));
	int rc = cdp_emit_new(pr, &opt, &r->emit, err);

	r->watch = *watch;
	r->merge = cdp_merge_new(pr);
	r->audiences = cdp_audiences_new(pr);
	r->journeys = cdp_journeys_new(pr);
	r->stage[MERGE] =
	    (struct stage){ .ops = &cdp_merge_ops, .self = r->merge };
	r->stage[AUDIENCE] =
	    (struct stage){ .ops = &cdp_audiences_ops, .self = r->audiences };
	r->stage[JOURNEY] =
	    (struct stage){ .ops = &cdp_journeys_ops, .self = r->journeys };
	r->stage[EMIT] =
	    (struct stage){ .ops = &cdp_emit_ops, .self = r->emit };
	r->opt.reject_arg = watch->arg;
	r->opt.reject = watch->fault;
	for (size_t i = 0; i < NSTAGES; i++)
		r->stage[i].outs.opt = i == EMIT ? &r->quiet : &r->opt;
	cdp_journeys_watch(r->journeys, watch->passage, watch->arg);
	*ret = r;
	return rc;
}

static int
open_stage(struct cdp_rig *r, struct stage *st, struct cdp_err *err)
{
	const struct cdp_log_opt opt = { .stage = st->ops->name,
		.readonly = true };
	int rc = cdp_log_open(r->store, &opt, &st->log, err);

	if (rc == CDP_END)
		return 0;
	return rc != 0 ? rc : st->ops->open(st->self, st->log, err);
}

int
cdp_rig_open(struct cdp_rig *r, const char *path, struct cdp_err *err)
{
	int rc =
	    cdp_store_open(&cdp_io_real, path, CDP_STORE_READ, &r->store, err);

	if (rc == CDP_END)
		return cdp_fail(
		    err, CDP_ECONF, "there is no store at '%s'", path);
	for (size_t i = 0; rc == 0 && i < NSTAGES; i++)
		rc = open_stage(r, &r->stage[i], err);
	return rc;
}

void
cdp_rig_free(struct cdp_rig *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < NSTAGES; i++) {
		cdp_outs_free(&r->stage[i].outs);
		cdp_tape_free(&r->stage[i].tape);
		cdp_arena_free(&r->stage[i].mem);
		cdp_buf_free(&r->stage[i].text);
		cdp_log_close(r->stage[i].log);
	}
	cdp_store_close(r->store);
	cdp_tape_free(&r->tape);
	cdp_arena_free(&r->tmp);
	cdp_emit_free(r->emit);
	cdp_journeys_free(r->journeys);
	cdp_audiences_free(r->audiences);
	cdp_merge_free(r->merge);
	free(r);
}
