#include "lib/tool/run.h"
#include "lib/tool/resume.h"

#include <unistd.h>

#include "lib/base/utf8.h"
#include "lib/json/write.h"
#include "lib/tool/check.h"

const struct cdp_opts *
cdp_run_opts(const struct cdp_run *run)
{
	return &run->args.pub;
}

size_t
cdp_run_hold(const struct cdp_run *run)
{
	return run->args.pub.memory / 2;
}

struct cdp_project *
cdp_run_project(const struct cdp_run *run)
{
	return run->project;
}

const char *
cdp_run_store(const struct cdp_run *run)
{
	return run->store;
}

void
cdp_run_split(struct cdp_run *run,
    const char *(*split)(void *arg, const char *p, const char *end, int *state),
    void *arg)
{
	run->in.split = split;
	run->in.split_arg = arg;
}

void
cdp_run_reject(struct cdp_run *run, const struct cdp_line *ln, const char *code,
    struct cdp_str field, struct cdp_str message)
{
	cdp_progress_clear(&run->progress);
	if (run->args.pub.check)
		cdp_check_reject(run, ln, code, field, message);
	cdp_rejects_add(&run->rejects, ln, run->in.name, code, field, message);
}

uint64_t
cdp_run_read(const struct cdp_run *run)
{
	return run->read;
}

void
cdp_run_left(struct cdp_run *run)
{
	run->left = true;
}

void
cdp_run_note(struct cdp_run *run, const char *msg)
{
	if (!run->args.pub.quiet)
		cdp_run_say(run, "%s", msg);
}

int
cdp_run_secrets(struct cdp_run *run, struct cdp_str *ret, struct cdp_err *err)
{
	const struct cdp_project *pr = run->project;

	return cdp_secrets_read(
	    &run->env, pr->secret, pr->nsecret, &run->mem, ret, err);
}

void
cdp_run_held(struct cdp_run *run, uint64_t n)
{
	run->held += n;
}

/* A record that does not get as far as the stage. */
static void
reject_err(
    struct cdp_run *run, const struct cdp_line *ln, const struct cdp_err *err)
{
	run->refused++;
	cdp_run_reject(run, ln, err->rule[0] != '\0' ? err->rule : "rejected",
	    cdp_str_of(err->field), cdp_str_of(err->msg));
}

static bool
blank(struct cdp_str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] != ' ' && s.p[i] != '\t' && s.p[i] != '\r')
			return false;
	return true;
}

/*
 * A last line without a newline counts if it is whole: no strict prefix of an
 * object is one.  A torn one says that whoever wrote it was cut short.
 */
static int
bad_line(
    struct cdp_run *run, const struct cdp_line *ln, const struct cdp_err *why)
{
	run->whole = false;
	if (run->in.torn && !run->tool->raw && !run->args.pub.end_any)
		return 0;
	run->read++;
	reject_err(run, ln, why);
	return 0;
}

static int
too_long(struct cdp_run *run, struct cdp_str start)
{
	struct cdp_line ln = { .raw = start, .lineno = run->in.lineno };
	struct cdp_err why = { 0 };

	cdp_fail_rule(&why, CDP_EDATA, "too_long", NULL,
	    "longer than %zu bytes", run->in.line_max);
	return bad_line(run, &ln, &why);
}

/* One record: CDP_EDATA is told and not returned. */
static int
record(void *arg, const struct cdp_line *ln, struct cdp_err *err)
{
	struct cdp_run *run = arg;
	int rc;

	run->read++;
	run->now = ln;
	rc = run->tool->line != NULL
	    ? run->tool->line(run->self, run->sg, ln, err)
	    : cdp_stage_line(run->sg, ln, err);
	if (rc == CDP_EDATA) {
		reject_err(run, ln, err);
		rc = 0;
	}
	cdp_arena_reset(&run->rec);
	return rc != 0 || run->sg == NULL ? rc : cdp_stage_pace(run->sg, err);
}

static int
no_record(void *arg, const struct cdp_line *ln, const struct cdp_err *why,
    struct cdp_err *err)
{
	(void)err;
	return bad_line(arg, ln, why);
}

static int
one_line(struct cdp_run *run, struct cdp_str raw, struct cdp_err *err)
{
	const struct cdp_each each = { run, record, no_record };
	struct cdp_err why;
	struct cdp_line ln;
	int rc;

	if (blank(raw))
		return 0;
	cdp_err_clear(&why);
	run->raw = raw;
	if (run->args.pub.follow)
		cdp_resume_place(run);
	if (run->tool->text != NULL) {
		rc = run->tool->text(
		    run->self, raw, run->in.lineno, &run->rec, &each, &why);
		if (rc == CDP_ECONF)
			return cdp_fail(err, rc, "%s:%llu: %s", run->in.name,
			    (unsigned long long)run->in.lineno, why.msg);
		if (rc != 0)
			*err = why;
		return rc;
	}
	rc = cdp_line_parse(
	    raw, run->in.lineno, &run->tape, &run->rec, &ln, err);
	if (rc == CDP_EDATA) {
		ln = (struct cdp_line){ .raw = raw, .lineno = run->in.lineno };
		return bad_line(run, &ln, err);
	}
	if (rc != 0)
		return rc;
	run->whole = ln.type == CDP_END_LINE;
	return run->whole ? 0 : record(run, &ln, err);
}

/*
 * A stage adds to its lines: what one prints the next must read.  Of events,
 * the project says how long they may be.
 */
static size_t
line_max(const struct cdp_run *run)
{
	const struct cdp_limits *l = &run->project->limits;
	size_t n = CDP_INPUT_LINE_MAX;

	if (!run->tool->raw)
		return CDP_JSON_MAX;
	if ((size_t)l->event_bytes > n)
		n = (size_t)l->event_bytes;
	return (size_t)l->batch_bytes > n ? (size_t)l->batch_bytes : n;
}

static int
idle(void *arg, int *wake_ms, struct cdp_err *err)
{
	struct cdp_run *run = arg;
	int rc = 0;

	if (run->sg == NULL)
		return 0;
	if (run->tool->idle != NULL)
		rc = run->tool->idle(run->self, run->sg, wake_ms, err);
	if (rc == 0)
		rc = cdp_stage_flush(run->sg, err);
	if (rc == 0 && run->tool->wait != NULL)
		rc = run->tool->wait(run->self, run->sg, run->in.fd, err);
	return rc;
}

static int
tick(void *arg, struct cdp_err *err)
{
	struct cdp_run *run = arg;

	cdp_progress_tick(
	    &run->progress, run->in.bytes, run->in.total, run->read);
	return run->tool->tick != NULL && run->sg != NULL
	    ? run->tool->tick(run->self, run->sg, err)
	    : 0;
}

static int
peek(struct cdp_run *run, struct cdp_str lines, struct cdp_peek *ret,
    struct cdp_err *err)
{
	uint64_t lineno = run->in.lineno + 1;
	bool last = run->in.eof && lines.n == run->in.end - run->in.at;

	return run->tool->peek != NULL
	    ? run->tool->peek(run->self, run->sg, lines, lineno, last, ret, err)
	    : cdp_stage_peek(run->sg, lines, lineno, last, ret, err);
}

/* Show the tool what is there, for as long as it takes some of it. */
static int
look_ahead(struct cdp_run *run, struct cdp_err *err)
{
	struct cdp_input *in = &run->in;
	struct cdp_peek a;
	int rc;

	while (in->open && in->lineno >= run->asked) {
		a = (struct cdp_peek){ 0 };
		if ((rc = peek(run, cdp_input_ahead(in), &a, err)) != 0)
			return rc;
		if (a.bytes != 0) {
			run->read += a.lines;
			run->whole = false;
			cdp_input_skip(in, a.bytes, a.lines);
			continue;
		}
		rc = a.more ? cdp_input_more(in, err) : CDP_END;
		if (rc < 0)
			return rc;
		if (rc != 0) {
			run->asked = a.until;
			cdp_input_ends(in, a.end, a.nend);
			return 0;
		}
	}
	return 0;
}

static int
read_all(struct cdp_run *run, struct cdp_err *err)
{
	enum cdp_input_kind kind;
	struct cdp_str line;
	bool ahead = run->sg != NULL && !run->args.pub.follow &&
	    (run->tool->peek != NULL || run->tool->line == NULL);
	int rc;

	run->in.file = run->args.file;
	run->in.nfile = run->args.nfile;
	run->in.line_max = line_max(run);
	run->in.idle = idle;
	run->in.tick = tick;
	run->in.arg = run;
	if (run->args.pub.follow && (rc = cdp_resume_begin(run, err)) != 0)
		return rc;
	for (;;) {
		if (ahead && (rc = look_ahead(run, err)) != 0)
			break;
		if ((rc = cdp_input_next(&run->in, &kind, &line, err)) != 0)
			break;
		if (kind == CDP_INPUT_LINE) {
			rc = one_line(run, line, err);
		} else if (kind == CDP_INPUT_TOO_LONG) {
			rc = too_long(run, line);
		} else {
			if (!run->whole && run->early == NULL)
				run->early = run->in.name;
			run->whole = run->named = false;
			run->asked = 0;
			if (run->tool->file_end != NULL)
				run->tool->file_end(run->self);
		}
		if (rc != 0)
			break;
	}
	return rc == CDP_END ? 0 : rc;
}

int
cdp_run_loop(struct cdp_run *run, struct cdp_err *err)
{
	const struct cdp_tool *tool = run->tool;
	struct cdp_err again = { 0 };
	int rc;

	if (run->args.pub.redrive || run->args.pub.resync ||
	    run->args.pub.resolve != NULL)
		return tool->finish(run->self, run->sg, err);
	rc = read_all(run, err);
	if (rc == CDP_EEARLY && run->sg != NULL &&
	    cdp_stage_flush(run->sg, &again) != 0) {
		*err = again;
		rc = again.code;
	}
	if (rc != 0)
		return rc;
	if (run->early != NULL && !tool->raw && !run->args.pub.end_any) {
		if (run->sg != NULL &&
		    (rc = cdp_stage_flush(run->sg, err)) != 0)
			return rc;
		return cdp_fail(err, CDP_EEARLY,
		    "the input ended early: '%s' has no end line at its end; "
		    "%srun the same command again (or use "
		    "--end=any if a filter before this one dropped the line)",
		    run->early,
		    run->sg != NULL && !run->args.pub.dry_run
			? "what came is kept: "
			: "");
	}
	if (tool->finish != NULL &&
	    (rc = tool->finish(run->self, run->sg, err)) != 0)
		return rc;
	return run->sg != NULL ? cdp_stage_end(run->sg, err) : 0;
}

/* Each scalar of the object on a line, its names joined by dots. */
static void
print_flat(const struct cdp_tape *t, uint32_t at, struct cdp_buf *path)
{
	struct cdp_arena mem = { 0 };
	size_t n = path->n;
	uint32_t it = 0, key, val;
	struct cdp_str name, raw;

	while (cdp_tape_next(t, at, &it, &key, &val)) {
		path->n = n;
		if (n != 0)
			cdp_buf_putc(path, '.');
		raw = cdp_tape_raw(t, key);
		cdp_buf_put(path, (struct cdp_str){ raw.p + 1, raw.n - 2 });
		if (cdp_tape_isa(t, val, CDP_OBJECT)) {
			print_flat(t, val, path);
			continue;
		}
		name = cdp_utf8_printable(cdp_buf_str(path), &mem);
		raw = cdp_utf8_printable(cdp_tape_raw(t, val), &mem);
		fprintf(stderr, "  %-26.*s %.*s\n", (int)name.n, name.p,
		    (int)raw.n, raw.p);
	}
	cdp_arena_free(&mem);
	path->n = n;
}

static void
print_text(const char *tool, struct cdp_str json)
{
	struct cdp_tape t = { 0 };
	struct cdp_buf path = { 0 };

	fprintf(stderr, "%s:\n", tool);
	if (cdp_tape_parse(&t, json, NULL) == 0)
		print_flat(&t, 0, &path);
	cdp_tape_free(&t);
	cdp_buf_free(&path);
}

/*
 * in = out + rejected + duplicates + held + consumed + expired, each counted
 * where it happens.  cdp-ingest consumes nothing, for what its stage does are
 * clock lines, but what its project leaves out is filtered or unmapped.
 */
static void
put_stats(struct cdp_run *run, struct cdp_buf *b)
{
	const struct cdp_stage_stats *s = cdp_stage_stats(run->sg);
	uint64_t more = 0, held = run->held;

	if (run->tool->balance != NULL)
		run->tool->balance(run->self, &more, &held);
	cdp_json_ki64(b, "in", (int64_t)(run->read + more));
	cdp_json_ki64(b, "out", (int64_t)s->passed);
	cdp_json_ki64(b, "rejected", (int64_t)(run->refused + s->dropped));
	cdp_json_ki64(b, "duplicates", (int64_t)s->duplicates);
	cdp_json_ki64(b, "held", (int64_t)held);
	if (!run->tool->raw) {
		cdp_json_ki64(
		    b, "consumed", (int64_t)s->consumed - (int64_t)run->held);
		cdp_json_ki64(b, "noted", (int64_t)(s->rejected - s->dropped));
	}
	cdp_json_ki64(b, "made", (int64_t)s->made);
	cdp_json_ki64(b, "replayed", (int64_t)s->replayed);
	if (s->unread != 0)
		cdp_json_ki64(b, "unread", (int64_t)s->unread);
	if (s->expired != 0)
		cdp_json_ki64(b, "expired", (int64_t)s->expired);
	cdp_json_key(b, "by_code");
	cdp_rejects_json(&run->rejects, b);
	if (run->tool->stats != NULL)
		run->tool->stats(run->self, b);
	cdp_buf_putc(b, '}');
}

void
cdp_run_stats(struct cdp_run *run)
{
	const char *tool = run->tool->name;
	struct cdp_buf b = { 0 };

	cdp_progress_clear(&run->progress);
	if (run->args.pub.verbose)
		cdp_run_say(run, "read=%llu written=%llu rejected=%llu",
		    (unsigned long long)run->read,
		    (unsigned long long)cdp_stage_stats(run->sg)->out,
		    (unsigned long long)run->rejects.total);
	cdp_buf_putc(&b, '{');
	if (run->args.stats == CDP_STATS_JSON) {
		cdp_json_kstr(&b, "tool", cdp_str_of(tool));
		put_stats(run, &b);
		fprintf(stderr, "%.*s\n", (int)b.n, b.p);
	} else if (run->args.stats == CDP_STATS_TEXT) {
		put_stats(run, &b);
		print_text(tool, cdp_buf_str(&b));
	}
	cdp_buf_free(&b);
}
