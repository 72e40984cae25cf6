#ifndef CDP_JSON_JQPLAIN_H
#define CDP_JSON_JQPLAIN_H

#include "lib/base/buf.h"
#include "lib/json/tape.h"

/*
 * jqplain: jq programs that need no jq.
 *
 * Most of what a project writes is a path (".profile.traits.email") or a text
 * with paths in it ("\"Hi \\(.kept.name)\"").  On the usual input, objects all
 * the way to a string or a whole number, such a program has the same result
 * whoever runs it; of every other program, and on every other input, this says
 * that jq is to be asked, and is never wrong about that.
 */
struct cdp_jqplain; /* opaque */

/* NULL if it is of another shape.  text is borrowed. */
struct cdp_jqplain *cdp_jqplain_new(struct cdp_str text);
void cdp_jqplain_free(struct cdp_jqplain *jp);

/* Append the result on the value in t, as JSON.  false: ask jq. */
bool cdp_jqplain_run(const struct cdp_jqplain *jp, const struct cdp_tape *t,
    struct cdp_buf *out);

#endif
