#ifndef CDP_TOOL_WHOM_H
#define CDP_TOOL_WHOM_H

#include "lib/base/arena.h"
#include "lib/rule/project.h"
#include "lib/store/log.h"

/*
 * whom: the profile that a question is about, as cdp-merge knows it.
 *
 * log      of cdp-merge
 * id       a profile's id or TYPE:VALUE; becomes the profile's, made in mem
 * profile  receives it as it stands, as JSON
 *
 * 0; CDP_END if nobody is known by it; CDP_EIO, CDP_ECORRUPT.
 */
int cdp_whom_find(struct cdp_project *pr, struct cdp_log *log,
    struct cdp_str *id, struct cdp_arena *mem, struct cdp_buf *profile,
    struct cdp_err *err);

/* If the project has no identifiers of the type that it names: say so, and
 * which was meant. */
bool cdp_whom_mistyped(
    const char *tool, const struct cdp_project *pr, struct cdp_str name);

/* Say that nobody is known by that name, and what one looks like. */
void cdp_whom_unknown(
    const char *tool, const struct cdp_project *pr, struct cdp_str name);

#endif
