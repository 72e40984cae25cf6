#include <stdlib.h>
#include <string.h>

#include "lib/rule/ident.h"
#include "lib/rule/load.h"

/* Segment's rules where the project has none of its own: see cdp.yaml(5). */
#define LIMIT 5
#define MAX_MERGES 100
#define MAX_IDS 1000
#define HUB 3     /* ours */
#define NONE (-1) /* until all is read: 0 is what was not written */

static void
free_regex(void *arg)
{
	cdp_regex_free(arg);
}

static void
add_pattern(
    struct cdp_loader *ld, const struct cdp_node *at, struct cdp_str text)
{
	struct cdp_identity *idy = &ld->pr->identity;
	struct cdp_regex *re = NULL;
	struct cdp_err err = { 0 };

	if (cdp_regex_compile(text, &re, &err) != 0) {
		cdp_diag_error(ld->diags, at, "bad-pattern", "%s", err.msg);
		return;
	}
	cdp_load_defer(ld, free_regex, re);
	if ((idy->npattern & (idy->npattern - 1)) == 0) /* full */
		idy->pattern = cdp_load_grow(ld, idy->pattern, idy->npattern,
		    idy->npattern, sizeof(*idy->pattern));
	idy->pattern[idy->npattern++] = re;
}

static void
default_values(struct cdp_loader *ld)
{
	static const struct cdp_str values[] = { { "-1", 2 }, { "null", 4 },
		{ "anonymous", 9 }, { "", 0 } };

	ld->pr->identity.block = values;
	ld->pr->identity.nblock = sizeof(values) / sizeof(values[0]);
}

static int
by_bytes(const void *a, const void *b)
{
	return cdp_str_cmp(
	    *(const struct cdp_str *)a, *(const struct cdp_str *)b);
}

/* A value a line; empty ones say nothing. */
static void
load_list(struct cdp_loader *ld, const struct cdp_node *node)
{
	struct cdp_identity *idy = &ld->pr->identity;
	struct cdp_str text, line;
	size_t lines = 1, i;
	const char *nl;

	if (!cdp_load_file(ld, node, "the file of blocked values", &text))
		return;
	for (i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	idy->listed = cdp_arena_calloc(ld->mem, lines, sizeof(line));
	while (text.n != 0) {
		nl = memchr(text.p, '\n', text.n);
		line = (struct cdp_str){ text.p,
			nl != NULL ? (size_t)(nl - text.p) : text.n };
		text.p += line.n + (nl != NULL);
		text.n -= line.n + (nl != NULL);
		if (line.n != 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (line.n != 0)
			idy->listed[idy->nlisted++] = line;
	}
	qsort(idy->listed, idy->nlisted, sizeof(line), by_bytes);
}

static void
load_block(struct cdp_loader *ld, const struct cdp_node *node)
{
	static const char *const known[] = { "values", "patterns", "file",
		NULL };
	struct cdp_identity *idy = &ld->pr->identity;
	const struct cdp_node *v = cdp_node_get(node, "values");
	const struct cdp_str *pat;
	size_t i, n;

	if (node != NULL && cdp_load_is_map(ld, node, "block"))
		cdp_diag_keys(ld->diags, node, "block", known);
	if (cdp_node_get(node, "file") != NULL)
		load_list(ld, cdp_node_get(node, "file"));
	if (v == NULL)
		default_values(ld);
	else
		cdp_load_strs(
		    ld, v, "a blocked value", &idy->block, &idy->nblock);
	v = cdp_node_get(node, "patterns");
	if (v == NULL) {
		add_pattern(ld, NULL, CDP_STR("^[0-]*$"));
	} else if (cdp_load_strs(ld, v, "a blocked pattern", &pat, &n)) {
		for (i = 0; i < n; i++)
			add_pattern(ld,
			    v->kind == CDP_NODE_SEQ ? v->item[i] : v, pat[i]);
	}
}

/* A number, or "none". */
static void
load_count(struct cdp_loader *ld, const struct cdp_node *node, const char *what,
    int64_t max, int64_t *ret)
{
	if (node->kind == CDP_NODE_SCALAR && cdp_str_is(node->text, "none"))
		*ret = NONE;
	else if (node->kind == CDP_NODE_SCALAR && !cdp_node_is_number(node))
		cdp_diag_error(ld->diags, node, "bad-value",
		    "%s must be a number such as 5, or 'none'", what);
	else
		cdp_load_int(ld, node, what, 1, max, ret);
}

/* "5", "5 per 7d" or "none". */
static void
load_limit(struct cdp_loader *ld, const struct cdp_node *node,
    struct cdp_identifier *id)
{
	static const char per[] = " per ";
	struct cdp_node num;
	struct cdp_str s = node->text;
	const char *p;

	if (node->kind == CDP_NODE_SCALAR && node->plain &&
	    (p = memmem(s.p, s.n, per, sizeof(per) - 1)) != NULL) {
		num = *node;
		num.text.n = (size_t)(p - s.p);
		p += sizeof(per) - 1;
		if (cdp_time_duration(
			(struct cdp_str){ p, (size_t)(s.p + s.n - p) },
			&id->per_ms) == 0 &&
		    id->per_ms > 0 && cdp_node_is_number(&num)) {
			cdp_load_int(ld, &num, "limit", 1, 1000, &id->limit);
			return;
		}
	}
	if (node->kind == CDP_NODE_SCALAR && !cdp_node_is_number(node) &&
	    !cdp_str_is(s, "none"))
		cdp_diag_error(ld->diags, node, "bad-value",
		    "limit must be a number such as 5, '5 per 7d' or 'none'");
	else
		load_count(ld, node, "limit", 1000, &id->limit);
}

static void
load_caps(struct cdp_loader *ld, const struct cdp_node *node)
{
	static const char *const known[] = { "merges", "identifiers", NULL };
	struct cdp_identity *idy = &ld->pr->identity;
	const struct cdp_node *v;

	if (!cdp_load_is_map(ld, node, "caps"))
		return;
	cdp_diag_keys(ld->diags, node, "caps", known);
	if ((v = cdp_node_get(node, "merges")) != NULL)
		load_count(ld, v, "merges", 1000000, &idy->max_merges);
	if ((v = cdp_node_get(node, "identifiers")) != NULL)
		load_count(ld, v, "identifiers", 1000000, &idy->max_ids);
}

/*
 * Segment's types, where it looks for them, in its order: user_id, email, then
 * by the alphabet.  The last two are of older spaces: there by name only.
 */
static const char defaults[] =
    "user_id: {from: userId, limit: 1}\n"
    "email: {from: [traits.email, context.traits.email], normalize: email}\n"
    "android.id: {from: context.device.id, where: {context.device.type: "
    "[android, Android]}}\n"
    "android.idfa: {from: context.device.advertisingId, where: "
    "{context.device.type: [android, Android], "
    "context.device.adTrackingEnabled: true}}\n"
    "android.push_token: {from: context.device.token, where: "
    "{context.device.type: [android, Android]}}\n"
    "anonymous_id: {from: anonymousId}\n"
    "ga_client_id: {from: context.integrations.Google Analytics.clientId}\n"
    "ios.id: {from: context.device.id, where: {context.device.type: "
    "[ios, iOS]}}\n"
    "ios.idfa: {from: context.device.advertisingId, where: "
    "{context.device.type: [ios, iOS], "
    "context.device.adTrackingEnabled: true}}\n"
    "ios.push_token: {from: context.device.token, where: "
    "{context.device.type: [ios, iOS]}}\n"
    "braze_id: {from: context.Braze.braze_id}\n"
    "cross_domain_id: {from: XID}\n";
#define NDEFAULT 10

static struct cdp_node *
default_types(struct cdp_loader *ld)
{
	struct cdp_node *ret;

	cdp_yaml_parse(cdp_str_of(defaults), "(Segment's identifiers)", ld->mem,
	    ld->diags, &ret);
	return ret;
}

/* loyalty_id as loyaltyId, loyaltyId as loyalty_id. */
static struct cdp_str
other_case(struct cdp_loader *ld, struct cdp_str name)
{
	char *p = cdp_arena_alloc(ld->mem, name.n * 2 + 1);
	bool camel = memchr(name.p, '_', name.n) != NULL;
	size_t i, n = 0;

	for (i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (camel && c == '_' && i + 1 < name.n &&
		    name.p[i + 1] >= 'a' && name.p[i + 1] <= 'z')
			p[n++] = (char)(name.p[++i] - 'a' + 'A');
		else if (!camel && c >= 'A' && c <= 'Z') {
			p[n++] = '_';
			p[n++] = (char)(c - 'A' + 'a');
		} else
			p[n++] = c;
	}
	return (struct cdp_str){ p, n };
}

/* Where Segment looks for a custom identifier of that name. */
static void
default_from(struct cdp_loader *ld, struct cdp_identifier *id)
{
	static const char *const in[] = { "traits", "context.traits",
		"properties" };
	struct cdp_path *v = cdp_arena_calloc(ld->mem, 6, sizeof(*v));
	struct cdp_str name[2] = { id->name, other_case(ld, id->name) };
	size_t i, j, n = cdp_str_eq(name[0], name[1]) ? 1 : 2;

	for (i = 0; i < 3; i++)
		for (j = 0; j < n; j++)
			(void)cdp_path_compile(
			    cdp_arena_printf(ld->mem, "%s.%.*s", in[i],
				(int)name[j].n, name[j].p),
			    ld->mem, &v[id->nfrom++], NULL);
	id->from = v;
}

static void
load_identifier(
    struct cdp_loader *ld, struct cdp_node *node, struct cdp_identifier *id)
{
	static const char *const known[] = { "from", "where", "normalize",
		"region", "limit", NULL };
	static const char *const norm[] = { "none", "email", "phone", NULL };
	struct cdp_node *v;
	int k;

	if (!cdp_load_is_map(ld, node, "an identifier"))
		return;
	cdp_diag_keys(ld->diags, node, "an identifier", known);
	if ((v = cdp_node_get(node, "from")) != NULL)
		cdp_load_paths(ld, v, "from", &id->from, &id->nfrom);
	if ((v = cdp_node_get(node, "where")) != NULL)
		id->where = cdp_pred_where(ld, v);
	v = cdp_node_get(node, "normalize");
	if (v != NULL && cdp_load_choice(ld, v, "normalize", norm, &k))
		id->normalize = (enum cdp_normalize)k;
	if ((v = cdp_node_get(node, "region")) != NULL) {
		cdp_load_str(ld, v, "region", &id->region);
		if (id->normalize != CDP_NORM_PHONE)
			cdp_diag_error(ld->diags, v, "bad-value",
			    "region goes with normalize: phone");
	}
	if ((v = cdp_node_get(node, "limit")) != NULL)
		load_limit(ld, v, id);
}

static struct cdp_identifier *
add_identifier(struct cdp_loader *ld, struct cdp_str name)
{
	struct cdp_identity *idy = &ld->pr->identity;
	struct cdp_identifier *id;

	if (cdp_str_is(name, "*")) {
		idy->others = true;
		return &idy->other;
	}
	if ((idy->nid & (idy->nid - 1)) == 0) /* full */
		idy->id = cdp_load_grow(
		    ld, idy->id, idy->nid, idy->nid, sizeof(*idy->id));
	id = &idy->id[idy->nid++];
	id->name = name;
	id->limit = cdp_str_is(name, "user_id") ? 1 : LIMIT;
	return id;
}

/* Where a type is looked for that does not say so. */
static void
place(struct cdp_loader *ld, struct cdp_identifier *id)
{
	struct cdp_node *known = default_types(ld);
	size_t i;

	for (i = 0; i < known->n; i++)
		if (cdp_str_eq(known->key[i]->text, id->name)) {
			struct cdp_identifier like = { 0 };

			load_identifier(ld, known->item[i], &like);
			id->from = like.from;
			id->nfrom = like.nfrom;
			if (id->where == NULL)
				id->where = like.where;
			return;
		}
	default_from(ld, id);
}

/* "*": the types that events name, in no place of their own. */
static void
load_others(struct cdp_loader *ld, struct cdp_node *key, struct cdp_node *node)
{
	struct cdp_identifier *id = add_identifier(ld, key->text);

	if (cdp_node_is_null(node))
		return;
	load_identifier(ld, node, id);
	if (id->nfrom != 0 || id->where != NULL || id->normalize != 0)
		cdp_diag_error(ld->diags, key, "bad-value",
		    "'*' stands for the types that only context.externalIds "
		    "names: it has a limit and nothing else");
}

static void
load_identifiers(struct cdp_loader *ld, struct cdp_node *map)
{
	struct cdp_identifier *id;
	size_t i;

	if (!cdp_load_is_map(ld, map, "identifiers"))
		return;
	for (i = 0; i < map->n; i++) {
		if (cdp_str_is(map->key[i]->text, "*")) {
			load_others(ld, map->key[i], map->item[i]);
			continue;
		}
		id = add_identifier(ld, map->key[i]->text);
		if (memchr(id->name.p, ':', id->name.n) != NULL ||
		    id->name.n == 0)
			cdp_diag_error(ld->diags, map->key[i], "bad-name",
			    "the name of an identifier is a word without ':'");
		if (!cdp_node_is_null(map->item[i]))
			load_identifier(ld, map->item[i], id);
		if (id->nfrom == 0)
			place(ld, id);
	}
}

void
cdp_load_identity(struct cdp_loader *ld, struct cdp_node *node)
{
	static const char *const known[] = { "identifiers", "block", "caps",
		"hub", "reversible", NULL };
	struct cdp_node *v;
	bool reversible;

	cdp_diag_keys(ld->diags, node, "identity", known);
	if ((v = cdp_node_get(node, "reversible")) != NULL &&
	    cdp_load_bool(ld, v, "reversible", &reversible))
		ld->pr->identity.irreversible = !reversible;
	if ((v = cdp_node_get(node, "caps")) != NULL)
		load_caps(ld, v);
	if ((v = cdp_node_get(node, "hub")) != NULL)
		load_count(ld, v, "hub", 1000000, &ld->pr->identity.hub);
	if ((v = cdp_node_get(node, "identifiers")) != NULL)
		load_identifiers(ld, v);
	v = cdp_node_get(node, "block");
	if (v != NULL && !cdp_node_is_null(v))
		load_block(ld, v);
}

static void
settle(int64_t *count)
{
	if (*count == NONE)
		*count = 0;
}

void
cdp_finish_identity(struct cdp_loader *ld)
{
	struct cdp_identity *idy = &ld->pr->identity;
	struct cdp_node *known;
	size_t i;

	if (idy->other.limit == 0)
		idy->other.limit = LIMIT;
	if (idy->max_merges == 0)
		idy->max_merges = MAX_MERGES;
	if (idy->max_ids == 0)
		idy->max_ids = MAX_IDS;
	if (idy->hub == 0)
		idy->hub = HUB;
	/* Those that were written stand alone. */
	if (idy->nid == 0) {
		known = default_types(ld);
		known->n = NDEFAULT;
		load_identifiers(ld, known);
		idy->others = true;
	}
	if (idy->block == NULL && idy->npattern == 0)
		load_block(ld, NULL);
	for (i = 0; i < idy->nid; i++)
		settle(&idy->id[i].limit);
	settle(&idy->other.limit);
	settle(&idy->max_merges);
	settle(&idy->max_ids);
	settle(&idy->hub);
	cdp_ident_plan(idy, ld->mem);
}
