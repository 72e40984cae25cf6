#include "lib/rule/ops.h"
#include "lib/rule/plan.h"

/* What a condition asks of a property that the plan knows. */

enum { NUMBER = 1, STRING = 2, BOOLEAN = 4, ARRAY = 8, OTHER = 16 };

static unsigned
bit_of(const struct cdp_node *name)
{
	static const struct {
		const char *name;
		unsigned bit;
	} known[] = {
		{ "number", NUMBER },
		{ "integer", NUMBER },
		{ "string", STRING },
		{ "boolean", BOOLEAN },
		{ "array", ARRAY },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (cdp_str_is(name->text, known[i].name))
			return known[i].bit;
	return OTHER;
}

/* The types that a schema lets a value have; 0: any. */
static unsigned
types(const struct cdp_node *schema)
{
	const struct cdp_node *type = cdp_node_get(schema, "type");
	unsigned ret = 0;

	if (type == NULL)
		return 0;
	if (type->kind == CDP_NODE_SCALAR)
		return bit_of(type);
	for (size_t i = 0; i < type->n; i++)
		ret |= bit_of(type->item[i]);
	return ret;
}

static const char *
name_of(unsigned bits)
{
	switch (bits & ~(unsigned)OTHER) {
	case NUMBER:
		return "a number";
	case STRING:
		return "a string";
	case BOOLEAN:
		return "true or false";
	case ARRAY:
		return "an array";
	default:
		return "of another type";
	}
}

static unsigned
bit_of_const(const struct cdp_const *v)
{
	return v->kind == CDP_NUM   ? NUMBER
	    : v->kind == CDP_STRING ? STRING
				    : BOOLEAN;
}

/* The types a value needs to satisfy the operator with its operand v. */
static unsigned
wanted(const struct cdp_ops *op, const struct cdp_const *v)
{
	switch (op->kind) {
	case CDP_OP_EXISTS:
		return ~0u;
	case CDP_OP_CONTAINS:
		return v->kind == CDP_STRING ? ARRAY | STRING : ARRAY;
	case CDP_OP_STARTS:
	case CDP_OP_ENDS:
	case CDP_OP_MATCHES:
	case CDP_OP_BEFORE:
	case CDP_OP_AFTER:
	case CDP_OP_WITHIN_LAST:
	case CDP_OP_WITHIN_NEXT:
		return STRING;
	default:
		return bit_of_const(v);
	}
}

struct place {
	struct cdp_loader *ld;
	const struct cdp_node *at;
	struct cdp_str event;
	bool strict;
};

static void
check_type(const struct place *p, const struct cdp_ops *op, unsigned has)
{
	static const struct cdp_const none;
	size_t n = op->nv != 0 ? op->nv : 1;

	for (size_t i = 0; i < n; i++) {
		if ((wanted(op, op->nv != 0 ? &op->v[i] : &none) & has) != 0)
			continue;
		(p->strict ? cdp_diag_error : cdp_diag_warn)(p->ld->diags,
		    p->at, "wrong-type",
		    "%.*s is %s by the plan of '%.*s': '%s'%s%s is never true",
		    (int)p->at->text.n, p->at->text.p, name_of(has),
		    (int)p->event.n, p->event.p, cdp_ops_names[op->kind],
		    op->nv != 0 ? " with " : "",
		    op->nv != 0 ? name_of(bit_of_const(&op->v[i])) : "");
		return;
	}
}

/* Of values that are listed, another one is a slip. */
static void
check_listed(const struct place *p, const struct cdp_ops *op,
    const struct cdp_node *list)
{
	struct cdp_str *names, s;
	size_t k;
	int near;

	names = cdp_arena_calloc(p->ld->mem, list->n + 1, sizeof(*names));
	for (k = 0; k < list->n; k++)
		names[k] = list->item[k]->text;
	for (size_t i = 0; i < op->nv; i++) {
		s = op->v[i].s;
		for (k = 0; k < list->n && !cdp_str_eq(names[k], s);)
			k++;
		if (k < list->n || op->v[i].kind != CDP_STRING)
			continue;
		near = cdp_str_nearest(s, names, list->n);
		(p->strict ? cdp_diag_error : cdp_diag_warn)(p->ld->diags,
		    p->at, "unplanned-value",
		    "%.*s is never '%.*s' by the plan of '%.*s'%s%.*s%s",
		    (int)p->at->text.n, p->at->text.p, (int)s.n, s.p,
		    (int)p->event.n, p->event.p,
		    near >= 0 ? "; did you mean '" : "",
		    near >= 0 ? (int)names[near].n : 0,
		    near >= 0 ? names[near].p : "", near >= 0 ? "'?" : "");
	}
}

void
cdp_plan_check_value(struct cdp_loader *ld, const struct cdp_node *schema,
    const struct cdp_ops *ops, const struct cdp_node *at, struct cdp_str event,
    bool strict)
{
	const struct place p = { ld, at, event, strict };
	const struct cdp_node *list = cdp_node_get(schema, "enum");
	unsigned has = types(schema);

	for (; ops != NULL; ops = ops->next) {
		if (has != 0)
			check_type(&p, ops, has);
		if (list != NULL && list->kind == CDP_NODE_SEQ &&
		    (ops->kind == CDP_OP_EQ || ops->kind == CDP_OP_IN))
			check_listed(&p, ops, list);
	}
}
