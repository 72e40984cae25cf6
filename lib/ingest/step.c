#include "lib/ingest/same.h"
#include "lib/ingest/state.h"
#include "lib/json/write.h"

#define STATE_KEY CDP_STR("clock")
#define POSITION_KEY CDP_STR("position")

static void
read_time(const struct cdp_tape *t, const char *name, struct cdp_arena *mem,
    int64_t *ret)
{
	uint32_t at = cdp_tape_get(t, 0, cdp_str_of(name));

	if (cdp_tape_isa(t, at, CDP_STRING))
		(void)cdp_time_parse(cdp_tape_str(t, at, mem), ret);
}

static int
open_position(struct cdp_ingest *ig, struct cdp_log *log, struct cdp_err *err)
{
	int rc;

	if (ig->position == NULL)
		return 0;
	cdp_buf_reset(&ig->text);
	rc = cdp_log_get(log, POSITION_KEY, &ig->text, err);
	if (rc == 0)
		rc = cdp_position_load(
		    ig->position, cdp_buf_str(&ig->text), err);
	return rc == CDP_END ? 0 : rc;
}

static void
save_position(struct cdp_ingest *ig, struct cdp_log *log)
{
	if (ig->position == NULL)
		return;
	cdp_buf_reset(&ig->text);
	if (cdp_position_save(ig->position, cdp_log_next(log) - 1, &ig->text))
		cdp_log_put(
		    log, POSITION_KEY, cdp_buf_str(&ig->text), INT64_MAX);
}

/* What becomes of a line depends on the project, and on what each gets. */
static void
open_known(struct cdp_ingest *ig, struct cdp_log *log)
{
	cdp_buf_reset(&ig->text);
	cdp_buf_put(&ig->text, ig->opt.fingerprint);
	cdp_buf_put(&ig->text, cdp_buf_str(&ig->usual));
	cdp_stretch_open(&ig->known, log, cdp_buf_str(&ig->text));
}

static int
open_state(void *self, struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_ingest *ig = self;
	struct cdp_tape t = { 0 }; /* a line may wait on ig's */
	int rc = cdp_suppress_open(&ig->suppress, log, err);

	if (rc == 0)
		rc = cdp_hold_open(&ig->hold, log, ig->opt.source, err);
	if (rc != 0 || (rc = open_position(ig, log, err)) != 0)
		return rc;
	/* Secrets that are no part of the project may change what changes. */
	if (ig->opt.rows == NULL && ig->opt.transformer == NULL &&
	    ig->position == NULL && !ig->opt.hold)
		open_known(ig, log);
	cdp_buf_reset(&ig->text);
	rc = cdp_log_get(log, STATE_KEY, &ig->text, err);
	if (rc != 0)
		return rc == CDP_END ? 0 : rc;
	rc = cdp_tape_parse(&t, cdp_buf_str(&ig->text), err);
	if (rc == 0) {
		read_time(&t, "clock", &ig->mem, &ig->clock);
		read_time(&t, "newest", &ig->mem, &ig->newest);
	} else {
		rc = cdp_fail(
		    err, CDP_ECORRUPT, "the state of cdp-ingest is not JSON");
	}
	cdp_tape_free(&t);
	return rc;
}

static int
save(void *self, struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_ingest *ig = self;
	struct cdp_buf *b = &ig->text;

	(void)err;
	save_position(ig, log);
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

/* The edit of what waited, as yet without its end, to add to. */
static struct cdp_buf *
reopen(struct cdp_ingest *ig, const struct cdp_waiting *w)
{
	struct cdp_buf *b = &ig->text;

	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	if (w->edit.n != 0)
		cdp_buf_put(
		    b, (struct cdp_str){ w->edit.p + 1, w->edit.n - 2 });
	return b;
}

/* How far time has come, for what has none of its own. */
static int64_t
so_far(const struct cdp_ingest *ig)
{
	return ig->clock > ig->newest ? ig->clock : ig->newest;
}

/* A command that begins a run and has no time is of now. */
static int
step_command(struct cdp_ingest *ig, const struct cdp_line *ln,
    struct cdp_outs *outs, struct cdp_err *err)
{
	const struct cdp_identity *rules = ig->opt.identity;
	int64_t at = ln->ts_ms;
	struct cdp_ident_value v[CDP_IDENTS_MAX];
	struct cdp_buf *b;
	size_t n;
	int rc;

	if (at == CDP_TIME_NONE)
		at = so_far(ig);
	if ((rc = cdp_ident_values(rules, ln, v, &n, err)) != 0 ||
	    (rc = cdp_suppress_apply(&ig->suppress, ln->type, v, n, at, err)) !=
		0)
		return rc;
	b = reopen(ig, ig->now);
	if (at != ln->ts_ms)
		cdp_json_ktime(b, "timestamp", at);
	cdp_buf_putc(b, '}');
	cdp_outs_pass_edit(
	    outs, b->n > 2 ? cdp_buf_str(b) : (struct cdp_str){ 0 });
	return 0;
}

static int
step_suppressed(struct cdp_ingest *ig, const struct cdp_line *ln, int64_t at,
    struct cdp_outs *outs, bool *ret, struct cdp_err *err)
{
	enum cdp_suppress_why why = CDP_SUPPRESS_NO;
	struct cdp_str type;
	int rc = 0;

	if (cdp_type_is_event(ln->type))
		rc = cdp_suppress_judge(
		    &ig->suppress, ig->opt.identity, ln, at, &why, &type, err);
	*ret = why != CDP_SUPPRESS_NO;
	if (*ret)
		cdp_outs_drop(outs, "suppressed", CDP_STR(""),
		    cdp_arena_printf(ln->mem,
			why == CDP_SUPPRESS_SINCE
			    ? "its %.*s is suppressed"
			    : "its %.*s was deleted later",
			(int)type.n, type.p));
	return rc;
}

/*
 * The same words as in an earlier run: most likely that one again, but if what
 * it says does not hold, somebody may have meant it anew.
 */
static void
suspect(struct cdp_ingest *ig, const struct cdp_line *ln)
{
	const struct cdp_identity *rules = ig->opt.identity;
	struct cdp_ident_value v[CDP_IDENTS_MAX];
	struct cdp_suppressed now;
	struct cdp_err err = { 0 };
	bool holds = true;
	size_t i, n = 0;

	(void)cdp_ident_values(rules, ln, v, &n, &err);
	for (i = 0; i < n && ln->type < CDP_DELETE; i++) {
		(void)cdp_suppress_get(
		    &ig->suppress, v[i].name, v[i].value, &now, &err);
		holds = holds &&
		    (ln->type == CDP_SUPPRESS) ==
			(now.since_ms != CDP_TIME_NONE);
	}
	ig->stale += !holds;
}

/* Somebody was erased: the line is not even to be passed again. */
static bool
erased(void *self, const struct cdp_line *ln)
{
	struct cdp_ingest *ig = self;
	enum cdp_suppress_why why = CDP_SUPPRESS_NO;
	struct cdp_err err = { 0 };
	struct cdp_str type;

	if (ig->now != NULL && ig->now->bare)
		suspect(ig, ln);
	if (ig->now != NULL && cdp_type_is_event(ln->type) &&
	    cdp_suppress_judge(&ig->suppress, ig->opt.identity, ln, ln->ts_ms,
		&why, &type, &err) != 0)
		return true; /* what cannot be asked is not told, either */
	return why == CDP_SUPPRESS_ERASED;
}

static enum cdp_known
known(void *self, const struct cdp_line *ln, uint64_t mark)
{
	struct cdp_ingest *ig = self;

	(void)ln;
	return ig->now == NULL
	    ? CDP_KNOWN_SAME
	    : cdp_same(ig->now, mark, ig->opt.limits->dedupe_ms);
}

/* The time of a line that has none, if it must have one. */
static int
find_time(const struct cdp_ingest *ig, const struct cdp_line *ln, int64_t *ret,
    struct cdp_err *err)
{
	*ret = ig->now->ts_ms;
	if (*ret != CDP_TIME_NONE || ln->type == CDP_OBJECT_ROW)
		return 0;
	*ret = so_far(ig);
	if (*ret != CDP_TIME_NONE)
		return 0;
	return cdp_fail_rule(err, CDP_EDATA, "bad_timestamp", "timestamp",
	    "timestamp is missing, and no event before it has one");
}

static int
step(void *self, const struct cdp_line *ln, struct cdp_outs *outs,
    struct cdp_err *err)
{
	struct cdp_ingest *ig = self;
	const struct cdp_waiting *w = ig->now;
	struct cdp_buf *b;
	int64_t at;
	bool dropped, late;
	int rc;

	if (w == NULL) {
		step_clock(ig, ln, outs);
		return 0;
	}
	if (cdp_type_is_command(ln->type))
		return step_command(ig, ln, outs, err);
	if ((rc = find_time(ig, ln, &at, err)) != 0 ||
	    (rc = step_suppressed(ig, ln, at, outs, &dropped, err)) != 0 ||
	    dropped)
		return rc;
	if (at > ig->newest && !w->doubt) {
		ig->newest = at;
		ig->dirty = true;
	}
	late = at < ig->clock && at != CDP_TIME_NONE;
	if (!late && !w->doubt && at == w->ts_ms) {
		cdp_outs_pass_edit(outs, w->edit);
		return 0;
	}
	ig->late += late;
	b = reopen(ig, w);
	if (at != w->ts_ms)
		cdp_json_ktime(b, "timestamp", at);
	if (w->doubt)
		cdp_json_kraw(b, "ahead", CDP_STR("true"));
	if (late)
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
	.erased = erased,
	.known = known,
};
