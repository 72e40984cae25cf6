#ifndef CDP_JSON_SCHEMA_H
#define CDP_JSON_SCHEMA_H

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/json/tape.h"

/*
 * schema: JSON Schema draft-07, compiled, over the tape.
 *
 * Keywords: type enum const multipleOf maximum exclusiveMaximum minimum
 * exclusiveMinimum maxLength minLength pattern items additionalItems maxItems
 * minItems uniqueItems contains maxProperties minProperties required
 * properties patternProperties additionalProperties dependencies
 * propertyNames if then else allOf anyOf oneOf not format definitions, and
 * $id and $ref within the same document or to the schema of schemas; $schema
 * $comment title description default examples readOnly writeOnly
 * contentMediaType contentEncoding are allowed and mean nothing here.  Any
 * other keyword, and a $ref that leads out, is an error at compile time unless
 * it stands in the ignore list ("labels", "id").  Patterns run in PCRE2 with
 * match limits.  Numbers are compared as they are written, to the last digit.
 * What stands beside a $ref does not count.
 *
 * All formats of draft-07 are checked, and uuid (of an internationalised host
 * name not the rules between labels of two directions); any other asserts
 * nothing, as draft-07 allows: see cdp_schema_unchecked().
 */
struct cdp_schema; /* opaque */

/*
 * Compile the schema at (an object or a boolean) in t.  t may go afterwards.
 * 0, or CDP_ECONF with the JSON pointer of the offending place in err->field.
 */
int cdp_schema_compile(const struct cdp_tape *t, uint32_t at,
    struct cdp_schema **ret, struct cdp_err *err);
void cdp_schema_free(struct cdp_schema *s);

/*
 * The next format that is not checked, for a warning: *it starts at 0; false
 * at the end.  err receives its place as cdp_schema_compile() tells it, and the
 * name of the format as its message.
 */
bool cdp_schema_unchecked(
    const struct cdp_schema *s, uint32_t *it, struct cdp_err *err);

/*
 * One violation, in Segment's words (those of gojsonschema): type is
 * "Required", "Invalid Type" and so on, field a dotted path from the root
 * ("properties.price", or "(root)"), text the description.
 */
struct cdp_violation {
	const char *type;
	struct cdp_str field;
	struct cdp_str text;
	uint32_t at; /* the offending value, or the object that lacks one */
	struct cdp_violation *next;
};

/*
 * Judge the value at.  Violations, in document order of the schema's
 * properties, are made in mem and linked into *ret (NULL if it is valid).
 * 0; CDP_EDATA if a pattern hit its limit (then it counts as a violation of
 * that pattern too) or the schema goes in circles on it.
 */
int cdp_schema_check(const struct cdp_schema *s, const struct cdp_tape *t,
    uint32_t at, struct cdp_arena *mem, struct cdp_violation **ret,
    struct cdp_err *err);

#endif
