#include <stdlib.h>
#include <string.h>

#include "lib/json/write.h"
#include "lib/rule/load.h"

#define FAULTS 20 /* told of one schema */

/*
 * The YAML form says what the properties (or traits) of an event are; the
 * schema that is compiled judges the whole event.  What was found wrong is
 * left out of the next attempt, so that one run tells all of it.
 */
struct form {
	const struct cdp_node *node;
	const char *under; /* "properties", "traits", or "" for the event */
	const struct cdp_node *wrong[FAULTS]; /* keys, items of lists */
	size_t nwrong;
};

static bool
left_out(const struct form *f, const struct cdp_node *node)
{
	size_t i;

	for (i = 0; i < f->nwrong; i++)
		if (f->wrong[i] == node)
			return true;
	return false;
}

/* ---- places of schema errors ---- */

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

/* The i-th item that was not left out, or NULL. */
static const struct cdp_node *
nth(const struct form *f, const struct cdp_node *seq, size_t i)
{
	size_t k;

	for (k = 0; k < seq->n; k++)
		if (!left_out(f, seq->item[k]) && i-- == 0)
			return seq->item[k];
	return NULL;
}

/* The node that a JSON pointer leads to, as far as there are nodes; of a
 * map's member its key, and the value in *val. */
static const struct cdp_node *
follow(const struct form *f, const char *p, struct cdp_arena *mem,
    const struct cdp_node **val)
{
	const struct cdp_node *at = f->node, *ret = at;
	struct cdp_str s;
	size_t i;

	while (*p != '\0') {
		s = step(&p, mem);
		if (at->kind == CDP_NODE_SEQ) {
			ret = nth(f, at, strtoul(s.p, NULL, 10));
			if (ret == NULL)
				return at;
			*val = at = ret;
			continue;
		}
		for (i = 0; at->kind == CDP_NODE_MAP && i < at->n; i++)
			if (cdp_str_eq(at->key[i]->text, s))
				break;
		if (at->kind != CDP_NODE_MAP || i == at->n)
			break;
		ret = at->key[i];
		*val = at = at->item[i];
	}
	return ret;
}

/* Report it; false if there is nothing to leave out and try again. */
static bool
schema_error(struct cdp_loader *ld, struct form *f, const struct cdp_err *err)
{
	static const struct cdp_str types[] = { { "string", 6 },
		{ "number", 6 }, { "integer", 7 }, { "boolean", 7 },
		{ "object", 6 }, { "array", 5 }, { "null", 4 } };
	const char *p = err->field;
	size_t n = strlen(f->under);
	const struct cdp_node *node, *val = f->node;

	if (n != 0 && strncmp(p, "/properties/", 12) == 0 &&
	    strncmp(p + 12, f->under, n) == 0)
		p += 12 + n;
	if (*p == '/')
		p++;
	node = follow(f, p, ld->mem, &val);
	if (strstr(err->msg, "no such type") != NULL &&
	    val->kind == CDP_NODE_SCALAR)
		cdp_diag_name(ld->diags, val, "bad-schema", "no type",
		    val->text, types, sizeof(types) / sizeof(types[0]));
	else
		cdp_diag_error(ld->diags,
		    strstr(err->msg, "keyword") != NULL ? node : val,
		    "bad-schema", "%s", err->msg);
	if (node == f->node || f->nwrong == FAULTS)
		return false;
	f->wrong[f->nwrong++] = node;
	return true;
}

/* ---- schemas ---- */

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

static void
put_node(struct cdp_buf *b, const struct form *f, const struct cdp_node *node)
{
	bool map = node->kind == CDP_NODE_MAP;
	size_t i;

	if (node->kind == CDP_NODE_SCALAR) {
		cdp_node_json(b, node);
		return;
	}
	cdp_buf_putc(b, map ? '{' : '[');
	/* Of no type but an object can the form say anything. */
	if (node == f->node && cdp_node_get(node, "type") == NULL)
		cdp_buf_puts(b, "\"type\":\"object\"");
	for (i = 0; i < node->n; i++) {
		if (left_out(f, map ? node->key[i] : node->item[i]))
			continue;
		cdp_json_comma(b);
		if (map) {
			cdp_json_str(b, node->key[i]->text);
			cdp_buf_putc(b, ':');
		}
		put_node(b, f, node->item[i]);
	}
	cdp_buf_putc(b, map ? '}' : ']');
}

/* The schema of the whole event. */
static void
put_schema(struct cdp_buf *b, const struct form *f)
{
	if (*f->under == '\0') {
		put_node(b, f, f->node);
		return;
	}
	cdp_buf_puts(b, "{\"type\":\"object\",");
	if (has_items(cdp_node_get(f->node, "required")))
		cdp_buf_printf(b, "\"required\":[\"%s\"],", f->under);
	cdp_buf_printf(b, "\"properties\":{\"%s\":", f->under);
	put_node(b, f, f->node);
	cdp_buf_puts(b, "}}");
}

/* 0; CDP_ECONF with the fault. */
static int
attempt(const struct form *f, struct cdp_schema **ret, struct cdp_err *err)
{
	struct cdp_tape t = { 0 };
	struct cdp_buf b = { 0 };
	int rc;

	put_schema(&b, f);
	rc = cdp_tape_parse(&t, cdp_buf_str(&b), err);
	if (rc == 0)
		rc = cdp_schema_compile(&t, 0, ret, err);
	cdp_tape_free(&t);
	cdp_buf_free(&b);
	return rc;
}

static struct cdp_schema *
compile(struct cdp_loader *ld, const struct cdp_node *node, const char *what,
    const char *under)
{
	static const struct cdp_node empty = { .kind = CDP_NODE_MAP };
	struct form f = { .node = node, .under = under };
	struct cdp_schema *ret = NULL;
	struct cdp_err err = { 0 };

	if (cdp_node_is_null(node))
		f.node = &empty;
	else if (!cdp_load_is_map(ld, node, what))
		return NULL;
	while (attempt(&f, &ret, &err) != 0)
		if (!schema_error(ld, &f, &err))
			return NULL;
	cdp_load_defer(ld, free_schema, ret);
	return ret;
}

/* ---- the section ---- */

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
