#include "lib/tool/report.h"

#include <string.h>

#include "lib/base/utf8.h"

static const char *const form_names[] = {
	[CDP_REPORT_TEXT] = "text",
	[CDP_REPORT_JSON] = "json",
	[CDP_REPORT_JUNIT] = "junit",
	[CDP_REPORT_GITHUB] = "github",
};

bool
cdp_report_option(struct cdp_report *r, const char *val)
{
	const char *colon = strchrnul(val, ':');
	struct cdp_str form = { val, (size_t)(colon - val) };
	struct cdp_report_ask *a;

	if (r->nask == CDP_REPORT_ASKS || (*colon != '\0' && colon[1] == '\0'))
		return false;
	for (int i = 0; i <= CDP_REPORT_GITHUB; i++)
		if (cdp_str_is(form, form_names[i])) {
			a = &r->ask[r->nask++];
			a->form = (enum cdp_report_form)i;
			a->path = *colon != '\0' ? colon + 1 : NULL;
			return true;
		}
	return false;
}

int
cdp_report_open(struct cdp_report *r, const char *tool, struct cdp_err *err)
{
	r->tool = tool;
	r->last_finding = &r->finding;
	r->last_group = &r->group;
	r->last_expected = &r->expected;
	for (size_t i = 0; i < r->nask; i++) {
		struct cdp_report_ask *a = &r->ask[i];

		a->fp = a->path != NULL ? fopen(a->path, "we") : stdout;
		if (a->fp == NULL)
			return cdp_fail(
			    err, CDP_EIO, "cannot open '%s'", a->path);
	}
	return 0;
}

/* ---- noting ---- */

static struct cdp_finding *
copy(struct cdp_report *r, const struct cdp_finding *f)
{
	struct cdp_finding *ret = cdp_arena_calloc(&r->mem, 1, sizeof(*ret));

	*ret = *f;
	ret->code = cdp_arena_dup(&r->mem, f->code);
	ret->event = cdp_utf8_printable(f->event, &r->mem);
	ret->event = cdp_arena_dup(&r->mem, ret->event);
	ret->field = cdp_utf8_printable(f->field, &r->mem);
	ret->field = cdp_arena_dup(&r->mem, ret->field);
	ret->text = cdp_utf8_printable(f->text, &r->mem);
	ret->text = cdp_arena_dup(&r->mem, ret->text);
	ret->detail = cdp_arena_dup(&r->mem, f->detail);
	if (f->file != NULL)
		ret->file = cdp_arena_dup(&r->mem, cdp_str_of(f->file)).p;
	ret->next = ret->later = NULL;
	return ret;
}

static struct cdp_finding_group *
group(struct cdp_report *r, const struct cdp_finding *f)
{
	bool full = r->ngroup >= CDP_REPORT_GROUPS;
	struct cdp_buf key = { 0 };
	struct cdp_finding_group *g;

	cdp_buf_putc(&key, f->warning ? 'w' : 'e');
	cdp_buf_put(&key, f->code);
	if (!full && f->alone)
		cdp_buf_printf(&key, " %s:%llu:%llu:%.*s",
		    f->file != NULL ? f->file : "", (unsigned long long)f->line,
		    (unsigned long long)f->col, (int)f->text.n, f->text.p);
	if (!full) {
		cdp_buf_putc(&key, '\0');
		cdp_buf_put(&key, f->event);
		cdp_buf_putc(&key, '\0');
		cdp_buf_put(&key, f->field);
	}
	g = cdp_map_get(&r->by_key, cdp_buf_str(&key));
	if (g == NULL) {
		g = cdp_arena_calloc(&r->mem, 1, sizeof(*g));
		g->last = &g->first;
		*cdp_map_at(
		    &r->by_key, cdp_arena_dup(&r->mem, cdp_buf_str(&key))) = g;
		*r->last_group = g;
		r->last_group = &g->next;
		r->ngroup++;
	}
	cdp_buf_free(&key);
	return g;
}

void
cdp_report_add(struct cdp_report *r, const struct cdp_finding *f)
{
	struct cdp_finding_group *g = group(r, f);
	struct cdp_finding *mine;

	*(f->warning ? &r->warnings : &r->errors) += 1;
	if (g->n++ >= CDP_REPORT_SHOWN)
		return;
	mine = copy(r, f);
	*g->last = mine;
	g->last = &mine->next;
	*r->last_finding = mine;
	r->last_finding = &mine->later;
}

void
cdp_report_expect(struct cdp_report *r, const struct cdp_finding *f, bool ok)
{
	struct cdp_expected *e = cdp_arena_calloc(&r->mem, 1, sizeof(*e));

	e->at = *copy(r, f);
	e->ok = ok;
	if (!ok)
		*(f->warning ? &r->warnings : &r->errors) += 1;
	*r->last_expected = e;
	r->last_expected = &e->next;
}

void
cdp_report_diags(struct cdp_report *r, const struct cdp_diags *d)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct cdp_diag *g = &d->v[i];
		const struct cdp_finding f = {
			.warning = g->warning,
			.code = cdp_str_of(g->rule),
			.text = cdp_str_of(g->msg),
			.file = g->at.file,
			.line = g->at.line,
			.col = g->at.col,
			.alone = true,
		};

		cdp_report_add(r, &f);
	}
}

/* ---- writing ---- */

int
cdp_report_write(struct cdp_report *r, bool quiet, struct cdp_err *err)
{
	static void (*const form[])(const struct cdp_report *r, FILE *fp) = {
		[CDP_REPORT_TEXT] = cdp_report_text,
		[CDP_REPORT_JSON] = cdp_report_json,
		[CDP_REPORT_JUNIT] = cdp_report_junit,
		[CDP_REPORT_GITHUB] = cdp_report_github,
	};
	bool shown = quiet, bad;
	int rc = 0;

	for (size_t i = 0; i < r->nask; i++) {
		struct cdp_report_ask *a = &r->ask[i];

		form[a->form](r, a->fp);
		shown = shown || a->path == NULL;
		bad = fflush(a->fp) != 0 || ferror(a->fp);
		if (a->path != NULL) {
			bad = fclose(a->fp) != 0 || bad;
			a->fp = NULL;
		}
		if (bad && rc == 0)
			rc = cdp_fail(err, CDP_EIO, "cannot write %s",
			    a->path != NULL ? a->path : "standard output");
	}
	if (!shown)
		cdp_report_text(r, stderr);
	return rc;
}

void
cdp_report_free(struct cdp_report *r)
{
	for (size_t i = 0; i < r->nask; i++)
		if (r->ask[i].path != NULL && r->ask[i].fp != NULL)
			fclose(r->ask[i].fp);
	cdp_map_free(&r->by_key);
	cdp_arena_free(&r->mem);
}
