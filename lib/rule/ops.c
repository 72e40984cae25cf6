#include "lib/rule/ops.h"

#include "lib/base/time.h"

const char *const cdp_ops_names[CDP_NOPS + 1] = { "eq", "ne", "gt", "gte", "lt",
	"lte", "in", "not_in", "exists", "contains", "starts_with", "ends_with",
	"matches", "before", "after", "within_last", "within_next", NULL };

/*
 * A number as 0.DIGITS times ten to the power of exp, without zeros at either
 * end of the digits: then equal numbers have equal parts.
 */
struct num {
	bool neg;
	const char *p; /* from the first digit that is not 0 */
	size_t n;      /* to the last one; a point may stand between */
	int64_t exp;
};

static int64_t
exponent(const char *p, const char *end)
{
	bool neg = p < end && *p == '-';
	int64_t v = 0;

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	for (; p < end; p++)
		if (v < INT64_MAX / 1000)
			v = v * 10 + (*p - '0');
	return neg ? -v : v;
}

static struct num
split(struct cdp_str s)
{
	const char *p = s.p, *end = s.p + s.n, *last = NULL;
	struct num r = { 0 };
	bool point = false;

	if (p < end && *p == '-') {
		r.neg = true;
		p++;
	}
	for (; p < end && *p != 'e' && *p != 'E'; p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		if (r.p == NULL && *p == '0') {
			r.exp -= point;
			continue;
		}
		if (r.p == NULL)
			r.p = p;
		if (*p != '0')
			last = p;
		r.exp += !point;
	}
	if (r.p == NULL)
		return (struct num){ 0 };
	r.n = (size_t)(last - r.p) + 1;
	if (p < end)
		r.exp += exponent(p + 1, end);
	return r;
}

/* The next digit, or 0 behind the last one. */
static char
digit(const struct num *a, size_t *i)
{
	if (*i < a->n && a->p[*i] == '.')
		++*i;
	return *i < a->n ? a->p[(*i)++] : '0';
}

static int
magnitude(const struct num *a, const struct num *b)
{
	size_t i = 0, j = 0;
	char x, y;

	if (a->p == NULL || b->p == NULL)
		return (a->p != NULL) - (b->p != NULL);
	if (a->exp != b->exp)
		return a->exp < b->exp ? -1 : 1;
	while (i < a->n || j < b->n) {
		x = digit(a, &i);
		y = digit(b, &j);
		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

/* Most numbers are integers of a few digits. */
static bool
short_one(struct cdp_str s, int64_t *ret)
{
	bool neg = s.n != 0 && *s.p == '-';
	int64_t v = 0;

	if (s.n > 18)
		return false;
	for (size_t i = neg; i < s.n; i++) {
		if ((unsigned char)(s.p[i] - '0') > 9)
			return false;
		v = v * 10 + (s.p[i] - '0');
	}
	*ret = neg ? -v : v;
	return true;
}

int
cdp_ops_numcmp(struct cdp_str a, struct cdp_str b)
{
	struct num x, y;
	int64_t i, j;

	if (short_one(a, &i) && short_one(b, &j))
		return (i > j) - (i < j);
	x = split(a);
	y = split(b);
	if (x.neg != y.neg)
		return x.neg ? -1 : 1;
	return x.neg ? magnitude(&y, &x) : magnitude(&x, &y);
}

bool
cdp_ops_instant(struct cdp_str s, int64_t *ret)
{
	if (s.n < 10 || s.p[4] != '-' || s.p[7] != '-')
		return false;
	if (s.n == 10)
		return cdp_time_option(s, ret) == 0;
	return cdp_time_parse(s, ret) == 0;
}

/* A string value, decoded; tmp holds it if it had escapes. */
static struct cdp_str
text(const struct cdp_tape *t, uint32_t at, struct cdp_arena *tmp)
{
	const struct cdp_tok *k = &t->tok[at];

	if (!k->escaped)
		return (struct cdp_str){ t->p + k->off, k->len };
	return cdp_tape_str(t, at, tmp);
}

static bool
instant(const struct cdp_tape *t, uint32_t at, int64_t *ret)
{
	const struct cdp_tok *k;

	if (!cdp_tape_isa(t, at, CDP_STRING))
		return false;
	k = &t->tok[at];
	return !k->escaped &&
	    cdp_ops_instant((struct cdp_str){ t->p + k->off, k->len }, ret);
}

static bool
same_type(const struct cdp_tape *t, uint32_t at, const struct cdp_const *c)
{
	enum cdp_kind k = cdp_tape_kind(t, at);

	if (c->kind == CDP_TRUE || c->kind == CDP_FALSE)
		return k == CDP_TRUE || k == CDP_FALSE;
	return k == c->kind;
}

static bool
equal(const struct cdp_tape *t, uint32_t at, const struct cdp_const *c)
{
	int64_t ms;

	if (!cdp_tape_isa(t, at, c->kind))
		return false;
	if (c->kind == CDP_NUM)
		return cdp_ops_numcmp(cdp_tape_raw(t, at), c->s) == 0;
	if (c->kind != CDP_STRING || cdp_tape_streq(t, at, c->s))
		return true;
	return c->instant && instant(t, at, &ms) && ms == c->ms;
}

/* Order of the value against c in *ret; false if they do not compare. */
static bool
order(
    const struct cdp_tape *t, uint32_t at, const struct cdp_const *c, int *ret)
{
	struct cdp_arena tmp = { 0 };
	int64_t ms;

	if (!cdp_tape_isa(t, at, c->kind) || c->kind < CDP_NUM)
		return false; /* true and false have no order */
	if (c->kind == CDP_NUM) {
		*ret = cdp_ops_numcmp(cdp_tape_raw(t, at), c->s);
		return true;
	}
	if (c->instant) {
		if (!instant(t, at, &ms))
			return false;
		*ret = (ms > c->ms) - (ms < c->ms);
		return true;
	}
	*ret = cdp_str_cmp(text(t, at, &tmp), c->s);
	cdp_arena_free(&tmp);
	return true;
}

static bool
one_of(const struct cdp_ops *op, const struct cdp_tape *t, uint32_t at)
{
	for (size_t i = 0; i < op->nv; i++)
		if (equal(t, at, &op->v[i]))
			return true;
	return false;
}

static bool
none_of(const struct cdp_ops *op, const struct cdp_tape *t, uint32_t at)
{
	bool typed = false;

	for (size_t i = 0; i < op->nv; i++) {
		if (equal(t, at, &op->v[i]))
			return false;
		typed |= same_type(t, at, &op->v[i]);
	}
	return typed;
}

static bool
piece(enum cdp_op_kind kind, struct cdp_str s, struct cdp_str c)
{
	if (c.n > s.n)
		return false;
	if (kind == CDP_OP_STARTS)
		return cdp_str_starts(s, c);
	if (kind == CDP_OP_ENDS)
		return memcmp(s.p + s.n - c.n, c.p, c.n) == 0;
	return memmem(s.p, s.n, c.p, c.n) != NULL;
}

/* contains, starts_with, ends_with, matches. */
static bool
in_text(const struct cdp_ops *op, const struct cdp_tape *t, uint32_t at)
{
	struct cdp_arena tmp = { 0 };
	struct cdp_str s;
	bool yes = false;

	if (!cdp_tape_isa(t, at, CDP_STRING))
		return false;
	s = text(t, at, &tmp);
	if (op->kind == CDP_OP_MATCHES)
		yes = cdp_regex_match(op->re, s, NULL);
	else
		for (size_t i = 0; i < op->nv && !yes; i++)
			yes = op->v[i].kind == CDP_STRING &&
			    piece(op->kind, s, op->v[i].s);
	cdp_arena_free(&tmp);
	return yes;
}

static bool
contains(const struct cdp_ops *op, const struct cdp_tape *t, uint32_t at)
{
	uint32_t it = 0, key, val;

	if (!cdp_tape_isa(t, at, CDP_ARRAY))
		return in_text(op, t, at);
	while (cdp_tape_next(t, at, &it, &key, &val))
		if (one_of(op, t, val))
			return true;
	return false;
}

static bool
ordered(const struct cdp_ops *op, const struct cdp_tape *t, uint32_t at)
{
	int c;

	if (!order(t, at, op->v, &c))
		return false;
	switch (op->kind) {
	case CDP_OP_GT:
		return c > 0;
	case CDP_OP_GTE:
		return c >= 0;
	case CDP_OP_LT:
		return c < 0;
	default:
		return c <= 0;
	}
}

static bool
in_time(const struct cdp_ops *op, const struct cdp_tape *t, uint32_t at,
    int64_t now)
{
	int64_t v;

	if (!instant(t, at, &v))
		return false;
	switch (op->kind) {
	case CDP_OP_BEFORE:
		return op->relative ? cdp_ops_plus(v, op->ms) <= now
				    : v < op->ms;
	case CDP_OP_AFTER:
		return op->relative ? now < cdp_ops_plus(v, -op->ms)
				    : v > op->ms;
	case CDP_OP_WITHIN_LAST:
		return v <= now && now < cdp_ops_plus(v, op->ms);
	default:
		return cdp_ops_plus(v, -op->ms) <= now && now < v;
	}
}

static bool
test(const struct cdp_ops *op, const struct cdp_tape *t, uint32_t at,
    int64_t now)
{
	switch (op->kind) {
	case CDP_OP_EXISTS:
		return (cdp_tape_kind(t, at) != CDP_NULL) == (op->ms != 0);
	case CDP_OP_EQ:
	case CDP_OP_IN:
		return one_of(op, t, at);
	case CDP_OP_NE:
	case CDP_OP_NOT_IN:
		return none_of(op, t, at);
	case CDP_OP_GT:
	case CDP_OP_GTE:
	case CDP_OP_LT:
	case CDP_OP_LTE:
		return ordered(op, t, at);
	case CDP_OP_CONTAINS:
		return contains(op, t, at);
	case CDP_OP_STARTS:
	case CDP_OP_ENDS:
	case CDP_OP_MATCHES:
		return in_text(op, t, at);
	default:
		return in_time(op, t, at, now);
	}
}

bool
cdp_ops_test(const struct cdp_ops *op, const struct cdp_tape *t, uint32_t at,
    int64_t now_ms)
{
	for (; op != NULL; op = op->next)
		if (!test(op, t, at, now_ms))
			return false;
	return true;
}

bool
cdp_ops_refers(const struct cdp_ops *op)
{
	for (; op != NULL; op = op->next)
		if (op->ref != NULL)
			return true;
	return false;
}

/* A value as a constant; false if nothing can be compared with it. */
static bool
constant(const struct cdp_tape *t, uint32_t at, struct cdp_arena *tmp,
    struct cdp_const *ret)
{
	*ret = (struct cdp_const){ .kind = cdp_tape_kind(t, at) };
	if (ret->kind == CDP_NUM)
		ret->s = cdp_tape_raw(t, at);
	if (ret->kind != CDP_STRING)
		return ret->kind != CDP_NULL && ret->kind < CDP_ARRAY;
	ret->s = text(t, at, tmp);
	ret->instant = cdp_ops_instant(ret->s, &ret->ms);
	return true;
}

/* A value that is compared with another, which is not known yet. */
struct half {
	const struct cdp_ops *op;
	const struct cdp_tape *t;
	uint32_t at;
	int64_t now_ms;
};

static bool
with(void *of, const struct cdp_tape *u, uint32_t other)
{
	const struct half *h = of;
	struct cdp_arena tmp = { 0 };
	struct cdp_ops one = *h->op;
	struct cdp_const v;
	bool yes = false;

	if (constant(u, other, &tmp, &v)) {
		one.v = &v;
		one.nv = 1;
		one.ms = v.ms;
		yes = (v.instant ||
			  (one.kind != CDP_OP_BEFORE &&
			      one.kind != CDP_OP_AFTER)) &&
		    test(&one, h->t, h->at, h->now_ms);
	}
	cdp_arena_free(&tmp);
	return yes;
}

static bool
test_ref(const struct cdp_ops *op, const struct cdp_tape *t, uint32_t at,
    int64_t now_ms, const struct cdp_refs *refs)
{
	struct half h = { op, t, at, now_ms };

	return refs->look(refs->arg, op->ref, with, &h);
}

bool
cdp_ops_test_refs(const struct cdp_ops *op, const struct cdp_tape *t,
    uint32_t at, int64_t now_ms, const struct cdp_refs *refs)
{
	for (; op != NULL; op = op->next)
		if (!(op->ref != NULL ? test_ref(op, t, at, now_ms, refs)
				      : test(op, t, at, now_ms)))
			return false;
	return true;
}

bool
cdp_ops_timed(const struct cdp_ops *op)
{
	for (; op != NULL; op = op->next)
		if (op->relative)
			return true;
	return false;
}

int64_t
cdp_ops_next(const struct cdp_ops *op, const struct cdp_tape *t, uint32_t at,
    int64_t now_ms)
{
	int64_t v, edge, next = INT64_MAX;
	bool ahead;

	if (!instant(t, at, &v))
		return next;
	for (; op != NULL; op = op->next) {
		if (!op->relative)
			continue;
		ahead =
		    op->kind == CDP_OP_AFTER || op->kind == CDP_OP_WITHIN_NEXT;
		edge = cdp_ops_plus(v, ahead ? -op->ms : op->ms);
		if (edge > now_ms && edge < next)
			next = edge;
		if (v > now_ms && v < next)
			next = v;
	}
	return next;
}
