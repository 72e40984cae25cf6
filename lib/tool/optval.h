#ifndef CDP_TOOL_OPTVAL_H
#define CDP_TOOL_OPTVAL_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

/*
 * optval: the arguments of options.  Each returns 0, or CDP_ECONF with
 * "--NAME wants ..., not 'VAL'".
 */
int cdp_optval_bad(
    struct cdp_err *err, const char *name, const char *val, const char *want);

/* A duration in milliseconds, up to INT_MAX; or a plain 0. */
int cdp_optval_duration(
    const char *name, const char *val, int64_t *ret, struct cdp_err *err);

/* now, end or a time. */
int cdp_optval_until(const char *name, const char *val, struct cdp_err *err);

/* A number into n, or a percentage in hundredths of a percent into bp. */
int cdp_optval_share(const char *name, const char *val, int64_t *n, int *bp,
    struct cdp_err *err);

/* Bytes: a number, with K, M or G (and perhaps iB) for powers of 1024. */
int cdp_optval_size(
    const char *name, const char *val, size_t *ret, struct cdp_err *err);

/* Which of words ("try|require|off") it is, from 0. */
int cdp_optval_word(const char *name, const char *words, const char *val,
    int *ret, struct cdp_err *err);

#endif
