#include "lib/base/mem.h"
#include "lib/json/format.h"
#include "lib/json/num.h"
#include "lib/json/schema_int.h"

typedef int keyword(
    struct cdp_scomp *c, struct cdp_snode *n, uint32_t val, int slot);

static int
ignored(struct cdp_scomp *c, struct cdp_snode *n, uint32_t val, int slot)
{
	(void)c, (void)n, (void)val, (void)slot;
	return 0;
}

static int
one_type(struct cdp_scomp *c, struct cdp_snode *n, uint32_t val)
{
	static const struct {
		const char *name;
		unsigned bits;
	} known[] = {
		{ "null", 1 << CDP_NULL },
		{ "boolean", 1 << CDP_FALSE | 1 << CDP_TRUE },
		{ "number", 1 << CDP_NUM },
		{ "integer", CDP_SCH_INTEGER },
		{ "string", 1 << CDP_STRING },
		{ "array", 1 << CDP_ARRAY },
		{ "object", 1 << CDP_OBJECT },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (cdp_tape_streq(
			&c->s->tape, val, cdp_str_of(known[i].name))) {
			n->types |= known[i].bits;
			return 0;
		}
	return cdp_schema_fault(c, val, "no such type");
}

static int
type(struct cdp_scomp *c, struct cdp_snode *n, uint32_t val, int slot)
{
	const struct cdp_tape *t = &c->s->tape;
	uint32_t it = 0, key, v;
	int rc;

	(void)slot;
	n->types_at = val;
	if (!cdp_tape_isa(t, val, CDP_ARRAY))
		return one_type(c, n, val);
	if (cdp_tape_count(t, val) == 0)
		return cdp_schema_fault(c, val, "type must name one");
	while (cdp_tape_next(t, val, &it, &key, &v))
		if ((rc = one_type(c, n, v)) != 0)
			return rc;
	return 0;
}

static int
value(struct cdp_scomp *c, struct cdp_snode *n, uint32_t val, int is_enum)
{
	if (!is_enum)
		n->const_at = val;
	else if (!cdp_tape_isa(&c->s->tape, val, CDP_ARRAY))
		return cdp_schema_fault(c, val, "enum must be an array");
	else
		n->enum_at = val;
	return 0;
}

static int
limit(struct cdp_scomp *c, struct cdp_snode *n, uint32_t val, int slot)
{
	const struct cdp_tape *t = &c->s->tape;

	if (!cdp_tape_isa(t, val, CDP_NUM))
		return cdp_schema_fault(c, val, "a number is expected");
	if (slot == CDP_SCH_MULTIPLE) {
		if (cdp_num_cmp(cdp_tape_raw(t, val), CDP_STR("0")) <= 0)
			return cdp_schema_fault(
			    c, val, "multipleOf must be positive");
		if (cdp_num_digits(cdp_tape_raw(t, val)) > CDP_NUM_DIGITS)
			return cdp_schema_fault(
			    c, val, "multipleOf has too many digits");
	}
	n->num[slot] = val;
	return 0;
}

static int
count(struct cdp_scomp *c, struct cdp_snode *n, uint32_t val, int slot)
{
	const struct cdp_tape *t = &c->s->tape;
	double v;

	if (!cdp_tape_double(t, val, &v) || v < 0 ||
	    !cdp_num_whole(cdp_tape_raw(t, val)))
		return cdp_schema_fault(
		    c, val, "a whole number from 0 on is expected");
	n->count[slot] = v < 1e15 ? (int64_t)v : (int64_t)1e15;
	return 0;
}

static int
unique(struct cdp_scomp *c, struct cdp_snode *n, uint32_t val, int slot)
{
	(void)slot;
	n->unique = cdp_tape_isa(&c->s->tape, val, CDP_TRUE);
	if (!n->unique && !cdp_tape_isa(&c->s->tape, val, CDP_FALSE))
		return cdp_schema_fault(c, val, "true or false is expected");
	return 0;
}

static int
regex(
    struct cdp_scomp *c, uint32_t at, struct cdp_str s, struct cdp_regex **ret)
{
	struct cdp_schema *sc = c->s;
	struct cdp_err why = { 0 };

	if (cdp_regex_compile(s, ret, &why) != 0)
		return cdp_schema_fault(c, at, "%s", why.msg);
	if (sc->nre == sc->cap_re) {
		sc->cap_re = sc->cap_re != 0 ? 2 * sc->cap_re : 8;
		sc->re = cdp_xreallocarray(sc->re, sc->cap_re, sizeof(*sc->re));
	}
	sc->re[sc->nre++] = *ret;
	return 0;
}

static int
text(struct cdp_scomp *c, struct cdp_snode *n, uint32_t val, int is_format)
{
	struct cdp_str s;

	if (!cdp_tape_isa(&c->s->tape, val, CDP_STRING))
		return cdp_schema_fault(c, val, "a string is expected");
	s = cdp_tape_str(&c->s->tape, val, &c->s->mem);
	if (is_format) {
		n->format_text = s;
		n->format = cdp_format_find(s);
		return 0;
	}
	n->pattern_text = s;
	return regex(c, val, s, &n->pattern);
}

static int
names(
    struct cdp_scomp *c, uint32_t val, const struct cdp_str **ret, size_t *nret)
{
	const struct cdp_tape *t = &c->s->tape;
	struct cdp_str *v;
	uint32_t it = 0, key, item;
	size_t n = 0;

	if (!cdp_tape_isa(t, val, CDP_ARRAY))
		return cdp_schema_fault(c, val, "a list of names is expected");
	v = cdp_arena_calloc(
	    &c->s->mem, cdp_tape_count(t, val) + 1, sizeof(*v));
	while (cdp_tape_next(t, val, &it, &key, &item)) {
		if (!cdp_tape_isa(t, item, CDP_STRING))
			return cdp_schema_fault(
			    c, item, "a name must be a string");
		v[n++] = cdp_tape_str(t, item, &c->s->mem);
	}
	*ret = v;
	*nret = n;
	return 0;
}

static int
required(struct cdp_scomp *c, struct cdp_snode *n, uint32_t val, int slot)
{
	(void)slot;
	return names(c, val, &n->need, &n->nneed);
}

static int
sub(struct cdp_scomp *c, struct cdp_snode *n, uint32_t val, int slot)
{
	return cdp_schema_node(c, val, &n->sub[slot]);
}

static int
list(struct cdp_scomp *c, struct cdp_snode *n, uint32_t val, int slot)
{
	const struct cdp_tape *t = &c->s->tape;
	struct cdp_snodes *l = &n->list[slot];
	uint32_t it = 0, key, item;
	int rc;

	if (!cdp_tape_isa(t, val, CDP_ARRAY))
		return cdp_schema_fault(
		    c, val, "a list of schemas is expected");
	l->v = cdp_arena_calloc(
	    &c->s->mem, cdp_tape_count(t, val) + 1, sizeof(struct cdp_snode *));
	n->has_list[slot] = true;
	while (cdp_tape_next(t, val, &it, &key, &item))
		if ((rc = cdp_schema_node(c, item, &l->v[l->n++])) != 0)
			return rc;
	return 0;
}

static int
items(struct cdp_scomp *c, struct cdp_snode *n, uint32_t val, int slot)
{
	(void)slot;
	if (cdp_tape_isa(&c->s->tape, val, CDP_ARRAY))
		return list(c, n, val, CDP_SCH_TUPLE);
	return sub(c, n, val, CDP_SCH_ITEMS);
}

static int
is_map(struct cdp_scomp *c, uint32_t val)
{
	if (!cdp_tape_isa(&c->s->tape, val, CDP_OBJECT))
		return cdp_schema_fault(c, val, "an object is expected");
	return 0;
}

static int
properties(
    struct cdp_scomp *c, struct cdp_snode *n, uint32_t val, int is_pattern)
{
	const struct cdp_tape *t = &c->s->tape;
	uint32_t it = 0, key, v;
	struct cdp_sprop *p;
	int rc = is_map(c, val);

	if (rc != 0)
		return rc;
	p = cdp_arena_calloc(
	    &c->s->mem, cdp_tape_count(t, val) + 1, sizeof(*p));
	*(is_pattern ? &n->pat : &n->prop) = p;
	while (cdp_tape_next(t, val, &it, &key, &v)) {
		p->name = cdp_tape_str(t, key, &c->s->mem);
		if ((rc = cdp_schema_node(c, v, &p->node)) != 0 ||
		    (is_pattern && (rc = regex(c, v, p->name, &p->re)) != 0))
			return rc;
		if (is_pattern)
			n->npat++;
		else {
			*cdp_map_at(&n->by_name, p->name) = p;
			n->nprop++;
		}
		p++;
	}
	return 0;
}

static int
dependencies(struct cdp_scomp *c, struct cdp_snode *n, uint32_t val, int slot)
{
	const struct cdp_tape *t = &c->s->tape;
	uint32_t it = 0, key, v;
	struct cdp_sdep *d;
	int rc = is_map(c, val);

	(void)slot;
	if (rc != 0)
		return rc;
	n->dep = cdp_arena_calloc(
	    &c->s->mem, cdp_tape_count(t, val) + 1, sizeof(*n->dep));
	while (cdp_tape_next(t, val, &it, &key, &v)) {
		d = &n->dep[n->ndep++];
		d->name = cdp_tape_str(t, key, &c->s->mem);
		rc = cdp_tape_isa(t, v, CDP_ARRAY)
		    ? names(c, v, &d->need, &d->nneed)
		    : cdp_schema_node(c, v, &d->node);
		if (rc != 0)
			return rc;
	}
	return 0;
}

static int
definitions(struct cdp_scomp *c, struct cdp_snode *n, uint32_t val, int slot)
{
	uint32_t it = 0, key, v;
	struct cdp_snode *def;
	int rc = is_map(c, val);

	(void)n, (void)slot;
	while (rc == 0 && cdp_tape_next(&c->s->tape, val, &it, &key, &v))
		rc = cdp_schema_node(c, v, &def);
	return rc;
}

static const struct {
	const char *name;
	keyword *fn;
	int slot;
} keywords[] = {
	{ "type", type, 0 },
	{ "enum", value, 1 },
	{ "const", value, 0 },
	{ "multipleOf", limit, CDP_SCH_MULTIPLE },
	{ "maximum", limit, CDP_SCH_MAX },
	{ "exclusiveMaximum", limit, CDP_SCH_XMAX },
	{ "minimum", limit, CDP_SCH_MIN },
	{ "exclusiveMinimum", limit, CDP_SCH_XMIN },
	{ "maxLength", count, CDP_SCH_MAXLEN },
	{ "minLength", count, CDP_SCH_MINLEN },
	{ "pattern", text, 0 },
	{ "format", text, 1 },
	{ "items", items, 0 },
	{ "additionalItems", sub, CDP_SCH_MOREITEMS },
	{ "maxItems", count, CDP_SCH_MAXITEMS },
	{ "minItems", count, CDP_SCH_MINITEMS },
	{ "uniqueItems", unique, 0 },
	{ "contains", sub, CDP_SCH_CONTAINS },
	{ "maxProperties", count, CDP_SCH_MAXPROPS },
	{ "minProperties", count, CDP_SCH_MINPROPS },
	{ "required", required, 0 },
	{ "properties", properties, 0 },
	{ "patternProperties", properties, 1 },
	{ "additionalProperties", sub, CDP_SCH_MOREPROPS },
	{ "dependencies", dependencies, 0 },
	{ "propertyNames", sub, CDP_SCH_NAMES },
	{ "if", sub, CDP_SCH_IF },
	{ "then", sub, CDP_SCH_THEN },
	{ "else", sub, CDP_SCH_ELSE },
	{ "allOf", list, CDP_SCH_ALL },
	{ "anyOf", list, CDP_SCH_ANY },
	{ "oneOf", list, CDP_SCH_ONE },
	{ "not", sub, CDP_SCH_NOT },
	{ "definitions", definitions, 0 },
	{ "$schema", ignored, 0 },
	{ "$id", ignored, 0 },
	{ "$comment", ignored, 0 },
	{ "title", ignored, 0 },
	{ "description", ignored, 0 },
	{ "default", ignored, 0 },
	{ "examples", ignored, 0 },
	{ "readOnly", ignored, 0 },
	{ "writeOnly", ignored, 0 },
	{ "contentMediaType", ignored, 0 },
	{ "contentEncoding", ignored, 0 },
	{ "labels", ignored, 0 },
	{ "id", ignored, 0 },
};

#define NKEYWORDS (sizeof(keywords) / sizeof(*keywords))

static int
unknown(struct cdp_scomp *c, uint32_t val, struct cdp_str name)
{
	struct cdp_str known[NKEYWORDS];
	int near;

	for (size_t i = 0; i < NKEYWORDS; i++)
		known[i] = cdp_str_of(keywords[i].name);
	near = cdp_str_nearest(name, known, NKEYWORDS);
	return cdp_schema_fault(c, val,
	    "'%.*s' is no keyword of draft-07%s%s%s",
	    (int)(name.n < 60 ? name.n : 60), name.p,
	    near >= 0 ? "; did you mean '" : "",
	    near >= 0 ? keywords[near].name : "", near >= 0 ? "'?" : "");
}

static int
rules(struct cdp_scomp *c, struct cdp_snode *n, uint32_t at)
{
	const struct cdp_tape *t = &c->s->tape;
	uint32_t it = 0, key, val, ref = cdp_tape_get(t, at, CDP_STR("$ref"));
	struct cdp_str name;
	size_t i;
	int rc;

	/* Draft-07: what stands beside a $ref does not count. */
	if (ref != CDP_NOTOK)
		return cdp_schema_ref(c, n, ref);
	while (cdp_tape_next(t, at, &it, &key, &val)) {
		name = cdp_tape_str(t, key, &c->s->mem);
		for (i = 0; i < NKEYWORDS; i++)
			if (cdp_str_is(name, keywords[i].name))
				break;
		if (i == NKEYWORDS)
			return unknown(c, val, name);
		if ((rc = keywords[i].fn(c, n, val, keywords[i].slot)) != 0)
			return rc;
	}
	return 0;
}

/* Made before its rules are read, so that a schema may refer to itself. */
int
cdp_schema_node(struct cdp_scomp *c, uint32_t at, struct cdp_snode **ret)
{
	struct cdp_snode *n = c->s->node[at];

	if (n != NULL) {
		*ret = n;
		return 0;
	}
	n = cdp_arena_calloc(&c->s->mem, 1, sizeof(*n));
	c->s->node[at] = *ret = n;
	n->at = at;
	n->const_at = n->enum_at = CDP_NOTOK;
	for (int i = 0; i < CDP_SCH_NNUM; i++)
		n->num[i] = CDP_NOTOK;
	for (int i = 0; i < CDP_SCH_NCOUNT; i++)
		n->count[i] = -1;
	switch (cdp_tape_kind(&c->s->tape, at)) {
	case CDP_TRUE:
		n->kind = CDP_SCH_TRUE;
		return 0;
	case CDP_FALSE:
		n->kind = CDP_SCH_FALSE;
		return 0;
	case CDP_OBJECT:
		return rules(c, n, at);
	default:
		return cdp_schema_fault(
		    c, at, "a schema is an object, true or false");
	}
}
