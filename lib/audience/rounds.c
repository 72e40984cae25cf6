#include "lib/audience/rounds.h"

#include <stdlib.h>

#include "lib/base/mem.h"

void
cdp_rounds_init(struct cdp_rounds *r, const struct cdp_project *pr)
{
	*r = (struct cdp_rounds){ 0 };
	cdp_judge_init(&r->judge, pr);
	cdp_members_init(&r->members, pr, r->judge.ws);
	cdp_circles_init(&r->circles, pr, r->judge.ws);
	r->judge.circles = &r->circles;
}

void
cdp_rounds_free(struct cdp_rounds *r)
{
	cdp_members_free(&r->members);
	cdp_circles_free(&r->circles);
	cdp_judge_free(&r->judge);
	free(r->around);
}

void
cdp_rounds_open(struct cdp_rounds *r, struct cdp_log *log, struct cdp_str clock,
    int64_t now_ms)
{
	cdp_states_open(&r->members.all, log, clock, now_ms);
	r->circles.all.log = log; /* no circle has a timer */
}

/* ---- who is around ---- */

static void
add(struct cdp_rounds *r, struct cdp_member *m)
{
	if (m->marked)
		return;
	if (r->n == r->cap) {
		r->cap = r->cap == 0 ? 16 : r->cap * 2;
		r->around = cdp_xreallocarray(
		    r->around, r->cap, sizeof(struct cdp_member *));
	}
	m->marked = true;
	r->around[r->n++] = m;
}

static int
add_circle(
    struct cdp_rounds *r, size_t kind, struct cdp_str id, struct cdp_err *err)
{
	struct cdp_circle *c;
	struct cdp_member *m;
	int rc = cdp_circles_get(&r->circles, kind, id, &c, err);

	for (size_t i = 0; rc == 0 && c != NULL && i < c->n; i++) {
		rc = cdp_members_get(&r->members, c->v[i].id, &m, err);
		if (rc == 0)
			add(r, m);
	}
	return rc;
}

static int
gather(struct cdp_rounds *r, struct cdp_member *m, const struct cdp_line *ln,
    struct cdp_err *err)
{
	const struct cdp_circles *cs = &r->circles;
	int rc = 0;

	r->n = 0;
	add(r, m);
	for (size_t k = 0; rc == 0 && ln != NULL && k < cs->pr->ngroup; k++)
		if (cs->used[k])
			rc =
			    add_circle(r, k, cdp_circles_shown(cs, k, ln), err);
	for (size_t i = 0; rc == 0 && i < r->n; i++)
		for (size_t k = 0; rc == 0 && k < cs->pr->ngroup; k++) {
			const struct cdp_group_seat *g =
			    &r->around[i]->group[k];

			if (!cs->used[k])
				continue;
			rc = add_circle(r, k, g->shown, err);
			if (rc == 0)
				rc = add_circle(r, k, g->other, err);
		}
	for (size_t i = 0; i < r->n; i++)
		r->around[i]->marked = false;
	return rc;
}

/* ---- timers ---- */

static int
judge_part(struct cdp_rounds *r, struct cdp_member *m, int64_t ms,
    enum cdp_judge_part part, struct cdp_outs *outs, struct cdp_err *err)
{
	int rc = 0;

	if (ms > m->now_ms)
		m->now_ms = ms;
	if (part != CDP_JUDGE_ALL)
		rc = cdp_circles_of(&r->circles, m, err);
	if (rc != 0)
		return rc;
	cdp_judge_timer(&r->judge, m, part, outs);
	if (part != CDP_JUDGE_PLAIN)
		cdp_members_settle(&r->members, m);
	return part == CDP_JUDGE_ALL ? 0
				     : cdp_circles_note(&r->circles, m, err);
}

static int
by_id(const void *a, const void *b)
{
	const struct cdp_member *const *x = a, *const *y = b;

	return cdp_str_cmp((*x)->k.due.id, (*y)->k.due.id);
}

/* The first n that are around, who are due at ms. */
static int
together(struct cdp_rounds *r, size_t n, int64_t ms, struct cdp_outs *outs,
    struct cdp_err *err)
{
	int rc = 0;

	qsort(r->around, n, sizeof(struct cdp_member *), by_id);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc =
		    judge_part(r, r->around[i], ms, CDP_JUDGE_PLAIN, outs, err);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = judge_part(
		    r, r->around[i], ms, CDP_JUDGE_GROUPED, outs, err);
	return rc == 0 ? cdp_rounds_spread(r, NULL, ms, outs, err) : rc;
}

/* Of those around, run the timers due by ms, all of one instant at once. */
static int
timers(struct cdp_rounds *r, int64_t ms, struct cdp_outs *outs,
    struct cdp_err *err)
{
	struct cdp_member *m;
	int64_t due;
	size_t n;
	int rc = 0;

	while (rc == 0) {
		due = INT64_MAX;
		for (size_t i = 0; i < r->n; i++)
			if (r->around[i]->k.due.due_ms < due)
				due = r->around[i]->k.due.due_ms;
		if (due == INT64_MAX || due > ms)
			break;
		n = 0;
		for (size_t i = 0; i < r->n; i++)
			if (r->around[i]->k.due.due_ms == due) {
				m = r->around[i];
				r->around[i] = r->around[n];
				r->around[n++] = m;
			}
		rc = together(r, n, due, outs, err);
	}
	return rc;
}

int
cdp_rounds_timers(struct cdp_rounds *r, struct cdp_member *m,
    const struct cdp_line *ln, int64_t ms, struct cdp_outs *outs,
    struct cdp_err *err)
{
	const struct cdp_due_own *own;
	int rc = 0;

	if (!cdp_circles_any(&r->circles)) {
		while (rc == 0 && m->k.due.due_ms <= ms)
			rc = judge_part(
			    r, m, m->k.due.due_ms, CDP_JUDGE_ALL, outs, err);
		return rc;
	}
	if ((rc = cdp_states_ripe(&r->members.all, ms, err)) != 0)
		return rc;
	own = cdp_due_min(&r->members.all.due);
	if (own == NULL || own->due_ms > ms)
		return 0;
	rc = gather(r, m, ln, err);
	return rc == 0 ? timers(r, ms, outs, err) : rc;
}

int
cdp_rounds_clock(struct cdp_rounds *r, int64_t ms, struct cdp_outs *outs,
    struct cdp_err *err)
{
	struct cdp_member *m;
	int rc = cdp_states_ripe(&r->members.all, ms, err);

	while (rc == 0) {
		cdp_states_trim(&r->circles.all);
		rc = cdp_members_first(&r->members, ms, &m, err);
		if (rc == 0)
			rc = cdp_rounds_timers(
			    r, m, NULL, m->k.due.due_ms, outs, err);
	}
	return rc == CDP_END ? 0 : rc;
}

/* ---- lines ---- */

int
cdp_rounds_line(struct cdp_rounds *r, struct cdp_member *m,
    const struct cdp_line *ln, struct cdp_outs *outs, struct cdp_err *err)
{
	int rc = 0;

	if (cdp_circles_any(&r->circles)) {
		rc = cdp_circles_move(&r->circles, m, ln, err);
		if (rc == 0)
			rc = cdp_circles_of(&r->circles, m, err);
	}
	if (rc == 0)
		cdp_judge_line(&r->judge, m, ln, outs);
	return rc;
}

/* Judge c's member of that id, at ms at the earliest. */
static int
judge_peer(struct cdp_rounds *r, struct cdp_str id, int64_t ms,
    struct cdp_outs *outs, struct cdp_err *err)
{
	struct cdp_member *m;
	int rc = cdp_members_get(&r->members, id, &m, err);

	if (rc == 0)
		rc = cdp_circles_of(&r->circles, m, err);
	if (rc != 0)
		return rc;
	if (ms > m->now_ms)
		m->now_ms = ms;
	cdp_judge_peer(&r->judge, m, outs);
	cdp_members_settle(&r->members, m);
	return cdp_circles_note(&r->circles, m, err);
}

int
cdp_rounds_spread(struct cdp_rounds *r, const struct cdp_member *m, int64_t ms,
    struct cdp_outs *outs, struct cdp_err *err)
{
	struct cdp_circle *c;
	int rc = 0;

	if (!cdp_circles_any(&r->circles))
		return 0;
	if (m != NULL)
		rc = cdp_circles_note(&r->circles, m, err);
	while (rc == 0 && (c = cdp_circles_stirred(&r->circles)) != NULL)
		for (size_t i = 0; rc == 0 && i < c->n; i++)
			if (m == NULL || !cdp_str_eq(c->v[i].id, m->k.due.id))
				rc = judge_peer(r, c->v[i].id, ms, outs, err);
	return rc;
}
