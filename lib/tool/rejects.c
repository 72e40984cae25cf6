#include "lib/tool/rejects.h"

#include "lib/base/utf8.h"
#include "lib/json/write.h"

#define SHOWN 10

int
cdp_rejects_open(struct cdp_rejects *rj, const char *tool, const char *path,
    bool quiet, struct cdp_err *err)
{
	memset(rj, 0, sizeof(*rj));
	rj->tool = tool;
	rj->path = path;
	rj->quiet = quiet;
	rj->last = &rj->first;
	if (path != NULL && (rj->fp = fopen(path, "we")) == NULL)
		return cdp_fail(err, CDP_EIO, "cannot open '%s'", path);
	return 0;
}

static struct cdp_reject_count *
count(struct cdp_rejects *rj, const char *code)
{
	struct cdp_reject_count *c;

	c = cdp_map_get(&rj->by_code, cdp_str_of(code));
	if (c == NULL) {
		c = cdp_arena_calloc(&rj->mem, 1, sizeof(*c));
		c->code = cdp_arena_dup(&rj->mem, cdp_str_of(code));
		*cdp_map_at(&rj->by_code, c->code) = c;
		*rj->last = c;
		rj->last = &c->next;
	}
	c->n++;
	rj->total++;
	return c;
}

/* As JSON if it is, else as a string: a torn line is no JSON. */
static void
put_record(struct cdp_buf *b, const struct cdp_line *ln)
{
	struct cdp_arena mem = { 0 };

	if (ln->tape != NULL && ln->tape->ntok != 0) {
		cdp_json_kraw(b, "record", ln->raw);
		return;
	}
	if (cdp_utf8_valid(ln->raw) == ln->raw.n)
		cdp_json_kstr(b, "record", ln->raw);
	else
		cdp_json_kstr(b, "record", cdp_utf8_printable(ln->raw, &mem));
	cdp_arena_free(&mem);
}

static void
to_file(struct cdp_rejects *rj, const struct cdp_line *ln, const char *source,
    const char *code, struct cdp_str field, struct cdp_str message)
{
	struct cdp_buf *b = &rj->buf;

	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	cdp_json_ki64(b, "line", (int64_t)ln->lineno);
	if (ln->item != 0)
		cdp_json_ki64(b, "item", (int64_t)ln->item);
	cdp_json_kstr(b, "source", cdp_str_of(source));
	cdp_json_kstr(b, "code", cdp_str_of(code));
	if (field.n != 0)
		cdp_json_kstr(b, "field", field);
	cdp_json_kstr(b, "message", message);
	/* Of whom nothing is to be known, nothing is written here, either. */
	if (strcmp(code, "suppressed") != 0)
		put_record(b, ln);
	cdp_buf_puts(b, "}\n");
	fwrite(b->p, 1, b->n, rj->fp);
}

void
cdp_rejects_add(struct cdp_rejects *rj, const struct cdp_line *ln,
    const char *source, const char *code, struct cdp_str field,
    struct cdp_str message)
{
	struct cdp_reject_count *c = count(rj, code);
	struct cdp_arena mem = { 0 };
	struct cdp_str text;

	if (rj->fp != NULL) {
		to_file(rj, ln, source, code, field, message);
		return;
	}
	if (rj->quiet || c->n > SHOWN)
		return;
	text = cdp_utf8_printable(message, &mem);
	if (ln->item != 0)
		text = cdp_arena_printf(&mem, "event %llu of the body: %.*s",
		    (unsigned long long)ln->item, (int)text.n, text.p);
	fprintf(stderr, "%s:%s:%llu: error[%s]: %.*s\n", rj->tool, source,
	    (unsigned long long)ln->lineno, code, (int)text.n, text.p);
	cdp_arena_free(&mem);
}

int
cdp_rejects_close(struct cdp_rejects *rj, struct cdp_err *err)
{
	const struct cdp_reject_count *c;
	FILE *fp = rj->fp;
	int bad;

	if (fp == NULL && !rj->quiet)
		for (c = rj->first; c != NULL; c = c->next)
			if (c->n > SHOWN)
				fprintf(stderr,
				    "%s: error[%.*s]: %llu more, not shown\n",
				    rj->tool, (int)c->code.n, c->code.p,
				    (unsigned long long)c->n - SHOWN);
	rj->fp = NULL;
	if (fp == NULL)
		return 0;
	bad = ferror(fp);
	if (fclose(fp) != 0 || bad)
		return cdp_fail(err, CDP_EIO, "cannot write '%s'", rj->path);
	return 0;
}

void
cdp_rejects_json(const struct cdp_rejects *rj, struct cdp_buf *b)
{
	const struct cdp_reject_count *c;

	cdp_buf_putc(b, '{');
	for (c = rj->first; c != NULL; c = c->next) {
		cdp_json_comma(b);
		cdp_json_str(b, c->code);
		cdp_buf_putc(b, ':');
		cdp_buf_u64(b, c->n);
	}
	cdp_buf_putc(b, '}');
}

void
cdp_rejects_free(struct cdp_rejects *rj)
{
	if (rj->fp != NULL)
		fclose(rj->fp);
	cdp_map_free(&rj->by_code);
	cdp_buf_free(&rj->buf);
	cdp_arena_free(&rj->mem);
}
