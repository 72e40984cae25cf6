#ifndef CDP_JSON_READ_H
#define CDP_JSON_READ_H

#include "lib/json/tape.h"

/*
 * read: the grammar of RFC 8259, for the tape alone.
 */

/* The most tokens that a text of n bytes can need, legal or not. */
static inline size_t
cdp_read_max(size_t n)
{
	/*
	 * Each but those still open takes two bytes: its own and the comma,
	 * colon or closing bracket behind it.
	 */
	return n / 2 + CDP_JSON_DEPTH + 2;
}

/*
 * Read the text of t into t->tok, which has room for cdp_read_max(t->n).
 *
 * want  set to what would have been legal where reading stopped; untouched
 *       if all of it is one JSON text, and only then t->ntok is set
 *
 * Returns where reading stopped.
 */
const char *cdp_read_text(struct cdp_tape *t, const char **want);

#endif
