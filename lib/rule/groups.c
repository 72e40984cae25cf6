#include <string.h>

#include "lib/rule/load.h"

static void
default_from(struct cdp_loader *ld, struct cdp_group *g)
{
	struct cdp_path *v = cdp_arena_calloc(ld->mem, 2, sizeof(*v));

	(void)cdp_path_compile(CDP_STR("groupId"), ld->mem, &v[0], NULL);
	(void)cdp_path_compile(
	    CDP_STR("context.groupId"), ld->mem, &v[1], NULL);
	g->from = v;
	g->nfrom = 2;
}

static void
load_group(struct cdp_loader *ld, struct cdp_node *map, struct cdp_group *g)
{
	static const char *const known[] = { "from", "where", "leave", "limit",
		"traits", NULL };
	struct cdp_node *v;

	cdp_diag_keys(ld->diags, map, "a group", known);
	if ((v = cdp_node_get(map, "from")) != NULL)
		cdp_load_paths(ld, v, "from", &g->from, &g->nfrom);
	if ((v = cdp_node_get(map, "where")) != NULL)
		g->where = cdp_pred_where(ld, v);
	if ((v = cdp_node_get(map, "leave")) != NULL)
		g->leave = cdp_load_trigger(ld, v, "leave");
	if ((v = cdp_node_get(map, "limit")) != NULL)
		cdp_load_int(ld, v, "limit", 1, 100000, &g->limit);
	v = cdp_node_get(map, "traits");
	if (v != NULL && !cdp_node_is_null(v))
		cdp_load_trait_map(ld, v, &g->traits);
}

void
cdp_load_groups(struct cdp_loader *ld, struct cdp_node *node)
{
	struct cdp_project *pr = ld->pr;
	struct cdp_group *g;
	size_t i;

	pr->group = cdp_load_grow(
	    ld, pr->group, pr->ngroup, node->n, sizeof(*pr->group));
	/* All names first: what is computed may ask which groups there are. */
	for (i = 0; i < node->n; i++) {
		g = &pr->group[pr->ngroup++];
		g->name = node->key[i]->text;
		g->node = node->item[i];
		if (g->name.n == 0 || memchr(g->name.p, '.', g->name.n) ||
		    memchr(g->name.p, ':', g->name.n))
			cdp_diag_error(ld->diags, node->key[i], "bad-name",
			    "the name of a group is a word without dot and "
			    "colon");
	}
	for (i = 0; i < node->n; i++) {
		g = &pr->group[pr->ngroup - node->n + i];
		if (!cdp_node_is_null(g->node) &&
		    cdp_load_is_map(ld, g->node, "a group"))
			load_group(ld, g->node, g);
		if (g->nfrom == 0)
			default_from(ld, g);
	}
}
