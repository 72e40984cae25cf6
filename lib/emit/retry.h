#ifndef CDP_EMIT_RETRY_H
#define CDP_EMIT_RETRY_H

#include <stdint.h>

#include "lib/base/str.h"

/*
 * retry: what an answer means, and how long to wait before asking again.
 */
enum cdp_verdict {
	CDP_TAKEN, /* the receiver has it */
	CDP_AGAIN, /* it did not, and may later */
	CDP_DEAD,  /* it did not, and never will */
	CDP_DOUBT  /* nobody knows: it left, and no answer came */
};

/*
 * Segment's classes: 2xx is taken; 408, 410, 429, 460 and 5xx, without 501 and
 * 505, may be taken later; all else is dead, a redirection too: it is not
 * followed.
 */
enum cdp_verdict cdp_retry_class(long status);

/*
 * How long to wait in ms after the n-th attempt, n from 1: twice as long each
 * time, from a second to an hour, less up to a half of it that a hash of id
 * and n decides, so that what failed together does not come back together.
 */
int64_t cdp_retry_delay(struct cdp_str id, int64_t n);

#endif
