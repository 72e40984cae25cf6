#include <string.h>

#include "lib/rule/load.h"

/* Segment's rules where the project has none of its own: see cdp.yaml(5). */
#define LIMIT 5

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

static void
load_block(struct cdp_loader *ld, const struct cdp_node *node)
{
	static const char *const known[] = { "values", "patterns", NULL };
	static const char *const later[] = { "file", NULL };
	struct cdp_identity *idy = &ld->pr->identity;
	const struct cdp_node *v = cdp_node_get(node, "values");
	const struct cdp_str *pat;
	size_t i, n;

	if (node != NULL && cdp_load_is_map(ld, node, "block"))
		cdp_diag_keys(ld->diags, node, "block", known, later);
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

/* "5", or "5 per 7d". */
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
	if (node->kind == CDP_NODE_SCALAR && !cdp_node_is_number(node))
		cdp_diag_error(ld->diags, node, "bad-value",
		    "limit must be a number such as 5, or '5 per 7d'");
	else
		cdp_load_int(ld, node, "limit", 1, 1000, &id->limit);
}

/* Where Segment looks for an identifier of that name. */
static void
default_from(struct cdp_loader *ld, struct cdp_identifier *id)
{
	static const char *const custom[] = { "traits", "context.traits",
		"properties" };
	bool user = cdp_str_is(id->name, "user_id");
	bool anon = cdp_str_is(id->name, "anonymous_id");
	bool email = cdp_str_is(id->name, "email");
	struct cdp_path *v = cdp_arena_calloc(ld->mem, 3, sizeof(*v));
	struct cdp_str s;
	size_t i;

	id->from = v;
	id->nfrom = user || anon ? 1 : email ? 2 : 3;
	for (i = 0; i < id->nfrom; i++) {
		s = user   ? CDP_STR("userId")
		    : anon ? CDP_STR("anonymousId")
			   : cdp_arena_printf(ld->mem, "%s.%.*s", custom[i],
				 (int)id->name.n, id->name.p);
		(void)cdp_path_compile(s, ld->mem, &v[i], NULL);
	}
}

static void
load_identifier(struct cdp_loader *ld, const struct cdp_node *node,
    struct cdp_identifier *id)
{
	static const char *const known[] = { "from", "normalize", "region",
		"limit", NULL };
	static const char *const norm[] = { "none", "email", "phone", NULL };
	const struct cdp_node *v;
	int k;

	if (!cdp_load_is_map(ld, node, "an identifier"))
		return;
	cdp_diag_keys(ld->diags, node, "an identifier", known, NULL);
	if ((v = cdp_node_get(node, "from")) != NULL)
		cdp_load_paths(ld, v, "from", &id->from, &id->nfrom);
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

	if ((idy->nid & (idy->nid - 1)) == 0) /* full */
		idy->id = cdp_load_grow(
		    ld, idy->id, idy->nid, idy->nid, sizeof(*idy->id));
	id = &idy->id[idy->nid++];
	id->name = name;
	id->limit = cdp_str_is(name, "user_id") ? 1 : LIMIT;
	return id;
}

static void
load_identifiers(struct cdp_loader *ld, const struct cdp_node *map)
{
	struct cdp_identifier *id;
	size_t i;

	if (!cdp_load_is_map(ld, map, "identifiers"))
		return;
	for (i = 0; i < map->n; i++) {
		id = add_identifier(ld, map->key[i]->text);
		if (memchr(id->name.p, ':', id->name.n) != NULL ||
		    id->name.n == 0)
			cdp_diag_error(ld->diags, map->key[i], "bad-name",
			    "the name of an identifier is a word without ':'");
		if (!cdp_node_is_null(map->item[i]))
			load_identifier(ld, map->item[i], id);
		if (id->nfrom == 0)
			default_from(ld, id);
	}
}

void
cdp_load_identity(struct cdp_loader *ld, struct cdp_node *node)
{
	static const char *const known[] = { "identifiers", "block", NULL };
	const struct cdp_node *v;

	cdp_diag_keys(ld->diags, node, "identity", known, NULL);
	if ((v = cdp_node_get(node, "identifiers")) != NULL)
		load_identifiers(ld, v);
	v = cdp_node_get(node, "block");
	if (v != NULL && !cdp_node_is_null(v))
		load_block(ld, v);
}

void
cdp_finish_identity(struct cdp_loader *ld)
{
	static const char *const names[] = { "user_id", "email",
		"anonymous_id" };
	struct cdp_identity *idy = &ld->pr->identity;
	struct cdp_identifier *id;
	size_t i;

	/* Those that were written stand alone. */
	for (i = 0; idy->nid == i && i < 3; i++) {
		id = add_identifier(ld, cdp_str_of(names[i]));
		default_from(ld, id);
		if (i == 1)
			id->normalize = CDP_NORM_EMAIL;
	}
	if (idy->block == NULL && idy->npattern == 0)
		load_block(ld, NULL);
}
