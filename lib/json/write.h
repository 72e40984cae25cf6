#ifndef CDP_JSON_WRITE_H
#define CDP_JSON_WRITE_H

#include "lib/base/buf.h"
#include "lib/json/tape.h"

/*
 * write: making JSON by appending, and changing it by splicing.
 *
 * Nothing here re-serialises what it was not asked to change: a splice copies
 * the line's own bytes and puts new members at the end of their object.
 */

/*
 * s as a JSON string with quotes; the shortest escapes, "/" as it is.  Bytes
 * that are not UTF-8 become U+FFFD each, so the result always is JSON.
 */
void cdp_json_str(struct cdp_buf *b, struct cdp_str s);

/* A comma unless the buffer ends in { or [ . */
void cdp_json_comma(struct cdp_buf *b);

/* ,"key": with the comma unless the buffer ends in { or [.  key is plain. */
void cdp_json_member(struct cdp_buf *b, struct cdp_str key);

/* The same; most keys are literals, whose length the compiler knows. */
static inline void
cdp_json_key(struct cdp_buf *b, const char *key)
{
	cdp_json_member(b, cdp_str_of(key));
}

/* ,"key":"s" and friends, each with cdp_json_key(). */
static inline void
cdp_json_kstr(struct cdp_buf *b, const char *key, struct cdp_str s)
{
	cdp_json_key(b, key);
	cdp_json_str(b, s);
}

static inline void
cdp_json_kraw(struct cdp_buf *b, const char *key, struct cdp_str json)
{
	cdp_json_key(b, key);
	cdp_buf_put(b, json);
}

static inline void
cdp_json_ki64(struct cdp_buf *b, const char *key, int64_t v)
{
	cdp_json_key(b, key);
	cdp_buf_i64(b, v);
}

void cdp_json_ktime(struct cdp_buf *b, const char *key, int64_t ms);

/* The shortest decimal text that reads back as v; CDP_EDATA if not finite. */
int cdp_json_double(struct cdp_buf *b, double v);

/*
 * Append the JSON value at, with members of objects sorted by bytes and no
 * white space: one spelling for one value, for hashing and comparing.
 * Numbers keep all digits (1.0, 1 and 10e-1 are "1"); of duplicate keys the
 * last stays; CDP_NOTOK is null.
 */
void cdp_json_canonical(
    struct cdp_buf *b, const struct cdp_tape *t, uint32_t at);

/*
 * Append line t (an object) with edits applied and "cdp" as its last member.
 *
 * edit  JSON object or empty: each member sets the top-level member of that
 *       name; a name with one dot ("profile.audiences") sets a member inside
 *       a top-level object that is there; the name "-" holds an array of
 *       top-level names to remove.  Members that are replaced lose their old
 *       place and stand at the end, in the edit's order.
 * o, n  origin, plain, and number for the new "cdp" member; o.n == 0: none is
 *       added
 *
 * An old "cdp" is always dropped.  No newline is added.  A name that is removed
 * and set is set.  An inner edit whose object is not there, or is replaced by
 * the same edit, does nothing.  Names are compared decoded; all members of a
 * name go where the line has several.
 *
 * White space stays inside a run of members that stay, not at its ends.  What
 * stays is copied once; with a small edit nothing is allocated.  edit must
 * have been made by us: it is parsed with assert().
 */
void cdp_json_splice(struct cdp_buf *b, const struct cdp_tape *t,
    struct cdp_str edit, struct cdp_str o, uint64_t n);

/*
 * The same with an edit that sets one member and has no white space around
 * its name and value: {"profile":{...}}.  It is not parsed, which for a
 * profile is half of the work.
 */
void cdp_json_splice_one(struct cdp_buf *b, const struct cdp_tape *t,
    struct cdp_str edit, struct cdp_str o, uint64_t n);

/* Whether an object is such an edit. */
bool cdp_json_splice_isone(const struct cdp_tape *edit);

#endif
