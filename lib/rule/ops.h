#ifndef CDP_RULE_OPS_H
#define CDP_RULE_OPS_H

#include "lib/base/regex.h"
#include "lib/json/tape.h"
#include "lib/rule/yaml.h"

/*
 * ops: operators on one JSON value, and-ed; what where, trait and kept share.
 *
 * A missing value and null satisfy nothing but "exists: false"; so does a
 * value of another type than the operand's ("ne" too: it says that there is a
 * value of this type and that it differs).  Numbers are compared exactly, as
 * they are written.  A string operand that is an instant or a date (midnight
 * UTC) is compared with instants and dates as such.  Relative operands hold at
 * "now": within_last W is v <= now < v + W, within_next W is v - W <= now < v;
 * before W ("at least W ago") is v + W <= now, after W is now < v - W.
 */
struct cdp_loader;

enum cdp_op_kind {
	CDP_OP_EQ,
	CDP_OP_NE,
	CDP_OP_GT,
	CDP_OP_GTE,
	CDP_OP_LT,
	CDP_OP_LTE,
	CDP_OP_IN,
	CDP_OP_NOT_IN,
	CDP_OP_EXISTS,
	CDP_OP_CONTAINS, /* a string; or an element of an array */
	CDP_OP_STARTS,
	CDP_OP_ENDS,
	CDP_OP_MATCHES,
	CDP_OP_BEFORE,
	CDP_OP_AFTER,
	CDP_OP_WITHIN_LAST,
	CDP_OP_WITHIN_NEXT,
	CDP_NOPS
};

/* Names in the order of the kinds, then NULL. */
extern const char *const cdp_ops_names[CDP_NOPS + 1];

struct cdp_const {
	enum cdp_kind kind; /* CDP_NUM, CDP_STRING, CDP_TRUE or CDP_FALSE */
	struct cdp_str s;   /* of a number or string */
	bool instant;       /* a string that is one: ms */
	int64_t ms;
};

/*
 * An operand that is no constant: {trait: PATH}, of the profile; {path: PATH}
 * of the same event; {parent: PATH} of the event in whose where it stands.
 */
enum cdp_ref_of { CDP_REF_TRAIT = 1, CDP_REF_EVENT = 2, CDP_REF_PARENT = 4 };

struct cdp_ref {
	enum cdp_ref_of of;
	struct cdp_path path;
	bool many; /* it is over "$": any one of them (each.h) */
	struct cdp_str
	    audience; /* a trait that is one: being in it; or empty */
	uint32_t col; /* of an event: see trail.h */
};

struct cdp_ops {
	enum cdp_op_kind kind;
	const struct cdp_const *v; /* any one of them */
	size_t nv;
	const struct cdp_ref *ref; /* or NULL: then this is compared with */
	struct cdp_regex *re;
	bool relative; /* before and after: to now, by ms */
	int64_t ms;
	struct cdp_ops *next;
};

/*
 * Compile the operators in map; keys in skip (NULL-terminated) are somebody
 * else's.  NULL, with a diagnostic, if one is wrong or there is none; what
 * names the owner in messages.
 */
struct cdp_ops *cdp_ops_load(struct cdp_loader *ld, const struct cdp_node *map,
    const char *const *skip, const char *what);

/* A scalar means eq, a list means in, a map holds operators. */
struct cdp_ops *cdp_ops_short(
    struct cdp_loader *ld, const struct cdp_node *node, const char *what);

/* All of them hold of the value at. */
bool cdp_ops_test(const struct cdp_ops *op, const struct cdp_tape *t,
    uint32_t at, int64_t now_ms);

/* Whether one of them has an operand that is no constant. */
bool cdp_ops_refers(const struct cdp_ops *op);

/*
 * The same test where there may be such operands: look() calls fn(of, t, at)
 * for each value that one stands for, until it is true, and returns whether
 * it was.
 */
struct cdp_refs {
	bool (*look)(void *arg, const struct cdp_ref *ref,
	    bool (*fn)(void *of, const struct cdp_tape *t, uint32_t at),
	    void *of);
	void *arg;
};
bool cdp_ops_test_refs(const struct cdp_ops *op, const struct cdp_tape *t,
    uint32_t at, int64_t now_ms, const struct cdp_refs *refs);

/* Whether time alone may change the answer, and when next; INT64_MAX: never. */
bool cdp_ops_timed(const struct cdp_ops *op);
int64_t cdp_ops_next(const struct cdp_ops *op, const struct cdp_tape *t,
    uint32_t at, int64_t now_ms);

/* Compare two JSON numbers by value, exactly: negative, 0 or positive. */
int cdp_ops_numcmp(struct cdp_str a, struct cdp_str b);

/* A string that is an RFC 3339 instant, or a date (midnight UTC). */
bool cdp_ops_instant(struct cdp_str s, int64_t *ret);

/* a + b, held within what an int64_t can say. */
static inline int64_t
cdp_ops_plus(int64_t a, int64_t b)
{
	int64_t r;

	if (__builtin_add_overflow(a, b, &r))
		return b > 0 ? INT64_MAX : INT64_MIN;
	return r;
}

#endif
