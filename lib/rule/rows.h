#ifndef CDP_RULE_ROWS_H
#define CDP_RULE_ROWS_H

#include "lib/rule/measure.h"
#include "lib/rule/ops.h"

/*
 * rows: how many rows of an entity, or what else of them, belong to a person.
 *
 *   {entity: orders, where: {properties.total: {gt: 500},
 *     has: {entity: order-products, count: {gte: 3}}}, count: {gte: 1}}
 *
 * The entity says by which path its keys are found: of the person, or of the
 * row in whose where it stands.  A row counts once; in the order of the keys.
 * Nothing is kept: the rows are looked up when somebody asks.
 */
struct cdp_pred;
struct cdp_entity; /* project.h */
struct cdp_ctx;

struct cdp_rows_def {
	struct cdp_str name;
	const struct cdp_node *node;     /* of the name */
	const struct cdp_entity *entity; /* NULL until cdp_rows_check() */
	const struct cdp_rows_def *in;   /* in whose where it stands, or NULL */
	const struct cdp_pred *where;    /* or NULL */
	struct cdp_measure_def measure;
	const struct cdp_ops *ops;
	const struct cdp_project *pr;
};

/* From a map with "entity"; NULL, with a diagnostic, if it is wrong. */
struct cdp_rows_def *cdp_rows_load(struct cdp_loader *ld, struct cdp_node *map);

/* After all files: which entities these are. */
void cdp_rows_check(struct cdp_loader *ld, struct cdp_rows_def *d);

/* All that is in it: each predicate, and the operators of each. */
void cdp_rows_each(const struct cdp_rows_def *d,
    void (*pred)(void *arg, const struct cdp_pred *p),
    void (*rows)(void *arg, const struct cdp_rows_def *d), void *arg);

/* Whether time alone may change the answer. */
bool cdp_rows_timed(const struct cdp_rows_def *d);

/*
 * Whether it holds; and, unless they are NULL, the value (JSON, or nothing)
 * and an instant, that of *next or an earlier one, before which time alone
 * does not change the answer.
 */
bool cdp_rows_ask(const struct cdp_rows_def *d, const struct cdp_ctx *ctx,
    struct cdp_buf *value, int64_t *next);

#endif
