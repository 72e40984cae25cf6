#include "lib/rule/plan.h"
#include "lib/rule/pred.h"
#include "lib/rule/rows.h"
#include "lib/rule/trail.h"
#include "lib/rule/tree.h"

struct visit {
	void (*fn)(void *arg, struct cdp_str name, const struct cdp_node *at);
	void *arg;
};

/* The names that a jq program takes from .audiences, as in .audiences.vip. */
static void
jq_audiences(const struct cdp_cond *c, const struct visit *v)
{
	const char *p = c->name.p, *end = p + c->name.n, *from;
	const struct cdp_str lead = CDP_STR(".audiences.");

	while ((p = memmem(p, (size_t)(end - p), lead.p, lead.n)) != NULL) {
		p += lead.n;
		for (from = p; p < end; p++)
			if (!(*p == '_' || (*p >= '0' && *p <= '9') ||
				((*p | 32) >= 'a' && (*p | 32) <= 'z')))
				break;
		if (p > from)
			v->fn(v->arg,
			    (struct cdp_str){ from, (size_t)(p - from) },
			    c->node);
	}
}

/* Those that a condition compares with, or asks for of an event. */
struct inside {
	const struct visit *v;
	const struct cdp_cond *c;
};

static void
read_audience(void *arg, enum cdp_reads what, struct cdp_str name,
    const struct cdp_ops *ops)
{
	const struct inside *in = arg;

	(void)ops;
	if (what == CDP_READS_AUDIENCE)
		in->v->fn(in->v->arg, name, in->c->node);
}

static void
visit(void *arg, const struct cdp_cond *c)
{
	const struct visit *v = arg;
	struct inside in = { v, c };

	if (c->kind == CDP_COND_AUDIENCE)
		v->fn(v->arg, c->name, c->node);
	else if (c->kind == CDP_COND_TRAIT || c->kind == CDP_COND_MEASURE ||
	    c->kind == CDP_COND_ROWS)
		cdp_cond_reads(c, read_audience, &in);
	else if (c->kind == CDP_COND_GROUP)
		cdp_tree_walk(c->inner, visit, arg);
	else if (c->kind == CDP_COND_JQ)
		jq_audiences(c, v);
}

void
cdp_cond_audiences(const struct cdp_cond *c,
    void (*fn)(void *arg, struct cdp_str name, const struct cdp_node *at),
    void *arg)
{
	struct visit v = { fn, arg };

	cdp_tree_walk(c, visit, &v);
}

/* "; did you mean 'X'?", or nothing. */
static struct cdp_str
guess(struct cdp_loader *ld, struct cdp_str s, const struct cdp_str *names,
    size_t n)
{
	int near = cdp_str_nearest(s, names, n);

	if (near < 0)
		return CDP_STR("");
	return cdp_arena_printf(ld->mem, "; did you mean '%.*s'?",
	    (int)names[near].n, names[near].p);
}

static bool
known(struct cdp_str s, const struct cdp_str *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (cdp_str_eq(s, names[i]))
			return true;
	return false;
}

static void
check_audience(void *arg, struct cdp_str name, const struct cdp_node *at)
{
	struct cdp_loader *ld = arg;
	struct cdp_str *names, more;
	size_t n = ld->pr->naudience;

	names = cdp_arena_calloc(ld->mem, n + 1, sizeof(*names));
	for (size_t i = 0; i < n; i++)
		names[i] = ld->pr->audience[i].key;
	if (known(name, names, n))
		return;
	more = guess(ld, name, names, n);
	cdp_diag_error(ld->diags, at, "unknown-audience",
	    "there is no audience '%.*s'%.*s", (int)name.n, name.p, (int)more.n,
	    more.p);
}

/* Consent may name categories that no destination needs, as long as the
 * project declares none. */
static void
check_consent(struct cdp_loader *ld, const struct cdp_cond *c)
{
	size_t n = ld->pr->consent.ncat;
	struct cdp_str *names, more;

	names = cdp_arena_calloc(ld->mem, n + 1, sizeof(*names));
	for (size_t i = 0; i < n; i++)
		names[i] = ld->pr->consent.cat[i].name;
	if (n == 0 || known(c->name, names, n))
		return;
	more = guess(ld, c->name, names, n);
	cdp_diag_error(ld->diags, c->node, "unknown-category",
	    "there is no consent category '%.*s'%.*s", (int)c->name.n,
	    c->name.p, (int)more.n, more.p);
}

/* An event that is not in the plan is no fault, unless the plan lets no other
 * event pass; one that is nearly in it is worth a word. */
void
cdp_trigger_check(struct cdp_loader *ld, const struct cdp_trigger *on,
    const struct cdp_node *at)
{
	const struct cdp_plan *plan = &ld->pr->plan;
	struct cdp_str *names, more, s;

	if (!plan->present)
		return;
	cdp_plan_check_paths(ld, on);
	if (plan->nevent == 0)
		return;
	names = cdp_arena_calloc(ld->mem, plan->nevent, sizeof(*names));
	for (size_t i = 0; i < plan->nevent; i++)
		names[i] = plan->event[i].name;
	for (size_t i = 0; i < on->nevent; i++) {
		s = on->event[i];
		if (cdp_str_is(s, "Page Viewed") ||
		    cdp_str_is(s, "Screen Viewed"))
			continue; /* calls of a type of their own */
		if (cdp_map_get(&plan->by_name, s) != NULL)
			continue;
		more = guess(ld, s, names, plan->nevent);
		if (more.n != 0)
			cdp_diag_warn(ld->diags, at, "unplanned-event",
			    "the plan has no event '%.*s'%.*s", (int)s.n, s.p,
			    (int)more.n, more.p);
	}
}

static bool
is_trait(const struct cdp_project *pr, struct cdp_str name)
{
	for (size_t i = 0; i < pr->traits.n; i++)
		if (cdp_str_eq(pr->traits.v[i].name, name))
			return true;
	return false;
}

static bool
is_audience(const struct cdp_project *pr, struct cdp_str name)
{
	for (size_t i = 0; i < pr->naudience; i++)
		if (cdp_str_eq(pr->audience[i].key, name))
			return true;
	return false;
}

/* Segment takes a text for what it says; an example of theirs has 'true'. */
static void
check_truth(struct cdp_loader *ld, const struct cdp_cond *c)
{
	for (const struct cdp_ops *op = c->ops; op != NULL; op = op->next)
		for (size_t i = 0; i < op->nv; i++)
			if ((op->kind == CDP_OP_EQ || op->kind == CDP_OP_NE) &&
			    op->v[i].kind == CDP_STRING &&
			    (cdp_str_is(op->v[i].s, "true") ||
				cdp_str_is(op->v[i].s, "false")))
				cdp_diag_warn(ld->diags, c->node,
				    "quoted-truth",
				    "'%.*s' in quotes is a text, and no trait "
				    "that is %.*s is equal to it: write it "
				    "without",
				    (int)op->v[i].s.n, op->v[i].s.p,
				    (int)op->v[i].s.n, op->v[i].s.p);
}

static void
check_trait(struct cdp_loader *ld, const struct cdp_cond *c)
{
	struct cdp_str name = c->path.seg[0];

	if (c->query)
		check_truth(ld, c);
	if (c->path.n != 1 || is_trait(ld->pr, name) ||
	    !is_audience(ld->pr, name))
		return;
	if (c->query)
		cdp_diag_error(ld->diags, c->node, "audience-as-trait",
		    "'%.*s' is an audience: compare trait('%.*s') with = true "
		    "or = false",
		    (int)name.n, name.p, (int)name.n, name.p);
	else
		cdp_diag_warn(ld->diags, c->node, "audience-as-trait",
		    "'%.*s' is an audience, and no trait of the project; "
		    "write {audience: %.*s} for it",
		    (int)name.n, name.p, (int)name.n, name.p);
}

static void
check_group(struct cdp_loader *ld, const struct cdp_cond *c)
{
	size_t n = ld->pr->ngroup;
	struct cdp_str *names, more;

	names = cdp_arena_calloc(ld->mem, n + 1, sizeof(*names));
	for (size_t i = 0; i < n; i++)
		names[i] = ld->pr->group[i].name;
	if (known(c->name, names, n))
		return;
	if (c->name.n == 0) {
		cdp_diag_error(ld->diags, c->node, "unknown-group",
		    "ANY and ALL ask the members of the project's one kind of "
		    "group, and there are %zu: write {in_group: KIND, any: "
		    "...}",
		    n);
		return;
	}
	more = guess(ld, c->name, names, n);
	cdp_diag_error(ld->diags, c->node, "unknown-group",
	    "there is no kind of group '%.*s'%.*s", (int)c->name.n, c->name.p,
	    (int)more.n, more.p);
}

struct reading {
	struct cdp_loader *ld;
	const struct cdp_cond *c;
};

/* What is still a trait though it is an audience. */
static void
no_audience(void *arg, enum cdp_reads what, struct cdp_str name,
    const struct cdp_ops *ops)
{
	const struct reading *in = arg;

	(void)ops;
	if (what == CDP_READS_TRAIT && !is_trait(in->ld->pr, name) &&
	    is_audience(in->ld->pr, name))
		cdp_diag_error(in->ld->diags, in->c->node, "audience-as-trait",
		    "'%.*s' is an audience, and no trait: write %s",
		    (int)name.n, name.p,
		    in->c->query ? "trait('...') = true or = false"
				 : "audience: NAME in the where");
}

static void
check_measure(struct cdp_loader *ld, const struct cdp_cond *c)
{
	const struct cdp_trail_def *tr = c->leaf->measure->trail;
	struct reading in = { ld, c };

	cdp_cond_reads(c, no_audience, &in);
	if (tr == NULL)
		cdp_trigger_check(ld, &c->leaf->on, c->node);
	for (size_t i = 0; tr != NULL && i < tr->npart; i++) {
		struct cdp_trigger on = tr->part[i].on;

		if (tr->part[i].open != NULL)
			on.where = (struct cdp_pred *)tr->part[i].open;
		cdp_trigger_check(ld, &on, c->node);
	}
}

static void
still_trait(void *arg, const struct cdp_pred *p)
{
	if (p->trait && p->audience.n == 0)
		no_audience(arg, CDP_READS_TRAIT, p->path.seg[0], NULL);
}

static void
check_rows(void *arg, const struct cdp_rows_def *d)
{
	(void)arg;
	(void)d;
}

static void
check(void *arg, const struct cdp_cond *c)
{
	struct reading in = { arg, c };

	const struct cdp_seq *s = c->leaf != NULL ? c->leaf->seq : NULL;

	for (size_t i = 0; s != NULL && i < s->n; i++)
		cdp_trigger_check(arg, &s->step[i].on, c->node);
	if (c->kind == CDP_COND_TRAIT)
		check_trait(arg, c);
	if (c->kind == CDP_COND_MEASURE)
		check_measure(arg, c);
	if (c->kind == CDP_COND_ROWS)
		cdp_rows_each(c->rows, still_trait, check_rows, &in);
	if (c->kind == CDP_COND_GROUP) {
		check_group(arg, c);
		cdp_tree_walk(c->inner, check, arg);
	}
	if (c->kind == CDP_COND_CONSENT)
		check_consent(arg, c);
	else if (c->kind == CDP_COND_EVENT)
		cdp_trigger_check(arg, &c->leaf->on, c->node);
}

/* ---- what can be said only when everything was read ---- */

/* Whether the operators of a trait say in (1) or out (0) of an audience; -1:
 * neither. */
static int
says_in(const struct cdp_ops *op)
{
	bool yes;

	if (op->next != NULL || op->nv != 1 ||
	    (op->kind != CDP_OP_EQ && op->kind != CDP_OP_NE))
		return -1;
	/* Segment's own example puts it in quotes. */
	yes = op->v->kind == CDP_TRUE || cdp_str_is(op->v->s, "true");
	if (!yes && op->v->kind != CDP_FALSE && !cdp_str_is(op->v->s, "false"))
		return -1;
	return yes == (op->kind == CDP_OP_EQ);
}

static bool
is_only_audience(const struct cdp_project *pr, const struct cdp_path *path)
{
	return path->n == 1 && !is_trait(pr, path->seg[0]) &&
	    is_audience(pr, path->seg[0]);
}

/* In Segment's language an audience is asked as if it were a trait. */
static void
to_audience(struct cdp_loader *ld, struct cdp_cond *c)
{
	struct cdp_str name = c->path.seg[0];
	struct cdp_cond *in = c;
	int yes;

	if (!is_only_audience(ld->pr, &c->path) || (yes = says_in(c->ops)) < 0)
		return;
	if (!yes) {
		in = cdp_arena_calloc(ld->mem, 1, sizeof(*in));
		*in = *c;
		c->kid = cdp_arena_calloc(ld->mem, 1, sizeof(in));
		c->kid[0] = in;
		c->nkid = 1;
		c->kind = CDP_COND_NOT;
	}
	in->kind = CDP_COND_AUDIENCE;
	in->name = name;
	in->text =
	    cdp_arena_printf(ld->mem, "{audience: %.*s}", (int)name.n, name.p);
	in->uses = c->uses = CDP_USES_AUDIENCES;
}

/* The condition is still being made: what is const in it may be changed. */
struct making {
	struct cdp_loader *ld;
	struct cdp_cond *c;
};

static void
ref_audiences(const struct making *m, const struct cdp_ops *ops)
{
	struct cdp_ref *ref;

	for (; ops != NULL; ops = ops->next) {
		ref = (struct cdp_ref *)ops->ref;
		if (ref == NULL || ref->of != CDP_REF_TRAIT ||
		    !is_only_audience(m->ld->pr, &ref->path))
			continue;
		ref->audience = ref->path.seg[0];
		m->c->uses |= CDP_USES_AUDIENCES;
	}
}

static void
pred_audience(void *arg, const struct cdp_pred *p)
{
	const struct making *m = arg;
	struct cdp_pred *to = (struct cdp_pred *)p;
	int yes;

	if (p->audience.n != 0)
		m->c->uses |= CDP_USES_AUDIENCES;
	if (!m->c->query)
		return;
	ref_audiences(m, p->ops);
	if (!p->trait || !is_only_audience(m->ld->pr, &p->path) ||
	    (yes = says_in(p->ops)) < 0)
		return;
	to->audience = p->path.seg[0];
	to->out = !yes;
	to->ops = NULL;
	m->c->uses |= CDP_USES_AUDIENCES;
}

static void
rows_audience(void *arg, const struct cdp_rows_def *d)
{
	const struct making *m = arg;

	if (m->c->query)
		ref_audiences(m, d->ops);
}

/* What a condition compares with, and what it asks of an event, or a row. */
static void
in_where(struct cdp_loader *ld, struct cdp_cond *c)
{
	const struct cdp_trail_def *tr =
	    c->kind == CDP_COND_MEASURE ? c->leaf->measure->trail : NULL;
	struct making m = { ld, c };

	if (c->query)
		ref_audiences(&m, c->ops);
	if (c->kind == CDP_COND_ROWS) {
		cdp_rows_check(ld, c->rows);
		cdp_rows_each(c->rows, pred_audience, rows_audience, &m);
	}
	for (size_t i = 0; tr != NULL && i < tr->npart; i++) {
		if (c->query)
			ref_audiences(&m, tr->part[i].ops);
		cdp_pred_each(tr->part[i].open, pred_audience, &m);
	}
}

static void
settle(struct cdp_loader *ld, struct cdp_cond *c)
{
	/* Segment has one kind, of accounts. */
	if (c->kind == CDP_COND_GROUP && c->query && ld->pr->ngroup == 1)
		c->name = ld->pr->group[0].name;
	if (c->kind == CDP_COND_GROUP)
		settle(ld, c->inner);
	if (c->kind == CDP_COND_TRAIT && c->query)
		to_audience(ld, c);
	in_where(ld, c);
	for (size_t i = 0; i < c->nkid; i++) {
		settle(ld, c->kid[i]);
		c->uses |= c->kid[i]->uses;
	}
}

void
cdp_cond_check(struct cdp_loader *ld, struct cdp_cond *c)
{
	settle(ld, c);
	cdp_cond_audiences(c, check_audience, ld);
	cdp_tree_walk(c, check, ld);
}
