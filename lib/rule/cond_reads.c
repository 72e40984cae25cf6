#include "lib/rule/pred.h"
#include "lib/rule/project.h"
#include "lib/rule/rows.h"
#include "lib/rule/trail.h"
#include "lib/rule/tree.h"

/* What of the profile a condition reads. */

struct parts {
	const struct cdp_project *pr;
	void (*fn)(void *arg, enum cdp_reads what, struct cdp_str name,
	    const struct cdp_ops *ops);
	void *arg;
};

static void
tell_trait(const struct parts *ps, const struct cdp_path *path,
    const struct cdp_ops *ops)
{
	if (cdp_cond_of_group(ps->pr, path))
		ps->fn(ps->arg, CDP_READS_GROUP, path->seg[0], NULL);
	else
		ps->fn(ps->arg, CDP_READS_TRAIT, path->seg[0],
		    path->n == 1 ? ops : NULL);
}

static void
tell_refs(const struct parts *ps, const struct cdp_ops *ops)
{
	for (; ops != NULL; ops = ops->next)
		if (ops->ref != NULL && ops->ref->audience.n != 0)
			ps->fn(ps->arg, CDP_READS_AUDIENCE, ops->ref->audience,
			    NULL);
		else if (ops->ref != NULL && ops->ref->of == CDP_REF_TRAIT)
			tell_trait(ps, &ops->ref->path, NULL);
}

static void
tell_pred(void *arg, const struct cdp_pred *p)
{
	const struct parts *ps = arg;

	tell_refs(ps, p->ops);
	if (p->audience.n != 0)
		ps->fn(ps->arg, CDP_READS_AUDIENCE, p->audience, NULL);
	else if (p->trait)
		tell_trait(ps, &p->path, NULL);
}

static void
tell_measure(const struct parts *ps, const struct cdp_cond *c)
{
	const struct cdp_trail_def *tr = c->leaf->measure->trail;

	tell_refs(ps, c->ops);
	for (size_t i = 0; tr != NULL && i < tr->npart; i++) {
		tell_refs(ps, tr->part[i].ops);
		cdp_pred_each(tr->part[i].open, tell_pred, (void *)ps);
	}
}

static void
tell_rows(void *arg, const struct cdp_rows_def *d)
{
	const struct parts *ps = arg;
	const struct cdp_path *by;

	tell_refs(ps, d->ops);
	if (d->entity == NULL || (by = &d->entity->by)->n < 2 || d->in != NULL)
		return;
	if (cdp_str_is(by->seg[0], "traits"))
		ps->fn(ps->arg, CDP_READS_TRAIT, by->seg[1], NULL);
	else if (cdp_str_is(by->seg[0], "groups"))
		ps->fn(ps->arg, CDP_READS_GROUP, by->seg[1], NULL);
	else
		ps->fn(ps->arg, CDP_READS_ALL, d->name, NULL);
}

static void
tell_part(void *arg, const struct cdp_cond *c)
{
	struct parts *ps = arg;

	ps->pr = c->pr;
	switch (c->kind) {
	case CDP_COND_TRAIT:
		tell_trait(
		    ps, &c->path, cdp_ops_refers(c->ops) ? NULL : c->ops);
		tell_refs(ps, c->ops);
		break;
	case CDP_COND_MEASURE:
		tell_measure(ps, c);
		break;
	case CDP_COND_ROWS:
		cdp_rows_each(c->rows, tell_pred, tell_rows, ps);
		break;
	case CDP_COND_AUDIENCE:
		ps->fn(ps->arg, CDP_READS_AUDIENCE, c->name, NULL);
		break;
	case CDP_COND_CONSENT:
		ps->fn(ps->arg, CDP_READS_CONSENT, c->name, NULL);
		break;
	case CDP_COND_JQ:
		ps->fn(ps->arg, CDP_READS_ALL, c->name, NULL);
		break;
	case CDP_COND_EVENT:
	case CDP_COND_SEQUENCE:
	case CDP_COND_KEPT:
	case CDP_COND_ALL:
	case CDP_COND_ANY:
	case CDP_COND_NOT:
	case CDP_COND_SEGMENT:
	case CDP_COND_GROUP: /* see CDP_USES_GROUPS */
		break;
	}
}

void
cdp_cond_reads(const struct cdp_cond *c,
    void (*fn)(void *arg, enum cdp_reads what, struct cdp_str name,
	const struct cdp_ops *ops),
    void *arg)
{
	struct parts ps = { .fn = fn, .arg = arg };

	cdp_tree_walk(c, tell_part, &ps);
}
