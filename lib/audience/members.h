#ifndef CDP_AUDIENCE_MEMBERS_H
#define CDP_AUDIENCE_MEMBERS_H

#include "lib/audience/seats.h"
#include "lib/rule/project.h"
#include "lib/rule/shares.h"
#include "lib/store/states.h"

/*
 * members: what cdp-audience keeps about each profile: its history, what it is
 * a member of, and, while time may change that, the profile as last seen.
 *
 * A profile whom no condition remembers and no audience holds keeps nothing.
 */
struct cdp_group_seat {
	struct cdp_str shown; /* the group that the profile shows; or empty */
	struct cdp_str other; /* where it is, too, since it was merged */
};

struct cdp_member {
	struct cdp_state k; /* k.due.id is the profile's */
	bool all;           /* judge every audience next time */
	bool moved;         /* the last time it has entered or left one */
	int64_t now_ms;
	struct cdp_hist hist;
	struct cdp_shares shares; /* of hist */
	struct cdp_seats seats;
	/* {"profile.audiences":{"vip":true}}, unless seats.moved */
	struct cdp_buf in;
	struct cdp_spot spot;   /* where the log has that, */
	bool unsaid;            /* or something else */
	struct cdp_buf profile; /* JSON as last seen, without audiences */
	/* By kind, NULL in a project that asks no group (circle.h). */
	struct cdp_group_seat *group;
	bool marked;     /* among who is around another */
	uint64_t merged; /* hash of the list that was joined already */
};

struct cdp_members {
	const struct cdp_project *pr;
	const struct cdp_wset *ws;
	struct cdp_map by_key; /* an audience's key to its index + 1 */
	struct cdp_buf *name;  /* by audience: its key as a member, "vip": */
	struct cdp_states all;
	struct cdp_tape tape;
};

void cdp_members_init(struct cdp_members *ms, const struct cdp_project *pr,
    const struct cdp_wset *ws);
void cdp_members_free(struct cdp_members *ms);

/* The state of a profile, read or made. */
int cdp_members_get(struct cdp_members *ms, struct cdp_str id,
    struct cdp_member **ret, struct cdp_err *err);

/* The same, but CDP_END if it keeps nothing. */
int cdp_members_find(struct cdp_members *ms, struct cdp_str id,
    struct cdp_member **ret, struct cdp_err *err);

/* Who is due first, if that is by then: 0, CDP_END or fatal.  Nobody else is
 * looked at. */
int cdp_members_first(struct cdp_members *ms, int64_t until_ms,
    struct cdp_member **ret, struct cdp_err *err);

/* It has changed: put it into the next epoch; and queue it for its earliest
 * timer. */
void cdp_members_settle(struct cdp_members *ms, struct cdp_member *m);

/* All that from has becomes into's, who is judged anew at the next chance. */
void cdp_members_join(
    struct cdp_members *ms, struct cdp_member *into, struct cdp_member *from);

/*
 * Of n sets of identifiers each is another's now, or nobody's: what they have
 * contributed goes with them.  Everybody is judged anew at the next chance.
 */
int cdp_members_split(struct cdp_members *ms, struct cdp_member *m,
    struct cdp_move *v, size_t n, struct cdp_err *err);

/* Nothing is kept of it any more. */
void cdp_members_forget(struct cdp_members *ms, struct cdp_member *m);

/* Write the profile at in t as it is kept: under that id, without audiences. */
void cdp_members_profile(struct cdp_buf *b, struct cdp_str id,
    const struct cdp_tape *t, uint32_t at);

/* How many members each audience has, in size[] by audience. */
int cdp_members_sizes(
    struct cdp_members *ms, int64_t *size, struct cdp_err *err);

#endif
