#ifndef CDP_AUDIENCE_ROUNDS_H
#define CDP_AUDIENCE_ROUNDS_H

#include "lib/audience/judge.h"

/*
 * rounds: timers of people, and what one person's change means to the other
 * members of the groups that conditions ask about.
 *
 * Who is around somebody: all that groups join, over any number of them.
 * Before one of them is judged at t, everybody's timers up to t have run, all
 * of one instant together; when what holds of one has changed, the others are
 * judged again at the same instant, by id.  So what is decided depends on the
 * lines of those people alone, in their order.
 */
struct cdp_rounds {
	struct cdp_judge judge;
	struct cdp_members members;
	struct cdp_circles circles;
	struct cdp_member **around;
	size_t n, cap;
};

void cdp_rounds_init(struct cdp_rounds *r, const struct cdp_project *pr);
void cdp_rounds_free(struct cdp_rounds *r);

/* Read and write log from now on; see cdp_states_open(). */
void cdp_rounds_open(struct cdp_rounds *r, struct cdp_log *log,
    struct cdp_str clock, int64_t now_ms);

/*
 * Run m's timers that are due by ms, each at its own instant, and those of who
 * is around m, or is going to be by what ln shows (may be NULL).
 */
int cdp_rounds_timers(struct cdp_rounds *r, struct cdp_member *m,
    const struct cdp_line *ln, int64_t ms, struct cdp_outs *outs,
    struct cdp_err *err);

/* Run everybody's that are due by ms. */
int cdp_rounds_clock(struct cdp_rounds *r, int64_t ms, struct cdp_outs *outs,
    struct cdp_err *err);

/* Judge m by a line of its profile, at m's now: see cdp_judge_line(). */
int cdp_rounds_line(struct cdp_rounds *r, struct cdp_member *m,
    const struct cdp_line *ln, struct cdp_outs *outs, struct cdp_err *err);

/* m, if it is somebody, was judged at ms and told of: judge again whom that
 * concerns. */
int cdp_rounds_spread(struct cdp_rounds *r, const struct cdp_member *m,
    int64_t ms, struct cdp_outs *outs, struct cdp_err *err);

#endif
