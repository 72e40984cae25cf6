#include "lib/rule/win.h"

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

/* Of lo to hi of w, which count at now, how that goes on. */
static int64_t
window_next(const struct cdp_win *w, const struct cdp_leaf *lf, uint32_t lo,
    uint32_t hi, bool now)
{
	const int64_t *ts = cdp_win_instants(w);
	int64_t in, out, at;

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

bool
cdp_hist_ask(const struct cdp_hist *h, const struct cdp_leaf *lf,
    int64_t now_ms, int64_t *next)
{
	const struct cdp_win *w = cdp_win_look(h, lf->slot);
	uint32_t lo, hi;
	int64_t at = INT64_MAX;
	bool holds;

	if (lf->seq != NULL) {
		holds = w != NULL && cdp_seq_test(w->seq, lf->seq, now_ms, &at);
	} else if (w == NULL || !lf->window) {
		holds = cdp_leaf_holds(lf, w != NULL ? w->count : 0);
	} else {
		hi = cdp_win_upto(w, cdp_ops_plus(now_ms, -lf->from_ms));
		lo = cdp_win_upto(w, cdp_ops_plus(now_ms, -lf->to_ms));
		holds = cdp_leaf_holds(lf, (int64_t)hi - lo);
		if (next != NULL)
			at = window_next(w, lf, lo, hi, holds);
	}
	if (next != NULL)
		*next = at;
	return holds;
}

const struct cdp_measure *
cdp_hist_measure(const struct cdp_hist *h, const struct cdp_leaf *lf)
{
	const struct cdp_win *w = cdp_win_look(h, lf->slot);

	return w != NULL ? &w->measure->y : NULL;
}
