#include <string.h>

#include "lib/rule/file.h"
#include "lib/rule/jnode.h"
#include "lib/rule/plan.h"

/*
 * What Segment's Public API gives: {"data":{"trackingPlan":{...}}} and pages of
 * {"data":{"rules":[...]}}, or what is inside; and what the Config API before
 * it gave: {"name":...,"rules":{"events":[...],"global":{...}}}, or that as
 * {"tracking_plan":{...}}.
 */

static bool
has(const struct cdp_node *node, const char *key)
{
	const struct cdp_node *v = cdp_node_get(node, key);

	return v != NULL && !cdp_node_is_null(v);
}

/*
 * Schemas are of the whole event, but some tools write those of the properties
 * alone.
 */
static bool
is_whole(const struct cdp_node *schema)
{
	const struct cdp_node *props = cdp_node_get(schema, "properties");

	return props == NULL || has(props, "properties") ||
	    has(props, "traits") || has(props, "context");
}

static void
add(struct cdp_loader *ld, struct cdp_plan_rule *rule,
    const struct cdp_node *version, const struct cdp_node *schema,
    enum cdp_plan_part part)
{
	int64_t number = 1;

	if (schema == NULL || schema->kind != CDP_NODE_MAP) {
		cdp_diag_error(ld->diags, schema != NULL ? schema : rule->node,
		    "wrong-type", "a rule of the plan needs a schema");
		return;
	}
	if (version != NULL && !cdp_node_is_null(version) &&
	    !cdp_load_int(ld, version, "a version", 0, INT64_MAX, &number))
		return;
	cdp_plan_add(ld, rule, number, schema, cdp_plan_body[part],
	    part == CDP_PLAN_COMMON || is_whole(schema));
}

/* ---- the Public API ---- */

static void
api_rule(struct cdp_loader *ld, const struct cdp_node *node)
{
	static const char *const types[] = { "TRACK", "IDENTIFY", "GROUP",
		"PAGE", "SCREEN", "COMMON", NULL };
	const struct cdp_node *key = cdp_node_get(node, "key");
	struct cdp_plan_rule *rule;
	int part;

	if (!cdp_load_is_map(ld, node, "a rule") ||
	    !cdp_load_choice(ld, cdp_node_get(node, "type"),
		"the type of a rule", types, &part))
		return;
	if (part == CDP_PLAN_TRACK) {
		struct cdp_str name;

		if (!cdp_load_str(ld, key, "the key of a rule", &name))
			return;
		rule = cdp_plan_rule(ld, key);
	} else {
		rule = &ld->pr->plan.part[part];
		rule->node = node;
	}
	add(ld, rule, cdp_node_get(node, "version"),
	    cdp_node_get(node, "jsonSchema"), (enum cdp_plan_part)part);
}

static void
api_rules(struct cdp_loader *ld, const struct cdp_node *seq)
{
	size_t i;

	cdp_plan_reserve(ld, seq->n);
	for (i = 0; i < seq->n; i++)
		api_rule(ld, seq->item[i]);
}

/* ---- the Config API ---- */

static void
old_events(struct cdp_loader *ld, const struct cdp_node *seq)
{
	const struct cdp_node *ev, *name;
	struct cdp_str text;
	size_t i;

	if (!cdp_load_is_seq(ld, seq, "the events of a plan"))
		return;
	cdp_plan_reserve(ld, seq->n);
	for (i = 0; i < seq->n; i++) {
		ev = seq->item[i];
		name = cdp_node_get(ev, "name");
		if (cdp_load_is_map(ld, ev, "an event of the plan") &&
		    cdp_load_str(ld, name, "the name of an event", &text))
			add(ld, cdp_plan_rule(ld, name),
			    cdp_node_get(ev, "version"),
			    cdp_node_get(ev, "rules"), CDP_PLAN_TRACK);
	}
}

/* Lists of traits, from before they had schemas; Segment writes them empty. */
static void
unknown_kind(struct cdp_loader *ld, const struct cdp_node *key)
{
	bool traits = cdp_str_is(key->text, "identify_traits") ||
	    cdp_str_is(key->text, "group_traits");
	size_t n = key->text.n;

	if (traits)
		n -= strlen("_traits");
	cdp_diag_error(ld->diags, key, "not-supported",
	    traits ? "lists of traits are not read: give a schema as '%.*s'"
		   : "a plan has no rules of the kind '%.*s'",
	    (int)n, key->text.p);
}

static void
old_rules(struct cdp_loader *ld, const struct cdp_node *map)
{
	static const struct {
		const char *key;
		enum cdp_plan_part part;
	} known[] = {
		{ "identify", CDP_PLAN_IDENTIFY },
		{ "group", CDP_PLAN_GROUP },
		{ "page", CDP_PLAN_PAGE },
		{ "screen", CDP_PLAN_SCREEN },
		{ "global", CDP_PLAN_COMMON },
		{ "common", CDP_PLAN_COMMON },
	};
	struct cdp_plan_rule *rule;
	const struct cdp_node *v;
	size_t i, k;

	for (i = 0; i < map->n; i++) {
		v = map->item[i];
		if (cdp_node_is_null(v) ||
		    (v->kind != CDP_NODE_SCALAR && v->n == 0))
			continue;
		if (cdp_str_is(map->key[i]->text, "events")) {
			old_events(ld, v);
			continue;
		}
		for (k = 0; k < sizeof(known) / sizeof(known[0]); k++)
			if (cdp_str_is(map->key[i]->text, known[k].key))
				break;
		if (k == sizeof(known) / sizeof(known[0])) {
			unknown_kind(ld, map->key[i]);
			continue;
		}
		rule = &ld->pr->plan.part[known[k].part];
		rule->node = v;
		add(ld, rule, NULL, v, known[k].part);
	}
}

/* ---- either ---- */

/* Which plan it is, for those who are told of violations. */
static void
plan_name(struct cdp_loader *ld, const struct cdp_node *node)
{
	static const char *const names[] = { "display_name", "name" };
	struct cdp_plan *plan = &ld->pr->plan;
	const struct cdp_node *id = cdp_node_get(node, "id"), *v;
	size_t i;

	if (id != NULL && id->kind == CDP_NODE_SCALAR)
		plan->id = id->text;
	for (i = 0; i < 2 && plan->name.n == 0; i++)
		if ((v = cdp_node_get(node, names[i])) != NULL &&
		    v->kind == CDP_NODE_SCALAR)
			plan->name = v->text;
}

/* False if there is nothing of a plan in it. */
static bool
read_plan(struct cdp_loader *ld, const struct cdp_node *node)
{
	const struct cdp_node *rules = cdp_node_get(node, "rules");
	bool found = false;
	size_t i;

	if (node->kind == CDP_NODE_SEQ && node->n != 0 &&
	    has(node->item[0], "type")) {
		api_rules(ld, node);
		return true;
	}
	for (i = 0; node->kind == CDP_NODE_SEQ && i < node->n; i++)
		found |= read_plan(ld, node->item[i]);
	if (node->kind != CDP_NODE_MAP)
		return found;
	if (has(node, "data"))
		return read_plan(ld, cdp_node_get(node, "data"));
	if (has(node, "trackingPlan"))
		found = read_plan(ld, cdp_node_get(node, "trackingPlan"));
	else if (has(node, "tracking_plan"))
		return read_plan(ld, cdp_node_get(node, "tracking_plan"));
	if (has(node, "name") || has(node, "display_name")) {
		plan_name(ld, node);
		found = true;
	}
	if (rules != NULL && rules->kind == CDP_NODE_SEQ)
		api_rules(ld, rules);
	else if (rules != NULL && rules->kind == CDP_NODE_MAP)
		old_rules(ld, rules);
	return found || rules != NULL;
}

void
cdp_plan_file(struct cdp_loader *ld, const struct cdp_node *node)
{
	struct cdp_node *root;
	struct cdp_str text;

	if (!cdp_load_file(ld, node, "the file of a plan", &text))
		return;
	cdp_jnode_parse(
	    text, cdp_file_shown(ld, node->text).p, ld->mem, ld->diags, &root);
	if (root != NULL && !read_plan(ld, root))
		cdp_diag_error(ld->diags, root, "bad-plan",
		    "no tracking plan of Segment: 'rules' is missing");
}
