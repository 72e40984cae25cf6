#include <stdlib.h>

#include "lib/base/map.h"
#include "lib/base/mem.h"
#include "lib/json/write.h"
#include "lib/rule/tree.h"

/* Of somebody who is thousands: a state must not outgrow what can be stored. */
#define KEEP_MAX 100000

/* The leaves that name one event. */
struct named {
	struct cdp_str event;
	uint32_t *slot;
	size_t n;
};

struct cdp_wset {
	struct cdp_leaf **leaf; /* by slot; the first of equal ones */
	size_t n;
	struct cdp_map by_event; /* to struct named */
	struct cdp_map by_id;    /* to struct cdp_leaf */
};

/* One leaf's memory: a count, instants in ascending order, or the events of a
 * sequence. */
struct cdp_win {
	uint32_t slot;
	uint32_t n, cap;
	int64_t count;
	int64_t *ts;
	struct cdp_seq_evs seq;
};

struct cdp_wset *
cdp_wset_new(void)
{
	return cdp_xcalloc(1, sizeof(struct cdp_wset));
}

void
cdp_wset_free(struct cdp_wset *ws)
{
	struct cdp_map_ent *e;
	struct named *nm;
	size_t i = 0;

	if (ws == NULL)
		return;
	while ((e = cdp_map_next(&ws->by_event, &i)) != NULL) {
		nm = e->val;
		free(nm->slot);
		free(nm);
	}
	cdp_map_free(&ws->by_event);
	cdp_map_free(&ws->by_id);
	free(ws->leaf);
	free(ws);
}

size_t
cdp_wset_count(const struct cdp_wset *ws)
{
	return ws->n;
}

static void
index_event(struct cdp_wset *ws, struct cdp_str event, uint32_t slot)
{
	struct named **at = (struct named **)cdp_map_at(&ws->by_event, event);
	struct named *nm = *at;

	if (nm == NULL) {
		nm = *at = cdp_xcalloc(1, sizeof(*nm));
		nm->event = event;
	}
	if (nm->n != 0 && nm->slot[nm->n - 1] == slot)
		return; /* a name that was given twice */
	nm->slot = cdp_xreallocarray(nm->slot, nm->n + 1, sizeof(*nm->slot));
	nm->slot[nm->n++] = slot;
}

static void
add_leaf(void *arg, const struct cdp_cond *c)
{
	struct cdp_leaf *lf = c->leaf, **same;
	struct cdp_wset *ws = arg;

	if (lf == NULL)
		return;
	same = (struct cdp_leaf **)cdp_map_at(&ws->by_id, cdp_str_of(lf->id));
	if (*same != NULL) {
		lf->slot = (*same)->slot;
		return;
	}
	*same = lf;
	lf->slot = (uint32_t)ws->n;
	ws->leaf = cdp_xreallocarray(ws->leaf, ws->n + 1, sizeof(*ws->leaf));
	ws->leaf[ws->n++] = lf;
	for (size_t i = 0; i < lf->on.nevent; i++)
		index_event(ws, lf->on.event[i], lf->slot);
}

void
cdp_wset_add(struct cdp_wset *ws, struct cdp_cond *c)
{
	cdp_tree_walk(c, add_leaf, ws);
}

/* The leaves that may count the line. */
static const struct named *
named_by(const struct cdp_wset *ws, const struct cdp_line *ln)
{
	return cdp_type_is_event(ln->type) && ln->ts_ms != CDP_TIME_NONE
	    ? cdp_map_get(&ws->by_event, ln->event)
	    : NULL;
}

bool
cdp_wset_names(const struct cdp_wset *ws, const struct cdp_line *ln)
{
	return named_by(ws, ln) != NULL;
}

bool
cdp_leaf_holds(const struct cdp_leaf *lf, int64_t n)
{
	for (size_t i = 0; i < lf->ncount; i++) {
		int64_t m = lf->count[i].n;
		bool yes;

		switch (lf->count[i].kind) {
		case CDP_OP_NE:
			yes = n != m;
			break;
		case CDP_OP_GT:
			yes = n > m;
			break;
		case CDP_OP_GTE:
			yes = n >= m;
			break;
		case CDP_OP_LT:
			yes = n < m;
			break;
		case CDP_OP_LTE:
			yes = n <= m;
			break;
		default:
			yes = n == m;
			break;
		}
		if (!yes)
			return false;
	}
	return true;
}

/* Where slot is, or would stand. */
static uint32_t
place(const struct cdp_hist *h, uint32_t slot)
{
	uint32_t lo = 0, hi = h->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (h->win[mid].slot < slot)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static const struct cdp_win *
look(const struct cdp_hist *h, uint32_t slot)
{
	uint32_t i;

	if (h == NULL)
		return NULL;
	i = place(h, slot);
	return i < h->n && h->win[i].slot == slot ? &h->win[i] : NULL;
}

static struct cdp_win *
make(struct cdp_hist *h, uint32_t slot)
{
	uint32_t i = place(h, slot);

	if (i < h->n && h->win[i].slot == slot)
		return &h->win[i];
	if (h->n == h->cap) {
		h->cap = h->cap == 0 ? 4 : h->cap * 2;
		h->win = cdp_xreallocarray(h->win, h->cap, sizeof(*h->win));
	}
	memmove(&h->win[i + 1], &h->win[i], (h->n - i) * sizeof(*h->win));
	h->n++;
	h->win[i] = (struct cdp_win){ .slot = slot };
	return &h->win[i];
}

/* How many instants are at or before ms. */
static uint32_t
upto(const struct cdp_win *w, int64_t ms)
{
	uint32_t lo = 0, hi = w->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (w->ts[mid] <= ms)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void
drop_oldest(struct cdp_win *w, uint32_t n)
{
	memmove(w->ts, w->ts + n, (w->n - n) * sizeof(*w->ts));
	w->n -= n;
}

/* Enter an instant; false if it cannot matter any more. */
static bool
enter(struct cdp_win *w, const struct cdp_leaf *lf, int64_t ms)
{
	uint32_t i, old;

	i = upto(w, ms);
	if (w->n != 0 && ms <= cdp_ops_plus(w->ts[w->n - 1], -lf->to_ms))
		return false;
	if (w->n == (lf->keep != 0 ? lf->keep : KEEP_MAX)) {
		if (i == 0)
			return false;
		drop_oldest(w, 1);
		i--;
	}
	if (w->n == w->cap) {
		w->cap = w->cap == 0 ? 1 : w->cap * 2;
		w->ts = cdp_xreallocarray(w->ts, w->cap, sizeof(*w->ts));
	}
	memmove(&w->ts[i + 1], &w->ts[i], (w->n - i) * sizeof(*w->ts));
	w->ts[i] = ms;
	w->n++;
	old = upto(w, cdp_ops_plus(w->ts[w->n - 1], -lf->to_ms));
	if (old != 0)
		drop_oldest(w, old);
	return true;
}

/* Count the event under slot; whether it is one of the leaf's. */
static bool
count(struct cdp_hist *h, uint32_t slot, const struct cdp_leaf *lf,
    const struct cdp_line *ln)
{
	struct cdp_seq_ev ev;
	struct cdp_win *w;

	if (lf->group != NULL && !cdp_group_counts(*lf->group, ln))
		return false;
	if (lf->seq != NULL) {
		if (!cdp_seq_line(lf->seq, ln, &ev))
			return false;
		cdp_seq_enter(&make(h, slot)->seq, lf->seq, ev);
		return true;
	}
	if (!cdp_pred_test(lf->on.where, ln->tape, 0, ln->ts_ms))
		return false;
	w = make(h, slot);
	if (lf->window)
		return enter(w, lf, ln->ts_ms);
	w->count++;
	return true;
}

bool
cdp_hist_event(struct cdp_hist *h, const struct cdp_wset *ws,
    const struct cdp_line *ln, void (*touched)(void *arg, size_t slot),
    void *arg)
{
	const struct named *nm = named_by(ws, ln);
	bool any = false;

	for (size_t i = 0; nm != NULL && i < nm->n; i++) {
		if (!count(h, nm->slot[i], ws->leaf[nm->slot[i]], ln))
			continue;
		any = true;
		if (touched != NULL)
			touched(arg, nm->slot[i]);
	}
	return any;
}

void
cdp_hist_merge(struct cdp_hist *into, const struct cdp_hist *from,
    const struct cdp_wset *ws)
{
	for (uint32_t i = 0; i < from->n; i++) {
		const struct cdp_win *f = &from->win[i];
		struct cdp_win *w = make(into, f->slot);

		w->count += f->count;
		w->seq.done |= f->seq.done;
		for (uint32_t j = 0; j < f->seq.n; j++)
			cdp_seq_enter(
			    &w->seq, ws->leaf[f->slot]->seq, f->seq.v[j]);
		for (uint32_t j = 0; j < f->n; j++)
			enter(w, ws->leaf[f->slot], f->ts[j]);
	}
}

/* Forget what has left the window; whether there was any. */
static bool
expire(struct cdp_win *w, const struct cdp_leaf *lf, int64_t now_ms)
{
	uint32_t old;

	if (lf->seq != NULL)
		return cdp_seq_expire(&w->seq, lf->seq, now_ms);
	if (!lf->window ||
	    (old = upto(w, cdp_ops_plus(now_ms, -lf->to_ms))) == 0)
		return false;
	drop_oldest(w, old);
	return true;
}

static void
drop(struct cdp_win *w)
{
	free(w->ts);
	cdp_seq_free(&w->seq);
}

bool
cdp_hist_expire(struct cdp_hist *h, const struct cdp_wset *ws, int64_t now_ms)
{
	uint32_t k = 0;
	bool any = false;

	for (uint32_t i = 0; i < h->n; i++) {
		struct cdp_win w = h->win[i];
		const struct cdp_leaf *lf = ws->leaf[w.slot];

		any |= expire(&w, lf, now_ms);
		if ((lf->window && w.n == 0) ||
		    (lf->seq != NULL && w.seq.n == 0 && !w.seq.done))
			drop(&w);
		else
			h->win[k++] = w;
	}
	h->n = k;
	return any;
}

void
cdp_hist_regroup(
    struct cdp_hist *h, const struct cdp_wset *ws, struct cdp_str kind)
{
	uint32_t k = 0;

	for (uint32_t i = 0; i < h->n; i++) {
		const struct cdp_leaf *lf = ws->leaf[h->win[i].slot];

		if (lf->group != NULL && cdp_str_eq(*lf->group, kind))
			drop(&h->win[i]);
		else
			h->win[k++] = h->win[i];
	}
	h->n = k;
}

bool
cdp_hist_holds(
    const struct cdp_hist *h, const struct cdp_leaf *lf, int64_t now_ms)
{
	const struct cdp_win *w = look(h, lf->slot);
	int64_t n = 0, next;

	if (lf->seq != NULL)
		return w != NULL &&
		    cdp_seq_test(&w->seq, lf->seq, now_ms, &next);
	if (w != NULL && lf->window)
		n = (int64_t)upto(w, cdp_ops_plus(now_ms, -lf->from_ms)) -
		    upto(w, cdp_ops_plus(now_ms, -lf->to_ms));
	else if (w != NULL)
		n = w->count;
	return cdp_leaf_holds(lf, n);
}

int64_t
cdp_hist_next(
    const struct cdp_hist *h, const struct cdp_leaf *lf, int64_t now_ms)
{
	const struct cdp_win *w = look(h, lf->slot);
	int64_t in, out, at;
	uint32_t lo, hi;
	bool now;

	if (w != NULL && lf->seq != NULL) {
		cdp_seq_test(&w->seq, lf->seq, now_ms, &at);
		return at;
	}
	if (w == NULL || !lf->window)
		return INT64_MAX;
	hi = upto(w, cdp_ops_plus(now_ms, -lf->from_ms));
	lo = upto(w, cdp_ops_plus(now_ms, -lf->to_ms));
	now = cdp_leaf_holds(lf, hi - lo);
	/* Let time pass from one coming or going to the next. */
	while (lo < w->n) {
		in = hi < w->n ? cdp_ops_plus(w->ts[hi], lf->from_ms)
			       : INT64_MAX;
		out = cdp_ops_plus(w->ts[lo], lf->to_ms);
		at = in < out ? in : out;
		while (hi < w->n && cdp_ops_plus(w->ts[hi], lf->from_ms) <= at)
			hi++;
		while (lo < hi && cdp_ops_plus(w->ts[lo], lf->to_ms) <= at)
			lo++;
		if (cdp_leaf_holds(lf, hi - lo) != now)
			return at;
	}
	return INT64_MAX;
}

void
cdp_hist_write(
    struct cdp_buf *b, const struct cdp_hist *h, const struct cdp_wset *ws)
{
	cdp_buf_putc(b, '{');
	for (uint32_t i = 0; i < h->n; i++) {
		const struct cdp_win *w = &h->win[i];

		cdp_json_key(b, ws->leaf[w->slot]->id);
		if (ws->leaf[w->slot]->seq != NULL) {
			cdp_seq_write(b, &w->seq);
			continue;
		}
		if (!ws->leaf[w->slot]->window) {
			cdp_buf_i64(b, w->count);
			continue;
		}
		cdp_buf_putc(b, '[');
		for (uint32_t j = 0; j < w->n; j++) {
			cdp_json_comma(b);
			cdp_buf_i64(b, w->ts[j]);
		}
		cdp_buf_putc(b, ']');
	}
	cdp_buf_putc(b, '}');
}

void
cdp_hist_read(struct cdp_hist *h, const struct cdp_wset *ws,
    const struct cdp_tape *t, uint32_t at)
{
	uint32_t it = 0, key, val, jt, nokey, el;
	const struct cdp_leaf *lf;
	struct cdp_win *w;
	int64_t ms;

	while (cdp_tape_next(t, at, &it, &key, &val)) {
		struct cdp_str id = cdp_tape_raw(t, key);

		if (id.n != 14 ||
		    (lf = cdp_map_get(
			 &ws->by_id, (struct cdp_str){ id.p + 1, 12 })) == NULL)
			continue;
		w = make(h, lf->slot);
		if (lf->seq != NULL) {
			cdp_seq_read(&w->seq, lf->seq, t, val);
			continue;
		}
		if (!lf->window) {
			cdp_tape_i64(t, val, &w->count);
			continue;
		}
		jt = 0;
		while (cdp_tape_next(t, val, &jt, &nokey, &el))
			if (cdp_tape_i64(t, el, &ms))
				enter(w, lf, ms);
	}
}

void
cdp_hist_free(struct cdp_hist *h)
{
	for (uint32_t i = 0; i < h->n; i++)
		drop(&h->win[i]);
	free(h->win);
	*h = (struct cdp_hist){ 0 };
}
