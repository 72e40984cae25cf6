#ifndef CDP_RULE_SEQ_H
#define CDP_RULE_SEQ_H

#include "lib/rule/cond.h"

/*
 * seq: events in an order, tied by a value; for cond*.c and hist.c alone.
 *
 * A chain is one event for each step that names one, each behind the one
 * before it: by time, and at the same instant in the order in which they came.
 * "within" of a step counts from the step before.  A step of "not" with
 * "within" is done at the instant when that has passed without the event; one
 * without it says that there is none until the next step's event.
 *
 * A sequence holds while there is a chain whose first event is within the
 * window.  All that may be part of one is kept, the newest CDP_SEQ_KEEP.
 */
#define CDP_SEQ_STEPS 30
#define CDP_SEQ_KEEP 1000

struct cdp_seq_step {
	struct cdp_trigger on;
	bool absent;
	int64_t within_ms; /* 0: none */
};

struct cdp_seq {
	struct cdp_seq_step *step; /* the first is not absent */
	size_t n;
	struct cdp_path match; /* n == 0: none */
	int64_t within_ms;     /* 0: ever */
};

struct cdp_seq_ev {
	int64_t ms;
	uint64_t val;   /* a hash of what match found; 0 without match */
	uint32_t steps; /* bits of those that it may be */
};

/* What one profile keeps: an empty one is { 0 }. */
struct cdp_seq_evs {
	struct cdp_seq_ev *v; /* by val, instant, order of coming */
	uint32_t n, cap;
	bool done; /* held once, for ever, when something was let go of */
};

/* Compile {sequence, match, within}; false with diagnostics.  on receives all
 * names of events. */
struct cdp_leaf;
bool cdp_seq_load(
    struct cdp_loader *ld, struct cdp_node *map, struct cdp_leaf *ret);

/* What ln is to the sequence; false: nothing. */
bool cdp_seq_line(
    const struct cdp_seq *s, const struct cdp_line *ln, struct cdp_seq_ev *ret);

void cdp_seq_enter(
    struct cdp_seq_evs *e, const struct cdp_seq *s, struct cdp_seq_ev ev);
void cdp_seq_free(struct cdp_seq_evs *e);

/* Let go of what has left the window; whether there was any. */
bool cdp_seq_expire(
    struct cdp_seq_evs *e, const struct cdp_seq *s, int64_t now_ms);

/* When the next one leaves the window; INT64_MAX: never. */
int64_t cdp_seq_leaves(const struct cdp_seq_evs *e, const struct cdp_seq *s);

/*
 * Whether it holds, and in *next when that may change by itself: never too
 * late; INT64_MAX: never.  O(events kept times steps), no allocation.
 */
bool cdp_seq_test(const struct cdp_seq_evs *e, const struct cdp_seq *s,
    int64_t now_ms, int64_t *next);

/* As a JSON array of numbers, and back. */
void cdp_seq_write(struct cdp_buf *b, const struct cdp_seq_evs *e);
void cdp_seq_read(struct cdp_seq_evs *e, const struct cdp_seq *s,
    const struct cdp_tape *t, uint32_t at);

#endif
