#ifndef CDP_TOOL_TRIAL_H
#define CDP_TOOL_TRIAL_H

#include "lib/rule/tests.h"

/*
 * trial: one test of a project, run through ingest, merge, audience, journey
 * and what emit decides: the stages of the pipeline themselves, in memory.
 */
struct cdp_happened {
	enum cdp_want_kind kind;
	int64_t at_ms;
	struct cdp_str name; /* as in struct cdp_want */
	struct cdp_str journey, step, action;
	struct cdp_str reason; /* why it is held */
	struct cdp_str id;     /* the profile's */
	bool exited;
	struct cdp_str json; /* the line; of a profile, its own; or empty */
	struct cdp_str why;
	bool expected;
};

/* An activation. */
struct cdp_decided {
	struct cdp_str id, json, why;
};

struct cdp_trial {
	struct cdp_arena mem;
	struct cdp_happened *v; /* in the order it happened */
	size_t n, cap;
	struct cdp_decided *decided;
	size_t ndecided;
	struct cdp_str fault; /* a jq program that failed, or empty */
};

/* Run it.  0, or a fatal code.  An empty trial is { 0 }. */
int cdp_trial_run(struct cdp_trial *tr, struct cdp_project *pr,
    const struct cdp_test *t, struct cdp_err *err);
void cdp_trial_free(struct cdp_trial *tr);

/*
 * Compare: call tell for each thing that was expected and did not happen, and
 * for each sending that nobody expected, with its place and what to say.
 */
void cdp_trial_judge(struct cdp_trial *tr, const struct cdp_test *t,
    void (*tell)(void *arg, const struct cdp_node *at, struct cdp_str text),
    void *arg);

/* All that happened, a line each, for people. */
void cdp_trial_story(
    struct cdp_trial *tr, const struct cdp_test *t, struct cdp_buf *b);

/* An offset, "30m", from the start of the test. */
struct cdp_str cdp_trial_offset(
    struct cdp_trial *tr, const struct cdp_test *t, int64_t at_ms);

#endif
