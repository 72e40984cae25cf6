#ifndef CDP_RULE_TRAIL_H
#define CDP_RULE_TRAIL_H

#include "lib/rule/ops.h"
#include "lib/rule/measure.h"

/*
 * trail: the events that a condition is about in whose where stands more than
 * the event itself: the profile's traits, or what came behind it.
 *
 *   {event: Shoes Bought, within: 30d, where: {all: [
 *     {properties.price: {gte: {trait: avg_spend}}},
 *     {then: {event: Shoes Returned, within: 5d,
 *       where: {properties.sku: {eq: {parent: properties.sku}}}}}]}}
 *
 * Of each event are kept when it was, which parts of the condition it may be,
 * and the members that are asked about; whether it counts is found out when
 * somebody asks, as a trait may be another one by then.
 *
 * "then" is about the events behind one, until within has passed since it.  As
 * long as that may change the answer, nothing is said by a number of events:
 * "none" is true only when the time is over.  Other values are taken as they
 * stand, but that one is not so is said only when the time is over.  Without
 * within it is about those that came so far.
 */
#define CDP_TRAIL_KEEP 1000 /* events: the newest */
#define CDP_TRAIL_PARTS 50

struct cdp_pred;

/* An event of the condition: the first of them is the one that it is about. */
struct cdp_trail_part {
	struct cdp_trigger on;           /* without an open where */
	const struct cdp_pred *open;     /* or NULL */
	const struct cdp_trail_part *in; /* in whose where it stands, or NULL */
	int64_t from_ms, within_ms;      /* since that; 0: for ever */
	struct cdp_measure_def measure;
	const struct cdp_ops *ops; /* of the measure; not of the first */
	uint32_t col;              /* what the measure is made of */
};

/* What is kept of each event; of a path over "$" all values, an array. */
struct cdp_trail_col {
	struct cdp_path path;
	bool many;
};

struct cdp_trail_def {
	struct cdp_trail_part part[CDP_TRAIL_PARTS];
	size_t npart;
	const struct cdp_trail_col *col;
	size_t ncol;
	const struct cdp_project *pr;
	struct cdp_trail_part *at; /* while loading: whose where it is */
};

/* The column for a path of the events of ld->trail; 0 if there is none. */
uint32_t cdp_trail_col(struct cdp_loader *ld, const struct cdp_path *path);

/* Whether a where has more in it than the event itself. */
bool cdp_trail_is_open(const struct cdp_node *where);

/* "then" of a where; NULL, with a diagnostic, if it is wrong. */
const struct cdp_trail_part *cdp_trail_then(
    struct cdp_loader *ld, struct cdp_node *map);

/* What is kept of a line; false: nothing. */
bool cdp_trail_line(const struct cdp_trail_def *tr, const struct cdp_line *ln,
    struct cdp_str *ret);

/* As of a measure. */
void cdp_trail_value(struct cdp_buf *b, const struct cdp_points *kept,
    const struct cdp_measure_def *d, const struct cdp_ctx *ctx);
int64_t cdp_trail_next(const struct cdp_points *kept,
    const struct cdp_measure_def *d, const struct cdp_ctx *ctx);

#endif
