#include "lib/rule/load.h"

static void
load_category(
    struct cdp_loader *ld, struct cdp_node *map, struct cdp_category *cat)
{
	static const char *const known[] = { "destinations", NULL };
	const struct cdp_node *v;

	if (!cdp_load_is_map(ld, map, "a consent category"))
		return;
	cdp_diag_keys(ld->diags, map, "a consent category", known);
	v = cdp_node_get(map, "destinations");
	if (v == NULL)
		cdp_diag_error(ld->diags, map, "missing-key",
		    "a consent category needs its destinations");
	else
		cdp_load_strs(ld, v, "destinations", &cat->dest, &cat->ndest);
}

void
cdp_load_consent(struct cdp_loader *ld, struct cdp_node *node)
{
	static const char *const known[] = { "categories", "unknown", NULL };
	static const char *const unknown[] = { "deny", "allow", NULL };
	struct cdp_consent *con = &ld->pr->consent;
	struct cdp_category *cat;
	struct cdp_node *v;
	size_t i;
	int k;

	cdp_diag_keys(ld->diags, node, "consent", known);
	v = cdp_node_get(node, "unknown");
	if (v != NULL && cdp_load_choice(ld, v, "unknown", unknown, &k))
		con->unknown_allow = k == 1;
	v = cdp_node_get(node, "categories");
	if (v == NULL || cdp_node_is_null(v) ||
	    !cdp_load_is_map(ld, v, "categories"))
		return;
	con->cat =
	    cdp_load_grow(ld, con->cat, con->ncat, v->n, sizeof(*con->cat));
	for (i = 0; i < v->n; i++) {
		cat = &con->cat[con->ncat++];
		cat->name = v->key[i]->text;
		cat->node = v->item[i];
		load_category(ld, v->item[i], cat);
	}
}
