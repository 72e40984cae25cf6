#include "lib/rule/journeys.h"

/* Calls fn for each step that can follow step i; nstep is the end. */
static void
each_next(const struct cdp_journey *jr, size_t i,
    void (*fn)(void *arg, size_t to), void *arg)
{
	const struct cdp_step *st = &jr->step[i];
	bool falls = true;
	int sum = 0;
	size_t k;

	for (k = 0; k < st->nbranch; k++) {
		fn(arg, st->branch[k].go);
		if (st->branch[k].cond != NULL)
			continue;
		sum += st->branch[k].percent_bp;
		if (st->branch[k].percent_bp < 0 || sum == 10000)
			falls = false;
	}
	for (k = 0; k < st->nevent; k++)
		fn(arg, st->event[k].go);
	switch (st->kind) {
	case CDP_STEP_END:
		break;
	case CDP_STEP_IF:
		fn(arg, st->go);
		if (st->cond != NULL)
			fn(arg, i + 1);
		break;
	case CDP_STEP_HOLD:
		fn(arg, st->timeout_go);
		break;
	default:
		if (falls)
			fn(arg, st->go);
		break;
	}
}

/* A step that is on the way, and what stands behind it in struct visit. */
struct frame {
	size_t step, first, next;
};

/* A walk, depth first, that a journey of any length may take. */
struct visit {
	const struct cdp_journey *jr;
	struct cdp_arena *mem;
	unsigned char *mark; /* per step: 1 on the way, 2 done */
	bool reach;          /* follow waiting steps too */
	size_t cycle;        /* a step that comes back to itself */
	struct frame *way;
	size_t depth;
	size_t *behind; /* the steps on the way, in their order */
	size_t n, cap;
};

static void
follow(void *arg, size_t to)
{
	struct visit *v = arg;
	size_t *more;

	if (to == CDP_STEP_NEXT)
		to = v->way[v->depth - 1].step + 1;
	if (to >= v->jr->nstep)
		return;
	if (v->n == v->cap) {
		v->cap = v->cap == 0 ? 64 : v->cap * 2;
		more = cdp_arena_calloc(v->mem, v->cap, sizeof(*more));
		if (v->n != 0)
			memcpy(more, v->behind, v->n * sizeof(*more));
		v->behind = more;
	}
	v->behind[v->n++] = to;
}

static void
enter(struct visit *v, size_t i)
{
	const struct cdp_step *st = &v->jr->step[i];
	bool waits =
	    (st->kind == CDP_STEP_HOLD || st->kind == CDP_STEP_DELAY) &&
	    st->ms > 0;

	if (v->mark[i] == 1 && v->cycle == CDP_STEP_NEXT)
		v->cycle = i;
	if (v->mark[i] != 0 || (waits && !v->reach))
		return;
	v->mark[i] = 1;
	v->way[v->depth++] = (struct frame){ i, v->n, v->n };
	each_next(v->jr, i, follow, v);
}

static void
visit(struct visit *v, size_t i)
{
	struct frame *f;

	for (enter(v, i); v->depth != 0;) {
		f = &v->way[v->depth - 1];
		if (f->next < v->n) {
			enter(v, v->behind[f->next++]);
			continue;
		}
		v->mark[f->step] = 2;
		v->n = f->first;
		v->depth--;
	}
}

void
cdp_steps_shape(struct cdp_loader *ld, const struct cdp_journey *jr)
{
	struct visit v = { .jr = jr, .mem = ld->mem, .reach = true };
	size_t i;

	v.mark = cdp_arena_calloc(ld->mem, jr->nstep + 1, 1);
	v.way = cdp_arena_calloc(ld->mem, jr->nstep + 1, sizeof(*v.way));
	visit(&v, 0);
	for (i = 0; i < jr->nstep; i++)
		if (v.mark[i] == 0)
			cdp_diag_error(ld->diags, jr->step[i].node,
			    "unreachable-step", "step '%.*s' cannot be reached",
			    (int)jr->step[i].id.n, jr->step[i].id.p);
	memset(v.mark, 0, jr->nstep + 1);
	v.reach = false;
	v.cycle = CDP_STEP_NEXT;
	for (i = 0; i < jr->nstep; i++)
		visit(&v, i);
	if (v.cycle != CDP_STEP_NEXT)
		cdp_diag_error(ld->diags, jr->step[v.cycle].node,
		    "endless-steps",
		    "step '%.*s' comes back to itself without waiting",
		    (int)jr->step[v.cycle].id.n, jr->step[v.cycle].id.p);
}
