#ifndef CDP_AUDIENCE_SEATS_H
#define CDP_AUDIENCE_SEATS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * seats: what one profile is to the audiences of the project; only those that
 * say something are held.
 */
struct cdp_seat {
	uint32_t audience;
	bool spent;       /* left by leave_after, and it still holds */
	int64_t since_ms; /* entered; CDP_TIME_NONE: it is out */
	int64_t next_ms;  /* when time may change it; INT64_MAX: never */
};

struct cdp_seats {          /* an empty one is { 0 } */
	struct cdp_seat *v; /* by audience */
	uint32_t n, cap;
	bool moved; /* in one, or out of one, since somebody cleared this */
};

/* Out and without a timer, if nothing is known.  O(log n). */
struct cdp_seat cdp_seats_get(const struct cdp_seats *ss, uint32_t audience);

/* From now on it is that.  O(n). */
void cdp_seats_set(struct cdp_seats *ss, const struct cdp_seat *s);

#endif
