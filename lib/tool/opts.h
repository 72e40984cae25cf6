#ifndef CDP_TOOL_OPTS_H
#define CDP_TOOL_OPTS_H

#include <stdio.h>

#include "lib/base/arena.h"
#include "lib/tool/sandbox.h"
#include "lib/tool/tool.h"

/*
 * opts: the one table of options, and what a command line made of it.
 *
 * getopt, the help texts, the completions and the check against the manual
 * pages all read this table; the same letter means the same in every tool.
 */
enum cdp_stats_form { CDP_STATS_NONE, CDP_STATS_TEXT, CDP_STATS_JSON };

enum cdp_help_form {
	CDP_HELP_NONE,
	CDP_HELP_SHORT,
	CDP_HELP_LONG,
	CDP_HELP_VERSION
};

struct cdp_args {
	struct cdp_opts pub;
	enum cdp_help_form help;
	const struct cdp_define *def;
	size_t ndef;
	const char *list;              /* --list KIND, or NULL */
	const char *rejects;           /* --rejects FILE, or NULL */
	struct cdp_report *report;     /* receives --report */
	int64_t max_rejects;           /* how many are still success */
	int max_rejects_bp;            /* or hundredths of a percent; -1 */
	enum cdp_sandbox_mode sandbox; /* in the order of its words */
	bool unsynced;                 /* --sync=none */
	enum cdp_stats_form stats;
	int64_t progress_ms; /* 0: as the terminal wants; -1: never */
	char *const *file;   /* operands */
	size_t nfile;
};

/*
 * Read the command line.  Strings are borrowed from argv or made in mem.
 * 0; CDP_ECONF with a message that names the option, and the nearest one for
 * an unknown name.  Options that the design has and this version has not are
 * refused by name.
 */
int cdp_args_parse(int argc, char *argv[], const struct cdp_tool *tool,
    struct cdp_arena *mem, struct cdp_args *ret, struct cdp_err *err);

/* The text of -h or --help. */
void cdp_args_help(
    const struct cdp_tool *tool, enum cdp_help_form form, FILE *fp);

/*
 * One line an option, for the completions: "--name", and behind a tab the
 * name of its argument or nothing, and behind another its meaning; a line of
 * its own for each letter.
 */
void cdp_args_list(const struct cdp_tool *tool, FILE *fp);

#endif
