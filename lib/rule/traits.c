#include <ctype.h>
#include <string.h>

#include "lib/rule/load.h"

static const char *const kinds[] = { "count", "sum", "avg", "min", "max",
	"first", "last", "most_frequent", "unique", "unique_count", "list",
	"jq", "case", NULL };

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
		"within", "session", "prefer", "key", "remove", "reset", "keep",
		NULL };
	const char *known[32];
	size_t n = 0, i;

	for (i = 0; kinds[i] != NULL; i++)
		known[n++] = kinds[i];
	for (i = 0; others[i] != NULL; i++)
		known[n++] = others[i];
	known[n] = NULL;
	cdp_diag_keys(ld->diags, map, "a trait", known);
	cdp_diag_error(ld->diags, map, "missing-key",
	    "trait '%.*s' needs a kind: count, sum, avg, min, max, first, "
	    "last, most_frequent, unique, unique_count, list, jq or case",
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

/* Whether it follows from the rest of the profile, not from events. */
static bool
is_derived(const struct cdp_trait *tr)
{
	return tr->kind == CDP_TRAIT_JQ || tr->kind == CDP_TRAIT_CASE;
}

static void
check_keys(struct cdp_loader *ld, const struct cdp_node *map,
    const struct cdp_trait *tr)
{
	const char *known[13] = { kinds[tr->kind], "default" };
	size_t n = 2;
	char what[40] = "a trait of kind ";

	if (!is_derived(tr)) {
		known[n++] = "event";
		known[n++] = "where";
		known[n++] = "within";
		known[n++] = "session";
	}
	if (tr->kind == CDP_TRAIT_MOST_FREQUENT)
		known[n++] = "min";
	if (tr->kind == CDP_TRAIT_LAST)
		known[n++] = "prefer";
	if (tr->kind == CDP_TRAIT_LIST) {
		known[n++] = "key";
		known[n++] = "remove";
		known[n++] = "reset";
		known[n++] = "keep";
	}
	cdp_diag_keys(ld->diags, map, strcat(what, kinds[tr->kind]), known);
}

static struct cdp_str
json_of(struct cdp_loader *ld, const struct cdp_node *node)
{
	struct cdp_buf b = { 0 };
	struct cdp_str ret;

	cdp_node_json(&b, node);
	ret = cdp_arena_dup(ld->mem, cdp_buf_str(&b));
	cdp_buf_free(&b);
	return ret;
}

static void
load_case(
    struct cdp_loader *ld, struct cdp_node *map, struct cdp_trait_case *ret)
{
	static const char *const known[] = { "if", "then", NULL };
	struct cdp_node *cond = cdp_node_get(map, "if");
	const struct cdp_node *then = cdp_node_get(map, "then");

	if (!cdp_load_is_map(ld, map, "a case"))
		return;
	cdp_diag_keys(ld->diags, map, "a case", known);
	if (cond == NULL || then == NULL) {
		cdp_diag_error(ld->diags, map, "missing-key",
		    "a case needs 'if', a condition, and 'then', a value");
		return;
	}
	ret->val = json_of(ld, then);
	ret->cond = cdp_cond_load(ld, cond);
	if (ret->cond != NULL &&
	    (cdp_cond_uses(ret->cond) & ~(unsigned)CDP_USES_PROFILE) != 0)
		cdp_diag_error(ld->diags, cond, "bad-value",
		    "a case asks about the profile alone: give events and "
		    "time a trait of their own (count, within)");
}

static void
load_cases(
    struct cdp_loader *ld, const struct cdp_node *seq, struct cdp_trait *tr)
{
	size_t i;

	if (!cdp_load_is_seq(ld, seq, "case"))
		return;
	tr->cases = cdp_arena_calloc(ld->mem, seq->n + 1, sizeof(*tr->cases));
	for (i = 0; i < seq->n; i++)
		load_case(ld, seq->item[i], &tr->cases[tr->ncase++]);
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
	case CDP_TRAIT_CASE:
		load_cases(ld, node, tr);
		break;
	default:
		cdp_load_path_or_jq(
		    ld, node, kinds[tr->kind], &tr->path, &tr->jq);
	}
}

struct cdp_trigger *
cdp_load_trigger(struct cdp_loader *ld, struct cdp_node *map, const char *what)
{
	static const char *const known[] = { "event", "where", NULL };
	struct cdp_trigger *g;

	if (map == NULL || !cdp_load_is_map(ld, map, what))
		return NULL;
	cdp_diag_keys(ld->diags, map, what, known);
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
	tr->remove =
	    cdp_load_trigger(ld, cdp_node_get(map, "remove"), "remove");
	tr->reset = cdp_load_trigger(ld, cdp_node_get(map, "reset"), "reset");
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

/* "within" or "session", not both. */
static void
load_span(
    struct cdp_loader *ld, const struct cdp_node *map, struct cdp_trait *tr)
{
	const struct cdp_node *within = cdp_node_get(map, "within"),
			      *session = cdp_node_get(map, "session");

	if (within != NULL &&
	    cdp_load_duration(ld, within, "within", &tr->within_ms) &&
	    tr->within_ms <= 0)
		cdp_diag_error(ld->diags, within, "bad-value",
		    "within must be longer than nothing");
	if (session != NULL &&
	    cdp_load_duration(ld, session, "session", &tr->session_ms) &&
	    tr->session_ms <= 0)
		cdp_diag_error(ld->diags, session, "bad-value",
		    "session must be longer than nothing");
	if (within != NULL && session != NULL)
		cdp_diag_error(ld->diags, session, "bad-value",
		    "a trait has 'within' or 'session', not both");
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
		tr->def = json_of(ld, v);
	if (is_derived(tr))
		return;
	load_on(ld, map, tr);
	load_span(ld, map, tr);
	v = cdp_node_get(map, "min");
	if (tr->kind == CDP_TRAIT_MOST_FREQUENT && v != NULL)
		cdp_load_int(ld, v, "min", 1, INT32_MAX, &tr->min);
	if (tr->kind == CDP_TRAIT_LIST)
		load_list(ld, map, tr);
	v = cdp_node_get(map, "prefer");
	if (tr->kind != CDP_TRAIT_LAST || v == NULL)
		return;
	cdp_load_strs(ld, v, "prefer", &tr->prefer, &tr->nprefer);
	if (tr->within_ms != 0 || tr->session_ms != 0)
		cdp_diag_error(ld->diags, v, "bad-value",
		    "a trait that prefers sources has no 'within' and no "
		    "'session'");
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

static void visit(struct sorter *so, size_t i);

static void
visit_name(struct sorter *so, struct cdp_str name)
{
	const struct cdp_trait *need = cdp_map_get(&so->by_name, name);

	if (need != NULL)
		visit(so, (size_t)(need - so->from->v));
}

static void
visit_jq(struct sorter *so, struct cdp_str text)
{
	const char *p = text.p, *end = p + text.n;
	struct cdp_str name;

	while (next_name(&p, end, &name))
		visit_name(so, name);
}

/* The traits that conditions name, at any depth. */
static void
visit_conds(struct sorter *so, const struct cdp_node *node)
{
	size_t i;

	for (i = 0; i < node->n; i++) {
		const struct cdp_node *v = node->item[i];

		if (node->key == NULL || v->n != 0)
			visit_conds(so, v);
		else if (cdp_str_is(node->key[i]->text, "trait"))
			visit_name(so, v->text);
		else if (cdp_str_is(node->key[i]->text, "jq"))
			visit_jq(so, v->text);
	}
}

static void
visit(struct sorter *so, size_t i)
{
	const struct cdp_trait *tr = &so->from->v[i];

	if (so->state[i] == 1)
		cycle(so, i);
	if (so->state[i] != 0)
		return;
	so->state[i] = 1;
	so->way[so->nway++] = i;
	if (so->nway == DEEPEST)
		cdp_diag_error(so->ld->diags, tr->node, "trait-cycle",
		    "more than %d traits that follow from each other", DEEPEST);
	if (is_derived(tr) && so->nway < DEEPEST)
		visit_conds(so, tr->node);
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
check_all(struct cdp_loader *ld, struct cdp_traits *traits)
{
	size_t i, j;

	for (i = 0; i < traits->n; i++) {
		const struct cdp_trait *tr = &traits->v[i];

		cdp_trigger_check(ld, &tr->on, tr->node);
		if (tr->remove != NULL)
			cdp_trigger_check(ld, tr->remove, tr->node);
		if (tr->reset != NULL)
			cdp_trigger_check(ld, tr->reset, tr->node);
		for (j = 0; j < tr->ncase; j++)
			if (tr->cases[j].cond != NULL)
				cdp_cond_check(ld, tr->cases[j].cond);
	}
	sort_traits(ld, traits);
}

void
cdp_check_traits(struct cdp_loader *ld)
{
	struct cdp_project *pr = ld->pr;
	size_t i, j;

	check_all(ld, &pr->traits);
	for (i = 0; i < pr->ngroup; i++) {
		check_all(ld, &pr->group[i].traits);
		for (j = 0; j < pr->traits.n; j++)
			if (cdp_str_eq(pr->group[i].name, pr->traits.v[j].name))
				cdp_diag_error(ld->diags, pr->traits.v[j].node,
				    "bad-name",
				    "trait '%.*s' has the name of a group",
				    (int)pr->group[i].name.n,
				    pr->group[i].name.p);
	}
}
