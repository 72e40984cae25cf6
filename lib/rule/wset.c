#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/rule/tree.h"

struct cdp_wset *
cdp_wset_new(void)
{
	return cdp_xcalloc(1, sizeof(struct cdp_wset));
}

void
cdp_wset_free(struct cdp_wset *ws)
{
	struct cdp_map_ent *e;
	struct cdp_named *nm;
	size_t i = 0;

	if (ws == NULL)
		return;
	while ((e = cdp_map_next(&ws->by_event, &i)) != NULL) {
		nm = e->val;
		free(nm->slot);
		free(nm);
	}
	cdp_map_free(&ws->by_event);
	cdp_map_free(&ws->by_id);
	cdp_map_free(&ws->by_trait);
	free(ws->leaf);
	free(ws);
}

size_t
cdp_wset_count(const struct cdp_wset *ws)
{
	return ws->n;
}

size_t
cdp_wset_traits(const struct cdp_wset *ws)
{
	return ws->by_trait.n;
}

static void
index_event(struct cdp_wset *ws, struct cdp_str event, uint32_t slot)
{
	struct cdp_named **at =
	    (struct cdp_named **)cdp_map_at(&ws->by_event, event);
	struct cdp_named *nm = *at;

	if (nm == NULL) {
		nm = *at = cdp_xcalloc(1, sizeof(*nm));
		nm->event = event;
	}
	if (nm->n != 0 && nm->slot[nm->n - 1] == slot)
		return; /* a name that was given twice */
	nm->slot = cdp_xreallocarray(nm->slot, nm->n + 1, sizeof(*nm->slot));
	nm->slot[nm->n++] = slot;
}

static void
add_leaf(void *arg, const struct cdp_cond *c)
{
	struct cdp_leaf *lf = c->leaf, **same;
	struct cdp_wset *ws = arg;

	if (lf == NULL)
		return;
	same = (struct cdp_leaf **)cdp_map_at(&ws->by_id, cdp_str_of(lf->id));
	if (*same != NULL) {
		lf->slot = (*same)->slot;
		return;
	}
	*same = lf;
	lf->slot = (uint32_t)ws->n;
	ws->leaf = cdp_xreallocarray(ws->leaf, ws->n + 1, sizeof(*ws->leaf));
	ws->leaf[ws->n++] = lf;
	for (size_t i = 0; i < lf->on.nevent; i++)
		index_event(ws, lf->on.event[i], lf->slot);
}

static void
add_traits(struct cdp_wset *ws, struct cdp_cond *c)
{
	void **at;

	if (c->kind == CDP_COND_TRAIT) {
		at = cdp_map_at(&ws->by_trait, c->path.text);
		if (*at == NULL)
			*at = (void *)(uintptr_t)ws->by_trait.n;
		c->trait = (uint32_t)(uintptr_t)*at;
	}
	for (size_t i = 0; i < c->nkid; i++)
		add_traits(ws, c->kid[i]);
}

void
cdp_wset_add(struct cdp_wset *ws, struct cdp_cond *c)
{
	cdp_tree_walk(c, add_leaf, ws);
	add_traits(ws, c);
}

const struct cdp_named *
cdp_wset_named(const struct cdp_wset *ws, const struct cdp_line *ln)
{
	return cdp_type_is_event(ln->type) && ln->ts_ms != CDP_TIME_NONE
	    ? cdp_map_get(&ws->by_event, ln->event)
	    : NULL;
}

bool
cdp_wset_names(const struct cdp_wset *ws, const struct cdp_line *ln)
{
	return cdp_wset_named(ws, ln) != NULL;
}

bool
cdp_leaf_holds(const struct cdp_leaf *lf, int64_t n)
{
	for (size_t i = 0; i < lf->ncount; i++) {
		int64_t m = lf->count[i].n;
		bool yes;

		switch (lf->count[i].kind) {
		case CDP_OP_NE:
			yes = n != m;
			break;
		case CDP_OP_GT:
			yes = n > m;
			break;
		case CDP_OP_GTE:
			yes = n >= m;
			break;
		case CDP_OP_LT:
			yes = n < m;
			break;
		case CDP_OP_LTE:
			yes = n <= m;
			break;
		default:
			yes = n == m;
			break;
		}
		if (!yes)
			return false;
	}
	return true;
}
