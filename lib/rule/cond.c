#include "lib/json/write.h"
#include "lib/rule/project.h"
#include "lib/rule/rows.h"
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

bool
cdp_cond_of_group(const struct cdp_project *pr, const struct cdp_path *path)
{
	return path->n >= 2 && is_group(pr, path->seg[0]);
}

uint32_t
cdp_cond_traits(const struct cdp_project *pr, const struct cdp_ctx *ctx,
    struct cdp_path *path, const struct cdp_tape **t)
{
	uint32_t at;

	if ((*t = ctx->profile) == NULL)
		return CDP_NOTOK;
	if (!cdp_cond_of_group(pr, path))
		return member(ctx, CDP_STR("traits"));
	at = cdp_tape_get(*t, member(ctx, CDP_STR("groups")), path->seg[0]);
	path->seg++;
	path->n--;
	return cdp_tape_get(*t, at, CDP_STR("traits"));
}

uint32_t
cdp_cond_trait(const struct cdp_project *pr, const struct cdp_ctx *ctx,
    const struct cdp_path *path, const struct cdp_tape **t)
{
	struct cdp_path rest = *path;
	uint32_t at = cdp_cond_traits(pr, ctx, &rest, t);

	return *t == NULL ? CDP_NOTOK : cdp_tape_path(*t, at, &rest);
}

uint32_t
cdp_cond_value(const struct cdp_cond *c, const struct cdp_ctx *ctx,
    const struct cdp_tape **t, struct cdp_path *path)
{
	struct cdp_cond_found *f;

	if (c->many)
		*path = c->path;
	if (c->kind == CDP_COND_TRAIT) {
		if (c->many)
			return cdp_cond_traits(c->pr, ctx, path, t);
		if (ctx->found == NULL || c->trait == 0 || ctx->profile == NULL)
			return cdp_cond_trait(c->pr, ctx, &c->path, t);
		f = &ctx->found[c->trait - 1];
		*t = ctx->profile;
		if (f->turn != ctx->turn)
			*f = (struct cdp_cond_found){ ctx->turn,
				cdp_cond_trait(c->pr, ctx, &c->path, t) };
		return f->at;
	}
	if ((*t = ctx->kept) == NULL || c->many)
		return *t == NULL ? CDP_NOTOK : ctx->kept_at;
	return cdp_tape_path(*t, ctx->kept_at, &c->path);
}

bool
cdp_cond_is_in(const struct cdp_ctx *ctx, struct cdp_str audience)
{
	uint32_t at;

	if (ctx->in_audience != NULL)
		return ctx->in_audience(ctx->arg, audience);
	at = cdp_tape_get(
	    ctx->profile, member(ctx, CDP_STR("audiences")), audience);
	return cdp_tape_isa(ctx->profile, at, CDP_TRUE);
}

bool
cdp_cond_look(const struct cdp_project *pr, const struct cdp_ctx *ctx,
    const struct cdp_ref *ref, cdp_each_fn *fn, void *of)
{
	static struct cdp_tok answer[] = { { .kind = CDP_FALSE, .next = 1 },
		{ .kind = CDP_TRUE, .next = 2 } };
	static const struct cdp_tape answers = {
		.p = "", .tok = answer, .ntok = 2
	};
	struct cdp_path path = ref->path;
	const struct cdp_tape *t;
	uint32_t at;

	if (ref->audience.n != 0)
		return fn(of, &answers, cdp_cond_is_in(ctx, ref->audience));
	at = cdp_cond_traits(pr, ctx, &path, &t);
	return t != NULL && cdp_each(t, at, &path, fn, of);
}

static int64_t
value_next(const struct cdp_cond *c, const struct cdp_ctx *ctx,
    const struct cdp_tape *t, uint32_t at, const struct cdp_path *path)
{
	return c->many ? cdp_each_next(c->ops, t, at, path, ctx->now_ms)
		       : cdp_ops_next(c->ops, t, at, ctx->now_ms);
}

struct asker {
	const struct cdp_cond *c;
	const struct cdp_ctx *ctx;
};

static bool
look_trait(void *arg, const struct cdp_ref *ref, cdp_each_fn *fn, void *of)
{
	const struct asker *a = arg;

	return cdp_cond_look(a->c->pr, a->ctx, ref, fn, of);
}

static bool
ops_hold(const struct cdp_cond *c, const struct cdp_ctx *ctx,
    const struct cdp_tape *t, uint32_t at)
{
	struct asker a = { c, ctx };

	return cdp_ops_test_refs(
	    c->ops, t, at, ctx->now_ms, &(struct cdp_refs){ look_trait, &a });
}

/* A trait, or what is kept. */
static bool
value_holds(const struct cdp_cond *c, const struct cdp_ctx *ctx, int64_t *next)
{
	struct asker a = { c, ctx };
	struct cdp_path path;
	const struct cdp_tape *t;
	uint32_t at = cdp_cond_value(c, ctx, &t, &path);

	if (next != NULL && (c->uses & CDP_USES_TIME) != 0)
		*next = value_next(c, ctx, t, at, &path);
	if (!c->many)
		return ops_hold(c, ctx, t, at);
	return cdp_each_test(c->ops, t, at, &path, ctx->now_ms,
	    &(struct cdp_refs){ look_trait, &a });
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

/* When what it adds up to is another, or is as long ago as is asked. */
static int64_t
measure_next(const struct cdp_cond *c, const struct cdp_ctx *ctx)
{
	const struct cdp_measure *y = cdp_hist_measure(ctx->hist, c->leaf);
	struct cdp_tape t = { 0 };
	struct cdp_buf b = { 0 };
	int64_t ms = INT64_MAX, next;

	if (y == NULL)
		return ms;
	next = cdp_measure_next(y, c->leaf->measure, ctx);
	if (!cdp_ops_timed(c->ops))
		return next;
	cdp_cond_measured(c, ctx, &b);
	if (b.n != 0 && cdp_tape_parse(&t, cdp_buf_str(&b), NULL) == 0)
		ms = cdp_ops_next(c->ops, &t, 0, ctx->now_ms);
	cdp_tape_free(&t);
	cdp_buf_free(&b);
	return ms < next ? ms : next;
}

/* A condition that is no combination of others; next may be NULL. */
static bool
ask_one(const struct cdp_cond *c, const struct cdp_ctx *ctx, int64_t *next)
{
	switch (c->kind) {
	case CDP_COND_EVENT:
	case CDP_COND_SEQUENCE:
		return cdp_hist_ask(ctx->hist, c->leaf, ctx->now_ms, next);
	case CDP_COND_TRAIT:
	case CDP_COND_KEPT:
		return value_holds(c, ctx, next);
	case CDP_COND_MEASURE:
		if (next != NULL)
			*next = measure_next(c, ctx);
		return measure_holds(c, ctx);
	case CDP_COND_AUDIENCE:
		return cdp_cond_is_in(ctx, c->name);
	case CDP_COND_ROWS:
		return cdp_rows_ask(c->rows, ctx, NULL, next);
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
	struct cdp_path path;
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
		at = cdp_cond_value(c, ctx, &t, &path);
		return value_next(c, ctx, t, at, &path);
	}
	if (c->kind == CDP_COND_ROWS)
		cdp_rows_ask(c->rows, ctx, NULL, &next);
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
