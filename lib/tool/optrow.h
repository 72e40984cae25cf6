#ifndef CDP_TOOL_OPTROW_H
#define CDP_TOOL_OPTROW_H

#include "lib/tool/tool.h"

/*
 * optrow: the rows of the table of options, for opts.c, which reads a command
 * line by them, and opthelp.c, which tells of them.
 */

/* What an option does; a long name without a letter has no other code. */
enum id {
	ID_AGAINST = 256,
	ID_AS_OF,
	ID_BACKFILL,
	ID_CHANGES,
	ID_CHECK,
	ID_CLOCK,
	ID_DELIVER,
	ID_DUP,
	ID_EDGES,
	ID_HUBS,
	ID_END,
	ID_EXPLAIN,
	ID_FOLLOW,
	ID_FUNNEL,
	ID_PREVIEW,
	ID_GRAPH,
	ID_HELP,
	ID_HOLD,
	ID_INFER,
	ID_LIST,
	ID_LOCK_TIMEOUT,
	ID_MAX_REJECTS,
	ID_MEMBERS,
	ID_MEMORY,
	ID_ONLY,
	ID_PROFILES,
	ID_PROGRESS,
	ID_REDRIVE,
	ID_RESYNC,
	ID_REJECTS,
	ID_REPORT,
	ID_RESOLVE,
	ID_SANDBOX,
	ID_SHOW_VALUES,
	ID_SIZE,
	ID_SOURCE,
	ID_SPOOL,
	ID_STATS,
	ID_SYNC,
	ID_TEST,
	ID_UNTIL,
	ID_VIOLATIONS,
	ID_WAIT
};

enum group { PROJECT, INPUT, OUTPUT, STORE, ASK, DIAGNOSTICS, HELP, NGROUPS };

/* arg: NULL none, "[...]" may be left out (then it is written with "="). */
struct cdp_optrow {
	int id;
	const char *name;
	const char *arg;
	enum group group;
	unsigned mask; /* of struct cdp_tool, 0: every tool has it */
	bool brief;    /* shown by -h */
	const char *text;
};

#define CDP_OPTROWS 56

extern const struct cdp_optrow cdp_optrows[CDP_OPTROWS];

/* Whether the tool takes that option. */
bool cdp_optrow_has(const struct cdp_tool *tool, const struct cdp_optrow *o);

#endif
