#include <stdio.h>

#include "lib/store/sealed.h"

#define AHEAD 8 /* a new key is asked of all filters: so many are fetched */

void
cdp_sealed_name(const struct cdp_seg *sg, char ret[24])
{
	snprintf(ret, 24, "%.10s.idx", sg->name);
}

/* ---- made anew ---- */

/* All epochs of the segment into ix; log stands before the first of them. */
static int
learn_all(struct cdp_log *log, struct cdp_seg *sg, uint64_t end,
    struct cdp_index *ix, struct cdp_err *err)
{
	struct cdp_epoch ep = { 0 };
	uint64_t off = sg->first;
	uint32_t chain = sg->head.hcrc;
	int rc = 0;

	while (rc == 0 && off < end) {
		rc = cdp_seg_epoch(sg, log->zip, off, &chain, false, &ep, err);
		if (rc == CDP_EDATA || rc == CDP_END)
			rc = cdp_fail(err, CDP_ECORRUPT,
			    "'%s' is damaged at byte %llu", sg->name,
			    (unsigned long long)off);
		if (rc == 0)
			rc = cdp_log_learn(log, ix, sg, &ep, err);
		off = ep.end;
		chain = ep.chain;
	}
	cdp_epoch_free(&ep);
	return rc;
}

/*
 * Who asks may stand in the middle of a walk, and an epoch be on its way: what
 * learning moves is that of a copy.
 */
static int
remake(struct cdp_log *log, size_t i, struct cdp_err *err)
{
	struct cdp_sealed *s = &log->sealed[i];
	const struct cdp_manifest_seg *ms = log->man.seg;
	struct cdp_log copy = *log;
	struct cdp_index ix = { 0 };
	struct cdp_buf b = { 0 };
	char name[24];
	int rc;

	copy.meta = (struct cdp_meta_reader){ 0 };
	copy.hi = (struct cdp_highs){ 0 };
	copy.e = i != 0 ? ms[i - 1].last : 0;
	copy.q = i != 0 ? ms[i - 1].q : 0;
	copy.n = i != 0 ? ms[i - 1].nrec : 0;
	rc = learn_all(&copy, &s->seg, ms[i].size - CDP_SEG_FOOT, &ix, err);
	cdp_meta_free(&copy.meta);
	cdp_highs_free(&copy.hi);
	if (rc == 0) {
		cdp_idx_build(&ix, &s->seg.head, &b);
		cdp_sealed_name(&s->seg, name);
		if (!log->readonly)
			rc = cdp_io_replace(
			    log->st->io, log->dir, name, b.p, b.n, err);
		cdp_idx_close(&s->idx);
		cdp_idx_take(&b, &s->idx);
	}
	cdp_index_free(&ix);
	return rc;
}

static int
open_index(struct cdp_log *log, size_t i, struct cdp_err *err)
{
	const struct cdp_manifest_seg *ms = &log->man.seg[i];
	struct cdp_sealed *s = &log->sealed[i];
	uint64_t size;
	char name[24];
	int rc = cdp_seg_size(&s->seg, &size, err);

	if (rc != 0)
		return rc;
	if (size != ms->size || size < s->seg.first + CDP_SEG_FOOT)
		return cdp_fail(err, CDP_ECORRUPT,
		    "'%s' has %llu bytes and not the %llu of 'MANIFEST'",
		    s->seg.name, (unsigned long long)size,
		    (unsigned long long)ms->size);
	cdp_sealed_name(&s->seg, name);
	if (cdp_idx_open(log->st->io, log->dir, name, &s->seg.head, &s->idx) !=
	    0)
		rc = remake(log, i, err);
	return rc;
}

int
cdp_sealed_open(struct cdp_log *log, size_t i, struct cdp_err *err)
{
	struct cdp_sealed *s = &log->sealed[i];
	int rc;

	*s = (struct cdp_sealed){ 0 };
	rc = cdp_seg_open(log->st->io, log->dir, log->man.seg[i].no,
	    log->st->uuid, false, &s->seg, err);
	if (rc == 0 && (rc = open_index(log, i, err)) != 0) {
		cdp_seg_close(&s->seg);
		cdp_idx_close(&s->idx);
	}
	return rc;
}

int
cdp_sealed_sound(struct cdp_log *log, size_t i, struct cdp_err *err)
{
	return cdp_idx_sound(&log->sealed[i].idx) ? 0 : remake(log, i, err);
}

/* ---- asked ---- */

int
cdp_sealed_key(struct cdp_log *log, size_t lo, size_t hi, struct cdp_hash128 h,
    size_t *seg, uint64_t *loc, struct cdp_err *err)
{
	struct cdp_idx *x;
	size_t i;
	int rc;

	for (i = hi; i-- > lo;) {
		if (i >= lo + AHEAD)
			cdp_idx_hint(&log->sealed[i - AHEAD].idx, h, false);
		x = &log->sealed[i].idx;
		*loc = cdp_idx_loc(x, h);
		if (x->bad) {
			if ((rc = remake(log, i, err)) != 0)
				return rc;
			*loc = cdp_idx_loc(x, h);
		}
		*seg = i;
		if (*loc != 0)
			return 0;
	}
	return CDP_END;
}

int
cdp_sealed_where(struct cdp_log *log, const struct cdp_log_key *key,
    uint64_t *q, struct cdp_err *err)
{
	struct cdp_idx *x;
	size_t i;
	int rc;

	/* What stands behind the highest of its origin is new. */
	if (log->nsealed == 0 ||
	    (key->n != 0 && key->n > cdp_highs_get(&log->man.hi, key->o)))
		return CDP_END;
	for (i = log->nsealed; i-- > 0;) {
		if (i >= AHEAD && key->n == 0)
			cdp_idx_hint(&log->sealed[i - AHEAD].idx, key->h, true);
		x = &log->sealed[i].idx;
		*q = cdp_idx_where(x, key);
		if (x->bad) {
			if ((rc = remake(log, i, err)) != 0)
				return rc;
			*q = cdp_idx_where(x, key);
		}
		if (*q != 0)
			return 0;
	}
	return CDP_END;
}

int
cdp_sealed_epoch(struct cdp_log *log, uint64_t q, size_t *seg,
    struct cdp_epoch_at *ret, struct cdp_err *err)
{
	struct cdp_idx *x;
	size_t lo = 0, hi = log->nsealed, mid;
	int rc;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (log->man.seg[mid].q < q)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == log->nsealed)
		return CDP_END;
	*seg = lo;
	x = &log->sealed[lo].idx;
	if (cdp_idx_find(x, q, ret))
		return 0;
	if (!x->bad)
		return CDP_END;
	rc = remake(log, lo, err);
	return rc != 0 ? rc : cdp_idx_find(x, q, ret) ? 0 : CDP_END;
}

int
cdp_sealed_due(struct cdp_log *log, size_t i, uint64_t k,
    struct cdp_due_at *ret, struct cdp_err *err)
{
	struct cdp_idx *x = &log->sealed[i].idx;
	int rc;

	if (cdp_idx_due(x, k, ret))
		return 0;
	rc = remake(log, i, err);
	if (rc == 0 && (k >= x->ndue || !cdp_idx_due(x, k, ret)))
		rc = cdp_fail(err, CDP_ECORRUPT,
		    "the index of '%s' has changed", log->sealed[i].seg.name);
	return rc;
}

int
cdp_sealed_due_after(struct cdp_log *log, size_t i, int64_t ms, uint64_t *ret,
    struct cdp_err *err)
{
	struct cdp_idx *x = &log->sealed[i].idx;
	int rc;

	*ret = cdp_idx_due_after(x, ms);
	if (!x->bad)
		return 0;
	rc = remake(log, i, err);
	*ret = rc == 0 ? cdp_idx_due_after(x, ms) : 0;
	return rc;
}
