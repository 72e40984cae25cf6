#ifndef CDP_TOOL_TURNOUT_H
#define CDP_TOOL_TURNOUT_H

#include "lib/tool/run.h"

/*
 * turnout: --against of audiences.  Two versions of a project are run over the
 * same stream, in memory: how many are in each audience at its end by either,
 * and who would enter or leave it.  run->no if they differ.
 */
extern const struct cdp_tool cdp_turnout_tool;

#endif
