#include <ctype.h>
#include <string.h>

#include "lib/rule/load.h"

static const char *const kinds[] = { "count", "sum", "avg", "min", "max",
	"first", "last", "most_frequent", "unique", "unique_count", "list",
	"jq", NULL };

#define KEEP 100
#define KEEP_MAX 10000
#define MIN_FREQUENT 2
#define DEEPEST 1000

/* ---- one trait ---- */

/* A misspelt kind is a key that no trait has. */
static void
no_kind(struct cdp_loader *ld, const struct cdp_node *map,
    const struct cdp_trait *tr)
{
	static const char *const others[] = { "default", "event", "where",
		"within", "key", "remove", "reset", "keep", NULL };
	const char *known[32];
	size_t n = 0, i;

	for (i = 0; kinds[i] != NULL; i++)
		known[n++] = kinds[i];
	for (i = 0; others[i] != NULL; i++)
		known[n++] = others[i];
	known[n] = NULL;
	cdp_diag_keys(ld->diags, map, "a trait", known, NULL);
	cdp_diag_error(ld->diags, map, "missing-key",
	    "trait '%.*s' needs a kind: count, sum, avg, min, max, first, "
	    "last, most_frequent, unique, unique_count, list or jq",
	    (int)tr->name.n, tr->name.p);
}

/* The one kind that map names; "min" beside "most_frequent" is none. */
static const struct cdp_node *
find_kind(
    struct cdp_loader *ld, const struct cdp_node *map, struct cdp_trait *tr)
{
	bool frequent = cdp_node_get(map, "most_frequent") != NULL;
	const struct cdp_node *ret = NULL, *v;
	size_t i;

	for (i = 0; kinds[i] != NULL; i++) {
		v = cdp_node_get(map, kinds[i]);
		if (v == NULL || (frequent && i == CDP_TRAIT_MIN))
			continue;
		if (ret != NULL) {
			cdp_diag_error(ld->diags, v, "bad-value",
			    "a trait has one kind: this one has '%s' and '%s'",
			    kinds[tr->kind], kinds[i]);
			return NULL;
		}
		ret = v;
		tr->kind = (enum cdp_trait_kind)i;
	}
	if (ret == NULL)
		no_kind(ld, map, tr);
	return ret;
}

static void
check_keys(struct cdp_loader *ld, const struct cdp_node *map,
    const struct cdp_trait *tr)
{
	const char *known[12] = { kinds[tr->kind], "default" };
	size_t n = 2;
	char what[40] = "a trait of kind ";

	if (tr->kind != CDP_TRAIT_JQ) {
		known[n++] = "event";
		known[n++] = "where";
		known[n++] = "within";
	}
	if (tr->kind == CDP_TRAIT_MOST_FREQUENT)
		known[n++] = "min";
	if (tr->kind == CDP_TRAIT_LIST) {
		known[n++] = "key";
		known[n++] = "remove";
		known[n++] = "reset";
		known[n++] = "keep";
	}
	cdp_diag_keys(
	    ld->diags, map, strcat(what, kinds[tr->kind]), known, NULL);
}

static void
load_value(
    struct cdp_loader *ld, const struct cdp_node *node, struct cdp_trait *tr)
{
	bool yes;

	switch (tr->kind) {
	case CDP_TRAIT_COUNT:
		if (cdp_load_bool(ld, node, "count", &yes) && !yes)
			cdp_diag_error(
			    ld->diags, node, "bad-value", "count must be true");
		break;
	case CDP_TRAIT_JQ:
		cdp_load_jq(ld, node, "jq", &tr->jq);
		break;
	default:
		cdp_load_path_or_jq(
		    ld, node, kinds[tr->kind], &tr->path, &tr->jq);
	}
}

static struct cdp_trigger *
load_trigger(struct cdp_loader *ld, struct cdp_node *map, const char *what)
{
	static const char *const known[] = { "event", "where", NULL };
	struct cdp_trigger *g;

	if (map == NULL || !cdp_load_is_map(ld, map, what))
		return NULL;
	cdp_diag_keys(ld->diags, map, what, known, NULL);
	g = cdp_arena_calloc(ld->mem, 1, sizeof(*g));
	return cdp_trigger_load(ld, map, g) == 0 ? g : NULL;
}

static void
load_list(
    struct cdp_loader *ld, const struct cdp_node *map, struct cdp_trait *tr)
{
	const struct cdp_node *v;

	if ((v = cdp_node_get(map, "key")) != NULL)
		cdp_load_path(ld, v, "key", &tr->key);
	tr->remove = load_trigger(ld, cdp_node_get(map, "remove"), "remove");
	tr->reset = load_trigger(ld, cdp_node_get(map, "reset"), "reset");
	if (tr->remove != NULL && tr->key.n == 0)
		cdp_diag_error(ld->diags, cdp_node_get(map, "remove"),
		    "missing-key", "remove needs a key to find the item by");
	if ((v = cdp_node_get(map, "keep")) != NULL)
		cdp_load_int(ld, v, "keep", 1, KEEP_MAX, &tr->keep);
}

/* "event", "where" or both; where alone is about every event. */
static void
load_on(struct cdp_loader *ld, struct cdp_node *map, struct cdp_trait *tr)
{
	struct cdp_node *where = cdp_node_get(map, "where");

	if (cdp_node_get(map, "event") != NULL) {
		tr->has_trigger = true;
		(void)cdp_trigger_load(ld, map, &tr->on);
	} else if (where != NULL) {
		tr->has_trigger = true;
		tr->on.where = cdp_pred_where(ld, where);
	}
}

static void
load_default(
    struct cdp_loader *ld, const struct cdp_node *node, struct cdp_trait *tr)
{
	struct cdp_buf b = { 0 };

	cdp_node_json(&b, node);
	tr->def = cdp_arena_dup(ld->mem, cdp_buf_str(&b));
	cdp_buf_free(&b);
}

static void
load_trait(struct cdp_loader *ld, struct cdp_node *map, struct cdp_trait *tr)
{
	const struct cdp_node *v;

	tr->jq = -1;
	tr->keep = KEEP;
	tr->min = MIN_FREQUENT;
	tr->node = map;
	if (!cdp_load_is_map(ld, map, "a trait") ||
	    (v = find_kind(ld, map, tr)) == NULL)
		return;
	check_keys(ld, map, tr);
	load_value(ld, v, tr);
	if ((v = cdp_node_get(map, "default")) != NULL)
		load_default(ld, v, tr);
	if (tr->kind == CDP_TRAIT_JQ)
		return;
	load_on(ld, map, tr);
	v = cdp_node_get(map, "within");
	if (v != NULL && cdp_load_duration(ld, v, "within", &tr->within_ms) &&
	    tr->within_ms <= 0)
		cdp_diag_error(ld->diags, v, "bad-value",
		    "within must be longer than nothing");
	v = cdp_node_get(map, "min");
	if (tr->kind == CDP_TRAIT_MOST_FREQUENT && v != NULL)
		cdp_load_int(ld, v, "min", 1, INT32_MAX, &tr->min);
	if (tr->kind == CDP_TRAIT_LIST)
		load_list(ld, map, tr);
}

/* ---- the section ---- */

void
cdp_load_trait_map(
    struct cdp_loader *ld, struct cdp_node *map, struct cdp_traits *ret)
{
	struct cdp_trait *tr;
	size_t i;

	if (!cdp_load_is_map(ld, map, "traits"))
		return;
	ret->cap = ret->n + map->n;
	ret->v = cdp_load_grow(ld, ret->v, ret->n, map->n, sizeof(*ret->v));
	for (i = 0; i < map->n; i++) {
		tr = &ret->v[ret->n++];
		tr->name = map->key[i]->text;
		if (tr->name.n == 0 ||
		    memchr(tr->name.p, '.', tr->name.n) != NULL)
			cdp_diag_error(ld->diags, map->key[i], "bad-name",
			    "the name of a trait has no dot in it: "
			    "GROUP.TRAIT means a trait of a group");
		load_trait(ld, map->item[i], tr);
	}
}

void
cdp_load_traits(struct cdp_loader *ld, struct cdp_node *node)
{
	cdp_load_trait_map(ld, node, &ld->pr->traits);
}

/* ---- what follows from what ---- */

static bool
word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/*
 * The next name that a program takes from .traits: .traits.NAME,
 * .traits["NAME"], .traits."NAME".  *p moves behind it; false at the end.
 */
static bool
next_name(const char **p, const char *end, struct cdp_str *ret)
{
	static const char head[] = ".traits";
	const char *q;

	while ((q = memmem(*p, (size_t)(end - *p), head, 7)) != NULL) {
		*p = q += 7;
		if (q < end && *q == '.')
			q++;
		if (q < end && *q == '[')
			q++;
		if (q == *p)
			continue;
		if (q < end && *q == '"') {
			ret->p = ++q;
			while (q < end && *q != '"')
				q++;
		} else {
			ret->p = q;
			while (q < end && word_char(*q))
				q++;
		}
		ret->n = (size_t)(q - ret->p);
		*p = q;
		return true;
	}
	return false;
}

struct sorter {
	struct cdp_loader *ld;
	struct cdp_traits *from;
	struct cdp_trait *to;
	size_t n;
	struct cdp_map by_name; /* to the traits as they were */
	unsigned char *state;   /* 0 new, 1 on the way, 2 done */
	size_t *way;
	size_t nway;
};

static void
cycle(struct sorter *so, size_t i)
{
	struct cdp_buf b = { 0 };
	size_t k = so->nway;
	struct cdp_str name;

	while (so->way[k - 1] != i)
		k--;
	for (k--; k < so->nway; k++) {
		name = so->from->v[so->way[k]].name;
		cdp_buf_put(&b, name);
		cdp_buf_puts(&b, " -> ");
	}
	cdp_buf_put(&b, so->from->v[i].name);
	cdp_diag_error(so->ld->diags, so->from->v[i].node, "trait-cycle",
	    "a trait that follows from itself: %s", cdp_buf_cstr(&b));
	cdp_buf_free(&b);
}

static void
visit(struct sorter *so, size_t i)
{
	const struct cdp_trait *tr = &so->from->v[i], *need;
	const struct cdp_node *jq;
	const char *p, *end;
	struct cdp_str name;

	if (so->state[i] == 1)
		cycle(so, i);
	if (so->state[i] != 0)
		return;
	so->state[i] = 1;
	so->way[so->nway++] = i;
	if (so->nway == DEEPEST)
		cdp_diag_error(so->ld->diags, tr->node, "trait-cycle",
		    "more than %d traits that follow from each other", DEEPEST);
	jq = tr->kind == CDP_TRAIT_JQ ? cdp_node_get(tr->node, "jq") : NULL;
	if (jq != NULL && so->nway < DEEPEST) {
		p = jq->text.p;
		end = p + jq->text.n;
		while (next_name(&p, end, &name))
			if ((need = cdp_map_get(&so->by_name, name)) != NULL)
				visit(so, (size_t)(need - so->from->v));
	}
	so->nway--;
	so->state[i] = 2;
	so->to[so->n++] = *tr;
}

/* Put each trait behind those that it is computed from. */
static void
sort_traits(struct cdp_loader *ld, struct cdp_traits *traits)
{
	struct sorter so = { .ld = ld, .from = traits };
	size_t i;

	so.to = cdp_arena_calloc(ld->mem, traits->n + 1, sizeof(*so.to));
	so.state = cdp_arena_calloc(ld->mem, traits->n + 1, 1);
	so.way = cdp_arena_calloc(ld->mem, traits->n + 1, sizeof(*so.way));
	for (i = 0; i < traits->n; i++)
		*cdp_map_at(&so.by_name, traits->v[i].name) = &traits->v[i];
	for (i = 0; i < traits->n; i++)
		visit(&so, i);
	cdp_map_free(&so.by_name);
	traits->v = so.to;
}

static void
check_triggers(struct cdp_loader *ld, const struct cdp_traits *traits)
{
	size_t i;

	for (i = 0; i < traits->n; i++) {
		const struct cdp_trait *tr = &traits->v[i];

		cdp_trigger_check(ld, &tr->on, tr->node);
		if (tr->remove != NULL)
			cdp_trigger_check(ld, tr->remove, tr->node);
		if (tr->reset != NULL)
			cdp_trigger_check(ld, tr->reset, tr->node);
	}
}

void
cdp_check_traits(struct cdp_loader *ld)
{
	struct cdp_project *pr = ld->pr;
	size_t i, j;

	sort_traits(ld, &pr->traits);
	check_triggers(ld, &pr->traits);
	for (i = 0; i < pr->ngroup; i++) {
		sort_traits(ld, &pr->group[i].traits);
		check_triggers(ld, &pr->group[i].traits);
		for (j = 0; j < pr->traits.n; j++)
			if (cdp_str_eq(pr->group[i].name, pr->traits.v[j].name))
				cdp_diag_error(ld->diags, pr->traits.v[j].node,
				    "bad-name",
				    "trait '%.*s' has the name of a group",
				    (int)pr->group[i].name.n,
				    pr->group[i].name.p);
	}
}
