#ifndef CDP_BASE_TIME_H
#define CDP_BASE_TIME_H

#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/str.h"

/*
 * time: instants as milliseconds since 1970 UTC, and lengths of time.
 *
 * Instants are read and written as RFC 3339.  Leap seconds (:60) are taken
 * as :59.  Digits of a second beyond the third are dropped.
 */
#define CDP_TIME_NONE INT64_MIN
#define CDP_TIME_MIN (-62167219200000) /* 0000-01-01T00:00:00.000Z */
#define CDP_TIME_END 253402300799999   /* 9999-12-31T23:59:59.999Z */
#define CDP_TIME_SIZE 25               /* with the terminator */

/*
 * Read an instant: "2016-08-01T07:43:40.000Z" and its kin (any offset,
 * also "+02", any number of digits, "t", "z" and a blank for "T").  Returns 0,
 * or CDP_EDATA without a message.  A time zone is required.  The usual form
 * costs 10 ns.
 */
int cdp_time_parse(struct cdp_str s, int64_t *ret);

/* As above, and "2025-03-03" (midnight UTC), "@SECONDS": for options. */
int cdp_time_option(struct cdp_str s, int64_t *ret);

/* Write "2016-08-01T07:43:40.000Z" and a terminator. */
void cdp_time_format(int64_t ms, char ret[CDP_TIME_SIZE]);

/*
 * Read a length of time: a whole number and ms, s, m, h, d or w ("30m"), or
 * several ("1h30m").  CDP_EDATA without a message otherwise.
 */
int cdp_time_duration(struct cdp_str s, int64_t *ret);

/* Write it back: "90m", "24h", "14d", in the largest unit that divides it, days
 * from two on.  ret holds 24. */
void cdp_time_duration_format(int64_t ms, char ret[24]);

#endif
