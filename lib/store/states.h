#ifndef CDP_STORE_STATES_H
#define CDP_STORE_STATES_H

#include "lib/base/due.h"
#include "lib/base/map.h"
#include "lib/base/slab.h"
#include "lib/json/tape.h"
#include "lib/store/cold.h"
#include "lib/store/log.h"

/*
 * states: what a stage keeps of each profile, in memory and in its log.
 *
 * A profile is read when it is first asked for.  Who is used is held as the
 * stage's own struct (hot); of others there is what would be written for them,
 * packed, behind their struct cdp_state; and when memory is short, of those
 * that the log has, only the id and the timer, or nothing if they have none.
 * One that keeps nothing must be as if it had never been seen: then what is
 * held, and how, never shows in what is decided.
 */
struct cdp_state {              /* the first member of the stage's own struct */
	struct cdp_due_own due; /* the profile's id, and its timer */
	uint32_t at;            /* place among the hot, from 1; small: */
				/* the bytes that stand behind it */
	uint32_t listed;        /* place among the touched, from 1 */
	uint32_t bytes;         /* held: behind the struct, if it is not hot */
	bool small : 1;         /* no more than this struct */
	bool loaded : 1;        /* hot */
	bool packed : 1;
	bool learned : 1; /* packed by what was learned */
	bool stored : 1;  /* the log has a state of it */
	bool dirty : 1;   /* that is not the newest */
	bool used : 1;    /* since the last look for who is not */
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
	struct cdp_state **hot;
	size_t nhot, hotcap, hand; /* hand: whom to look at next */
	size_t turn;               /* the same, of those who are packed */
	size_t hot_bytes, cold_bytes, max_bytes, trim_at; /* about */
	struct cdp_cold *cold;
	struct cdp_slab small;
	struct cdp_tape tape;
	struct cdp_buf buf, packed;
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

/* Who is due first, if that is by then, read: 0, CDP_END, or fatal. */
int cdp_states_first(struct cdp_states *ss, int64_t until_ms,
    struct cdp_state **ret, struct cdp_err *err);

/*
 * What is written of one that is held, in ret, which is emptied first; false:
 * it keeps nothing.
 */
bool cdp_states_text(
    struct cdp_states *ss, const struct cdp_state *k, struct cdp_buf *ret);

/*
 * All that keep something and are held: fn(arg, id, what is written).  Those
 * that only the log has are not.
 */
void cdp_states_each(struct cdp_states *ss,
    void (*fn)(void *arg, struct cdp_str id, struct cdp_str text), void *arg);

/* Whether that id is held: else the log has all there is of it. */
bool cdp_states_holds(const struct cdp_states *ss, struct cdp_str id);

/* Its earliest timer is due then; INT64_MAX: it has none. */
void cdp_states_due(struct cdp_states *ss, struct cdp_state *k, int64_t due_ms);

/* Nothing is kept of it any more. */
void cdp_states_clear(struct cdp_states *ss, struct cdp_state *k);

/* It is to be written into the next epoch. */
void cdp_states_changed(struct cdp_states *ss, struct cdp_state *k);

/* Write who has changed. */
void cdp_states_save(struct cdp_states *ss);

/*
 * Before a line, or another profile, while nobody is looked at: a sixteenth of
 * the memory is for those that are hot; pack who was not used since the last
 * time, and let go of what can be read again when that is too much.  Amortised
 * O(1).
 */
void cdp_states_trim(struct cdp_states *ss);

#endif
