#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/write.h"
#include "lib/store/logint.h"
#include "lib/store/sealed.h"
#include "lib/store/text.h"

/* ---- states ---- */

static int
damaged(const struct cdp_seg *sg, uint64_t off, struct cdp_err *err)
{
	return cdp_fail(err, CDP_ECORRUPT, "'%s' is damaged at byte %llu",
	    sg->name, (unsigned long long)off);
}

/* What a PUTS frame holds, from memory or the file. */
static int
puts_frame(struct cdp_log *log, struct cdp_seg *sg, uint64_t off,
    struct cdp_str *ret, struct cdp_err *err)
{
	struct cdp_frame_head h;
	int rc;

	if (cdp_frames_find(&log->frames, sg->head.no, off, ret))
		return 0;
	cdp_buf_reset(&log->work);
	rc = cdp_seg_frame(sg, off, &h, err);
	if (rc == 0 && h.section != CDP_SECT_PUTS)
		rc = CDP_EDATA;
	if (rc == 0)
		rc = cdp_seg_load(sg, log->zip, &h, &log->tmp, &log->work, err);
	if (rc == CDP_EDATA || rc == CDP_END)
		return damaged(sg, off, err);
	if (rc == 0)
		cdp_frames_add(&log->frames, sg->head.no, off,
		    cdp_buf_str(&log->work), ret);
	return rc;
}

/* The state at loc if it is key's: 0, CDP_END (another key's), or damage. */
static int
put_at(struct cdp_log *log, struct cdp_seg *sg, uint64_t loc,
    struct cdp_str key, struct cdp_str *val, int64_t *due_ms,
    struct cdp_err *err)
{
	struct cdp_str raw;
	size_t at = CDP_LOC_RAW(loc);
	int rc = puts_frame(log, sg, CDP_LOC_OFF(loc), &raw, err);

	if (rc != 0)
		return rc;
	rc = CDP_EDATA;
	if (at < raw.n && (at == 0 || raw.p[at - 1] == '\n'))
		rc = cdp_put_read((struct cdp_str){ raw.p + at, raw.n - at },
		    key, &log->work, val, due_ms);
	return rc == CDP_EDATA ? damaged(sg, CDP_LOC_OFF(loc), err) : rc;
}

int
cdp_log_newest(struct cdp_log *log, struct cdp_str key, struct cdp_seg **sg,
    uint64_t *loc, struct cdp_str *val, int64_t *due_ms, struct cdp_err *err)
{
	struct cdp_hash128 h = cdp_hash_keyed(log->st->secret, key);
	size_t i;
	int rc;

	*sg = &log->active;
	*loc = cdp_index_loc(&log->ix, h);
	if (*loc != 0) {
		rc = put_at(log, *sg, *loc, key, val, due_ms, err);
		return rc == CDP_END ? damaged(*sg, CDP_LOC_OFF(*loc), err)
				     : rc;
	}
	rc = cdp_sealed_key(log, 0, log->nsealed, h, &i, loc, err);
	if (rc != 0)
		return rc;
	*sg = &log->sealed[i].seg;
	rc = put_at(log, *sg, *loc, key, val, due_ms, err);
	return rc == CDP_END ? damaged(*sg, CDP_LOC_OFF(*loc), err) : rc;
}

const struct cdp_gput *
cdp_log_unsure(const struct cdp_log *log, struct cdp_str key)
{
	const struct cdp_gput *p = cdp_map_get(&log->g.puts, key);

	return p != NULL ? p : cdp_map_get(&log->under_way.g.puts, key);
}

int
cdp_log_get_due(struct cdp_log *log, struct cdp_str key, struct cdp_buf *val,
    int64_t *due_ms, struct cdp_err *err)
{
	const struct cdp_gput *p = cdp_log_unsure(log, key);
	struct cdp_seg *sg;
	struct cdp_str v;
	uint64_t loc;
	int rc = 0;

	if (p != NULL) {
		v = p->val;
		*due_ms = p->due_ms;
	} else {
		rc = cdp_log_newest(log, key, &sg, &loc, &v, due_ms, err);
	}
	if (rc != 0)
		return cdp_log_fault(log, cdp_log_faulty(log, rc, err), err);
	if (v.n == 0)
		return CDP_END;
	cdp_buf_put(val, v);
	return 0;
}

int
cdp_log_get(struct cdp_log *log, struct cdp_str key, struct cdp_buf *val,
    struct cdp_err *err)
{
	int64_t due_ms;

	return cdp_log_get_due(log, key, val, &due_ms, err);
}

int
cdp_log_faulty(struct cdp_log *log, int rc, struct cdp_err *err)
{
	if (log->fault_rc == 0)
		return rc;
	if (err != NULL)
		*err = log->fault;
	return log->fault_rc;
}

/* ---- inputs ---- */

struct cdp_str
cdp_rec_whole(const struct cdp_rec *rec, struct cdp_buf *tmp)
{
	if (rec->with.n == 0)
		return rec->json;
	cdp_buf_reset(tmp);
	cdp_buf_put(tmp, rec->json);
	cdp_buf_putc(tmp, ',');
	cdp_buf_put(tmp, rec->with);
	return cdp_buf_str(tmp);
}

int
cdp_log_decode(struct cdp_log *log, struct cdp_seg *sg,
    const struct cdp_epoch *ep, struct cdp_decoded *dec, struct cdp_err *err)
{
	size_t i;
	int rc;

	dec->off = 0;
	cdp_buf_reset(&dec->outs);
	for (i = 0; i < ep->nframe; i++) {
		if (ep->frame[i].section != CDP_SECT_OUTS)
			continue;
		rc = cdp_seg_load(
		    sg, log->zip, &ep->frame[i], &log->tmp, &dec->outs, err);
		if (rc != 0)
			return rc == CDP_EDATA
			    ? damaged(sg, ep->frame[i].off, err)
			    : rc;
	}
	if (!cdp_decoded_read(dec, &log->meta, cdp_buf_str(&ep->meta)))
		return damaged(sg, ep->off, err);
	dec->seg = sg->head.no;
	dec->off = ep->off;
	return 0;
}

int
cdp_log_where(struct cdp_log *log, const struct cdp_log_key *key, uint64_t *q)
{
	int rc;

	*q = cdp_index_where(&log->ix, key);
	if (*q != 0)
		return 0;
	rc = cdp_sealed_where(log, key, q, &log->fault);
	if (rc < 0)
		log->fault_rc = rc;
	return rc == 0 ? 0 : CDP_END;
}

void
cdp_log_expect(const struct cdp_log *log, struct cdp_hash128 h)
{
	cdp_index_expect(&log->ix, h);
}

uint64_t
cdp_log_mark(struct cdp_log *log, const struct cdp_log_key *key)
{
	struct cdp_hash128 have = { 0 };
	size_t i = log->nsealed;

	if (cdp_index_hashed(&log->ix, key->h, &have))
		return CDP_MARK(have.hi);
	while (i-- > 0)
		if (cdp_idx_hashed(&log->sealed[i].idx, key->h, &have))
			return CDP_MARK(have.hi);
	return 0;
}

/* Which epoch of which segment holds input q: 0 or CDP_END. */
static int
locate(struct cdp_log *log, uint64_t q, struct cdp_seg **sg, uint64_t *off,
    struct cdp_err *err)
{
	const struct cdp_epoch_at *a = cdp_index_find(&log->ix, q);
	struct cdp_epoch_at b;
	size_t i;
	int rc;

	if (a != NULL) {
		*sg = &log->active;
		*off = a->off;
		return 0;
	}
	if ((rc = cdp_sealed_epoch(log, q, &i, &b, err)) == 0) {
		*sg = &log->sealed[i].seg;
		*off = b.off;
	}
	return rc;
}

static int
load_epoch(struct cdp_log *log, uint64_t q, struct cdp_err *err)
{
	struct cdp_decoded *dec = &log->dec;
	struct cdp_seg *sg = NULL;
	uint64_t off = 0;
	int rc;

	if (dec->off != 0 && q >= dec->q && q - dec->q < dec->nin)
		return 0;
	rc = locate(log, q, &sg, &off, err);
	if (rc == CDP_END)
		rc = cdp_fail(err, CDP_ECORRUPT,
		    "the index names an input that is not there");
	if (rc != 0)
		return rc;
	rc = cdp_seg_epoch(sg, log->zip, off, NULL, false, &log->ep, err);
	if (rc == CDP_EDATA || rc == CDP_END)
		return damaged(sg, off, err);
	if (rc == 0)
		rc = cdp_log_decode(log, sg, &log->ep, dec, err);
	if (rc == 0 && (q < dec->q || q - dec->q >= dec->nin))
		rc = damaged(sg, off, err);
	return rc;
}

int
cdp_log_find(struct cdp_log *log, const struct cdp_log_key *key,
    uint64_t *first, const struct cdp_rec **rec, size_t *nrec,
    struct cdp_err *err)
{
	uint64_t q;

	if (cdp_log_where(log, key, &q) != 0)
		return cdp_log_faulty(log, CDP_END, err);
	return cdp_log_caused(log, q, first, rec, nrec, err);
}

int
cdp_log_caused(struct cdp_log *log, uint64_t q, uint64_t *first,
    const struct cdp_rec **rec, size_t *nrec, struct cdp_err *err)
{
	static const struct cdp_rec gone = { .kind = CDP_REC_GONE };
	const struct cdp_din *in;
	int rc;

	if (q > log->q)
		return cdp_log_faulty(log, CDP_END, err);
	if ((rc = load_epoch(log, q, err)) != 0)
		return cdp_log_fault(log, rc, err);
	in = &log->dec.in[q - log->dec.q];
	*first = in->n;
	*rec = in->gone != 0 ? &gone : log->dec.rec + in->rec;
	*nrec = in->gone != 0 ? 1 : in->nrec;
	return 0;
}
