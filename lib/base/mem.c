#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/err.h"
#include "lib/base/mem.h"

_Noreturn void
cdp_mem_short(size_t n)
{
	fprintf(stderr, "cdp: out of memory (%zu bytes)\n", n);
	_Exit(CDP_EXIT_IO);
}

static void *
must(void *p, size_t n)
{
	if (p == NULL && n != 0)
		cdp_mem_short(n);
	return p;
}

void *
cdp_xmalloc(size_t n)
{
	return must(malloc(n), n);
}

void *
cdp_xcalloc(size_t n, size_t size)
{
	return must(calloc(n, size), n);
}

void *
cdp_xreallocarray(void *p, size_t n, size_t size)
{
	return must(reallocarray(p, n, size), n);
}

char *
cdp_xstrdup(const char *z)
{
	return cdp_xstrndup(cdp_str_of(z));
}

char *
cdp_xstrndup(struct cdp_str s)
{
	char *p = cdp_xmalloc(s.n + 1);

	if (s.n != 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

struct cdp_str
cdp_mem_own(struct cdp_str s)
{
	return (struct cdp_str){ s.n != 0 ? cdp_xstrndup(s) : NULL, s.n };
}

void
cdp_mem_disown(struct cdp_str *s)
{
	free((void *)(uintptr_t)s->p);
	*s = (struct cdp_str){ NULL, 0 };
}
