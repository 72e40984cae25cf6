#include "lib/journey/engine.h"

#include <stdlib.h>

#include "lib/base/mem.h"

#define SAY(s) (int)(s).n, (s).p

/* ---- goals ---- */

static void
count_goal(struct cdp_scene *sc, size_t jx, size_t edition, bool control)
{
	const struct cdp_journey *jr =
	    cdp_editions_journey(&sc->js->of[jx], edition);
	struct cdp_tally *tally = &sc->js->of[jx].v[edition].tally;
	struct cdp_dec value;
	uint32_t at;
	int arm = control ? CDP_ARM_CONTROL : CDP_ARM_TREATED;

	tally->goals[arm]++;
	tally->dirty = true;
	if (sc->ln == NULL || jr->goal_value.n == 0)
		return;
	at = cdp_tape_path(sc->ln->tape, 0, &jr->goal_value);
	if (cdp_tape_isa(sc->ln->tape, at, CDP_NUM) &&
	    cdp_dec_parse(cdp_tape_raw(sc->ln->tape, at), &value) == 0)
		cdp_dec_add(&tally->value[arm], value);
}

static void
goals_of_ended(struct cdp_scene *sc, struct cdp_past *past)
{
	const struct cdp_editions *es = &sc->js->of[past->jx];
	const struct cdp_journey *jr;
	struct cdp_str per;
	bool other;
	size_t i = 0;

	while (i < past->ntail) {
		jr = cdp_editions_journey(es, past->tail[i].edition);
		if (past->tail[i].until_ms <= sc->now_ms) {
			cdp_past_drop_tail(past, i);
			continue;
		}
		if (!jr->has_goal || !cdp_scene_is(sc, NULL, &jr->goal)) {
			i++;
			continue;
		}
		other =
		    sc->t_ms < past->tail[i].until_ms - jr->goal_within_ms ||
		    (jr->goal.has_event && jr->has_per &&
			cdp_scene_per(sc, jr, &per) &&
			!cdp_str_is(per, past->tail[i].per));
		if (other) {
			i++;
			continue;
		}
		count_goal(
		    sc, past->jx, past->tail[i].edition, past->tail[i].control);
		cdp_endeds_reach(&past->ended, cdp_str_of(past->tail[i].per),
		    past->tail[i].until_ms - jr->goal_within_ms, sc->t_ms);
		cdp_past_drop_tail(past, i);
	}
}

void
cdp_react_goal(struct cdp_scene *sc, struct cdp_instance *in)
{
	if (!in->jr->has_goal || in->reached ||
	    (in->jr->goal_within_ms != 0 &&
		sc->t_ms >= in->entered_ms + in->jr->goal_within_ms) ||
	    !cdp_scene_concerns(sc, in, &in->jr->goal))
		return;
	in->reached = true;
	in->reached_ms = sc->t_ms;
	count_goal(sc, in->jx, in->edition, in->control);
}

static void
goals(struct cdp_scene *sc)
{
	size_t i;

	for (i = 0; i < sc->p->nins; i++)
		cdp_react_goal(sc, sc->p->ins[i]);
	for (i = 0; i < sc->p->npast; i++)
		goals_of_ended(sc, &sc->p->past[i]);
}

/* ---- exits and holds ---- */

static bool
exits(struct cdp_scene *sc, struct cdp_instance *in)
{
	const struct cdp_exit_def *x;
	char when[CDP_TIME_SIZE];
	struct cdp_str cause;
	struct cdp_end end;
	size_t i;

	for (i = 0; i < in->jr->nexit; i++)
		if (cdp_scene_concerns(sc, in, &in->jr->exit[i].when))
			break;
	if (i == in->jr->nexit)
		return false;
	x = &in->jr->exit[i];
	cdp_time_format(sc->t_ms, when);
	cause = cdp_scene_cause(sc, &x->when);
	end = (struct cdp_end){ .outcome = x->outcome,
		.why = cdp_arena_printf(sc->mem, "exit %.*s at %s by %.*s",
		    SAY(x->id), when, SAY(cause)),
		.id = cdp_scene_id(sc) };
	if (cdp_when_is_usual(&x->when, cause))
		end.exit = x;
	else
		end.by = cdp_arena_printf(
		    sc->mem, "exit %.*s by %.*s", SAY(x->id), SAY(cause));
	if (x->send.n != 0)
		cdp_act_exit(sc, in, x, end.why);
	cdp_walk_end(sc, in, &end);
	return true;
}

/* What an instance has kept nobody can ask before there is one. */
static bool
can_tell(const struct cdp_when *w)
{
	return (w->has_event || w->audience.n != 0) &&
	    (w->cond == NULL || !(cdp_cond_uses(w->cond) & CDP_USES_KEPT));
}

/* What an entry that comes late must know: see cdp_enter(). */
static void
note_exit(struct cdp_scene *sc, size_t jx)
{
	const struct cdp_journey *jr = &sc->js->pr->journey[jx];
	struct cdp_str per = CDP_STR("");
	const struct cdp_exit_def *x = jr->exit, *end = x + jr->nexit;

	while (x < end &&
	    !(can_tell(&x->when) && cdp_scene_is(sc, NULL, &x->when)))
		x++;
	if (x == end)
		return;
	if (x->when.has_event && jr->has_per)
		cdp_scene_per(sc, jr, &per);
	cdp_lasts_set(&cdp_traveller_past(sc->p, jx, true)->gone, per,
	    cdp_scene_set(sc), x->id, sc->t_ms, CDP_GONE_MAX);
}

static void
note_exits(struct cdp_scene *sc)
{
	const struct cdp_entries *e = NULL;
	size_t i;

	if (sc->ln != NULL && cdp_type_is_event(sc->ln->type))
		e = cdp_map_get(&sc->js->by_exit, sc->ln->event);
	for (i = 0; e != NULL && i < e->n; i++)
		note_exit(sc, e->jx[i]);
}

/* Its event is about to be another: keep what names it, or the name itself. */
static void
keep_entry(struct cdp_scene *sc, struct cdp_instance *in)
{
	struct cdp_str id;

	if (in->way.restarts != 0)
		return;
	id = cdp_instance_entry(in, &sc->js->kept, sc->mem);
	if (id.n != 0 && memchr(id.p, '\0', id.n) == NULL)
		in->entry = cdp_xstrndup(id);
	else
		in->named = false;
}

static void
restart(
    struct cdp_scene *sc, struct cdp_instance *in, const struct cdp_step *st)
{
	struct cdp_str by;

	keep_entry(sc, in);
	in->here++;
	in->due_ms = sc->t_ms + st->ms;
	if (st->up_to_ms != 0 && in->arrived_ms != CDP_TIME_NONE &&
	    in->due_ms > in->arrived_ms + st->up_to_ms)
		in->due_ms = in->arrived_ms + st->up_to_ms;
	by = cdp_scene_cause(sc, &st->restart);
	if (in->by != NULL && cdp_str_is(by, in->by))
		by = CDP_STR("");
	cdp_way_restart(&in->way, by, sc->t_ms);
	cdp_scene_event(sc, in);
	cdp_keep_line(sc, in, st->keep, st->nkeep);
}

/* When it began to wait as it does. */
static int64_t
since(const struct cdp_instance *in, const struct cdp_step *st)
{
	if (in->arrived_ms == CDP_TIME_NONE)
		return in->due_ms - st->ms;
	return in->here != 0 ? cdp_way_restarted(&in->way, in->arrived_ms)
			     : in->arrived_ms;
}

static void
holds(struct cdp_scene *sc, struct cdp_instance *in)
{
	const struct cdp_step *st;
	size_t i;

	if (in->due_ms == INT64_MAX || in->step >= in->jr->nstep)
		return;
	st = &in->jr->step[in->step];
	if (sc->t_ms < since(in, st))
		return; /* late: from before it waited, or was restarted */
	if (st->has_restart &&
	    (st->max_restarts == 0 || in->here < st->max_restarts) &&
	    cdp_scene_concerns(sc, in, &st->restart)) {
		restart(sc, in, st);
		return;
	}
	for (i = 0; i < st->nevent; i++)
		if (cdp_scene_concerns(sc, in, &st->event[i].when))
			break;
	if (i == st->nevent)
		return;
	cdp_way_note(&in->way,
	    cdp_arena_printf(sc->mem, "%.*s: %.*s", SAY(st->id),
		SAY(cdp_scene_cause(sc, &st->event[i].when))),
	    cdp_scene_id(sc), sc->t_ms);
	in->due_ms = INT64_MAX;
	in->step =
	    st->event[i].go == CDP_STEP_NEXT ? in->step + 1 : st->event[i].go;
	cdp_walk(sc, in);
}

void
cdp_react(struct cdp_scene *sc)
{
	struct cdp_traveller *p = sc->p;
	struct cdp_instance **all;
	size_t i, n = p->nins;

	goals(sc);
	if (n != 0) {
		all = cdp_arena_alloc(sc->mem, n * sizeof(*all));
		memcpy(all, p->ins, n * sizeof(*all));
		for (i = 0; i < n; i++)
			if (exits(sc, all[i]))
				all[i] = NULL;
		for (i = 0; i < n; i++)
			if (all[i] != NULL)
				holds(sc, all[i]);
	}
	note_exits(sc);
	cdp_enter(sc);
}

/* ---- time ---- */

static void
sooner(int64_t *a, int64_t b)
{
	if (b < *a)
		*a = b;
}

static int64_t
look_instance(struct cdp_scene *sc, const struct cdp_instance *in)
{
	const struct cdp_journey *jr = in->jr;
	const struct cdp_step *st;
	int64_t next = INT64_MAX;
	size_t i;

	for (i = 0; i < jr->nexit; i++)
		if (!jr->exit[i].when.has_event)
			sooner(&next,
			    cdp_scene_next(sc, in, jr->exit[i].when.cond));
	if (jr->has_goal && !in->reached && !jr->goal.has_event)
		sooner(&next, cdp_scene_next(sc, in, jr->goal.cond));
	if (in->due_ms == INT64_MAX || in->step >= jr->nstep)
		return next;
	st = &jr->step[in->step];
	for (i = 0; i < st->nevent; i++)
		if (!st->event[i].when.has_event)
			sooner(&next,
			    cdp_scene_next(sc, in, st->event[i].when.cond));
	return next;
}

/*
 * Of a journey that is entered by a condition.  A late entry may let in again
 * at a time that has passed: that is then looked at at once.
 */
static int64_t
look_entry(struct cdp_scene *sc, size_t jx)
{
	const struct cdp_journey *jr = &sc->js->pr->journey[jx];
	const struct cdp_past *past = cdp_traveller_past(sc->p, jx, false);
	int64_t next = cdp_scene_next(sc, NULL, jr->enter.cond), last;

	if (past == NULL || (jr->again_ms == 0 && jr->again != CDP_AGAIN_ONCE))
		return next;
	last = cdp_past_last(past, CDP_STR(""));
	if (jr->again_ms != 0 && last != CDP_TIME_NONE &&
	    last + jr->again_ms > sc->t_ms)
		sooner(&next, last + jr->again_ms);
	/* What has just ended may be what stood in the way. */
	if (past->held && sc->ended && sc->ln == NULL)
		sooner(&next, sc->t_ms);
	return next;
}

void
cdp_react_look(struct cdp_scene *sc)
{
	int64_t next = INT64_MAX;
	size_t i;

	for (i = 0; i < sc->p->nins; i++)
		sooner(&next, look_instance(sc, sc->p->ins[i]));
	for (i = 0; i < sc->js->nstate_entry; i++)
		sooner(&next, look_entry(sc, sc->js->state_entry[i]));
	sc->p->look_ms = next;
}
