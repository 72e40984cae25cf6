#ifndef CDP_TOOL_BACKFILL_H
#define CDP_TOOL_BACKFILL_H

#include "lib/tool/run.h"

/*
 * backfill: --backfill.  The lines that a store has taken in come once more,
 * and its memberships and histories become what they would be had the
 * project's audiences been as they are now from the first line on.
 *
 * Nothing is printed, and what lines have caused stays as it is: numbers go on
 * where they were.  All lines are needed, in their order; later ones, which
 * the store does not know yet, are left for the next run.
 */
extern const struct cdp_tool cdp_backfill_tool;

#endif
