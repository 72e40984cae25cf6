#include "lib/json/write.h"
#include "lib/rule/measure.h"
#include "lib/rule/project.h"
#include "lib/rule/rows.h"
#include "lib/rule/tree.h"

#define LOOK_MAX 1000 /* instants that are tried for the next change */
#define SHOWN_MAX 20  /* events of a leaf that are told of */

/* What the whole asks with the answer of one leaf turned round. */
static bool
turned(const struct cdp_cond *c, const struct cdp_ctx *ctx,
    const struct cdp_cond *leaf)
{
	if (c == leaf)
		return !cdp_cond_test(c, ctx);
	if (c->nkid == 0)
		return cdp_cond_test(c, ctx);
	if (c->kind == CDP_COND_NOT)
		return !turned(c->kid[0], ctx, leaf);
	for (size_t i = 0; i < c->nkid; i++)
		if (turned(c->kid[i], ctx, leaf) == (c->kind == CDP_COND_ANY))
			return c->kind == CDP_COND_ANY;
	return c->kind != CDP_COND_ANY;
}

int64_t
cdp_cond_turns(const struct cdp_cond *c, const struct cdp_ctx *ctx)
{
	struct cdp_ctx at = *ctx;
	bool now = cdp_cond_test(c, ctx);

	for (int i = 0; i < LOOK_MAX; i++) {
		at.now_ms = cdp_cond_next(c, &at);
		if (at.now_ms == INT64_MAX)
			break;
		if (cdp_cond_test(c, &at) != now)
			return at.now_ms;
	}
	return INT64_MAX;
}

const struct cdp_cond *
cdp_cond_culprit(const struct cdp_cond *c, const struct cdp_ctx *ctx)
{
	const struct cdp_cond *kid;
	size_t i;

	if (cdp_cond_test(c, ctx))
		return NULL;
	for (i = 0; c->kind == CDP_COND_ALL && i < c->nkid; i++)
		if ((kid = cdp_cond_culprit(c->kid[i], ctx)) != NULL)
			return kid;
	return c;
}

/* ---- operators ---- */

static void
put_const(struct cdp_buf *b, const struct cdp_const *v)
{
	if (v->kind == CDP_STRING)
		cdp_json_str(b, v->s);
	else if (v->kind == CDP_NUM)
		cdp_buf_put(b, v->s);
	else
		cdp_buf_puts(b, v->kind == CDP_TRUE ? "true" : "false");
}

/* 90m, 7d: the largest unit that it is a multiple of. */
static void
put_length(struct cdp_buf *b, int64_t ms)
{
	static const struct {
		int64_t ms;
		const char *name;
	} units[] = { { 86400000, "d" }, { 3600000, "h" }, { 60000, "m" },
		{ 1000, "s" }, { 1, "ms" } };
	size_t i = 0;

	while (ms % units[i].ms != 0)
		i++;
	cdp_buf_i64(b, ms / units[i].ms);
	cdp_buf_puts(b, units[i].name);
}

static void
put_ops(struct cdp_buf *b, const struct cdp_ops *op)
{
	cdp_buf_putc(b, '{');
	for (; op != NULL; op = op->next) {
		cdp_json_key(b, cdp_ops_names[op->kind]);
		if (op->ref != NULL) {
			cdp_buf_puts(b, "{\"trait\":");
			cdp_json_str(b, op->ref->path.text);
			cdp_buf_putc(b, '}');
			continue;
		}
		if (op->relative || op->kind == CDP_OP_WITHIN_LAST ||
		    op->kind == CDP_OP_WITHIN_NEXT) {
			cdp_buf_putc(b, '"');
			put_length(b, op->ms);
			cdp_buf_putc(b, '"');
			continue;
		}
		if (op->kind == CDP_OP_EXISTS) {
			cdp_buf_puts(b, op->ms != 0 ? "true" : "false");
			continue;
		}
		if (op->kind == CDP_OP_BEFORE || op->kind == CDP_OP_AFTER) {
			char text[CDP_TIME_SIZE];

			cdp_time_format(op->ms, text);
			cdp_json_str(b, cdp_str_of(text));
			continue;
		}
		if (op->nv != 1)
			cdp_buf_putc(b, '[');
		for (size_t i = 0; i < op->nv; i++) {
			if (i != 0)
				cdp_buf_putc(b, ',');
			put_const(b, &op->v[i]);
		}
		if (op->nv != 1)
			cdp_buf_putc(b, ']');
	}
	cdp_buf_putc(b, '}');
}

/* ---- events ---- */

static void
put_window(struct cdp_buf *b, const struct cdp_leaf *lf)
{
	if (lf->window && lf->from_ms == 0) {
		cdp_buf_puts(b, ",\"within\":\"");
		put_length(b, lf->to_ms);
		cdp_buf_putc(b, '"');
	} else if (lf->window) {
		cdp_buf_puts(b, ",\"between\":[\"");
		put_length(b, lf->from_ms);
		cdp_buf_puts(b, "\",\"");
		put_length(b, lf->to_ms);
		cdp_buf_puts(b, "\"]");
	}
}

static void
put_needed(struct cdp_buf *b, const struct cdp_leaf *lf)
{
	cdp_json_key(b, "needed");
	cdp_buf_puts(b, "{\"count\":{");
	for (size_t i = 0; i < lf->ncount; i++) {
		cdp_json_key(b, cdp_ops_names[lf->count[i].kind]);
		cdp_buf_i64(b, lf->count[i].n);
	}
	cdp_buf_putc(b, '}');
	put_window(b, lf);
	cdp_buf_putc(b, '}');
}

static void
put_names(struct cdp_buf *b, const struct cdp_trigger *on)
{
	for (size_t i = 0; i < on->nevent; i++) {
		if (i != 0)
			cdp_buf_puts(b, " or ");
		cdp_buf_printf(b, "%.*s", (int)on->event[i].n, on->event[i].p);
	}
	if (on->where != NULL)
		cdp_buf_puts(b, " where it says so");
}

/* How many more would turn a leaf that n have matched; 0: no number. */
static int64_t
more(const struct cdp_leaf *lf, int64_t n)
{
	bool now = cdp_leaf_holds(lf, n);

	for (size_t i = 0; i < lf->ncount; i++)
		for (int64_t k = lf->count[i].n - n; k < lf->count[i].n - n + 2;
		     k++)
			if (k > 0 && cdp_leaf_holds(lf, n + k) != now)
				return k;
	return 0;
}

static void
why_event(const struct cdp_leaf *lf, const struct cdp_ctx *ctx,
    struct cdp_buf *b, struct cdp_buf *what)
{
	const int64_t *ts;
	size_t nts, n, first = 0;
	int64_t k;

	n = cdp_hist_count(ctx->hist, lf, ctx->now_ms, &ts, &nts);
	put_needed(b, lf);
	cdp_json_ki64(b, "actual", (int64_t)n);
	if (lf->window && lf->keep != 0 && n >= lf->keep)
		cdp_buf_puts(b, ",\"or_more\":true");
	if (nts != 0) {
		cdp_json_key(b, "events");
		cdp_buf_putc(b, '[');
		if (nts > SHOWN_MAX)
			first = nts - SHOWN_MAX;
		for (size_t i = first; i < nts; i++) {
			char text[CDP_TIME_SIZE];

			cdp_time_format(ts[i], text);
			cdp_json_comma(b);
			cdp_json_str(b, cdp_str_of(text));
		}
		cdp_buf_putc(b, ']');
	}
	if ((k = more(lf, (int64_t)n)) == 0)
		return;
	cdp_buf_printf(what, "%lld more ", (long long)k);
	put_names(what, &lf->on);
	if (lf->from_ms != 0) {
		cdp_buf_puts(what, ", ");
		put_length(what, lf->from_ms);
		cdp_buf_puts(what, " after it");
	}
}

static void
why_sequence(const struct cdp_leaf *lf, const struct cdp_ctx *ctx,
    struct cdp_buf *b, struct cdp_buf *what)
{
	const struct cdp_seq_evs *e = cdp_hist_events(ctx->hist, lf);
	const struct cdp_seq *s = lf->seq;
	uint32_t first = e != NULL && e->n > SHOWN_MAX ? e->n - SHOWN_MAX : 0;

	cdp_json_ki64(b, "needed", (int64_t)s->n);
	cdp_json_key(b, "events");
	cdp_buf_putc(b, '[');
	for (uint32_t i = first; e != NULL && i < e->n; i++) {
		cdp_json_comma(b);
		cdp_buf_putc(b, '{');
		cdp_json_ktime(b, "at", e->v[i].ms);
		cdp_json_key(b, "steps");
		cdp_buf_putc(b, '[');
		for (size_t k = 0; k < s->n; k++)
			if ((e->v[i].steps >> k & 1) != 0) {
				cdp_json_comma(b);
				cdp_buf_i64(b, (int64_t)k + 1);
			}
		cdp_buf_puts(b, "]}");
	}
	cdp_buf_putc(b, ']');
	cdp_buf_puts(what, "an event that is one of its steps: ");
	put_names(what, &lf->on);
}

/* When those were whose values are kept: of some measures, none. */
static void
put_points(struct cdp_buf *b, const struct cdp_points *pts, int64_t back_ms)
{
	size_t first = pts->n > SHOWN_MAX ? pts->n - SHOWN_MAX : 0;
	char text[CDP_TIME_SIZE];

	for (size_t i = first; i < pts->n; i++) {
		cdp_time_format(cdp_points_at(pts, i)->ms - back_ms, text);
		cdp_json_comma(b);
		cdp_json_str(b, cdp_str_of(text));
	}
}

static void
why_measure(const struct cdp_cond *c, const struct cdp_ctx *ctx,
    struct cdp_buf *b, struct cdp_buf *what)
{
	const struct cdp_measure *y = cdp_hist_measure(ctx->hist, c->leaf);
	struct cdp_buf actual = { 0 };

	cdp_cond_measured(c, ctx, &actual);
	cdp_json_key(b, "needed");
	cdp_buf_puts(b, "{\"value\":");
	put_ops(b, c->ops);
	put_window(b, c->leaf);
	cdp_buf_putc(b, '}');
	cdp_json_kraw(b, "actual",
	    actual.n != 0 ? cdp_buf_str(&actual) : CDP_STR("null"));
	if (y != NULL && y->w.pts.n + y->wait.n != 0) {
		cdp_json_key(b, "events");
		cdp_buf_putc(b, '[');
		put_points(b, &y->w.pts, c->leaf->measure->from_ms);
		put_points(b, &y->wait, 0);
		cdp_buf_putc(b, ']');
	}
	cdp_buf_puts(what, "another event: ");
	put_names(what, &c->leaf->on);
	cdp_buf_free(&actual);
}

/* ---- a leaf ---- */

static void
why_value(const struct cdp_cond *c, const struct cdp_ctx *ctx,
    struct cdp_buf *b, struct cdp_buf *what)
{
	const struct cdp_tape *t;
	struct cdp_path path;
	uint32_t at = cdp_cond_value(c, ctx, &t, &path);

	cdp_json_key(b, "needed");
	put_ops(b, c->ops);
	cdp_json_key(b, "actual");
	if (c->many && t != NULL)
		cdp_each_show(b, t, at, &path);
	else
		cdp_buf_put(
		    b, at == CDP_NOTOK ? CDP_STR("null") : cdp_tape_raw(t, at));
	cdp_buf_puts(what, "another value of ");
	for (size_t i = 0; i < c->path.n; i++) {
		if (i != 0)
			cdp_buf_putc(what, '.');
		cdp_buf_put(what, c->path.seg[i]);
	}
}

static void
why_rows(const struct cdp_rows_def *d, const struct cdp_ctx *ctx,
    struct cdp_buf *b, struct cdp_buf *what)
{
	struct cdp_buf actual = { 0 };

	cdp_rows_ask(d, ctx, &actual, NULL);
	cdp_json_key(b, "needed");
	cdp_buf_puts(b, "{\"value\":");
	put_ops(b, d->ops);
	cdp_buf_putc(b, '}');
	cdp_json_kraw(b, "actual",
	    actual.n != 0 ? cdp_buf_str(&actual) : CDP_STR("null"));
	cdp_buf_printf(what, "other rows of %.*s, or other keys of them in ",
	    (int)d->name.n, d->name.p);
	cdp_buf_put(what, d->entity->by.text);
	cdp_buf_free(&actual);
}

static void
why_leaf(const struct cdp_cond *c, const struct cdp_ctx *ctx, struct cdp_buf *b,
    struct cdp_buf *what)
{
	bool holds = cdp_cond_test(c, ctx);

	switch (c->kind) {
	case CDP_COND_EVENT:
		why_event(c->leaf, ctx, b, what);
		return;
	case CDP_COND_SEQUENCE:
		why_sequence(c->leaf, ctx, b, what);
		return;
	case CDP_COND_MEASURE:
		why_measure(c, ctx, b, what);
		return;
	case CDP_COND_TRAIT:
	case CDP_COND_KEPT:
		why_value(c, ctx, b, what);
		return;
	case CDP_COND_ROWS:
		why_rows(c->rows, ctx, b, what);
		return;
	case CDP_COND_GROUP:
		cdp_json_kstr(
		    b, "needed", cdp_str_of(cdp_members_words[c->ask]));
		if (ctx->tell_group != NULL)
			ctx->tell_group(ctx->arg, c->key, b);
		cdp_buf_puts(what, "a member of whom this holds, or no more: ");
		cdp_buf_put(what, c->inner->text);
		return;
	default:
		break;
	}
	cdp_json_kraw(b, "needed", CDP_STR("true"));
	cdp_json_kraw(b, "actual", holds ? CDP_STR("true") : CDP_STR("false"));
	if (c->kind == CDP_COND_AUDIENCE)
		cdp_buf_printf(what, "to %s audience %.*s",
		    holds ? "leave" : "enter", (int)c->name.n, c->name.p);
	else if (c->kind == CDP_COND_CONSENT)
		cdp_buf_printf(what, "another answer about %.*s",
		    (int)c->name.n, c->name.p);
	else
		cdp_buf_puts(what, "another answer of the program");
}

struct why {
	const struct cdp_cond *root;
	const struct cdp_ctx *ctx;
	bool holds; /* the root */
	struct cdp_buf *b;
};

static void
explain(const struct why *w, const struct cdp_cond *c)
{
	bool holds = cdp_cond_test(c, w->ctx);
	struct cdp_buf what = { 0 };
	struct cdp_buf *b = w->b;
	int64_t at;

	cdp_buf_putc(b, '{');
	cdp_json_kraw(b, "holds", holds ? CDP_STR("true") : CDP_STR("false"));
	if (c->nkid != 0) {
		cdp_json_key(b,
		    c->kind == CDP_COND_NOT       ? "not"
			: c->kind == CDP_COND_ANY ? "any"
						  : "all");
		if (c->kind != CDP_COND_NOT)
			cdp_buf_putc(b, '[');
		for (size_t i = 0; i < c->nkid; i++) {
			if (i != 0)
				cdp_buf_putc(b, ',');
			explain(w, c->kid[i]);
		}
		cdp_buf_puts(b, c->kind != CDP_COND_NOT ? "]}" : "}");
		return;
	}
	cdp_json_kstr(b, "if", c->text);
	cdp_json_kraw(b, "decides",
	    turned(w->root, w->ctx, c) != w->holds ? CDP_STR("true")
						   : CDP_STR("false"));
	why_leaf(c, w->ctx, b, &what);
	if (what.n != 0)
		cdp_json_kstr(b, "would_change", cdp_buf_str(&what));
	if ((at = cdp_cond_turns(c, w->ctx)) != INT64_MAX)
		cdp_json_ktime(b, "changes_at", at);
	cdp_buf_putc(b, '}');
	cdp_buf_free(&what);
}

void
cdp_cond_explain(
    const struct cdp_cond *c, const struct cdp_ctx *ctx, struct cdp_buf *b)
{
	struct why w = { c, ctx, cdp_cond_test(c, ctx), b };

	explain(&w, c);
}
