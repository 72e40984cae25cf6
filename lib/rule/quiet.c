#include "lib/rule/outreach.h"

#define DAY_MS ((int64_t)24 * 3600 * 1000)

bool
cdp_quiet_covers(const struct cdp_quiet *q, struct cdp_str channel)
{
	for (size_t i = 0; i < q->nchannel; i++)
		if (cdp_str_eq(q->channel[i], channel))
			return true;
	return false;
}

bool
cdp_quiet_until(const struct cdp_quiet *q, const struct cdp_zone *z,
    int64_t at_ms, int64_t *ret)
{
	int64_t tod = (at_ms + cdp_zone_offset_ms(z, at_ms)) % DAY_MS;

	if (tod < 0)
		tod += DAY_MS;
	if (q->from_ms < q->to_ms ? tod < q->from_ms || tod >= q->to_ms
				  : tod < q->from_ms && tod >= q->to_ms)
		return false;
	*ret = cdp_zone_next(z, at_ms, CDP_ZONE_DAILY, q->to_ms);
	return true;
}
