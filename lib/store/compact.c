#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/store/compact.h"
#include "lib/store/live.h"
#include "lib/store/walk.h"

#define EPOCH_INPUTS 65536
#define EPOCH_BYTES ((size_t)4 << 20)
/* What an entry of an index takes while the file is made of it, and more. */
#define ENTRY_BYTES 1024
#define ENTRIES_MIN 4096

struct rewrite {
	struct cdp_log *log; /* read: its sealed segments */
	struct cdp_log *w;   /* a shadow that writes the new ones */
	const struct cdp_compact_opt *opt;
	struct cdp_compact_stats *st;
	struct cdp_live live;
	int64_t outputs_ms, ids_ms; /* drop up to here; CDP_TIME_NONE: none */
	size_t entries;             /* in the index of a new segment */
	uint64_t no;                /* of the next segment */
	bool writing;               /* the shadow has a segment */
	uint64_t last_e;            /* gathered up to this epoch; 0: nothing */
	struct cdp_manifest_seg *out;
	size_t nout;
	struct cdp_str cfg; /* of what is gathered */
	char cfg_text[65];
	/* The epoch at hand. */
	struct cdp_decoded dec;
	bool no_outs, no_ids;
	struct cdp_kept kept;
	struct cdp_buf val, whole;
};

/* ---- writing ---- */

static int
start_segment(struct rewrite *rw, struct cdp_err *err)
{
	struct cdp_log *w = rw->w;
	struct cdp_seg_head head;
	struct cdp_buf dict = { 0 };
	int rc = cdp_log_head(w, rw->no++, &head, err);

	if (rc != 0)
		return rc;
	head.epoch = w->first_e;
	cdp_gather_train(&w->g, &dict);
	rc = cdp_seg_create(
	    w->st->io, w->dir, &head, cdp_buf_str(&dict), &w->active, err);
	cdp_buf_free(&dict);
	if (rc != 0)
		return rc;
	rw->writing = true;
	w->end = w->active.first;
	w->chain = w->active.head.hcrc;
	return 0;
}

static int
end_segment(struct rewrite *rw, struct cdp_err *err)
{
	struct cdp_log *w = rw->w;
	struct cdp_manifest_seg *ms;
	struct cdp_buf idx = { 0 };
	int rc;

	if (!rw->writing)
		return 0;
	rc = cdp_log_close_active(w, &idx, err);
	cdp_buf_free(&idx);
	if (rc != 0)
		return rc;
	rw->out = cdp_xreallocarray(rw->out, rw->nout + 1, sizeof(*rw->out));
	ms = &rw->out[rw->nout++];
	*ms = (struct cdp_manifest_seg){ .no = w->active.head.no,
		.size = w->end + CDP_SEG_FOOT,
		.epoch = w->active.head.epoch,
		.last = w->e,
		.q = w->q,
		.nrec = w->n };
	rw->st->bytes += ms->size;
	rw->st->segments++;
	rw->writing = false;
	cdp_seg_close(&w->active);
	cdp_index_free(&w->ix);
	return 0;
}

/* What was gathered becomes one epoch. */
static int
flush(struct rewrite *rw, struct cdp_err *err)
{
	struct cdp_log *w = rw->w;
	int rc = 0;

	if (rw->last_e == 0)
		return 0;
	if (!rw->writing && (rc = start_segment(rw, err)) != 0)
		return rc;
	w->e = rw->last_e - 1;
	rw->last_e = 0;
	if ((rc = cdp_log_write_epoch(w, err)) != 0)
		return rc;
	if (w->end >= w->segment_bytes || cdp_index_size(&w->ix) >= rw->entries)
		rc = end_segment(rw, err);
	return rc;
}

/* ---- reading ---- */

static enum cdp_compact_keep
judged(struct rewrite *rw, enum cdp_compact_keep what)
{
	rw->st->dropped += what == CDP_DROP;
	rw->st->replaced += what == CDP_REPLACE;
	return what;
}

static void
copy_record(struct rewrite *rw, const struct cdp_rec *r)
{
	const struct cdp_compact_filter *f = rw->opt->filter;
	enum cdp_compact_keep what = CDP_KEEP;

	cdp_buf_reset(&rw->val);
	if (f != NULL && f->record != NULL && r->kind != CDP_REC_GONE)
		what = judged(rw,
		    f->record(f->arg, r->kind, cdp_rec_whole(r, &rw->whole),
			&rw->val));
	if (what == CDP_REPLACE)
		cdp_log_record(rw->w, r->kind, cdp_buf_str(&rw->val));
	else if (what == CDP_DROP)
		cdp_log_record(rw->w, CDP_REC_GONE, (struct cdp_str){ 0 });
	else if (r->with.n != 0)
		cdp_log_line(rw->w, r->json, r->with, NULL);
	else
		cdp_log_record(rw->w, r->kind, r->json);
}

/* Input i of the epoch; key is NULL if it is known no more. */
static void
copy_input(struct rewrite *rw, const struct cdp_log_key *key, uint64_t i)
{
	const struct cdp_din *in = &rw->dec.in[i];
	uint64_t ngone = in->gone;
	size_t k;

	if (key != NULL)
		cdp_log_input(rw->w, key);
	else
		cdp_log_old(rw->w);
	if (rw->no_outs || key == NULL) {
		rw->st->expired += in->nrec != 0;
		ngone += in->nrec;
	} else {
		for (k = 0; k < in->nrec; k++)
			copy_record(rw, &rw->dec.rec[in->rec + k]);
	}
	if (ngone != 0)
		cdp_log_gone(rw->w, ngone);
}

/* The inputs of one line of META, the first of which is number *i. */
static void
copy_inputs(struct rewrite *rw, const struct cdp_meta *m, uint64_t *i)
{
	struct cdp_log_key key = { .o = m->o };
	uint64_t k, n = cdp_meta_inputs(m);

	for (k = 0; k < n; k++) {
		if (m->kind == CDP_META_IN)
			key.n = m->from + k;
		else
			key.h = m->h;
		if (m->kind == CDP_META_HASH && rw->no_ids)
			rw->st->forgotten++;
		copy_input(rw,
		    m->kind == CDP_META_OLD ||
			    (m->kind == CDP_META_HASH && rw->no_ids)
			? NULL
			: &key,
		    (*i)++);
	}
}

static int
copy_put(struct rewrite *rw, size_t seg, const struct cdp_meta *m,
    struct cdp_err *err)
{
	const struct cdp_compact_filter *f = rw->opt->filter;
	struct cdp_log *log = rw->log;
	struct cdp_hash128 h = cdp_hash_keyed(log->st->secret, m->key);
	uint64_t off = cdp_epoch_puts(&log->ep, m->frame);
	enum cdp_compact_keep what = CDP_KEEP;
	struct cdp_str val;
	int64_t due_ms;
	int rc;

	if (off != 0 &&
	    !cdp_live_has(&rw->live, log, seg, h, CDP_LOC(off, m->off))) {
		rw->st->dead++;
		return 0;
	}
	rc = cdp_log_state(
	    log, &log->sealed[seg].seg, m, &rw->kept, &val, &due_ms, err);
	if (rc != 0)
		return rc;
	if (val.n == 0) { /* a tombstone: nothing older is left */
		rw->st->dead++;
		return 0;
	}
	cdp_buf_reset(&rw->val);
	if (f != NULL && f->state != NULL)
		what = judged(rw, f->state(f->arg, m->key, val, &rw->val));
	if (what == CDP_DROP)
		return 0;
	rw->st->live++;
	cdp_log_put(rw->w, m->key,
	    what == CDP_REPLACE ? cdp_buf_str(&rw->val) : val, due_ms);
	return 0;
}

/* Whether the epoch whose META begins with m may join what is gathered. */
static bool
joins(const struct rewrite *rw, const struct cdp_meta *m)
{
	const struct cdp_gather *g = &rw->w->g;

	return g->ninput < EPOCH_INPUTS &&
	    g->nput_bytes + g->in.n + g->outs.n < EPOCH_BYTES &&
	    cdp_str_eq(rw->cfg, m->cfg);
}

static bool
expired(const struct cdp_meta *m, int64_t until_ms)
{
	return m->t_ms != CDP_TIME_NONE && m->t_ms <= until_ms;
}

/* The first line of META: what the epoch as a whole is. */
static int
begin_epoch(struct rewrite *rw, const struct cdp_meta *m, struct cdp_err *err)
{
	struct cdp_log *w = rw->w;
	int rc = 0;

	if (rw->last_e != 0 && !joins(rw, m) && (rc = flush(rw, err)) != 0)
		return rc;
	if (rw->last_e == 0) {
		w->first_e = m->first;
		snprintf(rw->cfg_text, sizeof(rw->cfg_text), "%.*s",
		    (int)m->cfg.n, m->cfg.n != 0 ? m->cfg.p : "");
		rw->cfg = w->fingerprint = cdp_str_of(rw->cfg_text);
	}
	rw->last_e = m->e;
	rw->no_outs = expired(m, rw->outputs_ms);
	rw->no_ids = expired(m, rw->ids_ms);
	cdp_log_time(w, m->t_ms);
	return cdp_highs_read(&w->hi, &rw->log->meta.tape, m->hi) ? 0
								  : CDP_EDATA;
}

/* The epoch that stands in log->ep. */
static int
copy_epoch(struct cdp_log *log, size_t seg, void *arg, struct cdp_err *err)
{
	struct rewrite *rw = arg;
	struct cdp_seg *sg = &log->sealed[seg].seg;
	struct cdp_meta m;
	uint64_t i = 0;
	int rc = cdp_log_decode(log, sg, &log->ep, &rw->dec, err);

	if (rc != 0)
		return rc;
	cdp_meta_start(&log->meta, cdp_buf_str(&log->ep.meta));
	while (rc == 0 && (rc = cdp_meta_next(&log->meta, &m)) == 0) {
		if (m.kind == CDP_META_HEAD)
			rc = begin_epoch(rw, &m, err);
		else if (m.kind == CDP_META_PUT)
			rc = copy_put(rw, seg, &m, err);
		else
			copy_inputs(rw, &m, &i);
	}
	if (rc == CDP_EDATA)
		rc = cdp_fail(err, CDP_ECORRUPT, "'%s' is damaged at byte %llu",
		    sg->name, (unsigned long long)log->ep.off);
	return rc == CDP_END ? 0 : rc;
}

static int
copy_segment(struct rewrite *rw, size_t seg, struct cdp_err *err)
{
	struct cdp_log *log = rw->log;
	int rc = cdp_log_walk(log, seg, copy_epoch, rw, err);

	cdp_idx_forget(&log->sealed[seg].idx);
	rw->st->segments_was++;
	rw->st->bytes_was += log->man.seg[seg].size;
	return rc;
}

/* ---- the whole ---- */

static int
shadow(struct rewrite *rw, struct cdp_err *err)
{
	struct cdp_log *log = rw->log;
	struct cdp_log_opt opt = { .stage = log->stage,
		.segment_bytes = rw->opt->segment_bytes };
	size_t i;

	rw->w = cdp_log_new(log->st, &opt);
	rw->w->lazy = true;
	rw->entries = log->st->memory / ENTRY_BYTES;
	if (rw->entries < ENTRIES_MIN)
		rw->entries = ENTRIES_MIN;
	if (rw->entries > CDP_SEGMENT_ENTRIES)
		rw->entries = CDP_SEGMENT_ENTRIES;
	rw->w->next_n = 1;
	rw->w->dir = log->st->io->openat(
	    log->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (rw->w->dir == -1)
		return cdp_fail(err, CDP_EIO, "cannot open the folder");
	rw->no = CDP_COMPACTED_NO;
	for (i = 0; i < log->nsealed; i++)
		if (log->man.seg[i].no >= rw->no)
			rw->no = log->man.seg[i].no + 1;
	return 0;
}

/* The end of what a duration takes, counted back from the log's time. */
static int64_t
until(const struct cdp_log *log, int64_t keep_ms)
{
	return keep_ms == 0 || log->t_ms == CDP_TIME_NONE ? CDP_TIME_NONE
							  : log->t_ms - keep_ms;
}

/* Nothing is left to do: compacted before, and nothing is newer. */
static bool
is_compact(const struct rewrite *rw)
{
	const struct cdp_log *log = rw->log;

	return rw->opt->filter == NULL && rw->outputs_ms == CDP_TIME_NONE &&
	    rw->ids_ms == CDP_TIME_NONE &&
	    (log->nsealed == 0 ||
		log->man.seg[log->nsealed - 1].no >= CDP_COMPACTED_NO);
}

static int
rewrite(struct rewrite *rw, struct cdp_err *err)
{
	struct cdp_log *log = rw->log;
	size_t i;
	int rc;

	rw->outputs_ms = until(log, rw->opt->outputs_ms);
	rw->ids_ms = until(log, rw->opt->ids_ms);
	rw->st->nothing = is_compact(rw);
	if (rw->st->nothing || log->nsealed == 0)
		return 0;
	if ((rc = shadow(rw, err)) != 0)
		return rc;
	rc = cdp_live_find(log, &rw->live, err);
	for (i = 0; rc == 0 && i < log->nsealed; i++)
		rc = copy_segment(rw, i, err);
	if (rc == 0)
		rc = flush(rw, err);
	if (rc == 0)
		rc = end_segment(rw, err);
	if (rc == 0)
		rc = cdp_log_swap(log, rw->out, rw->nout, err);
	return rc;
}

int
cdp_compact_log(struct cdp_log *log, const struct cdp_compact_opt *opt,
    struct cdp_compact_stats *ret, struct cdp_err *err)
{
	struct rewrite rw = { .log = log, .opt = opt, .st = ret };
	int fd, rc = 0;

	*ret = (struct cdp_compact_stats){ 0 };
	if (!log->readonly) {
		rc = cdp_log_commit(log, err);
		if (rc == 0 && log->last_off != 0)
			rc = cdp_log_roll(log, err);
	}
	if (rc == 0)
		rc = cdp_log_rewriter(log, 0, &fd, err);
	if (rc == CDP_ELOCKED)
		cdp_fail(err, rc, "another process is compacting it");
	if (rc == 0) {
		rc = rewrite(&rw, err);
		log->st->io->close(fd);
	}
	cdp_log_close(rw.w);
	cdp_live_free(&rw.live);
	cdp_decoded_free(&rw.dec);
	cdp_buf_free(&rw.kept.raw);
	cdp_buf_free(&rw.val);
	cdp_buf_free(&rw.whole);
	free(rw.out);
	return cdp_log_fault(log, rc, err);
}

/* Seal what the log's writer has left, unless there is one now. */
static int
seal(struct cdp_store *st, const char *stage, bool *busy, struct cdp_err *err)
{
	struct cdp_log_opt opt = { .stage = stage };
	struct cdp_log *log;
	int rc = cdp_log_peek(st, stage, &log, err);

	if (rc != 0)
		return rc;
	cdp_log_close(log);
	rc = cdp_log_open(st, &opt, &log, err);
	*busy = rc == CDP_ELOCKED;
	if (rc != 0)
		return *busy ? 0 : rc;
	if (log->last_off != 0)
		rc = cdp_log_fault(log, cdp_log_roll(log, err), err);
	cdp_log_close(log);
	return rc;
}

int
cdp_compact_stage(struct cdp_store *st, const char *stage,
    const struct cdp_compact_opt *opt, struct cdp_compact_stats *ret,
    struct cdp_err *err)
{
	struct cdp_log_opt look = { .stage = stage, .readonly = true };
	struct cdp_log *log;
	bool busy;
	int rc;

	if ((rc = seal(st, stage, &busy, err)) != 0 ||
	    (rc = cdp_log_open(st, &look, &log, err)) != 0)
		return rc;
	rc = cdp_compact_log(log, opt, ret, err);
	ret->busy = busy;
	cdp_log_close(log);
	return rc;
}
