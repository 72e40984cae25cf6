#include "lib/ingest/same.h"

#include "lib/base/hash.h"

#define DAY_MS 86400000
#define DAY_BITS 22
#define DAY(mark) ((int64_t)((mark) & (((uint64_t)1 << DAY_BITS) - 1)))

/* What an event says, as far as two under one id must agree. */
static const enum cdp_env said[] = { CDP_ENV_TYPE, CDP_ENV_EVENT, CDP_ENV_NAME,
	CDP_ENV_USER_ID, CDP_ENV_ANONYMOUS_ID, CDP_ENV_GROUP_ID,
	CDP_ENV_PREVIOUS_ID, CDP_ENV_COLLECTION, CDP_ENV_ID, CDP_ENV_PROPERTIES,
	CDP_ENV_TRAITS };

/* Days since the first one there is, from 1; 0: no time. */
static uint64_t
day(int64_t ts_ms)
{
	if (ts_ms == CDP_TIME_NONE)
		return 0;
	return (uint64_t)((ts_ms - CDP_TIME_MIN) / DAY_MS) + 1;
}

uint64_t
cdp_same_mark(
    const struct cdp_line *ln, const struct cdp_envelope *env, int64_t ts_ms)
{
	uint64_t h = 0;
	uint32_t at;
	size_t i;

	for (i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		at = env->at[said[i]];
		if (at != CDP_NOTOK)
			h = (h ^ cdp_hash64(cdp_tape_raw(ln->tape, at))) *
			    (2 * i + 0x9e3779b97f4a7c15);
	}
	return CDP_MARK(h >> 46 << DAY_BITS | day(ts_ms));
}

uint64_t
cdp_same_row_mark(struct cdp_str id)
{
	return CDP_MARK(cdp_hash64(id));
}

enum cdp_known
cdp_same(const struct cdp_waiting *w, uint64_t mark, int64_t window_ms)
{
	int64_t days = (window_ms + DAY_MS - 1) / DAY_MS;
	int64_t apart = DAY(w->mark) - DAY(mark);

	if (w->thing.n != 0)
		return w->mark == mark ? CDP_KNOWN_SAME : CDP_KNOWN_NEWER;
	if (window_ms != 0 && DAY(mark) != 0 && DAY(w->mark) != 0 &&
	    (apart > days || apart < -days))
		return CDP_KNOWN_OTHER;
	return (w->mark ^ mark) >> DAY_BITS == 0 ? CDP_KNOWN_SAME
						 : CDP_KNOWN_CONFLICT;
}

void
cdp_same_key(struct cdp_buf *key, struct cdp_str source,
    const struct cdp_waiting *w, unsigned n)
{
	cdp_buf_reset(key);
	cdp_buf_put(key, source);
	cdp_buf_putc(key, '\0');
	cdp_buf_put(key, w->thing.n != 0 ? w->thing : w->id);
	if (n != 0)
		cdp_buf_printf(key, "%c%u", '\0', n);
}
