#include "lib/profile/timers.h"

#include "lib/profile/state.h"
#include "lib/profile/view.h"

void
cdp_timers_set(struct cdp_merge *m, struct cdp_unit *u)
{
	int64_t next = cdp_computed_next(u);

	if (next != INT64_MAX || u->due.at != 0)
		cdp_due_set(&m->due, &u->due, next);
}

static int64_t
due(const struct cdp_unit *u)
{
	return u->due.at != 0 ? u->due.due_ms : INT64_MAX;
}

/* Bring u to now.  True if a visible value changed. */
static bool
leave(struct cdp_merge *m, struct cdp_unit *u, int64_t now_ms)
{
	bool changed = cdp_computed_expire(u, now_ms, &m->tmp);

	if (u->now_ms < now_ms)
		u->now_ms = now_ms;
	cdp_timers_set(m, u);
	cdp_profile_touch(m, u);
	return changed;
}

static int
fire_profile(struct cdp_merge *m, struct cdp_profile *p, int64_t due_ms,
    struct cdp_err *err)
{
	struct cdp_profile *now = p;
	int rc = cdp_state_load(m, &now, err);

	if (rc != 0)
		return rc;
	if (now != p) {
		cdp_due_set(&m->due, &p->u.due, INT64_MAX);
		return 0;
	}
	if (leave(m, &p->u, due_ms)) {
		p->fresh_view = false;
		if (cdp_view_profile(m, p))
			cdp_view_line(m, p, due_ms);
	}
	return 0;
}

/* p's own timers, not those of its circles. */
static int
own(struct cdp_merge *m, struct cdp_profile *p, int64_t now_ms,
    struct cdp_err *err)
{
	int rc = 0;

	while (rc == 0 && due(&p->u) <= now_ms)
		rc = fire_profile(m, p, due(&p->u), err);
	return rc;
}

int
cdp_timers_prepare(struct cdp_merge *m, struct cdp_circle *c, int64_t now_ms,
    struct cdp_err *err)
{
	size_t i;
	int rc = cdp_state_load_circle(m, c, err);

	for (i = 0; rc == 0 && i < c->nmember; i++) {
		struct cdp_profile *p = c->member[i];

		if ((rc = cdp_state_load(m, &p, err)) == 0)
			rc = own(m, p, now_ms, err);
	}
	return rc;
}

static int
fire_circle(struct cdp_merge *m, struct cdp_circle *c, int64_t due_ms,
    struct cdp_err *err)
{
	size_t i;
	int rc = cdp_timers_prepare(m, c, due_ms, err);

	if (rc != 0)
		return rc;
	if (!leave(m, &c->u, due_ms))
		return 0;
	c->shown = false;
	if (!cdp_view_circle(m, c))
		return 0;
	for (i = 0; i < c->nmember; i++) {
		struct cdp_profile *p = c->member[i];

		p->fresh_view = false;
		if (cdp_view_profile(m, p))
			cdp_view_line(m, p, due_ms);
	}
	return 0;
}

/* A unit is the first member of its profile or circle. */
static int
fire(struct cdp_merge *m, struct cdp_unit *u, int64_t due_ms,
    struct cdp_err *err)
{
	if (u->circle)
		return fire_circle(m, (struct cdp_circle *)u, due_ms, err);
	return fire_profile(m, (struct cdp_profile *)u, due_ms, err);
}

static bool
sooner(const struct cdp_unit *a, const struct cdp_unit *b)
{
	if (b == NULL || due(a) != due(b))
		return due(a) < (b != NULL ? due(b) : INT64_MAX);
	return cdp_str_cmp(a->due.id, b->due.id) < 0;
}

int
cdp_timers_advance(struct cdp_merge *m, struct cdp_profile *const *p, size_t n,
    int64_t now_ms, struct cdp_err *err)
{
	struct cdp_unit *next;
	size_t i, j;
	int rc;

	for (;;) {
		next = NULL;
		for (i = 0; i < n; i++) {
			if (sooner(&p[i]->u, next))
				next = &p[i]->u;
			for (j = 0; j < p[i]->nmember; j++)
				if (sooner(&p[i]->member[j].circle->u, next))
					next = &p[i]->member[j].circle->u;
		}
		if (next == NULL || due(next) > now_ms)
			return 0;
		if ((rc = fire(m, next, due(next), err)) != 0)
			return rc;
	}
}

int
cdp_timers_all(struct cdp_merge *m, int64_t now_ms, struct cdp_err *err)
{
	struct cdp_due_own *o;
	int rc = cdp_state_ripe(m, now_ms, err);

	if (rc != 0)
		return rc;
	while ((o = cdp_due_min(&m->due)) != NULL && o->due_ms <= now_ms)
		if ((rc = fire(m, (struct cdp_unit *)o, o->due_ms, err)) != 0)
			return rc;
	return 0;
}
