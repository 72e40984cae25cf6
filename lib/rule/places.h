#ifndef CDP_RULE_PLACES_H
#define CDP_RULE_PLACES_H

#include "lib/rule/yaml.h"

/*
 * places: where in a text a byte stands, in lines and columns.
 *
 * Lines end at newlines and columns are bytes, as editors and compilers have
 * it.  libyaml counts characters instead, and takes NEL, LS and PS for line
 * ends too.
 */
struct cdp_places {
	const char *file;
	struct cdp_str text; /* borrowed */
	uint32_t *line;	     /* offset of each line */
	size_t nline;
	uint32_t *at; /* offset of each character; NULL: all ASCII */
	size_t nat;
};

/* Both names are borrowed.  O(text). */
void cdp_places_init(struct cdp_places *p, const char *file,
    struct cdp_str text);
void cdp_places_free(struct cdp_places *p);

/* The offset of the character of that index, at most the text's length. */
size_t cdp_places_byte(const struct cdp_places *p, size_t index);

/* From and to are offsets; what passes the line's end is cut.  O(log lines) */
struct cdp_mark cdp_places_mark(const struct cdp_places *p, size_t from,
    size_t to);

#endif
