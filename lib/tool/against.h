#ifndef CDP_TOOL_AGAINST_H
#define CDP_TOOL_AGAINST_H

#include "lib/tool/run.h"

/*
 * against: --against.  What two versions of a project make of the same
 * stream: for each thing that a journey does, how often, and who would get
 * more of it, less, or at another time.  run->no if they differ.
 */
extern const struct cdp_tool cdp_against_tool;

#endif
