#include "lib/rule/segment.h"

#include "lib/rule/load.h"
#include "lib/rule/ql.h"

#define DEPTH_MAX 50

/* What stands in where(): at most one event that is asked of its own event,
 * and the property that both must share. */
struct inner {
	bool child;           /* of such an event: none may stand in it */
	struct cdp_node *map; /* {event, where} */
	struct cdp_node *window;
	const char *span;
	bool absent;
	struct cdp_node *match;
};

/* {trait: path, op: val}, or {path: {op: val}}. */
static struct cdp_node *
leaf(struct cdp_ql *q, bool trait, struct cdp_node *path, const char *op,
    struct cdp_node *val)
{
	struct cdp_node *ops = cdp_ql_pair(q, op, val), *map;

	if (trait) {
		map = cdp_ql_pair(q, "trait", path);
		cdp_ql_add(q, map, ops->key[0], ops->item[0]);
	} else {
		map = cdp_ql_list(q, CDP_NODE_MAP);
		cdp_ql_add(q, map, path, ops);
	}
	return map;
}

static struct cdp_node *
compared(struct cdp_ql *q, bool trait, struct cdp_node *path)
{
	struct cdp_node *val, *have, *both = NULL;
	const char *op;
	bool omits;

	val = cdp_ql_compare(q, &op, &omits);
	if (q->bad || val == NULL)
		return NULL;
	if (!omits)
		return leaf(q, trait, path, op, val);
	have = leaf(q, trait, path, "exists", cdp_ql_word(q, "true"));
	return cdp_ql_join(q, "all", have,
	    cdp_ql_pair(q, "not", leaf(q, trait, path, op, val)), &both);
}

/* ---- expressions ---- */

static struct cdp_node *either(struct cdp_ql *q, struct inner *in);

/* property('a'): as a path of the event. */
static struct cdp_node *
path_of(struct cdp_ql *q, const char *lead)
{
	struct cdp_node *s = cdp_ql_string(q);

	if (s == NULL || !cdp_ql_want(q, ')'))
		return NULL;
	s->text = cdp_arena_printf(
	    q->ld->mem, "%s%.*s", lead, (int)s->text.n, s->text.p);
	return s;
}

/* "= property(parent: 'a')" behind property('a'). */
static bool
same_as_parent(struct cdp_ql *q, struct inner *in, struct cdp_node *path)
{
	struct cdp_node *other;
	size_t at = q->at;

	if (!cdp_ql_take(q, '=') ||
	    (cdp_ql_take(q, '='), !cdp_ql_keyword(q, "property")) ||
	    !cdp_ql_take(q, '(')) {
		q->at = at;
		return false;
	}
	if (!in->child || !cdp_ql_keyword(q, "parent") ||
	    !cdp_ql_want(q, ':') ||
	    (other = path_of(q, "properties.")) == NULL) {
		cdp_ql_fault(q, at,
		    "a property is compared with a value, or, in an "
		    "event in where(), with property(parent: '...')");
		return true;
	}
	if (!cdp_str_eq(other->text, path->text) || in->match != NULL)
		cdp_ql_fault(q, at,
		    "an event and its parent share one property, of "
		    "one name");
	in->match = path;
	return true;
}

static struct cdp_node *
property(struct cdp_ql *q, struct inner *in, const char *lead)
{
	struct cdp_node *path;

	if (in == NULL)
		return cdp_ql_fault(
		    q, q->at, "an event's property stands in where()");
	if (!cdp_ql_want(q, '(') || (path = path_of(q, lead)) == NULL ||
	    same_as_parent(q, in, path))
		return NULL;
	return compared(q, false, path);
}

struct event {
	struct cdp_node *map; /* {event, where} */
	struct cdp_node *window, *val;
	const char *span; /* "within" or "between" */
	const char *op;
	struct inner in;
};

static void
filter(struct cdp_ql *q, struct event *ev, struct cdp_str what, size_t from)
{
	struct cdp_node *cond;

	if (cdp_str_is(what, "where")) {
		cond = either(q, &ev->in);
		if (cond != NULL)
			cdp_ql_add(q, ev->map, cdp_ql_word(q, "where"), cond);
	} else if (cdp_str_is(what, "within")) {
		ev->span = "within";
		if (cdp_ql_keyword(q, "parent")) {
			cdp_ql_want(q, ':');
			if (!ev->in.child)
				cdp_ql_fault(
				    q, from, "there is no parent here");
		} else if (ev->in.child) {
			cdp_ql_fault(q, from,
			    "an event in where() is asked for "
			    "within(parent: ...)");
		}
		ev->window = cdp_ql_duration(q);
	} else if (cdp_str_is(what, "between")) {
		ev->span = "between";
		ev->window = cdp_ql_list(q, CDP_NODE_SEQ);
		cdp_ql_add(q, ev->window, NULL, cdp_ql_duration(q));
		cdp_ql_want(q, ',');
		cdp_ql_add(q, ev->window, NULL, cdp_ql_duration(q));
	} else if (!q->bad) {
		cdp_ql_fault(q, from,
		    "'%.*s' is not supported: where(), within(), between() "
		    "and count() are; define a trait for what is to be "
		    "computed of events, and compare trait('...')",
		    (int)what.n, what.p);
	}
}

static bool
event_text(struct cdp_ql *q, struct event *ev)
{
	struct cdp_str what;
	struct cdp_node *s;
	bool omits;
	size_t from;

	if (!cdp_ql_want(q, '(') || (s = cdp_ql_string(q)) == NULL ||
	    !cdp_ql_want(q, ')'))
		return false;
	ev->map = cdp_ql_pair(q, "event", s);
	for (;;) {
		if (!cdp_ql_want(q, '.'))
			return false;
		from = q->at;
		what = cdp_ql_name(q);
		if (!cdp_ql_want(q, '('))
			return false;
		if (cdp_str_is(what, "count"))
			break;
		filter(q, ev, what, from);
		if (q->bad || !cdp_ql_want(q, ')'))
			return false;
	}
	if (!cdp_ql_want(q, ')'))
		return false;
	ev->val = cdp_ql_compare(q, &ev->op, &omits);
	return ev->val != NULL;
}

/* 1: at least one; 0: none; -1: another number. */
static int
whether(const struct event *ev)
{
	struct cdp_str op = cdp_str_of(ev->op), n = ev->val->text;
	bool zero = cdp_str_is(n, "0"), one = cdp_str_is(n, "1");

	if ((one && cdp_str_is(op, "gte")) || (zero && cdp_str_is(op, "gt")))
		return 1;
	if ((one && cdp_str_is(op, "lt")) ||
	    (zero && (cdp_str_is(op, "eq") || cdp_str_is(op, "lte"))))
		return 0;
	return -1;
}

/* An event in where() becomes the second step of a sequence. */
static struct cdp_node *
inner_event(struct cdp_ql *q, struct inner *in, const struct event *ev)
{
	int yes = whether(ev);

	if (yes < 0 || in->map != NULL)
		return cdp_ql_fault(q, q->at,
		    yes < 0 ? "an event in where() is there, or not: count() "
			      ">= 1 or count() = 0"
			    : "one event in where() is all that is "
			      "supported");
	in->map = ev->map;
	in->window = ev->window;
	in->span = ev->span;
	in->match = ev->in.match;
	in->absent = yes == 0;
	return NULL;
}

static struct cdp_node *
sequence(struct cdp_ql *q, const struct event *ev)
{
	struct cdp_node *steps = cdp_ql_list(q, CDP_NODE_SEQ), *map, *step;

	step = ev->in.absent ? cdp_ql_pair(q, "not", ev->in.map) : ev->in.map;
	if (ev->in.window != NULL)
		cdp_ql_add(q, step, cdp_ql_word(q, ev->in.span), ev->in.window);
	cdp_ql_add(q, steps, NULL, ev->map);
	cdp_ql_add(q, steps, NULL, step);
	map = cdp_ql_pair(q, "sequence", steps);
	if (ev->in.match != NULL)
		cdp_ql_add(q, map, cdp_ql_word(q, "match"), ev->in.match);
	if (ev->window != NULL)
		cdp_ql_add(q, map, cdp_ql_word(q, ev->span), ev->window);
	return map;
}

static struct cdp_node *
event(struct cdp_ql *q, struct inner *in)
{
	struct event ev = { .in.child = in != NULL };
	struct cdp_node *map;
	int yes;

	if (in != NULL && in->child)
		return cdp_ql_fault(
		    q, q->at, "an event in an event in where()");
	if (!event_text(q, &ev) || q->bad)
		return NULL;
	if (in != NULL)
		return inner_event(q, in, &ev);
	if (ev.in.map == NULL) {
		map = ev.map;
		if (ev.window != NULL)
			cdp_ql_add(q, map, cdp_ql_word(q, ev.span), ev.window);
		cdp_ql_add(q, map, cdp_ql_word(q, "count"),
		    cdp_ql_pair(q, ev.op, ev.val));
		return map;
	}
	if ((yes = whether(&ev)) < 0)
		return cdp_ql_fault(q, q->at,
		    "with an event in where(), count() is >= 1 or = 0");
	map = sequence(q, &ev);
	return yes ? map : cdp_ql_pair(q, "not", map);
}

static struct cdp_node *
primary(struct cdp_ql *q, struct inner *in)
{
	struct cdp_node *path;
	struct cdp_str what;
	size_t from;

	cdp_ql_peek(q);
	from = q->at;
	what = cdp_ql_name(q);
	if (cdp_str_is(what, "event"))
		return event(q, in);
	if (cdp_str_is(what, "property"))
		return property(q, in, "properties.");
	if (cdp_str_is(what, "context"))
		return property(q, in, "context.");
	if (cdp_str_is(what, "trait") && in == NULL) {
		if (!cdp_ql_want(q, '(') || (path = path_of(q, "")) == NULL)
			return NULL;
		return compared(q, true, path);
	}
	if (what.n == 0)
		return cdp_ql_fault(
		    q, from, "expected event(), trait() or '('");
	return cdp_ql_fault(
	    q, from, "'%.*s' is not supported here", (int)what.n, what.p);
}

static struct cdp_node *unary(struct cdp_ql *q, struct inner *in);

/* Of the users of an account: the one kind of group that the project has. */
static struct cdp_node *
members(struct cdp_ql *q, struct inner *in, const char *ask)
{
	struct cdp_node *map, *of;

	if (in != NULL)
		return cdp_ql_fault(q, q->at,
		    "ANY and ALL of an account stand outside where()");
	if ((of = unary(q, in)) == NULL)
		return NULL;
	map = cdp_ql_pair(q, "in_group", cdp_ql_word(q, ""));
	cdp_ql_add(q, map, cdp_ql_word(q, ask), of);
	return map;
}

/* The contrary: of an event in where(), that it did not happen. */
static struct cdp_node *
contrary(struct cdp_ql *q, struct inner *in)
{
	const struct cdp_node *had = in != NULL ? in->map : NULL;
	struct cdp_node *node;

	node = unary(q, in);
	if (q->bad)
		return NULL;
	if (node != NULL && in != NULL && in->map != had)
		return cdp_ql_fault(q, q->at,
		    "NOT of an event in where() and of something else");
	if (node == NULL)
		in->absent = !in->absent;
	return node == NULL ? NULL : cdp_ql_pair(q, "not", node);
}

static struct cdp_node *
unary(struct cdp_ql *q, struct inner *in)
{
	struct cdp_node *node;

	if (q->depth == DEPTH_MAX)
		return cdp_ql_fault(q, q->at, "nested too deeply");
	q->depth++;
	if (cdp_ql_keyword(q, "NOT") || cdp_ql_keyword(q, "not")) {
		node = contrary(q, in);
	} else if (cdp_ql_keyword(q, "ANY")) {
		node = members(q, in, "any");
	} else if (cdp_ql_keyword(q, "ALL")) {
		node = members(q, in, "all");
	} else if (cdp_ql_take(q, '(')) {
		node = either(q, in);
		if (!q->bad)
			cdp_ql_want(q, ')');
	} else {
		node = primary(q, in);
	}
	q->depth--;
	return node;
}

static struct cdp_node *
both(struct cdp_ql *q, struct inner *in)
{
	struct cdp_node *node = unary(q, in), *seq = NULL;

	while (
	    !q->bad && (cdp_ql_keyword(q, "AND") || cdp_ql_keyword(q, "and")))
		node = cdp_ql_join(q, "all", node, unary(q, in), &seq);
	return node;
}

static struct cdp_node *
either(struct cdp_ql *q, struct inner *in)
{
	struct cdp_node *node = both(q, in), *seq = NULL;
	size_t from = q->at;

	while (
	    !q->bad && (cdp_ql_keyword(q, "OR") || cdp_ql_keyword(q, "or"))) {
		node = cdp_ql_join(q, "any", node, both(q, in), &seq);
		if (in != NULL && in->map != NULL)
			cdp_ql_fault(q, from,
			    "an event in where() is joined by AND alone");
	}
	return node;
}

struct cdp_node *
cdp_segment_read(struct cdp_loader *ld, const struct cdp_node *text)
{
	struct cdp_ql q = { .ld = ld, .node = text };
	struct cdp_node *node;

	if (!cdp_load_str(ld, text, "segment", &q.s))
		return NULL;
	node = either(&q, NULL);
	if (!q.bad && cdp_ql_peek(&q) != '\0')
		cdp_ql_fault(&q, q.at, "expected AND, OR or the end");
	return q.bad ? NULL : node;
}
