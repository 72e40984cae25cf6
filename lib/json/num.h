#ifndef CDP_JSON_NUM_H
#define CDP_JSON_NUM_H

#include <stdbool.h>

#include "lib/base/buf.h"
#include "lib/base/str.h"

/*
 * num: JSON numbers as they are written, without losing a digit.
 *
 * Each function takes the text of a number that the tape has accepted.
 */

/* Whether both are the same number: 1, 1.0 and 10e-1 are; all digits count. */
bool cdp_num_eq(struct cdp_str a, struct cdp_str b);

/* The nearest double, ties to even; beyond its range, an infinity. */
double cdp_num_double(struct cdp_str s);

/*
 * Append the one spelling of its value, all digits kept: no needless zeros,
 * no point in whole numbers, an exponent from 1e21 on and below 1e-6.
 */
void cdp_num_put(struct cdp_buf *b, struct cdp_str s);

/*
 * Append the shortest decimal text that reads back as v, which is finite, in
 * the same spelling.
 */
void cdp_num_put_double(struct cdp_buf *b, double v);

#endif
