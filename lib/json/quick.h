#ifndef CDP_JSON_QUICK_H
#define CDP_JSON_QUICK_H

#include "lib/json/read.h"

/*
 * quick: the grammar once more, for texts of the usual sort.
 *
 * To look for the end of one string after the other is to wait for each before
 * the next can begin.  Where no backslash and no control character is, each
 * quote begins or ends a string, so all of them are found first, many bytes at
 * a time, and reading is told where the next one is.
 */

/* How many tokens t->tok needs: the quotes go behind those of the text. */
static inline size_t
cdp_quick_max(size_t n)
{
	return cdp_read_max(n) + n / 4 + 17;
}

/*
 * As cdp_read_text().  False, with no more than t->tok changed, if the text
 * is of another sort, or no JSON; if t->cap is less than it needs, or the
 * machine has no fast way.
 */
bool cdp_quick_text(struct cdp_tape *t);

#endif
