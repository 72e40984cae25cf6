#include "lib/journey/engine.h"

#include "lib/json/write.h"

/* Whether they may not run side by side. */
static bool
bars(const struct cdp_instance *a, const struct cdp_instance *b)
{
	if (cdp_journey_excludes(a->jr, b->jr))
		return true;
	return a->jx == b->jx && a->jr->again != CDP_AGAIN_EACH &&
	    cdp_str_eq(cdp_buf_str(&a->per), cdp_buf_str(&b->per));
}

/* The more urgent goes on, or the older. */
static bool
beats(const struct cdp_instance *a, const struct cdp_instance *b)
{
	if (a->jr->priority != b->jr->priority)
		return a->jr->priority > b->jr->priority;
	if (a->entered_ms != b->entered_ms)
		return a->entered_ms < b->entered_ms;
	return strcmp(a->id, b->id) < 0;
}

/* Undo under the profile it was done for: addresses are in there. */
static void
end_merged(
    struct cdp_scene *sc, struct cdp_traveller *owner, struct cdp_instance *in)
{
	struct cdp_scene old;

	cdp_scene_timer(
	    &old, sc->js, owner, sc->t_ms, sc->outs, sc->mem, sc->err);
	old.p = sc->p;
	cdp_walk_end_as(&old, in, CDP_STR("merged"));
}

static void
join_instance(
    struct cdp_scene *sc, struct cdp_traveller *from, struct cdp_instance *in)
{
	struct cdp_instance *mine;
	size_t i;

	for (i = 0; i < sc->p->nins; i++) {
		mine = sc->p->ins[i];
		if (bars(in, mine) && !beats(in, mine)) {
			end_merged(sc, from, in);
			return;
		}
	}
	for (i = sc->p->nins; i-- > 0;)
		if (bars(in, sc->p->ins[i]))
			end_merged(sc, sc->p, sc->p->ins[i]);
	in->named = false; /* under who is no more */
	cdp_traveller_add(sc->p, in);
}

static void
join_lasts(struct cdp_lasts *to, const struct cdp_lasts *from, size_t max)
{
	const struct cdp_last *l;
	size_t i;

	for (i = 0; i < from->n; i++) {
		l = &from->v[i];
		cdp_lasts_set(to, cdp_str_of(l->per), l->set,
		    l->exit != NULL ? cdp_str_of(l->exit) : CDP_STR(""),
		    l->at_ms, max);
	}
}

static void
join_past(struct cdp_traveller *p, const struct cdp_past *from)
{
	struct cdp_past *past = cdp_traveller_past(p, from->jx, true);
	size_t i;

	past->held = past->held || from->held;
	for (i = 0; i < from->outcome.n; i++)
		cdp_counts_add(&past->outcome,
		    cdp_str_of(from->outcome.v[i].name), from->outcome.v[i].n);
	cdp_endeds_join(&past->ended, &from->ended);
	if (from->refused != NULL)
		cdp_past_refuse(
		    past, cdp_str_of(from->refused), from->refused_ms);
	join_lasts(&past->last, &from->last, SIZE_MAX);
	join_lasts(&past->gone, &from->gone, CDP_GONE_MAX);
	for (i = 0; i < from->ntail; i++)
		cdp_past_tail(
		    past, cdp_str_of(from->tail[i].per), &from->tail[i]);
}

static void
park(struct cdp_buf *b, const struct cdp_buf *from)
{
	if (from->n == 0)
		return;
	if (b->n != 0)
		cdp_buf_putc(b, ',');
	cdp_buf_put(b, cdp_buf_str(from));
}

/* Until the profile's own next line: the other's, under its new id. */
static void
adopt_profile(struct cdp_scene *sc, const struct cdp_traveller *from)
{
	struct cdp_tape *t = &sc->js->tape;
	struct cdp_buf *b = &sc->js->scratch;
	struct cdp_err ignored = { 0 };

	if (sc->p->profile.n != 0 || from->profile.n == 0 ||
	    cdp_tape_parse(t, cdp_buf_str(&from->profile), &ignored) != 0)
		return;
	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "id", sc->p->k.due.id);
	cdp_buf_putc(b, '}');
	cdp_json_splice(&sc->p->profile, t, cdp_buf_str(b), CDP_STR(""), 0);
}

void
cdp_join(struct cdp_scene *sc, struct cdp_traveller *from)
{
	struct cdp_traveller *p = sc->p;
	size_t i, n = from->nins;

	if (cdp_traveller_empty(from))
		return;
	from->nins = 0; /* they are this profile's now, or end */
	for (i = 0; i < n; i++)
		join_instance(sc, from, from->ins[i]);
	for (i = 0; i < from->npast; i++)
		join_past(p, &from->past[i]);
	cdp_shares_join(
	    &p->shares, &p->hist, &from->shares, &from->hist, sc->js->ws);
	park(&p->parked, &from->parked);
	park(&p->parked_past, &from->parked_past);
	adopt_profile(sc, from);
	if (p->now_ms < from->now_ms)
		p->now_ms = from->now_ms;
	cdp_traveller_clear(from);
	cdp_people_changed(sc->js, from);
	if (sc->ln == NULL) /* ending an instance has used its tape */
		cdp_scene_timer(
		    sc, sc->js, p, sc->t_ms, sc->outs, sc->mem, sc->err);
	if (sc->js->timed)
		cdp_react_look(sc);
	cdp_people_changed(sc->js, p);
}
