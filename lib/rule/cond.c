#include "lib/json/write.h"
#include "lib/rule/project.h"
#include "lib/rule/trail.h"
#include "lib/rule/pred.h"
#include "lib/rule/tree.h"

static uint32_t
member(const struct cdp_ctx *ctx, struct cdp_str name)
{
	return ctx->profile == NULL
	    ? CDP_NOTOK
	    : cdp_tape_get(ctx->profile, ctx->profile_at, name);
}

static bool
is_group(const struct cdp_project *pr, struct cdp_str name)
{
	for (size_t i = 0; i < pr->ngroup; i++)
		if (cdp_str_eq(pr->group[i].name, name))
			return true;
	return false;
}

static bool
is_of_group(const struct cdp_project *pr, const struct cdp_path *path)
{
	return path->n >= 2 && is_group(pr, path->seg[0]);
}

uint32_t
cdp_cond_trait(const struct cdp_project *pr, const struct cdp_ctx *ctx,
    const struct cdp_path *path, const struct cdp_tape **t)
{
	struct cdp_path rest = *path;
	uint32_t at;

	if ((*t = ctx->profile) == NULL)
		return CDP_NOTOK;
	if (!is_of_group(pr, path))
		return cdp_tape_path(*t, member(ctx, CDP_STR("traits")), path);
	at = cdp_tape_get(*t, member(ctx, CDP_STR("groups")), path->seg[0]);
	rest.seg++;
	rest.n--;
	return cdp_tape_path(
	    *t, cdp_tape_get(*t, at, CDP_STR("traits")), &rest);
}

/* The value a trait or kept condition speaks of. */
uint32_t
cdp_cond_value(const struct cdp_cond *c, const struct cdp_ctx *ctx,
    const struct cdp_tape **t)
{
	struct cdp_cond_found *f;

	if (c->kind == CDP_COND_TRAIT) {
		if (ctx->found == NULL || c->trait == 0 || ctx->profile == NULL)
			return cdp_cond_trait(c->pr, ctx, &c->path, t);
		f = &ctx->found[c->trait - 1];
		*t = ctx->profile;
		if (f->turn != ctx->turn)
			*f = (struct cdp_cond_found){ ctx->turn,
				cdp_cond_trait(c->pr, ctx, &c->path, t) };
		return f->at;
	}
	if ((*t = ctx->kept) == NULL)
		return CDP_NOTOK;
	return cdp_tape_path(*t, ctx->kept_at, &c->path);
}

struct asker {
	const struct cdp_cond *c;
	const struct cdp_ctx *ctx;
};

static uint32_t
look_trait(void *arg, const struct cdp_ref *ref, const struct cdp_tape **t)
{
	const struct asker *a = arg;

	return cdp_cond_trait(a->c->pr, a->ctx, &ref->path, t);
}

static bool
ops_hold(const struct cdp_cond *c, const struct cdp_ctx *ctx,
    const struct cdp_tape *t, uint32_t at)
{
	struct asker a = { c, ctx };

	return cdp_ops_test_refs(
	    c->ops, t, at, ctx->now_ms, &(struct cdp_refs){ look_trait, &a });
}

void
cdp_cond_measured(
    const struct cdp_cond *c, const struct cdp_ctx *ctx, struct cdp_buf *b)
{
	cdp_measure_value(
	    b, cdp_hist_measure(ctx->hist, c->leaf), c->leaf->measure, ctx);
}

static bool
measure_holds(const struct cdp_cond *c, const struct cdp_ctx *ctx)
{
	struct cdp_tape t = { 0 };
	struct cdp_buf b = { 0 };
	bool some, yes;

	cdp_cond_measured(c, ctx, &b);
	some = b.n != 0 && cdp_tape_parse(&t, cdp_buf_str(&b), NULL) == 0;
	yes = ops_hold(c, ctx, &t, some ? 0 : CDP_NOTOK);
	cdp_tape_free(&t);
	cdp_buf_free(&b);
	return yes;
}

static bool
in_audience(const struct cdp_cond *c, const struct cdp_ctx *ctx)
{
	uint32_t at;

	if (ctx->in_audience != NULL)
		return ctx->in_audience(ctx->arg, c->name);
	at = cdp_tape_get(
	    ctx->profile, member(ctx, CDP_STR("audiences")), c->name);
	return cdp_tape_isa(ctx->profile, at, CDP_TRUE);
}

/* True is a yes, all else that is known a no; the project says what unknown
 * means. */
static bool
consented(const struct cdp_cond *c, const struct cdp_ctx *ctx)
{
	uint32_t at;

	at = cdp_tape_get(
	    ctx->profile, member(ctx, CDP_STR("consent")), c->name);
	if (cdp_tape_kind(ctx->profile, at) == CDP_NULL)
		return c->pr->consent.unknown_allow;
	return cdp_tape_isa(ctx->profile, at, CDP_TRUE);
}

static void
jq_input(const struct cdp_cond *c, const struct cdp_ctx *ctx, struct cdp_buf *b)
{
	static const char *const names[] = { "id", "identifiers", "traits",
		"groups", "audiences", "consent" };
	uint32_t at;

	cdp_buf_putc(b, '{');
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		at = member(ctx, cdp_str_of(names[i]));
		if (i == 4 && ctx->audiences.n != 0)
			cdp_json_kraw(b, names[i], ctx->audiences);
		else if (at != CDP_NOTOK)
			cdp_json_kraw(
			    b, names[i], cdp_tape_raw(ctx->profile, at));
		else
			cdp_json_kraw(b, names[i],
			    i == 0 ? CDP_STR("null") : CDP_STR("{}"));
	}
	if (ctx->line != NULL && (c->uses & CDP_USES_LINE) != 0)
		cdp_json_kraw(b, "event", ctx->line->raw);
	else
		cdp_json_kraw(b, "event", CDP_STR("null"));
	if ((c->uses & CDP_USES_KEPT) != 0)
		cdp_json_kraw(b, "kept",
		    ctx->kept != NULL ? cdp_tape_raw(ctx->kept, ctx->kept_at)
				      : CDP_STR("{}"));
	cdp_buf_putc(b, '}');
}

/* Only true is true: jq's own rule that all but false and null is true would
 * let ".traits.points" pass for a condition. */
static bool
jq_test(const struct cdp_cond *c, const struct cdp_ctx *ctx)
{
	struct cdp_err err = { 0 };
	struct cdp_buf b = { 0 };
	struct cdp_str out = { 0 };
	bool yes = false;
	int rc;

	jq_input(c, ctx, &b);
	rc = cdp_jq_run(ctx->jq, c->jq, cdp_buf_str(&b), ctx->mem, &out, &err);
	cdp_buf_free(&b);
	if (rc == 0 && cdp_str_is(out, "true"))
		yes = true;
	else if (rc == CDP_END)
		rc = cdp_fail(&err, CDP_EDATA,
		    "a condition must give true or false, not nothing");
	else if (rc == 0 && !cdp_str_is(out, "false"))
		rc = cdp_fail(&err, CDP_EDATA,
		    "a condition must give true or false, not %.*s",
		    out.n > 100 ? 100 : (int)out.n, out.p);
	if (rc != 0 && ctx->err != NULL && ctx->err->code == 0)
		*ctx->err = err;
	return yes;
}

static int64_t
measure_next(const struct cdp_cond *c, const struct cdp_ctx *ctx)
{
	const struct cdp_measure *y = cdp_hist_measure(ctx->hist, c->leaf);

	return y == NULL ? INT64_MAX
			 : cdp_measure_next(y, c->leaf->measure, ctx);
}

/* A condition that is no combination of others; next may be NULL. */
static bool
ask_one(const struct cdp_cond *c, const struct cdp_ctx *ctx, int64_t *next)
{
	const struct cdp_tape *t;
	uint32_t at;

	switch (c->kind) {
	case CDP_COND_EVENT:
	case CDP_COND_SEQUENCE:
		return cdp_hist_ask(ctx->hist, c->leaf, ctx->now_ms, next);
	case CDP_COND_TRAIT:
	case CDP_COND_KEPT:
		at = cdp_cond_value(c, ctx, &t);
		if (next != NULL && (c->uses & CDP_USES_TIME) != 0)
			*next = cdp_ops_next(c->ops, t, at, ctx->now_ms);
		return ops_hold(c, ctx, t, at);
	case CDP_COND_MEASURE:
		if (next != NULL)
			*next = measure_next(c, ctx);
		return measure_holds(c, ctx);
	case CDP_COND_AUDIENCE:
		return in_audience(c, ctx);
	case CDP_COND_CONSENT:
		return consented(c, ctx);
	case CDP_COND_GROUP:
		return ctx->in_group != NULL &&
		    ctx->in_group(ctx->arg, c->key, c->ask);
	case CDP_COND_JQ:
		return jq_test(c, ctx);
	default:
		return false;
	}
}

/* While a part that decides stays as it is, so does the whole. */
bool
cdp_cond_ask(const struct cdp_cond *c, const struct cdp_ctx *ctx, int64_t *next)
{
	int64_t one = INT64_MAX, first = INT64_MAX;

	if (next != NULL)
		*next = INT64_MAX;
	if (c->kind == CDP_COND_NOT)
		return !cdp_cond_ask(c->kid[0], ctx, next);
	if (c->kind != CDP_COND_ALL && c->kind != CDP_COND_ANY)
		return ask_one(c, ctx, next);
	for (size_t i = 0; i < c->nkid; i++) {
		if (cdp_cond_ask(c->kid[i], ctx, next != NULL ? &one : NULL) ==
		    (c->kind == CDP_COND_ANY)) {
			if (next != NULL)
				*next = one;
			return c->kind == CDP_COND_ANY;
		}
		first = one < first ? one : first;
	}
	if (next != NULL)
		*next = first;
	return c->kind == CDP_COND_ALL;
}

bool
cdp_cond_test(const struct cdp_cond *c, const struct cdp_ctx *ctx)
{
	return cdp_cond_ask(c, ctx, NULL);
}

int64_t
cdp_cond_next(const struct cdp_cond *c, const struct cdp_ctx *ctx)
{
	int64_t one, next = INT64_MAX;
	const struct cdp_tape *t;
	uint32_t at;

	if ((c->uses & CDP_USES_TIME) == 0)
		return next;
	if (c->kind == CDP_COND_MEASURE)
		return measure_next(c, ctx);
	if (c->leaf != NULL) {
		cdp_hist_ask(ctx->hist, c->leaf, ctx->now_ms, &next);
		return next;
	}
	if (c->kind == CDP_COND_TRAIT || c->kind == CDP_COND_KEPT) {
		at = cdp_cond_value(c, ctx, &t);
		return cdp_ops_next(c->ops, t, at, ctx->now_ms);
	}
	for (size_t i = 0; i < c->nkid; i++)
		if ((one = cdp_cond_next(c->kid[i], ctx)) < next)
			next = one;
	return next;
}

void
cdp_tree_walk(const struct cdp_cond *c,
    void (*fn)(void *arg, const struct cdp_cond *c), void *arg)
{
	fn(arg, c);
	for (size_t i = 0; i < c->nkid; i++)
		cdp_tree_walk(c->kid[i], fn, arg);
}

struct cdp_str
cdp_cond_text(const struct cdp_cond *c)
{
	return c->text;
}

unsigned
cdp_cond_uses(const struct cdp_cond *c)
{
	return c->uses;
}

static void
want(void *arg, const struct cdp_cond *c)
{
	if (c->kind == CDP_COND_JQ)
		cdp_jq_want(arg, c->jq);
}

void
cdp_cond_want(const struct cdp_cond *c, struct cdp_jq *jq)
{
	cdp_tree_walk(c, want, jq);
}

struct slots {
	void (*fn)(void *arg, size_t slot);
	void *arg;
};

static void
tell_slot(void *arg, const struct cdp_cond *c)
{
	const struct slots *s = arg;

	if (c->leaf != NULL)
		s->fn(s->arg, c->leaf->slot);
}

void
cdp_cond_slots(
    const struct cdp_cond *c, void (*fn)(void *arg, size_t slot), void *arg)
{
	struct slots s = { fn, arg };

	cdp_tree_walk(c, tell_slot, &s);
}

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
	if (is_of_group(ps->pr, path))
		ps->fn(ps->arg, CDP_READS_GROUP, path->seg[0], NULL);
	else
		ps->fn(ps->arg, CDP_READS_TRAIT, path->seg[0],
		    path->n == 1 ? ops : NULL);
}

static void
tell_refs(const struct parts *ps, const struct cdp_ops *ops)
{
	for (; ops != NULL; ops = ops->next)
		if (ops->ref != NULL && ops->ref->of == CDP_REF_TRAIT)
			tell_trait(ps, &ops->ref->path, NULL);
}

static void
tell_pred(void *arg, const struct cdp_pred *p)
{
	const struct parts *ps = arg;

	tell_refs(ps, p->ops);
	if (p->trait)
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
