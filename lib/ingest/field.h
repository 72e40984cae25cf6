#ifndef CDP_INGEST_FIELD_H
#define CDP_INGEST_FIELD_H

#include "lib/base/buf.h"
#include "lib/base/map.h"
#include "lib/json/tape.h"

/*
 * field: what all values at one place of an event had in common (infer.h).
 */
#define CDP_FIELD_VALUES 8       /* distinct ones of an enumeration */
#define CDP_FIELD_VALUE_BYTES 32 /* of each */

struct cdp_field {
	struct cdp_str name;
	uint64_t n;       /* values, null among them */
	uint64_t objects; /* of those that were objects */
	uint64_t strings; /* and strings */
	unsigned kinds;   /* bits of enum cdp_kind */
	bool fraction;    /* some number was not whole */
	unsigned formats; /* bits of those that all strings had */
	struct cdp_str value[CDP_FIELD_VALUES];
	size_t nvalue;          /* CDP_FIELD_VALUES + 1: too many */
	struct cdp_map kid;     /* members of objects, by name */
	bool wide;              /* too many to be names */
	struct cdp_field *item; /* what arrays have, or NULL */
	struct cdp_field *next; /* of all there are */
};

/* All fields, in one arena.  An empty one is { 0 }. */
struct cdp_fields {
	struct cdp_arena mem;
	struct cdp_field *all;
	size_t n;
};

void cdp_fields_free(struct cdp_fields *fs);

/*
 * Note the value at.  *f is made when it is NULL, unless there are too many;
 * depth is 0 for the properties themselves.
 */
void cdp_field_see(struct cdp_fields *fs, struct cdp_field **f,
    const struct cdp_tape *t, uint32_t at, unsigned depth);

/* Whether there is nothing to say of its members. */
bool cdp_field_is_bare(const struct cdp_field *f);

/*
 * Write the keywords of an object, a line each, in columns from in.  A member
 * is required that was there in each of n.
 */
void cdp_field_put_object(
    struct cdp_buf *b, const struct cdp_field *f, uint64_t n, size_t in);

/* A name or value as YAML, in quotes where it must be. */
void cdp_field_put_name(struct cdp_buf *b, struct cdp_str s);

#endif
