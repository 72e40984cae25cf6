#include "lib/profile/circles.h"

#include <stdlib.h>

#include "lib/profile/view.h"

/* p's circles, and behind them those that p has just left. */
static struct cdp_circle *
circle_of(const struct cdp_merge *m, const struct cdp_profile *p, size_t i)
{
	return i < p->nmember ? p->member[i].circle : m->left[i - p->nmember];
}

bool
cdp_circles_refresh(struct cdp_merge *m, struct cdp_profile *p)
{
	bool any = false;
	size_t i, j;

	for (i = 0; i < p->nmember + m->nleft; i++) {
		struct cdp_circle *c = circle_of(m, p, i);

		if (!c->changed || !cdp_view_circle(m, c)) {
			c->changed = false;
			continue;
		}
		for (j = 0; j < c->nmember; j++)
			c->member[j]->fresh_view = false;
		any = true;
	}
	return any;
}

static int
by_id(const void *a, const void *b)
{
	const struct cdp_profile *const *p = a, *const *q = b;

	return strcmp((*p)->id, (*q)->id);
}

void
cdp_circles_tell(struct cdp_merge *m, struct cdp_profile *p, int64_t at_ms)
{
	struct cdp_profile **v;
	size_t i, j, n = 0;

	for (i = 0; i < p->nmember + m->nleft; i++)
		n += circle_of(m, p, i)->nmember;
	v = cdp_arena_alloc(m->mem, n * sizeof(struct cdp_profile *));
	p->marked = true;
	for (n = 0, i = 0; i < p->nmember + m->nleft; i++) {
		struct cdp_circle *c = circle_of(m, p, i);

		for (j = 0; c->changed && j < c->nmember; j++)
			if (!c->member[j]->marked) {
				c->member[j]->marked = true;
				v[n++] = c->member[j];
			}
		c->changed = false;
	}
	qsort(v, n, sizeof(struct cdp_profile *), by_id);
	p->marked = false;
	for (i = 0; i < n; i++) {
		v[i]->marked = false;
		if (cdp_view_profile(m, v[i]))
			cdp_view_line(m, v[i], at_ms);
	}
}
