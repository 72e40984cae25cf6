#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

#include "lib/base/mem.h"
#include "lib/store/logint.h"
#include "lib/store/sealed.h"

int
cdp_log_head(struct cdp_log *log, uint64_t no, struct cdp_seg_head *ret,
    struct cdp_err *err)
{
	*ret = (struct cdp_seg_head){ .no = no,
		.epoch = log->e + 1,
		.stage = cdp_crc32c(0, log->stage, strlen(log->stage)) };
	memcpy(ret->uuid, log->st->uuid, sizeof(ret->uuid));
	if (getrandom(&ret->salt, sizeof(ret->salt), 0) != sizeof(ret->salt))
		return cdp_fail(err, CDP_EIO, "cannot get random bytes");
	return 0;
}

struct cdp_seg *
cdp_log_seg(struct cdp_log *log, size_t i, uint64_t *end)
{
	if (i == log->nsealed) {
		*end = log->end;
		return &log->active;
	}
	*end = log->man.seg[i].size - CDP_SEG_FOOT;
	return &log->sealed[i].seg;
}

#define EXPECTED 16 /* hashes whose places are being fetched */

struct learn {
	uint64_t q, n;  /* last ones so far */
	uint64_t first; /* input of this epoch */
	struct cdp_hash128 h[EXPECTED];
	uint64_t hq[EXPECTED]; /* their inputs; 0: none */
};

/* Enter hash h of input q when its place is at hand. */
static void
learn_hash(
    struct cdp_index *ix, struct learn *l, struct cdp_hash128 h, uint64_t q)
{
	size_t i = q % EXPECTED;

	if (l->hq[i] != 0)
		cdp_index_hash(ix, l->h[i], l->hq[i]);
	cdp_index_expect(ix, h);
	l->h[i] = h;
	l->hq[i] = q;
}

static void
learn_rest(struct cdp_index *ix, const struct learn *l)
{
	size_t i;

	for (i = 0; i < EXPECTED; i++)
		if (l->hq[i] != 0)
			cdp_index_hash(ix, l->h[i], l->hq[i]);
}

static bool
learn_one(struct cdp_log *log, struct cdp_index *ix, const struct cdp_epoch *ep,
    const struct cdp_meta *m, struct learn *l)
{
	uint64_t off;

	switch (m->kind) {
	case CDP_META_HEAD:
		return false;
	case CDP_META_OLD:
		l->q += m->count;
		l->n += m->count;
		return m->count <= CDP_EPOCH_INPUTS;
	case CDP_META_IN:
		cdp_index_in(ix, m->o, m->from, m->to, l->q + 1);
		l->q += m->to - m->from + 1;
		l->n += m->to - m->from + 1;
		return true;
	case CDP_META_HASH:
		learn_hash(ix, l, m->h, ++l->q);
		l->n++;
		return true;
	case CDP_META_OUT:
	case CDP_META_GONE:
		if (l->q < l->first || m->j > l->q - l->first)
			return false;
		l->n += (m->j - m->i + 1) * (m->count - 1);
		return true;
	case CDP_META_PUT:
		off = cdp_epoch_puts(ep, m->frame);
		if (off == 0)
			return false;
		cdp_index_put(ix, cdp_hash_keyed(log->st->secret, m->key),
		    CDP_LOC(off, m->off), m->key, m->due_ms);
		return true;
	}
	return false;
}

int
cdp_log_learn(struct cdp_log *log, struct cdp_index *ix,
    const struct cdp_seg *sg, const struct cdp_epoch *ep, struct cdp_err *err)
{
	struct cdp_meta_reader *r = &log->meta;
	struct cdp_epoch_at at = { .off = ep->off, .no = ep->no };
	struct learn l;
	struct cdp_meta m;
	bool ok;
	int rc;

	cdp_meta_start(r, cdp_buf_str(&ep->meta));
	ok = cdp_meta_next(r, &m) == 0 && m.kind == CDP_META_HEAD &&
	    m.e == ep->no && m.first == log->e + 1 && m.first <= m.e &&
	    m.q == log->q + 1 && m.n == log->n + 1 &&
	    m.cfg.n < sizeof(log->cfg) &&
	    cdp_highs_read(&log->hi, &r->tape, m.hi);
	if (ok) {
		memset(log->cfg, 0, sizeof(log->cfg));
		if (m.cfg.n != 0)
			memcpy(log->cfg, m.cfg.p, m.cfg.n);
		cdp_log_time(log, m.t_ms);
		ix->nunsynced += m.unsynced;
		at.q = m.q;
		at.n = m.n;
		l = (struct learn){
			.q = log->q, .n = log->n, .first = log->q + 1
		};
		while (ok && (rc = cdp_meta_next(r, &m)) != CDP_END)
			ok = rc == 0 && learn_one(log, ix, ep, &m, &l);
		learn_rest(ix, &l);
	}
	if (!ok)
		return cdp_fail(err, CDP_ECORRUPT,
		    "'%s' is damaged at byte %llu: epoch %llu does not fit",
		    sg->name, (unsigned long long)ep->off,
		    (unsigned long long)ep->no);
	cdp_index_epoch(ix, &at);
	log->e = ep->no;
	log->q = l.q;
	log->n = l.n;
	return 0;
}

int
cdp_log_close_active(
    struct cdp_log *log, struct cdp_buf *idx, struct cdp_err *err)
{
	const struct cdp_io *io = log->st->io;
	struct cdp_seg_foot foot = { .no = log->active.head.no,
		.epoch = log->e,
		.q = log->q,
		.n = log->n,
		.off = log->end,
		.chain = log->chain,
		.salt = log->active.head.salt };
	uint8_t p[CDP_SEG_FOOT];
	char name[24];
	int rc;

	cdp_frame_foot_put(&foot, p);
	rc = cdp_seg_write(&log->active, p, sizeof(p), log->end, err);
	if (rc == 0 && io->fsync(log->active.fd) != 0)
		rc = cdp_fail(
		    err, CDP_EIO, "cannot sync '%s'", log->active.name);
	if (rc != 0)
		return rc;
	cdp_sealed_name(&log->active, name);
	cdp_idx_build(&log->ix, &log->active.head, idx);
	return cdp_io_replace(io, log->dir, name, idx->p, idx->n, err);
}

/* The MANIFEST that makes the new segment the active one. */
static int
publish(struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_manifest *m = &log->man;
	struct cdp_manifest_seg *ms;
	size_t i;
	int rc;

	if ((rc = cdp_log_man_lock(log, err)) != 0)
		return rc;
	ms = &m->seg[m->nseg - 1];
	m->gen++;
	m->t_ms = log->t_ms;
	ms->size = log->end + CDP_SEG_FOOT;
	ms->last = log->e;
	ms->q = log->q;
	ms->nrec = log->n;
	memcpy(m->cfg, log->cfg, sizeof(m->cfg));
	for (i = 0; i < log->hi.n; i++)
		cdp_highs_raise(
		    &m->hi, cdp_str_of(log->hi.v[i].o), log->hi.v[i].n);
	ms = cdp_manifest_add(m);
	ms->no = m->seg[m->nseg - 2].no + 1;
	ms->epoch = log->e + 1;
	rc = cdp_manifest_write(log->st->io, log->dir, m, err);
	cdp_log_man_unlock(log);
	return rc;
}

int
cdp_log_roll(struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_seg_head head;
	struct cdp_seg next = { .fd = -1 };
	struct cdp_buf idx = { 0 };
	struct cdp_sealed *s;
	char name[24];
	int rc;

	if ((rc = cdp_log_close_active(log, &idx, err)) != 0 ||
	    (rc = cdp_log_head(log, log->active.head.no + 1, &head, err)) !=
		0 ||
	    (rc = cdp_seg_create(log->st->io, log->dir, &head,
		 (struct cdp_str){ 0 }, &next, err)) != 0 ||
	    (rc = publish(log, err)) != 0)
		goto out;
	log->sealed = cdp_xreallocarray(
	    log->sealed, log->nsealed + 1, sizeof(*log->sealed));
	s = &log->sealed[log->nsealed++];
	*s = (struct cdp_sealed){ 0 };
	s->seg = log->active;
	cdp_sealed_name(&s->seg, name);
	if (cdp_idx_open(log->st->io, log->dir, name, &s->seg.head, &s->idx) !=
	    0)
		cdp_idx_take(&idx, &s->idx);
	/* Told of when it was active, or put in this run; if anybody asked. */
	if (log->pending.active_told) {
		s->due = s->idx.ndue;
		s->due_set = true;
	}
	log->active = next;
	next.fd = -1;
	log->end = log->active.first;
	log->chain = log->active.head.hcrc;
	log->last_off = 0;
	cdp_index_free(&log->ix);
out:
	cdp_seg_close(&next);
	cdp_buf_free(&idx);
	return rc;
}
