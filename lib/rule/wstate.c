#include "lib/rule/wstate.h"

#include "lib/json/write.h"

/* [ms], [ms,number], [ms,value,"messageId"] or [ms,value,"messageId",rank]. */
static void
write_point(
    struct cdp_buf *b, const struct cdp_pt *pt, const struct cdp_trait *def)
{
	struct cdp_datum d = cdp_window_datum(pt, def);

	cdp_json_comma(b);
	cdp_buf_putc(b, '[');
	cdp_buf_i64(b, d.at.ms);
	if (cdp_window_numeric(def)) {
		cdp_buf_putc(b, ',');
		cdp_dec_put(b, d.dec);
	} else if (def->kind != CDP_TRAIT_COUNT) {
		cdp_buf_putc(b, ',');
		cdp_buf_put(b, d.json);
		if (d.at.mid.n != 0 || d.rank != 0) {
			cdp_buf_putc(b, ',');
			cdp_json_str(b, d.at.mid);
		}
		if (d.rank != 0) {
			cdp_buf_putc(b, ',');
			cdp_buf_u64(b, d.rank);
		}
	}
	cdp_buf_putc(b, ']');
}

/* Totals are [n,sum], everything else is an array of points or values. */
static void
write_kept(
    struct cdp_buf *b, const struct cdp_window *w, const struct cdp_trait *def)
{
	size_t i;

	if (cdp_window_keeps(def) == CDP_KEEPS_LIST) {
		cdp_list_write(b, &w->list);
		return;
	}
	cdp_buf_putc(b, '[');
	switch (cdp_window_keeps(def)) {
	case CDP_KEEPS_TOTAL:
		cdp_buf_i64(b, w->n);
		cdp_buf_putc(b, ',');
		cdp_dec_put(b, w->sum);
		break;
	case CDP_KEEPS_BEST:
		if (w->has_best)
			write_point(b, &w->best, def);
		break;
	case CDP_KEEPS_SET:
		for (i = 0; i < w->set.n; i++) {
			cdp_buf_puts(b, i == 0 ? "[" : ",[");
			cdp_buf_u64(b, w->set.v[i]->n);
			cdp_buf_putc(b, ',');
			cdp_buf_put(b, cdp_val_json(w->set.v[i]));
			cdp_buf_putc(b, ']');
		}
		break;
	case CDP_KEEPS_POINTS:
		for (i = 0; i < w->pts.n; i++)
			write_point(b, cdp_points_at(&w->pts, i), def);
		break;
	case CDP_KEEPS_LIST:
	case CDP_KEEPS_NOTHING:
		break;
	}
	cdp_buf_putc(b, ']');
}

void
cdp_wstate_write(
    struct cdp_buf *b, const struct cdp_window *w, const struct cdp_trait *def)
{
	if (def->session_ms == 0) {
		write_kept(b, w, def);
		return;
	}
	cdp_buf_putc(b, '{');
	if (w->live) {
		cdp_json_ki64(b, "from", w->from_ms);
		cdp_json_ki64(b, "to", w->to_ms);
		cdp_buf_puts(b, ",\"kept\":");
		write_kept(b, w, def);
	}
	cdp_buf_putc(b, '}');
}

static void
read_total(struct cdp_window *w, const struct cdp_tape *t, uint32_t at)
{
	uint32_t it = 0, key, val;

	if (cdp_tape_next(t, at, &it, &key, &val))
		cdp_tape_i64(t, val, &w->n);
	if (cdp_tape_next(t, at, &it, &key, &val))
		cdp_dec_parse(cdp_tape_raw(t, val), &w->sum);
}

void
cdp_wstate_read(struct cdp_window *w, const struct cdp_trait *def,
    const struct cdp_tape *t, uint32_t at, struct cdp_arena *mem)
{
	uint32_t it = 0, in, key, val, v;

	if (def->session_ms != 0) {
		w->live = cdp_tape_i64(t, cdp_tape_get(t, at, CDP_STR("from")),
			      &w->from_ms) &&
		    cdp_tape_i64(
			t, cdp_tape_get(t, at, CDP_STR("to")), &w->to_ms);
		at = cdp_tape_get(t, at, CDP_STR("kept"));
	}
	if (cdp_window_keeps(def) == CDP_KEEPS_LIST) {
		cdp_list_read(&w->list, t, at, mem);
		return;
	}
	if (cdp_window_keeps(def) == CDP_KEEPS_TOTAL) {
		read_total(w, t, at);
		return;
	}
	while (cdp_tape_next(t, at, &it, &key, &val)) {
		struct cdp_datum d = { .weight = 1 };
		int64_t rank = 0;

		in = 0;
		if (!cdp_tape_next(t, val, &in, &key, &v))
			continue;
		cdp_tape_i64(t, v,
		    cdp_window_keeps(def) == CDP_KEEPS_SET ? &d.weight
							   : &d.at.ms);
		if (cdp_tape_next(t, val, &in, &key, &v)) {
			d.json = cdp_tape_raw(t, v);
			if (cdp_window_numeric(def))
				cdp_dec_parse(d.json, &d.dec);
		}
		if (cdp_tape_next(t, val, &in, &key, &v))
			d.at.mid = cdp_tape_str(t, v, mem);
		if (cdp_tape_next(t, val, &in, &key, &v) &&
		    cdp_tape_i64(t, v, &rank))
			d.rank = (uint32_t)rank;
		cdp_window_put(w, def, &d);
	}
}
