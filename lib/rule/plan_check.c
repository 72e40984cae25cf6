#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/rule/ops.h"
#include "lib/rule/plan.h"

enum answer {
	KNOWN,
	UNKNOWN, /* but it may be there */
	OUT      /* it cannot be there */
};

/* A path, and the nearest names that were met where it is lost. */
struct look {
	struct cdp_loader *ld;
	const struct cdp_trigger *on;
	struct cdp_str lost; /* the segment */
	struct cdp_str near; /* or empty */
	struct cdp_str event;
	const struct cdp_node *value; /* what it leads to, if that is known */
	bool strict;                  /* and is what the value must be */
};

static const struct cdp_plan_rule *
rule_of(
    const struct cdp_plan *plan, struct cdp_str event, enum cdp_plan_part *part)
{
	const struct cdp_plan_rule *rule = cdp_map_get(&plan->by_name, event);

	*part = cdp_str_is(event, "Page Viewed") ? CDP_PLAN_PAGE
	    : cdp_str_is(event, "Screen Viewed") ? CDP_PLAN_SCREEN
						 : CDP_PLAN_TRACK;
	if (rule == NULL && *part != CDP_PLAN_TRACK)
		rule = &plan->part[*part];
	else
		*part = CDP_PLAN_TRACK;
	return rule != NULL && rule->n != 0 ? rule : NULL;
}

static void
lose(struct look *l, struct cdp_str seg, const struct cdp_str *names, size_t n)
{
	int i = cdp_str_nearest(seg, names, n);

	l->lost = seg;
	if (i >= 0)
		l->near = names[i];
}

/* Only a map of properties says what there is; other keywords might add. */
static bool
says_all(const struct cdp_node *schema)
{
	static const char *const more[] = { "$ref", "patternProperties",
		"allOf", "anyOf", "oneOf", "then", "else" };
	const struct cdp_node *props = cdp_node_get(schema, "properties");

	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		if (cdp_node_get(schema, more[i]) != NULL)
			return false;
	return props != NULL && props->kind == CDP_NODE_MAP && props->n != 0;
}

/* The rest of the path, in the value of a property. */
static enum answer
inside(struct look *l, const struct cdp_node *schema,
    const struct cdp_path *path, size_t i)
{
	const struct cdp_node *props, *more, *v;
	struct cdp_str *names;
	bool yes = true;

	if (i == path->n)
		l->value = schema;
	if (i < path->n && cdp_str_is(path->seg[i], "$") &&
	    (v = cdp_node_get(schema, "items")) != NULL &&
	    v->kind == CDP_NODE_MAP)
		return inside(l, v, path, i + 1);
	if (i == path->n || !says_all(schema))
		return KNOWN;
	props = cdp_node_get(schema, "properties");
	names = cdp_arena_calloc(l->ld->mem, props->n, sizeof(*names));
	for (size_t k = 0; k < props->n; k++) {
		names[k] = props->key[k]->text;
		v = props->item[k];
		if (cdp_str_eq(names[k], path->seg[i]))
			return inside(l, v, path, i + 1);
	}
	lose(l, path->seg[i], names, props->n);
	more = cdp_node_get(schema, "additionalProperties");
	return more != NULL && cdp_node_is_bool(more, &yes) && !yes ? OUT
								    : UNKNOWN;
}

static int
by_bytes(const void *a, const void *b)
{
	return cdp_str_cmp(
	    *(const struct cdp_str *)a, *(const struct cdp_str *)b);
}

/* The names a version plans, in an order that is always the same. */
static void
lose_top(struct look *l, const struct cdp_plan_version *v, struct cdp_str seg)
{
	struct cdp_str *names = cdp_xcalloc(v->planned.n + 1, sizeof(*names));
	struct cdp_map_ent *e;
	size_t i = 0, n = 0;

	while ((e = cdp_map_next(&v->planned, &i)) != NULL)
		names[n++] = e->key;
	qsort(names, n, sizeof(*names), by_bytes);
	lose(l, seg, names, n);
	free(names);
}

static enum answer
in_version(struct look *l, const struct cdp_plan_version *v,
    const struct cdp_plan_mode *mode, const struct cdp_path *path)
{
	bool strict = v->closed || mode->unplanned_property != CDP_ALLOW;
	const struct cdp_node *node;

	if (v->open || (v->planned.n == 0 && !strict))
		return KNOWN;
	node = cdp_map_get(&v->planned, path->seg[1]);
	if (node != NULL)
		return inside(l, node, path, 2);
	lose_top(l, v, path->seg[1]);
	return strict ? OUT : UNKNOWN;
}

/* What the event of that name says of the path, in its likeliest version. */
static enum answer
in_event(struct look *l, struct cdp_str event, const struct cdp_path *path)
{
	const struct cdp_plan *plan = &l->ld->pr->plan;
	enum cdp_plan_part part;
	const struct cdp_plan_rule *rule = rule_of(plan, event, &part);
	enum answer a, ret = OUT;

	if (rule == NULL)
		return KNOWN; /* nothing is known of it at all */
	for (size_t i = 0; i < rule->n && ret != KNOWN; i++) {
		a = in_version(l, &rule->v[i], &plan->mode[part], path);
		if (a < ret)
			ret = a;
	}
	l->event = event;
	l->strict = plan->mode[part].violation != CDP_ALLOW;
	if (rule->n > 1)
		l->value = NULL; /* another version may say otherwise */
	return ret;
}

static void
check_path(void *arg, const struct cdp_path *path, const struct cdp_ops *ops,
    const struct cdp_node *at)
{
	struct look *l = arg;
	enum answer a, all = OUT;
	struct cdp_str hint;

	if (path->n < 2 || !cdp_str_is(path->seg[0], "properties"))
		return;
	l->near = (struct cdp_str){ NULL, 0 };
	l->value = NULL;
	for (size_t i = 0; i < l->on->nevent && all != KNOWN; i++) {
		a = in_event(l, l->on->event[i], path);
		if (a < all)
			all = a;
	}
	if (all == KNOWN && l->on->nevent == 1 && l->value != NULL &&
	    !cdp_ops_refers(ops))
		cdp_plan_check_value(
		    l->ld, l->value, ops, at, l->event, l->strict);
	if (all == KNOWN || l->on->nevent == 0)
		return;
	hint = l->near.n == 0
	    ? CDP_STR("")
	    : cdp_arena_printf(l->ld->mem, "; did you mean '%.*s'?",
		  (int)l->near.n, l->near.p);
	(all == OUT ? cdp_diag_error : cdp_diag_warn)(l->ld->diags, at,
	    "unplanned-property",
	    "the plan of '%.*s' has no property '%.*s'%.*s", (int)l->event.n,
	    l->event.p, (int)l->lost.n, l->lost.p, (int)hint.n, hint.p);
}

void
cdp_plan_check_paths(struct cdp_loader *ld, const struct cdp_trigger *on)
{
	struct look l = { .ld = ld, .on = on };

	cdp_pred_paths(on->where, check_path, &l);
}
