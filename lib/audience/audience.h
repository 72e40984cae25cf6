#ifndef CDP_AUDIENCE_AUDIENCE_H
#define CDP_AUDIENCE_AUDIENCE_H

#include "lib/rule/project.h"
#include "lib/store/stage.h"

/*
 * audience: what cdp-audience does with a line.
 *
 * A line with a profile gets profile.audiences, the sets that it is in right
 * after the line, and is followed by an "Audience Entered" or "Audience
 * Exited" for each that this line changed; what time changes is told at its
 * instant, before the next line of that profile or at the next clock line.
 * All other lines pass as they are.
 */
struct cdp_audiences; /* opaque */

/* The project is borrowed; its audiences were loaded without faults. */
struct cdp_audiences *cdp_audiences_new(struct cdp_project *pr);
void cdp_audiences_free(struct cdp_audiences *au);

/*
 * Hold about so many bytes of people in memory (256 MiB); what is held never
 * shows in what is printed.
 */
void cdp_audiences_hold(struct cdp_audiences *au, size_t max_bytes);

/* The stage "audience", for cdp_stage_new() with self from above. */
extern const struct cdp_stage_ops cdp_audiences_ops;

/* Add "audiences":{"vip":12,...}: how many profiles are in each. */
void cdp_audiences_stats(struct cdp_audiences *au, struct cdp_buf *json);

/*
 * Make what another log has, in which au has kept what it keeps over all lines
 * of this one, the state of this log, and commit it.  Killed on the way it is
 * to be done again.
 *
 * from  that other log; nothing is gathered in it
 * was   this log as it was, open for reading
 */
int cdp_audiences_backfill(struct cdp_log *log, struct cdp_log *was,
    struct cdp_log *from, struct cdp_err *err);

#endif
