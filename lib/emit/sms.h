#ifndef CDP_EMIT_SMS_H
#define CDP_EMIT_SMS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/str.h"

/*
 * sms: how a text is cut into messages, and paid for.
 *
 * The alphabet of GSM 03.38 has seven bits: 160 characters fit into one
 * message, 153 into each of several; those of its extension table count twice
 * and are not cut.  A text with any other character goes as UCS-2: 70, or 67
 * units of UTF-16, of which a pair is not cut.
 */
struct cdp_sms {
	bool ucs2;
	size_t length;      /* septets, or units of UTF-16 */
	size_t segments;    /* 1 of an empty text */
	struct cdp_str odd; /* the first character that is not of GSM */
};

/* text is UTF-8. */
void cdp_sms_count(struct cdp_str text, struct cdp_sms *ret);

/* The bytes of the first segment of what is left of a text so counted. */
size_t cdp_sms_cut(const struct cdp_sms *sms, struct cdp_str rest);

#endif
