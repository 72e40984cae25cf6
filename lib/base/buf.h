#ifndef CDP_BASE_BUF_H
#define CDP_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lib/base/str.h"

/*
 * buf: bytes that grow, up to a ceiling, and are reused.
 *
 * An empty one is { 0 }: its ceiling is CDP_BUF_MAX.  What would pass the
 * ceiling is not added and sets over, which stays set until the next reset;
 * so a writer checks once, at the end.  What p points to is not from malloc().
 */
#define CDP_BUF_MAX ((size_t)1 << 30)

struct cdp_buf {
	char *p;
	size_t n;
	size_t cap;
	size_t max; /* 0 means CDP_BUF_MAX */
	bool over;
};

void cdp_buf_free(struct cdp_buf *b);

static inline void
cdp_buf_reset(struct cdp_buf *b)
{
	b->n = 0;
	b->over = false;
}

static inline struct cdp_str
cdp_buf_str(const struct cdp_buf *b)
{
	return (struct cdp_str){ b->p, b->n };
}

/*
 * Room for n more bytes at b->p + b->n; the caller adds what it wrote to
 * b->n.  NULL, with over set, past the ceiling.
 */
char *cdp_buf_grow(struct cdp_buf *b, size_t n); /* there is none yet */

static inline char *
cdp_buf_room(struct cdp_buf *b, size_t n)
{
	return n <= b->cap - b->n ? b->p + b->n : cdp_buf_grow(b, n);
}

static inline void
cdp_buf_put(struct cdp_buf *b, struct cdp_str s)
{
	char *p;

	if (s.n != 0 && (p = cdp_buf_room(b, s.n)) != NULL) {
		memcpy(p, s.p, s.n);
		b->n += s.n;
	}
}

static inline void
cdp_buf_putc(struct cdp_buf *b, char c)
{
	char *p = cdp_buf_room(b, 1);

	if (p != NULL) {
		*p = c;
		b->n++;
	}
}

static inline void
cdp_buf_puts(struct cdp_buf *b, const char *z)
{
	cdp_buf_put(b, cdp_str_of(z));
}

void cdp_buf_printf(struct cdp_buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Decimal digits of v. */
void cdp_buf_i64(struct cdp_buf *b, int64_t v);
void cdp_buf_u64(struct cdp_buf *b, uint64_t v);

/* Drop the first n bytes. */
void cdp_buf_drop(struct cdp_buf *b, size_t n);

/* A terminator behind the end that n does not count; returns b->p. */
char *cdp_buf_cstr(struct cdp_buf *b);

#endif
