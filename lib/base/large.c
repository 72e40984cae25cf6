#include <stdint.h>
#include <sys/mman.h>

#include "lib/base/large.h"
#include "lib/base/mem.h"

static size_t
whole(size_t n)
{
	return (n + CDP_LARGE - 1) & ~(CDP_LARGE - 1);
}

static char *
map(size_t n)
{
	char *p = mmap(NULL, n + CDP_LARGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t skip = -(uintptr_t)p & (CDP_LARGE - 1);

	if (p == MAP_FAILED)
		cdp_mem_short(n);
	if (skip != 0)
		munmap(p, skip);
	munmap(p + skip + n, CDP_LARGE - skip);
	(void)madvise(p + skip, n, MADV_HUGEPAGE);
	return p + skip;
}

void *
cdp_large_grow(void *p, size_t old, size_t n)
{
	char *to = map(whole(n));

	if (old != 0 &&
	    mremap(p, whole(old), whole(n), MREMAP_MAYMOVE | MREMAP_FIXED,
		to) == MAP_FAILED)
		cdp_mem_short(n);
	return to;
}

void
cdp_large_free(void *p, size_t n)
{
	munmap(p, whole(n));
}
