#ifndef CDP_JOURNEY_ENGINE_H
#define CDP_JOURNEY_ENGINE_H

#include "lib/base/zone.h"
#include "lib/journey/state.h"
#include "lib/rule/catalog.h"

/*
 * engine: what happens to one profile at one instant.
 *
 * A scene is such an instant: a line of the profile, or one of its timers.
 * scene.c answers questions about it, keep.c is what an instance remembers,
 * moment.c knows clocks, act.c writes activations, walk.c takes
 * an instance from step to step, react.c does what a line or the passing of
 * time does to all instances of a profile, timer.c runs what is due, join.c
 * makes two profiles one, split.c makes of one those it was, people.c finds
 * profiles and says how they are kept.
 */
struct cdp_journeys {
	struct cdp_project *pr;
	struct cdp_log *log; /* NULL without a store */
	struct cdp_wset *ws;
	struct cdp_scheme scheme;
	struct cdp_map by_event; /* of an entry: to struct cdp_entries */
	struct cdp_map by_exit;  /* the same for the events of exits */
	size_t *rank;            /* per journey: when it is its turn */
	size_t *state_entry;     /* journeys entered by a condition */
	size_t nstate_entry;
	bool timed;           /* some condition changes by time alone */
	struct cdp_map zones; /* by name: those that somebody was in */
	struct cdp_catalog catalog;
	struct cdp_states people;
	struct cdp_editions *of; /* per journey */
	bool migrates;           /* somebody may be to be moved */
	bool parked, parked_dirty; /* the log says so, or is to */
	size_t *back;              /* journeys that were away, */
	size_t nback;              /* of whom nobody was woken yet */
	int64_t clock_ms;
	bool clock_dirty;
	struct cdp_tape tape, kept; /* of stored JSON */
	struct cdp_buf buf, scratch;
	void (*watch)(void *arg, const struct cdp_passage *p); /* or NULL */
	void *watch_arg;
};

/* The journeys that an event of one name may start or end, by rank. */
struct cdp_entries {
	size_t *jx;
	size_t n;
};

struct cdp_scene {
	struct cdp_journeys *js;
	struct cdp_traveller *p;
	int64_t t_ms;                   /* the timestamp of what it causes */
	int64_t now_ms;                 /* what conditions take for now */
	const struct cdp_line *ln;      /* NULL at a timer */
	const struct cdp_tape *profile; /* may be NULL */
	uint32_t profile_at;
	struct cdp_outs *outs;
	struct cdp_arena *mem;
	struct cdp_err *err; /* the first fault of a jq program */
	bool ended;          /* an instance has */
};

/* ---- parked: of journeys that were away ---- */

int cdp_parked_open(struct cdp_journeys *js, struct cdp_err *err);
/* Before the first line, if nback: who is in one that is back has its timers
 * again. */
int cdp_parked_wake(struct cdp_journeys *js, struct cdp_err *err);
/* Somebody was read, and may be in one that the project has not. */
void cdp_parked_note(struct cdp_journeys *js, const struct cdp_traveller *p);
void cdp_parked_save(struct cdp_journeys *js, struct cdp_log *log);

/* ---- scene ---- */

/*
 * The scene of a timer of p at t: its stored profile, no line.  What a late
 * line began may be due before what p has lived, as of which conditions are
 * asked all the same.
 */
void cdp_scene_timer(struct cdp_scene *sc, struct cdp_journeys *js,
    struct cdp_traveller *p, int64_t t_ms, struct cdp_outs *outs,
    struct cdp_arena *mem, struct cdp_err *err);

/* The set of identifiers of the line (ident.h); 0: there is none. */
uint32_t cdp_scene_set(const struct cdp_scene *sc);

/* in (for "kept") may be NULL; so may c, which then holds. */
bool cdp_scene_holds(struct cdp_scene *sc, const struct cdp_instance *in,
    const struct cdp_cond *c);
int64_t cdp_scene_next(struct cdp_scene *sc, const struct cdp_instance *in,
    const struct cdp_cond *c);

/* The part of a condition because of which it does not hold. */
struct cdp_str cdp_scene_culprit(
    struct cdp_scene *sc, const struct cdp_cond *c);

/* Whether this line is what w waits for, if it waits for a line. */
bool cdp_scene_comes(const struct cdp_scene *sc, const struct cdp_when *w);

/* Whether a trigger is this line, or a condition holds now. */
bool cdp_scene_is(struct cdp_scene *sc, const struct cdp_instance *in,
    const struct cdp_when *w);

/*
 * The same for what concerns one instance: an event that has the property of
 * "per" with another value is somebody else's.
 */
bool cdp_scene_concerns(struct cdp_scene *sc, const struct cdp_instance *in,
    const struct cdp_when *w);

/* The canonical JSON of the line's "per" value; false if it has none. */
bool cdp_scene_per(
    struct cdp_scene *sc, const struct cdp_journey *jr, struct cdp_str *ret);

/* What w has seen, for people: an event's name, or a condition's text. */
struct cdp_str cdp_scene_cause(
    const struct cdp_scene *sc, const struct cdp_when *w);

/* The messageId of what has happened, or empty if time alone has. */
struct cdp_str cdp_scene_id(const struct cdp_scene *sc);

/* The profile as JSON. */
struct cdp_str cdp_scene_profile(const struct cdp_scene *sc);

/* Make the line the instance's event. */
void cdp_scene_event(struct cdp_scene *sc, struct cdp_instance *in);

/* ---- keep ---- */

/* Set the kept values of keep from the line; the others stay. */
void cdp_keep_line(struct cdp_scene *sc, struct cdp_instance *in,
    const struct cdp_keep *keep, size_t nkeep);

/* The step "set". */
void cdp_keep_set(
    struct cdp_scene *sc, struct cdp_instance *in, const struct cdp_step *st);

/* What its programs see: {timestamp, profile, kept, event}. */
struct cdp_str cdp_keep_input(
    struct cdp_scene *sc, const struct cdp_instance *in);

/* ---- moment ---- */

/* Where the profile is: its trait, its event's context, or the project. */
const struct cdp_zone *cdp_moment_zone(
    struct cdp_scene *sc, const struct cdp_instance *in);

/* When a step "until" is over that is reached now; false: it says no time. */
bool cdp_moment_until(struct cdp_scene *sc, const struct cdp_instance *in,
    const struct cdp_step *st, int64_t *ret);

/* Whether what the step sends now is deferred by quiet hours, until when. */
bool cdp_moment_quiet(struct cdp_scene *sc, const struct cdp_instance *in,
    const struct cdp_step *st, int64_t *ret);

/* What it waited for by a clock or a program, now that it is over. */
struct cdp_str cdp_moment_text(struct cdp_scene *sc,
    const struct cdp_instance *in, const struct cdp_step *st);

/* ---- act ---- */

/* Of one in the control group the line says so, and nobody counts it. */
void cdp_act_send(struct cdp_scene *sc, const struct cdp_instance *in,
    const struct cdp_step *st);
/* What an exit sends, which its event is about; why: as of its end. */
void cdp_act_exit(struct cdp_scene *sc, struct cdp_instance *in,
    const struct cdp_exit_def *x, struct cdp_str why);
/* why: what made an end of it. */
void cdp_act_undo(struct cdp_scene *sc, const struct cdp_instance *in,
    const struct cdp_undo *u, struct cdp_str why);

/* ,"why":[...]: how it came to where it is, and last, if not empty. */
void cdp_act_why(struct cdp_buf *b, struct cdp_arena *mem,
    const struct cdp_instance *in, struct cdp_str last);

/* ---- walk ---- */

/* Each returns true if the instance has ended and is freed. */

/* Arrive at in->step and go on to the next wait. */
bool cdp_walk(struct cdp_scene *sc, struct cdp_instance *in);
/* What is due at sc->t_ms: its step, or one undo. */
bool cdp_walk_due(struct cdp_scene *sc, struct cdp_instance *in);
/* Undo what it has added so far; it may go on. */
void cdp_walk_take_back(
    struct cdp_scene *sc, struct cdp_instance *in, struct cdp_str why);
/* End it, undo what it added, count, and remember it. */
void cdp_walk_end(
    struct cdp_scene *sc, struct cdp_instance *in, const struct cdp_end *end);
/* The same where the outcome says all. */
void cdp_walk_end_as(
    struct cdp_scene *sc, struct cdp_instance *in, struct cdp_str outcome);
/* Tell who watches; outcome is empty for an entry. */
void cdp_walk_tell(const struct cdp_scene *sc, const struct cdp_instance *in,
    struct cdp_str outcome, struct cdp_str why);
/* The exit whose condition holds, or NULL: triggers are not asked. */
const struct cdp_exit_def *cdp_walk_exit(
    struct cdp_scene *sc, const struct cdp_instance *in);

/* ---- react, enter ---- */

/* Goals, exits, holds, entries: in this order. */
void cdp_react(struct cdp_scene *sc);
void cdp_enter(struct cdp_scene *sc);

/* Count the goal of in if it is reached now. */
void cdp_react_goal(struct cdp_scene *sc, struct cdp_instance *in);

/* Set when a condition may change by itself. */
void cdp_react_look(struct cdp_scene *sc);

/* ---- timer ---- */

/* Run the timers of p that are due at or before t, in their order. */
void cdp_timer_run(struct cdp_journeys *js, struct cdp_traveller *p,
    int64_t t_ms, struct cdp_outs *outs, struct cdp_arena *mem,
    struct cdp_err *err);

/* The same for two profiles, in the order (due, profile, key). */
void cdp_timer_pair(struct cdp_journeys *js, struct cdp_traveller *a,
    struct cdp_traveller *b, int64_t t_ms, struct cdp_outs *outs,
    struct cdp_arena *mem, struct cdp_err *err);

/* Run everybody's.  0, or a fatal code from loading. */
int cdp_timer_clock(struct cdp_journeys *js, int64_t t_ms,
    struct cdp_outs *outs, struct cdp_arena *mem, struct cdp_err *jqerr,
    struct cdp_err *err);

/* ---- join ---- */

/* Move what from has to sc->p; from is empty afterwards. */
void cdp_join(struct cdp_scene *sc, struct cdp_traveller *from);

/* ---- move ---- */

/* To the project's version, those of p whom "migrate" names; it is saved. */
void cdp_move(struct cdp_journeys *js, struct cdp_traveller *p);

/* ---- split ---- */

/*
 * Of sc->p's sets of identifiers each is another's now, or nobody's: what
 * their events began goes with them.  0, or fatal.
 */
int cdp_split(
    struct cdp_scene *sc, struct cdp_move *v, size_t n, struct cdp_err *err);

/* ---- people ---- */

void cdp_people_init(struct cdp_journeys *js);
/* Have its conditions and programs, also of a version that was. */
void cdp_journeys_want(struct cdp_journeys *js, const struct cdp_journey *jr);
/* The profile of that id, loaded; made if it was not there.  0 or fatal. */
int cdp_people_get(struct cdp_journeys *js, struct cdp_str id,
    struct cdp_traveller **ret, struct cdp_err *err);
/* Something about p was changed: file it under its next due time. */
void cdp_people_changed(struct cdp_journeys *js, struct cdp_traveller *p);

/* Whether that profile is one of the control group. */
static inline bool
cdp_journey_holds_out(const struct cdp_journey *jr, struct cdp_str id)
{
	const struct cdp_str s[2] = { jr->key, id };

	return jr->holdout_bp > 0 &&
	    (int)cdp_hash_bucket(s, 2) < jr->holdout_bp;
}

/* What is counted of an instance; it is to be saved. */
static inline struct cdp_tally *
cdp_scene_tally(const struct cdp_scene *sc, const struct cdp_instance *in)
{
	struct cdp_tally *t = &sc->js->of[in->jx].v[in->edition].tally;

	t->dirty = true;
	return t;
}
#endif
