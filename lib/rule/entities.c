#include <string.h>

#include "lib/rule/load.h"

/* Where the keys are: of a person, or of a row. */
static void
load_by(struct cdp_loader *ld, struct cdp_node *node, struct cdp_entity *e)
{
	static const char *const roots[] = { "traits", "identifiers", "groups",
		"properties", NULL };
	bool many;
	size_t i = 0;

	if (!cdp_load_each(ld, node, "by", &e->by, &many))
		return;
	while (roots[i] != NULL && !cdp_str_is(e->by.seg[0], roots[i]))
		i++;
	if (roots[i] == NULL || e->by.n < 2)
		cdp_diag_error(ld->diags, node, "bad-path",
		    "'by' is a path of a person (traits., identifiers. or "
		    "groups.) or of another entity's row (properties.)");
}

static void
load_entity(struct cdp_loader *ld, struct cdp_node *map, struct cdp_entity *e)
{
	static const char *const known[] = { "key", "collection", "by", "on",
		NULL };
	struct cdp_node *v;

	cdp_diag_keys(ld->diags, map, "an entity", known);
	if ((v = cdp_node_get(map, "key")) != NULL)
		cdp_load_path(ld, v, "key", &e->key);
	if ((v = cdp_node_get(map, "collection")) != NULL)
		cdp_load_str(ld, v, "collection", &e->collection);
	if ((v = cdp_node_get(map, "by")) != NULL)
		load_by(ld, v, e);
	if ((v = cdp_node_get(map, "on")) != NULL &&
	    cdp_load_path(ld, v, "on", &e->on) && e->by.n == 0)
		cdp_diag_error(ld->diags, v, "missing-key",
		    "'on' says which of a row's values stands there where 'by' "
		    "is, which is missing");
}

void
cdp_load_entities(struct cdp_loader *ld, struct cdp_node *node)
{
	struct cdp_project *pr = ld->pr;
	struct cdp_entity *e;
	size_t i;

	pr->entity = cdp_load_grow(
	    ld, pr->entity, pr->nentity, node->n, sizeof(*pr->entity));
	for (i = 0; i < node->n; i++) {
		e = &pr->entity[pr->nentity++];
		e->name = e->collection = node->key[i]->text;
		if (e->name.n == 0 || e->name.n > 100 ||
		    memchr(e->name.p, ':', e->name.n) != NULL)
			cdp_diag_error(ld->diags, node->key[i], "bad-name",
			    "the name of an entity has 1 to 100 bytes and no "
			    "colon");
		if (!cdp_node_is_null(node->item[i]) &&
		    cdp_load_is_map(ld, node->item[i], "an entity"))
			load_entity(ld, node->item[i], e);
	}
}

/* lookup("NAME"; ...) with a name that is written out, to its semicolon. */
static void
check_program(struct cdp_loader *ld, int id, const struct cdp_str *known)
{
	static const char call[] = "lookup(\"";
	struct cdp_str text = cdp_jq_text(ld->jq, id), name;
	struct cdp_node at = { .at = ld->pr->jq_at[id] };
	const char *p = text.p, *end = p + text.n, *q;
	size_t i;

	while ((p = memmem(p, (size_t)(end - p), call, 8)) != NULL) {
		p += 8;
		if ((q = memchr(p, '"', (size_t)(end - p))) == NULL)
			return;
		name = (struct cdp_str){ p, (size_t)(q - p) };
		if (q + 1 == end || q[1] != ';')
			continue;
		for (i = 0; i < ld->pr->nentity; i++)
			if (cdp_str_eq(known[i], name))
				break;
		if (i == ld->pr->nentity)
			cdp_diag_name(ld->diags, &at, "unknown-entity",
			    "no entity", name, known, i);
	}
}

void
cdp_check_entities(struct cdp_loader *ld)
{
	struct cdp_str *known =
	    cdp_arena_calloc(ld->mem, ld->pr->nentity + 1, sizeof(*known));
	size_t i;
	int id;

	for (i = 0; i < ld->pr->nentity; i++)
		known[i] = ld->pr->entity[i].name;
	for (id = 0; id < cdp_jq_count(ld->jq); id++)
		if (cdp_jq_looks_up(ld->jq, id) && (size_t)id < ld->pr->njq_at)
			check_program(ld, id, known);
}
