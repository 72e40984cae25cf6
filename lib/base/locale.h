#ifndef CDP_BASE_LOCALE_H
#define CDP_BASE_LOCALE_H

#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/dec.h"
#include "lib/base/err.h"

/*
 * locale: numbers, money and dates as people of a place write them.
 *
 * Ours, not the system's: what is written must not depend on what a machine has
 * installed.  All blanks are plain ones, so that a text message does not need
 * Unicode for an amount.
 */
struct cdp_locale; /* a constant */

/* By its name, such as "pt-BR", or a language alone; NULL: we have none. */
const struct cdp_locale *cdp_locale_find(struct cdp_str name);

/* All names, up to NULL. */
extern const char *const cdp_locale_names[];

/*
 * Append d with thousands apart.
 *
 * digits  behind the point, rounded half away from zero; -1: as many as it has
 */
void cdp_locale_number(struct cdp_buf *b, const struct cdp_locale *lo,
    struct cdp_dec d, int digits);

/* The same as an amount of a currency, by its code of ISO 4217: "R$ 1.234,50".
 * 0, or CDP_EDATA if code is none. */
int cdp_locale_money(struct cdp_buf *b, const struct cdp_locale *lo,
    struct cdp_dec d, struct cdp_str code, struct cdp_err *err);

/*
 * Append a date.
 *
 * local_ms  the instant, and what clocks there are ahead of UTC
 * form      "short", "long" or "time"; or with %d %m %Y %y %H %M %S %I %p %j,
 *           the names %B %b %A %a, and %%; %-d is without a zero in front
 *
 * 0, or CDP_EDATA if form has something else.
 */
int cdp_locale_date(struct cdp_buf *b, const struct cdp_locale *lo,
    int64_t local_ms, struct cdp_str form, struct cdp_err *err);

#endif
