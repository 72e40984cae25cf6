#include "lib/ingest/csv.h"

#include "lib/base/utf8.h"
#include "lib/json/write.h"

/* ---- where records end ---- */

enum { START, PLAIN, QUOTED, CLOSED };

static int
after(int state, char sep, char c)
{
	if (state == QUOTED)
		return c == '"' ? CLOSED : QUOTED;
	if (c == '"' && state != PLAIN)
		return QUOTED; /* it opens, or it is the second of two */
	return c == sep ? START : PLAIN;
}

const char *
cdp_csv_end(char sep, const char *p, const char *end, int *state)
{
	const char *nl;

	/* Most records have no quotes, and memchr is quick. */
	if (*state != QUOTED) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (nl != NULL && memchr(p, '"', (size_t)(nl - p)) == NULL)
			return nl;
	}
	for (; p < end; p++) {
		if (*p == '\n' && *state != QUOTED)
			return p;
		*state = after(*state, sep, *p);
	}
	return NULL;
}

/* ---- fields ---- */

/* A field as it stands there, at byte off of the record. */
struct field {
	struct cdp_str s;
	size_t off;
	bool quoted;
	bool doubled; /* it has quotes in it, each twice */
};

struct walk {
	struct cdp_str rec;
	size_t at; /* rec.n + 1 behind the last field */
	char sep;
	uint64_t lineno;
};

/* The line and the byte column of a place in the record. */
static void
place(const struct walk *w, size_t off, uint64_t *line, uint64_t *col)
{
	const char *p = w->rec.p, *end = w->rec.p + off, *nl;

	*line = w->lineno;
	while ((nl = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		p = nl + 1;
		(*line)++;
	}
	*col = (uint64_t)(end - p) + 1;
}

static int
bad_quote(
    const struct walk *w, size_t off, const char *what, struct cdp_err *err)
{
	uint64_t line, col;

	place(w, off, &line, &col);
	return cdp_fail_rule(err, CDP_EDATA, "csv_quote", NULL,
	    "line %llu, column %llu: %s", (unsigned long long)line,
	    (unsigned long long)col, what);
}

static int
next_quoted(struct walk *w, struct field *f, struct cdp_err *err)
{
	const char *from = w->rec.p + w->at + 1, *p = from;
	const char *end = w->rec.p + w->rec.n;

	f->quoted = true;
	while ((p = memchr(p, '"', (size_t)(end - p))) != NULL && p + 1 < end &&
	    p[1] == '"') {
		f->doubled = true;
		p += 2;
	}
	if (p == NULL)
		return bad_quote(w, f->off,
		    "the quote that opens here is never closed", err);
	f->s = (struct cdp_str){ from, (size_t)(p - from) };
	p++;
	if (p < end && *p != w->sep)
		return bad_quote(w, (size_t)(p - w->rec.p),
		    "text behind the quote that closes a field", err);
	w->at = (size_t)(p - w->rec.p) + 1;
	return 0;
}

/* 0, CDP_END behind the last, or CDP_EDATA. */
static int
next_field(struct walk *w, struct field *f, struct cdp_err *err)
{
	const char *from = w->rec.p + w->at, *to;

	if (w->at > w->rec.n)
		return CDP_END;
	*f = (struct field){ .off = w->at };
	if (w->at < w->rec.n && *from == '"')
		return next_quoted(w, f, err);
	to = memchr(from, w->sep, w->rec.n - w->at);
	if (to == NULL)
		to = w->rec.p + w->rec.n;
	f->s = (struct cdp_str){ from, (size_t)(to - from) };
	w->at = (size_t)(to - w->rec.p) + 1;
	return 0;
}

/* The field with each pair of quotes as one. */
static struct cdp_str
undouble(const struct field *f, struct cdp_arena *mem)
{
	char *p = cdp_arena_alloc(mem, f->s.n);
	size_t i, n = 0;

	for (i = 0; i < f->s.n; i++) {
		p[n++] = f->s.p[i];
		if (f->s.p[i] == '"')
			i++;
	}
	return (struct cdp_str){ p, n };
}

/* ---- the header ---- */

static int
add_column(struct cdp_csv *c, struct cdp_str name, struct cdp_buf *b,
    struct cdp_err *err)
{
	struct cdp_str key;
	size_t i;

	cdp_buf_reset(b);
	cdp_json_str(b, name);
	cdp_buf_putc(b, ':');
	key = cdp_arena_dup(&c->mem, cdp_buf_str(b));
	if (name.n == 0 || cdp_utf8_valid(name) != name.n)
		return cdp_fail(err, CDP_ECONF,
		    "column %zu of the header has no name%s", c->ncol + 1,
		    name.n == 0 ? "" : " in UTF-8");
	for (i = 0; i < c->ncol; i++)
		if (cdp_str_eq(c->key[i], key))
			return cdp_fail(err, CDP_ECONF,
			    "columns %zu and %zu of the header have the same "
			    "name, %.*s",
			    i + 1, c->ncol + 1, (int)key.n - 1, key.p);
	c->key[c->ncol++] = key;
	return 0;
}

int
cdp_csv_header(struct cdp_csv *c, struct cdp_str rec, struct cdp_err *err)
{
	struct walk w = { .rec = rec, .sep = c->sep, .lineno = 1 };
	struct cdp_buf b = { 0 };
	struct cdp_err why = { 0 };
	struct field f;
	size_t i, n = 1;
	int rc;

	for (i = 0; i < rec.n; i++)
		n += rec.p[i] == c->sep;
	c->key = cdp_arena_calloc(&c->mem, n, sizeof(*c->key));
	while ((rc = next_field(&w, &f, &why)) == 0) {
		if (f.doubled)
			f.s = undouble(&f, &c->mem);
		if ((rc = add_column(c, f.s, &b, err)) != 0)
			break;
	}
	cdp_buf_free(&b);
	if (rc == CDP_END)
		return 0;
	return rc == CDP_EDATA
	    ? cdp_fail(err, CDP_ECONF, "the header is no CSV: %s", why.msg)
	    : rc;
}

/* ---- rows ---- */

static int
wrong_count(const struct cdp_csv *c, const struct walk *w, size_t n, size_t off,
    struct cdp_err *err)
{
	uint64_t line, col;

	place(w, off, &line, &col);
	return cdp_fail_rule(err, CDP_EDATA, "csv_fields", NULL,
	    "line %llu, column %llu: %s %zu fields, the header has %zu",
	    (unsigned long long)line, (unsigned long long)col,
	    n > c->ncol ? "here begins one more than" : "the record ends after",
	    n > c->ncol ? c->ncol : n, c->ncol);
}

int
cdp_csv_row(struct cdp_csv *c, struct cdp_str rec, uint64_t lineno,
    struct cdp_buf *b, struct cdp_err *err)
{
	struct walk w = { .rec = rec, .sep = c->sep, .lineno = lineno };
	struct cdp_arena mem = { 0 };
	struct field f;
	size_t n = cdp_utf8_valid(rec);
	uint64_t line, col;
	int rc;

	if (n < rec.n) {
		place(&w, n, &line, &col);
		return cdp_fail_rule(err, CDP_EDATA, "csv_utf8", NULL,
		    "line %llu, column %llu: not UTF-8",
		    (unsigned long long)line, (unsigned long long)col);
	}
	n = 0;
	cdp_buf_putc(b, '{');
	while ((rc = next_field(&w, &f, err)) == 0) {
		if (n == c->ncol) {
			rc = wrong_count(c, &w, n + 1, f.off, err);
			break;
		}
		if (n != 0)
			cdp_buf_putc(b, ',');
		cdp_buf_put(b, c->key[n++]);
		if (f.doubled)
			f.s = undouble(&f, &mem);
		if (f.s.n == 0 && !f.quoted)
			cdp_buf_puts(b, "null");
		else
			cdp_json_str(b, f.s);
	}
	if (rc == CDP_END && n < c->ncol)
		rc = wrong_count(c, &w, n, rec.n, err);
	cdp_buf_putc(b, '}');
	cdp_arena_free(&mem);
	return rc == CDP_END ? 0 : rc;
}

void
cdp_csv_restart(struct cdp_csv *c)
{
	cdp_arena_reset(&c->mem);
	c->key = NULL;
	c->ncol = 0;
}

void
cdp_csv_free(struct cdp_csv *c)
{
	cdp_csv_restart(c);
	cdp_arena_free(&c->mem);
}
