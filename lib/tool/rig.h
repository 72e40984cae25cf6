#ifndef CDP_TOOL_RIG_H
#define CDP_TOOL_RIG_H

#include "lib/journey/journey.h"

/*
 * rig: merge, audience, journey and what emit decides, in one process and in
 * memory: what a project makes of a stream, for who only wants to know. Nothing
 * is kept and nothing is sent.
 */
struct cdp_rig; /* opaque */

/* Who is told; arg is the first argument of each. */
struct cdp_rig_watch {
	void *arg;
	/* A line that cdp-journey prints, then those that cdp-emit makes of
	 * it.  0 or fatal. */
	int (*line)(void *arg, const struct cdp_line *ln, struct cdp_err *err);
	int (*delivery)(
	    void *arg, const struct cdp_line *ln, struct cdp_err *err);
	void (*passage)(void *arg, const struct cdp_passage *p);
	/* A line that a stage rejects, or a jq program that failed on it; what
	 * emit fails to make is a delivery. */
	void (*fault)(void *arg, const struct cdp_line *ln, const char *code,
	    struct cdp_str field, struct cdp_str message);
};

/* pr is borrowed; several may follow one another on it.  0 or fatal. */
int cdp_rig_new(struct cdp_project *pr, const struct cdp_rig_watch *watch,
    struct cdp_rig **ret, struct cdp_err *err);
void cdp_rig_free(struct cdp_rig *r);

/*
 * Before the first line: begin with what the store at path has kept.  0; or
 * CDP_ECONF if there is none, CDP_EIO, CDP_ECORRUPT.
 */
int cdp_rig_open(struct cdp_rig *r, const char *path, struct cdp_err *err);

/* One line of what cdp-ingest prints.  0 or fatal. */
int cdp_rig_feed(struct cdp_rig *r, struct cdp_str raw, struct cdp_err *err);

/* Whether stages behind cdp-ingest made that line: a rig makes its own. */
bool cdp_rig_makes(const struct cdp_line *ln);

#endif
