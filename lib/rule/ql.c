#include "lib/rule/ql.h"

#include <stdarg.h>

#include "lib/rule/load.h"
#include "lib/rule/ops.h"

void *
cdp_ql_fault(struct cdp_ql *q, size_t at, const char *fmt, ...)
{
	struct cdp_node here = *q->node;
	char msg[300];
	va_list ap;

	if (q->bad)
		return NULL;
	q->bad = true;
	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	if (!here.block && memchr(q->s.p, '\n', at) == NULL) {
		here.at.col += (unsigned)at + !here.plain;
		here.at.width = 1;
	}
	cdp_diag_error(q->ld->diags, &here, "bad-query",
	    "character %zu of the query: %s", at + 1, msg);
	return NULL;
}

/* ---- nodes ---- */

static struct cdp_node *
scalar(struct cdp_ql *q, struct cdp_str text, bool plain)
{
	struct cdp_node *n = cdp_arena_calloc(q->ld->mem, 1, sizeof(*n));

	*n = (struct cdp_node){
		.at = q->node->at, .text = text, .plain = plain
	};
	return n;
}

struct cdp_node *
cdp_ql_word(struct cdp_ql *q, const char *text)
{
	return scalar(q, cdp_str_of(text), true);
}

struct cdp_node *
cdp_ql_list(struct cdp_ql *q, enum cdp_node_kind kind)
{
	struct cdp_node *n = scalar(q, CDP_STR(""), false);

	n->kind = kind;
	return n;
}

/* Behind the others in a map, or, without key, in a sequence. */
void
cdp_ql_add(struct cdp_ql *q, struct cdp_node *to, struct cdp_node *key,
    struct cdp_node *item)
{
	if (key != NULL) {
		to->key =
		    cdp_load_grow(q->ld, to->key, to->n, 1, sizeof(*to->key));
		to->key[to->n] = key;
	}
	to->item = cdp_load_grow(q->ld, to->item, to->n, 1, sizeof(*to->item));
	to->item[to->n++] = item;
}

struct cdp_node *
cdp_ql_pair(struct cdp_ql *q, const char *key, struct cdp_node *item)
{
	struct cdp_node *n = cdp_ql_list(q, CDP_NODE_MAP);

	cdp_ql_add(q, n, cdp_ql_word(q, key), item);
	return n;
}

/* a, or {how: [a, b]}; a may be such a list already, of the same call. */
struct cdp_node *
cdp_ql_join(struct cdp_ql *q, const char *how, struct cdp_node *a,
    struct cdp_node *b, struct cdp_node **seq)
{
	if (a == NULL || b == NULL)
		return a == NULL ? b : a;
	if (*seq == NULL) {
		*seq = cdp_ql_list(q, CDP_NODE_SEQ);
		cdp_ql_add(q, *seq, NULL, a);
		a = cdp_ql_pair(q, how, *seq);
	}
	cdp_ql_add(q, *seq, NULL, b);
	return a;
}

/* ---- words ---- */

char
cdp_ql_peek(struct cdp_ql *q)
{
	while (q->at < q->s.n && strchr(" \t\r\n", q->s.p[q->at]) != NULL)
		q->at++;
	return q->at < q->s.n ? q->s.p[q->at] : '\0';
}

bool
cdp_ql_take(struct cdp_ql *q, char c)
{
	if (cdp_ql_peek(q) != c)
		return false;
	q->at++;
	return true;
}

bool
cdp_ql_want(struct cdp_ql *q, char c)
{
	if (cdp_ql_take(q, c))
		return true;
	cdp_ql_fault(q, q->at, "expected '%c'", c);
	return false;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_name(char c)
{
	return c == '_' || is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

struct cdp_str
cdp_ql_name(struct cdp_ql *q)
{
	size_t from;

	cdp_ql_peek(q);
	from = q->at;
	while (q->at < q->s.n && is_name(q->s.p[q->at]))
		q->at++;
	return (struct cdp_str){ q->s.p + from, q->at - from };
}

/* The keyword, if it is the next word. */
bool
cdp_ql_keyword(struct cdp_ql *q, const char *text)
{
	size_t at = q->at;

	if (cdp_str_is(cdp_ql_name(q), text))
		return true;
	q->at = at;
	return false;
}

struct cdp_node *
cdp_ql_string(struct cdp_ql *q)
{
	struct cdp_buf b = { 0 };
	struct cdp_node *n;
	size_t from;
	char end;

	end = cdp_ql_peek(q);
	from = q->at;
	if (end != '\'' && end != '"')
		return cdp_ql_fault(q, from, "expected a string in quotes");
	for (q->at++; q->at < q->s.n && q->s.p[q->at] != end; q->at++) {
		if (q->s.p[q->at] == '\\' && q->at + 1 < q->s.n)
			q->at++;
		cdp_buf_putc(&b, q->s.p[q->at]);
	}
	n = scalar(q, cdp_arena_dup(q->ld->mem, cdp_buf_str(&b)), false);
	cdp_buf_free(&b);
	if (q->at >= q->s.n)
		return cdp_ql_fault(q, from, "a string that does not end");
	q->at++;
	return n;
}

struct cdp_node *
cdp_ql_path(struct cdp_ql *q, const char *lead)
{
	size_t from = q->at;
	struct cdp_node *s = cdp_ql_string(q);

	if (s == NULL || !cdp_ql_want(q, ')'))
		return NULL;
	if (cdp_str_is(s->text, "$") || cdp_str_starts(s->text, CDP_STR("$.")))
		return cdp_ql_fault(q, from,
		    "'$' is each element of what is named before it, such as "
		    "'products.$.price'");
	s->text = cdp_arena_printf(
	    q->ld->mem, "%s%.*s", lead, (int)s->text.n, s->text.p);
	return s;
}

/*
 * What a value is compared with that is no literal: {trait: PATH}, {path: PATH}
 * or {parent: PATH}.
 */
static struct cdp_node *
reference(struct cdp_ql *q, struct cdp_str what, size_t from)
{
	bool trait = cdp_str_is(what, "trait"), parent;
	const char *lead = trait          ? ""
	    : cdp_str_is(what, "context") ? "context."
					  : "properties.";
	struct cdp_node *path;

	if (!trait && q->scope == 0)
		return cdp_ql_fault(
		    q, from, "an event's property stands in where()");
	parent = !trait && cdp_ql_keyword(q, "parent");
	if (parent && q->scope < 2)
		return cdp_ql_fault(q, from, "there is no parent here");
	if ((parent && !cdp_ql_want(q, ':')) ||
	    (path = cdp_ql_path(q, lead)) == NULL)
		return NULL;
	return cdp_ql_pair(q,
	    trait        ? "trait"
		: parent ? "parent"
			 : "path",
	    path);
}

/* literal(5), trait('a'), property('a'), context('a'); none: q as it was. */
static bool
called(struct cdp_ql *q, struct cdp_node **ret)
{
	size_t from = q->at;
	struct cdp_str what = cdp_ql_name(q);

	if (!cdp_ql_take(q, '(')) {
		q->at = from;
		return false;
	}
	if (cdp_str_is(what, "literal")) {
		*ret = cdp_ql_literal(q);
		if (!cdp_ql_want(q, ')'))
			*ret = NULL;
	} else if (cdp_str_is(what, "trait") || cdp_str_is(what, "property") ||
	    cdp_str_is(what, "context")) {
		*ret = reference(q, what, from);
	} else {
		*ret = cdp_ql_fault(q, from,
		    "'%.*s' is no value to compare with: a literal, trait(), "
		    "property() and context() are",
		    (int)what.n, what.p);
	}
	return true;
}

/* Whether a word without quotes is a value. */
static bool
is_value(const struct cdp_node *n)
{
	int64_t ms;
	bool b;

	return cdp_node_is_number(n) || cdp_node_is_bool(n, &b) ||
	    cdp_ops_instant(n->text, &ms);
}

/* An instant that says no zone, 2022-10-17T00:00:00, is one of UTC. */
static void
utc(struct cdp_ql *q, struct cdp_node *n)
{
	struct cdp_str s = n->text;

	if (s.n < 19 || s.p[4] != '-' || s.p[10] != 'T')
		return;
	for (size_t i = 11; i < s.n; i++)
		if (!is_digit(s.p[i]) && s.p[i] != ':' && s.p[i] != '.')
			return;
	n->text = cdp_arena_printf(q->ld->mem, "%.*sZ", (int)s.n, s.p);
}

/* A number, a string, a date, an instant, true or false. */
struct cdp_node *
cdp_ql_literal(struct cdp_ql *q)
{
	char c = cdp_ql_peek(q);
	size_t from = q->at;
	struct cdp_node *n;

	if (c == '\'' || c == '"')
		return cdp_ql_string(q);
	while (q->at < q->s.n &&
	    (is_name(q->s.p[q->at]) || strchr("+-.:", q->s.p[q->at]) != NULL))
		q->at++;
	if (q->at == from)
		return cdp_ql_fault(q, from, "expected a value");
	n = scalar(q, (struct cdp_str){ q->s.p + from, q->at - from }, true);
	utc(q, n);
	if (!is_value(n))
		return cdp_ql_fault(q, from,
		    "'%.*s' is no number, date, true or false; a string "
		    "stands in quotes",
		    (int)n->text.n, n->text.p);
	return n;
}

static struct cdp_node *
value(struct cdp_ql *q)
{
	struct cdp_node *ret;

	cdp_ql_peek(q);
	return called(q, &ret) ? ret : cdp_ql_literal(q);
}

struct cdp_node *
cdp_ql_literals(struct cdp_ql *q)
{
	struct cdp_node *seq = cdp_ql_list(q, CDP_NODE_SEQ);
	bool array = cdp_ql_take(q, '[');

	do
		cdp_ql_add(q, seq, NULL, cdp_ql_literal(q));
	while (!q->bad && cdp_ql_take(q, ','));
	if (array)
		cdp_ql_want(q, ']');
	return seq;
}

/* "30 days" as 30d. */
struct cdp_node *
cdp_ql_duration(struct cdp_ql *q)
{
	static const struct {
		const char *one, *many, *unit;
	} units[] = { { "second", "seconds", "s" },
		{ "minute", "minutes", "m" }, { "hour", "hours", "h" },
		{ "day", "days", "d" }, { "week", "weeks", "w" } };
	struct cdp_str n, unit;
	size_t from;

	cdp_ql_peek(q);
	from = q->at;
	while (q->at < q->s.n && is_digit(q->s.p[q->at]))
		q->at++;
	n = (struct cdp_str){ q->s.p + from, q->at - from };
	unit = cdp_ql_name(q);
	for (size_t i = 0; n.n != 0 && i < 5; i++)
		if (cdp_str_is(unit, units[i].one) ||
		    cdp_str_is(unit, units[i].many))
			return scalar(q,
			    cdp_arena_printf(q->ld->mem, "%.*s%s", (int)n.n,
				n.p, units[i].unit),
			    true);
	return cdp_ql_fault(
	    q, from, "expected a length of time, such as 30 days");
}

/* ---- comparisons ---- */

static const struct cmp {
	const char *name, *op;
	enum { ONE, LIST, TIME, NOTHING } takes;
} cmps[] = { { "equals", "eq", ONE }, { "differs", "ne", ONE },
	{ "greater_than", "gt", ONE }, { "at_least", "gte", ONE },
	{ "less_than", "lt", ONE }, { "at_most", "lte", ONE },
	{ "exists", "exists", NOTHING }, { "absent", "exists", NOTHING },
	{ "contains", "contains", LIST }, { "omits", "contains", LIST },
	{ "starts_with", "starts_with", LIST },
	{ "ends_with", "ends_with", LIST }, { "one_of", "in", LIST },
	{ "none_of", "not_in", LIST }, { "before_date", "lte", ONE },
	{ "after_date", "gte", ONE }, { "within_last", "within_last", TIME },
	{ "within_next", "within_next", TIME },
	{ "before_last", "before", TIME }, { "after_next", "after", TIME } };

static const struct {
	const char *sign, *op;
} signs[] = { { "==", "eq" }, { "=", "eq" }, { "!=", "ne" }, { ">=", "gte" },
	{ ">", "gt" }, { "<=", "lte" }, { "<", "lt" } };

static const char *
sign(struct cdp_ql *q)
{
	cdp_ql_peek(q);
	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		size_t n = strlen(signs[i].sign);

		if (q->s.n - q->at >= n &&
		    memcmp(q->s.p + q->at, signs[i].sign, n) == 0) {
			q->at += n;
			return signs[i].op;
		}
	}
	return NULL;
}

static const struct cmp *
comparator(struct cdp_ql *q, size_t from, struct cdp_str s)
{
	struct cdp_str names[sizeof(cmps) / sizeof(*cmps)];
	size_t n = sizeof(cmps) / sizeof(*cmps);
	int near;

	for (size_t i = 0; i < n; i++) {
		names[i] = cdp_str_of(cmps[i].name);
		if (cdp_str_eq(s, names[i]))
			return &cmps[i];
	}
	near = cdp_str_nearest(s, names, n);
	return cdp_ql_fault(q, from, "'%.*s' is no comparison%s%s%s", (int)s.n,
	    s.p, near < 0 ? "" : "; did you mean '",
	    near < 0 ? "" : cmps[near].name, near < 0 ? "" : "'?");
}

/* An operator and what it takes, and whether its contrary is meant. */
struct cdp_node *
cdp_ql_compare(struct cdp_ql *q, const char **op, bool *omits)
{
	const struct cmp *c;
	struct cdp_node *val;
	size_t from;

	*omits = false;
	if ((*op = sign(q)) != NULL)
		return value(q);
	if (!cdp_ql_take(q, '.'))
		return cdp_ql_fault(q, q->at, "expected a comparison");
	from = q->at;
	if ((c = comparator(q, from, cdp_ql_name(q))) == NULL ||
	    !cdp_ql_want(q, '('))
		return NULL;
	*op = c->op;
	*omits = cdp_str_is(cdp_str_of(c->name), "omits");
	if (c->takes == NOTHING)
		val = cdp_ql_word(q, *c->name == 'e' ? "true" : "false");
	else
		val = c->takes == LIST ? cdp_ql_literals(q)
		    : c->takes == TIME ? cdp_ql_duration(q)
				       : value(q);
	if (val != NULL && strstr(c->name, "_date") != NULL)
		utc(q, val);
	return cdp_ql_want(q, ')') ? val : NULL;
}
