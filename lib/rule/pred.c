#include "lib/rule/load.h"
#include "lib/rule/ops.h"

/* One path of a where map; all of them must hold. */
struct cdp_pred {
	struct cdp_path path;
	struct cdp_ops *ops;
	const struct cdp_node *node; /* of the path */
	struct cdp_pred *next;
};

struct cdp_pred *
cdp_pred_where(struct cdp_loader *ld, struct cdp_node *map)
{
	struct cdp_pred *head = NULL, **tail = &head, *p;
	bool bad = false;

	if (!cdp_load_is_map(ld, map, "where"))
		return NULL;
	if (map->n == 0) {
		cdp_diag_error(ld->diags, map, "empty-where",
		    "'where' needs at least one path, such as "
		    "properties.total: {gt: 100}");
		return NULL;
	}
	for (size_t i = 0; i < map->n; i++) {
		struct cdp_str name = cdp_arena_dup(ld->mem, map->key[i]->text);

		p = cdp_arena_calloc(ld->mem, 1, sizeof(*p));
		bad |= !cdp_load_path(ld, map->key[i], "where", &p->path);
		p->node = map->key[i];
		p->ops = cdp_ops_short(ld, map->item[i], name.p);
		bad |= p->ops == NULL;
		*tail = p;
		tail = &p->next;
	}
	return bad ? NULL : head;
}

bool
cdp_pred_test(const struct cdp_pred *p, const struct cdp_tape *t, uint32_t at,
    int64_t now_ms)
{
	for (; p != NULL; p = p->next)
		if (!cdp_ops_test(
			p->ops, t, cdp_tape_path(t, at, &p->path), now_ms))
			return false;
	return true;
}

void
cdp_pred_paths(const struct cdp_pred *p,
    void (*fn)(void *arg, const struct cdp_path *path,
	const struct cdp_ops *ops, const struct cdp_node *at),
    void *arg)
{
	for (; p != NULL; p = p->next)
		fn(arg, &p->path, p->ops, p->node);
}
