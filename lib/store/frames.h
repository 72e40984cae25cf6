#ifndef CDP_STORE_FRAMES_H
#define CDP_STORE_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/str.h"

/*
 * frames: what some frames of a log hold, unpacked and in memory.
 *
 * To unpack one costs as much as a thousand looks at it.  When they are more
 * bytes than max_bytes those go that were not looked at for the longest time;
 * the newest one stays, whatever its size.
 */
struct cdp_frames { /* an empty one is { 0 } */
	struct cdp_held **chain;
	size_t nchain; /* a power of two */
	struct cdp_held *newest, *oldest;
	size_t n, bytes, max_bytes;
};

/* The frame at off of segment seg, or false.  Valid until the next add. */
bool cdp_frames_find(
    struct cdp_frames *fs, uint64_t seg, uint64_t off, struct cdp_str *ret);

/* One that is not there yet; raw is copied, and ret is the copy. */
void cdp_frames_add(struct cdp_frames *fs, uint64_t seg, uint64_t off,
    struct cdp_str raw, struct cdp_str *ret);

/* Let go of all of them; max_bytes stays. */
void cdp_frames_drop(struct cdp_frames *fs);

#endif
