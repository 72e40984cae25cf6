#ifndef CDP_INGEST_EXPECT_H
#define CDP_INGEST_EXPECT_H

#include "lib/json/line.h"
#include "lib/rule/project.h"

/*
 * expect: what a plan expects of a whole input, counted.
 *
 * Its memory follows the number of expectations; only duplicate_ratio, if it
 * is asked for, remembers 8 bytes of each id.
 */
struct cdp_expects; /* opaque */

/* What is known of a line when it has been looked at. */
struct cdp_seen {
	const struct cdp_line *ln; /* as it came */
	bool accepted;             /* it would not be rejected */
	bool valid;                /* and the plan has nothing to say of it */
	int64_t ts_ms;             /* of an accepted one; CDP_TIME_NONE */
	struct cdp_str id;         /* its message id, or empty */
};

struct cdp_expects *cdp_expects_new(const struct cdp_plan *plan);
void cdp_expects_free(struct cdp_expects *ex);

void cdp_expects_line(struct cdp_expects *ex, const struct cdp_seen *seen);

/*
 * What came of the i-th expectation of the plan.
 *
 * read    records there were, those that were no lines among them
 * now_ms  for max_age
 * text    receives what is and what should be
 *
 * Whether it is met.  What cannot be measured, for there is nothing to
 * measure, is not, unless it only has a greatest value.
 */
bool cdp_expects_met(const struct cdp_expects *ex, size_t i, uint64_t read,
    int64_t now_ms, struct cdp_buf *text);

#endif
