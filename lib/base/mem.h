#ifndef CDP_BASE_MEM_H
#define CDP_BASE_MEM_H

#include <stddef.h>

#include "lib/base/str.h"

/*
 * mem: memory that is there or the program is not.
 *
 * Each ends the process with a message on standard error and status 74 when
 * memory is short, and on a size that overflows.
 */
_Noreturn void cdp_mem_short(size_t n); /* wanted so many bytes */
void *cdp_xmalloc(size_t n);
void *cdp_xcalloc(size_t n, size_t size);
void *cdp_xreallocarray(void *p, size_t n, size_t size);
char *cdp_xstrdup(const char *z);

/* A terminated copy of s, to be freed by the caller. */
char *cdp_xstrndup(struct cdp_str s);

/* The same as a string, for cdp_mem_disown(); of an empty one, an empty one. */
struct cdp_str cdp_mem_own(struct cdp_str s);
void cdp_mem_disown(struct cdp_str *s);

#endif
