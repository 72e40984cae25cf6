#include "lib/journey/engine.h"

#include <stdlib.h>

/* Who was one, and is several. */
struct parting {
	struct cdp_traveller *p;
	const struct cdp_move *v;
	size_t n;
	struct cdp_traveller **to; /* by move; NULL: nobody */
};

/*
 * Whose a set is now, and in *set what it is.  What no event began has none,
 * and stays.
 */
static struct cdp_traveller *
whose(const struct parting *pt, uint32_t *set)
{
	const struct cdp_move *mv = cdp_moves_find(pt->v, pt->n, *set);

	if (mv == NULL)
		return pt->p;
	*set = mv->is;
	return pt->to[mv - pt->v];
}

/* It was begun by who is nobody: what it has added is taken back. */
static void
end_nobodys(struct cdp_scene *sc, const struct parting *pt)
{
	struct cdp_scene timer;
	struct cdp_instance *in;
	uint32_t set;
	size_t i;

	for (i = pt->p->nins; i-- > 0;) {
		in = pt->p->ins[i];
		set = in->set;
		if (whose(pt, &set) != NULL)
			continue;
		cdp_scene_timer(&timer, sc->js, pt->p, sc->t_ms, sc->outs,
		    sc->mem, sc->err);
		cdp_walk_end_as(&timer, in, CDP_STR("unmerged"));
	}
}

static void
part_instances(const struct parting *pt)
{
	struct cdp_traveller *to;
	struct cdp_instance *in;
	size_t i;

	for (i = pt->p->nins; i-- > 0;) {
		in = pt->p->ins[i];
		to = whose(pt, &in->set);
		if (to == pt->p)
			continue;
		cdp_traveller_remove(pt->p, in);
		in->named = false;
		cdp_traveller_add(to, in);
	}
}

static void
part_lasts(const struct parting *pt, size_t jx, const struct cdp_lasts *was,
    bool exits)
{
	size_t i, max = exits ? CDP_GONE_MAX : SIZE_MAX;

	for (i = 0; i < was->n; i++) {
		const struct cdp_last *l = &was->v[i];
		uint32_t set = l->set;
		struct cdp_traveller *to = whose(pt, &set);
		struct cdp_past *past;

		if (to == NULL)
			continue;
		past = cdp_traveller_past(to, jx, true);
		cdp_lasts_set(exits ? &past->gone : &past->last,
		    cdp_str_of(l->per), set,
		    l->exit != NULL ? cdp_str_of(l->exit) : CDP_STR(""),
		    l->at_ms, max);
	}
}

static void
part_tails(const struct parting *pt, const struct cdp_past *was)
{
	size_t i;

	for (i = 0; i < was->ntail; i++) {
		struct cdp_tail tail = was->tail[i];
		struct cdp_traveller *to = whose(pt, &tail.set);

		if (to != NULL)
			cdp_past_tail(cdp_traveller_past(to, was->jx, true),
			    cdp_str_of(tail.per), &tail);
	}
}

/* A condition that held for all of them lets none of them in anew. */
static void
part_past(const struct parting *pt, struct cdp_past *was)
{
	struct cdp_past *past = cdp_traveller_past(pt->p, was->jx, true);
	size_t i;

	past->held = was->held;
	past->outcome = was->outcome;
	was->outcome = (struct cdp_counts){ 0 };
	past->ended = was->ended;
	was->ended = (struct cdp_endeds){ 0 };
	past->refused = was->refused;
	past->refused_ms = was->refused_ms;
	was->refused = NULL;
	for (i = 0; was->held && i < pt->n; i++)
		if (pt->to[i] != NULL)
			cdp_traveller_past(pt->to[i], was->jx, true)->held =
			    true;
	part_lasts(pt, was->jx, &was->last, false);
	part_lasts(pt, was->jx, &was->gone, true);
	part_tails(pt, was);
	cdp_past_free(was);
}

int
cdp_split(
    struct cdp_scene *sc, struct cdp_move *v, size_t n, struct cdp_err *err)
{
	struct cdp_journeys *js = sc->js;
	struct cdp_traveller *p = sc->p;
	struct parting pt = { p, v, n,
		cdp_arena_calloc(sc->mem, n + 1, sizeof(p)) };
	struct cdp_past *past;
	size_t i, npast;
	int rc;

	for (i = 0; i < n; i++) {
		if (v[i].of.n == 0)
			continue;
		rc = cdp_people_get(js, v[i].of, &pt.to[i], err);
		if (rc != 0)
			return rc;
		v[i].to = &pt.to[i]->shares;
		v[i].to_h = &pt.to[i]->hist;
		if (pt.to[i]->now_ms < p->now_ms)
			pt.to[i]->now_ms = p->now_ms;
	}
	end_nobodys(sc, &pt);
	cdp_shares_split(&p->shares, &p->hist, js->ws, v, n);
	part_instances(&pt);
	past = p->past;
	npast = p->npast;
	p->past = NULL;
	p->npast = 0;
	for (i = 0; i < npast; i++)
		part_past(&pt, &past[i]);
	free(past);
	for (i = 0; i < n; i++)
		if (pt.to[i] != NULL)
			cdp_people_changed(js, pt.to[i]);
	cdp_people_changed(js, p);
	return 0;
}
