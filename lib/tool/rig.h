#ifndef CDP_TOOL_RIG_H
#define CDP_TOOL_RIG_H

#include "lib/journey/journey.h"

/*
 * rig: merge, audience and journey in one process, in memory: what a project
 * makes of a stream, for who only wants to know.
 */
struct cdp_rig; /* opaque */

/* Who is told; arg is the first argument of each. */
struct cdp_rig_watch {
	void *arg;
	/* A line that comes out.  0 or fatal. */
	int (*line)(void *arg, const struct cdp_line *ln, struct cdp_err *err);
	void (*passage)(void *arg, const struct cdp_passage *p);
	/* A line that a stage rejects, or a jq program that failed on it. */
	void (*fault)(void *arg, const struct cdp_line *ln, const char *code,
	    struct cdp_str field, struct cdp_str message);
};

/* pr is borrowed; several may follow one another on it. */
struct cdp_rig *cdp_rig_new(
    struct cdp_project *pr, const struct cdp_rig_watch *watch);
void cdp_rig_free(struct cdp_rig *r);

/* One line of what cdp-ingest prints; or the time.  0 or fatal. */
int cdp_rig_feed(struct cdp_rig *r, struct cdp_str raw, struct cdp_err *err);
int cdp_rig_clock(struct cdp_rig *r, int64_t now_ms, struct cdp_err *err);

#endif
