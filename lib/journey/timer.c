#include "lib/journey/engine.h"

/* The instance that is due first; ties by id.  NULL: none has a timer. */
static struct cdp_instance *
first_due(const struct cdp_traveller *p, int64_t *due_ms)
{
	struct cdp_instance *best = NULL;
	int64_t due;
	size_t i;

	*due_ms = INT64_MAX;
	for (i = 0; i < p->nins; i++) {
		due = cdp_instance_due(p->ins[i]);
		if (due < *due_ms ||
		    (due == *due_ms && best != NULL &&
			strcmp(p->ins[i]->id, best->id) < 0)) {
			best = p->ins[i];
			*due_ms = due;
		}
	}
	return best;
}

/* Run the earliest timer of p, which is due. */
static void
fire(struct cdp_journeys *js, struct cdp_traveller *p, struct cdp_outs *outs,
    struct cdp_arena *mem, struct cdp_err *err)
{
	struct cdp_instance *in;
	struct cdp_scene sc;
	int64_t due_ms;

	cdp_move(js, p);
	in = first_due(p, &due_ms);
	/* What has changed by itself is seen before anything is sent. */
	if (p->look_ms <= due_ms) {
		cdp_scene_timer(&sc, js, p, p->look_ms, outs, mem, err);
		p->look_ms = INT64_MAX;
		cdp_react(&sc);
	} else {
		cdp_scene_timer(&sc, js, p, due_ms, outs, mem, err);
		cdp_walk_due(&sc, in);
	}
	if (js->timed)
		cdp_react_look(&sc);
	if (p->now_ms < sc.t_ms)
		p->now_ms = sc.t_ms;
	cdp_people_changed(js, p);
}

void
cdp_timer_run(struct cdp_journeys *js, struct cdp_traveller *p, int64_t t_ms,
    struct cdp_outs *outs, struct cdp_arena *mem, struct cdp_err *err)
{
	while (cdp_traveller_due(p) <= t_ms)
		fire(js, p, outs, mem, err);
}

void
cdp_timer_pair(struct cdp_journeys *js, struct cdp_traveller *a,
    struct cdp_traveller *b, int64_t t_ms, struct cdp_outs *outs,
    struct cdp_arena *mem, struct cdp_err *err)
{
	int64_t da, db;
	bool first;

	for (;;) {
		da = cdp_traveller_due(a);
		db = cdp_traveller_due(b);
		if (da > t_ms && db > t_ms)
			return;
		first = da < db ||
		    (da == db && cdp_str_cmp(a->k.due.id, b->k.due.id) < 0);
		fire(js, first ? a : b, outs, mem, err);
	}
}

int
cdp_timer_clock(struct cdp_journeys *js, int64_t t_ms, struct cdp_outs *outs,
    struct cdp_arena *mem, struct cdp_err *jqerr, struct cdp_err *err)
{
	const struct cdp_due_own *own;
	struct cdp_traveller *p;
	struct cdp_state *k;
	int64_t due_ms;
	int rc = cdp_states_ripe(&js->people, t_ms, err);

	while (rc == 0) {
		cdp_states_trim(&js->people);
		own = cdp_due_min(&js->people.due);
		due_ms = own != NULL ? own->due_ms : INT64_MAX;
		rc = cdp_states_first(&js->people, t_ms, &k, err);
		if (rc != 0)
			break;
		p = (struct cdp_traveller *)k; /* its first member */
		if (cdp_traveller_due(p) <= due_ms)
			fire(js, p, outs, mem, jqerr);
		else
			cdp_people_changed(js, p);
	}
	return rc == CDP_END ? 0 : rc;
}
