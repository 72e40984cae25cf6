#ifndef CDP_RULE_IDENT_H
#define CDP_RULE_IDENT_H

#include "lib/json/line.h"
#include "lib/rule/project.h"

/*
 * ident: the values in a line that say who somebody is.
 *
 * A value is a string or a number at one of the paths of its type, or an entry
 * of context.externalIds of that type, in the spelling of the type: an address
 * folded, a telephone number as E.164.
 */
#define CDP_IDENTS_MAX 32 /* of one line */

struct cdp_ident_value {
	size_t type;         /* index of the project's identifiers, or their */
	struct cdp_str name; /* number for a type that only the line names */
	struct cdp_str value;
};

/* raw in the spelling of its type, made in mem: 0, or CDP_EDATA if it is none.
 */
int cdp_ident_normalize(const struct cdp_identifier *rule, struct cdp_str raw,
    struct cdp_arena *mem, struct cdp_str *ret);

/* value in the spelling of the type of that name; if it has none, as it is. */
struct cdp_str cdp_ident_spell(const struct cdp_identity *rules,
    struct cdp_str type, struct cdp_str value, struct cdp_arena *mem);

/* Whether the project says that this value identifies nobody. */
bool cdp_ident_blocked(const struct cdp_identity *rules, struct cdp_str value);

/* What is at a place: a string, a number as written, or else nothing. */
struct cdp_str cdp_ident_text(
    const struct cdp_tape *t, uint32_t at, struct cdp_arena *mem);

/* The rule of a type, by its index as above. */
const struct cdp_identifier *cdp_ident_rule(
    const struct cdp_identity *rules, size_t type);

/*
 * Once the identifiers are known and before a line is looked at: make of their
 * paths one tree, so that what they share is walked once a line.  Without it
 * nothing is found.
 */
void cdp_ident_plan(struct cdp_identity *rules, struct cdp_arena *mem);

/*
 * What stands at the places of the identifiers, as it is written, in the order
 * of priority; types that only the line names come last, by name.  What is
 * more than CDP_IDENTS_MAX is left out, and *more is set.  The same walk meets
 * what the line says of consent, context.consent.categoryPreferences.
 */
void cdp_ident_raws(const struct cdp_identity *rules, const struct cdp_line *ln,
    struct cdp_ident_value ret[CDP_IDENTS_MAX], size_t *n, bool *more,
    uint32_t *consent);

/*
 * The identifiers of a line, each once, in the order of priority; those that
 * are blocked left out, and of an event those past CDP_IDENTS_MAX.
 *
 * A command may also name them by their type, one value or a list:
 * {"type":"delete","email":["ana@example.com"]}.  0; CDP_EDATA if a command
 * has no identifier ("id_required") or too many ("bad_request").
 */
int cdp_ident_values(const struct cdp_identity *rules,
    const struct cdp_line *ln, struct cdp_ident_value ret[CDP_IDENTS_MAX],
    size_t *n, struct cdp_err *err);

/*
 * A number for the set of identifiers that an event is believed to have: those
 * of it that its profile shows.  The sum of its identifiers, so that their
 * order is nothing to it.  0: it has none, or the project says that nothing
 * is taken back.  Costs about what cdp_ident_values() does.
 */
uint32_t cdp_ident_set(
    const struct cdp_identity *rules, const struct cdp_line *ln);

/* The same of an event whose profile is elsewhere: at a place in t. */
uint32_t cdp_ident_set_of(const struct cdp_identity *rules,
    const struct cdp_line *ln, const struct cdp_tape *t, uint32_t profile);

/* Of one identifier. */
uint32_t cdp_ident_one(struct cdp_str type, struct cdp_str value);

/* True for suppress, unsuppress, delete and unmerge. */
static inline bool
cdp_type_is_command(enum cdp_type type)
{
	return type >= CDP_SUPPRESS && type <= CDP_UNMERGE;
}

#endif
