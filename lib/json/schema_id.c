#include "lib/base/mem.h"
#include "lib/json/schema_int.h"
#include "lib/json/uri.h"

/*
 * Which schemas a document holds, and by which names they are known: $id may
 * stand in any of them, and changes what names below it mean.
 */

/* The schema of schemas, so that a schema may refer to it. */
const char cdp_schema_meta[] =
    "{\"$schema\":\"http://json-schema.org/draft-07/schema#\","
    "\"$id\":\"http://json-schema.org/draft-07/schema#\","
    "\"type\":[\"object\",\"boolean\"],\"default\":true,"
    "\"definitions\":{"
    "\"schemaArray\":{\"type\":\"array\",\"minItems\":1,"
    "\"items\":{\"$ref\":\"#\"}},"
    "\"nonNegativeInteger\":{\"type\":\"integer\",\"minimum\":0},"
    "\"nonNegativeIntegerDefault0\":{\"allOf\":["
    "{\"$ref\":\"#/definitions/nonNegativeInteger\"},{\"default\":0}]},"
    "\"simpleTypes\":{\"enum\":[\"array\",\"boolean\",\"integer\",\"null\","
    "\"number\",\"object\",\"string\"]},"
    "\"stringArray\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},"
    "\"uniqueItems\":true,\"default\":[]}},"
    "\"properties\":{"
    "\"$id\":{\"type\":\"string\",\"format\":\"uri-reference\"},"
    "\"$schema\":{\"type\":\"string\",\"format\":\"uri\"},"
    "\"$ref\":{\"type\":\"string\",\"format\":\"uri-reference\"},"
    "\"$comment\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
    "\"description\":{\"type\":\"string\"},\"default\":true,"
    "\"readOnly\":{\"type\":\"boolean\",\"default\":false},"
    "\"writeOnly\":{\"type\":\"boolean\",\"default\":false},"
    "\"examples\":{\"type\":\"array\",\"items\":true},"
    "\"multipleOf\":{\"type\":\"number\",\"exclusiveMinimum\":0},"
    "\"maximum\":{\"type\":\"number\"},"
    "\"exclusiveMaximum\":{\"type\":\"number\"},"
    "\"minimum\":{\"type\":\"number\"},"
    "\"exclusiveMinimum\":{\"type\":\"number\"},"
    "\"maxLength\":{\"$ref\":\"#/definitions/nonNegativeInteger\"},"
    "\"minLength\":{\"$ref\":\"#/definitions/nonNegativeIntegerDefault0\"},"
    "\"pattern\":{\"type\":\"string\",\"format\":\"regex\"},"
    "\"additionalItems\":{\"$ref\":\"#\"},"
    "\"items\":{\"anyOf\":[{\"$ref\":\"#\"},"
    "{\"$ref\":\"#/definitions/schemaArray\"}],\"default\":true},"
    "\"maxItems\":{\"$ref\":\"#/definitions/nonNegativeInteger\"},"
    "\"minItems\":{\"$ref\":\"#/definitions/nonNegativeIntegerDefault0\"},"
    "\"uniqueItems\":{\"type\":\"boolean\",\"default\":false},"
    "\"contains\":{\"$ref\":\"#\"},"
    "\"maxProperties\":{\"$ref\":\"#/definitions/nonNegativeInteger\"},"
    "\"minProperties\":"
    "{\"$ref\":\"#/definitions/nonNegativeIntegerDefault0\"},"
    "\"required\":{\"$ref\":\"#/definitions/stringArray\"},"
    "\"additionalProperties\":{\"$ref\":\"#\"},"
    "\"definitions\":{\"type\":\"object\","
    "\"additionalProperties\":{\"$ref\":\"#\"},\"default\":{}},"
    "\"properties\":{\"type\":\"object\","
    "\"additionalProperties\":{\"$ref\":\"#\"},\"default\":{}},"
    "\"patternProperties\":{\"type\":\"object\","
    "\"additionalProperties\":{\"$ref\":\"#\"},"
    "\"propertyNames\":{\"format\":\"regex\"},\"default\":{}},"
    "\"dependencies\":{\"type\":\"object\",\"additionalProperties\":"
    "{\"anyOf\":[{\"$ref\":\"#\"},"
    "{\"$ref\":\"#/definitions/stringArray\"}]}},"
    "\"propertyNames\":{\"$ref\":\"#\"},\"const\":true,"
    "\"enum\":{\"type\":\"array\",\"items\":true},"
    "\"type\":{\"anyOf\":[{\"$ref\":\"#/definitions/simpleTypes\"},"
    "{\"type\":\"array\",\"items\":{\"$ref\":\"#/definitions/simpleTypes\"},"
    "\"minItems\":1,\"uniqueItems\":true}]},"
    "\"format\":{\"type\":\"string\"},"
    "\"contentMediaType\":{\"type\":\"string\"},"
    "\"contentEncoding\":{\"type\":\"string\"},"
    "\"if\":{\"$ref\":\"#\"},\"then\":{\"$ref\":\"#\"},"
    "\"else\":{\"$ref\":\"#\"},"
    "\"allOf\":{\"$ref\":\"#/definitions/schemaArray\"},"
    "\"anyOf\":{\"$ref\":\"#/definitions/schemaArray\"},"
    "\"oneOf\":{\"$ref\":\"#/definitions/schemaArray\"},"
    "\"not\":{\"$ref\":\"#\"}}}";

/* What stands under a keyword: a schema or a list of them, or a map of them. */
static enum { NONE, ONE, MAP } inside(const struct cdp_tape *t, uint32_t key)
{
	static const char *const one[] = { "items", "additionalItems",
		"contains", "additionalProperties", "propertyNames", "if",
		"then", "else", "not", "allOf", "anyOf", "oneOf" };
	static const char *const map[] = { "properties", "patternProperties",
		"definitions", "dependencies" };

	for (size_t i = 0; i < sizeof(one) / sizeof(*one); i++)
		if (cdp_tape_streq(t, key, cdp_str_of(one[i])))
			return ONE;
	for (size_t i = 0; i < sizeof(map) / sizeof(*map); i++)
		if (cdp_tape_streq(t, key, cdp_str_of(map[i])))
			return MAP;
	return NONE;
}

/* Of equal names the first counts. */
static void
name(struct cdp_scomp *c, struct cdp_str uri, uint32_t at)
{
	void **slot = cdp_map_at(&c->names, uri);

	if (*slot == NULL)
		*slot = &c->s->tape.tok[at];
}

static struct cdp_str
own_base(struct cdp_scomp *c, uint32_t at, struct cdp_str base)
{
	const struct cdp_tape *t = &c->s->tape;
	uint32_t id = cdp_tape_get(t, at, CDP_STR("$id"));
	struct cdp_str full, uri;

	if (!cdp_tape_isa(t, id, CDP_STRING))
		return base;
	full = uri =
	    cdp_uri_resolve(base, cdp_tape_str(t, id, &c->s->mem), &c->s->mem);
	if (cdp_uri_fragment(&uri).n != 0)
		name(c, full, at);
	if (!cdp_str_eq(uri, base))
		name(c, uri, at);
	return uri;
}

/* Note the base and the names of the schema at and all schemas in it. */
static void
learn(struct cdp_scomp *c, uint32_t at, struct cdp_str base)
{
	const struct cdp_tape *t = &c->s->tape;
	uint32_t it = 0, key, val, it2, key2, val2;
	int how;

	if (cdp_tape_isa(t, at, CDP_ARRAY))
		while (cdp_tape_next(t, at, &it, &key, &val))
			learn(c, val, base);
	/* Draft-07: what stands beside a $ref does not count. */
	if (!cdp_tape_isa(t, at, CDP_OBJECT))
		return;
	if (cdp_tape_get(t, at, CDP_STR("$ref")) == CDP_NOTOK)
		base = own_base(c, at, base);
	c->base[at] = base;
	while (cdp_tape_next(t, at, &it, &key, &val)) {
		if ((how = inside(t, key)) == ONE)
			learn(c, val, base);
		for (it2 = 0; how == MAP && cdp_tape_isa(t, val, CDP_OBJECT) &&
		     cdp_tape_next(t, val, &it2, &key2, &val2);)
			learn(c, val2, base);
	}
}

/* Most schemas refer to nothing: it waits until one does. */
static void
learn_all(struct cdp_scomp *c)
{
	const struct cdp_tape *t = &c->s->tape;

	c->base = cdp_xcalloc(t->ntok, sizeof(*c->base));
	*cdp_map_at(&c->names, CDP_STR("")) = &t->tok[c->root];
	learn(c, c->root, CDP_STR(""));
	if (c->root != 0)
		learn(c, t->tok[c->root].next, CDP_STR(""));
}

/* Where k stands, names are relative to this. */
static struct cdp_str
base_at(const struct cdp_scomp *c, uint32_t k)
{
	for (uint32_t i = k;; i--)
		if (c->base[i].p != NULL && k < c->s->tape.tok[i].next)
			return c->base[i];
}

uint32_t
cdp_schema_find(struct cdp_scomp *c, uint32_t k, struct cdp_str ref,
    struct cdp_str *pointer)
{
	struct cdp_str full, uri;
	const struct cdp_tok *tok;

	if (c->base == NULL)
		learn_all(c);
	full = uri = cdp_uri_resolve(base_at(c, k), ref, &c->s->mem);
	*pointer = cdp_uri_fragment(&uri);
	if (pointer->n != 0 && pointer->p[0] != '/') {
		tok = cdp_map_get(&c->names, full);
		pointer->n = 0;
	} else {
		tok = cdp_map_get(&c->names, uri);
	}
	return tok == NULL ? CDP_NOTOK : (uint32_t)(tok - c->s->tape.tok);
}
