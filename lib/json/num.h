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

/* The order of two numbers: negative, 0 or positive; all digits count. */
int cdp_num_cmp(struct cdp_str a, struct cdp_str b);

/* Whether it is a whole number, however it is written (1.0, 10e-1). */
bool cdp_num_whole(struct cdp_str s);

/*
 * Whether s is a whole multiple of the number of, exactly.  of has at most
 * CDP_NUM_DIGITS digits and is not 0.
 */
#define CDP_NUM_DIGITS 36
bool cdp_num_multiple(struct cdp_str s, struct cdp_str of);

/* Its digits without zeros at either end; 0 for zero. */
size_t cdp_num_digits(struct cdp_str s);

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
