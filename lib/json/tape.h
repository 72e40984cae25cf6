#ifndef CDP_JSON_TAPE_H
#define CDP_JSON_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/json/names.h"

/*
 * tape: one JSON text as a flat array of tokens over the borrowed bytes.
 *
 * Nothing is copied, decoded or converted until it is asked for.  A value is
 * named by the index of its token: the root is 0, CDP_NOTOK is "not there",
 * and every function that takes a value accepts CDP_NOTOK and then finds
 * nothing.  In an object each member is its key's token (a string) followed by
 * its value's.
 *
 * Strict RFC 8259.  What it leaves open: numbers may be of any size and keep
 * their digits; text that is not UTF-8, a byte order mark and lone surrogates
 * in escapes are refused; "\u0000" is a character like any other; depth is
 * limited; of duplicate keys the last wins.
 *
 * What comes from outside should nest no deeper than CDP_JSON_OUTER (see
 * depth), so that what stages wrap around it can still be read.
 */
#define CDP_NOTOK UINT32_MAX
#define CDP_JSON_DEPTH 128
#define CDP_JSON_OUTER 64
#define CDP_JSON_MAX ((size_t)16 << 20)

enum cdp_kind {
	CDP_NULL,
	CDP_FALSE,
	CDP_TRUE,
	CDP_NUM,
	CDP_STRING,
	CDP_ARRAY,
	CDP_OBJECT
};

/*
 * off, len: the value's bytes in the text; of a string without its quotes.
 * next: the index behind the value and all it holds.
 */
struct cdp_tok {
	uint32_t off;
	uint32_t len;
	uint32_t next;
	uint8_t kind;
	uint8_t escaped; /* a string with a backslash in it */
};

/* An empty one is { 0 }; it is reused from text to text. */
struct cdp_tape {
	const char *p; /* the text, borrowed */
	size_t n;
	struct cdp_tok *tok;
	uint32_t ntok;
	uint32_t cap;
	uint32_t depth;          /* how deep it nests: 0 for a scalar */
	struct cdp_names *names; /* of the root and of others; or NULL */
};

/*
 * Read one JSON text that fills s (white space around it is allowed).
 *
 * Returns 0; or CDP_EDATA with rule "bad_json" and the byte column (from 1)
 * in the message, the tape then empty.  s.n is at most CDP_JSON_MAX.  s is
 * borrowed until the next call.  No allocation once the tape is big enough: it
 * keeps 12 bytes for each byte of its longest text.
 */
int cdp_tape_parse(struct cdp_tape *t, struct cdp_str s, struct cdp_err *err);
void cdp_tape_free(struct cdp_tape *t);

static inline enum cdp_kind
cdp_tape_kind(const struct cdp_tape *t, uint32_t at)
{
	return at == CDP_NOTOK ? CDP_NULL : (enum cdp_kind)t->tok[at].kind;
}

static inline bool
cdp_tape_isa(const struct cdp_tape *t, uint32_t at, enum cdp_kind kind)
{
	return at != CDP_NOTOK && t->tok[at].kind == kind;
}

/*
 * The member of that (decoded) name in the object at, or CDP_NOTOK.  Who asks
 * a bigger object again waits for no walk.
 */
uint32_t cdp_tape_get(
    const struct cdp_tape *t, uint32_t at, struct cdp_str key);

/* The value's own bytes, quotes included: what a splice copies. */
static inline struct cdp_str
cdp_tape_raw(const struct cdp_tape *t, uint32_t at)
{
	unsigned quote;

	if (at == CDP_NOTOK)
		return (struct cdp_str){ NULL, 0 };
	quote = t->tok[at].kind == CDP_STRING;
	return (struct cdp_str){ t->p + t->tok[at].off - quote,
		t->tok[at].len + 2 * quote };
}

/* A string's bytes with each escape decoded, made in mem. */
struct cdp_str cdp_tape_decode(
    const struct cdp_tape *t, uint32_t at, struct cdp_arena *mem);

/*
 * A string's decoded bytes: borrowed from the text if nothing is escaped,
 * else made in mem.  An empty string for anything that is no string.
 */
static inline struct cdp_str
cdp_tape_str(const struct cdp_tape *t, uint32_t at, struct cdp_arena *mem)
{
	if (!cdp_tape_isa(t, at, CDP_STRING))
		return (struct cdp_str){ "", 0 };
	if (t->tok[at].escaped)
		return cdp_tape_decode(t, at, mem);
	return (struct cdp_str){ t->p + t->tok[at].off, t->tok[at].len };
}

/* Whether the value is a string that decodes to s.  No allocation. */
bool cdp_tape_streq(const struct cdp_tape *t, uint32_t at, struct cdp_str s);

/*
 * The order of two strings' decoded bytes: negative, 0 or positive.  Both
 * must be strings.
 */
int cdp_tape_strcmp(
    const struct cdp_tape *t, uint32_t i, const struct cdp_tape *u, uint32_t j);

/*
 * A number as a double (correctly rounded, so 1e400 is an infinity), or as an
 * integer if it is written as one and fits; false for anything else.
 */
bool cdp_tape_double(const struct cdp_tape *t, uint32_t at, double *ret);
bool cdp_tape_i64(const struct cdp_tape *t, uint32_t at, int64_t *ret);

/*
 * Walk an object or array: *it starts at 0; false at the end.  For an array
 * *key is CDP_NOTOK.
 */
static inline bool
cdp_tape_next(const struct cdp_tape *t, uint32_t at, uint32_t *it,
    uint32_t *key, uint32_t *val)
{
	uint32_t i = *it;

	if (at == CDP_NOTOK || t->tok[at].kind < CDP_ARRAY)
		return false;
	if (i == 0)
		i = at + 1;
	if (i >= t->tok[at].next)
		return false;
	*key = CDP_NOTOK;
	if (t->tok[at].kind == CDP_OBJECT)
		*key = i++;
	*val = i;
	*it = t->tok[i].next;
	return true;
}

/* How many members or elements; 0 for a scalar.  O(members). */
size_t cdp_tape_count(const struct cdp_tape *t, uint32_t at);

/*
 * The keys of the object at in the order of their bytes, each once (of equal
 * ones the last), their number in *ret; to be freed by the caller.
 */
uint32_t *cdp_tape_sorted(const struct cdp_tape *t, uint32_t at, size_t *ret);

/*
 * Deep equality as JSON: numbers by value (all digits count), objects without
 * order.  CDP_NOTOK equals only itself.  Allocates for objects.
 */
bool cdp_tape_equal(
    const struct cdp_tape *a, uint32_t i, const struct cdp_tape *b, uint32_t j);

/*
 * path: the way to a member, "properties.total".
 *
 * Compiled once; a backslash makes the next character ordinary ("a\\.b").
 * Numbers name array elements.
 */
struct cdp_path {
	struct cdp_str text; /* as written */
	const struct cdp_str *seg;
	size_t n;
};

/* Compile into mem: 0, or CDP_ECONF for an empty path or segment. */
int cdp_path_compile(struct cdp_str s, struct cdp_arena *mem,
    struct cdp_path *ret, struct cdp_err *err);

/* The value there from at, or CDP_NOTOK. */
uint32_t cdp_tape_path(
    const struct cdp_tape *t, uint32_t at, const struct cdp_path *path);

#endif
