#include "lib/rule/pred.h"

#include "lib/rule/each.h"
#include "lib/rule/load.h"
#include "lib/rule/rows.h"
#include "lib/rule/trail.h"

static bool
path_load(struct cdp_loader *ld, struct cdp_node *key, struct cdp_node *item,
    struct cdp_pred *p)
{
	struct cdp_str name = cdp_arena_dup(ld->mem, key->text);

	p->node = key;
	if (!cdp_load_each(ld, key, "where", &p->path, &p->many))
		return false;
	p->ops = cdp_ops_short(ld, item, name.p);
	if (ld->trail != NULL)
		p->col = cdp_trail_col(ld, &p->path);
	return p->ops != NULL;
}

/* trait: {PATH: OPERATORS}, of the profile that the event is of. */
static bool
traits_load(struct cdp_loader *ld, struct cdp_node *map, struct cdp_pred *p)
{
	if (!cdp_load_is_map(ld, map, "trait"))
		return false;
	if (map->n != 1) {
		cdp_diag_error(ld->diags, map, "wrong-type",
		    "'trait' in a where needs one path with its operators, "
		    "such as {points: {gt: 100}}");
		return false;
	}
	p->trait = true;
	return path_load(ld, map->key[0], map->item[0], p);
}

static bool
kids_load(struct cdp_loader *ld, const char *what, struct cdp_node *item,
    struct cdp_pred *p)
{
	bool bad = false;

	p->any = *what == 'a' && what[1] == 'n';
	p->contrary = *what == 'n';
	if (!p->contrary && !cdp_load_is_seq(ld, item, what))
		return false;
	p->nkid = p->contrary ? 1 : item->n;
	if (p->nkid == 0) {
		cdp_diag_error(ld->diags, item, "empty-where",
		    "'%s' needs at least one map", what);
		return false;
	}
	p->kid = cdp_arena_calloc(ld->mem, p->nkid, sizeof(*p->kid));
	for (size_t i = 0; i < p->nkid; i++) {
		p->kid[i] =
		    cdp_pred_where(ld, p->contrary ? item : item->item[i]);
		bad |= p->kid[i] == NULL;
	}
	return !bad;
}

static const char *
junction(struct cdp_str key)
{
	static const char *const names[] = { "all", "any", "not" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (cdp_str_is(key, names[i]))
			return names[i];
	return NULL;
}

static bool
one_load(struct cdp_loader *ld, struct cdp_node *key, struct cdp_node *item,
    struct cdp_pred *p)
{
	const char *what = junction(key->text);

	if (what != NULL)
		return kids_load(ld, what, item, p);
	if (ld->trail == NULL && ld->rows == NULL)
		return path_load(ld, key, item, p);
	if (cdp_str_is(key->text, "trait"))
		return traits_load(ld, item, p);
	if (cdp_str_is(key->text, "audience")) {
		p->node = item;
		return cdp_load_str(ld, item, "audience", &p->audience);
	}
	if (ld->trail != NULL && cdp_str_is(key->text, "then"))
		return (p->then = cdp_trail_then(ld, item)) != NULL;
	if (ld->rows != NULL && cdp_str_is(key->text, "has"))
		return (p->rows = cdp_rows_load(ld, item)) != NULL;
	return path_load(ld, key, item, p);
}

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
		p = cdp_arena_calloc(ld->mem, 1, sizeof(*p));
		bad |= !one_load(ld, map->key[i], map->item[i], p);
		*tail = p;
		tail = &p->next;
	}
	return bad ? NULL : head;
}

static bool
kids_test(const struct cdp_pred *p, const struct cdp_tape *t, uint32_t at,
    int64_t now_ms)
{
	for (size_t i = 0; i < p->nkid; i++)
		if (cdp_pred_test(p->kid[i], t, at, now_ms) ==
		    (p->any || p->contrary))
			return p->any;
	return !p->any;
}

bool
cdp_pred_test(const struct cdp_pred *p, const struct cdp_tape *t, uint32_t at,
    int64_t now_ms)
{
	for (; p != NULL; p = p->next)
		if (!(p->ops == NULL ? kids_test(p, t, at, now_ms)
			    : p->many
			    ? cdp_each_test(
				  p->ops, t, at, &p->path, now_ms, NULL)
			    : cdp_ops_test(p->ops, t,
				  cdp_tape_path(t, at, &p->path), now_ms)))
			return false;
	return true;
}

void
cdp_pred_each(const struct cdp_pred *p,
    void (*fn)(void *arg, const struct cdp_pred *p), void *arg)
{
	for (; p != NULL; p = p->next) {
		fn(arg, p);
		for (size_t i = 0; i < p->nkid; i++)
			cdp_pred_each(p->kid[i], fn, arg);
	}
}

void
cdp_pred_paths(const struct cdp_pred *p,
    void (*fn)(void *arg, const struct cdp_path *path,
	const struct cdp_ops *ops, const struct cdp_node *at),
    void *arg)
{
	for (; p != NULL; p = p->next) {
		if (p->ops != NULL && !p->trait)
			fn(arg, &p->path, p->ops, p->node);
		for (size_t i = 0; i < p->nkid; i++)
			cdp_pred_paths(p->kid[i], fn, arg);
	}
}
