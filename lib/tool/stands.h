#ifndef CDP_TOOL_STANDS_H
#define CDP_TOOL_STANDS_H

#include "lib/store/log.h"
#include "lib/tool/erased.h"

/*
 * stands: what went out about people who are to be erased, and was not taken
 * back: on which lists they stay.  Nobody can take it back afterwards.
 *
 * A line on standard output for each, of those of the n logs (or NULL) that
 * are cdp-emit's, and a word about them on standard error.  0, CDP_EIO,
 * CDP_ECORRUPT.
 */
int cdp_stands_tell(struct cdp_log *const *log, const char *const *name,
    size_t n, const struct cdp_erased *who, struct cdp_err *err);

#endif
