#ifndef CDP_BASE_RANGES_H
#define CDP_BASE_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * ranges: a set of numbers, cheap while they are dense.
 *
 * Sorted disjoint intervals; adding the successor of the last number is O(1),
 * asking is O(log n).  An empty one is { 0 }.
 */
struct cdp_range {
	uint64_t from;
	uint64_t to; /* inclusive */
};

struct cdp_ranges {
	struct cdp_range *v;
	size_t n;
	size_t cap;
};

/* Add from..to.  True if none of them was there before. */
bool cdp_ranges_add(struct cdp_ranges *r, uint64_t from, uint64_t to);
bool cdp_ranges_has(const struct cdp_ranges *r, uint64_t n);
void cdp_ranges_free(struct cdp_ranges *r);

#endif
