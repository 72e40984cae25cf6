#ifndef CDP_RULE_PHONE_H
#define CDP_RULE_PHONE_H

#include "lib/base/arena.h"
#include "lib/base/str.h"

/*
 * phone: telephone numbers as E.164, or not at all.
 *
 * Digits may be grouped by blanks, dots, hyphens, slashes and parentheses.  A
 * number that begins with + or 00 is international; any other is read by the
 * rules of a region (BR US CA PT DE GB FR ES IT NL: country code, trunk
 * prefix, lengths and first digits).  What could be two numbers, or is none,
 * is refused: a wrong number would join strangers.
 */

/* 0 with "+" and 8 to 15 digits made in mem, or CDP_EDATA without a message. */
int cdp_phone_normalize(struct cdp_str s, struct cdp_str region,
    struct cdp_arena *mem, struct cdp_str *ret);

#endif
