#ifndef CDP_BASE_UTF8_H
#define CDP_BASE_UTF8_H

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

/* The length of the longest valid UTF-8 prefix of s (RFC 3629).  O(n). */
size_t cdp_utf8_valid(struct cdp_str s);

/* Write c, a scalar value, to p (4 bytes of room); the bytes written. */
size_t cdp_utf8_put(char *p, uint32_t c);

/*
 * NFC with full case folding, in mem, by utf8proc; CDP_EDATA on bad UTF-8.
 * Text that is all ASCII is only lowered, without utf8proc.
 */
int cdp_utf8_fold(struct cdp_str s, struct cdp_arena *mem, struct cdp_str *ret,
    struct cdp_err *err);

/*
 * s for a terminal: control characters, DEL, C1 and bad bytes as \xNN.
 */
struct cdp_str cdp_utf8_printable(struct cdp_str s, struct cdp_arena *mem);

#endif
