#include "lib/tool/check.h"

#include <stdlib.h>

#include "lib/base/utf8.h"

#define VALUE_SHOWN 60

bool
cdp_check_looks(const struct cdp_run *run)
{
	return run->args.pub.infer || run->args.pub.against != NULL ||
	    (run->args.pub.check && run->args.nfile != 0 &&
		run->tool->expected != NULL);
}

bool
cdp_run_looks(const struct cdp_run *run)
{
	return cdp_check_looks(run);
}

/* ---- places ---- */

/* Its child of that name or index, or CDP_NOTOK. */
static uint32_t
child(const struct cdp_tape *t, uint32_t at, struct cdp_str name)
{
	uint32_t it = 0, key, val;
	size_t i = 0, want = 0;

	if (cdp_tape_isa(t, at, CDP_OBJECT))
		return cdp_tape_get(t, at, name);
	for (; i < name.n && i < 9; i++) {
		if (name.p[i] < '0' || name.p[i] > '9')
			return CDP_NOTOK;
		want = want * 10 + (size_t)(name.p[i] - '0');
	}
	while (cdp_tape_isa(t, at, CDP_ARRAY) &&
	    cdp_tape_next(t, at, &it, &key, &val))
		if (want-- == 0)
			return val;
	return CDP_NOTOK;
}

/*
 * The value that a dotted field names, or of what it leads to as far as it
 * does; a name may have dots itself.
 */
static uint32_t
find(const struct cdp_tape *t, struct cdp_str field, bool *whole)
{
	uint32_t at = 0, next;
	size_t n;

	while (field.n != 0) {
		for (n = 0, next = CDP_NOTOK; next == CDP_NOTOK; n++) {
			while (n < field.n && field.p[n] != '.')
				n++;
			next = child(t, at, (struct cdp_str){ field.p, n });
			if (next != CDP_NOTOK || n == field.n)
				break;
		}
		if (next == CDP_NOTOK)
			break;
		at = next;
		n += n < field.n;
		field = (struct cdp_str){ field.p + n, field.n - n };
	}
	*whole = field.n == 0;
	return at;
}

/* Of a line that is a piece of the text that was read; else none is known. */
static uint64_t
column(const struct cdp_run *run, const struct cdp_line *ln, uint32_t at,
    const char *message)
{
	const char *from = run->raw.p, *p = ln->raw.p;
	const char *col = strstr(message, "at column ");

	if (p < from || p > from + run->raw.n)
		return 0;
	if (ln->tape == NULL)
		return (uint64_t)(p - from) +
		    (col != NULL ? strtoull(col + 10, NULL, 10) : 1);
	return (uint64_t)(cdp_tape_raw(ln->tape, at).p - from) + 1;
}

/* ---- values, or what they are like ---- */

static struct cdp_str
shown(const struct cdp_run *run, const struct cdp_line *ln, uint32_t at)
{
	struct cdp_str raw = cdp_tape_raw(ln->tape, at);
	size_t n = raw.n;

	if (run->args.pub.show_values) {
		if (n > VALUE_SHOWN)
			for (n = VALUE_SHOWN; (raw.p[n] & 0xc0) == 0x80;)
				n--;
		return cdp_arena_printf(
		    ln->mem, ": %.*s%s", (int)n, raw.p, n < raw.n ? "..." : "");
	}
	if (!cdp_tape_isa(ln->tape, at, CDP_STRING))
		return CDP_STR("");
	return cdp_arena_printf(
	    ln->mem, " (string, %zu byte%s)", n - 2, n == 3 ? "" : "s");
}

/*
 * The place is that in ln, which came; the value that in leaving, or none: what
 * stands in it may have been transformed.
 */
static void
add(struct cdp_run *run, struct cdp_finding *f, const struct cdp_line *ln,
    const struct cdp_line *leaving, struct cdp_str text)
{
	struct cdp_str value = CDP_STR("");
	bool whole = false;
	uint32_t at = 0;

	if (leaving != NULL && leaving->tape != NULL)
		at = find(leaving->tape, f->field, &whole);
	if (whole && f->field.n != 0 &&
	    !cdp_tape_isa(leaving->tape, at, CDP_OBJECT))
		value = shown(run, leaving, at);
	at = ln->tape != NULL ? find(ln->tape, f->field, &whole) : 0;
	f->text = cdp_arena_printf(
	    &run->rec, "%.*s%.*s", (int)text.n, text.p, (int)value.n, value.p);
	f->file = run->in.name;
	f->line = run->in.lineno;
	f->col = column(run, ln, at, f->text.p);
	if (ln->tape != NULL)
		f->event = ln->event.n != 0 ? ln->event
		    : ln->type == CDP_OTHER
		    ? CDP_STR("")
		    : cdp_str_of(cdp_type_names[ln->type]);
	cdp_report_add(&run->report, f);
}

/* What a program says of its own may hold any value: only where it stands. */
static struct cdp_str
of_program(struct cdp_run *run, struct cdp_str message)
{
	const char *colon = memmem(message.p, message.n, ": ", 2);

	if (run->args.pub.show_values || colon == NULL)
		return message;
	return cdp_arena_printf(&run->rec,
	    "%.*s failed: see why with --show-values", (int)(colon - message.p),
	    message.p);
}

void
cdp_check_reject(struct cdp_run *run, const struct cdp_line *ln,
    const char *code, struct cdp_str field, struct cdp_str message)
{
	struct cdp_finding f = { .code = cdp_str_of(code), .field = field };
	struct cdp_str text = message;

	if (strcmp(code, "schema_violation") == 0 ||
	    strcmp(code, "common_schema_violation") == 0)
		return;
	if (strcmp(code, "map_failed") == 0 ||
	    strcmp(code, "transform_failed") == 0)
		text = of_program(run, message);
	else if (field.n != 0 && !cdp_str_starts(message, field))
		text = cdp_arena_printf(&run->rec, "%.*s: %.*s", (int)field.n,
		    field.p, (int)message.n, message.p);
	add(run, &f, ln, ln, text);
}

void
cdp_run_violation(void *arg, const struct cdp_line *ln,
    const struct cdp_violation *v, const char *code, bool blocked)
{
	struct cdp_run *run = arg;
	struct cdp_finding f = {
		.warning = !blocked,
		.code = cdp_str_of(code),
		.field = v->field,
	};
	struct cdp_str text = v->text;

	if (!cdp_str_starts(text, v->field))
		text = cdp_arena_printf(&run->rec, "%.*s: %.*s",
		    (int)v->field.n, v->field.p, (int)text.n, text.p);
	if (strcmp(v->type, "Required") == 0)
		ln = NULL; /* there is none */
	add(run, &f, run->now, ln, text);
}

void
cdp_run_expected(struct cdp_run *run, const struct cdp_expect *want,
    struct cdp_str text, bool met)
{
	const struct cdp_finding f = {
		.warning = want->warning,
		.code = want->id,
		.text = text,
		.file = want->node->at.file,
		.line = want->node->at.line,
		.col = want->node->at.col,
	};

	cdp_report_expect(&run->report, &f, met);
	run->no = run->no || (!met && !want->warning);
}

int
cdp_check_end(struct cdp_run *run, struct cdp_err *err)
{
	struct cdp_report *r = &run->report;
	bool quiet = run->args.pub.quiet || !r->records_read;

	r->records = run->read;
	r->rejected = run->rejects.total;
	if (r->nask != 0)
		cdp_report_diags(r, &run->diags);
	return cdp_report_write(r, quiet, err);
}
