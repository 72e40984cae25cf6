#ifndef CDP_JSON_JQPATHS_H
#define CDP_JSON_JQPATHS_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/json/tape.h"

/*
 * jqpaths: what of its input a jq program can see.
 *
 * libjq reads its input at a twenty-fifth of the speed of the tape, so a
 * program is better given what it looks at than the whole line; and one whose
 * part of the input is the same as last time need not run again.  This
 * understands two shapes, ".a.b | anything" and expressions of paths,
 * constants, operators and "if" without a pipe; of every other program it
 * says that it may see all, which is always true.
 */
struct cdp_jqpaths {
	bool all;
	struct cdp_path *v; /* of one segment, or cut to two */
	size_t n;
};

/* Look at a program; what is found lives in mem, the text must too. */
void cdp_jqpaths_find(
    struct cdp_str text, struct cdp_arena *mem, struct cdp_jqpaths *ret);

/*
 * Append the part of the value at that the program can see: on it, it gives
 * the same as on the whole.
 */
void cdp_jqpaths_narrow(struct cdp_buf *b, const struct cdp_jqpaths *paths,
    const struct cdp_tape *t, uint32_t at);

#endif
