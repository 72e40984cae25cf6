#ifndef CDP_JSON_NAMES_H
#define CDP_JSON_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/str.h"

/*
 * names: the members of one object of a tape, by their names.
 *
 * To look for one name is to walk the object, and events are asked for a
 * dozen, most of which are not there.  So the first walk makes a list in which
 * many are looked at at once; the tape does it by itself.
 */
#define CDP_NAMES_MAX 32

struct cdp_tape;

struct cdp_names {
	uint32_t at;   /* the object; CDP_NOTOK: none */
	uint32_t none; /* one that can have no list */
	uint32_t n;
	uint8_t sign[CDP_NAMES_MAX]; /* other names mostly have another one */
	uint32_t key[CDP_NAMES_MAX];
};

/* Forget it: the tape reads another text. */
static inline void
cdp_names_reset(struct cdp_names *x)
{
	x->at = x->none = UINT32_MAX;
	x->n = 0;
}

/* Of its first and last byte and its length. */
#define CDP_NAMES_SIGN(first, last, n)                                         \
	((uint8_t)((unsigned)(first) + 8 * (unsigned)(last) +                  \
	    29 * (unsigned)(n)))

static inline uint8_t
cdp_names_sign(struct cdp_str s)
{
	return s.n == 0 ? 0 : CDP_NAMES_SIGN(s.p[0], s.p[s.n - 1], s.n);
}

/*
 * One more member, whose key is token i and not escaped, while whoever walks
 * the object sets at when all are there; false if there are too many.
 */
static inline bool
cdp_names_add(struct cdp_names *x, uint32_t i, uint8_t sign)
{
	if (x->n == CDP_NAMES_MAX)
		return false;
	x->sign[x->n] = sign;
	x->key[x->n++] = i;
	return true;
}

/*
 * Make the list of the object at: false, and there is none, if it has too
 * many members or an escaped name.
 */
bool cdp_names_make(struct cdp_names *x, const struct cdp_tape *t, uint32_t at);

/* As cdp_tape_get() of that object. */
uint32_t cdp_names_get(
    const struct cdp_names *x, const struct cdp_tape *t, struct cdp_str key);

#endif
