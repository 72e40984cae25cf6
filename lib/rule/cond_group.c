#include "lib/base/hash.h"
#include "lib/rule/load.h"
#include "lib/rule/tree.h"

const char *const cdp_members_words[] = { "any", "all", "none", NULL };

/* One that stands in another, or in a journey, has nobody to ask. */
static bool
may_ask(struct cdp_loader *ld, const struct cdp_node *at)
{
	if (ld->in_group != NULL)
		cdp_diag_error(
		    ld->diags, at, "bad-condition", "'in_group' in 'in_group'");
	else if (!ld->asks_groups)
		cdp_diag_error(ld->diags, at, "bad-condition",
		    "'in_group' is asked by audiences alone; make it one, and "
		    "write {audience: KEY} here");
	return ld->in_group == NULL && ld->asks_groups;
}

bool
cdp_cond_group(struct cdp_loader *ld, struct cdp_node *map, struct cdp_cond *c)
{
	struct cdp_node *of = NULL, *kind = cdp_node_get(map, "in_group");
	struct cdp_str part[2];
	char hash[13];

	c->uses = CDP_USES_GROUPS | CDP_USES_PROFILE;
	c->node = kind;
	for (int i = 0; cdp_members_words[i] != NULL; i++) {
		struct cdp_node *one = cdp_node_get(map, cdp_members_words[i]);

		if (one != NULL && of != NULL)
			of = map;
		else if (one != NULL)
			of = one, c->ask = (enum cdp_members_ask)i;
	}
	if (of == NULL || of == map) {
		cdp_diag_error(ld->diags, kind, "bad-condition",
		    "of how many members? 'in_group' needs one of any, all and "
		    "none, with a condition");
		return false;
	}
	if (!may_ask(ld, kind) ||
	    (kind->text.n != 0 &&
		!cdp_load_str(ld, kind, "in_group", &c->name)))
		return false;
	ld->in_group = &c->name;
	c->inner = cdp_cond_load(ld, of);
	ld->in_group = NULL;
	if (c->inner == NULL)
		return false;
	part[0] = c->name;
	part[1] = c->inner->text;
	cdp_hash_sha256(part, 2, hash, 12);
	c->key = cdp_arena_printf(
	    ld->mem, "in_group %.*s %s", (int)c->name.n, c->name.p, hash);
	return true;
}

bool
cdp_group_counts(struct cdp_str kind, const struct cdp_line *ln)
{
	const struct cdp_tape *t = ln->tape;
	uint32_t id, named = CDP_NOTOK;

	id = cdp_tape_get(t, ln->profile, CDP_STR("groups"));
	id = cdp_tape_get(t, cdp_tape_get(t, id, kind), CDP_STR("id"));
	if (ln->type == CDP_GROUP)
		named = cdp_tape_get(t, 0, CDP_STR("groupId"));
	if (cdp_tape_kind(t, named) == CDP_NULL)
		named = cdp_tape_get(t, cdp_tape_get(t, 0, CDP_STR("context")),
		    CDP_STR("groupId"));
	if (cdp_tape_kind(t, id) == CDP_NULL)
		return false;
	if (cdp_tape_kind(t, named) == CDP_NULL)
		return true;
	return cdp_str_eq(cdp_tape_isa(t, named, CDP_NUM)
		? cdp_tape_raw(t, named)
		: cdp_tape_str(t, named, ln->mem),
	    cdp_tape_str(t, id, ln->mem));
}

struct asked {
	void (*fn)(void *arg, struct cdp_str kind, struct cdp_cond *inner,
	    struct cdp_str key, const struct cdp_node *at);
	void *arg;
};

static void
tell_group(void *arg, const struct cdp_cond *c)
{
	const struct asked *a = arg;

	if (c->kind == CDP_COND_GROUP)
		a->fn(a->arg, c->name, c->inner, c->key, c->node);
}

void
cdp_cond_groups(struct cdp_cond *c,
    void (*fn)(void *arg, struct cdp_str kind, struct cdp_cond *inner,
	struct cdp_str key, const struct cdp_node *at),
    void *arg)
{
	struct asked a = { fn, arg };

	cdp_tree_walk(c, tell_group, &a);
}
