#ifndef CDP_TOOL_SAY_H
#define CDP_TOOL_SAY_H

#include "lib/base/err.h"
#include "lib/base/str.h"

/*
 * say: a line on standard error, in a tool's name.
 *
 * Names of files, jq's messages and what stands in a store reach it, so
 * control characters are written as \xNN: none gets to the terminal.
 */
void cdp_say(const char *tool, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A line of an answer on standard output: 0 or CDP_EIO.  arg is not used. */
int cdp_say_line(void *arg, struct cdp_str line);

#endif
