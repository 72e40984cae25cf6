#ifndef CDP_STORE_STATES_H
#define CDP_STORE_STATES_H

#include "lib/base/due.h"
#include "lib/base/map.h"
#include "lib/json/tape.h"
#include "lib/store/log.h"

/*
 * states: what a stage keeps of each profile, in memory and in its log.
 *
 * A profile is read when it is first asked for and held until memory is short;
 * of one that is not held but has a timer, the id and the timer are.  One that
 * keeps nothing must be as if it had never been seen: then what is held never
 * shows in what is decided.
 */
struct cdp_state {              /* the first member of the stage's own struct */
	struct cdp_due_own due; /* the profile's id, and its timer */
	bool loaded;
	bool stored; /* the log has a state of it */
	bool dirty;  /* that is not the newest */
	bool used;   /* since the last look for who is not */
	bool listed; /* among the touched */
	size_t bytes;
};

struct cdp_states_ops {
	/* Of the stage's own struct, which is zeroed behind this one. */
	size_t size;
	/* Who keeps nothing goes with the epoch, not when memory is short. */
	bool fleeting;

	/* Begin as one who keeps nothing. */
	void (*clear)(void *self, struct cdp_state *k);
	/* Take what write has written. */
	void (*read)(void *self, struct cdp_state *k, const struct cdp_tape *t);
	void (*write)(void *self, const struct cdp_state *k, struct cdp_buf *b);
	/* Whether it keeps nothing; such a one has no timer. */
	bool (*empty)(void *self, const struct cdp_state *k);
	/* About what it holds beside its struct. */
	size_t (*bytes)(void *self, const struct cdp_state *k);
	/* Let go of all of that. */
	void (*drop)(void *self, struct cdp_state *k);
};

struct cdp_states {
	const struct cdp_states_ops *ops;
	void *self;
	struct cdp_log *log; /* NULL: nothing is remembered */
	struct cdp_map by_id;
	struct cdp_due due;
	struct cdp_state **touched; /* in this epoch */
	size_t ntouched, cap;
	size_t bytes, max_bytes, trim_at; /* held, about */
	struct cdp_tape tape;
	struct cdp_buf buf;
};

void cdp_states_init(
    struct cdp_states *ss, const struct cdp_states_ops *ops, void *self);
void cdp_states_free(struct cdp_states *ss);

/* Take log; clock and now_ms are as in cdp_log_due_start(). */
void cdp_states_open(struct cdp_states *ss, struct cdp_log *log,
    struct cdp_str clock, int64_t now_ms);

/* Queue whom the log says is due by then: before due is looked at. */
int cdp_states_ripe(
    struct cdp_states *ss, int64_t until_ms, struct cdp_err *err);

/* The profile of that id, read; made if there is none.  0 or fatal. */
int cdp_states_get(struct cdp_states *ss, struct cdp_str id,
    struct cdp_state **ret, struct cdp_err *err);

/* Read one that the queue gave. */
int cdp_states_load(
    struct cdp_states *ss, struct cdp_state *k, struct cdp_err *err);

/* Its earliest timer is due then; INT64_MAX: it has none. */
void cdp_states_due(struct cdp_states *ss, struct cdp_state *k, int64_t due_ms);

/* Nothing is kept of it any more. */
void cdp_states_clear(struct cdp_states *ss, struct cdp_state *k);

/* It is to be written into the next epoch. */
void cdp_states_changed(struct cdp_states *ss, struct cdp_state *k);

/* Write who has changed. */
void cdp_states_save(struct cdp_states *ss);

/*
 * Before a line, while nobody is looked at: if much is held, let go of what
 * can be read again, first of who was not used since the last time.
 * Amortised O(1).
 */
void cdp_states_trim(struct cdp_states *ss);

#endif
