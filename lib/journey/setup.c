#include "lib/journey/engine.h"

#include <stdlib.h>

#include "lib/base/mem.h"

static void
add_cond(struct cdp_journeys *js, struct cdp_cond *c)
{
	if (c == NULL)
		return;
	cdp_wset_add(js->ws, c);
	cdp_cond_want(c, js->pr->jq);
	if (cdp_cond_uses(c) & CDP_USES_TIME)
		js->timed = true;
}

static void
add_keep(struct cdp_journeys *js, const struct cdp_keep *keep, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (keep[i].jq >= 0)
			cdp_jq_want(js->pr->jq, keep[i].jq);
}

static void
add_step(struct cdp_journeys *js, const struct cdp_step *st)
{
	size_t i;

	add_cond(js, st->restart.cond);
	add_cond(js, st->cond);
	for (i = 0; i < st->nevent; i++)
		add_cond(js, st->event[i].when.cond);
	for (i = 0; i < st->nbranch; i++)
		add_cond(js, st->branch[i].cond);
	add_keep(js, st->keep, st->nkeep);
	if (st->jq >= 0)
		cdp_jq_want(js->pr->jq, st->jq);
}

void
cdp_journeys_want(struct cdp_journeys *js, const struct cdp_journey *jr)
{
	size_t i;

	add_cond(js, jr->enter.cond);
	add_cond(js, jr->goal.cond);
	for (i = 0; i < jr->nexit; i++)
		add_cond(js, jr->exit[i].when.cond);
	for (i = 0; i < jr->nstep; i++)
		add_step(js, &jr->step[i]);
	add_keep(js, jr->keep, jr->nkeep);
	if (jr->has_per && jr->per_jq >= 0)
		cdp_jq_want(js->pr->jq, jr->per_jq);
	/* Conditions of entries are looked at again when "after" is over, or
	 * what kept somebody out. */
	if (!jr->enter.has_event && jr->enter.audience.n == 0 &&
	    (jr->again_ms != 0 ||
		(jr->again == CDP_AGAIN_ONCE && jr->exclusive.n != 0)))
		js->timed = true;
}

static void
add_event(struct cdp_map *map, struct cdp_str event, size_t jx)
{
	void **at = cdp_map_at(map, event);
	struct cdp_entries *e = *at;

	if (e == NULL)
		*at = e = cdp_xcalloc(1, sizeof(*e));
	if (e->n != 0 && e->jx[e->n - 1] == jx)
		return;
	e->jx = cdp_xreallocarray(e->jx, e->n + 1, sizeof(*e->jx));
	e->jx[e->n++] = jx;
}

/* Enter jx under the events that w waits for; false: w is a condition. */
static bool
index_when(struct cdp_map *map, const struct cdp_when *w, size_t jx)
{
	size_t i;

	if (w->has_event)
		for (i = 0; i < w->event.nevent; i++)
			add_event(map, w->event.event[i], jx);
	else if (w->audience.n != 0)
		add_event(map,
		    w->exited ? CDP_STR("Audience Exited")
			      : CDP_STR("Audience Entered"),
		    jx);
	return w->has_event || w->audience.n != 0;
}

static void
index_journey(struct cdp_journeys *js, size_t jx)
{
	const struct cdp_journey *jr = &js->pr->journey[jx];
	size_t i;

	if (!index_when(&js->by_event, &jr->enter, jx))
		js->state_entry[js->nstate_entry++] = jx;
	for (i = 0; i < jr->nexit; i++)
		index_when(&js->by_exit, &jr->exit[i].when, jx);
}

/* By priority, then in the order of the project: so they are entered. */
static void
index_journeys(struct cdp_journeys *js)
{
	const struct cdp_journey *v = js->pr->journey;
	size_t n = js->pr->njourney, i, k;
	size_t *at = cdp_xcalloc(n + 1, sizeof(*at));

	for (i = 0; i < n; i++) {
		for (k = i; k > 0 && v[at[k - 1]].priority < v[i].priority; k--)
			at[k] = at[k - 1];
		at[k] = i;
	}
	for (i = 0; i < n; i++) {
		js->rank[at[i]] = i;
		index_journey(js, at[i]);
	}
	free(at);
}

static void
free_index(struct cdp_map *map)
{
	struct cdp_map_ent *e;
	size_t i = 0;

	while ((e = cdp_map_next(map, &i)) != NULL) {
		free(((struct cdp_entries *)e->val)->jx);
		free(e->val);
	}
	cdp_map_free(map);
}

static void
free_zones(struct cdp_map *map)
{
	struct cdp_map_ent *e;
	size_t i = 0;

	while ((e = cdp_map_next(map, &i)) != NULL)
		cdp_zone_close(e->val);
	cdp_map_free(map);
}

struct cdp_journeys *
cdp_journeys_new(struct cdp_project *pr)
{
	struct cdp_journeys *js = cdp_xcalloc(1, sizeof(*js));
	size_t i;

	js->pr = pr;
	js->clock_ms = CDP_TIME_NONE;
	cdp_people_init(js);
	cdp_catalog_open(&js->catalog, pr, NULL);
	js->ws = cdp_wset_new();
	js->scheme.pr = pr;
	js->scheme.ws = js->ws;
	js->of = cdp_xcalloc(pr->njourney + 1, sizeof(*js->of));
	js->scheme.of = js->of;
	js->rank = cdp_xcalloc(pr->njourney + 1, sizeof(*js->rank));
	js->state_entry =
	    cdp_xcalloc(pr->njourney + 1, sizeof(*js->state_entry));
	for (i = 0; i < pr->njourney; i++) {
		*cdp_map_at(&js->scheme.by_key, pr->journey[i].key) =
		    (void *)(uintptr_t)(i + 1);
		js->of[i].jr = &pr->journey[i];
		cdp_journeys_want(js, &pr->journey[i]);
	}
	index_journeys(js);
	return js;
}

void
cdp_journeys_hold(struct cdp_journeys *js, size_t max_bytes)
{
	js->people.max_bytes = max_bytes;
}

void
cdp_journeys_watch(struct cdp_journeys *js,
    void (*fn)(void *arg, const struct cdp_passage *p), void *arg)
{
	js->watch = fn;
	js->watch_arg = arg;
}

void
cdp_journeys_free(struct cdp_journeys *js)
{
	size_t i;

	if (js == NULL)
		return;
	cdp_states_free(&js->people);
	cdp_catalog_free(&js->catalog);
	free_zones(&js->zones);
	free_index(&js->by_event);
	free_index(&js->by_exit);
	cdp_map_free(&js->scheme.by_key);
	for (i = 0; i < js->pr->njourney; i++)
		cdp_editions_free(&js->of[i]);
	free(js->back);
	free(js->of);
	free(js->state_entry);
	free(js->rank);
	cdp_wset_free(js->ws);
	cdp_tape_free(&js->tape);
	cdp_tape_free(&js->kept);
	cdp_buf_free(&js->buf);
	cdp_buf_free(&js->scratch);
	free(js);
}
