#ifndef CDP_TOOL_PROGRESS_H
#define CDP_TOOL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * progress: one line on standard error about how far a long run is.
 *
 * On a terminal, when a second has passed, redrawn and erased at the end; in
 * a log every so often if asked; at any time on SIGUSR1.  It looks at the
 * clock, which nothing else in a tool does: it reaches no record.
 */
struct cdp_progress {
	const char *tool;
	bool terminal; /* redraw in place */
	bool drawn;
	int64_t every_ms; /* -1: only when asked by the signal */
	int64_t start_ms, last_ms;
};

/* every_ms: as in struct cdp_args.  Installs the signal handler. */
void cdp_progress_start(
    struct cdp_progress *pg, const char *tool, int64_t every_ms);

/* Called at every read; draws if it is time.  total may be 0 (unknown). */
void cdp_progress_tick(
    struct cdp_progress *pg, uint64_t bytes, uint64_t total, uint64_t records);

/* Erase the line, before anything else is written to standard error. */
void cdp_progress_clear(struct cdp_progress *pg);

#endif
