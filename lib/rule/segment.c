#include "lib/rule/segment.h"

#include "lib/rule/load.h"
#include "lib/rule/ql.h"

#define DEPTH_MAX 50

/* ---- comparisons ---- */

/* A copy of a map, to which more may be added. */
static struct cdp_node *
copy(struct cdp_ql *q, const struct cdp_node *map)
{
	struct cdp_node *ret = cdp_ql_list(q, CDP_NODE_MAP);

	for (size_t i = 0; i < map->n; i++)
		cdp_ql_add(q, ret, map->key[i], map->item[i]);
	return ret;
}

/* What is compared, and how that is written: lead, {op: val}. */
struct subject {
	enum { TRAIT, MEMBER, COUNT, VALUE } kind;
	struct cdp_node *map;  /* of an event, or of rows */
	struct cdp_node *path; /* of others */
	const char *inner;     /* how it stands in a where, or NULL */
};

/*
 * {trait: path, op: val}, in a where {trait: {path: {op: val}}}; {path: {op:
 * val}}; {event, ..., count: {op: val}} or {event, ..., sum: path, op: val}, in
 * a where {then: {event, ...}}; of rows {entity, ...} and {has: {entity, ...}}.
 */
static struct cdp_node *
leaf(struct cdp_ql *q, const struct subject *s, const char *op,
    struct cdp_node *val)
{
	struct cdp_node *ops = cdp_ql_pair(q, op, val), *map;

	if (s->kind == TRAIT && s->inner == NULL) {
		map = cdp_ql_pair(q, "trait", s->path);
		cdp_ql_add(q, map, ops->key[0], val);
	} else if (s->kind == TRAIT || s->kind == MEMBER) {
		map = cdp_ql_list(q, CDP_NODE_MAP);
		cdp_ql_add(q, map, s->path, ops);
		if (s->kind == TRAIT)
			map = cdp_ql_pair(q, "trait", map);
	} else {
		map = copy(q, s->map);
		if (s->kind == COUNT)
			cdp_ql_add(q, map, cdp_ql_word(q, "count"), ops);
		else
			cdp_ql_add(q, map, ops->key[0], val);
		if (s->inner != NULL)
			map = cdp_ql_pair(q, s->inner, map);
	}
	return map;
}

static struct cdp_node *
compared(struct cdp_ql *q, struct subject *s)
{
	struct cdp_node *val;
	const char *op;
	bool omits;

	s->inner = q->scope == 0 ? NULL : q->rows ? "has" : "then";
	val = cdp_ql_compare(q, &op, &omits);
	if (q->bad || val == NULL)
		return NULL;
	val = leaf(q, s, op, val);
	return omits ? cdp_ql_pair(q, "not", val) : val;
}

/* ---- events ---- */

static struct cdp_node *either(struct cdp_ql *q);

struct event {
	struct cdp_node *map;         /* {event, and what is made of it} */
	struct cdp_node *where, *all; /* see cdp_ql_join() */
	struct cdp_node *window;
	const char *span; /* within, between, session */
};

static void
narrow(struct cdp_ql *q, struct event *ev, struct cdp_node *cond)
{
	if (cond != NULL)
		ev->where = cdp_ql_join(q, "all", ev->where, cond, &ev->all);
}

/* sources({exclude: ['id', ...]}); the brackets are often left out. */
static void
sources(struct cdp_ql *q, struct event *ev)
{
	struct cdp_node *list, *map = cdp_ql_list(q, CDP_NODE_MAP);

	if (!cdp_ql_want(q, '{'))
		return;
	if (!cdp_ql_keyword(q, "exclude")) {
		cdp_ql_fault(q, q->at, "expected exclude");
		return;
	}
	if (!cdp_ql_want(q, ':'))
		return;
	list = cdp_ql_literals(q);
	if (!cdp_ql_want(q, '}'))
		return;
	cdp_ql_add(
	    q, map, cdp_ql_word(q, "sourceId"), cdp_ql_pair(q, "in", list));
	narrow(q, ev, cdp_ql_pair(q, "not", map));
}

static void
window(struct cdp_ql *q, struct event *ev, struct cdp_str what, size_t from)
{
	struct cdp_node *two = cdp_ql_list(q, CDP_NODE_SEQ);
	bool parent;

	if (ev->span != NULL) {
		cdp_ql_fault(q, from, "an event has one window of time");
		return;
	}
	ev->span = cdp_str_is(what, "within") ? "within"
	    : cdp_str_is(what, "between")     ? "between"
					      : "session";
	parent = cdp_ql_keyword(q, "parent") && cdp_ql_want(q, ':');
	if (parent && q->scope == 0)
		cdp_ql_fault(q, from, "there is no parent here");
	else if (q->scope != 0 && (!parent || *ev->span == 's'))
		cdp_ql_fault(q, from,
		    "an event in where() is asked for within(parent: ...) or "
		    "between(parent: ..., ...)");
	ev->window = cdp_ql_duration(q);
	if (*ev->span != 'b')
		return;
	cdp_ql_want(q, ',');
	cdp_ql_add(q, two, NULL, ev->window);
	cdp_ql_add(q, two, NULL, cdp_ql_duration(q));
	ev->window = two;
}

/* False: it is none. */
static bool
filter(struct cdp_ql *q, struct event *ev, struct cdp_str what, size_t from)
{
	bool rows = cdp_str_is((*ev->map->key)->text, "entity");

	if (cdp_str_is(what, "where")) {
		bool braces = cdp_ql_take(q, '{'); /* an example has them */

		q->scope++;
		q->rows = rows;
		narrow(q, ev, either(q));
		if (braces && !q->bad)
			cdp_ql_want(q, '}');
		q->scope--;
		q->rows = rows && q->scope != 0;
	} else if (rows &&
	    (cdp_str_is(what, "sources") || cdp_str_is(what, "within") ||
		cdp_str_is(what, "between") ||
		cdp_str_is(what, "expires_after"))) {
		cdp_ql_fault(q, from, "rows have neither a time nor a source");
	} else if (cdp_str_is(what, "sources")) {
		sources(q, ev);
	} else if (cdp_str_is(what, "within") || cdp_str_is(what, "between") ||
	    cdp_str_is(what, "expires_after")) {
		window(q, ev, what, from);
	} else {
		return false;
	}
	return true;
}

static const struct reducer {
	const char *name, *key;
} reducers[] = { { "sum", "sum" }, { "avg", "avg" }, { "max", "max" },
	{ "min", "min" }, { "mode", "most_frequent" }, { "first", "first" },
	{ "last", "last" }, { "unique", "unique_count" } };
#define NREDUCERS (sizeof(reducers) / sizeof(*reducers))

/* property('a') of the event, with what type it is taken for. */
static void
measured(struct cdp_ql *q, const struct reducer *r, struct cdp_node *map)
{
	struct cdp_str what, type;
	struct cdp_node *path;
	size_t from;
	bool ends;

	cdp_ql_peek(q);
	from = q->at;
	what = cdp_ql_name(q);
	if (!(cdp_str_is(what, "property") || cdp_str_is(what, "context"))) {
		cdp_ql_fault(q, from, "expected property('...')");
		return;
	}
	if (!cdp_ql_want(q, '(') ||
	    (path = cdp_ql_path(
		 q, *what.p == 'p' ? "properties." : "context.")) == NULL)
		return;
	cdp_ql_add(q, map, cdp_ql_word(q, r->key), path);
	if (*r->name != 'm' || !cdp_ql_keyword(q, "as"))
		return;
	cdp_ql_peek(q);
	from = q->at;
	type = cdp_ql_name(q);
	ends = r->name[1] != 'o'; /* of min and max */
	if (!cdp_str_is(type, "number") && !cdp_str_is(type, "string") &&
	    (ends || !cdp_str_is(type, "array")))
		cdp_ql_fault(q, from, "expected number%s",
		    ends ? " or string" : ", string or array");
	else if (ends ? cdp_str_is(type, "string")
		      : cdp_str_is(type, "array") &&
		    memchr(path->text.p, '$', path->text.n) != NULL)
		cdp_ql_add(q, map, cdp_ql_word(q, "as"),
		    cdp_ql_word(q, ends ? "string" : "array"));
}

static bool
reducer(struct cdp_ql *q, struct cdp_str what, size_t from,
    struct cdp_node *map, bool *count)
{
	const struct reducer *r = NULL;

	*count = cdp_str_is(what, "count");
	if (*count)
		return cdp_ql_want(q, ')');
	for (size_t i = 0; i < NREDUCERS; i++)
		if (cdp_str_is(what, reducers[i].name))
			r = &reducers[i];
	if (r == NULL) {
		cdp_ql_fault(q, from,
		    "'%.*s' is no filter and no reducer: where(), "
		    "sources(), within(), between() and expires_after(); "
		    "count(), sum(), avg(), max(), min(), mode(), first(), "
		    "last() and unique() are",
		    (int)what.n, what.p);
		return false;
	}
	measured(q, r, map);
	if (!q->bad && cdp_str_is(what, "mode") && cdp_ql_take(q, ','))
		cdp_ql_add(q, map, cdp_ql_word(q, "min"), cdp_ql_literal(q));
	if (q->bad || !cdp_ql_want(q, ')'))
		return false;
	if (cdp_str_is(what, "unique")) {
		if (!cdp_ql_want(q, '.'))
			return false;
		if (!cdp_ql_keyword(q, "count")) {
			cdp_ql_fault(
			    q, q->at, "of unique() the count() is compared");
			return false;
		}
		return cdp_ql_want(q, '(') && cdp_ql_want(q, ')');
	}
	return true;
}

/* Of an event, or of rows: what is "event" or "entity". */
static struct cdp_node *
stream(struct cdp_ql *q, const char *of)
{
	struct event ev = { 0 };
	struct cdp_str what;
	struct cdp_node *s;
	bool count;
	size_t from;

	if (!cdp_ql_want(q, '(') || (s = cdp_ql_string(q)) == NULL ||
	    !cdp_ql_want(q, ')'))
		return NULL;
	ev.map = cdp_ql_pair(q, of, s);
	for (;;) {
		if (!cdp_ql_want(q, '.'))
			return NULL;
		from = q->at;
		what = cdp_ql_name(q);
		if (!cdp_ql_want(q, '('))
			return NULL;
		if (!filter(q, &ev, what, from))
			break;
		if (q->bad || !cdp_ql_want(q, ')'))
			return NULL;
	}
	if (ev.where != NULL)
		cdp_ql_add(q, ev.map, cdp_ql_word(q, "where"), ev.where);
	if (ev.span != NULL)
		cdp_ql_add(q, ev.map, cdp_ql_word(q, ev.span), ev.window);
	if (!reducer(q, what, from, ev.map, &count))
		return NULL;
	return compared(q,
	    &(struct subject){ .kind = count ? COUNT : VALUE, .map = ev.map });
}

/* ---- expressions ---- */

static struct cdp_node *
property(struct cdp_ql *q, const char *lead, size_t from)
{
	struct subject s = { .kind = MEMBER };

	if (q->scope == 0)
		return cdp_ql_fault(
		    q, from, "an event's property stands in where()");
	if (!cdp_ql_want(q, '(') || (s.path = cdp_ql_path(q, lead)) == NULL)
		return NULL;
	return compared(q, &s);
}

static struct cdp_node *
trait(struct cdp_ql *q)
{
	struct subject s = { .kind = TRAIT };

	if (!cdp_ql_want(q, '(') || (s.path = cdp_ql_path(q, "")) == NULL)
		return NULL;
	return compared(q, &s);
}

static struct cdp_node *
primary(struct cdp_ql *q)
{
	struct cdp_str what;
	size_t from;

	cdp_ql_peek(q);
	from = q->at;
	what = cdp_ql_name(q);
	if (cdp_str_is(what, "event") || cdp_str_is(what, "entity")) {
		bool rows = what.p[1] == 'n';

		if (q->scope == 0 || q->rows == rows)
			return stream(q, rows ? "entity" : "event");
		return cdp_ql_fault(q, from,
		    rows ? "rows are asked for beside an event, not in its "
			   "where()"
			 : "of a row there are no events");
	}
	if (cdp_str_is(what, "property"))
		return property(q, "properties.", from);
	if (cdp_str_is(what, "context"))
		return property(q, "context.", from);
	if (cdp_str_is(what, "trait"))
		return trait(q);
	if (what.n == 0)
		return cdp_ql_fault(
		    q, from, "expected event(), trait() or '('");
	return cdp_ql_fault(
	    q, from, "'%.*s' is not supported here", (int)what.n, what.p);
}

static struct cdp_node *unary(struct cdp_ql *q);

/* Of the users of an account: the one kind of group that the project has. */
static struct cdp_node *
members(struct cdp_ql *q, const char *ask)
{
	struct cdp_node *map, *of;

	if (q->scope != 0)
		return cdp_ql_fault(q, q->at,
		    "ANY and ALL of an account stand outside where()");
	if ((of = unary(q)) == NULL)
		return NULL;
	map = cdp_ql_pair(q, "in_group", cdp_ql_word(q, ""));
	cdp_ql_add(q, map, cdp_ql_word(q, ask), of);
	return map;
}

static struct cdp_node *
unary(struct cdp_ql *q)
{
	struct cdp_node *node;

	if (q->depth == DEPTH_MAX)
		return cdp_ql_fault(q, q->at, "nested too deeply");
	q->depth++;
	if (cdp_ql_keyword(q, "NOT") || cdp_ql_keyword(q, "not")) {
		node = unary(q);
		if (node != NULL)
			node = cdp_ql_pair(q, "not", node);
	} else if (cdp_ql_keyword(q, "ANY")) {
		node = members(q, "any");
	} else if (cdp_ql_keyword(q, "ALL")) {
		node = members(q, "all");
	} else if (cdp_ql_take(q, '(')) {
		node = either(q);
		if (!q->bad)
			cdp_ql_want(q, ')');
	} else {
		node = primary(q);
	}
	q->depth--;
	return q->bad ? NULL : node;
}

static struct cdp_node *
both(struct cdp_ql *q)
{
	struct cdp_node *node = unary(q), *seq = NULL;

	while (
	    !q->bad && (cdp_ql_keyword(q, "AND") || cdp_ql_keyword(q, "and")))
		node = cdp_ql_join(q, "all", node, unary(q), &seq);
	return node;
}

static struct cdp_node *
either(struct cdp_ql *q)
{
	struct cdp_node *node = both(q), *seq = NULL;

	while (!q->bad && (cdp_ql_keyword(q, "OR") || cdp_ql_keyword(q, "or")))
		node = cdp_ql_join(q, "any", node, both(q), &seq);
	return node;
}

struct cdp_node *
cdp_segment_read(struct cdp_loader *ld, const struct cdp_node *text)
{
	struct cdp_ql q = { .ld = ld, .node = text };
	struct cdp_node *node;

	if (!cdp_load_str(ld, text, "segment", &q.s))
		return NULL;
	node = either(&q);
	if (!q.bad && cdp_ql_peek(&q) != '\0')
		cdp_ql_fault(&q, q.at, "expected AND, OR or the end");
	return q.bad ? NULL : node;
}
