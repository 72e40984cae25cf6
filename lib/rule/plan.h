#ifndef CDP_RULE_PLAN_H
#define CDP_RULE_PLAN_H

#include "lib/rule/load.h"

/*
 * plan: what the loaders of a tracking plan share: plan.c reads the section,
 * plan_file.c what Segment exports, plan_schema.c compiles the schemas.
 */

/* What a rule of a part is about: "properties", "traits", or "". */
extern const char *const cdp_plan_body[CDP_PLAN_NPARTS];

/* Make room for so many more rules for track calls. */
void cdp_plan_reserve(struct cdp_loader *ld, size_t more);

/* The rule for track calls of that name, made if there is none. */
struct cdp_plan_rule *cdp_plan_rule(
    struct cdp_loader *ld, const struct cdp_node *name);

/*
 * Add a version to a rule.
 *
 * number  which; of equal ones the second is reported
 * node    its schema; null is an empty one
 * body    what the rule is about
 * whole   whether the schema is of the whole event, not of that body
 */
void cdp_plan_add(struct cdp_loader *ld, struct cdp_plan_rule *rule,
    int64_t number, const struct cdp_node *node, const char *body, bool whole);

/* To be called once for each rule when it has all its versions. */
void cdp_plan_keep(struct cdp_loader *ld, struct cdp_plan_rule *rule);

/* Read the file that node names, in any of Segment's forms. */
void cdp_plan_file(struct cdp_loader *ld, const struct cdp_node *node);

/* What is expected of the whole input (plan_expect.c). */
void cdp_plan_expect(struct cdp_loader *ld, const struct cdp_node *seq);

/*
 * Report paths of a where that lead to properties which no event named there
 * has by the plan (plan_check.c).
 */
void cdp_plan_check_paths(struct cdp_loader *ld, const struct cdp_trigger *on);

/*
 * Report what is asked of a value that it can never be by its schema; strict:
 * as an error, for no other value passes (plan_value.c).
 *
 * at     the path, as it is written
 * event  whose plan it is
 */
struct cdp_ops;
void cdp_plan_check_value(struct cdp_loader *ld, const struct cdp_node *schema,
    const struct cdp_ops *ops, const struct cdp_node *at, struct cdp_str event,
    bool strict);

#endif
