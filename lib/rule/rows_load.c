#include "lib/rule/load.h"
#include "lib/rule/pred.h"
#include "lib/rule/rows.h"
#include "lib/rule/tree.h"

/* A row has nothing else. */
static void
check_path(void *arg, const struct cdp_path *path, const struct cdp_ops *ops,
    const struct cdp_node *at)
{
	struct cdp_loader *ld = arg;

	(void)ops;
	if (path->n < 2 || !cdp_str_is(path->seg[0], "properties"))
		cdp_diag_error(ld->diags, at, "bad-path",
		    "what a row has are its properties: write properties.%.*s",
		    (int)path->text.n, path->text.p);
}

static bool
where_load(
    struct cdp_loader *ld, struct cdp_node *where, struct cdp_rows_def *d)
{
	struct cdp_trail_def *trail = ld->trail;
	unsigned refers = ld->refers;
	size_t faults = ld->diags->nerrors;

	ld->rows = d;
	ld->trail = NULL;
	ld->refers = CDP_REF_TRAIT | CDP_REF_EVENT |
	    (d->in != NULL ? CDP_REF_PARENT : 0);
	d->where = cdp_pred_where(ld, where);
	ld->refers = refers;
	ld->trail = trail;
	ld->rows = (struct cdp_rows_def *)d->in;
	if (d->where != NULL)
		cdp_pred_paths(d->where, check_path, ld);
	return ld->diags->nerrors == faults;
}

struct cdp_rows_def *
cdp_rows_load(struct cdp_loader *ld, struct cdp_node *map)
{
	struct cdp_rows_def *d = cdp_arena_calloc(ld->mem, 1, sizeof(*d));
	struct cdp_node *where, *name;
	unsigned refers = ld->refers;

	if (!cdp_load_is_map(ld, map, "has"))
		return NULL;
	name = cdp_node_get(map, "entity");
	where = cdp_node_get(map, "where");
	d->pr = ld->pr;
	d->in = ld->rows;
	d->node = name;
	if (name == NULL) {
		cdp_diag_error(ld->diags, map, "missing-key",
		    "'has' needs 'entity', whose rows it is about");
		return NULL;
	}
	cdp_diag_keys(ld->diags, map, "entity", cdp_cond_event_keys(ld, map));
	if (!cdp_load_str(ld, name, "entity", &d->name) ||
	    (where != NULL && !where_load(ld, where, d)) ||
	    !cdp_cond_reduce(ld, map, &d->measure))
		return NULL;
	if (d->measure.def.kind != CDP_TRAIT_COUNT)
		check_path(ld, &d->measure.def.path, NULL, map);
	if (d->in == NULL)
		ld->refers = CDP_REF_TRAIT;
	d->ops = cdp_cond_compare(ld, map);
	ld->refers = refers;
	return d->ops != NULL ? d : NULL;
}

bool
cdp_cond_rows(struct cdp_loader *ld, struct cdp_node *map, struct cdp_cond *c)
{
	c->uses = CDP_USES_PROFILE | CDP_USES_LINE;
	if ((c->rows = cdp_rows_load(ld, map)) == NULL)
		return false;
	if (cdp_rows_timed(c->rows))
		c->uses |= CDP_USES_TIME;
	return true;
}

/* ---- which entities ---- */

static const struct cdp_entity *
find(struct cdp_loader *ld, const struct cdp_rows_def *d)
{
	const struct cdp_project *pr = ld->pr;
	struct cdp_str *names;

	names = cdp_arena_calloc(ld->mem, pr->nentity + 1, sizeof(*names));
	for (size_t i = 0; i < pr->nentity; i++) {
		names[i] = pr->entity[i].name;
		if (cdp_str_eq(names[i], d->name))
			return &pr->entity[i];
	}
	cdp_diag_name(ld->diags, d->node, "unknown-entity",
	    "there is no entity", d->name, names, pr->nentity);
	return NULL;
}

static void
check_one(void *arg, const struct cdp_rows_def *d)
{
	struct cdp_rows_def *to = (struct cdp_rows_def *)d; /* being made */
	struct cdp_loader *ld = arg;
	const struct cdp_entity *e = find(ld, d);
	int len = (int)d->name.n;

	if (e == NULL)
		return;
	to->entity = e;
	if (e->by.n == 0)
		cdp_diag_error(ld->diags, d->node, "no-relation",
		    "whose are the rows of '%.*s'? The entity needs the path "
		    "of %s where their keys are, such as {by: %s}",
		    len, d->name.p, d->in != NULL ? "a row" : "a person",
		    d->in != NULL ? "properties.lines.$.sku"
				  : "traits.order_ids");
	else if (d->in != NULL && !cdp_str_is(e->by.seg[0], "properties"))
		cdp_diag_error(ld->diags, d->node, "no-relation",
		    "rows of '%.*s' are a person's, by %.*s, and here stand "
		    "those of a row: their entity is by properties.PATH",
		    len, d->name.p, (int)e->by.text.n, e->by.text.p);
	else if (d->in == NULL && cdp_str_is(e->by.seg[0], "properties"))
		cdp_diag_error(ld->diags, d->node, "no-relation",
		    "rows of '%.*s' are those of another row, by %.*s: they "
		    "stand in the where of its entity",
		    len, d->name.p, (int)e->by.text.n, e->by.text.p);
}

static void
no_pred(void *arg, const struct cdp_pred *p)
{
	(void)arg;
	(void)p;
}

void
cdp_rows_check(struct cdp_loader *ld, struct cdp_rows_def *d)
{
	cdp_rows_each(d, no_pred, check_one, ld);
}
