#ifndef CDP_RULE_OUTREACH_H
#define CDP_RULE_OUTREACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/str.h"
#include "lib/base/zone.h"

/*
 * outreach: how often, and with whose leave, a person is written to.
 *
 * Channels are those of the destinations.
 */

/* subscriptions: of one channel, whether silence is a yes or a no. */
struct cdp_subscription {
	struct cdp_str channel;
	bool opt_in;
	const struct cdp_node *node;
};

/* limits.caps: at most max messages to those channels, all together, in any
 * stretch of that length. */
struct cdp_cap {
	const struct cdp_str *channel;
	size_t nchannel;
	int64_t max, per_ms;
	struct cdp_str text; /* as written */
	const struct cdp_node *node;
};

/* limits.quiet: not from one time of day until another, where the person is,
 * or in one zone for all. */
struct cdp_quiet {
	const struct cdp_str *channel;
	size_t nchannel;        /* 0: there are none */
	int64_t from_ms, to_ms; /* from midnight */
	struct cdp_str zone; /* empty: the profile's, or else the project's */
	bool drop;           /* rather than wait */
	const struct cdp_node *node;
};

/* Whether there are quiet hours on that channel at all. */
bool cdp_quiet_covers(const struct cdp_quiet *q, struct cdp_str channel);

/* Whether it is one of them where z is, and when they end. */
bool cdp_quiet_until(const struct cdp_quiet *q, const struct cdp_zone *z,
    int64_t at_ms, int64_t *ret);

struct cdp_outreach {
	bool asks; /* the project has the section */
	struct cdp_subscription *sub;
	size_t nsub;
	struct cdp_cap *cap;
	size_t ncap;
	int64_t longest_ms; /* of caps */
	struct cdp_quiet quiet;
	int64_t segments;	/* of an SMS without a warning; 0: any */
	int64_t instances; /* of one profile at one time; 0: not written */
	struct cdp_str *listed; /* suppress.file, sorted */
	size_t nlisted;
};

#endif
