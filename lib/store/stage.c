#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/json/tail.h"
#include "lib/store/stageint.h"

/*
 * An epoch is one sync.  A pause of the input ends it, so its size delays
 * nothing; it bounds what waits in memory and how often a disk is waited for.
 */
#define EPOCH_LINES 16384
#define EPOCH_BYTES ((size_t)16 << 20)

/* ---- a stage ---- */

static void
name_origin(struct cdp_stage *sg, const char *id)
{
	snprintf(sg->origin_text, sizeof(sg->origin_text), "%s.%s", id,
	    sg->ops->name);
	snprintf(sg->member_text, sizeof(sg->member_text),
	    "\"cdp\":{\"o\":\"%s\",", sg->origin_text);
	sg->origin = cdp_str_of(sg->origin_text);
	sg->member = cdp_str_of(sg->member_text);
}

struct cdp_stage *
cdp_stage_new(const struct cdp_stage_ops *ops, void *self,
    const struct cdp_stage_opt *opt)
{
	static const uint8_t nokey[32];
	struct cdp_stage *sg = cdp_xcalloc(1, sizeof(*sg));

	sg->ops = ops;
	sg->self = self;
	sg->opt = *opt;
	if (sg->opt.io == NULL)
		sg->opt.io = &cdp_io_real;
	if (sg->opt.epoch_lines == 0)
		sg->opt.epoch_lines = EPOCH_LINES;
	if (sg->opt.epoch_bytes == 0)
		sg->opt.epoch_bytes = EPOCH_BYTES;
	if (ops->sets != NULL)
		sg->sets = cdp_str_of(ops->sets);
	cdp_hash_secret(nokey, sg->secret);
	name_origin(sg, CDP_STORE_ID);
	sg->next_n = 1;
	sg->outs.opt = &sg->opt;
	return sg;
}

void
cdp_stage_free(struct cdp_stage *sg)
{
	if (sg == NULL)
		return;
	cdp_log_close(sg->log);
	cdp_store_close(sg->st);
	cdp_ranges_free(&sg->printed);
	cdp_index_free(&sg->mem);
	cdp_index_free(&sg->foreign);
	cdp_stretch_free(&sg->seen);
	cdp_buf_free(&sg->queue);
	cdp_buf_free(&sg->begun);
	cdp_buf_free(&sg->scratch);
	cdp_tape_free(&sg->tape);
	cdp_outs_free(&sg->outs);
	explicit_bzero(sg->secret, sizeof(sg->secret));
	free(sg);
}

/* Committed lines keep what the old rules made of them: say so. */
static void
compare_rules(struct cdp_stage *sg)
{
	struct cdp_str was = cdp_log_fingerprint(sg->log);
	char msg[160];

	if (sg->opt.warn == NULL || was.n == 0 || sg->opt.fingerprint.n == 0 ||
	    cdp_str_eq(was, sg->opt.fingerprint))
		return;
	snprintf(msg, sizeof(msg),
	    "the project has changed (%.8s, now %.8s): lines that are in the "
	    "store keep what they caused, new ones follow the new rules",
	    was.p, sg->opt.fingerprint.p);
	sg->opt.warn(sg->opt.warn_arg, msg);
}

static int
open_log(struct cdp_stage *sg, struct cdp_err *err)
{
	struct cdp_log_opt opt = { .stage = sg->ops->name,
		.lock_timeout_ms = sg->opt.lock_timeout_ms,
		.readonly = sg->opt.dry_run,
		.fingerprint = sg->opt.fingerprint };
	int rc = cdp_store_open(sg->opt.io, sg->opt.store_path,
	    sg->opt.dry_run ? CDP_STORE_READ : CDP_STORE_WRITE, &sg->st, err);

	if (rc == 0) {
		memcpy(sg->secret, sg->st->secret, sizeof(sg->secret));
		if (sg->opt.memory != 0)
			sg->st->memory = sg->opt.memory;
		name_origin(sg, sg->st->id);
		rc = cdp_log_open(sg->st, &opt, &sg->log, err);
	}
	if (rc == 0) {
		compare_rules(sg);
		sg->next_n = cdp_log_last(sg->log) + 1;
	}
	/* On a dry run there may be nothing yet. */
	return rc == CDP_END ? 0 : rc;
}

int
cdp_stage_ready(struct cdp_stage *sg, struct cdp_err *err)
{
	int rc = 0;

	if (sg->ready)
		return 0;
	if (sg->opt.store_path != NULL)
		rc = open_log(sg, err);
	sg->writing = sg->log != NULL && !sg->opt.dry_run;
	if (rc == 0 && sg->log != NULL && sg->ops->open != NULL)
		rc = sg->ops->open(sg->self, sg->log, err);
	sg->ready = rc == 0;
	if (sg->ready && sg->writing && sg->sets.p != NULL)
		cdp_stretch_open(&sg->seen, sg->log, sg->sets);
	return rc;
}

struct cdp_log *
cdp_stage_log(struct cdp_stage *sg)
{
	return sg->log;
}

struct cdp_log *
cdp_stage_touch(struct cdp_stage *sg)
{
	sg->dirty = true;
	return sg->writing ? sg->log : NULL;
}

const struct cdp_stage_stats *
cdp_stage_stats(const struct cdp_stage *sg)
{
	return &sg->stats;
}

/* ---- one line ---- */

enum cdp_met
cdp_stage_met(struct cdp_stage *sg, const struct cdp_log_key *key, uint64_t *q)
{
	*q = 0;
	if (!sg->writing && cdp_index_where(&sg->mem, key) != 0)
		return CDP_MET_NOW;
	if (sg->log == NULL || cdp_log_where(sg->log, key, q) != 0)
		return CDP_MET_NEVER;
	return cdp_ranges_has(&sg->printed, *q) ? CDP_MET_NOW : CDP_MET_EARLIER;
}

/* What a line is whose key was met. */
static enum cdp_known
known(const struct cdp_stage *sg, const struct cdp_log_key *key,
    const struct cdp_line *ln)
{
	struct cdp_hash128 have;

	if (sg->ops->known == NULL || key->n != 0)
		return CDP_KNOWN_SAME;
	if (sg->writing || !cdp_index_hashed(&sg->mem, key->h, &have))
		have.hi = cdp_log_mark(sg->log, key);
	/* An older version of ours put no mark there. */
	if (CDP_MARK(have.hi) == sg->unmarked)
		return CDP_KNOWN_SAME;
	return sg->ops->known(sg->self, ln, CDP_MARK(have.hi));
}

void
cdp_stage_count(struct cdp_stage *sg, bool passed, bool rejected)
{
	if (passed)
		sg->stats.passed++;
	else if (rejected)
		sg->stats.dropped++;
	else
		sg->stats.consumed++;
}

static int
refuse(struct cdp_stage *sg, const struct cdp_line *ln, const char *code,
    const char *field, const char *message)
{
	struct cdp_line read = *ln;

	read.tape = cdp_stage_tape(sg, ln);
	sg->outs.ln = &read;
	cdp_outs_reject(
	    &sg->outs, code, cdp_str_of(field), cdp_str_of(message));
	cdp_stage_count(sg, false, true);
	sg->stats.rejected++;
	return 0;
}

/* Remember a new input and queue what it caused. */
static void
record(struct cdp_stage *sg, const struct cdp_log_key *key,
    const struct cdp_line *ln)
{
	struct cdp_outs *outs = &sg->outs;
	struct cdp_edit ed;
	struct cdp_rec rec;
	uint64_t q, n;
	size_t i;

	if (sg->writing) {
		q = cdp_log_input(sg->log, key);
		cdp_log_time(sg->log, ln->ts_ms);
		cdp_ranges_add(&sg->printed, q, q);
	} else if (key->n != 0) {
		cdp_index_in(&sg->mem, key->o, key->n, key->n, ++sg->nmem);
	} else {
		cdp_index_hash(&sg->mem, key->h, ++sg->nmem);
	}
	for (i = 0; i < outs->n; i++) {
		rec = cdp_outs_rec(outs, i);
		ed = cdp_outs_edit(outs, i);
		if (!sg->writing)
			n = sg->next_n++;
		else if (rec.with.n != 0)
			n = cdp_log_line(sg->log, rec.json, rec.with,
			    ed.edit.n != 0 ? &ed : NULL);
		else if (ed.spot != NULL)
			n = cdp_log_edit(sg->log, &ed);
		else
			n = cdp_log_record(sg->log, rec.kind, rec.json);
		cdp_stage_queue(sg, ln, &rec, n);
	}
}

static int
step(struct cdp_stage *sg, const struct cdp_log_key *key,
    const struct cdp_line *ln, struct cdp_err *err)
{
	struct cdp_outs *outs = &sg->outs;
	bool passed = false;
	int rc;

	cdp_outs_reset(outs, ln);
	rc = sg->ops->step(sg->self, ln, outs, err);
	if (rc == CDP_EDATA) {
		cdp_outs_reject(outs,
		    err->rule[0] != '\0' ? err->rule : "rejected",
		    cdp_str_of(err->field), cdp_str_of(err->msg));
		*err = (struct cdp_err){ 0 };
		rc = 0;
	}
	if (rc != 0)
		return rc;
	sg->dirty = true;
	for (size_t i = 0; i < outs->n; i++)
		passed |= outs->v[i].rec.kind == CDP_REC_PASS;
	cdp_stage_count(sg, passed, outs->rejected);
	sg->stats.rejected += outs->rejected;
	/* A rejected line that left no trace is judged anew when it returns. */
	if (!outs->rejected || outs->dropped || outs->n != 0)
		record(sg, key, ln);
	if (!sg->queue.over && !outs->text.over)
		return 0;
	errno = 0;
	return cdp_fail(err, CDP_EIO,
	    "line %llu causes more output than fits in memory",
	    (unsigned long long)ln->lineno);
}

static int
handle(struct cdp_stage *sg, const struct cdp_log_key *key,
    const struct cdp_line *ln, struct cdp_err *err)
{
	enum cdp_known what = CDP_KNOWN_SAME;
	uint64_t q;
	enum cdp_met where = cdp_stage_met(sg, key, &q);

	if (where != CDP_MET_NEVER)
		what = known(sg, key, ln);
	if (what == CDP_KNOWN_OTHER)
		return CDP_END;
	sg->stats.in++;
	if (where == CDP_MET_NEVER || what == CDP_KNOWN_NEWER)
		return step(sg, key, ln, err);
	/* The log knows it; if its person was erased since, say no more. */
	if (where == CDP_MET_EARLIER && sg->ops->erased != NULL &&
	    sg->ops->erased(sg->self, ln)) {
		cdp_ranges_add(&sg->printed, q, q);
		return refuse(
		    sg, ln, "suppressed", "", "is of somebody who was erased");
	}
	if (what == CDP_KNOWN_CONFLICT)
		return refuse(sg, ln, "id_conflict", "messageId",
		    "this messageId came before with another content");
	if (where == CDP_MET_EARLIER)
		return cdp_stage_replay(sg, q, ln, err);
	sg->stats.duplicates++;
	return 0;
}

/* The n-th line of these bytes that a foreign tool has put in. */
static struct cdp_log_key
foreign_key(struct cdp_stage *sg, const struct cdp_line *ln)
{
	struct cdp_log_key key = { 0 };
	uint64_t n;

	key.h = cdp_hash_keyed(sg->secret, ln->raw);
	n = cdp_index_where(&sg->foreign, &key) + 1;
	cdp_index_hash(&sg->foreign, key.h, n);
	cdp_buf_reset(&sg->scratch);
	cdp_buf_printf(&sg->scratch, "%llu ", (unsigned long long)n);
	cdp_buf_put(&sg->scratch, ln->raw);
	key.h = cdp_hash_keyed(sg->secret, cdp_buf_str(&sg->scratch));
	return key;
}

int
cdp_stage_line(
    struct cdp_stage *sg, const struct cdp_line *ln, struct cdp_err *err)
{
	struct cdp_log_key key = { .o = ln->o, .n = ln->n };
	int rc;

	if (ln->type == CDP_END_LINE)
		return 0;
	if (key.n == 0 && ln->type != CDP_OTHER)
		return cdp_fail_rule(err, CDP_ECONF, "no_cdp", NULL,
		    "line %llu has no \"cdp\": run cdp-ingest on it first",
		    (unsigned long long)ln->lineno);
	if ((rc = cdp_stage_ready(sg, err)) != 0)
		return rc;
	if (key.n == 0)
		key = foreign_key(sg, ln);
	sg->tailed = sg->sets.p != NULL && cdp_tail_is(ln, sg->sets, &sg->tail);
	rc = handle(sg, &key, ln, err);
	if (rc == 0 && sg->seen.until != 0)
		cdp_stretch_line(&sg->seen, sg->tailed);
	sg->tailed = false;
	return rc;
}

void
cdp_stage_consume(struct cdp_stage *sg)
{
	sg->stats.in++;
	cdp_stage_count(sg, false, false);
}

int
cdp_stage_key(struct cdp_stage *sg, struct cdp_str text,
    struct cdp_hash128 *ret, struct cdp_err *err)
{
	int rc = cdp_stage_ready(sg, err);

	if (rc != 0)
		return rc;
	*ret = cdp_hash_keyed(sg->secret, text);
	cdp_index_expect(&sg->mem, *ret);
	if (sg->log != NULL)
		cdp_log_expect(sg->log, *ret);
	return 0;
}

int
cdp_stage_keyed(struct cdp_stage *sg, struct cdp_hash128 key, uint64_t mark,
    const struct cdp_line *ln, struct cdp_err *err)
{
	struct cdp_log_key k = { .h = key };

	sg->unmarked = CDP_MARK(key.hi);
	k.h.hi ^= CDP_MARK(k.h.hi ^ mark);
	return handle(sg, &k, ln, err);
}
