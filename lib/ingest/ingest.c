#include "lib/ingest/state.h"

#include <limits.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/ingest/same.h"
#include "lib/json/write.h"

#define HOLD_BYTES ((size_t)1 << 30)

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
		.violation = opt->violation,
		.arg = opt->violation_arg };
	if (opt->violations != NULL) {
		ig->planned.violation = cdp_violations_add;
		ig->planned.arg = opt->violations;
	}
	if (opt->follow || (opt->rows != NULL && cdp_rows_placed(opt->rows)))
		ig->position = cdp_position_new();
	if (opt->say_source) {
		cdp_buf_putc(&ig->usual, '{');
		cdp_json_kstr(&ig->usual, "sourceId", opt->source);
		cdp_buf_putc(&ig->usual, '}');
	}
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
	cdp_expects_free(ig->opt.expects);
	cdp_infer_free(ig->opt.infer);
	cdp_body_free(&ig->body);
	cdp_ahead_free(&ig->ahead);
	cdp_order_free(&ig->order);
	cdp_hold_free(&ig->hold);
	cdp_stretch_free(&ig->known);
	cdp_suppress_free(&ig->suppress);
	cdp_map_free(&ig->again);
	cdp_arena_free(&ig->again_mem);
	cdp_buf_free(&ig->usual);
	cdp_buf_free(&ig->edit);
	cdp_buf_free(&ig->key);
	cdp_buf_free(&ig->text);
	cdp_buf_free(&ig->whole);
	cdp_tape_free(&ig->tape);
	cdp_arena_free(&ig->mem);
	free(ig);
}

/* ---- a line from outside ---- */

/* Members that claim to be ours; "cdp" goes with any splice. */
static void
strip(const struct cdp_envelope *env, struct cdp_buf *edit)
{
	static const struct {
		enum cdp_env env;
		const char *name;
	} ours[] = { { CDP_ENV_AHEAD, "ahead" }, { CDP_ENV_LATE, "late" },
		{ CDP_ENV_PROFILE, "profile" } };
	bool any = false;
	size_t i;

	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		if (env->at[ours[i].env] == CDP_NOTOK)
			continue;
		if (any)
			edit->n--;
		else
			cdp_json_kraw(edit, "-", CDP_STR("["));
		cdp_json_comma(edit);
		cdp_json_str(edit, cdp_str_of(ours[i].name));
		cdp_buf_putc(edit, ']');
		any = true;
	}
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
 * later on, such as a suppress behind an unsuppress, but its number; with
 * --dup=keep, nor an event without id.
 */
static struct cdp_str
count_again(struct cdp_ingest *ig, struct cdp_str id, struct cdp_arena *mem)
{
	uintptr_t n = (uintptr_t)cdp_map_get(&ig->again, id);

	if (n == 0)
		id = cdp_arena_dup(&ig->again_mem, id);
	*cdp_map_at(&ig->again, id) = (void *)(n + 1);
	return n == 0 ? id
		      : cdp_arena_printf(mem, "%.*s.%llu", (int)id.n, id.p,
			    (unsigned long long)n + 1);
}

/*
 * The order among lines of one instant.  What has no time stands between those
 * of the greatest timestamp that came before it and those that come after it;
 * of the others, nothing slips by: suppressed first, let go last.
 */
static int
rank(struct cdp_ingest *ig, enum cdp_type type, int64_t ts)
{
	if (ts == CDP_TIME_NONE) {
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
	return cdp_planned_judge(&ig->planned, &now, &now.env, &ig->edit, err);
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
transform(struct cdp_ingest *ig, const struct cdp_line **ln, int64_t *ts,
    int64_t *received, struct cdp_err *err)
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
	rc = cdp_envelope_check(*ln, &(*ln)->env, ig->opt.limits, err);
	return rc != 0 ? rc
		       : cdp_envelope_time(*ln, &(*ln)->env, ts, received, err);
}

/* Which thing a row is about. */
static struct cdp_str
thing(const struct cdp_line *ln, const struct cdp_envelope *env)
{
	struct cdp_str name =
	    cdp_tape_str(ln->tape, env->at[CDP_ENV_COLLECTION], ln->mem);
	struct cdp_str id = cdp_tape_raw(ln->tape, env->at[CDP_ENV_ID]);

	return cdp_arena_printf(ln->mem, "%c%.*s%c%.*s", '\0', (int)name.n,
	    name.p, '\0', (int)id.n, id.p);
}

/* The id of a line, which it may not have, and what goes with one made. */
static void
identify(struct cdp_ingest *ig, const struct cdp_line *ln,
    const struct cdp_envelope *env, int64_t ts, struct cdp_waiting *w)
{
	/* As it came: what the project makes of it may change. */
	w->mark = cdp_same_mark(ln, env, ts);
	w->id = ln->message_id;
	if (w->id.n != 0)
		return;
	w->id = make_id(ig, ln);
	w->bare = ts == CDP_TIME_NONE;
	if (w->bare && ln->type == CDP_OBJECT_ROW) {
		w->thing = thing(ln, env);
		w->mark = cdp_same_row_mark(w->id);
	} else if (ig->opt.keep_again ||
	    (w->bare && cdp_type_is_command(ln->type))) {
		w->id = count_again(ig, w->id, ln->mem);
	}
}

/*
 * Its time, as it will be said; a row may have none.  It did not happen long
 * after it was received.
 */
static void
put_times(struct cdp_ingest *ig, const struct cdp_line *ln,
    const struct cdp_envelope *env, int64_t *at, int64_t received)
{
	int64_t ts = *at;

	if (received != CDP_TIME_NONE && ts - ig->opt.ahead_ms > received) {
		cdp_json_ktime(&ig->edit, "ahead", ts);
		*at = ts = received;
		ig->ahead.n++;
	}
	if (ts == CDP_TIME_NONE) {
		ig->untimed++;
		if (ln->type != CDP_OBJECT_ROW && ig->greatest != CDP_TIME_NONE)
			cdp_json_ktime(&ig->edit, "timestamp", ig->greatest);
		return;
	}
	if (ts == ln->ts_ms)
		return;
	ig->retimed++;
	cdp_json_ktime(&ig->edit, "timestamp", ts);
	if (ln->ts_ms != CDP_TIME_NONE &&
	    cdp_tape_kind(ln->tape, env->at[CDP_ENV_ORIGINAL]) == CDP_NULL)
		cdp_json_kraw(&ig->edit, "originalTimestamp",
		    cdp_tape_raw(ln->tape, env->at[CDP_ENV_TIMESTAMP]));
}

void
cdp_ingest_believe(struct cdp_ingest *ig, enum cdp_ahead_verdict v)
{
	int64_t at = ig->greatest, ms;

	if (v == CDP_AHEAD_PASS)
		return;
	ig->ahead.begun = true;
	if (v == CDP_AHEAD_TRUE) {
		ms = cdp_ahead_take(
		    &ig->ahead, &ig->order, CDP_TIME_NONE, 0, false);
		if (ms > ig->greatest)
			ig->greatest = ms;
	} else {
		(void)cdp_ahead_take(
		    &ig->ahead, &ig->order, at, rank(ig, CDP_TRACK, at), false);
	}
}

/*
 * Time may not have begun.  It has if a clock line was told; a line that says
 * when it was received tells, and one that the wall clock agrees with.
 */
static void
lead(struct cdp_ingest *ig, int64_t ts, int64_t received)
{
	struct cdp_ahead *a = &ig->ahead;
	int64_t ahead_ms = ig->opt.ahead_ms;

	if (ig->ticked != CDP_TIME_NONE)
		a->begun = true;
	else if (cdp_ahead_lead(a, &ig->order, ts, ahead_ms))
		ig->greatest = ts;
	else if (received != CDP_TIME_NONE ||
	    (ig->opt.wall != NULL && ts - ahead_ms <= ig->opt.wall()))
		a->begun = true;
}

/* A line to its place in time. */
static void
place(
    struct cdp_ingest *ig, struct cdp_waiting *w, int64_t ts, int64_t received)
{
	struct cdp_ahead *a = &ig->ahead;

	w->rank = rank(ig, (enum cdp_type)w->type, ts);
	/* What has no time stands where it came. */
	w->ts_ms = ts == CDP_TIME_NONE ? ig->greatest : ts;
	if (received == CDP_TIME_NONE && ig->greatest != CDP_TIME_NONE &&
	    w->ts_ms - ig->opt.ahead_ms > ig->greatest) {
		cdp_ingest_believe(ig, cdp_ahead_put(a, w));
		return;
	}
	if (!a->begun && ts != CDP_TIME_NONE)
		lead(ig, ts, received);
	if (ts > ig->greatest)
		ig->greatest = ts;
	cdp_order_push(&ig->order, w);
	cdp_ingest_believe(ig, cdp_ahead_other(a));
}

/*
 * Read a line into w; *ret becomes what the transforms make of it.  0; CDP_END
 * if they leave nothing; CDP_EDATA.
 */
static int
take(struct cdp_ingest *ig, struct cdp_stage *sg, const struct cdp_line **ret,
    struct cdp_waiting *w, int64_t *ts, int64_t *received, struct cdp_err *err)
{
	const struct cdp_planned_counts before = ig->planned.n;
	const struct cdp_line *ln = *ret;
	const struct cdp_envelope *env = &ln->env;
	int rc;

	if ((rc = cdp_envelope_check(ln, env, ig->opt.limits, err)) != 0 ||
	    (rc = cdp_envelope_time(ln, env, ts, received, err)) != 0)
		return rc;
	if (sg != NULL && !ig->hold.begun &&
	    (rc = cdp_ingest_begin(ig, sg, ln->raw, err)) != 0)
		return rc;
	identify(ig, ln, env, *ts, w);
	if ((rc = transform(ig, ret, ts, received, err)) != 0)
		return rc;
	ln = *ret;
	env = &ln->env;
	cdp_buf_reset(&ig->edit);
	cdp_buf_putc(&ig->edit, '{');
	strip(env, &ig->edit);
	if (ln->message_id.n == 0)
		cdp_json_kstr(&ig->edit, "messageId", w->id);
	if (ig->opt.say_source && !cdp_type_is_command(ln->type) &&
	    cdp_tape_get(ln->tape, 0, CDP_STR("sourceId")) == CDP_NOTOK)
		cdp_json_kstr(&ig->edit, "sourceId", ig->opt.source);
	put_times(ig, ln, env, ts, *received);
	if (cdp_type_is_command(ln->type))
		return check_command(ig, ln, err);
	rc = judge(ig, ln, env, err);
	if (rc == 0)
		cdp_ingest_seen(ig, ln, env, w,
		    memcmp(&before, &ig->planned.n, sizeof(before)) != 0);
	return rc;
}

static int
line_up(struct cdp_ingest *ig, struct cdp_stage *sg, struct cdp_waiting *w,
    int64_t ts, int64_t received, struct cdp_err *err)
{
	w->place = ++ig->places;
	if (ig->position != NULL)
		cdp_position_wait(ig->position, w->place);
	place(ig, w, ts, received);
	return cdp_ingest_release(ig, sg, err);
}

int
cdp_ingest_wait(struct cdp_ingest *ig, struct cdp_stage *sg,
    struct cdp_waiting *w, int64_t ts, struct cdp_err *err)
{
	return line_up(ig, sg, w, ts, CDP_TIME_NONE, err);
}

int
cdp_ingest_line(void *self, struct cdp_stage *sg, const struct cdp_line *ln,
    struct cdp_err *err)
{
	struct cdp_ingest *ig = self;
	uint64_t violating = ig->planned.n.violating;
	struct cdp_waiting w = { .lineno = ln->lineno };
	int64_t ts, received;
	int rc = take(ig, sg, &ln, &w, &ts, &received, err);

	if (rc == CDP_END)
		return 0;
	if (sg == NULL)
		cdp_ingest_look(ig, ln, rc == 0 ? &w : NULL,
		    rc == 0 ? ts : CDP_TIME_NONE,
		    violating != ig->planned.n.violating);
	if (rc != 0 || sg == NULL)
		return rc;
	cdp_same_key(&ig->key, ig->opt.source, &w, 0);
	rc = cdp_stage_key(sg, cdp_buf_str(&ig->key), &w.key, err);
	if (rc != 0)
		return rc;
	w.raw = ln->raw;
	w.type = (int)ln->type;
	w.edit = closed(&ig->edit);
	/* Reading a line again costs less than the memory for many tapes. */
	if (!w.whole && ig->order.bytes < ig->opt.hold_bytes / 16) {
		w.tok = ln->tape->tok;
		w.ntok = ln->tape->ntok;
	}
	return line_up(ig, sg, &w, ts, received, err);
}
