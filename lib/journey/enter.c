#include "lib/journey/engine.h"

#include <stdlib.h>

#include "lib/base/mem.h"

#define SAY(s) (int)(s).n, (s).p

static bool
runs(const struct cdp_traveller *p, size_t jx, struct cdp_str per)
{
	size_t i;

	for (i = 0; i < p->nins; i++)
		if (p->ins[i]->jx == jx &&
		    cdp_str_eq(cdp_buf_str(&p->ins[i]->per), per))
			return true;
	return false;
}

/* Whether one more may begin. */
static bool
again(const struct cdp_scene *sc, size_t jx, struct cdp_str per)
{
	const struct cdp_journey *jr = &sc->js->pr->journey[jx];
	int64_t last;

	if (jr->again == CDP_AGAIN_EACH)
		return true;
	if (runs(sc->p, jx, per))
		return false;
	if (jr->again == CDP_AGAIN_AFTER_EXIT && jr->again_ms == 0)
		return true;
	last = cdp_past_last(cdp_traveller_past(sc->p, jx, false), per);
	return last == CDP_TIME_NONE ||
	    (jr->again != CDP_AGAIN_ONCE && sc->t_ms >= last + jr->again_ms);
}

/*
 * Whether a condition lets a profile in: when it becomes true.  *fresh: it was
 * not so before.
 */
static bool
becomes(struct cdp_scene *sc, size_t jx, bool *fresh)
{
	const struct cdp_journey *jr = &sc->js->pr->journey[jx];
	bool holds = cdp_scene_holds(sc, NULL, jr->enter.cond);
	struct cdp_past *past = cdp_traveller_past(sc->p, jx, holds);

	*fresh = past == NULL || !past->held;
	if (past != NULL)
		past->held = holds;
	/* "once" and a time have a memory of their own. */
	return holds &&
	    (*fresh || jr->again == CDP_AGAIN_ONCE || jr->again_ms != 0);
}

/* A line that is no event is not kept, so that its id must be. */
static void
name(const struct cdp_scene *sc, struct cdp_instance *in)
{
	struct cdp_str by = cdp_scene_id(sc);

	in->named = true;
	if (by.n == 0 && sc->ln != NULL && sc->ln->message_id.n != 0) {
		by = sc->ln->message_id;
		in->named = false;
	}
	cdp_instance_name(in, sc->p->k.due.id, by);
}

/*
 * Whether why somebody did not enter may be kept: of whom nothing else is kept
 * for ever nothing is kept for that either.
 */
static bool
may_refuse(const struct cdp_traveller *p)
{
	bool known = p->nins != 0;
	size_t i;

	for (i = 0; !known && i < p->npast; i++)
		known = p->past[i].outcome.n != 0;
	return known;
}

static void
refuse(struct cdp_scene *sc, size_t jx, struct cdp_str why)
{
	if (may_refuse(sc->p))
		cdp_past_refuse(
		    cdp_traveller_past(sc->p, jx, true), why, sc->t_ms);
}

/* The same, counted. */
static void
skip(struct cdp_scene *sc, size_t jx, struct cdp_str reason, struct cdp_str why)
{
	struct cdp_editions *es = &sc->js->of[jx];
	size_t now = cdp_editions_now(es);
	struct cdp_tally *tally = &es->v[now].tally;

	cdp_counts_add(&tally->skipped, reason, 1);
	tally->dirty = true;
	refuse(sc, jx, why);
}

/* Remember the entry for as long as "again" asks for it. */
static void
remember(struct cdp_scene *sc, size_t jx, const struct cdp_instance *in)
{
	const struct cdp_journey *jr = &sc->js->pr->journey[jx];
	struct cdp_past *past;

	if (jr->again != CDP_AGAIN_ONCE && jr->again != CDP_AGAIN_AFTER)
		return;
	past = cdp_traveller_past(sc->p, jx, true);
	if (jr->again == CDP_AGAIN_AFTER)
		cdp_past_forget(past, sc->now_ms - jr->again_ms);
	cdp_lasts_set(&past->last, cdp_buf_str(&in->per), in->set, CDP_STR(""),
	    sc->t_ms, SIZE_MAX);
}

/*
 * A late entry may be from before an exit that was seen already, of its "per"
 * value or of all: the exit then ends it, and the profile is sent nothing.
 */
static const struct cdp_exit_def *
gone(const struct cdp_scene *sc, size_t jx, struct cdp_str per)
{
	const struct cdp_journey *jr = &sc->js->pr->journey[jx];
	const struct cdp_past *past = cdp_traveller_past(sc->p, jx, false);
	const struct cdp_last *all, *last;
	size_t i;

	if (past == NULL)
		return NULL;
	all = cdp_lasts_get(&past->gone, CDP_STR(""));
	last = cdp_lasts_get(&past->gone, per);
	if (last == NULL || (all != NULL && all->at_ms > last->at_ms))
		last = all;
	if (last == NULL || last->at_ms <= sc->t_ms)
		return NULL;
	for (i = 0; i < jr->nexit; i++)
		if (cdp_str_is(jr->exit[i].id, last->exit))
			return &jr->exit[i];
	return NULL;
}

/* End it for a reason that the present line has. */
static void
end_for(struct cdp_scene *sc, struct cdp_instance *in, struct cdp_str outcome,
    struct cdp_str why)
{
	cdp_walk_end(sc, in,
	    &(struct cdp_end){ .outcome = outcome,
		.why = why,
		.by = why,
		.id = cdp_scene_id(sc) });
}

/* It came late, and by then had been ended. */
static void
end_late(
    struct cdp_scene *sc, struct cdp_instance *in, const struct cdp_exit_def *x)
{
	struct cdp_end end = { .outcome = x->outcome };

	end.by =
	    cdp_arena_printf(sc->mem, "exit %.*s, which was later", SAY(x->id));
	cdp_walk_end(sc, in, &end);
}

static void
begin(struct cdp_scene *sc, size_t jx, struct cdp_str per)
{
	const struct cdp_journey *jr = &sc->js->pr->journey[jx];
	struct cdp_editions *es = &sc->js->of[jx];
	struct cdp_instance *in =
	    cdp_instance_new(es, jx, cdp_editions_now(es));
	const struct cdp_exit_def *x;

	in->entered_ms = sc->t_ms;
	in->set = cdp_scene_set(sc);
	cdp_buf_put(&in->per, per);
	in->by = cdp_xstrndup(cdp_scene_cause(sc, &jr->enter));
	in->control = cdp_journey_holds_out(jr, sc->p->k.due.id);
	cdp_scene_event(sc, in);
	name(sc, in);
	if (sc->ln != NULL)
		cdp_keep_line(sc, in, jr->keep, jr->nkeep);
	cdp_scene_tally(sc, in)
	    ->entered[in->control ? CDP_ARM_CONTROL : CDP_ARM_TREATED]++;
	remember(sc, jx, in);
	cdp_traveller_add(sc->p, in);
	cdp_walk_tell(sc, in, CDP_STR(""), cdp_str_of(in->by));
	if (!jr->goal.has_event && jr->goal.audience.n == 0)
		cdp_react_goal(sc, in);
	if ((x = gone(sc, jx, per)) != NULL)
		end_late(sc, in, x);
	else if ((x = cdp_walk_exit(sc, in)) != NULL)
		end_for(sc, in, x->outcome,
		    cdp_arena_printf(sc->mem, "exit %.*s: %.*s", SAY(x->id),
			SAY(cdp_cond_text(x->when.cond))));
	else
		cdp_walk(sc, in);
}

/* One profile that is thousands, a robot say, must not stop the rest. */
static bool
has_room(const struct cdp_scene *sc)
{
	const struct cdp_traveller *p = sc->p;
	size_t max = (size_t)sc->js->pr->outreach.instances, i, n = 0;

	if (max == 0)
		max = CDP_INSTANCES_MAX;
	if (p->nins >= max)
		return false;
	for (i = 0; i < p->nins; i++)
		n += p->ins[i]->event.n + p->ins[i]->kept.n;
	return n < max * CDP_EVENTS_EACH;
}

/* What runs and does not let it in; NULL: nothing. */
static const struct cdp_journey *
rival(const struct cdp_scene *sc, size_t jx)
{
	const struct cdp_journey *jr = &sc->js->pr->journey[jx], *other;
	size_t i;

	for (i = 0; i < sc->p->nins; i++) {
		other = sc->p->ins[i]->jr;
		if (cdp_journey_excludes(jr, other) &&
		    other->priority >= jr->priority)
			return other;
	}
	return NULL;
}

/* Of what excludes each other one runs: what is less urgent ends. */
static void
displace(struct cdp_scene *sc, size_t jx)
{
	const struct cdp_journey *jr = &sc->js->pr->journey[jx];
	struct cdp_instance *in;
	size_t i;

	for (i = sc->p->nins; i-- > 0;) {
		in = sc->p->ins[i];
		if (cdp_journey_excludes(jr, in->jr))
			end_for(sc, in, CDP_STR("displaced"),
			    cdp_arena_printf(
				sc->mem, "displaced by %.*s", SAY(jr->key)));
	}
}

/* fresh: else it was counted before. */
static void
try_begin(struct cdp_scene *sc, size_t jx, struct cdp_str per, bool fresh)
{
	const struct cdp_journey *other;

	if (!has_room(sc)) {
		if (fresh)
			skip(sc, jx, CDP_STR("too_many"),
			    CDP_STR("too many run"));
		return;
	}
	if ((other = rival(sc, jx)) != NULL) {
		if (fresh)
			skip(sc, jx, CDP_STR("exclusive"),
			    cdp_arena_printf(
				sc->mem, "excluded by %.*s", SAY(other->key)));
		return;
	}
	displace(sc, jx);
	begin(sc, jx, per);
}

/* One that runs already is seen where that is told of. */
static void
refuse_again(struct cdp_scene *sc, size_t jx, struct cdp_str per)
{
	if (runs(sc->p, jx, per))
		return;
	refuse(sc, jx,
	    sc->js->pr->journey[jx].again == CDP_AGAIN_ONCE
		? CDP_STR("enters once, and did")
		: CDP_STR("not again so soon"));
}

static void
refuse_for(struct cdp_scene *sc, size_t jx, const struct cdp_cond *c)
{
	if (may_refuse(sc->p))
		refuse(sc, jx,
		    cdp_arena_printf(sc->mem, "not so: %.*s",
			SAY(cdp_scene_culprit(sc, c))));
}

static void
enter_by_event(struct cdp_scene *sc, size_t jx)
{
	const struct cdp_journey *jr = &sc->js->pr->journey[jx];
	struct cdp_str per = CDP_STR("");

	if (!cdp_scene_comes(sc, &jr->enter))
		return;
	if (!cdp_scene_holds(sc, NULL, jr->enter.cond))
		refuse_for(sc, jx, jr->enter.cond);
	else if (jr->has_per && !cdp_scene_per(sc, jr, &per))
		skip(sc, jx, CDP_STR("no_per"), CDP_STR("no value of per"));
	else if (!again(sc, jx, per))
		refuse_again(sc, jx, per);
	else
		try_begin(sc, jx, per, true);
}

static void
enter_by_state(struct cdp_scene *sc, size_t jx)
{
	bool fresh;

	if (becomes(sc, jx, &fresh) && again(sc, jx, CDP_STR("")))
		try_begin(sc, jx, CDP_STR(""), fresh);
}

/* Both lists are by rank: so is what they start. */
void
cdp_enter(struct cdp_scene *sc)
{
	const struct cdp_journeys *js = sc->js;
	const struct cdp_entries *e = NULL;
	size_t i = 0, k = 0;

	if (sc->ln != NULL && cdp_type_is_event(sc->ln->type))
		e = cdp_map_get(&js->by_event, sc->ln->event);
	while (k < js->nstate_entry || (e != NULL && i < e->n)) {
		if (e != NULL && i < e->n &&
		    (k == js->nstate_entry ||
			js->rank[e->jx[i]] < js->rank[js->state_entry[k]]))
			enter_by_event(sc, e->jx[i++]);
		else
			enter_by_state(sc, js->state_entry[k++]);
	}
}
