#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/slab.h"

#define PAGE ((size_t)256 << 10)

static size_t
steps(size_t n)
{
	return (n + CDP_SLAB_STEP - 1) / CDP_SLAB_STEP;
}

/* Each page begins with the one before it. */
static void *
fresh(struct cdp_slab *sl, size_t n)
{
	void **page;
	char *p;

	if (sl->page == NULL || sl->used + n > PAGE) {
		page = cdp_xmalloc(PAGE);
		*page = sl->page;
		sl->page = page;
		sl->used = CDP_SLAB_STEP;
	}
	p = (char *)sl->page + sl->used;
	sl->used += n;
	return p;
}

void *
cdp_slab_get(struct cdp_slab *sl, size_t n)
{
	void **p;

	if (n > CDP_SLAB_MAX)
		return cdp_xcalloc(1, n);
	p = sl->spare[steps(n)];
	if (p != NULL)
		sl->spare[steps(n)] = *p;
	else
		p = fresh(sl, steps(n) * CDP_SLAB_STEP);
	return memset(p, 0, n);
}

void
cdp_slab_put(struct cdp_slab *sl, void *p, size_t n)
{
	if (n > CDP_SLAB_MAX) {
		free(p);
		return;
	}
	*(void **)p = sl->spare[steps(n)];
	sl->spare[steps(n)] = p;
}

void
cdp_slab_free(struct cdp_slab *sl)
{
	void **page = sl->page, *next;

	for (; page != NULL; page = next) {
		next = *page;
		free(page);
	}
	*sl = (struct cdp_slab){ 0 };
}
