#ifndef CDP_TOOL_SAY_H
#define CDP_TOOL_SAY_H

/*
 * say: a line on standard error, in a tool's name.
 *
 * Names of files, jq's messages and what stands in a store reach it, so
 * control characters are written as \xNN: none gets to the terminal.
 */
void cdp_say(const char *tool, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
