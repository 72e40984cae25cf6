#ifndef CDP_RULE_WIN_H
#define CDP_RULE_WIN_H

#include "lib/rule/measure.h"
#include "lib/rule/tree.h"

/*
 * win: what a history keeps of a leaf; for hist.c and hist_ask.c alone.
 */
enum win_kind { WIN_COUNT, WIN_INSTANTS, WIN_SEQ, WIN_MEASURE };

/* A measure, and of what. */
struct cdp_win_measure {
	struct cdp_measure y;
	const struct cdp_measure_def *d;
};

/*
 * One leaf's memory: a count, instants in ascending order, the events of a
 * sequence, or a measure.  A profile has one for each leaf that it met, mostly
 * with a single instant, so that one stands in place.
 */
struct cdp_win {
	uint32_t slot;
	uint32_t n, cap; /* of instants; cap 0: in one */
	uint8_t kind;
	int64_t leave_ms; /* before then nothing of it leaves */
	union {
		int64_t count;
		int64_t one;
		int64_t *ts;
		struct cdp_seq_evs *seq;
		struct cdp_win_measure *measure;
	};
};

/* Where slot is, or would stand. */
static inline uint32_t
cdp_win_place(const struct cdp_hist *h, uint32_t slot)
{
	uint32_t at = 0, n = h->n, half;

	/* Without a branch, which nobody could foretell. */
	for (; n > 1; n -= half) {
		half = n / 2;
		at += half * (h->win[at + half - 1].slot < slot);
	}
	return at + (n == 1 && h->win[at].slot < slot);
}

static inline const struct cdp_win *
cdp_win_look(const struct cdp_hist *h, uint32_t slot)
{
	uint32_t i;

	if (h == NULL)
		return NULL;
	i = cdp_win_place(h, slot);
	return i < h->n && h->win[i].slot == slot ? &h->win[i] : NULL;
}

static inline const int64_t *
cdp_win_instants(const struct cdp_win *w)
{
	return w->cap == 0 ? &w->one : w->ts;
}

/* How many instants are at or before ms. */
static inline uint32_t
cdp_win_upto(const struct cdp_win *w, int64_t ms)
{
	const int64_t *ts = cdp_win_instants(w);
	uint32_t lo = 0, hi = w->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (ts[mid] <= ms)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

#endif
