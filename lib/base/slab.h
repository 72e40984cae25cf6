#ifndef CDP_BASE_SLAB_H
#define CDP_BASE_SLAB_H

#include <stddef.h>

/*
 * slab: many small pieces of memory that live long.
 *
 * They stand side by side in pages of their own, so that what comes and goes
 * between them leaves no holes; a piece that was given back serves the next of
 * its size.  Whoever gives one back knows its size.  An empty one is { 0 }.
 */
#define CDP_SLAB_STEP 16
#define CDP_SLAB_MAX 2048 /* larger pieces are malloc's */

struct cdp_slab {
	void *spare[CDP_SLAB_MAX / CDP_SLAB_STEP + 1]; /* by size; linked */
	void *page;                                    /* the newest; linked */
	size_t used;                                   /* of it */
};

/* n bytes, zeroed, aligned for any struct. */
void *cdp_slab_get(struct cdp_slab *sl, size_t n);

/* p is not used any more; n is what was asked for. */
void cdp_slab_put(struct cdp_slab *sl, void *p, size_t n);

/* All pages; larger pieces must have been given back. */
void cdp_slab_free(struct cdp_slab *sl);

#endif
