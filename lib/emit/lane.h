#ifndef CDP_EMIT_LANE_H
#define CDP_EMIT_LANE_H

#include "lib/base/due.h"
#include "lib/base/map.h"
#include "lib/base/time.h"
#include "lib/json/tape.h"
#include "lib/store/log.h"

/*
 * lane: what waits for one destination, on disk, and the ledger of it.
 *
 * In the log, of a destination "sms":
 *   "q:sms:000000000017"  what is to be sent, as it was decided; gone when it
 *                         was taken
 *                         (or several in one: see cdp_lane_pack()); "most":
 *                         with how many at most, in one
 *   "k:" and a UUID       what became of it: {"at":"sms:17","status":..}
 *   "h:sms"               {"head","tail","dead","held","rest"}
 *
 * Memory holds a window of them only, from the oldest that is not settled, so
 * a queue may grow for hours.  Those of one profile leave in the order in which
 * they were decided: the next one when the one before is settled, taken or not.
 *
 * Nothing is durable before the caller commits the log.
 */
#define CDP_LANE_WINDOW 16384

enum cdp_lane_state {
	CDP_LANE_QUEUED,
	CDP_LANE_ATTEMPT, /* it may have left; nobody knows yet */
	CDP_LANE_RETRY,
	CDP_LANE_SENT,
	CDP_LANE_DEAD,
	CDP_LANE_HELD, /* it may have left, and nobody will ever know */
	CDP_LANE_PAST, /* it was dead or held, and is not true any more */
	CDP_LANE_NSTATES
};

extern const char *const cdp_lane_states[CDP_LANE_NSTATES];

struct cdp_lane_person;

struct cdp_item {
	struct cdp_due_own due; /* when it is to be tried again */
	uint64_t seq;
	enum cdp_lane_state state;
	int64_t tries, first_ms, last_ms; /* of its attempts */
	bool doubt;                       /* one of them may have been taken */
	char key[37];
	int64_t most;  /* travels with fewer than so many others; 0: as ever */
	uint64_t kind; /* a hash of all but what differs within a batch */
	bool parcel;   /* several others as one */
	struct cdp_item *member; /* of a parcel, by their next_member */
	struct cdp_item *next_member;
	struct cdp_lane_person *who;
	struct cdp_item *next;      /* of the same profile */
	struct cdp_item *ready;     /* in the list of what may leave */
	struct cdp_item *up, *down; /* neighbours in the window */
};

struct cdp_lane {
	struct cdp_log *log;
	struct cdp_str name;
	uint64_t tail;   /* the last number given out */
	uint64_t loaded; /* the last one that the window has seen */
	uint64_t dead, held;
	int64_t rest_ms; /* the receiver wants no more before; 0: it may come */
	bool changed;    /* the counters are to be written */
	bool batch;      /* kinds matter */
	size_t n;        /* items in the window */
	size_t nready;
	struct cdp_item *oldest, *newest;
	struct cdp_item *first, *last; /* ready */
	struct cdp_item *blocked;      /* wait for another one, by ready */
	struct cdp_due later;
	struct cdp_map people;
	struct cdp_buf key, val;
	struct cdp_tape tape;
};

/* name is borrowed.  Reads the counters; CDP_ECORRUPT if they make no sense. */
int cdp_lane_open(struct cdp_lane *ln, struct cdp_log *log, struct cdp_str name,
    bool batch, struct cdp_err *err);
void cdp_lane_free(struct cdp_lane *ln);

/* Whether the ledger knows this UUID already: 0, CDP_END if not, or fatal. */
int cdp_lane_known(
    struct cdp_lane *ln, struct cdp_str key, struct cdp_err *err);

/*
 * Whether what takes back the UUID may leave: not before that is settled, for
 * it may be in the turn of somebody who was merged since; and never if it was
 * given up before its first attempt.  0 or fatal; what cdp_lane_read() has lent
 * stays.
 */
enum cdp_lane_undo { CDP_UNDO_NOW, CDP_UNDO_LATER, CDP_UNDO_NEVER };

int cdp_lane_undo(struct cdp_lane *ln, struct cdp_str key,
    enum cdp_lane_undo *ret, struct cdp_err *err);

/* One that was taken is to wait until another one is settled. */
void cdp_lane_block(struct cdp_lane *ln, struct cdp_item *it);

/*
 * Queue one.
 *
 * key   a UUID of 36 characters
 * json  an object: what to send
 */
void cdp_lane_add(struct cdp_lane *ln, struct cdp_str key,
    struct cdp_str profile, struct cdp_str json);

/* Remember that nothing is to leave before then. */
void cdp_lane_rest(struct cdp_lane *ln, int64_t until_ms);

/* Write the counters, if they changed, for the next commit. */
void cdp_lane_save(struct cdp_lane *ln);

/* Read on from the disk while there is room in the window. */
int cdp_lane_fill(struct cdp_lane *ln, struct cdp_err *err);

/* Let what is due by now be ready. */
void cdp_lane_wake(struct cdp_lane *ln, int64_t now_ms);

/* The next that may leave, or NULL; it is out of the list. */
struct cdp_item *cdp_lane_take(struct cdp_lane *ln);

/* The next of a kind, as above. */
struct cdp_item *cdp_lane_take_kind(struct cdp_lane *ln, uint64_t kind);

/*
 * Make one of several that were taken, linked by next_member: from now on it
 * stands for them, in their order among others of their profiles.
 *
 * key   a UUID of its own
 * json  what to send; its "members" is an array of {"seq","key","profile",..}
 */
struct cdp_item *cdp_lane_pack(struct cdp_lane *ln, struct cdp_item *member,
    struct cdp_str key, struct cdp_str json);

/*
 * The parcel is settled and gone; its members are loose again, as if they had
 * been attempted by themselves: to be settled each.
 */
struct cdp_item *cdp_lane_unpack(struct cdp_lane *ln, struct cdp_item *parcel);

/* Write again what is to be sent of one. */
void cdp_lane_put(
    struct cdp_lane *ln, const struct cdp_item *it, struct cdp_str json);

/*
 * A hash of what all of a batch must have in common: most, and "method", "url"
 * and "headers" of the root of t.
 */
uint64_t cdp_lane_kind(const struct cdp_tape *t, int64_t most);

/* Put it back in front: it did not leave after all. */
void cdp_lane_untake(struct cdp_lane *ln, struct cdp_item *it);

/* What is to be sent, lent until the next call.  CDP_END: it was erased. */
int cdp_lane_read(struct cdp_lane *ln, const struct cdp_item *it,
    struct cdp_str *json, struct cdp_err *err);

/* Note that an attempt begins now; commit before it does. */
void cdp_lane_attempt(struct cdp_lane *ln, struct cdp_item *it, int64_t now_ms);

/*
 * Note what came of it; it is gone after this, but with CDP_LANE_RETRY.
 *
 * said    what the receiver answered, for a person to read
 * due_ms  with CDP_LANE_RETRY: when to try again
 */
void cdp_lane_settle(struct cdp_lane *ln, struct cdp_item *it,
    enum cdp_lane_state state, struct cdp_str said, int64_t due_ms);

/* Forget it: its person was erased, or it could not be made. */
void cdp_lane_drop(struct cdp_lane *ln, struct cdp_item *it);

/*
 * Queue all anew that is dead, or held (from), behind what waits; or, as_sent,
 * note that it was taken.  What is not true any more is past.  Reads the
 * whole log.
 */
int cdp_lane_revive(struct cdp_lane *ln, enum cdp_lane_state from, bool as_sent,
    struct cdp_err *err);

/* Whether anything waits, in the window or behind it. */
bool cdp_lane_waits(const struct cdp_lane *ln);

#endif
