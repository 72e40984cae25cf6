#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/write.h"
#include "lib/rule/win.h"

/* Of somebody who is thousands: a state must not outgrow what can be stored. */
#define KEEP_MAX 100000

static enum win_kind
kind_of(const struct cdp_leaf *lf)
{
	if (lf->seq != NULL)
		return WIN_SEQ;
	if (lf->measure != NULL)
		return WIN_MEASURE;
	return lf->window ? WIN_INSTANTS : WIN_COUNT;
}

static struct cdp_win *
make(struct cdp_hist *h, const struct cdp_leaf *lf)
{
	uint32_t slot = lf->slot, i = cdp_win_place(h, slot);

	if (i < h->n && h->win[i].slot == slot) {
		h->win[i].leave_ms = INT64_MIN; /* the next look says when */
		return &h->win[i];
	}
	if (h->n == h->cap) {
		h->cap = h->cap == 0 ? 4 : h->cap * 2;
		h->win = cdp_xreallocarray(h->win, h->cap, sizeof(*h->win));
	}
	memmove(&h->win[i + 1], &h->win[i], (h->n - i) * sizeof(*h->win));
	if (h->n++ == 0)
		h->expire_ms = INT64_MIN; /* the next look says when */
	h->win[i] = (struct cdp_win){
		.slot = slot, .kind = kind_of(lf), .leave_ms = INT64_MIN
	};
	if (lf->seq != NULL)
		h->win[i].seq = cdp_xcalloc(1, sizeof(*h->win[i].seq));
	if (lf->measure != NULL) {
		h->win[i].measure = cdp_xcalloc(1, sizeof(*h->win[i].measure));
		h->win[i].measure->d = lf->measure;
	}
	return &h->win[i];
}

static void
drop_oldest(struct cdp_win *w, uint32_t n)
{
	w->n -= n;
	if (w->cap != 0)
		memmove(w->ts, w->ts + n, w->n * sizeof(*w->ts));
}

/* Room for one more; they stand where it says. */
static int64_t *
room(struct cdp_win *w)
{
	int64_t *ts;

	if (w->cap == 0 && w->n == 0)
		return &w->one;
	if (w->cap == 0) {
		ts = cdp_xreallocarray(NULL, 2, sizeof(*ts));
		ts[0] = w->one;
		w->ts = ts;
		w->cap = 2;
	} else if (w->n == w->cap) {
		w->cap *= 2;
		w->ts = cdp_xreallocarray(w->ts, w->cap, sizeof(*w->ts));
	}
	return w->ts;
}

/* Enter an instant; false if it cannot matter any more. */
static bool
enter(struct cdp_win *w, const struct cdp_leaf *lf, int64_t ms)
{
	uint32_t i, old;
	int64_t *ts;

	i = cdp_win_upto(w, ms);
	if (w->n != 0 &&
	    ms <= cdp_ops_plus(cdp_win_instants(w)[w->n - 1], -lf->to_ms))
		return false;
	if (w->n == (lf->keep != 0 ? lf->keep : KEEP_MAX)) {
		if (i == 0)
			return false;
		drop_oldest(w, 1);
		i--;
	}
	ts = room(w);
	memmove(&ts[i + 1], &ts[i], (w->n - i) * sizeof(*ts));
	ts[i] = ms;
	w->n++;
	old = cdp_win_upto(w, cdp_ops_plus(ts[w->n - 1], -lf->to_ms));
	if (old != 0)
		drop_oldest(w, old);
	return true;
}

/* Something that leaves then was entered. */
static void
expires(struct cdp_hist *h, int64_t ms)
{
	if (ms < h->expire_ms)
		h->expire_ms = ms;
}

static bool
measure(
    struct cdp_hist *h, const struct cdp_leaf *lf, const struct cdp_line *ln)
{
	const struct cdp_datum *in;
	struct cdp_win *w;
	size_t n;

	if (!cdp_pred_test(lf->on.where, ln->tape, 0, ln->ts_ms))
		return false;
	in = cdp_measure_line(lf->measure, ln, &n);
	if (n == 0)
		return false;
	w = make(h, lf);
	for (size_t i = 0; i < n; i++)
		cdp_measure_put(&w->measure->y, lf->measure, &in[i]);
	expires(h, cdp_measure_leaves(&w->measure->y, lf->measure));
	return true;
}

/* Count the event under slot; whether it is one of the leaf's. */
static bool
count(struct cdp_hist *h, const struct cdp_leaf *lf, const struct cdp_line *ln)
{
	struct cdp_seq_ev ev;
	struct cdp_win *w;

	if (lf->group != NULL && !cdp_group_counts(*lf->group, ln))
		return false;
	if (lf->seq != NULL) {
		if (!cdp_seq_line(lf->seq, ln, &ev))
			return false;
		cdp_seq_enter(make(h, lf)->seq, lf->seq, ev);
		if (lf->seq->within_ms != 0)
			expires(h, cdp_ops_plus(ev.ms, lf->seq->within_ms));
		return true;
	}
	if (lf->measure != NULL)
		return measure(h, lf, ln);
	if (!cdp_pred_test(lf->on.where, ln->tape, 0, ln->ts_ms))
		return false;
	w = make(h, lf);
	if (lf->window) {
		expires(h, cdp_ops_plus(ln->ts_ms, lf->to_ms));
		return enter(w, lf, ln->ts_ms);
	}
	w->count++;
	return true;
}

bool
cdp_hist_event(struct cdp_hist *h, const struct cdp_wset *ws,
    const struct cdp_line *ln, void (*touched)(void *arg, size_t slot),
    void *arg)
{
	const struct cdp_named *nm;
	bool any = false;

	if ((nm = cdp_wset_named(ws, ln)) == NULL)
		return false;
	for (size_t i = 0; i < nm->n; i++) {
		if (!count(h, ws->leaf[nm->slot[i]], ln))
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
		const struct cdp_leaf *lf = ws->leaf[f->slot];
		struct cdp_win *w = make(into, lf);

		if (f->kind == WIN_COUNT)
			w->count += f->count;
		for (uint32_t j = 0; f->kind == WIN_INSTANTS && j < f->n; j++)
			enter(w, lf, cdp_win_instants(f)[j]);
		if (f->kind == WIN_MEASURE)
			cdp_measure_join(
			    &w->measure->y, &f->measure->y, lf->measure);
		if (f->kind != WIN_SEQ)
			continue;
		w->seq->done |= f->seq->done;
		for (uint32_t j = 0; j < f->seq->n; j++)
			cdp_seq_enter(w->seq, lf->seq, f->seq->v[j]);
	}
	into->expire_ms = INT64_MIN;
}

static void
drop(struct cdp_win *w)
{
	if (w->kind == WIN_SEQ) {
		cdp_seq_free(w->seq);
		free(w->seq);
	} else if (w->kind == WIN_MEASURE) {
		cdp_measure_free(&w->measure->y, w->measure->d);
		free(w->measure);
	} else if (w->cap != 0) {
		free(w->ts);
	}
}

/*
 * Forget what has left the window, note when more will; whether there was
 * any.
 */
static bool
expire(struct cdp_win *w, const struct cdp_leaf *lf, int64_t now_ms)
{
	bool any = false;
	uint32_t old;

	w->leave_ms = INT64_MAX;
	if (w->kind == WIN_SEQ) {
		any = cdp_seq_expire(w->seq, lf->seq, now_ms);
		w->leave_ms = cdp_seq_leaves(w->seq, lf->seq);
	} else if (w->kind == WIN_MEASURE) {
		any = cdp_measure_expire(&w->measure->y, lf->measure, now_ms);
		w->leave_ms = cdp_measure_leaves(&w->measure->y, lf->measure);
	} else if (w->kind == WIN_INSTANTS) {
		old = cdp_win_upto(w, cdp_ops_plus(now_ms, -lf->to_ms));
		if ((any = old != 0))
			drop_oldest(w, old);
		if (w->n != 0)
			w->leave_ms =
			    cdp_ops_plus(cdp_win_instants(w)[0], lf->to_ms);
	}
	return any;
}

bool
cdp_hist_expire(struct cdp_hist *h, const struct cdp_wset *ws, int64_t now_ms)
{
	uint32_t k = 0;
	bool any = false;

	if (now_ms < h->expire_ms)
		return false;
	h->expire_ms = INT64_MAX;
	for (uint32_t i = 0; i < h->n; i++) {
		struct cdp_win *w = &h->win[i];

		if (now_ms >= w->leave_ms)
			any |= expire(w, ws->leaf[w->slot], now_ms);
		if ((w->kind == WIN_INSTANTS && w->n == 0) ||
		    (w->kind == WIN_SEQ && w->seq->n == 0 && !w->seq->done) ||
		    (w->kind == WIN_MEASURE &&
			cdp_measure_is_empty(&w->measure->y, w->measure->d))) {
			drop(w);
			continue;
		}
		expires(h, w->leave_ms);
		if (k != i)
			h->win[k] = *w;
		k++;
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

void
cdp_hist_slots(
    const struct cdp_hist *h, void (*fn)(void *arg, size_t slot), void *arg)
{
	for (uint32_t i = 0; i < h->n; i++)
		fn(arg, h->win[i].slot);
}

size_t
cdp_hist_bytes(const struct cdp_hist *h)
{
	return h->cap * sizeof(*h->win) + h->n * sizeof(*h->win->ts);
}

void
cdp_hist_write(
    struct cdp_buf *b, const struct cdp_hist *h, const struct cdp_wset *ws)
{
	cdp_buf_putc(b, '{');
	for (uint32_t i = 0; i < h->n; i++) {
		const struct cdp_win *w = &h->win[i];

		/* Hex digits, as many in each: nothing to be looked for. */
		cdp_json_member(b,
		    (struct cdp_str){
			ws->leaf[w->slot]->id, sizeof(ws->leaf[0]->id) - 1 });
		if (w->kind == WIN_SEQ) {
			cdp_seq_write(b, w->seq);
			continue;
		}
		if (w->kind == WIN_MEASURE) {
			cdp_measure_write(b, &w->measure->y, w->measure->d);
			continue;
		}
		if (w->kind == WIN_COUNT) {
			cdp_buf_i64(b, w->count);
			continue;
		}
		for (uint32_t j = 0; j < w->n; j++) {
			cdp_buf_putc(b, j == 0 ? '[' : ',');
			cdp_buf_i64(b, cdp_win_instants(w)[j]);
		}
		cdp_buf_puts(b, w->n == 0 ? "[]" : "]");
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
		w = make(h, lf);
		if (lf->seq != NULL) {
			cdp_seq_read(w->seq, lf->seq, t, val);
			continue;
		}
		if (lf->measure != NULL) {
			cdp_measure_read(&w->measure->y, lf->measure, t, val);
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
