#include "lib/base/hash.h"
#include "lib/json/write.h"
#include "lib/rule/load.h"
#include "lib/rule/segment.h"
#include "lib/rule/tree.h"

#define WINDOW_MAX_MS (INT64_C(36525) * 86400000) /* a hundred years */

/* ---- the text of a condition, on one line, as YAML in braces ---- */

static void
flow(struct cdp_buf *b, const struct cdp_node *node)
{
	const char *open = node->kind == CDP_NODE_MAP ? "{" : "[";

	if (node->kind == CDP_NODE_SCALAR) {
		if (node->plain)
			cdp_buf_put(b, node->text);
		else
			cdp_json_str(b, node->text);
		return;
	}
	cdp_buf_puts(b, open);
	for (size_t i = 0; i < node->n; i++) {
		if (i != 0)
			cdp_buf_puts(b, ", ");
		if (node->kind == CDP_NODE_MAP) {
			flow(b, node->key[i]);
			cdp_buf_puts(b, ": ");
		}
		flow(b, node->item[i]);
	}
	cdp_buf_puts(b, *open == '{' ? "}" : "]");
}

static struct cdp_str
keep_text(struct cdp_loader *ld, struct cdp_buf *b)
{
	struct cdp_str s = cdp_arena_dup(ld->mem, cdp_buf_str(b));

	cdp_buf_free(b);
	return s;
}

/* ---- event: how many, in which window ---- */

static bool
count_one(struct cdp_loader *ld, const struct cdp_node *node,
    enum cdp_op_kind kind, struct cdp_leaf *lf, struct cdp_count *ret)
{
	int64_t need;

	if (!cdp_load_int(ld, node, "count", 0, 1000000, &ret->n))
		return false;
	ret->kind = kind;
	need = ret->n + (kind != CDP_OP_GTE && kind != CDP_OP_LT);
	if (need > lf->keep)
		lf->keep = (uint32_t)need;
	return true;
}

static bool
count_load(
    struct cdp_loader *ld, const struct cdp_node *node, struct cdp_leaf *lf)
{
	static const char *const names[] = { "eq", "ne", "gt", "gte", "lt",
		"lte", NULL };
	struct cdp_count *v;

	if (node == NULL) {
		static const struct cdp_count once = { CDP_OP_GTE, 1 };

		lf->count = &once;
		lf->ncount = lf->keep = 1;
		return true;
	}
	lf->ncount = node->kind == CDP_NODE_MAP ? node->n : 1;
	lf->count = v = cdp_arena_calloc(ld->mem, lf->ncount, sizeof(*v));
	if (node->kind != CDP_NODE_MAP)
		return count_one(ld, node, CDP_OP_EQ, lf, v);
	cdp_diag_keys(ld->diags, node, "count", names);
	if (node->n == 0)
		cdp_diag_error(ld->diags, node, "missing-operator",
		    "'count' needs a number or an operator: eq ne gt gte lt "
		    "lte");
	for (size_t i = 0; i < node->n; i++) {
		size_t k = 0;

		while (names[k] != NULL &&
		    !cdp_str_is(node->key[i]->text, names[k]))
			k++;
		if (names[k] == NULL ||
		    !count_one(
			ld, node->item[i], (enum cdp_op_kind)k, lf, &v[i]))
			return false;
	}
	return node->n != 0;
}

bool
cdp_cond_length(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, int64_t *ret)
{
	if (!cdp_load_duration(ld, node, what, ret))
		return false;
	if (*ret >= 0 && *ret <= WINDOW_MAX_MS)
		return true;
	cdp_diag_error(ld->diags, node, "wrong-type",
	    "'%s' is longer than a hundred years", what);
	return false;
}

bool
cdp_cond_window(
    struct cdp_loader *ld, const struct cdp_node *map, struct cdp_leaf *lf)
{
	const struct cdp_node *within = cdp_node_get(map, "within");
	const struct cdp_node *between = cdp_node_get(map, "between");

	lf->window = within != NULL || between != NULL;
	if (within != NULL && between != NULL) {
		cdp_diag_error(ld->diags, between, "bad-condition",
		    "'within' and 'between' do not go together");
		return false;
	}
	if (within != NULL) {
		if (!cdp_cond_length(ld, within, "within", &lf->to_ms))
			return false;
		lf->keep += lf->keep == 0;
		if (lf->to_ms > 0)
			return true;
		cdp_diag_error(ld->diags, within, "wrong-type",
		    "'within' must be longer than nothing");
		return false;
	}
	lf->keep = 0;
	if (between == NULL)
		return true;
	if (between->kind != CDP_NODE_SEQ || between->n != 2) {
		cdp_diag_error(ld->diags, between, "wrong-type",
		    "'between' needs two lengths of time, such as [7d, 14d]");
		return false;
	}
	if (!cdp_cond_length(ld, between->item[0], "between", &lf->from_ms) ||
	    !cdp_cond_length(ld, between->item[1], "between", &lf->to_ms))
		return false;
	if (lf->from_ms < lf->to_ms)
		return true;
	cdp_diag_error(ld->diags, between, "wrong-type",
	    "'between' needs the shorter length of time first");
	return false;
}

/* What the leaf's history depends on, in one spelling; and its name. */
static void
canon(struct cdp_loader *ld, const struct cdp_node *map, struct cdp_leaf *lf)
{
	const struct cdp_node *where = cdp_node_get(map, "where");
	struct cdp_buf b = { 0 }, w = { 0 };
	struct cdp_str *name;
	struct cdp_tape t = { 0 };

	name = cdp_arena_calloc(ld->mem, lf->on.nevent, sizeof(*name));
	for (size_t i = 0, k; i < lf->on.nevent; i++) {
		for (k = i; k > 0; k--) {
			if (cdp_str_cmp(name[k - 1], lf->on.event[i]) <= 0)
				break;
			name[k] = name[k - 1];
		}
		name[k] = lf->on.event[i];
	}
	cdp_buf_puts(&b, "{\"event\":[");
	for (size_t i = 0; i < lf->on.nevent; i++) {
		cdp_json_comma(&b);
		cdp_json_str(&b, name[i]);
	}
	cdp_buf_putc(&b, ']');
	if (where != NULL) {
		cdp_node_json(&w, where);
		if (cdp_tape_parse(&t, cdp_buf_str(&w), NULL) == 0) {
			cdp_buf_puts(&b, ",\"where\":");
			cdp_json_canonical(&b, &t, 0);
		}
		cdp_tape_free(&t);
		cdp_buf_free(&w);
	}
	if (lf->window) {
		cdp_json_ki64(&b, "from", lf->from_ms);
		cdp_json_ki64(&b, "to", lf->to_ms);
		cdp_json_ki64(&b, "keep", lf->keep);
	}
	if (ld->in_group != NULL)
		cdp_json_kstr(&b, "in_group", *ld->in_group);
	cdp_buf_putc(&b, '}');
	lf->group = ld->in_group;
	lf->canon = keep_text(ld, &b);
	cdp_hash_sha256(&lf->canon, 1, lf->id, 12);
}

static bool
event_load(struct cdp_loader *ld, struct cdp_node *map, struct cdp_cond *c)
{
	struct cdp_leaf *lf = cdp_arena_calloc(ld->mem, 1, sizeof(*lf));
	bool good;

	c->leaf = lf;
	if (cdp_cond_is_measure(map))
		return cdp_cond_measure(ld, map, c);
	c->uses = CDP_USES_EVENTS;
	good = cdp_trigger_load(ld, map, &lf->on) == 0;
	good &= count_load(ld, cdp_node_get(map, "count"), lf);
	good &= cdp_cond_window(ld, map, lf);
	if (!good)
		return false;
	if (lf->window)
		c->uses |= CDP_USES_TIME;
	canon(ld, map, lf);
	return true;
}

static bool
sequence_load(struct cdp_loader *ld, struct cdp_node *map, struct cdp_cond *c)
{
	c->leaf = cdp_arena_calloc(ld->mem, 1, sizeof(*c->leaf));
	c->uses = CDP_USES_EVENTS | CDP_USES_TIME;
	return cdp_seq_load(ld, map, c->leaf);
}

/* ---- the other kinds ---- */

static bool
value_load(struct cdp_loader *ld, struct cdp_node *map, struct cdp_cond *c)
{
	const char *what = c->kind == CDP_COND_TRAIT ? "trait" : "kept";
	const char *const skip[] = { what, NULL };
	unsigned refers = ld->refers;
	bool good;

	good = cdp_load_each(
	    ld, cdp_node_get(map, what), what, &c->path, &c->many);
	ld->refers = c->kind == CDP_COND_TRAIT ? CDP_REF_TRAIT : 0;
	c->ops = cdp_ops_load(ld, map, skip, what);
	ld->refers = refers;
	c->uses = c->kind == CDP_COND_TRAIT ? CDP_USES_PROFILE : CDP_USES_KEPT;
	if (c->ops != NULL && cdp_ops_timed(c->ops))
		c->uses |= CDP_USES_TIME;
	return good && c->ops != NULL;
}

static bool
name_load(struct cdp_loader *ld, struct cdp_node *map, struct cdp_cond *c)
{
	const char *what =
	    c->kind == CDP_COND_AUDIENCE ? "audience" : "consent";

	c->uses = c->kind == CDP_COND_AUDIENCE ? CDP_USES_AUDIENCES
					       : CDP_USES_PROFILE;
	c->node = cdp_node_get(map, what);
	return cdp_load_str(ld, c->node, what, &c->name);
}

static bool
is_word(char c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

/* Whether a jq program says name as a word of its own. */
static bool
mentions(struct cdp_str prog, const char *name)
{
	size_t n = strlen(name);
	const char *p = prog.p, *end = prog.p + prog.n;

	while ((p = memmem(p, (size_t)(end - p), name, n)) != NULL) {
		bool left = p == prog.p || !is_word(p[-1]);

		p += n;
		if (left && (p == end || !is_word(*p)))
			return true;
	}
	return false;
}

/* ".kept" where the input begins: ".traits.kept" is a trait. */
static bool
asks_kept(struct cdp_str prog)
{
	const char *p = prog.p, *end = prog.p + prog.n;

	while ((p = memmem(p, (size_t)(end - p), ".kept", 5)) != NULL) {
		bool root = p == prog.p ||
		    !(is_word(p[-1]) || p[-1] == ']' || p[-1] == '?' ||
			p[-1] == '"');

		p += 5;
		if (root && (p == end || !is_word(*p)))
			return true;
	}
	return false;
}

static bool
jq_load(struct cdp_loader *ld, struct cdp_node *map, struct cdp_cond *c)
{
	c->node = cdp_node_get(map, "jq");
	if (!cdp_load_jq(ld, c->node, "jq", &c->jq))
		return false;
	c->name = c->node->text;
	c->uses = CDP_USES_PROFILE;
	if (mentions(c->name, "audiences"))
		c->uses |= CDP_USES_AUDIENCES;
	/* What is looked up may be another row at any event. */
	if (mentions(c->name, "event") || cdp_jq_looks_up(ld->jq, c->jq))
		c->uses |= CDP_USES_LINE;
	if (asks_kept(c->name))
		c->uses |= CDP_USES_KEPT;
	return true;
}

static bool
kids_load(struct cdp_loader *ld, struct cdp_node *map, struct cdp_cond *c)
{
	const char *what = c->kind == CDP_COND_ALL ? "all" : "any";
	struct cdp_node *list = cdp_node_get(map, what);
	bool good = true;

	if (!cdp_load_is_seq(ld, list, what))
		return false;
	if (list->n == 0) {
		cdp_diag_error(ld->diags, list, "bad-condition",
		    "'%s' needs at least one condition", what);
		return false;
	}
	c->kid = cdp_arena_calloc(ld->mem, list->n, sizeof(*c->kid));
	c->nkid = list->n;
	for (size_t i = 0; i < list->n; i++) {
		c->kid[i] = cdp_cond_load(ld, list->item[i]);
		good &= c->kid[i] != NULL;
		if (c->kid[i] != NULL)
			c->uses |= c->kid[i]->uses;
	}
	return good;
}

static bool
not_load(struct cdp_loader *ld, struct cdp_node *map, struct cdp_cond *c)
{
	struct cdp_node *one = cdp_node_get(map, "not");

	if (one->kind == CDP_NODE_SEQ) {
		cdp_diag_error(ld->diags, one, "bad-condition",
		    "'not' takes one condition; write not: {any: [...]} or "
		    "not: {all: [...]}");
		return false;
	}
	c->kid = cdp_arena_calloc(ld->mem, 1, sizeof(*c->kid));
	c->nkid = 1;
	if ((c->kid[0] = cdp_cond_load(ld, one)) == NULL)
		return false;
	c->uses = c->kid[0]->uses;
	return true;
}

static void
mark_query(void *arg, const struct cdp_cond *c)
{
	((struct cdp_cond *)c)->query = true; /* it is being made */
	if (c->kind == CDP_COND_GROUP)
		cdp_tree_walk(c->inner, mark_query, arg);
}

/* A text that says a condition: all of one. */
static bool
segment_load(struct cdp_loader *ld, struct cdp_node *map, struct cdp_cond *c)
{
	struct cdp_node *one =
	    cdp_segment_read(ld, cdp_node_get(map, "segment"));

	if (one == NULL)
		return false;
	c->kind = CDP_COND_ALL;
	c->kid = cdp_arena_calloc(ld->mem, 1, sizeof(*c->kid));
	c->nkid = 1;
	if ((c->kid[0] = cdp_cond_load(ld, one)) == NULL)
		return false;
	c->uses = c->kid[0]->uses;
	cdp_tree_walk(c, mark_query, NULL);
	return true;
}

/* ---- which kind it is ---- */

static const char *const group_keys[] = { "in_group", "any", "all", "none",
	NULL };
static const char *const sequence_keys[] = { "sequence", "match", "within",
	NULL };

static const struct kind {
	const char *name;
	bool (*load)(
	    struct cdp_loader *ld, struct cdp_node *map, struct cdp_cond *c);
	const char *const *keys; /* NULL: the name alone */
} kinds[] = {                    /* in the order of enum cdp_cond_kind */
	{ "event", event_load, NULL },
	{ "sequence", sequence_load, sequence_keys },
	{ "trait", value_load, NULL }, { "kept", value_load, NULL },
	{ "audience", name_load, NULL }, { "consent", name_load, NULL },
	{ "all", kids_load, NULL }, { "any", kids_load, NULL },
	{ "not", not_load, NULL }, { "jq", jq_load, NULL },
	{ "segment", segment_load, NULL },
	{ "in_group", cdp_cond_group, group_keys },
	{ "entity", cdp_cond_rows, NULL }
};
#define NKINDS (sizeof(kinds) / sizeof(*kinds))

/* Several kinds in one map mean nothing; none at all may be a misspelling. */
static int
kind_of(struct cdp_loader *ld, const struct cdp_node *map)
{
	static const char *const names[] = { "event", "sequence", "trait",
		"kept", "audience", "consent", "all", "any", "not", "jq",
		"segment", "in_group", "entity", NULL };
	int kind = -1;

	if (cdp_node_get(map, "in_group") != NULL)
		return CDP_COND_GROUP;
	for (size_t k = 0; k < map->n; k++)
		for (size_t i = 0; i < NKINDS; i++) {
			if (!cdp_str_is(map->key[k]->text, kinds[i].name))
				continue;
			if (kind >= 0) {
				cdp_diag_error(ld->diags, map->key[k],
				    "bad-condition",
				    "'%s' and '%s' in one condition; write "
				    "all: [...] or any: [...]",
				    kinds[kind].name, kinds[i].name);
				return -1;
			}
			kind = (int)i;
		}
	if (kind >= 0)
		return kind;
	if (map->n == 0)
		cdp_diag_error(ld->diags, map, "bad-condition",
		    "empty condition; expected event, sequence, trait, kept, "
		    "audience, consent, all, any, not, jq, segment, in_group "
		    "or entity");
	else
		cdp_diag_keys(ld->diags, map, "condition", names);
	return -1;
}

struct cdp_cond *
cdp_cond_load(struct cdp_loader *ld, struct cdp_node *node)
{
	struct cdp_buf b = { 0 };
	const char *only[2] = { 0 };
	const struct kind *k;
	size_t faults = ld->diags->nerrors;
	struct cdp_cond *c;
	int kind;

	if (node->kind != CDP_NODE_MAP) {
		cdp_diag_error(ld->diags, node, "bad-condition",
		    node->kind == CDP_NODE_SEQ
			? "a condition is not a list; write all: [...] or "
			  "any: [...]"
			: "a condition is a map, such as {trait: points, gt: "
			  "100}");
		return NULL;
	}
	if ((kind = kind_of(ld, node)) < 0)
		return NULL;
	k = &kinds[kind];
	only[0] = k->name;
	if (k->load != value_load && k->load != cdp_cond_rows)
		cdp_diag_keys(ld->diags, node, k->name,
		    k->load == event_load ? cdp_cond_event_keys(ld, node)
			: k->keys != NULL ? k->keys
					  : only);
	c = cdp_arena_calloc(ld->mem, 1, sizeof(*c));
	c->kind = (enum cdp_cond_kind)kind;
	c->node = node;
	c->pr = ld->pr;
	if (!k->load(ld, node, c) || ld->diags->nerrors != faults)
		return NULL;
	flow(&b, node);
	c->text = keep_text(ld, &b);
	return c;
}
