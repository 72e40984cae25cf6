#include "lib/rule/plan.h"

const char *const cdp_plan_body[CDP_PLAN_NPARTS] = {
	[CDP_PLAN_TRACK] = "properties",
	[CDP_PLAN_IDENTIFY] = "traits",
	[CDP_PLAN_GROUP] = "traits",
	[CDP_PLAN_PAGE] = "properties",
	[CDP_PLAN_SCREEN] = "properties",
	[CDP_PLAN_COMMON] = "",
};

static const char *const part_names[CDP_PLAN_NPARTS] = {
	[CDP_PLAN_TRACK] = "track",
	[CDP_PLAN_IDENTIFY] = "identify",
	[CDP_PLAN_GROUP] = "group",
	[CDP_PLAN_PAGE] = "page",
	[CDP_PLAN_SCREEN] = "screen",
	[CDP_PLAN_COMMON] = "common",
};

/* ---- rules ---- */

void
cdp_plan_reserve(struct cdp_loader *ld, size_t more)
{
	struct cdp_plan *plan = &ld->pr->plan;
	size_t i;

	plan->event = cdp_load_grow(
	    ld, plan->event, plan->nevent, more, sizeof(*plan->event));
	/* Those that were there have moved. */
	for (i = 0; i < plan->nevent; i++)
		*cdp_map_at(&plan->by_name, plan->event[i].name) =
		    &plan->event[i];
}

struct cdp_plan_rule *
cdp_plan_rule(struct cdp_loader *ld, const struct cdp_node *name)
{
	struct cdp_plan *plan = &ld->pr->plan;
	void **slot = cdp_map_at(&plan->by_name, name->text);

	if (*slot == NULL) {
		*slot = &plan->event[plan->nevent++];
		*(struct cdp_plan_rule *)*slot =
		    (struct cdp_plan_rule){ name->text, NULL, 0, name };
	}
	return *slot;
}

/* One schema, or several under "versions". */
static void
load_rule(struct cdp_loader *ld, struct cdp_plan_rule *rule,
    const struct cdp_node *node, const char *body)
{
	const struct cdp_node *all = cdp_node_get(node, "versions");
	static const char *const known[] = { "versions", NULL };
	bool whole = *body == '\0';
	int64_t number;
	size_t i;

	if (all == NULL) {
		cdp_plan_add(ld, rule, 1, node, body, whole);
		return;
	}
	cdp_diag_keys(ld->diags, node, "a rule with versions", known);
	if (!cdp_load_is_map(ld, all, "versions"))
		return;
	for (i = 0; i < all->n; i++)
		if (cdp_load_int(
			ld, all->key[i], "a version", 0, INT64_MAX, &number))
			cdp_plan_add(
			    ld, rule, number, all->item[i], body, whole);
}

/* What another file defines too is reported when sections are claimed. */
static bool
is_first(struct cdp_loader *ld, const struct cdp_node *key)
{
	struct cdp_str id = cdp_arena_printf(
	    ld->mem, "plan.events.%.*s", (int)key->text.n, key->text.p);

	return cdp_map_get(&ld->seen, id) == key;
}

static void
load_events(struct cdp_loader *ld, struct cdp_node *map)
{
	size_t i;

	if (cdp_node_is_null(map) ||
	    !cdp_load_is_map(ld, map, "the events of a plan"))
		return;
	cdp_plan_reserve(ld, map->n);
	for (i = 0; i < map->n; i++)
		if (is_first(ld, map->key[i]))
			load_rule(ld, cdp_plan_rule(ld, map->key[i]),
			    map->item[i], cdp_plan_body[CDP_PLAN_TRACK]);
}

/* ---- modes ---- */

static void
load_action(struct cdp_loader *ld, const struct cdp_node *mode, const char *key,
    const char *const *names, enum cdp_plan_action *ret)
{
	static const enum cdp_plan_action actions[] = { CDP_ALLOW, CDP_OMIT,
		CDP_BLOCK };
	const struct cdp_node *node = cdp_node_get(mode, key);
	int k;

	if (node != NULL && cdp_load_choice(ld, node, key, names, &k))
		*ret = actions[k];
}

/* What may be said of all calls, and of those of one type. */
static void
load_part_mode(struct cdp_loader *ld, const struct cdp_node *mode,
    struct cdp_plan_mode *ret)
{
	static const char *const property[] = { "allow", "omit", NULL };
	static const char *const violation[] = { "allow", "omit", "block",
		NULL };

	load_action(
	    ld, mode, "unplanned_property", property, &ret->unplanned_property);
	load_action(ld, mode, "violation", violation, &ret->violation);
	load_action(ld, mode, "common", violation, &ret->common);
}

/* Traits that no rule names are let pass unless it is said of their call. */
static void
share_mode(struct cdp_plan *plan)
{
	const struct cdp_plan_mode *all = &plan->mode[CDP_PLAN_TRACK];
	int part;

	for (part = CDP_PLAN_IDENTIFY; part < CDP_PLAN_COMMON; part++) {
		plan->mode[part] = *all;
		if (part == CDP_PLAN_IDENTIFY || part == CDP_PLAN_GROUP)
			plan->mode[part].unplanned_property = CDP_ALLOW;
	}
}

static void
load_mode(struct cdp_loader *ld, const struct cdp_node *mode)
{
	static const char *const known[] = { "unplanned_event",
		"unplanned_property", "violation", "common", "track",
		"identify", "group", "page", "screen", NULL };
	static const char *const inner[] = { "unplanned_property", "violation",
		"common", NULL };
	static const char *const event[] = { "allow", "block", NULL };
	struct cdp_plan *plan = &ld->pr->plan;
	struct cdp_plan_mode *all = &plan->mode[CDP_PLAN_TRACK];
	const struct cdp_node *v;
	int k, part;

	if (!cdp_load_is_map(ld, mode, "mode"))
		return;
	cdp_diag_keys(ld->diags, mode, "mode", known);
	v = cdp_node_get(mode, known[0]);
	if (v != NULL && cdp_load_choice(ld, v, known[0], event, &k))
		plan->unplanned_event = k == 0 ? CDP_ALLOW : CDP_BLOCK;
	load_part_mode(ld, mode, all);
	if (cdp_node_get(mode, "common") == NULL)
		all->common = all->violation;
	share_mode(plan);
	for (part = CDP_PLAN_TRACK; part < CDP_PLAN_COMMON; part++) {
		v = cdp_node_get(mode, part_names[part]);
		if (v == NULL || !cdp_load_is_map(ld, v, part_names[part]))
			continue;
		cdp_diag_keys(ld->diags, v, "the mode of a call", inner);
		load_part_mode(ld, v, &plan->mode[part]);
	}
}

/* ---- the section ---- */

void
cdp_load_plan(struct cdp_loader *ld, struct cdp_node *node)
{
	static const char *const known[] = { "file", "mode", "events",
		"identify", "group", "page", "screen", "common", "expect",
		NULL };
	struct cdp_plan *plan = &ld->pr->plan;
	struct cdp_node *v;
	int part;

	plan->present = true;
	for (part = CDP_PLAN_IDENTIFY; part < CDP_PLAN_NPARTS; part++)
		plan->part[part].name = cdp_str_of(part_names[part]);
	cdp_diag_keys(ld->diags, node, "plan", known);
	if ((v = cdp_node_get(node, "mode")) != NULL)
		load_mode(ld, v);
	if ((v = cdp_node_get(node, "file")) != NULL)
		cdp_plan_file(ld, v);
	if ((v = cdp_node_get(node, "events")) != NULL)
		load_events(ld, v);
	if ((v = cdp_node_get(node, "expect")) != NULL)
		cdp_plan_expect(ld, v);
	for (part = CDP_PLAN_IDENTIFY; part < CDP_PLAN_NPARTS; part++) {
		v = cdp_node_get(node, part_names[part]);
		if (v == NULL)
			continue;
		plan->part[part].node = v;
		load_rule(ld, &plan->part[part], v, cdp_plan_body[part]);
	}
}

void
cdp_finish_plan(struct cdp_loader *ld)
{
	struct cdp_plan *plan = &ld->pr->plan;
	size_t i;

	for (i = 0; i < plan->nevent; i++)
		cdp_plan_keep(ld, &plan->event[i]);
	for (i = 0; i < CDP_PLAN_NPARTS; i++)
		cdp_plan_keep(ld, &plan->part[i]);
	if (plan->name.n == 0)
		plan->name = ld->pr->name;
	for (i = 0; i < plan->nexpect; i++)
		cdp_trigger_check(
		    ld, &plan->expect[i].on, plan->expect[i].node);
}
