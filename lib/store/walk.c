#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/store/live.h"
#include "lib/store/walk.h"

static int
damaged(const struct cdp_seg *sg, uint64_t off, struct cdp_err *err)
{
	return cdp_fail(err, CDP_ECORRUPT, "'%s' is damaged at byte %llu",
	    sg->name, (unsigned long long)off);
}

int
cdp_log_walk(struct cdp_log *log, size_t i,
    int (*fn)(struct cdp_log *log, size_t i, void *arg, struct cdp_err *err),
    void *arg, struct cdp_err *err)
{
	uint64_t end, off;
	struct cdp_seg *sg = cdp_log_seg(log, i, &end);
	int rc = 0;

	for (off = sg->first; rc == 0 && off < end; off = log->ep.end) {
		rc = cdp_seg_epoch(
		    sg, log->zip, off, NULL, false, &log->ep, err);
		if (rc == CDP_EDATA || rc == CDP_END)
			rc = damaged(sg, off, err);
		if (rc == 0)
			rc = fn(log, i, arg, err);
	}
	return rc;
}

int
cdp_log_state(struct cdp_log *log, struct cdp_seg *sg, const struct cdp_meta *m,
    struct cdp_kept *kept, struct cdp_str *val, int64_t *due_ms,
    struct cdp_err *err)
{
	uint64_t off = cdp_epoch_puts(&log->ep, m->frame);
	struct cdp_frame_head h;
	struct cdp_str s;
	int rc = 0;

	if (off == 0)
		return damaged(sg, log->ep.off, err);
	if (off != kept->off || sg->head.no != kept->seg) {
		cdp_buf_reset(&kept->raw);
		if ((rc = cdp_seg_frame(sg, off, &h, err)) == 0)
			rc = cdp_seg_load(
			    sg, log->zip, &h, &log->tmp, &kept->raw, err);
		kept->seg = sg->head.no;
		kept->off = rc == 0 ? off : 0;
	}
	if (rc == 0 && m->off >= kept->raw.n)
		rc = CDP_EDATA;
	if (rc == 0) {
		s = (struct cdp_str){ kept->raw.p + m->off,
			kept->raw.n - m->off };
		rc = cdp_put_read(s, m->key, &log->work, val, due_ms);
	}
	return rc == 0 || rc == CDP_EIO ? rc : damaged(sg, off, err);
}

/* ---- all live states, sorted ---- */

/*
 * What is live is gathered in one walk and sorted.  If it is more than memory
 * holds, only the least keys are kept, and the next walk takes those behind.
 */
struct state {
	struct cdp_str key, val;
	int64_t due_ms;
};

struct pick {
	struct cdp_live live;
	struct cdp_arena mem;
	struct state *v;
	size_t n, cap, bytes, max;
	struct cdp_buf after;  /* keys up to this one are done */
	struct cdp_buf before; /* from this one on there is no room */
	bool later, bounded;   /* after, before are set */
	struct cdp_kept kept;
};

static int
cmp_state(const void *a, const void *b)
{
	return cdp_str_cmp(
	    ((const struct state *)a)->key, ((const struct state *)b)->key);
}

static void
note(struct cdp_buf *b, struct cdp_str key)
{
	cdp_buf_reset(b);
	cdp_buf_put(b, key);
}

static void
add(struct pick *pk, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	if (pk->n == pk->cap) {
		pk->cap = pk->cap != 0 ? pk->cap * 2 : 64;
		pk->v = cdp_xreallocarray(pk->v, pk->cap, sizeof(*pk->v));
	}
	pk->v[pk->n++] = (struct state){ cdp_arena_dup(&pk->mem, key),
		cdp_arena_dup(&pk->mem, val), due_ms };
	pk->bytes += key.n + val.n + sizeof(*pk->v);
}

/* Keep the lesser half, by bytes. */
static void
cut(struct pick *pk)
{
	struct cdp_arena was = pk->mem;
	size_t n = pk->n, i;

	qsort(pk->v, n, sizeof(*pk->v), cmp_state);
	pk->mem = (struct cdp_arena){ 0 };
	pk->n = pk->bytes = 0;
	for (i = 0; i < n && (i == 0 || pk->bytes < pk->max / 2); i++)
		add(pk, pk->v[i].key, pk->v[i].val, pk->v[i].due_ms);
	if (i < n) {
		note(&pk->before, pk->v[i].key);
		pk->bounded = true;
	}
	cdp_arena_free(&was);
}

static bool
is_live(const struct pick *pk, const struct cdp_log *log, size_t i,
    const struct cdp_meta *m)
{
	struct cdp_hash128 h = cdp_hash_keyed(log->st->secret, m->key);
	uint64_t loc = CDP_LOC(cdp_epoch_puts(&log->ep, m->frame), m->off);
	uint64_t active = cdp_index_loc(&log->ix, h);

	return i == log->nsealed
	    ? active == loc
	    : active == 0 && cdp_live_has(&pk->live, log, i, h, loc);
}

static int
pick_states(struct cdp_log *log, size_t i, void *arg, struct cdp_err *err)
{
	struct pick *pk = arg;
	struct cdp_meta m;
	struct cdp_str val;
	uint64_t end;
	int64_t due_ms;
	int rc;

	cdp_meta_start(&log->meta, cdp_buf_str(&log->ep.meta));
	while ((rc = cdp_meta_next(&log->meta, &m)) == 0) {
		if (m.kind != CDP_META_PUT ||
		    (pk->later &&
			cdp_str_cmp(m.key, cdp_buf_str(&pk->after)) <= 0) ||
		    (pk->bounded &&
			cdp_str_cmp(m.key, cdp_buf_str(&pk->before)) >= 0) ||
		    !is_live(pk, log, i, &m))
			continue;
		rc = cdp_log_state(log, cdp_log_seg(log, i, &end), &m,
		    &pk->kept, &val, &due_ms, err);
		if (rc != 0)
			return rc;
		if (val.n != 0)
			add(pk, m.key, val, due_ms);
		if (pk->bytes > pk->max)
			cut(pk);
	}
	return rc == CDP_END ? 0 : rc;
}

static int
one_pass(struct cdp_log *log, struct pick *pk, struct cdp_err *err)
{
	size_t i;
	int rc = 0;

	pk->n = pk->bytes = 0;
	pk->bounded = false;
	cdp_arena_free(&pk->mem);
	pk->mem = (struct cdp_arena){ 0 };
	for (i = 0; rc == 0 && i <= log->nsealed; i++) {
		rc = cdp_log_walk(log, i, pick_states, pk, err);
		if (i < log->nsealed)
			cdp_idx_forget(&log->sealed[i].idx);
	}
	if (pk->n != 0)
		qsort(pk->v, pk->n, sizeof(*pk->v), cmp_state);
	return rc;
}

int
cdp_log_each(struct cdp_log *log,
    int (*fn)(
	void *arg, struct cdp_str key, struct cdp_str val, int64_t due_ms),
    void *arg, struct cdp_err *err)
{
	struct pick pk = { .max = log->st->memory / 4 };
	const struct state *s;
	size_t i;
	int rc = cdp_live_find(log, &pk.live, err);

	do {
		if (rc == 0)
			rc = one_pass(log, &pk, err);
		for (i = 0; rc == 0 && i < pk.n; i++) {
			s = &pk.v[i];
			rc = fn(arg, s->key, s->val, s->due_ms);
		}
		if (pk.n != 0)
			note(&pk.after, pk.v[pk.n - 1].key);
		pk.later = true;
	} while (rc == 0 && pk.bounded);
	cdp_live_free(&pk.live);
	cdp_arena_free(&pk.mem);
	cdp_buf_free(&pk.after);
	cdp_buf_free(&pk.before);
	cdp_buf_free(&pk.kept.raw);
	free(pk.v);
	return cdp_log_fault(log, rc, err);
}
