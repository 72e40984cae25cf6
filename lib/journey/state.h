#ifndef CDP_JOURNEY_STATE_H
#define CDP_JOURNEY_STATE_H

#include "lib/base/map.h"
#include "lib/journey/editions.h"
#include "lib/journey/journey.h"
#include "lib/journey/past.h"
#include "lib/journey/way.h"
#include "lib/rule/shares.h"
#include "lib/store/states.h"

/*
 * state: what journeys keep about one profile, one JSON object.
 *
 * A profile that no journey concerns keeps nothing.  Instances of a journey
 * that the project does not have (any more) are kept as they are and wait for
 * it to come back.
 */

/* What was added and is to be taken back; or what waits for the end of quiet
 * hours (its action is ""), and is to be withdrawn if the instance exits before
 * due_ms. */
struct cdp_undo {
	char *step, *destination, *action;
	int64_t visit;
	int64_t due_ms; /* INT64_MAX: when the instance ends */
};

#define CDP_INSTANCE_ID 28     /* "ins_" and 24 hex digits */
#define CDP_INSTANCES_MAX 1000 /* of one profile, if limits do not say */
#define CDP_EVENTS_EACH 4096   /* bytes of what they keep, times that */

struct cdp_instance {
	char id[CDP_INSTANCE_ID + 1];
	bool named;  /* its id follows from what else is kept of it */
	char *entry; /* messageId it entered by, if that is not event's */
	const struct cdp_journey *jr; /* in the version it runs under */
	size_t jx;                    /* its place in the project */
	size_t edition;
	uint32_t set; /* of identifiers, of the event that began it; or 0 */
	size_t step;  /* where it stands; jr->nstep: behind the last */
	bool lost;    /* the step it waited at is gone */
	bool control;
	bool reached;         /* the goal, */
	int64_t reached_ms;   /* then; or CDP_TIME_NONE: not known */
	char *ending;         /* outcome, while an undo's time still runs */
	int64_t entered_ms;   /* when it entered */
	int64_t due_ms;       /* when its step is over, or INT64_MAX */
	int64_t arrived_ms;   /* at a hold with limits; or CDP_TIME_NONE */
	int64_t here;         /* restarts since */
	uint32_t *visit;      /* per step */
	struct cdp_buf per;   /* JSON of its "per" value, or empty */
	struct cdp_buf kept;  /* JSON object */
	struct cdp_buf event; /* JSON of the newest entry or restart event */
	/* Why it stands where it does, for people. */
	char *by; /* what it entered by */
	struct cdp_way way;
	struct cdp_undo *undo;
	size_t nundo;
};

struct cdp_traveller {
	struct cdp_state k;     /* k.due.id is the profile's */
	int64_t now_ms;         /* what this profile has lived */
	int64_t look_ms;        /* when a condition may change by time alone */
	struct cdp_buf profile; /* JSON, as timers need it; or empty */
	struct cdp_hist hist;
	struct cdp_shares shares;  /* of hist */
	struct cdp_instance **ins; /* in the order (entered, id) */
	size_t nins;
	struct cdp_past *past; /* by jx */
	size_t npast;
	struct cdp_buf parked;      /* JSON of unknown instances, commas */
	struct cdp_buf parked_past; /* members of unknown journeys */
};

/* What the state is read and written with. */
struct cdp_scheme {
	const struct cdp_project *pr;
	const struct cdp_wset *ws;
	struct cdp_editions *of; /* of each journey */
	struct cdp_map by_key;   /* of a journey: its place + 1 */
};

void cdp_traveller_read(struct cdp_traveller *p, const struct cdp_scheme *sm,
    const struct cdp_tape *t, uint32_t at);
void cdp_traveller_write(struct cdp_buf *b, const struct cdp_traveller *p,
    const struct cdp_scheme *sm);
bool cdp_traveller_empty(const struct cdp_traveller *p);
/* Forget all of it but who it is. */
void cdp_traveller_clear(struct cdp_traveller *p);
/* The same, and of its memory all but *p. */
void cdp_traveller_free(struct cdp_traveller *p);

/* The earliest of its timers, or INT64_MAX. */
int64_t cdp_traveller_due(const struct cdp_traveller *p);

/* What remains of journey jx: made if make is set, else possibly NULL. */
struct cdp_past *cdp_traveller_past(
    struct cdp_traveller *p, size_t jx, bool make);

/* Put an instance in its place, or take it out (without freeing it). */
void cdp_traveller_add(struct cdp_traveller *p, struct cdp_instance *in);
void cdp_traveller_remove(struct cdp_traveller *p, struct cdp_instance *in);

/* Under that edition of es; jx is the place of its journey. */
struct cdp_instance *cdp_instance_new(
    const struct cdp_editions *es, size_t jx, size_t edition);
void cdp_instance_free(struct cdp_instance *in);
int64_t cdp_instance_due(const struct cdp_instance *in);

/* Name it, of that profile, by the messageId of its entry, or by in->by. */
void cdp_instance_name(
    struct cdp_instance *in, struct cdp_str profile, struct cdp_str by);

/* The messageId that it entered by, or empty: none, or nobody knows it any
 * more.  t is used; it may be in mem. */
struct cdp_str cdp_instance_entry(
    const struct cdp_instance *in, struct cdp_tape *t, struct cdp_arena *mem);

/* Add what is to be taken back, by what the step has for that, or withdrawn;
 * once per step, with its newest time. */
void cdp_instance_undo(
    struct cdp_instance *in, const struct cdp_step *st, int64_t due_ms);
void cdp_instance_undone(struct cdp_instance *in, size_t i);

/* profile: whose it is. */
void cdp_instance_read(struct cdp_instance *in, struct cdp_str profile,
    const struct cdp_tape *t, uint32_t at);
void cdp_instance_write(struct cdp_buf *b, const struct cdp_instance *in);
/* The member "reached", if it has reached its goal. */
void cdp_instance_put_goal(struct cdp_buf *b, const struct cdp_instance *in);

#endif
