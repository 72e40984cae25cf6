#include "lib/json/write.h"
#include "lib/tool/report.h"

#define STR(s) (int)(s).n, (s).p

static const char *
level(const struct cdp_finding *f)
{
	return f->warning ? "warning" : "error";
}

/* ---- text ---- */

static void
put_place(const struct cdp_report *r, const struct cdp_finding *f, FILE *fp)
{
	fprintf(fp, "%s:", r->tool);
	if (f->file != NULL)
		fprintf(fp, "%s:", f->file);
	if (f->line != 0)
		fprintf(fp, "%llu:", (unsigned long long)f->line);
	if (f->col != 0)
		fprintf(fp, "%llu:", (unsigned long long)f->col);
	fprintf(fp, " %s[%.*s]: ", level(f), STR(f->code));
}

static void
put_finding(const struct cdp_report *r, const struct cdp_finding *f, FILE *fp)
{
	put_place(r, f, fp);
	if (f->event.n != 0)
		fprintf(fp, "%.*s: ", STR(f->event));
	fprintf(fp, "%.*s\n", STR(f->text));
}

static const char *
many(uint64_t n)
{
	return n == 1 ? "" : "s";
}

void
cdp_report_text(const struct cdp_report *r, FILE *fp)
{
	const struct cdp_finding_group *g;
	const struct cdp_expected *e;
	const struct cdp_finding *f;

	for (f = r->finding; f != NULL; f = f->later)
		put_finding(r, f, fp);
	for (g = r->group; g != NULL; g = g->next) {
		f = g->first;
		if (g->n > CDP_REPORT_SHOWN)
			fprintf(fp, "%s: %s[%.*s]: %llu more%s%.*s\n", r->tool,
			    level(f), STR(f->code),
			    (unsigned long long)g->n - CDP_REPORT_SHOWN,
			    f->field.n != 0 ? " at " : "", STR(f->field));
	}
	for (e = r->expected; e != NULL; e = e->next)
		if (!e->ok) {
			put_place(r, &e->at, fp);
			fprintf(fp, "%.*s\n%.*s", STR(e->at.text),
			    STR(e->at.detail));
		}
	if (r->testing)
		fprintf(fp, "%s: %llu test%s, %llu failed\n", r->tool,
		    (unsigned long long)r->tests, many(r->tests),
		    (unsigned long long)r->broken);
	if (!r->records_read)
		return;
	fprintf(fp,
	    "%s: %llu record%s, %llu rejected; %llu error%s, %llu warning%s\n",
	    r->tool, (unsigned long long)r->records, many(r->records),
	    (unsigned long long)r->rejected, (unsigned long long)r->errors,
	    many(r->errors), (unsigned long long)r->warnings,
	    many(r->warnings));
}

/* ---- JSON, an object a line ---- */

static void
json_finding(struct cdp_buf *b, const char *type, const struct cdp_finding *f)
{
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "type", cdp_str_of(type));
	cdp_json_kstr(b, "level", cdp_str_of(level(f)));
	cdp_json_kstr(b, "code", f->code);
	if (f->file != NULL)
		cdp_json_kstr(b, "file", cdp_str_of(f->file));
	if (f->line != 0)
		cdp_json_ki64(b, "line", (int64_t)f->line);
	if (f->col != 0)
		cdp_json_ki64(b, "column", (int64_t)f->col);
	if (f->event.n != 0)
		cdp_json_kstr(b, "event", f->event);
	if (f->field.n != 0)
		cdp_json_kstr(b, "field", f->field);
}

static void
json_line(struct cdp_buf *b, FILE *fp)
{
	cdp_buf_puts(b, "}\n");
	fwrite(b->p, 1, b->n, fp);
	cdp_buf_reset(b);
}

void
cdp_report_json(const struct cdp_report *r, FILE *fp)
{
	const struct cdp_finding_group *g;
	const struct cdp_expected *e;
	const struct cdp_finding *f;
	struct cdp_buf b = { 0 };

	for (f = r->finding; f != NULL; f = f->later) {
		json_finding(&b, "finding", f);
		cdp_json_kstr(&b, "message", f->text);
		json_line(&b, fp);
	}
	for (g = r->group; g != NULL; g = g->next) {
		if (g->n <= CDP_REPORT_SHOWN)
			continue;
		f = g->first;
		json_finding(&b, "more",
		    &(struct cdp_finding){ .warning = f->warning,
			.code = f->code,
			.event = f->event,
			.field = f->field });
		cdp_json_ki64(&b, "count", (int64_t)g->n - CDP_REPORT_SHOWN);
		json_line(&b, fp);
	}
	for (e = r->expected; e != NULL; e = e->next) {
		json_finding(&b, "expectation", &e->at);
		cdp_json_kraw(
		    &b, "met", e->ok ? CDP_STR("true") : CDP_STR("false"));
		cdp_json_kstr(&b, "message", e->at.text);
		json_line(&b, fp);
	}
	cdp_buf_puts(&b, "{\"type\":\"summary\"");
	cdp_json_ki64(&b, "records", (int64_t)r->records);
	cdp_json_ki64(&b, "rejected", (int64_t)r->rejected);
	cdp_json_ki64(&b, "errors", (int64_t)r->errors);
	cdp_json_ki64(&b, "warnings", (int64_t)r->warnings);
	cdp_json_kraw(
	    &b, "failed", r->failed ? CDP_STR("true") : CDP_STR("false"));
	json_line(&b, fp);
	cdp_buf_free(&b);
}

/* ---- JUnit ---- */

static void
xml(struct cdp_str s, FILE *fp)
{
	for (size_t i = 0; i < s.n; i++)
		switch (s.p[i]) {
		case '&':
			fputs("&amp;", fp);
			break;
		case '<':
			fputs("&lt;", fp);
			break;
		case '>':
			fputs("&gt;", fp);
			break;
		case '"':
			fputs("&quot;", fp);
			break;
		default:
			fputc(s.p[i], fp);
		}
}

static void
attribute(const char *name, struct cdp_str s, FILE *fp)
{
	fprintf(fp, " %s=\"", name);
	xml(s, fp);
	fputc('"', fp);
}

/* The case of one finding: its first lines say where. */
static void
junit_group(
    const struct cdp_report *r, const struct cdp_finding_group *g, FILE *fp)
{
	const struct cdp_finding *f = g->first;
	const char *tag = f->warning ? "system-out" : "failure";

	fputs("    <testcase", fp);
	attribute(
	    "classname", f->event.n != 0 ? f->event : cdp_str_of(r->tool), fp);
	fprintf(fp, " name=\"%.*s", STR(f->code));
	if (f->field.n != 0) {
		fputc(' ', fp);
		xml(f->field, fp);
	}
	fprintf(fp, "\">\n      <%s", tag);
	if (!f->warning) {
		attribute("type", f->code, fp);
		attribute("message", f->text, fp);
	}
	fputs(">", fp);
	for (; f != NULL; f = f->next) {
		if (f->file != NULL)
			xml(cdp_str_of(f->file), fp);
		fprintf(fp, ":%llu:%llu: ", (unsigned long long)f->line,
		    (unsigned long long)f->col);
		xml(f->text, fp);
		fputc('\n', fp);
	}
	if (g->n > CDP_REPORT_SHOWN)
		fprintf(fp, "and %llu more\n",
		    (unsigned long long)g->n - CDP_REPORT_SHOWN);
	fprintf(fp, "</%s>\n    </testcase>\n", tag);
}

static void
junit_expected(const struct cdp_expected *e, FILE *fp)
{
	fputs("    <testcase classname=\"expect\"", fp);
	attribute("name", e->at.code, fp);
	if (!e->ok && !e->at.warning) {
		fputs(">\n      <failure type=\"expect\"", fp);
		attribute("message", e->at.text, fp);
		if (e->at.detail.n != 0) {
			fputc('>', fp);
			xml(e->at.detail, fp);
			fputs("</failure>\n    </testcase>\n", fp);
		} else {
			fputs("/>\n    </testcase>\n", fp);
		}
	} else {
		fputs(">\n      <system-out>", fp);
		xml(e->at.text, fp);
		fputs("</system-out>\n    </testcase>\n", fp);
	}
}

void
cdp_report_junit(const struct cdp_report *r, FILE *fp)
{
	const struct cdp_finding_group *g;
	const struct cdp_expected *e;
	size_t tests = !r->testing, failures = 0;

	for (g = r->group; g != NULL; g = g->next, tests++)
		failures += !g->first->warning;
	for (e = r->expected; e != NULL; e = e->next, tests++)
		failures += !e->ok && !e->at.warning;
	fprintf(fp,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
	    "  <testsuite name=\"%s\" tests=\"%zu\" failures=\"%zu\" "
	    "errors=\"0\">\n",
	    r->tool, tests, failures);
	if (!r->testing)
		fprintf(fp,
		    "    <testcase classname=\"%s\" name=\"read\">\n"
		    "      <system-out>%llu records, %llu rejected"
		    "</system-out>\n"
		    "    </testcase>\n",
		    r->tool, (unsigned long long)r->records,
		    (unsigned long long)r->rejected);
	for (g = r->group; g != NULL; g = g->next)
		junit_group(r, g, fp);
	for (e = r->expected; e != NULL; e = e->next)
		junit_expected(e, fp);
	fputs("  </testsuite>\n</testsuites>\n", fp);
}

/* ---- annotations of GitHub ---- */

/* What would end a property, or the line, is written as %XX. */
static void
escaped(struct cdp_str s, const char *more, FILE *fp)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '%' || s.p[i] == '\n' || s.p[i] == '\r' ||
		    (s.p[i] != '\0' && strchr(more, s.p[i]) != NULL))
			fprintf(fp, "%%%02X", (unsigned char)s.p[i]);
		else
			fputc(s.p[i], fp);
}

static void
annotate(const struct cdp_finding *f, uint64_t n, FILE *fp)
{
	fprintf(fp, "::%s ", level(f));
	if (f->file != NULL) {
		fputs("file=", fp);
		escaped(cdp_str_of(f->file), ":,", fp);
		fputc(',', fp);
	}
	if (f->line != 0)
		fprintf(fp, "line=%llu,", (unsigned long long)f->line);
	if (f->col != 0)
		fprintf(fp, "col=%llu,", (unsigned long long)f->col);
	fputs("title=", fp);
	escaped(f->code, ":,", fp);
	fputs("::", fp);
	if (f->event.n != 0) {
		escaped(f->event, "", fp);
		fputs(": ", fp);
	}
	escaped(f->text, "", fp);
	if (n > 1)
		fprintf(fp, " (%llu times)", (unsigned long long)n);
	fputc('\n', fp);
}

/* It shows ten of a kind a step: one for each group, errors first. */
void
cdp_report_github(const struct cdp_report *r, FILE *fp)
{
	const struct cdp_finding_group *g;
	const struct cdp_expected *e;

	for (int warning = 0; warning < 2; warning++) {
		for (e = r->expected; e != NULL; e = e->next)
			if (!e->ok && e->at.warning == (warning == 1))
				annotate(&e->at, 1, fp);
		for (g = r->group; g != NULL; g = g->next)
			if (g->first->warning == (warning == 1))
				annotate(g->first, g->n, fp);
	}
}
