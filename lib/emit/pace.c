#include "lib/emit/pace.h"

#include "lib/emit/retry.h"

#define PAUSE_MAX_MS (5 * 60 * 1000)

/* No more at once than a second's worth, or one. */
static void
fill(struct cdp_pace *p, int64_t now_ms)
{
	double per_ms = (double)p->rate_n / (double)p->rate_ms;
	double most = per_ms * 1000 > 1 ? per_ms * 1000 : 1;

	if (p->seen_ms == 0)
		p->level = 1;
	else if (now_ms > p->seen_ms)
		p->level += per_ms * (double)(now_ms - p->seen_ms);
	if (p->level > most)
		p->level = most;
	p->seen_ms = now_ms;
}

bool
cdp_pace_may(struct cdp_pace *p, int64_t now_ms, size_t flying, size_t max)
{
	if (now_ms < p->shut_ms)
		return false;
	if (p->faults >= CDP_PACE_FAULTS)
		max = 1;
	if (flying >= max)
		return false;
	if (p->rate_n == 0)
		return true;
	fill(p, now_ms);
	return p->level >= 1;
}

int64_t
cdp_pace_next(const struct cdp_pace *p, int64_t now_ms)
{
	double missing;

	if (now_ms < p->shut_ms)
		return p->shut_ms;
	if (p->rate_n == 0 || p->level >= 1)
		return now_ms;
	missing = (1 - p->level) * (double)p->rate_ms / (double)p->rate_n;
	return now_ms + 1 + (int64_t)missing;
}

void
cdp_pace_left(struct cdp_pace *p)
{
	if (p->rate_n != 0)
		p->level -= 1;
}

void
cdp_pace_well(struct cdp_pace *p)
{
	p->faults = 0;
}

void
cdp_pace_ill(struct cdp_pace *p, int64_t now_ms)
{
	int64_t ms;

	if (++p->faults < CDP_PACE_FAULTS || now_ms < p->shut_ms)
		return;
	ms = cdp_retry_delay(p->id, p->faults - CDP_PACE_FAULTS + 1);
	p->shut_ms = now_ms + (ms < PAUSE_MAX_MS ? ms : PAUSE_MAX_MS);
}

void
cdp_pace_hush(struct cdp_pace *p, int64_t until_ms)
{
	if (until_ms > p->shut_ms)
		p->shut_ms = until_ms;
}
