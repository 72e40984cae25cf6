#include "lib/rule/load.h"

#define KEY_MAX 255

/* A key is a name in output, in jq and in file names. */
static bool
good_key(struct cdp_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] == '_' || s.p[i] == '-' ||
			(s.p[i] >= '0' && s.p[i] <= '9') ||
			((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'z')))
			return false;
	return s.n >= 1 && s.n <= KEY_MAX;
}

static void
load_stay(struct cdp_loader *ld, struct cdp_node *map, struct cdp_audience *a)
{
	struct cdp_node *stay = cdp_node_get(map, "min_stay");
	struct cdp_node *leave = cdp_node_get(map, "leave_after");

	if (stay != NULL)
		cdp_load_duration(ld, stay, "min_stay", &a->stay_ms);
	if (leave == NULL ||
	    !cdp_load_duration(ld, leave, "leave_after", &a->leave_ms))
		return;
	if (a->leave_ms == 0 || a->leave_ms < a->stay_ms)
		cdp_diag_error(ld->diags, leave, "wrong-type",
		    a->leave_ms == 0
			? "'leave_after' must be longer than nothing"
			: "'leave_after' is shorter than 'min_stay'");
}

static struct cdp_cond *
load_when(struct cdp_loader *ld, struct cdp_node *when)
{
	struct cdp_cond *c;

	ld->asks_groups = true;
	c = cdp_cond_load(ld, when);
	ld->asks_groups = false;
	return c;
}

static void
load_one(struct cdp_loader *ld, struct cdp_node *key, struct cdp_node *map)
{
	static const char *const keys[] = { "name", "when", "min_stay",
		"leave_after", NULL };
	struct cdp_project *pr = ld->pr;
	struct cdp_audience *a;
	struct cdp_node *name, *when;

	if (!good_key(key->text)) {
		cdp_diag_error(ld->diags, key, "bad-key",
		    key->text.n > KEY_MAX ? "an audience's key has at most 255 "
					    "letters; its 'name' may be longer"
					  : "an audience's key has letters, "
					    "digits, '_' and '-'");
		return;
	}
	if (!cdp_load_claim(ld, "audiences", key))
		return;
	if (!cdp_load_is_map(ld, map, "audience"))
		return;
	cdp_diag_keys(ld->diags, map, "audience", keys);
	a = &pr->audience[pr->naudience++];
	*a = (struct cdp_audience){
		.key = key->text, .name = key->text, .node = key
	};
	if ((name = cdp_node_get(map, "name")) != NULL)
		cdp_load_str(ld, name, "name", &a->name);
	load_stay(ld, map, a);
	if ((when = cdp_node_get(map, "when")) == NULL)
		cdp_diag_error(ld->diags, key, "missing-key",
		    "audience '%.*s' has no 'when'", (int)key->text.n,
		    key->text.p);
	else
		a->when = load_when(ld, when);
}

void
cdp_load_audiences(struct cdp_loader *ld, struct cdp_node *node)
{
	struct cdp_project *pr = ld->pr;

	if (!cdp_load_is_map(ld, node, "audiences"))
		return;
	pr->audience = cdp_load_grow(
	    ld, pr->audience, pr->naudience, node->n, sizeof(*pr->audience));
	for (size_t i = 0; i < node->n; i++)
		load_one(ld, node->key[i], node->item[i]);
}

/* ---- order: an audience after those it needs ---- */

struct order {
	struct cdp_loader *ld;
	unsigned char *state; /* 0 not seen, 1 on the way, 2 placed */
	bool *grouped;        /* asks of a group, or of one that does */
	size_t *way;          /* the audiences on the way */
	size_t nway;
	size_t *to;
	size_t n;
};

static void place(struct order *o, size_t i);

static void
report_cycle(struct order *o, size_t first, const struct cdp_node *at)
{
	const struct cdp_project *pr = o->ld->pr;
	struct cdp_buf b = { 0 };
	size_t i = 0;

	while (o->way[i] != first)
		i++;
	for (; i < o->nway; i++) {
		cdp_buf_put(&b, pr->audience[o->way[i]].key);
		cdp_buf_puts(&b, " -> ");
	}
	cdp_buf_put(&b, pr->audience[first].key);
	cdp_diag_error(o->ld->diags, at, "audience-cycle",
	    "an audience cannot depend on itself: %s", cdp_buf_cstr(&b));
	cdp_buf_free(&b);
}

static void
need(void *arg, struct cdp_str name, const struct cdp_node *at)
{
	struct order *o = arg;
	const struct cdp_project *pr = o->ld->pr;
	size_t i = 0, n = pr->naudience + pr->nasked;

	while (i < n && !cdp_str_eq(pr->audience[i].key, name))
		i++;
	if (i == n)
		return; /* reported by cdp_cond_check() */
	if (o->state[i] == 1)
		report_cycle(o, i, at);
	else if (o->state[i] == 0)
		place(o, i);
	if (o->nway != 0)
		o->grouped[o->way[o->nway - 1]] |= o->grouped[i];
}

static void
need_group(void *arg, struct cdp_str kind, struct cdp_cond *inner,
    struct cdp_str key, const struct cdp_node *at)
{
	struct order *o = arg;

	(void)kind;
	(void)inner;
	need(o, key, at);
	o->grouped[o->way[o->nway - 1]] = true;
}

static void
place(struct order *o, size_t i)
{
	const struct cdp_audience *a = &o->ld->pr->audience[i];

	o->state[i] = 1;
	o->way[o->nway++] = i;
	if (a->when != NULL) {
		cdp_cond_audiences(a->when, need, o);
		cdp_cond_groups(a->when, need_group, o);
	}
	if (i >= o->ld->pr->naudience && o->grouped[i])
		cdp_diag_error(o->ld->diags, a->node, "bad-condition",
		    "'in_group' asks of members what depends on the groups "
		    "they are in");
	o->nway--;
	o->state[i] = 2;
	o->to[o->n++] = i;
}

/* What in_group asks of each member is kept as if it were an audience. */
static void
ask_members(void *arg, struct cdp_str kind, struct cdp_cond *inner,
    struct cdp_str key, const struct cdp_node *at)
{
	struct cdp_loader *ld = arg;
	struct cdp_project *pr = ld->pr;
	size_t n = pr->naudience + pr->nasked;

	for (size_t i = pr->naudience; i < n; i++)
		if (cdp_str_eq(pr->audience[i].key, key))
			return;
	pr->audience =
	    cdp_load_grow(ld, pr->audience, n, 1, sizeof(*pr->audience));
	pr->audience[n] = (struct cdp_audience){
		.key = key, .name = kind, .when = inner, .node = at
	};
	for (size_t i = 0; i < pr->ngroup; i++)
		if (cdp_str_eq(pr->group[i].name, kind))
			pr->audience[n].group = i;
	pr->nasked++;
}

/* Visible ones by themselves: an audience after those it names. */
static void
sort(struct cdp_project *pr, struct order *o, struct cdp_arena *mem)
{
	size_t n = pr->naudience + pr->nasked, k = 0;
	struct cdp_audience *to = cdp_arena_calloc(mem, n + 1, sizeof(*to));
	size_t *at = cdp_arena_calloc(mem, n + 1, sizeof(*at));

	for (size_t i = 0; i < n; i++)
		if (o->to[i] < pr->naudience)
			at[o->to[i]] = k++;
		else
			at[o->to[i]] = o->to[i];
	for (size_t i = 0; i < n; i++) {
		to[at[i]] = pr->audience[i];
		to[at[i]].grouped = o->grouped[i];
		o->to[i] = at[o->to[i]];
	}
	pr->audience = to;
	pr->order = o->to;
}

static void
check_one(struct cdp_loader *ld, const struct cdp_audience *a)
{
	cdp_cond_check(ld, a->when);
	if ((cdp_cond_uses(a->when) & CDP_USES_KEPT) != 0)
		cdp_diag_error(ld->diags, a->node, "bad-condition",
		    "'kept' belongs to a journey; audience '%.*s' "
		    "has no such thing",
		    (int)a->key.n, a->key.p);
}

void
cdp_check_audiences(struct cdp_loader *ld)
{
	struct cdp_project *pr = ld->pr;
	struct order o = { .ld = ld };
	size_t n = pr->naudience;

	for (size_t i = 0; i < n; i++)
		if (pr->audience[i].when != NULL)
			check_one(ld, &pr->audience[i]);
	for (size_t i = 0; i < n; i++)
		if (pr->audience[i].when != NULL)
			cdp_cond_groups(pr->audience[i].when, ask_members, ld);
	n += pr->nasked;
	if (pr->nasked > CDP_ASKED_MAX)
		cdp_diag_error(ld->diags, pr->audience[n - 1].node, "too-many",
		    "more than %d different conditions in 'in_group'",
		    CDP_ASKED_MAX);
	o.state = cdp_arena_calloc(ld->mem, n + 1, 1);
	o.grouped = cdp_arena_calloc(ld->mem, n + 1, sizeof(*o.grouped));
	o.way = cdp_arena_calloc(ld->mem, n + 1, sizeof(*o.way));
	o.to = cdp_arena_calloc(ld->mem, n + 1, sizeof(*o.to));
	for (size_t i = 0; i < n; i++)
		if (o.state[i] == 0)
			place(&o, i);
	sort(pr, &o, ld->mem);
}
