#ifndef CDP_BASE_REGEX_H
#define CDP_BASE_REGEX_H

#include <stdbool.h>

#include "lib/base/err.h"
#include "lib/base/str.h"

/*
 * regex: PCRE2 with UTF, JIT and limits, for patterns in definitions.
 *
 * Unanchored, as in JSON Schema.  A pattern that passes its match limit
 * counts as not matching and says so.
 */
struct cdp_regex; /* opaque */

/* CDP_ECONF with PCRE2's message and the offset. */
int cdp_regex_compile(
    struct cdp_str pattern, struct cdp_regex **ret, struct cdp_err *err);
void cdp_regex_free(struct cdp_regex *re);

/* limit (may be NULL) is set to true if the match was given up. */
bool cdp_regex_match(const struct cdp_regex *re, struct cdp_str s, bool *limit);

#endif
