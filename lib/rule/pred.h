#ifndef CDP_RULE_PRED_H
#define CDP_RULE_PRED_H

#include "lib/rule/ops.h"

/*
 * pred: what a where is compiled to; for pred.c, trail*.c and rows*.c alone.
 *
 * One path of a where map, or several such maps; all of a list must hold.  In
 * an open where (trail.h), and in one about rows, it may also be a trait of the
 * profile, an audience, or what came behind the event, other rows of the row.
 */
struct cdp_trail_part; /* trail.h */
struct cdp_rows_def;   /* rows.h */

struct cdp_pred {
	struct cdp_path path;
	struct cdp_ops *ops;         /* NULL: of kid, or of then */
	const struct cdp_node *node; /* of the path */
	uint32_t col;                /* of the path, in an open where */
	bool many;                   /* the path is over "$" (each.h) */
	bool trait;                  /* the path is one of the profile's */
	struct cdp_str audience;     /* that the profile is in; or empty */
	bool out;                    /* that it is not in */
	const struct cdp_trail_part *then;
	const struct cdp_rows_def *rows; /* rows.h */
	struct cdp_pred **kid;
	size_t nkid;
	bool any;      /* one of kid is enough */
	bool contrary; /* of the only kid */
	struct cdp_pred *next;
};

/* Each of them: fn(arg, p). */
void cdp_pred_each(const struct cdp_pred *p,
    void (*fn)(void *arg, const struct cdp_pred *p), void *arg);

#endif
