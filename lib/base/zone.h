#ifndef CDP_BASE_ZONE_H
#define CDP_BASE_ZONE_H

#include <stdint.h>

#include "lib/base/str.h"

/*
 * zone: what clocks show in a place, from the system's tz database.
 *
 * A time that a day has twice (clocks go back) is the first of the two; one
 * that a day does not have (clocks go forward) is the instant of the jump.
 * So each time of day comes once a day, everywhere.
 */
struct cdp_zone; /* opaque */

/*
 * A zone of that name, "America/Sao_Paulo"; NULL if there is none.  "UTC" is
 * always there.  Reads a file: keep what it returns.
 */
struct cdp_zone *cdp_zone_open(struct cdp_str name);
void cdp_zone_close(struct cdp_zone *z);

/* Its name, for as long as it is open. */
struct cdp_str cdp_zone_name(const struct cdp_zone *z);

/* What local time is ahead of UTC at an instant, in ms.  O(log n). */
int64_t cdp_zone_offset_ms(const struct cdp_zone *z, int64_t ms);

/* The instant at which clocks show local_ms, taken as if it was UTC. */
int64_t cdp_zone_instant(const struct cdp_zone *z, int64_t local_ms);

/*
 * The first instant at or after ms that is the time of day tod_ms of one of
 * days: bit 0 is Monday, and one at least is set.
 */
#define CDP_ZONE_DAILY 0x7fu
int64_t cdp_zone_next(
    const struct cdp_zone *z, int64_t ms, unsigned days, int64_t tod_ms);

#endif
