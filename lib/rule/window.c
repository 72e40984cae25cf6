#include "lib/rule/window.h"

#include "lib/json/write.h"

static bool
is_set(const struct cdp_trait *def)
{
	return def->kind == CDP_TRAIT_MOST_FREQUENT ||
	    def->kind == CDP_TRAIT_UNIQUE ||
	    def->kind == CDP_TRAIT_UNIQUE_COUNT;
}

static bool
is_extreme(const struct cdp_trait *def)
{
	return def->kind == CDP_TRAIT_MIN || def->kind == CDP_TRAIT_MAX;
}

bool
cdp_window_numeric(const struct cdp_trait *def)
{
	return def->kind == CDP_TRAIT_SUM || def->kind == CDP_TRAIT_AVG ||
	    is_extreme(def);
}

/* The newest is the last to leave, so it is all that "last" needs. */
enum cdp_keeps
cdp_window_keeps(const struct cdp_trait *def)
{
	switch (def->kind) {
	case CDP_TRAIT_JQ:
	case CDP_TRAIT_CASE:
		return CDP_KEEPS_NOTHING;
	case CDP_TRAIT_LIST:
		return CDP_KEEPS_LIST;
	case CDP_TRAIT_LAST:
		return CDP_KEEPS_BEST;
	default:
		break;
	}
	if (def->within_ms > 0)
		return CDP_KEEPS_POINTS;
	if (is_set(def))
		return CDP_KEEPS_SET;
	return def->kind == CDP_TRAIT_FIRST || is_extreme(def)
	    ? CDP_KEEPS_BEST
	    : CDP_KEEPS_TOTAL;
}

/* ---- points ---- */

static bool
better(const struct cdp_trait *def, struct cdp_dec a, struct cdp_dec b)
{
	int c = cdp_dec_cmp(a, b);

	return def->kind == CDP_TRAIT_MIN ? c < 0 : c > 0;
}

/*
 * min and max: a datum behind which (or with which) as good a one came can
 * never be the best again, so the points get worse from the first to the
 * last.
 */
static void
put_extreme(struct cdp_window *w, const struct cdp_trait *def,
    const struct cdp_datum *d)
{
	size_t i = w->pts.n, j;

	while (i != 0 && cdp_points_at(&w->pts, i - 1)->ms > d->at.ms)
		i--;
	if (i < w->pts.n &&
	    !better(def, d->dec, cdp_pt_dec(cdp_points_at(&w->pts, i))))
		return;
	if (i != 0 && cdp_points_at(&w->pts, i - 1)->ms == d->at.ms &&
	    !better(def, d->dec, cdp_pt_dec(cdp_points_at(&w->pts, i - 1))))
		return;
	for (j = i; j != 0; j--)
		if (better(
			def, cdp_pt_dec(cdp_points_at(&w->pts, j - 1)), d->dec))
			break;
	cdp_points_cut(&w->pts, j, i - j);
	cdp_points_insert(&w->pts, j, cdp_pt_of(d->at.ms, d->dec));
}

static void
pt_leave(struct cdp_window *w, const struct cdp_trait *def)
{
	struct cdp_pt *pt = cdp_points_at(&w->pts, 0);

	if (def->kind == CDP_TRAIT_FIRST)
		free(pt->u.val);
	else if (is_set(def))
		cdp_values_drop(&w->set, pt->u.val);
	else if (cdp_window_numeric(def) && !is_extreme(def))
		cdp_dec_sub(&w->sum, cdp_pt_dec(pt));
	w->n--;
	cdp_points_shift(&w->pts);
}

static void
put_point(struct cdp_window *w, const struct cdp_trait *def,
    const struct cdp_datum *d)
{
	struct cdp_pt pt = cdp_pt_of(d->at.ms, d->dec);
	size_t i = w->pts.n;

	if (is_extreme(def)) {
		put_extreme(w, def, d);
		return;
	}
	if (cdp_window_numeric(def) && cdp_dec_add(&w->sum, d->dec) != 0)
		return;
	if (is_set(def) &&
	    (pt.u.val = cdp_values_add(&w->set, d->json, 1)) == NULL)
		return;
	if (def->kind == CDP_TRAIT_FIRST) {
		pt.u.val = cdp_val_new(d->json, d->at.mid);
		while (i != 0 &&
		    cdp_stamp_cmp(
			cdp_pt_stamp(cdp_points_at(&w->pts, i - 1)), d->at) > 0)
			i--;
	} else {
		while (i != 0 && cdp_points_at(&w->pts, i - 1)->ms > d->at.ms)
			i--;
	}
	w->n++;
	cdp_points_insert(&w->pts, i, pt);
	if (w->pts.n > CDP_POINTS_MAX)
		pt_leave(w, def);
}

/* ---- all kinds ---- */

static void
put_best(struct cdp_window *w, const struct cdp_trait *def,
    const struct cdp_datum *d)
{
	if (is_extreme(def)) {
		if (!w->has_best || better(def, d->dec, cdp_pt_dec(&w->best)))
			w->best = cdp_pt_of(d->at.ms, d->dec);
	} else {
		int c = 0;

		if (w->has_best && w->best.u.val->n != d->rank)
			c = w->best.u.val->n < d->rank ? -1 : 1;
		else if (w->has_best)
			c = cdp_stamp_cmp(d->at, cdp_pt_stamp(&w->best));

		if (w->has_best &&
		    (def->kind == CDP_TRAIT_FIRST ? c >= 0 : c < 0))
			return;
		if (w->has_best)
			free(w->best.u.val);
		w->best.ms = d->at.ms;
		w->best.u.val = cdp_val_new(d->json, d->at.mid);
		w->best.u.val->n = d->rank;
	}
	w->has_best = true;
}

static void
drop_best(struct cdp_window *w, const struct cdp_trait *def)
{
	if (w->has_best && !is_extreme(def))
		free(w->best.u.val);
	w->has_best = false;
}

static void
forget(struct cdp_window *w, const struct cdp_trait *def)
{
	size_t i;

	drop_best(w, def);
	for (i = 0; def->kind == CDP_TRAIT_FIRST && i < w->pts.n; i++)
		free(cdp_points_at(&w->pts, i)->u.val);
	free(w->pts.v);
	cdp_values_free(&w->set);
	cdp_list_free(&w->list);
}

void
cdp_window_free(struct cdp_window *w, const struct cdp_trait *def)
{
	forget(w, def);
	cdp_buf_free(&w->out);
}

/* ---- sessions ---- */

static void
end_session(struct cdp_window *w, const struct cdp_trait *def)
{
	struct cdp_buf out = w->out;

	forget(w, def);
	*w = (struct cdp_window){ .out = out };
}

bool
cdp_window_session(struct cdp_window *w, const struct cdp_trait *def,
    int64_t ms, int64_t now_ms)
{
	int64_t gap = def->session_ms;

	if (w->live && ms >= w->to_ms + gap)
		end_session(w, def);
	if (!w->live) {
		if (ms <= now_ms - gap)
			return false;
		w->live = true;
		w->from_ms = w->to_ms = ms;
		return true;
	}
	if (ms <= w->from_ms - gap)
		return false;
	w->from_ms = ms < w->from_ms ? ms : w->from_ms;
	w->to_ms = ms > w->to_ms ? ms : w->to_ms;
	return true;
}

void
cdp_window_put(struct cdp_window *w, const struct cdp_trait *def,
    const struct cdp_datum *d)
{
	switch (cdp_window_keeps(def)) {
	case CDP_KEEPS_TOTAL:
		if (cdp_window_numeric(def) &&
		    cdp_dec_add(&w->sum, d->dec) != 0)
			break;
		w->n += d->weight;
		break;
	case CDP_KEEPS_BEST:
		put_best(w, def, d);
		break;
	case CDP_KEEPS_SET:
		(void)cdp_values_add(&w->set, d->json, d->weight);
		break;
	case CDP_KEEPS_POINTS:
		put_point(w, def, d);
		break;
	case CDP_KEEPS_LIST:
	case CDP_KEEPS_NOTHING:
		break;
	}
}

bool
cdp_window_expire(
    struct cdp_window *w, const struct cdp_trait *def, int64_t now_ms)
{
	int64_t gone = now_ms - def->within_ms;
	size_t n = w->pts.n;

	if (def->session_ms != 0) {
		if (!w->live || w->to_ms > now_ms - def->session_ms)
			return false;
		end_session(w, def);
		return true;
	}
	if (def->within_ms == 0)
		return false;
	switch (cdp_window_keeps(def)) {
	case CDP_KEEPS_BEST:
		if (!w->has_best || w->best.ms > gone)
			return false;
		drop_best(w, def);
		return true;
	case CDP_KEEPS_LIST:
		return cdp_list_expire(&w->list, gone);
	default:
		while (w->pts.n != 0 && cdp_points_at(&w->pts, 0)->ms <= gone)
			pt_leave(w, def);
		return w->pts.n != n;
	}
}

int64_t
cdp_window_next(const struct cdp_window *w, const struct cdp_trait *def)
{
	int64_t ms = INT64_MAX;

	if (def->session_ms != 0)
		return w->live ? w->to_ms + def->session_ms : ms;
	if (def->within_ms == 0)
		return INT64_MAX;
	switch (cdp_window_keeps(def)) {
	case CDP_KEEPS_BEST:
		if (w->has_best)
			ms = w->best.ms;
		break;
	case CDP_KEEPS_LIST:
		ms = cdp_list_oldest(&w->list);
		break;
	default:
		if (w->pts.n != 0)
			ms = cdp_points_at(&w->pts, 0)->ms;
		break;
	}
	return ms == INT64_MAX ? ms : ms + def->within_ms;
}

struct cdp_datum
cdp_window_datum(const struct cdp_pt *pt, const struct cdp_trait *def)
{
	struct cdp_datum d = { .at.ms = pt->ms, .weight = 1 };

	if (cdp_window_numeric(def))
		d.dec = cdp_pt_dec(pt);
	else if (def->kind != CDP_TRAIT_COUNT) {
		d.at = cdp_pt_stamp(pt);
		d.json = cdp_val_json(pt->u.val);
		d.rank = pt->u.val->n;
	}
	return d;
}

/* Whether from's session is w's or a newer one, which w then begins. */
static bool
join_session(struct cdp_window *w, const struct cdp_window *from,
    const struct cdp_trait *def)
{
	if (!from->live)
		return false;
	if (w->live && from->from_ms >= w->to_ms + def->session_ms)
		end_session(w, def);
	if (!w->live) {
		w->live = true;
		w->from_ms = from->from_ms;
		w->to_ms = from->to_ms;
		return true;
	}
	if (from->to_ms <= w->from_ms - def->session_ms)
		return false;
	if (from->from_ms < w->from_ms)
		w->from_ms = from->from_ms;
	if (from->to_ms > w->to_ms)
		w->to_ms = from->to_ms;
	return true;
}

void
cdp_window_join(struct cdp_window *w, const struct cdp_window *from,
    const struct cdp_trait *def)
{
	struct cdp_datum d = { .dec = from->sum, .weight = from->n };
	size_t i;

	if (def->session_ms != 0 && !join_session(w, from, def))
		return;
	switch (cdp_window_keeps(def)) {
	case CDP_KEEPS_TOTAL:
		cdp_window_put(w, def, &d);
		break;
	case CDP_KEEPS_BEST:
		if (from->has_best) {
			d = cdp_window_datum(&from->best, def);
			cdp_window_put(w, def, &d);
		}
		break;
	case CDP_KEEPS_SET:
		for (i = 0; i < from->set.n; i++)
			(void)cdp_values_add(&w->set,
			    cdp_val_json(from->set.v[i]), from->set.v[i]->n);
		break;
	case CDP_KEEPS_POINTS:
		for (i = 0; i < from->pts.n; i++) {
			d = cdp_window_datum(cdp_points_at(&from->pts, i), def);
			cdp_window_put(w, def, &d);
		}
		break;
	case CDP_KEEPS_LIST:
		cdp_list_join(&w->list, &from->list, (size_t)def->keep);
		break;
	case CDP_KEEPS_NOTHING:
		break;
	}
}

/* ---- the value ---- */

static void
show_set(
    struct cdp_buf *b, const struct cdp_window *w, const struct cdp_trait *def)
{
	const struct cdp_val *top = NULL;
	size_t i;

	if (w->set.n == 0)
		return;
	if (def->kind == CDP_TRAIT_UNIQUE_COUNT) {
		cdp_buf_u64(b, w->set.n);
		return;
	}
	if (def->kind == CDP_TRAIT_UNIQUE) {
		for (i = 0; i < w->set.n; i++) {
			cdp_buf_putc(b, i == 0 ? '[' : ',');
			cdp_buf_put(b, cdp_val_json(w->set.v[i]));
		}
		cdp_buf_putc(b, ']');
		return;
	}
	for (i = 0; i < w->set.n; i++)
		if (w->set.v[i]->n >= def->min &&
		    (top == NULL || w->set.v[i]->n > top->n))
			top = w->set.v[i];
	if (top != NULL)
		cdp_buf_put(b, cdp_val_json(top));
}

static void
show_best(
    struct cdp_buf *b, const struct cdp_window *w, const struct cdp_trait *def)
{
	const struct cdp_pt *pt = &w->best;

	if (cdp_window_keeps(def) == CDP_KEEPS_POINTS)
		pt = w->pts.n != 0 ? cdp_points_at(&w->pts, 0) : NULL;
	else if (!w->has_best)
		pt = NULL;
	if (pt == NULL)
		return;
	if (is_extreme(def))
		cdp_dec_put(b, cdp_pt_dec(pt));
	else if (!cdp_str_is(cdp_val_json(pt->u.val), "null"))
		cdp_buf_put(b, cdp_val_json(pt->u.val));
}

void
cdp_window_show(
    struct cdp_buf *b, const struct cdp_window *w, const struct cdp_trait *def)
{
	size_t n = b->n;

	switch (def->kind) {
	case CDP_TRAIT_COUNT:
		if (w->n != 0)
			cdp_buf_i64(b, w->n);
		break;
	case CDP_TRAIT_SUM:
		if (w->n != 0)
			cdp_dec_put(b, w->sum);
		break;
	case CDP_TRAIT_AVG:
		if (w->n != 0)
			cdp_dec_put(b, cdp_dec_div(w->sum, w->n));
		break;
	case CDP_TRAIT_MIN:
	case CDP_TRAIT_MAX:
	case CDP_TRAIT_FIRST:
	case CDP_TRAIT_LAST:
		show_best(b, w, def);
		break;
	case CDP_TRAIT_MOST_FREQUENT:
	case CDP_TRAIT_UNIQUE:
	case CDP_TRAIT_UNIQUE_COUNT:
		show_set(b, w, def);
		break;
	case CDP_TRAIT_LIST:
		cdp_list_show(b, &w->list);
		break;
	case CDP_TRAIT_JQ:
	case CDP_TRAIT_CASE:
		break;
	}
	if (b->n == n)
		cdp_buf_put(b, def->def);
}
