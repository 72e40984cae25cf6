#include "lib/ingest/ingest.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/ingest/order.h"
#include "lib/json/write.h"

#define HOLD_BYTES ((size_t)256 << 20)
#define STATE_KEY CDP_STR("clock")

struct cdp_ingest {
	struct cdp_ingest_opt opt;
	struct cdp_order order;
	int64_t greatest; /* timestamp seen in this run */
	int64_t released; /* the last timestamp that left */
	int64_t ticked;   /* the last clock line of this run */
	struct cdp_planned_counts planned;
	uint64_t made_ids, retimed, late, hurried;

	/* What the log remembers. */
	int64_t clock;  /* the last clock line ever */
	int64_t newest; /* timestamp of any event */
	bool dirty;

	const struct cdp_waiting *now; /* what step() is to pass */
	struct cdp_buf edit;
	struct cdp_buf key;
	struct cdp_buf text;
	struct cdp_buf whole; /* a line as it will leave */
	struct cdp_tape tape; /* of what is being released */
	struct cdp_arena mem;
};

struct cdp_ingest *
cdp_ingest_new(const struct cdp_ingest_opt *opt)
{
	struct cdp_ingest *ig = cdp_xcalloc(1, sizeof(*ig));

	ig->opt = *opt;
	if (ig->opt.hold_bytes == 0)
		ig->opt.hold_bytes = HOLD_BYTES;
	ig->greatest = ig->released = ig->ticked = CDP_TIME_NONE;
	ig->clock = ig->newest = CDP_TIME_NONE;
	return ig;
}

void
cdp_ingest_free(struct cdp_ingest *ig)
{
	if (ig == NULL)
		return;
	cdp_order_free(&ig->order);
	cdp_buf_free(&ig->edit);
	cdp_buf_free(&ig->key);
	cdp_buf_free(&ig->text);
	cdp_buf_free(&ig->whole);
	cdp_tape_free(&ig->tape);
	cdp_arena_free(&ig->mem);
	free(ig);
}

/* ---- the stage ---- */

static void
read_time(const struct cdp_tape *t, const char *name, struct cdp_arena *mem,
    int64_t *ret)
{
	uint32_t at = cdp_tape_get(t, 0, cdp_str_of(name));

	if (cdp_tape_isa(t, at, CDP_STRING))
		(void)cdp_time_parse(cdp_tape_str(t, at, mem), ret);
}

static int
open_state(void *self, struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_ingest *ig = self;
	int rc;

	cdp_buf_reset(&ig->text);
	rc = cdp_log_get(log, STATE_KEY, &ig->text, err);
	if (rc != 0)
		return rc == CDP_END ? 0 : rc;
	rc = cdp_tape_parse(&ig->tape, cdp_buf_str(&ig->text), err);
	if (rc != 0)
		return cdp_fail(
		    err, CDP_ECORRUPT, "the state of cdp-ingest is not JSON");
	read_time(&ig->tape, "clock", &ig->mem, &ig->clock);
	read_time(&ig->tape, "newest", &ig->mem, &ig->newest);
	cdp_arena_reset(&ig->mem);
	return 0;
}

static int
save(void *self, struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_ingest *ig = self;
	struct cdp_buf *b = &ig->text;

	(void)err;
	if (!ig->dirty)
		return 0;
	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	if (ig->clock != CDP_TIME_NONE)
		cdp_json_ktime(b, "clock", ig->clock);
	if (ig->newest != CDP_TIME_NONE)
		cdp_json_ktime(b, "newest", ig->newest);
	cdp_buf_putc(b, '}');
	cdp_log_put(log, STATE_KEY, cdp_buf_str(b), INT64_MAX);
	ig->dirty = false;
	return 0;
}

/* Time never turns back: a clock line behind the last one says nothing. */
static void
step_clock(
    struct cdp_ingest *ig, const struct cdp_line *ln, struct cdp_outs *outs)
{
	if (ln->ts_ms <= ig->clock)
		return;
	ig->clock = ln->ts_ms;
	ig->dirty = true;
	cdp_outs_line(outs, ln->raw);
}

static int
step(void *self, const struct cdp_line *ln, struct cdp_outs *outs,
    struct cdp_err *err)
{
	struct cdp_ingest *ig = self;
	const struct cdp_waiting *w = ig->now;
	struct cdp_buf *b = &ig->text;

	(void)err;
	if (w == NULL) {
		step_clock(ig, ln, outs);
		return 0;
	}
	if (w->ts_ms > ig->newest) {
		ig->newest = w->ts_ms;
		ig->dirty = true;
	}
	if (w->ts_ms >= ig->clock || w->ts_ms == CDP_TIME_NONE) {
		cdp_outs_pass_edit(outs, w->edit);
		return 0;
	}
	ig->late++;
	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	if (w->edit.n != 0)
		cdp_buf_put(
		    b, (struct cdp_str){ w->edit.p + 1, w->edit.n - 2 });
	cdp_json_kraw(b, "late", CDP_STR("true"));
	cdp_buf_putc(b, '}');
	cdp_outs_pass_edit(outs, cdp_buf_str(b));
	return 0;
}

const struct cdp_stage_ops cdp_ingest_ops = {
	.name = "ingest",
	.open = open_state,
	.step = step,
	.save = save,
};

/* ---- release ---- */

/* Hand a line to the stage under a key, and let a full epoch go. */
static int
hand_on(struct cdp_ingest *ig, struct cdp_stage *sg, struct cdp_str key,
    const struct cdp_line *ln, struct cdp_err *err)
{
	int rc = cdp_stage_keyed(sg, key, ln, err);

	cdp_arena_reset(&ig->mem);
	if (rc == 0 && cdp_stage_full(sg))
		rc = cdp_stage_flush(sg, err);
	return rc;
}

static int
tell_time(struct cdp_ingest *ig, struct cdp_stage *sg, int64_t ms,
    struct cdp_err *err)
{
	char now[CDP_TIME_SIZE], text[80], key[40];
	struct cdp_line ln;
	int rc;

	ig->ticked = ms;
	cdp_time_format(ms, now);
	snprintf(
	    text, sizeof(text), "{\"type\":\"clock\",\"now\":\"%s\"}", now);
	snprintf(key, sizeof(key), "clock:%lld", (long long)ms);
	rc = cdp_line_parse(cdp_str_of(text), 0, &ig->tape, &ig->mem, &ln, err);
	return rc != 0 ? rc : hand_on(ig, sg, cdp_str_of(key), &ln, err);
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
		.ts_ms = w->ts_ms,
		.message_id = w->id };
	int rc;

	cdp_buf_reset(&ig->key);
	cdp_buf_put(&ig->key, ig->opt.source);
	cdp_buf_putc(&ig->key, '\0');
	cdp_buf_put(&ig->key, w->id);
	if (w->ntok == 0) {
		rc = cdp_tape_parse(&ig->tape, w->raw, err);
		if (rc != 0)
			return rc;
		ln.tape = &ig->tape;
	}
	ig->now = w;
	rc = hand_on(ig, sg, cdp_buf_str(&ig->key), &ln, err);
	ig->now = NULL;
	return rc;
}

/* The largest multiple of tick before t. */
static int64_t
tick_before(int64_t t, int64_t tick)
{
	int64_t r = (t - 1) % tick;

	return t - 1 - (r < 0 ? r + tick : r);
}

static int
release(struct cdp_ingest *ig, struct cdp_stage *sg, struct cdp_err *err)
{
	const struct cdp_waiting *w = cdp_order_min(&ig->order);
	int64_t tick = ig->opt.tick_ms, t;
	int rc;

	if (tick > 0 && w->ts_ms != CDP_TIME_NONE &&
	    (t = tick_before(w->ts_ms, tick)) > ig->ticked &&
	    (rc = tell_time(ig, sg, t, err)) != 0)
		return rc;
	if (w->ts_ms > ig->released)
		ig->released = w->ts_ms;
	rc = pass_on(ig, sg, w, err);
	cdp_order_pop(&ig->order);
	return rc;
}

/* Release what need wait no longer, and what there is no room for. */
static int
release_due(struct cdp_ingest *ig, struct cdp_stage *sg, struct cdp_err *err)
{
	const struct cdp_waiting *w;
	int rc;

	while ((w = cdp_order_min(&ig->order)) != NULL) {
		if (w->ts_ms != CDP_TIME_NONE && w->ts_ms >= ig->released &&
		    ig->greatest - w->ts_ms < ig->opt.lateness_ms) {
			if (ig->order.bytes <= ig->opt.hold_bytes)
				break;
			ig->hurried++;
		}
		if ((rc = release(ig, sg, err)) != 0)
			return rc;
	}
	return 0;
}

/* ---- a line from outside ---- */

/* Members that claim to be ours; "cdp" goes with any splice. */
static void
strip(const struct cdp_envelope *env, struct cdp_buf *edit)
{
	bool late = env->at[CDP_ENV_LATE] != CDP_NOTOK;
	bool profile = env->at[CDP_ENV_PROFILE] != CDP_NOTOK;

	if (!late && !profile)
		return;
	cdp_json_key(edit, "-");
	cdp_buf_puts(edit,
	    late && profile ? "[\"late\",\"profile\"]"
		: late      ? "[\"late\"]"
			    : "[\"profile\"]");
}

/* A message id for a line that has none: a function of what it says. */
static struct cdp_str
make_id(struct cdp_ingest *ig, const struct cdp_line *ln)
{
	char hex[65];

	cdp_buf_reset(&ig->text);
	cdp_json_canonical(&ig->text, ln->tape, 0);
	cdp_hash_sha256_plain(cdp_buf_str(&ig->text), hex);
	ig->made_ids++;
	return cdp_arena_printf(ln->mem, "h_%.24s", hex);
}

/* Close the edit, or leave it empty if nothing is in it. */
static struct cdp_str
closed(struct cdp_buf *edit)
{
	if (edit->n == 1)
		return (struct cdp_str){ NULL, 0 };
	cdp_buf_putc(edit, '}');
	return cdp_buf_str(edit);
}

/*
 * Hold the line to the plan as it will leave: a plan may ask for a message id
 * that was made here.
 */
static int
judge(struct cdp_ingest *ig, const struct cdp_line *ln,
    const struct cdp_envelope *env, struct cdp_err *err)
{
	const struct cdp_plan *plan = ig->opt.plan;
	struct cdp_envelope now_env;
	struct cdp_line now;
	int rc;

	if (!plan->present)
		return 0;
	if (ig->edit.n == 1)
		return cdp_planned_judge(plan, ig->opt.source, ln, env,
		    &ig->edit, &ig->planned, err);
	cdp_buf_reset(&ig->text);
	cdp_buf_put(&ig->text, cdp_buf_str(&ig->edit));
	cdp_buf_putc(&ig->text, '}');
	cdp_buf_reset(&ig->whole);
	cdp_json_splice(&ig->whole, ln->tape, cdp_buf_str(&ig->text),
	    (struct cdp_str){ NULL, 0 }, 0);
	rc = cdp_line_parse(
	    cdp_buf_str(&ig->whole), ln->lineno, &ig->tape, ln->mem, &now, err);
	if (rc != 0)
		return rc;
	cdp_envelope_read(&now, &now_env);
	return cdp_planned_judge(
	    plan, ig->opt.source, &now, &now_env, &ig->edit, &ig->planned, err);
}

int
cdp_ingest_line(void *self, struct cdp_stage *sg, const struct cdp_line *ln,
    struct cdp_err *err)
{
	struct cdp_ingest *ig = self;
	struct cdp_buf *edit = &ig->edit;
	struct cdp_str id = ln->message_id;
	struct cdp_waiting w = { 0 };
	struct cdp_envelope env;
	int64_t ts;
	int rc;

	cdp_envelope_read(ln, &env);
	if ((rc = cdp_envelope_check(ln, &env, err)) != 0 ||
	    (rc = cdp_envelope_time(ln, &env, &ts, err)) != 0)
		return rc;
	cdp_buf_reset(edit);
	cdp_buf_putc(edit, '{');
	strip(&env, edit);
	if (id.n == 0) {
		id = make_id(ig, ln);
		cdp_json_kstr(edit, "messageId", id);
	}
	if (ts != ln->ts_ms) {
		cdp_json_ktime(edit, "timestamp", ts);
		ig->retimed++;
	}
	if ((rc = judge(ig, ln, &env, err)) != 0)
		return rc;
	if (ts > ig->greatest)
		ig->greatest = ts;
	w.lineno = ln->lineno;
	w.id = id;
	w.raw = ln->raw;
	w.edit = closed(edit);
	/* A row without a time stands where it came. */
	w.ts_ms = ts == CDP_TIME_NONE ? ig->greatest : ts;
	/* Reading a line again costs less than the memory for many tapes. */
	if (ig->order.bytes < ig->opt.hold_bytes / 16) {
		w.tok = ln->tape->tok;
		w.ntok = ln->tape->ntok;
	}
	cdp_order_push(&ig->order, &w);
	return release_due(ig, sg, err);
}

int
cdp_ingest_finish(void *self, struct cdp_stage *sg, struct cdp_err *err)
{
	struct cdp_ingest *ig = self;
	int64_t last = ig->greatest;
	int rc;

	while (cdp_order_count(&ig->order) != 0)
		if ((rc = release(ig, sg, err)) != 0)
			return rc;
	if (ig->opt.until_ms > last)
		last = ig->opt.until_ms;
	return last > ig->ticked ? tell_time(ig, sg, last, err) : 0;
}

void
cdp_ingest_stats(void *self, struct cdp_buf *json)
{
	const struct cdp_ingest *ig = self;

	cdp_json_ki64(json, "late", (int64_t)ig->late);
	cdp_json_ki64(json, "made_ids", (int64_t)ig->made_ids);
	cdp_json_ki64(json, "retimed", (int64_t)ig->retimed);
	cdp_json_ki64(json, "unplanned", (int64_t)ig->planned.unplanned);
	cdp_json_ki64(json, "violating", (int64_t)ig->planned.violating);
	cdp_json_ki64(json, "omitted", (int64_t)ig->planned.omitted);
	cdp_json_ki64(json, "hurried", (int64_t)ig->hurried);
}

uint64_t
cdp_ingest_hurried(const struct cdp_ingest *ig)
{
	return ig->hurried;
}
