#ifndef CDP_RULE_EACH_H
#define CDP_RULE_EACH_H

#include "lib/rule/ops.h"

/*
 * each: paths over "$", each element of an array: "products.$.price".
 *
 * Such a path stands for any number of values.  What is asked of it holds if
 * it holds of one of them, all operators of one question of the same one;
 * "exists: false" holds if there is none.  What is no array has no elements.
 * Two questions may so hold of two elements, as with Segment.
 */
bool cdp_each_is(const struct cdp_path *path);

/*
 * fn(arg, t, value) for each value that is there, until one call is true;
 * whether one was.
 */
typedef bool cdp_each_fn(void *arg, const struct cdp_tape *t, uint32_t at);
bool cdp_each(const struct cdp_tape *t, uint32_t at,
    const struct cdp_path *path, cdp_each_fn *fn, void *arg);

/* All values there as a JSON array. */
void cdp_each_show(struct cdp_buf *b, const struct cdp_tape *t, uint32_t at,
    const struct cdp_path *path);

/* The path of the elements of an array: "$" alone. */
extern const struct cdp_path cdp_each_element;

/* cdp_ops_test() and cdp_ops_next() of a path over "$"; refs may be NULL. */
bool cdp_each_test(const struct cdp_ops *op, const struct cdp_tape *t,
    uint32_t at, const struct cdp_path *path, int64_t now_ms,
    const struct cdp_refs *refs);
int64_t cdp_each_next(const struct cdp_ops *op, const struct cdp_tape *t,
    uint32_t at, const struct cdp_path *path, int64_t now_ms);

#endif
