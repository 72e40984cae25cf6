#ifndef CDP_PROFILE_MERGE_H
#define CDP_PROFILE_MERGE_H

#include "lib/profile/profile.h"

/*
 * merge: what cdp-merge does with a line.
 *
 * An event is resolved to a profile (graph.h), changes it, and passes on with
 * the member "profile"; what that does to others follows it as "profile"
 * lines.  A clock line runs the timers.  Everything else passes as it is.
 */

/* Borrows the project; its jq programs must not have been compiled yet. */
struct cdp_merge *cdp_merge_new(struct cdp_project *pr);
void cdp_merge_free(struct cdp_merge *m);

/*
 * Hold about so many bytes of people in memory, of those that the log has;
 * what is held never shows in what is printed.  Without it there is no bound.
 */
void cdp_merge_hold(struct cdp_merge *m, size_t max_bytes);

/*
 * What is printed in place of the events: what changed (changes.h), or people
 * at the end (people.h), which is for the caller to do.
 */
void cdp_merge_print(
    struct cdp_merge *m, enum cdp_changes changes, bool people);
bool cdp_merge_prints_people(const struct cdp_merge *m);

/* What is to be said to people at once, of the line at hand, goes to note. */
void cdp_merge_note(struct cdp_merge *m,
    void (*note)(void *arg, const char *msg), void *arg);

/* self is the struct cdp_merge. */
extern const struct cdp_stage_ops cdp_merge_ops;

/* Members for the --stats object: what this run made, and violations. */
void cdp_merge_stats(const struct cdp_merge *m, struct cdp_buf *json);

#endif
