#include "lib/emit/retry.h"

#include "lib/base/hash.h"

#define FIRST_MS 1000
#define LONGEST_MS (3600 * 1000)

enum cdp_verdict
cdp_retry_class(long status)
{
	if (status >= 200 && status < 300)
		return CDP_TAKEN;
	switch (status) {
	case 408:
	case 410:
	case 429:
	case 460:
		return CDP_AGAIN;
	case 501:
	case 505:
		return CDP_DEAD;
	default:
		return status >= 500 && status < 600 ? CDP_AGAIN : CDP_DEAD;
	}
}

int64_t
cdp_retry_delay(struct cdp_str id, int64_t n)
{
	const char digit = (char)('0' + n % 64);
	const struct cdp_str part[] = { CDP_STR("retry"), id, { &digit, 1 } };
	int64_t ms = n > 12 ? LONGEST_MS : (int64_t)FIRST_MS << (n - 1);

	if (ms > LONGEST_MS)
		ms = LONGEST_MS;
	return ms - ms * (int64_t)cdp_hash_bucket(part, 3) / 20000;
}
