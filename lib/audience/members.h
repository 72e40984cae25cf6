#ifndef CDP_AUDIENCE_MEMBERS_H
#define CDP_AUDIENCE_MEMBERS_H

#include "lib/base/due.h"
#include "lib/rule/project.h"
#include "lib/store/log.h"

/*
 * members: what cdp-audience keeps about each profile: its history, what it is
 * a member of, and, while time may change that, the profile as last seen.
 *
 * States are read when a profile is first touched and held until memory is
 * short.  A profile whom no condition remembers and no audience holds keeps
 * nothing, and is then as if it had never been seen: so what is held in
 * memory never shows in what is decided.
 */
struct cdp_member {
	struct cdp_due_own due; /* its id is the profile's */
	bool loaded;
	bool stored; /* the log has a state of it */
	bool dirty;
	bool all; /* judge every audience next time */
	int64_t now_ms;
	struct cdp_hist hist;
	int64_t *since;         /* by audience: entered; CDP_TIME_NONE: out */
	int64_t *next;          /* by audience: when time may change it */
	struct cdp_buf profile; /* JSON as last seen, without audiences */
	uint64_t merged;        /* hash of the list that was joined already */
	size_t bytes;
};

struct cdp_members {
	const struct cdp_project *pr;
	const struct cdp_wset *ws;
	struct cdp_log *log; /* NULL: nothing is remembered */
	struct cdp_map by_id;
	struct cdp_due due;
	struct cdp_member **dirty;
	size_t ndirty, cap;
	size_t bytes, max_bytes; /* held */
	struct cdp_tape tape;
	struct cdp_buf buf;
};

void cdp_members_init(struct cdp_members *ms, const struct cdp_project *pr,
    const struct cdp_wset *ws);
void cdp_members_free(struct cdp_members *ms);

/* Take log, and queue whom it says is due. */
int cdp_members_open(
    struct cdp_members *ms, struct cdp_log *log, struct cdp_err *err);

/* The state of a profile, read or made. */
int cdp_members_get(struct cdp_members *ms, struct cdp_str id,
    struct cdp_member **ret, struct cdp_err *err);

/* The same, but CDP_END if there is none; never makes one. */
int cdp_members_find(struct cdp_members *ms, struct cdp_str id,
    struct cdp_member **ret, struct cdp_err *err);

/* It has changed: put it into the next epoch; and queue it for its earliest
 * timer.  Forgets what is not needed. */
void cdp_members_settle(struct cdp_members *ms, struct cdp_member *m);

/* All that from has becomes into's, who is judged anew at the next chance. */
void cdp_members_join(
    struct cdp_members *ms, struct cdp_member *into, struct cdp_member *from);

/* Nothing is kept of it any more. */
void cdp_members_forget(struct cdp_members *ms, struct cdp_member *m);

/* Write the profile at in t as it is kept: under that id, without audiences. */
void cdp_members_profile(struct cdp_buf *b, struct cdp_str id,
    const struct cdp_tape *t, uint32_t at);

void cdp_members_save(struct cdp_members *ms, struct cdp_log *log);

/* Let go of what can be read again, if much is held; all is committed. */
void cdp_members_trim(struct cdp_members *ms);

/* How many members each audience has, in size[] by audience. */
int cdp_members_sizes(
    struct cdp_members *ms, int64_t *size, struct cdp_err *err);

#endif
