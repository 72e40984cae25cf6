#include "lib/audience/seats.h"

#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/time.h"

/* Where the audience's seat is, or would stand. */
static uint32_t
place(const struct cdp_seats *ss, uint32_t audience)
{
	uint32_t at = 0, n = ss->n, half;

	/* Without a branch, which nobody could foretell. */
	for (; n > 1; n -= half) {
		half = n / 2;
		at += half * (ss->v[at + half - 1].audience < audience);
	}
	return at + (n == 1 && ss->v[at].audience < audience);
}

struct cdp_seat
cdp_seats_get(const struct cdp_seats *ss, uint32_t audience)
{
	uint32_t i = place(ss, audience);

	if (i < ss->n && ss->v[i].audience == audience)
		return ss->v[i];
	return (struct cdp_seat){ audience, false, CDP_TIME_NONE, INT64_MAX };
}

void
cdp_seats_set(struct cdp_seats *ss, const struct cdp_seat *s)
{
	uint32_t i = place(ss, s->audience);
	bool had = i < ss->n && ss->v[i].audience == s->audience;
	bool says =
	    s->since_ms != CDP_TIME_NONE || s->spent || s->next_ms != INT64_MAX;

	if (!had && !says)
		return;
	ss->moved |= (had && ss->v[i].since_ms != CDP_TIME_NONE) !=
	    (s->since_ms != CDP_TIME_NONE);
	if (had && !says) {
		ss->n--;
		memmove(&ss->v[i], &ss->v[i + 1], (ss->n - i) * sizeof(*ss->v));
		return;
	}
	if (!had) {
		if (ss->n == ss->cap) {
			ss->cap = ss->cap == 0 ? 4 : ss->cap + ss->cap / 2;
			ss->v =
			    cdp_xreallocarray(ss->v, ss->cap, sizeof(*ss->v));
		}
		memmove(&ss->v[i + 1], &ss->v[i], (ss->n - i) * sizeof(*ss->v));
		ss->n++;
	}
	ss->v[i] = *s;
}
