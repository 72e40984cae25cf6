#include "lib/ingest/state.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/write.h"

#define HOLD_BYTES ((size_t)256 << 20)

struct cdp_ingest *
cdp_ingest_new(const struct cdp_ingest_opt *opt)
{
	static const struct cdp_identity nobody;
	struct cdp_ingest *ig = cdp_xcalloc(1, sizeof(*ig));

	ig->opt = *opt;
	if (ig->opt.identity == NULL)
		ig->opt.identity = &nobody;
	if (ig->opt.hold_bytes == 0)
		ig->opt.hold_bytes = HOLD_BYTES;
	ig->planned = (struct cdp_planned){ .plan = opt->plan,
		.source = opt->source,
		.violation =
		    opt->violations != NULL ? cdp_violations_add : NULL,
		.arg = opt->violations };
	if (opt->rows != NULL && cdp_rows_placed(opt->rows))
		ig->position = cdp_position_new();
	ig->greatest = ig->released = ig->ticked = CDP_TIME_NONE;
	ig->clock = ig->newest = CDP_TIME_NONE;
	return ig;
}

void
cdp_ingest_free(struct cdp_ingest *ig)
{
	if (ig == NULL)
		return;
	(void)cdp_violations_close(ig->opt.violations, NULL);
	cdp_rows_free(ig->opt.rows);
	cdp_position_free(ig->position);
	cdp_transformer_free(ig->opt.transformer);
	cdp_body_free(&ig->body);
	cdp_order_free(&ig->order);
	cdp_suppress_free(&ig->suppress);
	cdp_map_free(&ig->bare);
	cdp_arena_free(&ig->bare_mem);
	cdp_buf_free(&ig->edit);
	cdp_buf_free(&ig->key);
	cdp_buf_free(&ig->text);
	cdp_buf_free(&ig->whole);
	cdp_tape_free(&ig->tape);
	cdp_arena_free(&ig->mem);
	free(ig);
}

/* ---- release ---- */

/* Hand a line to the stage under a key, and let a full epoch go. */
static int
hand_on(struct cdp_ingest *ig, struct cdp_stage *sg, struct cdp_hash128 key,
    const struct cdp_line *ln, struct cdp_err *err)
{
	int rc = cdp_stage_keyed(sg, key, ln, err);

	cdp_arena_reset(&ig->mem);
	return rc != 0 ? rc : cdp_stage_pace(sg, err);
}

static int
tell_time(struct cdp_ingest *ig, struct cdp_stage *sg, int64_t ms,
    struct cdp_err *err)
{
	char now[CDP_TIME_SIZE], text[80], name[40];
	struct cdp_hash128 key;
	struct cdp_line ln;
	int rc;

	ig->ticked = ms;
	cdp_time_format(ms, now);
	snprintf(
	    text, sizeof(text), "{\"type\":\"clock\",\"now\":\"%s\"}", now);
	snprintf(name, sizeof(name), "clock:%lld", (long long)ms);
	if ((rc = cdp_stage_key(sg, cdp_str_of(name), &key, err)) != 0 ||
	    (rc = cdp_line_parse(
		 cdp_str_of(text), 0, &ig->tape, &ig->mem, &ln, err)) != 0)
		return rc;
	return hand_on(ig, sg, key, &ln, err);
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

	if (w->ntok == 0) {
		rc = cdp_tape_parse(&ig->tape, w->raw, err);
		if (rc != 0)
			return rc;
		ln.tape = &ig->tape;
	}
	ig->now = w;
	rc = hand_on(ig, sg, w->key, &ln, err);
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
	if (rc == 0 && ig->position != NULL)
		cdp_position_done(ig->position, w->seq);
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

/* By what the log knows a line. */
static int
key_of(struct cdp_ingest *ig, struct cdp_stage *sg, struct cdp_str id,
    struct cdp_hash128 *ret, struct cdp_err *err)
{
	struct cdp_buf *b = &ig->key;

	cdp_buf_reset(b);
	cdp_buf_put(b, ig->opt.source);
	cdp_buf_putc(b, '\0');
	cdp_buf_put(b, id);
	return cdp_stage_key(sg, cdp_buf_str(b), ret, err);
}

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

/*
 * Nothing tells a command without id and time from the same one given again
 * later on, such as a suppress behind an unsuppress, but its number.
 */
static struct cdp_str
count_bare(struct cdp_ingest *ig, struct cdp_str id, struct cdp_arena *mem)
{
	uintptr_t n = (uintptr_t)cdp_map_get(&ig->bare, id);

	if (n == 0)
		id = cdp_arena_dup(&ig->bare_mem, id);
	*cdp_map_at(&ig->bare, id) = (void *)(n + 1);
	return n == 0 ? id
		      : cdp_arena_printf(mem, "%.*s.%llu", (int)id.n, id.p,
			    (unsigned long long)n + 1);
}

/*
 * The order among lines of one instant.  A command that has no time stands
 * between those of the greatest timestamp that came before it and those that
 * come after it; of the others, nothing slips by: suppressed first, let go
 * last.
 */
static int
rank(struct cdp_ingest *ig, enum cdp_type type, int64_t ts)
{
	if (ts == CDP_TIME_NONE && cdp_type_is_command(type)) {
		if (ig->tier_ms != ig->greatest)
			ig->tier = 0;
		ig->tier_ms = ig->greatest;
		ig->tier += 2;
		return ig->tier - 1;
	}
	if (cdp_type_is_command(type))
		return type == CDP_UNSUPPRESS ? INT_MAX : -1;
	return ts == ig->tier_ms ? ig->tier : 0;
}

static int
check_command(
    struct cdp_ingest *ig, const struct cdp_line *ln, struct cdp_err *err)
{
	struct cdp_ident_value v[CDP_IDENTS_MAX];
	size_t n;

	return cdp_ident_values(ig->opt.identity, ln, v, &n, err);
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
	struct cdp_envelope now_env;
	struct cdp_line now;
	int rc;

	if (!ig->opt.plan->present)
		return 0;
	if (ig->edit.n == 1)
		return cdp_planned_judge(&ig->planned, ln, env, &ig->edit, err);
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
	return cdp_planned_judge(&ig->planned, &now, &now_env, &ig->edit, err);
}

const char *
cdp_ingest_split(void *self, const char *p, const char *end, int *state)
{
	const struct cdp_ingest *ig = self;

	return cdp_rows_end(ig->opt.rows, p, end, state);
}

void
cdp_ingest_file_end(void *self)
{
	struct cdp_ingest *ig = self;

	if (ig->opt.rows != NULL)
		cdp_rows_file_end(ig->opt.rows);
}

/* A record of a source as JSON; CDP_END if there is nothing in it. */
static int
read_row(struct cdp_ingest *ig, struct cdp_str *text, uint64_t lineno,
    const struct cdp_each *each, struct cdp_err *err)
{
	const struct cdp_line bad = { .raw = *text, .lineno = lineno };
	struct cdp_err why = { 0 };
	struct cdp_str stream;
	uint64_t at;
	int rc = cdp_rows_read(ig->opt.rows, *text, lineno, text, &why);

	if (ig->position != NULL && cdp_rows_place(ig->opt.rows, &stream, &at))
		cdp_position_begin(ig->position, stream, at, at + 1);
	if (rc == CDP_EDATA) {
		rc = each->bad(each->arg, &bad, &why, err);
		return rc != 0 ? rc : CDP_END;
	}
	*err = why;
	return rc;
}

int
cdp_ingest_text(void *self, struct cdp_str text, uint64_t lineno,
    struct cdp_arena *mem, const struct cdp_each *each, struct cdp_err *err)
{
	struct cdp_ingest *ig = self;
	int rc = 0;

	if (ig->opt.rows != NULL)
		rc = read_row(ig, &text, lineno, each, err);
	if (rc == 0)
		rc = cdp_body_split(
		    &ig->body, ig->opt.limits, text, lineno, mem, each, err);
	if (rc == CDP_END)
		rc = 0;
	if (rc == 0 && ig->position != NULL)
		cdp_position_end(ig->position);
	return rc;
}

/*
 * The line as the project's transforms leave it, held to the same checks.  0;
 * CDP_END if nothing is left of it; CDP_EDATA.
 */
static int
transform(struct cdp_ingest *ig, const struct cdp_line **ln,
    struct cdp_envelope *env, int64_t *ts, struct cdp_err *err)
{
	bool changed;
	int rc;

	if (ig->opt.transformer == NULL)
		return 0;
	rc = cdp_transform_line(
	    ig->opt.transformer, *ln, &ig->changed, &changed, err);
	ig->filtered += rc == CDP_END;
	if (rc != 0 || !changed)
		return rc;
	*ln = &ig->changed;
	cdp_envelope_read(*ln, env);
	if ((rc = cdp_envelope_check(*ln, env, ig->opt.limits, err)) != 0)
		return rc;
	return cdp_envelope_time(*ln, env, ts, err);
}

int
cdp_ingest_line(void *self, struct cdp_stage *sg, const struct cdp_line *ln,
    struct cdp_err *err)
{
	struct cdp_ingest *ig = self;
	struct cdp_buf *edit = &ig->edit;
	struct cdp_str id = ln->message_id;
	bool command = cdp_type_is_command(ln->type);
	struct cdp_waiting w = { 0 };
	struct cdp_envelope env;
	int64_t ts;
	int rc;

	cdp_envelope_read(ln, &env);
	if ((rc = cdp_envelope_check(ln, &env, ig->opt.limits, err)) != 0 ||
	    (rc = cdp_envelope_time(ln, &env, &ts, err)) != 0)
		return rc;
	if (id.n == 0) {
		id = make_id(ig, ln);
		w.bare = command && ts == CDP_TIME_NONE;
		if (w.bare)
			id = count_bare(ig, id, ln->mem);
	}
	if ((rc = transform(ig, &ln, &env, &ts, err)) != 0)
		return rc == CDP_END ? 0 : rc;
	cdp_buf_reset(edit);
	cdp_buf_putc(edit, '{');
	strip(&env, edit);
	if (ln->message_id.n == 0)
		cdp_json_kstr(edit, "messageId", id);
	if (ts != ln->ts_ms) {
		cdp_json_ktime(edit, "timestamp", ts);
		ig->retimed++;
	}
	if (command && ts == CDP_TIME_NONE && ig->greatest != CDP_TIME_NONE)
		cdp_json_ktime(edit, "timestamp", ig->greatest);
	if (command)
		rc = check_command(ig, ln, err);
	else
		rc = judge(ig, ln, &env, err);
	if (rc != 0 || (rc = key_of(ig, sg, id, &w.key, err)) != 0)
		return rc;
	if (ts > ig->greatest)
		ig->greatest = ts;
	w.lineno = ln->lineno;
	w.type = (int)ln->type;
	w.rank = rank(ig, ln->type, ts);
	w.id = id;
	w.raw = ln->raw;
	w.edit = closed(edit);
	/* A row or a command without a time stands where it came. */
	w.ts_ms = ts == CDP_TIME_NONE ? ig->greatest : ts;
	/* Reading a line again costs less than the memory for many tapes. */
	if (ig->order.bytes < ig->opt.hold_bytes / 16) {
		w.tok = ln->tape->tok;
		w.ntok = ln->tape->ntok;
	}
	cdp_order_push(&ig->order, &w);
	if (ig->position != NULL)
		cdp_position_wait(ig->position, ig->order.seq - 1);
	return release_due(ig, sg, err);
}

int
cdp_ingest_finish(void *self, struct cdp_stage *sg, struct cdp_err *err)
{
	struct cdp_ingest *ig = self;
	int64_t last = ig->greatest;
	int rc;

	rc = cdp_violations_close(ig->opt.violations, err);
	ig->opt.violations = NULL;
	if (rc != 0)
		return rc;
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
	cdp_json_ki64(json, "unplanned", (int64_t)ig->planned.n.unplanned);
	cdp_json_ki64(json, "violating", (int64_t)ig->planned.n.violating);
	cdp_json_ki64(json, "omitted", (int64_t)ig->planned.n.omitted);
	cdp_json_ki64(json, "hurried", (int64_t)ig->hurried);
	if (ig->opt.transformer != NULL)
		cdp_json_ki64(json, "filtered", (int64_t)ig->filtered);
	if (ig->opt.rows != NULL)
		cdp_json_ki64(
		    json, "unmapped", (int64_t)cdp_rows_unmapped(ig->opt.rows));
}

uint64_t
cdp_ingest_stale(const struct cdp_ingest *ig)
{
	return ig->stale;
}

uint64_t
cdp_ingest_hurried(const struct cdp_ingest *ig)
{
	return ig->hurried;
}
