#include "lib/ingest/same.h"
#include "lib/ingest/state.h"

/* Hand a line to the stage under a key, and let a full epoch go. */
static int
hand_on(struct cdp_ingest *ig, struct cdp_stage *sg, struct cdp_hash128 key,
    uint64_t mark, const struct cdp_line *ln, struct cdp_err *err)
{
	int rc = cdp_stage_keyed(sg, key, mark, ln, err);

	if (rc == CDP_END)
		return rc;
	cdp_arena_reset(&ig->mem);
	return rc != 0 ? rc : cdp_stage_pace(sg, err);
}

int
cdp_ingest_tell(struct cdp_ingest *ig, struct cdp_stage *sg, int64_t ms,
    struct cdp_err *err)
{
	struct cdp_buf *name = &ig->key, *b = &ig->text;
	char now[CDP_TIME_SIZE];
	struct cdp_hash128 key;
	struct cdp_line ln;
	int rc;

	ig->ticked = ms;
	cdp_buf_reset(name);
	cdp_buf_puts(name, "clock:");
	cdp_buf_i64(name, ms);
	if ((rc = cdp_stage_key(sg, cdp_buf_str(name), &key, err)) != 0)
		return rc;
	cdp_time_format(ms, now);
	cdp_buf_reset(b);
	cdp_buf_puts(b, "{\"type\":\"clock\",\"now\":\"");
	cdp_buf_put(b, (struct cdp_str){ now, sizeof(now) - 1 });
	cdp_buf_puts(b, "\"}");
	/* Nobody looks at more of it. */
	ln = (struct cdp_line){ .raw = cdp_buf_str(b),
		.mem = &ig->mem,
		.type = CDP_CLOCK,
		.ts_ms = ms,
		.profile = CDP_NOTOK,
		.cdp = CDP_NOTOK };
	return hand_on(ig, sg, key, 0, &ln, err);
}

/* A line under its key, or, if that is another's, one more of its kind. */
static int
pass_under(struct cdp_ingest *ig, struct cdp_stage *sg,
    const struct cdp_waiting *w, const struct cdp_line *ln, struct cdp_err *err)
{
	struct cdp_hash128 key = w->key;
	unsigned n = 0;
	int rc;

	if (w->key.lo == 0 && w->key.hi == 0) { /* it was held back */
		cdp_same_key(&ig->key, ig->opt.source, w, 0);
		rc = cdp_stage_key(sg, cdp_buf_str(&ig->key), &key, err);
		if (rc != 0)
			return rc;
	}
	while ((rc = hand_on(ig, sg, key, w->mark, ln, err)) == CDP_END) {
		cdp_same_key(&ig->key, ig->opt.source, w, ++n);
		rc = cdp_stage_key(sg, cdp_buf_str(&ig->key), &key, err);
		if (rc != 0)
			break;
	}
	return rc;
}

/* A line that was not read. */
static int
pass_plain(struct cdp_ingest *ig, struct cdp_stage *sg,
    const struct cdp_waiting *w, struct cdp_err *err)
{
	struct cdp_line ln;
	int rc = CDP_END;

	if (ig->suppress.n == 0)
		rc = cdp_stage_again(sg, w->key, w->raw, w->edit, err);
	if (rc != CDP_END)
		return rc != 0 ? rc : cdp_stage_pace(sg, err);
	rc = cdp_line_parse(w->raw, w->lineno, &ig->tape, &ig->mem, &ln, err);
	if (rc != 0)
		return rc;
	ig->now = w;
	rc = pass_under(ig, sg, w, &ln, err);
	ig->now = NULL;
	return rc;
}

/* A line that waited; the tape that it came with, or a new one. */
static int
pass_on(struct cdp_ingest *ig, struct cdp_stage *sg,
    const struct cdp_waiting *w, struct cdp_err *err)
{
	struct cdp_tape kept = { .p = w->raw.p,
		.n = w->raw.n,
		.tok = (struct cdp_tok *)w->tok,
		.ntok = w->ntok,
		.cap = w->ntok };
	struct cdp_line ln = { .raw = w->raw,
		.tape = &kept,
		.mem = &ig->mem,
		.lineno = w->lineno,
		.type = (enum cdp_type)w->type,
		.ts_ms = w->ts_ms,
		.message_id = w->id };
	int rc;

	if (w->whole && ig->suppress.n == 0) {
		ln.tape = NULL;
	} else if (w->ntok == 0) {
		rc = cdp_tape_parse(&ig->tape, w->raw, err);
		if (rc != 0)
			return rc;
		ln.tape = &ig->tape;
	}
	ig->now = w;
	rc = pass_under(ig, sg, w, &ln, err);
	ig->now = NULL;
	return rc;
}

int64_t
cdp_ingest_tick(const struct cdp_ingest *ig, int64_t t)
{
	int64_t tick = ig->opt.tick_ms, r;

	if (tick == 0)
		return CDP_TIME_NONE;
	r = (t - 1) % tick;
	return t - 1 - (r < 0 ? r + tick : r);
}

static int
release(struct cdp_ingest *ig, struct cdp_stage *sg, struct cdp_err *err)
{
	const struct cdp_waiting *w = cdp_order_min(&ig->order);
	int64_t t;
	int rc;

	if (w->ts_ms != CDP_TIME_NONE && !w->doubt &&
	    (t = cdp_ingest_tick(ig, w->ts_ms)) > ig->ticked &&
	    (rc = cdp_ingest_tell(ig, sg, t, err)) != 0)
		return rc;
	if (w->ts_ms > ig->released && !w->doubt)
		ig->released = w->ts_ms;
	rc = w->plain ? pass_plain(ig, sg, w, err) : pass_on(ig, sg, w, err);
	if (rc == 0 && ig->position != NULL && w->place != 0)
		cdp_position_done(ig->position, w->place);
	cdp_order_pop(&ig->order);
	return rc;
}

/* It would not be the same output with more memory, so there is none. */
static int
no_room(const struct cdp_ingest *ig, struct cdp_err *err)
{
	char text[24];

	cdp_time_duration_format(ig->opt.lateness_ms, text);
	return cdp_fail(err, CDP_ECONF,
	    "%zu events of less than clock.lateness (%s) wait to be put in "
	    "order, and --memory (%zu MiB) has no room for more: run again "
	    "with more, or with less lateness",
	    cdp_order_count(&ig->order), text, ig->opt.hold_bytes >> 20);
}

int
cdp_ingest_release(
    struct cdp_ingest *ig, struct cdp_stage *sg, struct cdp_err *err)
{
	const struct cdp_waiting *w;
	int rc;

	while ((w = cdp_order_min(&ig->order)) != NULL) {
		if (w->ts_ms != CDP_TIME_NONE && w->ts_ms >= ig->released &&
		    ig->greatest - w->ts_ms < ig->opt.lateness_ms)
			break;
		if ((rc = release(ig, sg, err)) != 0)
			return rc;
	}
	return ig->order.bytes > ig->opt.hold_bytes ? no_room(ig, err) : 0;
}

int
cdp_ingest_release_all(
    struct cdp_ingest *ig, struct cdp_stage *sg, struct cdp_err *err)
{
	int rc = 0;

	while (rc == 0 && cdp_order_count(&ig->order) != 0)
		rc = release(ig, sg, err);
	return rc;
}
