#include "lib/journey/engine.h"

#include <stdlib.h>

#include "lib/base/mem.h"

#define SAY(s) (int)(s).n, (s).p

/* ---- the end ---- */

/* When it ended, if "again" asks for that. */
static void
remember(struct cdp_scene *sc, const struct cdp_journey *jr,
    struct cdp_past *past, const struct cdp_instance *in)
{
	if (jr->again != CDP_AGAIN_AFTER_EXIT || jr->again_ms == 0)
		return;
	cdp_past_forget(past, sc->now_ms - jr->again_ms);
	cdp_lasts_set(&past->last, cdp_buf_str(&in->per), in->set, CDP_STR(""),
	    sc->t_ms, SIZE_MAX);
}

void
cdp_walk_tell(const struct cdp_scene *sc, const struct cdp_instance *in,
    struct cdp_str outcome, struct cdp_str why)
{
	struct cdp_passage p = { .journey = in->jr->key,
		.profile = sc->p->k.due.id,
		.outcome = outcome,
		.why = why,
		.at_ms = sc->t_ms,
		.control = in->control };

	if (sc->js->watch != NULL)
		sc->js->watch(sc->js->watch_arg, &p);
}

void
cdp_walk_end(
    struct cdp_scene *sc, struct cdp_instance *in, const struct cdp_end *end)
{
	const struct cdp_journey *jr = in->jr;
	struct cdp_tally *tally = cdp_scene_tally(sc, in);
	struct cdp_past *past = cdp_traveller_past(sc->p, in->jx, true);
	struct cdp_tail tail = { .edition = in->edition,
		.control = in->control,
		.set = in->set,
		.until_ms = in->entered_ms + jr->goal_within_ms };
	struct cdp_str why = end->why;
	size_t i;

	if (why.n == 0)
		why =
		    cdp_arena_printf(sc->mem, "ended: %.*s", SAY(end->outcome));
	for (i = 0; i < in->nundo; i++)
		cdp_act_undo(sc, in, &in->undo[i], why);
	cdp_counts_add(&tally->outcome, end->outcome, 1);
	cdp_walk_tell(sc, in, end->outcome, why);
	cdp_endeds_add(&past->ended, in, end, sc->t_ms);
	cdp_counts_add(&past->outcome, end->outcome, 1);
	remember(sc, jr, past, in);
	if (jr->has_goal && !in->reached && jr->goal_within_ms != 0 &&
	    tail.until_ms > sc->now_ms) {
		cdp_past_tail(past, cdp_buf_str(&in->per), &tail);
		if (tally->until_ms < tail.until_ms)
			tally->until_ms = tail.until_ms;
	}
	cdp_traveller_remove(sc->p, in);
	cdp_instance_free(in);
	sc->ended = true;
}

void
cdp_walk_end_as(
    struct cdp_scene *sc, struct cdp_instance *in, struct cdp_str outcome)
{
	cdp_walk_end(sc, in, &(struct cdp_end){ .outcome = outcome });
}

/* At its end; but while the time of an undo runs, or what it has sent still
 * waits for the end of quiet hours, an exit may come. */
static bool
finish(struct cdp_scene *sc, struct cdp_instance *in, struct cdp_str outcome)
{
	size_t i;

	in->due_ms = INT64_MAX;
	for (i = 0; i < in->nundo; i++) {
		if (in->undo[i].due_ms == INT64_MAX)
			continue;
		in->ending = cdp_xstrndup(outcome);
		return false;
	}
	cdp_walk_end_as(sc, in, outcome);
	return true;
}

/* ---- notes for people ---- */

static void
note(struct cdp_scene *sc, struct cdp_instance *in, const struct cdp_step *st,
    struct cdp_str text)
{
	cdp_way_note(&in->way,
	    cdp_arena_printf(sc->mem, "%.*s: %.*s", SAY(st->id), SAY(text)),
	    CDP_STR(""), sc->t_ms);
}

/* How a hold was over that would not be restarted any more; or "". */
static struct cdp_str
spent(struct cdp_scene *sc, const struct cdp_instance *in,
    const struct cdp_step *st)
{
	char ms[24];

	if (st->up_to_ms != 0 && in->here != 0 &&
	    sc->t_ms == in->arrived_ms + st->up_to_ms) {
		cdp_time_duration_format(st->up_to_ms, ms);
		return cdp_arena_printf(sc->mem, "%s with all restarts", ms);
	}
	if (st->max_restarts == 0 || in->here < st->max_restarts)
		return CDP_STR("");
	cdp_time_duration_format(st->ms, ms);
	return cdp_arena_printf(
	    sc->mem, "%s passed, restarted %u times", ms, (unsigned)in->here);
}

/*
 * What an until by a clock or a program was over at, and a hold that had no
 * restart left, only the present knows.
 */
static void
note_wait(
    struct cdp_scene *sc, struct cdp_instance *in, const struct cdp_step *st)
{
	struct cdp_str text = CDP_STR("");

	if (st->kind == CDP_STEP_UNTIL && st->until != CDP_UNTIL_ENTRY)
		text = cdp_moment_text(sc, in, st);
	else if (st->has_restart)
		text = spent(sc, in, st);
	if (text.n != 0)
		note(sc, in, st,
		    cdp_arena_printf(sc->mem, "%.*s%.*s", SAY(text),
			SAY(cdp_way_missed(
			    in->jr, st, !st->has_restart, sc->mem))));
	else
		cdp_way_over(&in->way, in->step, sc->t_ms);
}

/* ---- one step ---- */

static void
go(struct cdp_instance *in, size_t to)
{
	in->step = to == CDP_STEP_NEXT ? in->step + 1 : to;
}

static void
send(struct cdp_scene *sc, struct cdp_instance *in, const struct cdp_step *st)
{
	int64_t until_ms;

	cdp_act_send(sc, in, st);
	if (!in->control && st->undo.n != 0)
		cdp_instance_undo(in, st,
		    st->for_ms != 0 ? sc->t_ms + st->for_ms : INT64_MAX);
	else if (!in->control && cdp_moment_quiet(sc, in, st, &until_ms))
		cdp_instance_undo(in, st, until_ms);
	go(in, st->go);
}

static void
split(struct cdp_scene *sc, struct cdp_instance *in, const struct cdp_step *st)
{
	struct cdp_str s[4] = { in->jr->key, st->id, sc->p->k.due.id,
		cdp_str_of(in->id) };
	int bucket = (int)cdp_hash_bucket(s, st->sticky ? 3 : 4), from = 0, to;
	const struct cdp_branch *b = NULL;
	struct cdp_str text;
	size_t i;

	for (i = 0; i < st->nbranch; i++) {
		b = &st->branch[i];
		to = from + (b->percent_bp > 0 ? b->percent_bp : 0);
		if ((b->percent_bp < 0 || (bucket >= from && bucket < to)) &&
		    cdp_scene_holds(sc, in, b->cond))
			break;
		from = to;
	}
	if (i == st->nbranch) {
		note(sc, in, st, CDP_STR("no branch"));
		go(in, st->go);
		return;
	}
	text = CDP_STR("otherwise");
	if (b->cond != NULL)
		text = cdp_cond_text(b->cond);
	else if (b->percent_bp >= 0)
		text = cdp_arena_printf(
		    sc->mem, "%g %% (by hash)", b->percent_bp / 100.0);
	note(sc, in, st, text);
	go(in, b->go);
}

static void
branch_if(
    struct cdp_scene *sc, struct cdp_instance *in, const struct cdp_step *st)
{
	bool holds = cdp_scene_holds(sc, in, st->cond);

	if (st->cond != NULL)
		note(sc, in, st,
		    cdp_arena_printf(sc->mem, "%s%.*s", holds ? "" : "not ",
			SAY(cdp_cond_text(st->cond))));
	go(in, holds ? st->go : CDP_STEP_NEXT);
}

/* A condition that this hold waits for and that holds already. */
static bool
held_already(
    struct cdp_scene *sc, struct cdp_instance *in, const struct cdp_step *st)
{
	const struct cdp_when *w;
	size_t i;

	for (i = 0; i < st->nevent; i++) {
		w = &st->event[i].when;
		if (w->has_event || w->audience.n != 0 ||
		    !cdp_scene_holds(sc, in, w->cond))
			continue;
		note(sc, in, st, cdp_cond_text(w->cond));
		go(in, st->event[i].go);
		return true;
	}
	return false;
}

/* True if it has to wait. */
static bool
wait(struct cdp_scene *sc, struct cdp_instance *in, const struct cdp_step *st)
{
	int64_t due;

	if (held_already(sc, in, st))
		return false;
	due = st->ms + sc->t_ms;
	if (st->kind == CDP_STEP_UNTIL && !cdp_moment_until(sc, in, st, &due)) {
		note(sc, in, st, CDP_STR("no time"));
		due = sc->t_ms;
	}
	if (due > sc->t_ms) {
		in->due_ms = due;
		in->here = 0;
		in->arrived_ms = st->max_restarts != 0 || st->up_to_ms != 0
		    ? sc->t_ms
		    : CDP_TIME_NONE;
		return true;
	}
	go(in, st->timeout_go);
	return false;
}

bool
cdp_walk(struct cdp_scene *sc, struct cdp_instance *in)
{
	const struct cdp_step *st;

	for (;;) {
		if (in->step >= in->jr->nstep)
			return finish(sc, in, CDP_STR("completed"));
		st = &in->jr->step[in->step];
		if (++in->visit[in->step] > st->max_visits)
			return finish(sc, in, CDP_STR("max_visits"));
		if (in->visit[in->step] == 1)
			cdp_counts_add(
			    &cdp_scene_tally(sc, in)->step, st->id, 1);
		switch (st->kind) {
		case CDP_STEP_HOLD:
		case CDP_STEP_DELAY:
		case CDP_STEP_UNTIL:
			if (wait(sc, in, st))
				return false;
			break;
		case CDP_STEP_SPLIT:
			split(sc, in, st);
			break;
		case CDP_STEP_SEND:
			send(sc, in, st);
			break;
		case CDP_STEP_IF:
			branch_if(sc, in, st);
			break;
		case CDP_STEP_SET:
			cdp_keep_set(sc, in, st);
			go(in, st->go);
			break;
		case CDP_STEP_END:
			return finish(sc, in, st->outcome);
		}
	}
}

/* ---- timers ---- */

/* One that stayed for the time of an undo alone has ended with the last. */
static bool
stayed(struct cdp_scene *sc, struct cdp_instance *in)
{
	struct cdp_str outcome;

	if (in->ending == NULL)
		return false;
	for (size_t i = 0; i < in->nundo; i++)
		if (in->undo[i].due_ms != INT64_MAX)
			return false;
	outcome = cdp_arena_dup(sc->mem, cdp_str_of(in->ending));
	cdp_walk_end_as(sc, in, outcome);
	return true;
}

static bool
undo_due(struct cdp_scene *sc, struct cdp_instance *in, size_t i)
{
	if (in->undo[i].action[0] != '\0') /* else it has left, unregretted */
		cdp_act_undo(sc, in, &in->undo[i], CDP_STR("its time is over"));
	cdp_instance_undone(in, i);
	return stayed(sc, in);
}

void
cdp_walk_take_back(
    struct cdp_scene *sc, struct cdp_instance *in, struct cdp_str why)
{
	size_t i = 0;

	while (i < in->nundo) {
		if (in->undo[i].action[0] == '\0') {
			i++; /* emit lets nobody have it */
			continue;
		}
		cdp_act_undo(sc, in, &in->undo[i], why);
		cdp_instance_undone(in, i);
	}
	stayed(sc, in);
}

static bool
waits(const struct cdp_step *st)
{
	return st->kind == CDP_STEP_HOLD || st->kind == CDP_STEP_DELAY ||
	    st->kind == CDP_STEP_UNTIL;
}

bool
cdp_walk_due(struct cdp_scene *sc, struct cdp_instance *in)
{
	const struct cdp_step *st;
	size_t i;

	for (i = 0; i < in->nundo; i++)
		if (in->undo[i].due_ms <= sc->t_ms)
			return undo_due(sc, in, i);
	in->due_ms = INT64_MAX;
	if (in->lost)
		return finish(sc, in, CDP_STR("step_removed"));
	st = &in->jr->step[in->step];
	if (!waits(st)) /* moved there by "migrate" */
		return cdp_walk(sc, in);
	note_wait(sc, in, st);
	go(in, st->timeout_go);
	return cdp_walk(sc, in);
}

const struct cdp_exit_def *
cdp_walk_exit(struct cdp_scene *sc, const struct cdp_instance *in)
{
	const struct cdp_exit_def *x;
	size_t i;

	for (i = 0; i < in->jr->nexit; i++) {
		x = &in->jr->exit[i];
		if (!x->when.has_event && x->when.audience.n == 0 &&
		    cdp_scene_holds(sc, in, x->when.cond))
			return x;
	}
	return NULL;
}
