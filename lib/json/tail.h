#ifndef CDP_JSON_TAIL_H
#define CDP_JSON_TAIL_H

#include "lib/base/buf.h"
#include "lib/json/line.h"

/*
 * tail: a line of ours from its end, without reading the rest.
 *
 * A stage puts its "cdp" at the end of a line, so there it can be found, and
 * what the next stage adds is spliced in before it.  That this comes to the
 * same as to read the line is a fact about its bytes, which only reading can
 * find out (cdp_tail_is); whoever knows that these bytes were read once (see
 * lib/store/stretch.h) need not do so again.
 */
struct cdp_tail {
	size_t at; /* of the comma before "cdp" */
	struct cdp_str o;
	uint64_t n;
};

/*
 * What stands at the end of raw, if that looks like ,"cdp":{"o":"O","n":N}}
 * as we write it.
 */
bool cdp_tail_find(struct cdp_str raw, struct cdp_tail *ret);

/*
 * Whether cdp_tail_find() finds in ln->raw what reading found, which ret
 * receives, and cdp_tail_put() does, with any edit that sets name and nothing
 * else, what cdp_json_splice() does.
 *
 * name  "profile", "profile.audiences", or "": only without an edit
 */
bool cdp_tail_is(
    const struct cdp_line *ln, struct cdp_str name, struct cdp_tail *ret);

/*
 * Whether cdp_tail_put() can: edit, one for cdp_json_splice_one() or empty,
 * sets name, and there is what it is to be set in.
 */
bool cdp_tail_takes(struct cdp_str raw, const struct cdp_tail *tail,
    struct cdp_str edit, struct cdp_str name);

/*
 * Append raw with edit applied, and with another "cdp".
 *
 * member  the new "cdp" up to its origin: "cdp":{"o":"main.merge",
 * n       its number
 */
void cdp_tail_put(struct cdp_buf *b, struct cdp_str raw,
    const struct cdp_tail *tail, struct cdp_str edit, struct cdp_str name,
    struct cdp_str member, uint64_t n);

#endif
