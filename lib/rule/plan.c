#include <stdlib.h>
#include <string.h>

#include "lib/json/write.h"
#include "lib/rule/load.h"

/*
 * The YAML form says what the properties (or traits) of an event are; the
 * schema that is compiled judges the whole event.
 */
static const char *const keywords[] = { "type", "enum", "const", "multipleOf",
	"maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum",
	"maxLength", "minLength", "pattern", "items", "additionalItems",
	"maxItems", "minItems", "uniqueItems", "contains", "maxProperties",
	"minProperties", "required", "properties", "patternProperties",
	"additionalProperties", "dependencies", "propertyNames", "if", "then",
	"else", "allOf", "anyOf", "oneOf", "not", "format", "definitions",
	"$ref", "$schema", "$id", "$comment", "title", "description", "default",
	"examples", NULL };

/* ---- places of schema errors --------------------------------------- */

/* One step of a JSON pointer, decoded; *p moves behind it. */
static struct cdp_str
step(const char **p, struct cdp_arena *mem)
{
	const char *end = strchrnul(*p, '/'), *q;
	struct cdp_str s =
	    cdp_arena_dup(mem, (struct cdp_str){ *p, (size_t)(end - *p) });
	char *w = (char *)s.p;

	for (q = *p; q < end; q++)
		if (*q == '~' && q + 1 < end) {
			*w++ = *++q == '1' ? '/' : '~';
		} else {
			*w++ = *q;
		}
	s.n = (size_t)(w - s.p);
	*p = *end == '/' ? end + 1 : end;
	return s;
}

/* The node that a JSON pointer from at leads to, as far as there are nodes;
 * of a map's member its key. */
static const struct cdp_node *
follow(const struct cdp_node *at, const char *p, struct cdp_arena *mem,
    struct cdp_str *last)
{
	const struct cdp_node *ret = at;
	struct cdp_str s;
	size_t i;

	*last = (struct cdp_str){ NULL, 0 };
	while (*p != '\0') {
		s = step(&p, mem);
		if (at->kind == CDP_NODE_SEQ) {
			i = strtoul(s.p, NULL, 10);
			if (i >= at->n)
				break;
			ret = at = at->item[i];
			continue;
		}
		for (i = 0; at->kind == CDP_NODE_MAP && i < at->n; i++)
			if (cdp_str_eq(at->key[i]->text, s))
				break;
		if (at->kind != CDP_NODE_MAP || i == at->n)
			break;
		ret = at->key[i];
		at = at->item[i];
		*last = s;
	}
	return ret;
}

static void
schema_error(struct cdp_loader *ld, const struct cdp_node *node,
    const char *under, const struct cdp_err *err)
{
	const char *p = err->field;
	size_t n = strlen(under), nknown = 0;
	struct cdp_str last, known[64];
	int k = -1;

	if (n != 0 && strncmp(p, "/properties/", 12) == 0 &&
	    strncmp(p + 12, under, n) == 0)
		p += 12 + n;
	if (*p == '/')
		p++;
	node = follow(node, p, ld->mem, &last);
	while (keywords[nknown] != NULL) {
		known[nknown] = cdp_str_of(keywords[nknown]);
		nknown++;
	}
	if (strstr(err->msg, "keyword") != NULL && last.n != 0)
		k = cdp_str_nearest(last, known, nknown);
	if (k >= 0 && !cdp_str_eq(known[k], last))
		cdp_diag_error(ld->diags, node, "bad-schema",
		    "%s; did you mean '%s'?", err->msg, keywords[k]);
	else
		cdp_diag_error(ld->diags, node, "bad-schema", "%s", err->msg);
}

/* ---- schemas ----------------------------------------------------------- */

static void
free_schema(void *arg)
{
	cdp_schema_free(arg);
}

static bool
has_items(const struct cdp_node *node)
{
	return node != NULL && node->kind == CDP_NODE_SEQ && node->n != 0;
}

/* The schema of a whole event whose member under (or all of it, if that is
 * empty) is as node says. */
static void
put_schema(struct cdp_buf *b, const struct cdp_node *node, const char *under)
{
	bool sub = *under != '\0';
	size_t i;

	if (sub) {
		cdp_buf_puts(b, "{\"type\":\"object\",");
		if (has_items(cdp_node_get(node, "required")))
			cdp_buf_printf(b, "\"required\":[\"%s\"],", under);
		cdp_buf_printf(b, "\"properties\":{\"%s\":", under);
	}
	cdp_buf_puts(b, "{");
	if (cdp_node_get(node, "type") == NULL)
		cdp_buf_puts(b, "\"type\":\"object\"");
	for (i = 0; node->kind == CDP_NODE_MAP && i < node->n; i++) {
		cdp_json_comma(b);
		cdp_json_str(b, node->key[i]->text);
		cdp_buf_putc(b, ':');
		cdp_node_json(b, node->item[i]);
	}
	cdp_buf_puts(b, sub ? "}}}" : "}");
}

static struct cdp_schema *
compile(struct cdp_loader *ld, const struct cdp_node *node, const char *what,
    const char *under)
{
	struct cdp_schema *ret = NULL;
	struct cdp_tape t = { 0 };
	struct cdp_err err = { 0 };
	struct cdp_buf b = { 0 };

	if (!cdp_node_is_null(node) && !cdp_load_is_map(ld, node, what))
		return NULL;
	put_schema(&b, node, under);
	if (cdp_tape_parse(&t, cdp_buf_str(&b), &err) != 0)
		cdp_diag_error(ld->diags, node, "bad-schema", "%s", err.msg);
	else if (cdp_schema_compile(&t, 0, &ret, &err) != 0)
		schema_error(ld, node, under, &err);
	else
		cdp_load_defer(ld, free_schema, ret);
	cdp_tape_free(&t);
	cdp_buf_free(&b);
	return ret;
}

/* ---- the section ------------------------------------------------------- */

static void
load_event(struct cdp_loader *ld, struct cdp_node *key, struct cdp_node *node,
    struct cdp_plan_event *ret)
{
	const struct cdp_node *props = cdp_node_get(node, "properties");
	struct cdp_str *names;
	size_t i;

	ret->name = key->text;
	ret->node = node;
	ret->schema = compile(ld, node, "a planned event", "properties");
	if (props == NULL || props->kind != CDP_NODE_MAP)
		return;
	names = cdp_arena_calloc(ld->mem, props->n + 1, sizeof(*names));
	for (i = 0; i < props->n; i++)
		names[i] = props->key[i]->text;
	ret->props = names;
	ret->nprops = props->n;
}

static void
load_events(struct cdp_loader *ld, struct cdp_node *map)
{
	struct cdp_plan *plan = &ld->pr->plan;
	size_t i;

	if (cdp_node_is_null(map) ||
	    !cdp_load_is_map(ld, map, "the events of a plan"))
		return;
	plan->event = cdp_load_grow(
	    ld, plan->event, plan->nevent, map->n, sizeof(*plan->event));
	for (i = 0; i < map->n; i++)
		load_event(ld, map->key[i], map->item[i],
		    &plan->event[plan->nevent++]);
	/* Those of earlier files have moved. */
	for (i = 0; i < plan->nevent; i++)
		*cdp_map_at(&plan->by_name, plan->event[i].name) =
		    &plan->event[i];
}

static void
load_action(struct cdp_loader *ld, const struct cdp_node *mode, const char *key,
    const char *const *names, const enum cdp_plan_action *actions,
    enum cdp_plan_action *ret)
{
	const struct cdp_node *node = cdp_node_get(mode, key);
	int k;

	if (node != NULL && cdp_load_choice(ld, node, key, names, &k))
		*ret = actions[k];
}

static void
load_mode(struct cdp_loader *ld, const struct cdp_node *mode)
{
	static const char *const known[] = { "unplanned_event",
		"unplanned_property", "violation", NULL };
	static const char *const event[] = { "allow", "block", NULL };
	static const char *const property[] = { "allow", "omit", NULL };
	static const char *const violation[] = { "allow", "omit", "block",
		NULL };
	static const enum cdp_plan_action on_event[] = { CDP_ALLOW, CDP_BLOCK };
	static const enum cdp_plan_action all[] = { CDP_ALLOW, CDP_OMIT,
		CDP_BLOCK };
	struct cdp_plan *plan = &ld->pr->plan;

	if (!cdp_load_is_map(ld, mode, "mode"))
		return;
	cdp_diag_keys(ld->diags, mode, "mode", known, NULL);
	load_action(
	    ld, mode, known[0], event, on_event, &plan->unplanned_event);
	load_action(
	    ld, mode, known[1], property, all, &plan->unplanned_property);
	load_action(ld, mode, known[2], violation, all, &plan->violation);
}

void
cdp_load_plan(struct cdp_loader *ld, struct cdp_node *node)
{
	static const char *const known[] = { "mode", "events", "identify",
		"group", "page", "screen", "common", NULL };
	static const char *const later[] = { "file", "expect", NULL };
	struct cdp_plan *plan = &ld->pr->plan;
	const struct {
		const char *key, *under;
		struct cdp_schema **ret;
	} part[] = {
		{ "identify", "traits", &plan->identify },
		{ "group", "traits", &plan->group },
		{ "page", "properties", &plan->page },
		{ "screen", "properties", &plan->screen },
		{ "common", "", &plan->common },
	};
	struct cdp_node *v;
	size_t i;

	plan->present = true;
	cdp_diag_keys(ld->diags, node, "plan", known, later);
	if ((v = cdp_node_get(node, "mode")) != NULL)
		load_mode(ld, v);
	if ((v = cdp_node_get(node, "events")) != NULL)
		load_events(ld, v);
	for (i = 0; i < sizeof(part) / sizeof(part[0]); i++)
		if ((v = cdp_node_get(node, part[i].key)) != NULL)
			*part[i].ret =
			    compile(ld, v, part[i].key, part[i].under);
}
