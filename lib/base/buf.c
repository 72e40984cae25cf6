#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/buf.h"
#include "lib/base/large.h"
#include "lib/base/mem.h"

static void
let_go(struct cdp_buf *b)
{
	if (b->cap < CDP_LARGE)
		free(b->p);
	else
		cdp_large_free(b->p, b->cap);
}

static char *
resize(struct cdp_buf *b, size_t cap)
{
	char *p;

	if (cap < CDP_LARGE)
		return cdp_xreallocarray(b->p, cap, 1);
	if (b->cap >= CDP_LARGE)
		return cdp_large_grow(b->p, b->cap, cap);
	p = cdp_large_grow(NULL, 0, cap);
	if (b->n != 0)
		memcpy(p, b->p, b->n);
	free(b->p);
	return p;
}

void
cdp_buf_free(struct cdp_buf *b)
{
	let_go(b);
	b->p = NULL;
	b->n = b->cap = 0;
	b->over = false;
}

char *
cdp_buf_grow(struct cdp_buf *b, size_t n)
{
	size_t max = b->max != 0 ? b->max : CDP_BUF_MAX;
	size_t cap;

	if (n > max || b->n > max - n) {
		b->over = true;
		return NULL;
	}
	for (cap = b->cap != 0 ? b->cap : 256; cap - b->n < n;)
		cap *= 2;
	if (cap > max)
		cap = max;
	b->p = resize(b, cap);
	b->cap = cap;
	return b->p + b->n;
}

void
cdp_buf_printf(struct cdp_buf *b, const char *fmt, ...)
{
	va_list ap, again;
	char *p;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if ((p = cdp_buf_room(b, (size_t)n + 1)) != NULL) {
		vsnprintf(p, (size_t)n + 1, fmt, again);
		b->n += (size_t)n;
	}
	va_end(again);
}

/* How many digits v has. */
static size_t
digits(uint64_t v)
{
	size_t n = 1;

	for (; v >= 10000; v /= 10000)
		n += 4;
	return n + (v >= 10) + (v >= 100) + (v >= 1000);
}

/*
 * Two at a time, for a division costs more than all else here; to where they
 * belong, for to read them soon from elsewhere is to wait until they are there.
 */
void
cdp_buf_u64(struct cdp_buf *b, uint64_t v)
{
	static const char two[] = "00010203040506070809"
				  "10111213141516171819"
				  "20212223242526272829"
				  "30313233343536373839"
				  "40414243444546474849"
				  "50515253545556575859"
				  "60616263646566676869"
				  "70717273747576777879"
				  "80818283848586878889"
				  "90919293949596979899";
	size_t n = digits(v);
	char *p = cdp_buf_room(b, n);

	if (p == NULL)
		return;
	b->n += n;
	for (; n > 1; v /= 100)
		memcpy(p + (n -= 2), two + v % 100 * 2, 2);
	if (n != 0)
		*p = (char)('0' + v);
}

void
cdp_buf_i64(struct cdp_buf *b, int64_t v)
{
	if (v < 0)
		cdp_buf_putc(b, '-');
	cdp_buf_u64(b, v < 0 ? -(uint64_t)v : (uint64_t)v);
}

void
cdp_buf_drop(struct cdp_buf *b, size_t n)
{
	if (n != 0) {
		b->n -= n;
		memmove(b->p, b->p + n, b->n);
	}
}

char *
cdp_buf_cstr(struct cdp_buf *b)
{
	char *p = cdp_buf_room(b, 1);

	if (p != NULL)
		*p = '\0';
	return b->p;
}
