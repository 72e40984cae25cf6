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

struct visit {
	const struct cdp_journey *jr;
	size_t from;
	unsigned char *mark; /* per step: 1 on the way, 2 done */
	bool reach;          /* follow waiting steps too */
	size_t cycle;        /* a step that comes back to itself */
};

static void visit(struct visit *v, size_t i);

static void
follow(void *arg, size_t to)
{
	struct visit *v = arg;
	size_t from = v->from;

	if (to == CDP_STEP_NEXT)
		to = from + 1;
	if (to < v->jr->nstep)
		visit(v, to);
	v->from = from;
}

static void
visit(struct visit *v, size_t i)
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
	v->from = i;
	each_next(v->jr, i, follow, v);
	v->mark[i] = 2;
}

void
cdp_steps_shape(struct cdp_loader *ld, const struct cdp_journey *jr)
{
	struct visit v = { .jr = jr, .reach = true };
	size_t i;

	v.mark = cdp_arena_calloc(ld->mem, jr->nstep + 1, 1);
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
