#ifndef CDP_TOOL_TOOL_H
#define CDP_TOOL_TOOL_H

#include "lib/rule/project.h"
#include "lib/store/stage.h"

/*
 * tool: what the five filters share: options, the project, the filter loop,
 * diagnostics, statistics, exit statuses.
 *
 * A tool is a table; main() is one call of cdp_tool_main().
 */
struct cdp_run; /* one run of a tool */

/* Which of the common options a tool takes, beside those all take. */
enum {
	CDP_OPT_STORE = 1,   /* -s -n --lock-timeout --sync --end */
	CDP_OPT_REJECTS = 2, /* --rejects --max-rejects */
	CDP_OPT_CLOCK = 4,   /* --until --source */
	CDP_OPT_DELIVER = 8, /* --deliver */
	CDP_OPT_ONLY = 16,   /* --only */
	CDP_OPT_MEMORY = 32, /* --memory */
	CDP_OPT_PLAN = 64,   /* --violations --infer --report --show-values */
	CDP_OPT_ASK = 128,  /* --explain --graph --edges --hubs */
	CDP_OPT_PEOPLE = 256, /* --changes --profiles */
	CDP_OPT_MEMBERS = 512, /* of audiences */
	CDP_OPT_WAYS = 1024, /* --explain --graph --funnel of journeys */
	CDP_OPT_TOLD = 4096, /* --explain --preview of deliveries */
	CDP_OPT_TEST = 2048 /* --test --report --against */
};

struct cdp_tool {
	const char *name;     /* "cdp-merge" */
	const char *summary;  /* one line, for --help */
	const char *examples; /* lines, for --help */
	unsigned opts;
	bool raw; /* reads lines that no stage of ours wrote (cdp-ingest) */
	const struct cdp_stage_ops *ops;         /* its store log and step */
	const struct cdp_stage_ops *deliver_ops; /* with --deliver */
	const struct cdp_stage_ops *spool_ops;   /* with --spool */

	/* Build the tool's own self from the loaded project. */
	int (*start)(struct cdp_run *run, void **self, struct cdp_err *err);

	/*
	 * A raw tool's: a text of the input, as the lines in it.  0, or what
	 * each returned.
	 */
	int (*text)(void *self, struct cdp_str text, uint64_t lineno,
	    struct cdp_arena *mem, const struct cdp_each *each,
	    struct cdp_err *err);

	/* With --follow; see lib/ingest/ingest.h. */
	void (*place)(void *self, struct cdp_str prefix, struct cdp_str name,
	    uint64_t begin, uint64_t behind);
	int (*resume)(void *self, struct cdp_stage *sg, struct cdp_str prefix,
	    void (*fn)(void *arg, struct cdp_str name, uint64_t at), void *arg,
	    struct cdp_err *err);

	/*
	 * Lines that were read already, before the first is taken: see
	 * cdp_ingest_peek().  NULL: cdp_stage_peek(), without a line() only.
	 */
	int (*peek)(void *self, struct cdp_stage *sg, struct cdp_str lines,
	    uint64_t lineno, bool last, struct cdp_peek *ret,
	    struct cdp_err *err);

	/* A file of the input has ended.  May be NULL. */
	void (*file_end)(void *self);

	/* One line; NULL: cdp_stage_line().  CDP_EDATA is a rejection. */
	int (*line)(void *self, struct cdp_stage *sg, const struct cdp_line *ln,
	    struct cdp_err *err);

	/*
	 * When the input pauses, after a flush, until fd can be read; and
	 * before each read.  Both may be NULL.
	 */
	int (*wait)(
	    void *self, struct cdp_stage *sg, int fd, struct cdp_err *err);
	int (*tick)(void *self, struct cdp_stage *sg, struct cdp_err *err);

	/* The input is idle; every wake_ms again, if not 0.  May be NULL. */
	int (*idle)(void *self, struct cdp_stage *sg, int *wake_ms,
	    struct cdp_err *err);

	/* The input has ended well; before the end line.  May be NULL. */
	int (*finish)(void *self, struct cdp_stage *sg, struct cdp_err *err);

	/*
	 * Records that came in, but not as lines of this run, and those that
	 * go by a later one.  May be NULL.
	 */
	void (*balance)(void *self, uint64_t *more, uint64_t *held);

	/*
	 * With --check FILE, when the input has ended: tell of what was
	 * expected.  NULL: --check reads no input.
	 */
	void (*expected)(void *self, struct cdp_run *run);

	/* What reads the input with --against; NULL: nothing. */
	const struct cdp_tool *against;

	/* The same with --backfill, and the store. */
	const struct cdp_tool *backfill;

	/* --test: run->no if one fails.  NULL: there is none. */
	int (*test)(struct cdp_run *run, struct cdp_err *err);

	/* Add members to the --stats object.  May be NULL. */
	void (*stats)(void *self, struct cdp_buf *json);

	/* The run is over, its log closed.  May be NULL. */
	void (*stop)(void *self);
};

/* Options as parsed; strings live as long as the run. */
struct cdp_opts {
	const char *project, *store;
	bool dry_run, check, deliver, dup_keep, end_any, follow, hold, quiet,
	    verbose, wall;
	bool infer, show_values;
	bool test;
	bool backfill;
	const char *against; /* a project's directory, or NULL */
	const char *until;  /* or NULL */
	const char *source; /* or NULL */
	const char *only;   /* or NULL */
	const char *spool;  /* or NULL */
	bool redrive, resync;
	const char *resolve;    /* "sent", "again" or NULL */
	const char *violations; /* a file, or NULL */
	const char *explain;    /* ID or ID,ID; or NULL */
	const char *preview;    /* ID, or NULL */
	int graph;              /* 0; 1: dot, 2: svg, 3: mermaid */
	bool funnel;
	bool edges;
	bool hubs;
	bool size;
	const char *members; /* the key of an audience, or NULL */
	bool past;           /* --as-of: then */
	int64_t as_of_ms;
	bool profiles;
	int changes; /* 0: no; in the order of its words */
	int lock_timeout_ms;
	int64_t wait_ms; /* for what is to be sent later */
	size_t memory;   /* bytes */
};

const struct cdp_opts *cdp_run_opts(const struct cdp_run *run);

/*
 * What of --memory is for states of people, by their own count: the rest is
 * for what malloc loses, the epoch, unpacked frames and pages of the index.
 */
size_t cdp_run_hold(const struct cdp_run *run);
struct cdp_project *cdp_run_project(const struct cdp_run *run);

/* Where the texts of the input end, if not with the line; see input.h. */
void cdp_run_split(struct cdp_run *run,
    const char *(*split)(void *arg, const char *p, const char *end, int *state),
    void *arg);

/* The store's directory: -s, CDP_STORE, project.store or "store", resolved. */
const char *cdp_run_store(const struct cdp_run *run);

/*
 * The values of the project's secrets as a JSON object; only for who delivers,
 * and for who reads what comes from outside.
 * CDP_ECONF if a file of one cannot be read or others could read it, too.
 */
int cdp_run_secrets(
    struct cdp_run *run, struct cdp_str *ret, struct cdp_err *err);

/* A remark for standard error; nothing with -q. */
void cdp_run_note(struct cdp_run *run, const char *msg);

/* Note a rejected record: to --rejects or standard error, and counted. */
void cdp_run_reject(struct cdp_run *run, const struct cdp_line *ln,
    const char *code, struct cdp_str field, struct cdp_str message);

/* Whether records are only looked at, by --check or --infer: no store. */
bool cdp_run_looks(const struct cdp_run *run);

/* How many records were read. */
uint64_t cdp_run_read(const struct cdp_run *run);

/* Note a violation of the plan; run is a struct cdp_run (planned.h). */
void cdp_run_violation(void *run, const struct cdp_line *ln,
    const struct cdp_violation *v, const char *code, bool blocked);

/* Note what came of an expectation. */
void cdp_run_expected(struct cdp_run *run, const struct cdp_expect *want,
    struct cdp_str text, bool met);

/* Count input that is neither out, rejected nor duplicate ("held"). */
void cdp_run_held(struct cdp_run *run, uint64_t n);

/* Something is left for a person to do: the exit status is not 0. */
void cdp_run_left(struct cdp_run *run);

int cdp_tool_main(int argc, char *argv[], const struct cdp_tool *tool);

#endif
