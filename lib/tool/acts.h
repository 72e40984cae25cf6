#ifndef CDP_TOOL_ACTS_H
#define CDP_TOOL_ACTS_H

#include "lib/tool/tool.h"

/*
 * acts: options that make of a tool something else than a filter: questions,
 * comparisons, what is printed in the place of the stream.
 *
 * 0; CDP_ECONF if there is more than one, with the names of two of them, or
 * one and an option that would be without effect.
 */
int cdp_acts_one(
    const struct cdp_tool *tool, const struct cdp_opts *o, struct cdp_err *err);

#endif
