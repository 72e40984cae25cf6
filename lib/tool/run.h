#ifndef CDP_TOOL_RUN_H
#define CDP_TOOL_RUN_H

#include "lib/tool/input.h"
#include "lib/tool/opts.h"
#include "lib/tool/progress.h"
#include "lib/tool/rejects.h"
#include "lib/tool/report.h"
#include "lib/tool/say.h"
#include "lib/tool/secrets.h"

/*
 * run: one run of a tool, and the filter loop.
 */
struct cdp_run {
	const struct cdp_tool *tool;
	struct cdp_args args;
	struct cdp_arena mem; /* for the run */
	struct cdp_diags diags;
	struct cdp_project *project;
	const char *store;
	void *self; /* the tool's own */
	struct cdp_stage *sg;
	struct cdp_input in;
	struct cdp_buf prefix, stream; /* names of what is followed */
	bool named;                    /* stream is that of the open file */
	char **follow;                 /* the files, its last name last */
	struct cdp_rejects rejects;
	struct cdp_report report; /* of --check */
	struct cdp_progress progress;
	struct cdp_sandbox sandbox;
	struct cdp_environ env;
	struct cdp_tape tape;
	struct cdp_arena rec; /* for one record */
	uint64_t read;        /* records that came in */
	uint64_t refused;     /* of those, before they reached the stage */
	uint64_t held;
	uint64_t asked;     /* up to this line there is nothing to show ahead */
	struct cdp_str raw; /* the text that is being read, */
	const struct cdp_line *now; /* and the line of it */
	bool left;                  /* cdp_run_left() was called */
	bool whole;                 /* the last record read was an end line */
	const char *early;          /* the first input that ended without one */
	bool no;                    /* it was asked, and the answer is no */
};

/*
 * Read every input, hand each record to the tool, and end the stream.  0, or
 * a fatal code; CDP_EEARLY with the name of the input that ended early, after
 * everything that came was committed and printed.
 */
int cdp_run_loop(struct cdp_run *run, struct cdp_err *err);

/* Write what --stats or -v asks for to standard error. */
void cdp_run_stats(struct cdp_run *run);

/* cdp_say() in the tool's name, beside the line that shows progress. */
#define cdp_run_say(run, ...)                                                  \
	(cdp_progress_clear(&(run)->progress),                                 \
	    cdp_say((run)->tool->name, __VA_ARGS__))

#endif
