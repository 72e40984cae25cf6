#ifndef CDP_RULE_STAMP_H
#define CDP_RULE_STAMP_H

#include "lib/base/mem.h"
#include "lib/base/str.h"

#include <stdlib.h>

/*
 * stamp: when an event was, and, between events of one millisecond, which.
 *
 * The order of stamps is the order of events for everything that asks for a
 * first, a last or a newest, however the events arrived.
 */
struct cdp_stamp {
	int64_t ms;
	struct cdp_str mid; /* messageId */
};

static inline int
cdp_stamp_cmp(struct cdp_stamp a, struct cdp_stamp b)
{
	if (a.ms != b.ms)
		return a.ms < b.ms ? -1 : 1;
	return cdp_str_cmp(a.mid, b.mid);
}

/* A copy that owns its message id; freed by cdp_stamp_free(). */
static inline struct cdp_stamp
cdp_stamp_own(struct cdp_stamp s)
{
	s.mid = cdp_mem_own(s.mid);
	return s;
}

static inline void
cdp_stamp_free(struct cdp_stamp *s)
{
	cdp_mem_disown(&s->mid);
}

#endif
