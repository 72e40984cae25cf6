#include <stdlib.h>
#include <string.h>

#include "lib/json/format.h"
#include "lib/json/write.h"
#include "lib/rule/plan.h"

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

/*
 * What err is about: a key if it is about the member, the value in *val.  A
 * schema of properties stands two levels down in that of the event.
 */
static const struct cdp_node *
place(struct cdp_loader *ld, const struct form *f, const struct cdp_err *err,
    const struct cdp_node **val)
{
	const char *p = err->field;
	size_t n = strlen(f->under);

	if (n != 0 && strncmp(p, "/properties/", 12) == 0 &&
	    strncmp(p + 12, f->under, n) == 0)
		p += 12 + n;
	if (*p == '/')
		p++;
	*val = f->node;
	return follow(f, p, ld->mem, val);
}

/* Report it; false if there is nothing to leave out and try again. */
static bool
schema_error(struct cdp_loader *ld, struct form *f, const struct cdp_err *err)
{
	static const struct cdp_str types[] = { { "string", 6 },
		{ "number", 6 }, { "integer", 7 }, { "boolean", 7 },
		{ "object", 6 }, { "array", 5 }, { "null", 4 } };
	const struct cdp_node *val, *node = place(ld, f, err, &val);

	if (strstr(err->msg, "no such type") != NULL && cdp_node_is_null(val))
		cdp_diag_error(ld->diags, val, "bad-schema",
		    "the type null is a name: write \"null\", in quotes");
	else if (strstr(err->msg, "no such type") != NULL &&
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

/* A format that draft-07 has not asserts nothing: say so. */
static void
warn_formats(
    struct cdp_loader *ld, const struct form *f, const struct cdp_schema *s)
{
	const struct cdp_str *names;
	const struct cdp_node *val;
	struct cdp_err err;
	uint32_t it = 0;
	size_t n;
	int near;

	names = cdp_format_names(&n);
	while (cdp_schema_unchecked(s, &it, &err)) {
		(void)place(ld, f, &err, &val);
		near = cdp_str_nearest(cdp_str_of(err.msg), names, n);
		cdp_diag_warn(ld->diags, val, "unknown-format",
		    "nothing checks the format '%s'%s%s%s", err.msg,
		    near >= 0 ? "; did you mean '" : "",
		    near >= 0 ? names[near].p : "", near >= 0 ? "'?" : "");
	}
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
compile(struct cdp_loader *ld, struct form *f)
{
	struct cdp_schema *ret = NULL;
	struct cdp_err err = { 0 };

	while (attempt(f, &ret, &err) != 0)
		if (!schema_error(ld, f, &err))
			return NULL;
	cdp_load_defer(ld, free_schema, ret);
	warn_formats(ld, f, ret);
	return ret;
}

/* ---- which names are planned ---- */

static void
free_map(void *arg)
{
	cdp_map_free(arg);
}

/* Those a schema of properties names, alone or by schemas in it. */
static void
collect(struct cdp_plan_version *v, const struct cdp_node *schema)
{
	static const char *const lists[] = { "allOf", "anyOf", "oneOf" };
	static const char *const subs[] = { "if", "then", "else" };
	const struct cdp_node *props = cdp_node_get(schema, "properties");
	const struct cdp_node *sub;
	size_t i, k;

	if (schema == NULL)
		return;
	if (cdp_node_get(schema, "$ref") != NULL ||
	    cdp_node_get(schema, "patternProperties") != NULL)
		v->open = true;
	for (i = 0; props != NULL && i < props->n; i++)
		if (props->kind == CDP_NODE_MAP)
			*cdp_map_at(&v->planned, props->key[i]->text) =
			    props->item[i];
	for (i = 0; i < 3; i++) {
		sub = cdp_node_get(schema, lists[i]);
		for (k = 0; sub != NULL && k < sub->n; k++)
			collect(v, sub->item[k]);
		collect(v, cdp_node_get(schema, subs[i]));
	}
}

static bool
is_false(const struct cdp_node *node)
{
	bool yes = true;

	return node != NULL && cdp_node_is_bool(node, &yes) && !yes;
}

/* Versions stand in the order of their numbers; each has one of its own. */
static struct cdp_plan_version *
add(struct cdp_loader *ld, struct cdp_plan_rule *rule, int64_t number,
    const struct cdp_node *node)
{
	struct cdp_plan_version *v;
	size_t i;

	v = cdp_load_grow(ld, rule->v, rule->n, 1, sizeof(*v));
	for (i = rule->n; i > 0 && v[i - 1].number >= number; i--)
		v[i] = v[i - 1];
	if (i < rule->n && v[i + 1].number == number) {
		cdp_diag_error(ld->diags, node, "duplicate-key",
		    "a second rule for version %lld of '%.*s'; first at "
		    "%s:%u:%u",
		    (long long)number, (int)rule->name.n, rule->name.p,
		    v[i + 1].node->at.file, v[i + 1].node->at.line,
		    v[i + 1].node->at.col);
		return NULL;
	}
	v[i] = (struct cdp_plan_version){ .number = number, .node = node };
	rule->v = v;
	rule->n++;
	return &v[i];
}

void
cdp_plan_add(struct cdp_loader *ld, struct cdp_plan_rule *rule, int64_t number,
    const struct cdp_node *node, const char *body, bool whole)
{
	static const struct cdp_node empty = { .kind = CDP_NODE_MAP };
	struct form f = { .node = node, .under = whole ? "" : body };
	struct cdp_plan_version *v;

	if (cdp_node_is_null(node))
		f.node = &empty;
	else if (!cdp_load_is_map(ld, node, "a schema of the plan"))
		return;
	if ((v = add(ld, rule, number, node)) == NULL)
		return;
	v->schema = compile(ld, &f);
	if (whole)
		node = cdp_node_get(cdp_node_get(node, "properties"), body);
	collect(v, node);
	v->closed = is_false(cdp_node_get(node, "additionalProperties"));
}

/* The maps of names are freed with the project. */
void
cdp_plan_keep(struct cdp_loader *ld, struct cdp_plan_rule *rule)
{
	size_t i;

	for (i = 0; i < rule->n; i++)
		cdp_load_defer(ld, free_map, &rule->v[i].planned);
}
