#include "lib/base/time.h"
#include "lib/rule/load.h"
#include "lib/rule/ops.h"
#include "lib/rule/trail.h"

/* Whether s is a number as JSON writes it. */
static bool
is_number(struct cdp_str s)
{
	struct cdp_tape t = { 0 };
	bool yes;

	yes = cdp_tape_parse(&t, s, NULL) == 0 && cdp_tape_isa(&t, 0, CDP_NUM);
	cdp_tape_free(&t);
	return yes;
}

static bool
constant(struct cdp_loader *ld, const struct cdp_node *node, const char *what,
    struct cdp_const *ret)
{
	bool b;

	if (node->kind != CDP_NODE_SCALAR || cdp_node_is_null(node)) {
		cdp_diag_error(ld->diags, node, "wrong-type",
		    "'%s' needs a string, a number, true or false%s", what,
		    node->kind == CDP_NODE_SCALAR
			? " (for \"there is none\" write exists: false)"
			: "");
		return false;
	}
	*ret = (struct cdp_const){ .kind = CDP_STRING, .s = node->text };
	if (cdp_node_is_bool(node, &b)) {
		ret->kind = b ? CDP_TRUE : CDP_FALSE;
	} else if (cdp_node_is_number(node)) {
		ret->kind = CDP_NUM;
		if (!is_number(node->text)) {
			cdp_diag_error(ld->diags, node, "wrong-type",
			    "'%s' needs a number in decimal digits, such as "
			    "12 or 0.5",
			    what);
			return false;
		}
	} else {
		ret->instant = cdp_ops_instant(node->text, &ret->ms);
	}
	return true;
}

static bool
constants(struct cdp_loader *ld, const struct cdp_node *node, const char *what,
    struct cdp_ops *op)
{
	struct cdp_const *v;

	if (!cdp_load_is_seq(ld, node, what))
		return false;
	if (node->n == 0) {
		cdp_diag_error(ld->diags, node, "wrong-type",
		    "'%s' needs at least one value", what);
		return false;
	}
	v = cdp_arena_calloc(ld->mem, node->n, sizeof(*v));
	for (size_t i = 0; i < node->n; i++)
		if (!constant(ld, node->item[i], what, &v[i]))
			return false;
	op->v = v;
	op->nv = node->n;
	return true;
}

static bool
single(struct cdp_loader *ld, const struct cdp_node *node, const char *what,
    struct cdp_ops *op)
{
	struct cdp_const *v = cdp_arena_calloc(ld->mem, 1, sizeof(*v));

	if (node->kind == CDP_NODE_SEQ) {
		cdp_diag_error(ld->diags, node, "wrong-type",
		    "'%s' needs one value; for one of several write 'in'%s",
		    what, op->kind == CDP_OP_NE ? " or 'not_in'" : "");
		return false;
	}
	op->v = v;
	op->nv = 1;
	return constant(ld, node, what, v);
}

/* gt and its kin: numbers, instants, and words in their order. */
static bool
ordered(struct cdp_loader *ld, const struct cdp_node *node, const char *what,
    struct cdp_ops *op)
{
	if (!single(ld, node, what, op))
		return false;
	if (op->v->kind == CDP_STRING && is_number(node->text)) {
		cdp_diag_error(ld->diags, node, "wrong-type",
		    "'%s' needs a number, and \"%.*s\" in quotes is a string",
		    what, (int)node->text.n, node->text.p);
		return false;
	}
	if (op->v->kind == CDP_TRUE || op->v->kind == CDP_FALSE) {
		cdp_diag_error(ld->diags, node, "wrong-type",
		    "'%s' needs a number, an instant or a string, not %.*s",
		    what, (int)node->text.n, node->text.p);
		return false;
	}
	return true;
}

static bool
pieces(struct cdp_loader *ld, const struct cdp_node *node, const char *what,
    struct cdp_ops *op)
{
	if (!(node->kind == CDP_NODE_SEQ ? constants : single)(
		ld, node, what, op))
		return false;
	for (size_t i = 0; i < op->nv; i++)
		if (op->v[i].kind != CDP_STRING &&
		    op->kind != CDP_OP_CONTAINS) {
			cdp_diag_error(ld->diags, node, "wrong-type",
			    "'%s' needs a string", what);
			return false;
		}
	return true;
}

static void
free_regex(void *re)
{
	cdp_regex_free(re);
}

static bool
pattern(struct cdp_loader *ld, const struct cdp_node *node, const char *what,
    struct cdp_ops *op)
{
	struct cdp_err err = { 0 };
	struct cdp_str s;

	if (!single(ld, node, what, op) || !cdp_load_str(ld, node, what, &s))
		return false;
	if (cdp_regex_compile(s, &op->re, &err) != 0) {
		cdp_diag_error(ld->diags, node, "bad-pattern", "%s", err.msg);
		return false;
	}
	cdp_load_defer(ld, free_regex, op->re);
	return true;
}

/* before and after: an instant, or a length of time from now. */
static bool
side(struct cdp_loader *ld, const struct cdp_node *node, const char *what,
    struct cdp_ops *op)
{
	if (node->kind == CDP_NODE_SCALAR) {
		if (cdp_ops_instant(node->text, &op->ms))
			return true;
		op->relative = true;
		if (cdp_str_is(node->text, "now") ||
		    cdp_time_duration(node->text, &op->ms) == 0)
			return true;
	}
	cdp_diag_error(ld->diags, node, "wrong-type",
	    "'%s' needs an instant such as 2026-03-01T09:00:00Z, a date, a "
	    "length of time such as 7d, or now",
	    what);
	return false;
}

/* What is compared with: {trait: PATH} and its like. */
static bool
refer(struct cdp_loader *ld, const struct cdp_node *node, const char *what,
    struct cdp_ops *op)
{
	static const char *const names[] = { "trait", "path", "parent", NULL };
	struct cdp_ref *ref = cdp_arena_calloc(ld->mem, 1, sizeof(*ref));
	bool fits = op->kind <= CDP_OP_LTE || op->kind == CDP_OP_CONTAINS ||
	    op->kind == CDP_OP_STARTS || op->kind == CDP_OP_ENDS ||
	    op->kind == CDP_OP_BEFORE || op->kind == CDP_OP_AFTER;
	size_t k = 0;

	while (node->n == 1 && names[k] != NULL &&
	    !cdp_str_is(node->key[0]->text, names[k]))
		k++;
	ref->of = (enum cdp_ref_of)(1 << k);
	if (node->n != 1 || names[k] == NULL || !fits ||
	    (ld->refers & ref->of) == 0) {
		cdp_diag_error(ld->diags, node, "wrong-type",
		    "'%s' needs a value here, no map", what);
		return false;
	}
	op->ref = ref;
	if (!cdp_load_each(ld, node->item[0], names[k], &ref->path, &ref->many))
		return false;
	if (ref->of != CDP_REF_TRAIT)
		ref->col = cdp_trail_col(ld, &ref->path);
	return true;
}

static bool
operand(struct cdp_loader *ld, const struct cdp_node *node, struct cdp_ops *op)
{
	const char *what = cdp_ops_names[op->kind];
	bool yes;

	if (node->kind == CDP_NODE_MAP && ld->refers != 0)
		return refer(ld, node, what, op);
	switch (op->kind) {
	case CDP_OP_EQ:
	case CDP_OP_NE:
		return single(ld, node, what, op);
	case CDP_OP_GT:
	case CDP_OP_GTE:
	case CDP_OP_LT:
	case CDP_OP_LTE:
		return ordered(ld, node, what, op);
	case CDP_OP_IN:
	case CDP_OP_NOT_IN:
		return constants(ld, node, what, op);
	case CDP_OP_EXISTS:
		if (!cdp_load_bool(ld, node, what, &yes))
			return false;
		op->ms = yes;
		return true;
	case CDP_OP_CONTAINS:
	case CDP_OP_STARTS:
	case CDP_OP_ENDS:
		return pieces(ld, node, what, op);
	case CDP_OP_MATCHES:
		return pattern(ld, node, what, op);
	case CDP_OP_BEFORE:
	case CDP_OP_AFTER:
		return side(ld, node, what, op);
	default:
		op->relative = true;
		return cdp_load_duration(ld, node, what, &op->ms);
	}
}

static int
find(struct cdp_str name, const char *const *names)
{
	for (int i = 0; names != NULL && names[i] != NULL; i++)
		if (cdp_str_is(name, names[i]))
			return i;
	return -1;
}

static void
unknown(struct cdp_loader *ld, const struct cdp_node *key,
    const struct cdp_node *val, const char *what)
{
	struct cdp_str names[CDP_NOPS];
	int near;

	for (int i = 0; i < CDP_NOPS; i++)
		names[i] = cdp_str_of(cdp_ops_names[i]);
	near = cdp_str_nearest(key->text, names, CDP_NOPS);
	if (near < 0 && val->kind == CDP_NODE_MAP)
		cdp_diag_error(ld->diags, key, "unknown-operator",
		    "'%.*s' is no operator; a path is one key with dots: "
		    "%s.%.*s",
		    (int)key->text.n, key->text.p, what, (int)key->text.n,
		    key->text.p);
	else if (near < 0)
		cdp_diag_error(ld->diags, key, "unknown-operator",
		    "'%.*s' is no operator", (int)key->text.n, key->text.p);
	else
		cdp_diag_error(ld->diags, key, "unknown-operator",
		    "'%.*s' is no operator; did you mean '%s'?",
		    (int)key->text.n, key->text.p, cdp_ops_names[near]);
}

struct cdp_ops *
cdp_ops_load(struct cdp_loader *ld, const struct cdp_node *map,
    const char *const *skip, const char *what)
{
	struct cdp_ops *head = NULL, **tail = &head, *op;
	bool bad = false;
	int kind;

	for (size_t i = 0; i < map->n; i++) {
		if (find(map->key[i]->text, skip) >= 0)
			continue;
		kind = find(map->key[i]->text, cdp_ops_names);
		if (kind < 0) {
			unknown(ld, map->key[i], map->item[i], what);
			bad = true;
			continue;
		}
		op = cdp_arena_calloc(ld->mem, 1, sizeof(*op));
		op->kind = (enum cdp_op_kind)kind;
		bad |= !operand(ld, map->item[i], op);
		*tail = op;
		tail = &op->next;
	}
	if (head == NULL && !bad)
		cdp_diag_error(ld->diags, map, "missing-operator",
		    "'%s' needs an operator: eq ne gt gte lt lte in not_in "
		    "exists contains starts_with ends_with matches before "
		    "after within_last within_next",
		    what);
	return bad ? NULL : head;
}

struct cdp_ops *
cdp_ops_short(
    struct cdp_loader *ld, const struct cdp_node *node, const char *what)
{
	struct cdp_ops *op;

	if (node->kind == CDP_NODE_MAP)
		return cdp_ops_load(ld, node, NULL, what);
	op = cdp_arena_calloc(ld->mem, 1, sizeof(*op));
	op->kind = node->kind == CDP_NODE_SEQ ? CDP_OP_IN : CDP_OP_EQ;
	return operand(ld, node, op) ? op : NULL;
}
