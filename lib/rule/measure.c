#include "lib/rule/measure.h"

#include "lib/json/write.h"
#include "lib/rule/each.h"
#include "lib/rule/ops.h"
#include "lib/rule/trail.h"
#include "lib/rule/wstate.h"

static bool
is_set(const struct cdp_trait *def)
{
	return def->kind == CDP_TRAIT_UNIQUE ||
	    def->kind == CDP_TRAIT_UNIQUE_COUNT ||
	    def->kind == CDP_TRAIT_MOST_FREQUENT;
}

struct data {
	const struct cdp_measure_def *d;
	const struct cdp_datum *like;
	struct cdp_arena *mem;
	struct cdp_datum *v;
	size_t n, cap;
};

static struct cdp_datum *
room(struct data *to)
{
	struct cdp_datum *v;

	if (to->n == to->cap) {
		to->cap = to->cap * 2 + 1;
		v = cdp_arena_alloc(to->mem, to->cap * sizeof(*v));
		if (to->n != 0)
			memcpy(v, to->v, to->n * sizeof(*v));
		to->v = v;
	}
	to->v[to->n] = *to->like;
	return &to->v[to->n];
}

static bool
take(void *arg, const struct cdp_tape *t, uint32_t at)
{
	struct data *to = arg;
	const struct cdp_measure_def *d = to->d;
	struct cdp_datum *in = room(to);
	struct cdp_buf b = { 0 };

	if (cdp_tape_kind(t, at) == CDP_NULL ||
	    (d->pick != 0 && !cdp_tape_isa(t, at, CDP_STRING)))
		return false;
	in->json = cdp_tape_raw(t, at);
	if (cdp_window_numeric(&d->def) &&
	    cdp_dec_parse(in->json, &in->dec) != 0)
		return false;
	if (is_set(&d->def)) {
		cdp_json_canonical(&b, t, at);
		in->json = cdp_arena_dup(to->mem, cdp_buf_str(&b));
		cdp_buf_free(&b);
	}
	to->n++;
	return false;
}

static void
take_all(struct data *to, const struct cdp_tape *t, uint32_t at,
    const struct cdp_path *path)
{
	struct cdp_buf b = { 0 };

	cdp_each_show(&b, t, at, path);
	if (!cdp_str_is(cdp_buf_str(&b), "[]")) {
		room(to)->json = cdp_arena_dup(to->mem, cdp_buf_str(&b));
		to->n++;
	}
	cdp_buf_free(&b);
}

const struct cdp_datum *
cdp_measure_data(const struct cdp_measure_def *d, const struct cdp_tape *t,
    uint32_t at, const struct cdp_path *path, const struct cdp_datum *like,
    struct cdp_arena *mem, size_t *n)
{
	struct data to = { .d = d, .like = like, .mem = mem };

	if (d->def.kind == CDP_TRAIT_COUNT) {
		*n = 1;
		return like;
	}
	if (d->whole)
		take_all(&to, t, at, path);
	else if (d->many)
		cdp_each(t, at, path, take, &to);
	else
		take(&to, t, cdp_tape_path(t, at, path));
	*n = to.n;
	return to.v;
}

const struct cdp_datum *
cdp_measure_line(
    const struct cdp_measure_def *d, const struct cdp_line *ln, size_t *n)
{
	struct cdp_datum *in = cdp_arena_alloc(ln->mem, sizeof(*in));

	*in = (struct cdp_datum){ .at = { ln->ts_ms, ln->message_id },
		.weight = 1 };
	if (d->trail == NULL)
		return cdp_measure_data(
		    d, ln->tape, 0, &d->def.path, in, ln->mem, n);
	*n = cdp_trail_line(d->trail, ln, &in->json);
	return in;
}

static bool
waits(const struct cdp_measure_def *d)
{
	return d->from_ms != 0 || d->trail != NULL;
}

static void
drop_waiting(struct cdp_measure *y)
{
	free(cdp_points_at(&y->wait, 0)->u.val);
	cdp_points_shift(&y->wait);
}

/* Those of one instant in the order in which they came. */
static void
put_waiting(struct cdp_measure *y, const struct cdp_measure_def *d,
    const struct cdp_datum *in)
{
	struct cdp_pt pt = { .ms = in->at.ms };
	size_t i = y->wait.n;

	pt.u.val = cdp_val_new(in->json.n != 0 ? in->json : CDP_STR("null"),
	    d->trail != NULL ? CDP_STR("") : in->at.mid);
	while (i != 0 && cdp_points_at(&y->wait, i - 1)->ms > pt.ms)
		i--;
	cdp_points_insert(&y->wait, i, pt);
	if (y->wait.n > (d->trail != NULL ? CDP_TRAIL_KEEP : CDP_POINTS_MAX))
		drop_waiting(y);
}

static void
enter(struct cdp_measure *y, const struct cdp_measure_def *d,
    const struct cdp_datum *in)
{
	/* What has left is told by the next cdp_measure_expire(). */
	if (d->def.session_ms == 0 ||
	    cdp_window_session(&y->w, &d->def, in->at.ms, in->at.ms))
		cdp_window_put(&y->w, &d->def, in);
}

void
cdp_measure_put(struct cdp_measure *y, const struct cdp_measure_def *d,
    const struct cdp_datum *in)
{
	(waits(d) ? put_waiting : enter)(y, d, in);
}

static struct cdp_datum
waiting(const struct cdp_measure *y, size_t i)
{
	const struct cdp_pt *pt = cdp_points_at(&y->wait, i);

	return (struct cdp_datum){ .at = cdp_pt_stamp(pt),
		.json = cdp_val_json(pt->u.val),
		.weight = 1 };
}

void
cdp_measure_join(struct cdp_measure *y, const struct cdp_measure *from,
    const struct cdp_measure_def *d)
{
	struct cdp_datum in;

	cdp_window_join(&y->w, &from->w, &d->def);
	for (size_t i = 0; i < from->wait.n; i++) {
		in = waiting(from, i);
		put_waiting(y, d, &in);
	}
}

void
cdp_measure_free(struct cdp_measure *y, const struct cdp_measure_def *d)
{
	for (size_t i = 0; i < y->wait.n; i++)
		free(cdp_points_at(&y->wait, i)->u.val);
	free(y->wait.v);
	cdp_window_free(&y->w, &d->def);
	*y = (struct cdp_measure){ 0 };
}

bool
cdp_measure_is_empty(
    const struct cdp_measure *y, const struct cdp_measure_def *d)
{
	if (y->wait.n != 0)
		return false;
	if (d->def.session_ms != 0)
		return !y->w.live;
	return y->w.pts.n == 0 && !y->w.has_best &&
	    (d->def.within_ms != 0 || (y->w.n == 0 && y->w.set.n == 0));
}

/* How long an event is kept that waits; 0: for ever. */
static int64_t
kept_ms(const struct cdp_measure_def *d)
{
	if (d->def.session_ms != 0 || d->def.within_ms == 0)
		return 0;
	return d->from_ms + d->def.within_ms;
}

static int64_t
due(const struct cdp_measure *y, const struct cdp_measure_def *d)
{
	int64_t ms = d->trail != NULL ? kept_ms(d) : d->from_ms;

	return y->wait.n == 0 || ms == 0
	    ? INT64_MAX
	    : cdp_ops_plus(cdp_points_at(&y->wait, 0)->ms, ms);
}

bool
cdp_measure_expire(
    struct cdp_measure *y, const struct cdp_measure_def *d, int64_t now_ms)
{
	struct cdp_datum in;
	bool any = false;

	for (; due(y, d) <= now_ms; any = true) {
		in = waiting(y, 0);
		in.at.ms += d->from_ms;
		if (d->trail == NULL) {
			if (cdp_window_numeric(&d->def))
				(void)cdp_dec_parse(in.json, &in.dec);
			enter(y, d, &in);
		}
		drop_waiting(y);
	}
	any |= cdp_window_expire(&y->w, &d->def, now_ms);
	return any;
}

int64_t
cdp_measure_leaves(const struct cdp_measure *y, const struct cdp_measure_def *d)
{
	int64_t a = due(y, d), b = cdp_window_next(&y->w, &d->def);

	return a < b ? a : b;
}

void
cdp_measure_show(struct cdp_buf *b, const struct cdp_measure *y,
    const struct cdp_measure_def *d)
{
	const struct cdp_values *set = &y->w.set;

	if (d->pick == 0)
		cdp_window_show(b, &y->w, &d->def);
	else if (set->n != 0)
		cdp_buf_put(
		    b, cdp_val_json(set->v[d->pick < 0 ? 0 : set->n - 1]));
}

/* y as it will be at now, if nothing happens until then. */
static const struct cdp_measure *
ahead(const struct cdp_measure *y, const struct cdp_measure_def *d,
    int64_t now_ms, struct cdp_measure *tmp)
{
	if (d->trail != NULL || cdp_measure_leaves(y, d) > now_ms)
		return y;
	cdp_measure_join(tmp, y, d);
	cdp_measure_expire(tmp, d, now_ms);
	return tmp;
}

void
cdp_measure_value(struct cdp_buf *b, const struct cdp_measure *y,
    const struct cdp_measure_def *d, const struct cdp_ctx *ctx)
{
	struct cdp_measure tmp = { 0 };

	if (y == NULL)
		cdp_buf_put(b, d->def.def);
	else if (d->trail != NULL)
		cdp_trail_value(b, &y->wait, d, ctx);
	else
		cdp_measure_show(b, ahead(y, d, ctx->now_ms, &tmp), d);
	cdp_measure_free(&tmp, d);
}

int64_t
cdp_measure_next(const struct cdp_measure *y, const struct cdp_measure_def *d,
    const struct cdp_ctx *ctx)
{
	struct cdp_measure tmp = { 0 };
	int64_t ms;

	if (d->trail != NULL)
		return cdp_trail_next(&y->wait, d, ctx);
	ms = cdp_measure_leaves(ahead(y, d, ctx->now_ms, &tmp), d);
	cdp_measure_free(&tmp, d);
	return ms;
}

/* [window, [[ms,value,"messageId"], ...]]: what waits is behind. */
void
cdp_measure_write(struct cdp_buf *b, const struct cdp_measure *y,
    const struct cdp_measure_def *d)
{
	cdp_buf_putc(b, '[');
	cdp_wstate_write(b, &y->w, &d->def);
	cdp_buf_puts(b, ",[");
	for (size_t i = 0; i < y->wait.n; i++) {
		struct cdp_datum in = waiting(y, i);

		cdp_json_comma(b);
		cdp_buf_putc(b, '[');
		cdp_buf_i64(b, in.at.ms);
		cdp_buf_putc(b, ',');
		cdp_buf_put(b, in.json);
		if (in.at.mid.n != 0) {
			cdp_buf_putc(b, ',');
			cdp_json_str(b, in.at.mid);
		}
		cdp_buf_putc(b, ']');
	}
	cdp_buf_puts(b, "]]");
}

void
cdp_measure_read(struct cdp_measure *y, const struct cdp_measure_def *d,
    const struct cdp_tape *t, uint32_t at)
{
	uint32_t it = 0, jt = 0, kt, key, val, el, part;
	struct cdp_arena mem = { 0 };

	if (cdp_tape_next(t, at, &it, &key, &val))
		cdp_wstate_read(&y->w, &d->def, t, val, &mem);
	if (!cdp_tape_next(t, at, &it, &key, &val))
		val = CDP_NOTOK;
	while (cdp_tape_next(t, val, &jt, &key, &el)) {
		struct cdp_datum in = { .weight = 1 };

		kt = 0;
		if (cdp_tape_next(t, el, &kt, &key, &part))
			cdp_tape_i64(t, part, &in.at.ms);
		if (cdp_tape_next(t, el, &kt, &key, &part))
			in.json = cdp_tape_raw(t, part);
		if (cdp_tape_next(t, el, &kt, &key, &part))
			in.at.mid = cdp_tape_str(t, part, &mem);
		put_waiting(y, d, &in);
	}
	cdp_arena_free(&mem);
}
