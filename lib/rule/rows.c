#include "lib/rule/rows.h"

#include "lib/base/map.h"
#include "lib/json/write.h"
#include "lib/rule/pred.h"
#include "lib/rule/tree.h"

/* A row, or, without d, the person. */
struct row {
	const struct cdp_rows_def *d;
	const struct cdp_ctx *ctx;
	const struct cdp_tape *t; /* {"properties": ...} */
	const struct row *in;
	int64_t *next;
};

/* The rows of one condition. */
struct rows {
	const struct cdp_rows_def *d;
	const struct row *in;
	struct cdp_map seen; /* keys */
	struct cdp_arena mem;
	struct cdp_measure y;
	int64_t n;
};

static bool ask(
    const struct cdp_rows_def *d, const struct row *in, struct cdp_buf *value);

/* ---- whether a row is one ---- */

static bool
look_row(void *arg, const struct cdp_ref *ref, cdp_each_fn *fn, void *of)
{
	const struct row *r = arg;

	if (ref->of == CDP_REF_TRAIT)
		return cdp_cond_look(r->d->pr, r->ctx, ref, fn, of);
	if (ref->of == CDP_REF_PARENT)
		r = r->in;
	return r != NULL && r->t != NULL &&
	    cdp_each(r->t, 0, &ref->path, fn, of);
}

static bool
ops_hold(const struct row *r, const struct cdp_pred *p)
{
	const struct cdp_refs refs = { look_row, (void *)r };
	struct cdp_path path = p->path;
	const struct cdp_tape *t = r->t;
	int64_t now = r->ctx->now_ms, ms;
	uint32_t at = 0;

	if (p->trait)
		at = cdp_cond_traits(r->d->pr, r->ctx, &path, &t);
	if (t == NULL)
		at = CDP_NOTOK;
	else if (!p->many)
		at = cdp_tape_path(t, at, &path);
	if (t != NULL && cdp_ops_timed(p->ops)) {
		ms = p->many ? cdp_each_next(p->ops, t, at, &path, now)
			     : cdp_ops_next(p->ops, t, at, now);
		if (ms < *r->next)
			*r->next = ms;
	}
	return p->many ? cdp_each_test(p->ops, t, at, &path, now, &refs)
		       : cdp_ops_test_refs(p->ops, t, at, now, &refs);
}

static bool where(const struct row *r, const struct cdp_pred *p);

static bool
kids(const struct row *r, const struct cdp_pred *p)
{
	for (size_t i = 0; i < p->nkid; i++)
		if (where(r, p->kid[i]) == (p->any || p->contrary))
			return p->any;
	return !p->any;
}

static bool
where(const struct row *r, const struct cdp_pred *p)
{
	bool yes;

	for (; p != NULL; p = p->next) {
		if (p->audience.n != 0)
			yes = cdp_cond_is_in(r->ctx, p->audience) != p->out;
		else if (p->rows != NULL)
			yes = ask(p->rows, r, NULL);
		else
			yes = p->ops != NULL ? ops_hold(r, p) : kids(r, p);
		if (!yes)
			return false;
	}
	return true;
}

/* ---- the rows ---- */

/* As an event of the instant n would count, so that they stay in order. */
static void
put(struct rows *rs, const struct row *r)
{
	const struct cdp_datum like = { .at.ms = rs->n++, .weight = 1 }, *in;
	const struct cdp_measure_def *d = &rs->d->measure;
	size_t n;

	in = cdp_measure_data(d, r->t, 0, &d->def.path, &like, &rs->mem, &n);
	for (size_t i = 0; i < n; i++)
		cdp_measure_put(&rs->y, d, &in[i]);
}

/* The row of that key, or the keys of the rows with that value; what there is
 * stands behind lead. */
static bool
look_up(const struct rows *rs, struct cdp_str raw, bool keys,
    struct cdp_buf *text, struct cdp_tape *t)
{
	const struct cdp_ctx *ctx = rs->in->ctx;
	struct cdp_buf args = { 0 };
	struct cdp_err err = { 0 };

	cdp_buf_putc(&args, '[');
	cdp_json_str(&args, rs->d->name);
	cdp_buf_putc(&args, ',');
	cdp_buf_put(&args, raw);
	cdp_buf_puts(&args, keys ? ",true]" : "]");
	cdp_buf_puts(text, "{\"properties\":");
	if (cdp_jq_lookup(ctx->jq, cdp_buf_str(&args), text, &err) != 0 &&
	    ctx->err != NULL && ctx->err->code == 0)
		*ctx->err = err;
	cdp_buf_putc(text, '}');
	cdp_buf_free(&args);
	return cdp_tape_parse(t, cdp_buf_str(text), NULL) == 0;
}

static bool
take_row(void *arg, const struct cdp_tape *t, uint32_t at)
{
	struct rows *rs = arg;
	struct row r = *rs->in;
	struct cdp_buf text = { 0 };
	struct cdp_tape own = { 0 };
	struct cdp_str key;
	void **seen;

	key = cdp_tape_isa(t, at, CDP_NUM) ? cdp_tape_raw(t, at)
					   : cdp_tape_str(t, at, &rs->mem);
	seen = cdp_map_at(&rs->seen, cdp_arena_dup(&rs->mem, key));
	if (*seen != NULL)
		return false;
	*seen = rs;
	if (look_up(rs, cdp_tape_raw(t, at), false, &text, &own) &&
	    cdp_tape_isa(&own, cdp_tape_get(&own, 0, CDP_STR("properties")),
		CDP_OBJECT)) {
		r.d = rs->d;
		r.t = &own;
		r.in = rs->in->t != NULL ? rs->in : NULL;
		if (where(&r, rs->d->where))
			put(rs, &r);
	}
	cdp_tape_free(&own);
	cdp_buf_free(&text);
	return false;
}

static bool
take(void *arg, const struct cdp_tape *t, uint32_t at)
{
	struct rows *rs = arg;
	struct cdp_buf text = { 0 };
	struct cdp_tape own = { 0 };

	if (cdp_tape_isa(t, at, CDP_ARRAY))
		return cdp_each(t, at, &cdp_each_element, take, rs);
	if (!cdp_tape_isa(t, at, CDP_STRING) && !cdp_tape_isa(t, at, CDP_NUM))
		return false;
	if (rs->d->entity->on.n == 0)
		return take_row(rs, t, at);
	if (look_up(rs, cdp_tape_raw(t, at), true, &text, &own))
		cdp_each(&own, cdp_tape_get(&own, 0, CDP_STR("properties")),
		    &cdp_each_element, take_row, rs);
	cdp_tape_free(&own);
	cdp_buf_free(&text);
	return false;
}

static bool
ask(const struct cdp_rows_def *d, const struct row *in, struct cdp_buf *value)
{
	const struct cdp_tape *t = in->t != NULL ? in->t : in->ctx->profile;
	const struct cdp_refs refs = { look_row, (void *)in };
	struct rows rs = { .d = d, .in = in };
	struct cdp_tape own = { 0 };
	struct cdp_buf b = { 0 };
	int64_t now = in->ctx->now_ms, ms;
	bool some, yes;

	if (t != NULL && d->entity != NULL && in->ctx->jq != NULL)
		cdp_each(t, in->t != NULL ? 0 : in->ctx->profile_at,
		    &d->entity->by, take, &rs);
	cdp_measure_show(&b, &rs.y, &d->measure);
	some = b.n != 0 && cdp_tape_parse(&own, cdp_buf_str(&b), NULL) == 0;
	yes = cdp_ops_test_refs(d->ops, &own, some ? 0 : CDP_NOTOK, now, &refs);
	ms = some ? cdp_ops_next(d->ops, &own, 0, now) : INT64_MAX;
	if (ms < *in->next)
		*in->next = ms;
	if (value != NULL)
		cdp_buf_put(value, cdp_buf_str(&b));
	cdp_measure_free(&rs.y, &d->measure);
	cdp_map_free(&rs.seen);
	cdp_arena_free(&rs.mem);
	cdp_tape_free(&own);
	cdp_buf_free(&b);
	return yes;
}

bool
cdp_rows_ask(const struct cdp_rows_def *d, const struct cdp_ctx *ctx,
    struct cdp_buf *value, int64_t *next)
{
	int64_t any = INT64_MAX;
	struct row person = {
		.d = d, .ctx = ctx, .next = next != NULL ? next : &any
	};

	return ask(d, &person, value);
}

/* ---- what is in it ---- */

struct visit {
	void (*pred)(void *arg, const struct cdp_pred *p);
	void (*rows)(void *arg, const struct cdp_rows_def *d);
	void *arg;
};

static void
visit(void *arg, const struct cdp_pred *p)
{
	const struct visit *v = arg;

	if (p->rows != NULL)
		cdp_rows_each(p->rows, v->pred, v->rows, v->arg);
	else
		v->pred(v->arg, p);
}

void
cdp_rows_each(const struct cdp_rows_def *d,
    void (*pred)(void *arg, const struct cdp_pred *p),
    void (*rows)(void *arg, const struct cdp_rows_def *d), void *arg)
{
	struct visit v = { pred, rows, arg };

	rows(arg, d);
	cdp_pred_each(d->where, visit, &v);
}

static void
pred_timed(void *arg, const struct cdp_pred *p)
{
	bool *timed = arg;

	*timed |= p->ops != NULL && cdp_ops_timed(p->ops);
}

static void
rows_timed(void *arg, const struct cdp_rows_def *d)
{
	bool *timed = arg;

	*timed |= cdp_ops_timed(d->ops);
}

bool
cdp_rows_timed(const struct cdp_rows_def *d)
{
	bool timed = false;

	cdp_rows_each(d, pred_timed, rows_timed, &timed);
	return timed;
}
