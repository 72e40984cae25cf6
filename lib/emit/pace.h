#ifndef CDP_EMIT_PACE_H
#define CDP_EMIT_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/str.h"

/*
 * pace: when the next attempt may leave for a destination.
 *
 * Its rate is a bucket that fills steadily.  After CDP_PACE_FAULTS faults in a
 * row the circuit opens: nothing leaves for a while, then one attempt alone; if
 * it succeeds all is as before, if not the pause doubles, up to five minutes.
 */
#define CDP_PACE_FAULTS 5

struct cdp_pace {
	struct cdp_str id;       /* pauses depend on it */
	int64_t rate_n, rate_ms; /* rate_n 0: no limit */
	double level;            /* of the bucket */
	int64_t seen_ms;         /* when it was filled last */
	int64_t faults;          /* in a row */
	int64_t shut_ms;         /* nothing leaves before */
};

/* Whether one may leave now, with so many in flight; at most max. */
bool cdp_pace_may(
    struct cdp_pace *p, int64_t now_ms, size_t flying, size_t max);

/* When it is worth asking again: now, or later. */
int64_t cdp_pace_next(const struct cdp_pace *p, int64_t now_ms);

/* One leaves. */
void cdp_pace_left(struct cdp_pace *p);

/* An answer came that shows the receiver alive, or none did. */
void cdp_pace_well(struct cdp_pace *p);
void cdp_pace_ill(struct cdp_pace *p, int64_t now_ms);

/* It asked to be left alone until then. */
void cdp_pace_hush(struct cdp_pace *p, int64_t until_ms);

#endif
