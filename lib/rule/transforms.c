#include "lib/rule/load.h"

/* A place to change; false, with a diagnostic, if it must stay. */
static bool
load_path(struct cdp_loader *ld, const struct cdp_node *node, const char *what,
    struct cdp_path *ret)
{
	static const char *const fixed[] = { "type", "messageId", "timestamp",
		"originalTimestamp", "sentAt", "receivedAt", NULL };
	int i;

	if (!cdp_load_path(ld, node, what, ret))
		return false;
	for (i = 0; fixed[i] != NULL; i++)
		if (ret->n == 1 && cdp_str_is(ret->seg[0], fixed[i])) {
			cdp_diag_error(ld->diags, node, "bad-value",
			    "'%s' is of the envelope: only jq may change it",
			    fixed[i]);
			return false;
		}
	return true;
}

/* A list of paths, or one. */
static void
load_paths(struct cdp_loader *ld, const struct cdp_node *node, const char *what,
    struct cdp_transform *t)
{
	size_t i, n = node->kind == CDP_NODE_SEQ ? node->n : 1;
	const struct cdp_node *one;

	t->change = cdp_arena_calloc(ld->mem, n, sizeof(*t->change));
	for (i = 0; i < n; i++) {
		one = node->kind == CDP_NODE_SEQ ? node->item[i] : node;
		if (load_path(ld, one, what, &t->change[t->nchange].path))
			t->nchange++;
	}
}

static void
load_drop(struct cdp_loader *ld, struct cdp_node *node, struct cdp_transform *t)
{
	load_paths(ld, node, "drop", t);
}

/* Secrets are read before transforms. */
static void
check_key(
    struct cdp_loader *ld, const struct cdp_node *node, struct cdp_str name)
{
	const struct cdp_project *pr = ld->pr;
	size_t i;

	for (i = 0; i < pr->nsecret; i++)
		if (cdp_str_eq(pr->secret[i], name))
			return;
	cdp_diag_name(ld->diags, node, "unknown-secret", "secrets has no", name,
	    pr->secret, pr->nsecret);
}

static void
load_hash(struct cdp_loader *ld, struct cdp_node *node, struct cdp_transform *t)
{
	static const char *const known[] = { "paths", "key", NULL };
	const struct cdp_node *v;

	if (node->kind != CDP_NODE_MAP) {
		load_paths(ld, node, "hash", t);
		return;
	}
	cdp_diag_keys(ld->diags, node, "hash", known);
	if ((v = cdp_node_get(node, "key")) != NULL &&
	    cdp_load_str(ld, v, "key", &t->key))
		check_key(ld, v, t->key);
	if ((v = cdp_node_get(node, "paths")) != NULL)
		load_paths(ld, v, "hash", t);
	else
		cdp_diag_error(ld->diags, node, "missing-key",
		    "hash needs paths: {paths: [traits.email], key: NAME}");
}

/* "last 4" */
static bool
counted(struct cdp_str s, struct cdp_str word, struct cdp_change *c)
{
	size_t i;

	if (!cdp_str_starts(s, word) || s.n == word.n || s.n > word.n + 3)
		return false;
	for (c->keep = 0, i = word.n; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		c->keep = 10 * c->keep + (size_t)(s.p[i] - '0');
	}
	return true;
}

static void
load_mask_of(
    struct cdp_loader *ld, const struct cdp_node *node, struct cdp_change *c)
{
	struct cdp_str s;

	if (!cdp_load_str(ld, node, "mask", &s))
		return;
	if (cdp_str_is(s, "all"))
		c->mask = CDP_MASK_ALL;
	else if (cdp_str_is(s, "email"))
		c->mask = CDP_MASK_EMAIL;
	else if (cdp_str_is(s, "ip"))
		c->mask = CDP_MASK_IP;
	else if (counted(s, CDP_STR("first "), c))
		c->mask = CDP_MASK_FIRST;
	else if (counted(s, CDP_STR("last "), c))
		c->mask = CDP_MASK_LAST;
	else
		cdp_diag_error(ld->diags, node, "bad-value",
		    "a mask is all, email, ip, 'first 2' or 'last 4', not "
		    "'%.*s'",
		    (int)s.n, s.p);
}

static void
load_mask(struct cdp_loader *ld, struct cdp_node *node, struct cdp_transform *t)
{
	size_t i;

	if (!cdp_load_is_map(ld, node, "mask"))
		return;
	t->change = cdp_arena_calloc(ld->mem, node->n, sizeof(*t->change));
	for (i = 0; i < node->n; i++) {
		struct cdp_change *c = &t->change[t->nchange];

		load_mask_of(ld, node->item[i], c);
		if (load_path(ld, node->key[i], "mask", &c->path))
			t->nchange++;
	}
}

static void
load_rename(
    struct cdp_loader *ld, struct cdp_node *node, struct cdp_transform *t)
{
	size_t i;

	if (!cdp_load_is_map(ld, node, "rename"))
		return;
	t->change = cdp_arena_calloc(ld->mem, node->n, sizeof(*t->change));
	for (i = 0; i < node->n; i++) {
		struct cdp_change *c = &t->change[t->nchange];

		if (!load_path(ld, node->key[i], "rename", &c->path) ||
		    !cdp_load_str(ld, node->item[i], "rename", &c->name))
			continue;
		if (c->path.n == 1)
			cdp_diag_error(ld->diags, node->key[i], "bad-value",
			    "'%.*s' is of the envelope: only jq may change it",
			    (int)c->path.text.n, c->path.text.p);
		else if (c->name.n == 0 ||
		    memchr(c->name.p, '.', c->name.n) != NULL)
			cdp_diag_error(ld->diags, node->item[i], "bad-value",
			    "a new name is that of a member of the same "
			    "object, such as product_id");
		else
			t->nchange++;
	}
}

static void
load_trigger(
    struct cdp_loader *ld, struct cdp_node *map, struct cdp_transform *t)
{
	struct cdp_node *where = cdp_node_get(map, "where");

	if (cdp_node_get(map, "event") != NULL)
		cdp_trigger_load(ld, map, &t->on);
	else if (where != NULL)
		t->on.where = cdp_pred_where(ld, where);
}

static void
load_transform(
    struct cdp_loader *ld, struct cdp_node *map, struct cdp_transform *t)
{
	static const char *const known[] = { "event", "where", "jq", "drop",
		"hash", "mask", "rename", NULL };
	static void (*const load[])(struct cdp_loader * ld,
	    struct cdp_node * node, struct cdp_transform * t) = { load_drop,
		load_hash, load_mask, load_rename };
	struct cdp_node *v;
	int i, n = 0;

	t->jq = -1;
	if (!cdp_load_is_map(ld, map, "a transform"))
		return;
	cdp_diag_keys(ld->diags, map, "a transform", known);
	load_trigger(ld, map, t);
	if ((v = cdp_node_get(map, "jq")) != NULL && n++ == 0)
		cdp_load_jq(ld, v, "jq", &t->jq);
	for (i = 0; i < 4; i++)
		if ((v = cdp_node_get(map, known[3 + i])) != NULL && n++ == 0) {
			t->kind = (enum cdp_change_kind)i;
			load[i](ld, v, t);
		}
	if (n != 1)
		cdp_diag_error(ld->diags, map,
		    n == 0 ? "missing-key" : "bad-value",
		    "a transform does one thing: jq, drop, hash, mask or "
		    "rename%s",
		    n == 0 ? "" : "; make two of it, in their order");
}

void
cdp_load_transforms(struct cdp_loader *ld, struct cdp_node *node)
{
	struct cdp_transforms *all = &ld->pr->transforms;
	size_t i;

	if (cdp_node_is_null(node) || !cdp_load_is_seq(ld, node, "transforms"))
		return;
	all->v = cdp_load_grow(ld, all->v, all->n, node->n, sizeof(*all->v));
	for (i = 0; i < node->n; i++)
		load_transform(ld, node->item[i], &all->v[all->n++]);
}
