#ifndef CDP_JSON_JQFORMAT_H
#define CDP_JSON_JQFORMAT_H

#include <jv.h>

#include "lib/base/locale.h"
#include "lib/base/map.h"

/*
 * jqformat: number, currency and date, the functions of ours that write for
 * people, and seconds, which reads what they read; part of jq.c.
 */
struct cdp_jqformat {
	const struct cdp_locale *locale; /* NULL: en-US */
	struct cdp_str currency, zone; /* by default; borrowed, may be empty */
	struct cdp_map zones;          /* by name: read once */
	struct cdp_buf out;
};

/*
 * Answer a call.
 *
 * name  "number", "currency", "date" or "seconds"
 * args  [input, argument...], where null is one that was not given; taken
 *
 * A string, or of seconds a number; or an invalid value with a message.
 */
jv cdp_jqformat_call(struct cdp_jqformat *f, const char *name, jv args);

void cdp_jqformat_free(struct cdp_jqformat *f);

#endif
