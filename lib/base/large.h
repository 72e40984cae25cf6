#ifndef CDP_BASE_LARGE_H
#define CDP_BASE_LARGE_H

#include <stddef.h>

/*
 * large: memory of megabytes in large pages.
 *
 * What is filled from its front to its end, or asked for at random, costs
 * more by the faults and look-ups of its small pages than by what is done
 * there.  Large pages move as they are when it grows: no copy, and no second
 * time that the system clears them.
 */
#define CDP_LARGE ((size_t)2 << 20) /* from here on it is worth it */

/*
 * p, of old bytes from here or NULL and 0, grown to n bytes; the new ones are
 * zero.  Or the process ends (mem.h).
 */
void *cdp_large_grow(void *p, size_t old, size_t n);
void cdp_large_free(void *p, size_t n);

#endif
