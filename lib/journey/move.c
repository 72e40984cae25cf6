#include "lib/journey/engine.h"

#include <stdlib.h>

#include "lib/base/mem.h"

static size_t
step_named(const struct cdp_journey *jr, struct cdp_str id)
{
	size_t i = 0;

	while (i < jr->nstep && !cdp_str_eq(jr->step[i].id, id))
		i++;
	return i;
}

/* Where what waits at that step goes on; jr->nstep: nobody has said. */
static size_t
target(const struct cdp_journey *jr, struct cdp_str id)
{
	size_t i;

	for (i = 0; i < jr->nmoved; i++)
		if (cdp_str_eq(jr->moved[i].from, id))
			return jr->moved[i].to;
	return step_named(jr, id);
}

/* With the times that it has; steps that both have were visited as often. */
static void
move(struct cdp_instance *in, const struct cdp_journey *to, size_t step)
{
	uint32_t *visit = cdp_xcalloc(to->nstep + 1, sizeof(*visit));
	size_t i, k;

	/* Since when it waits: later nobody knows how long that was to be. */
	if (in->arrived_ms == CDP_TIME_NONE)
		in->arrived_ms = in->due_ms - in->jr->step[in->step].ms;
	for (i = 0; i < in->jr->nstep; i++)
		if ((k = step_named(to, in->jr->step[i].id)) < to->nstep)
			visit[k] = in->visit[i];
	cdp_way_spell(&in->way, in->jr);
	free(in->visit);
	in->visit = visit;
	in->step = step;
	in->jr = to;
}

/* Only who waits: what has come to its end is as it was. */
static bool
try_move(struct cdp_editions *es, struct cdp_instance *in)
{
	const struct cdp_journey *to = es->jr;
	struct cdp_edition *e = &es->v[in->edition];
	size_t step, now;

	if (!to->migrates || in->jr == to || in->due_ms == INT64_MAX ||
	    in->step >= in->jr->nstep)
		return false;
	step = target(to, in->jr->step[in->step].id);
	if (step == to->nstep)
		return false;
	e->tally.moved--;
	e->tally.dirty = true;
	now = cdp_editions_now(es);
	es->v[now].tally.moved++;
	es->v[now].tally.dirty = true;
	in->edition = now;
	move(in, to, step);
	return true;
}

void
cdp_move(struct cdp_journeys *js, struct cdp_traveller *p)
{
	bool any = false;
	size_t i;

	for (i = 0; js->migrates && i < p->nins; i++)
		any |= try_move(&js->of[p->ins[i]->jx], p->ins[i]);
	if (any)
		cdp_people_changed(js, p);
}
