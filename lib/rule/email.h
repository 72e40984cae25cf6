#ifndef CDP_RULE_EMAIL_H
#define CDP_RULE_EMAIL_H

#include "lib/base/arena.h"
#include "lib/base/str.h"

/*
 * email: addresses in one spelling.
 *
 * Case is folded on both sides of the @, Unicode is NFC, and a domain with
 * letters beyond ASCII becomes what the name system asks for (IDNA2008,
 * "xn--"): the two spellings are one address.
 */

/*
 * 0 with the address made in mem; CDP_EDATA, without a message, if s is not
 * one @ with something on both sides, has blanks or control characters within,
 * or has a domain that cannot be one.
 */
int cdp_email_normalize(
    struct cdp_str s, struct cdp_arena *mem, struct cdp_str *ret);

#endif
