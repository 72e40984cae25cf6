#ifndef CDP_BASE_ASIDE_H
#define CDP_BASE_ASIDE_H

#include <stdbool.h>

/*
 * aside: one piece of work beside the thread that asks for it.
 *
 * One at a time, and what it touches is its own until it is done.  It takes
 * no signals, but that of a pipe that nobody reads, which is its own doing.
 */
struct cdp_aside; /* opaque */

/* NULL if the system gives no thread: the caller then does the work itself. */
struct cdp_aside *cdp_aside_new(void);

/* Waits for what is being done. */
void cdp_aside_free(struct cdp_aside *a);

/* Have fn(arg) done; nothing else may be under way. */
void cdp_aside_start(struct cdp_aside *a, void (*fn)(void *arg), void *arg);

/* Whether nothing is under way; cheap enough to be asked for every line. */
bool cdp_aside_done(const struct cdp_aside *a);

/* Wait until nothing is; what was done can then be looked at. */
void cdp_aside_wait(struct cdp_aside *a);

#endif
