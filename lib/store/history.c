#include "lib/store/history.h"
#include "lib/store/live.h"
#include "lib/store/sealed.h"

/* One epoch of a segment, and what META says of it as a whole. */
struct step {
	struct cdp_log *log;
	struct cdp_seg *sg;
	struct cdp_epoch_info info;
};

/* Count what the lines behind the first say. */
static int
summarize(struct step *s)
{
	struct cdp_meta_reader *r = &s->log->meta;
	struct cdp_epoch_info *in = &s->info;
	struct cdp_meta m;
	int rc;

	cdp_meta_start(r, cdp_buf_str(&s->log->ep.meta));
	while ((rc = cdp_meta_next(r, &m)) == 0) {
		if (m.kind == CDP_META_HEAD)
			*in = (struct cdp_epoch_info){ .e = m.e,
				.first = m.first,
				.t_ms = m.t_ms,
				.q = m.q,
				.n = m.n };
		in->inputs += cdp_meta_inputs(&m);
		in->records += cdp_meta_inputs(&m);
		if (m.kind == CDP_META_OUT || m.kind == CDP_META_GONE)
			in->records += (m.j - m.i + 1) * (m.count - 1);
		in->states += m.kind == CDP_META_PUT;
	}
	in->bytes = s->log->ep.end - s->log->ep.off;
	return rc == CDP_END ? 0 : rc;
}

/* Call fn for each epoch of segment i, which is then in log->ep. */
static int
each_epoch(struct step *s, size_t i,
    int (*fn)(struct step *s, void *arg, struct cdp_err *err), void *arg,
    struct cdp_err *err)
{
	struct cdp_log *log = s->log;
	uint64_t off, end;
	int rc = 0;

	s->sg = cdp_log_seg(log, i, &end);
	for (off = s->sg->first; rc == 0 && off < end; off = log->ep.end) {
		rc = cdp_seg_epoch(
		    s->sg, log->zip, off, NULL, false, &log->ep, err);
		if (rc == 0)
			rc = summarize(s);
		if (rc == CDP_EDATA || rc == CDP_END)
			rc = cdp_fail(err, CDP_ECORRUPT,
			    "'%s' is damaged at byte %llu", s->sg->name,
			    (unsigned long long)off);
		if (rc == 0)
			rc = fn(s, arg, err);
	}
	return rc;
}

struct tell {
	int (*fn)(void *arg, const struct cdp_epoch_info *info);
	void *arg;
};

/* The fingerprint lives only as long as META's first line. */
static int
with_cfg(struct step *s)
{
	struct cdp_meta m;
	int rc;

	cdp_meta_start(&s->log->meta, cdp_buf_str(&s->log->ep.meta));
	if ((rc = cdp_meta_next(&s->log->meta, &m)) == 0)
		s->info.cfg = m.cfg;
	return rc;
}

static int
tell(struct step *s, void *arg, struct cdp_err *err)
{
	const struct tell *t = arg;
	int rc = with_cfg(s);

	(void)err;
	return rc != 0 ? rc : t->fn(t->arg, &s->info);
}

int
cdp_log_epochs(struct cdp_log *log,
    int (*fn)(void *arg, const struct cdp_epoch_info *info), void *arg,
    struct cdp_err *err)
{
	struct step s = { .log = log };
	struct tell t = { fn, arg };
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i <= log->nsealed; i++)
		rc = each_epoch(&s, i, tell, &t, err);
	return cdp_log_fault(log, rc, err);
}

struct versions {
	struct cdp_str key;
	int (*fn)(
	    void *arg, const struct cdp_epoch_info *info, struct cdp_str val);
	void *arg;
	struct cdp_buf raw;
};

/* What this epoch put under the key, if it did: m is META's line. */
static int
show(struct step *s, struct versions *v, const struct cdp_meta *m,
    struct cdp_err *err)
{
	struct cdp_log *log = s->log;
	uint64_t off = cdp_epoch_puts(&log->ep, m->frame), at = m->off;
	struct cdp_frame_head h;
	struct cdp_str val;
	int64_t due_ms;
	int rc = off == 0 ? CDP_EDATA : cdp_seg_frame(s->sg, off, &h, err);

	cdp_buf_reset(&v->raw);
	if (rc == 0)
		rc = cdp_seg_load(s->sg, log->zip, &h, &log->tmp, &v->raw, err);
	if (rc == 0 &&
	    (at >= v->raw.n ||
		cdp_put_read((struct cdp_str){ v->raw.p + at, v->raw.n - at },
		    v->key, &log->work, &val, &due_ms) != 0))
		rc = CDP_EDATA;
	if (rc == 0)
		rc = with_cfg(s);
	if (rc == CDP_EDATA || rc == CDP_END)
		return cdp_fail(err, CDP_ECORRUPT,
		    "'%s' is damaged at byte %llu", s->sg->name,
		    (unsigned long long)off);
	return rc != 0 ? rc : v->fn(v->arg, &s->info, val);
}

static int
find(struct step *s, void *arg, struct cdp_err *err)
{
	struct versions *v = arg;
	struct cdp_meta m;
	int rc;

	cdp_meta_start(&s->log->meta, cdp_buf_str(&s->log->ep.meta));
	while ((rc = cdp_meta_next(&s->log->meta, &m)) == 0)
		if (m.kind == CDP_META_PUT && cdp_str_eq(m.key, v->key))
			return show(s, v, &m, err);
	return rc == CDP_END ? 0 : rc;
}

int
cdp_log_versions(struct cdp_log *log, struct cdp_str key,
    int (*fn)(void *arg, const struct cdp_epoch_info *info, struct cdp_str val),
    void *arg, struct cdp_err *err)
{
	struct cdp_hash128 h = cdp_hash_keyed(log->st->secret, key);
	struct versions v = { .key = key, .fn = fn, .arg = arg };
	struct step s = { .log = log };
	uint64_t loc;
	size_t i, at;
	int rc = 0;

	for (i = 0; rc == 0 && i < log->nsealed; i++) {
		rc = cdp_sealed_key(log, i, i + 1, h, &at, &loc, err);
		if (rc == 0)
			rc = each_epoch(&s, i, find, &v, err);
		else if (rc == CDP_END)
			rc = 0;
	}
	if (rc == 0 && cdp_index_loc(&log->ix, h) != 0)
		rc = each_epoch(&s, i, find, &v, err);
	cdp_buf_free(&v.raw);
	return cdp_log_fault(log, rc, err);
}

const struct cdp_highs *
cdp_log_position(const struct cdp_log *log)
{
	return &log->hi;
}

int
cdp_log_sizes(
    struct cdp_log *log, struct cdp_log_sizes *ret, struct cdp_err *err)
{
	struct cdp_live lv;
	uint64_t all = log->ix.nput, fresh = 0, i;
	int rc;

	*ret = (struct cdp_log_sizes){ .segments = log->man.nseg,
		.epochs = log->ix.nepoch,
		.unsynced = log->ix.nunsynced,
		.bytes = log->end,
		.inputs = log->q,
		.records = log->n };
	for (i = 0; i < log->nsealed; i++) {
		ret->bytes += log->man.seg[i].size;
		ret->index_bytes += log->sealed[i].idx.n;
		ret->compacted += log->man.seg[i].no >= CDP_COMPACTED_NO;
		ret->epochs += log->sealed[i].idx.nepoch;
		ret->unsynced += log->sealed[i].idx.nunsynced;
		all += log->sealed[i].idx.nput;
	}
	rc = cdp_live_find(log, &lv, err);
	if (rc == 0)
		rc = cdp_live_fresh(log, &fresh, err);
	ret->live = lv.nlive + fresh;
	ret->dead = all - ret->live;
	cdp_live_free(&lv);
	return cdp_log_fault(log, rc, err);
}
