#include "lib/rule/win.h"

bool
cdp_hist_holds(
    const struct cdp_hist *h, const struct cdp_leaf *lf, int64_t now_ms)
{
	const struct cdp_win *w = cdp_win_look(h, lf->slot);
	int64_t n = 0, next;

	if (lf->seq != NULL)
		return w != NULL &&
		    cdp_seq_test(w->seq, lf->seq, now_ms, &next);
	if (w != NULL && lf->window)
		n = (int64_t)cdp_win_upto(
			w, cdp_ops_plus(now_ms, -lf->from_ms)) -
		    cdp_win_upto(w, cdp_ops_plus(now_ms, -lf->to_ms));
	else if (w != NULL)
		n = w->count;
	return cdp_leaf_holds(lf, n);
}

size_t
cdp_hist_count(const struct cdp_hist *h, const struct cdp_leaf *lf,
    int64_t now_ms, const int64_t **ts, size_t *nts)
{
	const struct cdp_win *w = cdp_win_look(h, lf->slot);
	uint32_t lo;

	*nts = 0;
	if (w == NULL || !lf->window)
		return w != NULL ? (size_t)w->count : 0;
	lo = cdp_win_upto(w, cdp_ops_plus(now_ms, -lf->to_ms));
	*ts = cdp_win_instants(w) + lo;
	*nts = cdp_win_upto(w, cdp_ops_plus(now_ms, -lf->from_ms)) - lo;
	return *nts;
}

const struct cdp_seq_evs *
cdp_hist_events(const struct cdp_hist *h, const struct cdp_leaf *lf)
{
	const struct cdp_win *w = cdp_win_look(h, lf->slot);

	return w != NULL ? w->seq : NULL;
}

int64_t
cdp_hist_next(
    const struct cdp_hist *h, const struct cdp_leaf *lf, int64_t now_ms)
{
	const struct cdp_win *w = cdp_win_look(h, lf->slot);
	const int64_t *ts;
	int64_t in, out, at;
	uint32_t lo, hi;
	bool now;

	if (w != NULL && lf->seq != NULL) {
		cdp_seq_test(w->seq, lf->seq, now_ms, &at);
		return at;
	}
	if (w == NULL || !lf->window)
		return INT64_MAX;
	ts = cdp_win_instants(w);
	hi = cdp_win_upto(w, cdp_ops_plus(now_ms, -lf->from_ms));
	lo = cdp_win_upto(w, cdp_ops_plus(now_ms, -lf->to_ms));
	now = cdp_leaf_holds(lf, hi - lo);
	/* Let time pass from one coming or going to the next. */
	while (lo < w->n) {
		in = hi < w->n ? cdp_ops_plus(ts[hi], lf->from_ms) : INT64_MAX;
		out = cdp_ops_plus(ts[lo], lf->to_ms);
		at = in < out ? in : out;
		while (hi < w->n && cdp_ops_plus(ts[hi], lf->from_ms) <= at)
			hi++;
		while (lo < hi && cdp_ops_plus(ts[lo], lf->to_ms) <= at)
			lo++;
		if (cdp_leaf_holds(lf, hi - lo) != now)
			return at;
	}
	return INT64_MAX;
}

const struct cdp_measure *
cdp_hist_measure(const struct cdp_hist *h, const struct cdp_leaf *lf)
{
	const struct cdp_win *w = cdp_win_look(h, lf->slot);

	return w != NULL ? &w->measure->y : NULL;
}
