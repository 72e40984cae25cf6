#include "lib/rule/diag.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/utf8.h"

#define SHOWN_PER_RULE 10
#define SHOWN_BYTES 160 /* of a source line */
#define SHOWN_BEFORE 60 /* of them before the place, in a longer line */

struct src {
	struct src *next;
	char *file;
	struct cdp_str text; /* p is ours; NULL: the text is not known */
};

struct cdp_srcs {
	struct src *head;
};

static struct src *
source(struct cdp_diags *d, const char *file)
{
	struct src *s;

	if (d->srcs == NULL)
		d->srcs = cdp_xcalloc(1, sizeof(*d->srcs));
	for (s = d->srcs->head; s != NULL; s = s->next)
		if (strcmp(s->file, file) == 0)
			return s;
	s = cdp_xcalloc(1, sizeof(*s));
	s->file = cdp_xstrdup(file);
	s->next = d->srcs->head;
	d->srcs->head = s;
	return s;
}

void
cdp_diags_source(struct cdp_diags *d, const char *file, struct cdp_str text)
{
	struct src *s = source(d, file);

	free((char *)s->text.p);
	s->text = (struct cdp_str){ cdp_xstrndup(text), text.n };
}

void
cdp_diags_free(struct cdp_diags *d)
{
	struct src *s;
	size_t i;

	for (i = 0; i < d->n; i++)
		free(d->v[i].msg);
	free(d->v);
	while (d->srcs != NULL && (s = d->srcs->head) != NULL) {
		d->srcs->head = s->next;
		free((char *)s->text.p);
		free(s->file);
		free(s);
	}
	free(d->srcs);
	*d = (struct cdp_diags){ 0 };
}

/* ---- adding ---- */

__attribute__((format(printf, 5, 0))) static void
add(struct cdp_diags *d, struct cdp_mark at, const char *rule, bool warning,
    const char *fmt, va_list ap)
{
	struct cdp_diag *g;

	if (d->n == d->cap) {
		d->cap = d->cap != 0 ? d->cap * 2 : 16;
		d->v = cdp_xreallocarray(d->v, d->cap, sizeof(*d->v));
	}
	g = &d->v[d->n++];
	*g = (struct cdp_diag){ .at = at, .rule = rule, .warning = warning };
	/* The names of nodes go with their project; ours stay. */
	if (at.file != NULL)
		g->at.file = source(d, at.file)->file;
	if (vasprintf(&g->msg, fmt, ap) == -1)
		g->msg = cdp_xstrdup(fmt);
	d->nerrors += !warning;
}

static struct cdp_mark
place(const struct cdp_node *at)
{
	return at != NULL ? at->at : (struct cdp_mark){ 0 };
}

void
cdp_diag_error(struct cdp_diags *d, const struct cdp_node *at, const char *rule,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(d, place(at), rule, false, fmt, ap);
	va_end(ap);
}

void
cdp_diag_warn(struct cdp_diags *d, const struct cdp_node *at, const char *rule,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(d, place(at), rule, true, fmt, ap);
	va_end(ap);
}

void
cdp_diag_at(struct cdp_diags *d, struct cdp_mark at, const char *rule,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(d, at, rule, false, fmt, ap);
	va_end(ap);
}

static bool
listed(struct cdp_str s, const char *const *names)
{
	for (; names != NULL && *names != NULL; names++)
		if (cdp_str_is(s, *names))
			return true;
	return false;
}

void
cdp_diag_name(struct cdp_diags *d, const struct cdp_node *at, const char *rule,
    const char *what, struct cdp_str name, const struct cdp_str *known,
    size_t n)
{
	int i = cdp_str_nearest(name, known, n);

	if (i >= 0)
		cdp_diag_error(d, at, rule, "%s '%.*s'; did you mean '%.*s'?",
		    what, (int)name.n, name.p, (int)known[i].n, known[i].p);
	else
		cdp_diag_error(
		    d, at, rule, "%s '%.*s'", what, (int)name.n, name.p);
}

void
cdp_diag_keys(struct cdp_diags *d, const struct cdp_node *map, const char *what,
    const char *const *known)
{
	char *text;
	struct cdp_str names[64];
	const char *const *k;
	size_t i, n = 0;

	if (map == NULL || map->kind != CDP_NODE_MAP)
		return;
	for (k = known; *k != NULL && n < 64; k++)
		names[n++] = cdp_str_of(*k);
	if (asprintf(&text, "%s has no key", what) == -1)
		text = NULL;
	for (i = 0; i < map->n; i++) {
		struct cdp_str key = map->key[i]->text;

		if (!listed(key, known))
			cdp_diag_name(d, map->key[i], "unknown-key",
			    text != NULL ? text : "no key", key, names, n);
	}
	free(text);
}

/* ---- printing ---- */

struct order {
	const struct cdp_diag *g;
	size_t seq;
};

static int
by_place(const void *a, const void *b)
{
	const struct order *x = a, *y = b;
	const struct cdp_mark *p = &x->g->at, *q = &y->g->at;
	int c;

	if ((p->file == NULL) != (q->file == NULL))
		return p->file == NULL ? -1 : 1;
	if (p->file != NULL && (c = strcmp(p->file, q->file)) != 0)
		return c;
	if (p->line != q->line)
		return p->line < q->line ? -1 : 1;
	if (p->col != q->col)
		return p->col < q->col ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static bool
find_line(
    const struct cdp_diags *d, const struct cdp_mark *at, struct cdp_str *ret)
{
	const struct src *s = d->srcs != NULL ? d->srcs->head : NULL;
	const char *p, *end, *nl;
	unsigned i;

	while (s != NULL && s->file != at->file)
		s = s->next;
	if (s == NULL || s->text.p == NULL || at->line == 0)
		return false;
	p = s->text.p;
	end = p + s->text.n;
	for (i = 1; i < at->line; i++) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (nl == NULL)
			return false;
		p = nl + 1;
	}
	nl = memchr(p, '\n', (size_t)(end - p));
	if (nl == NULL)
		nl = end;
	if (nl > p && nl[-1] == '\r')
		nl--;
	*ret = (struct cdp_str){ p, (size_t)(nl - p) };
	return true;
}

/* Where the character at i begins, if that is UTF-8. */
static size_t
char_start(struct cdp_str s, size_t i)
{
	size_t k;

	for (k = i; k > 0 && k + 3 > i; k--)
		if (((unsigned char)s.p[k] & 0xc0) != 0x80)
			return k;
	return i;
}

/* Print s with a blank for each tab; the columns it took. */
static size_t
show(struct cdp_str s, bool dry, struct cdp_arena *mem, FILE *fp)
{
	struct cdp_str copy = cdp_arena_dup(mem, s), out;
	size_t i, cols = 0;
	char *p = (char *)copy.p;

	for (i = 0; i < copy.n; i++)
		if (p[i] == '\t')
			p[i] = ' ';
	out = cdp_utf8_printable(copy, mem);
	for (i = 0; i < out.n; i++)
		cols += ((unsigned char)out.p[i] & 0xc0) != 0x80;
	if (!dry)
		fwrite(out.p, 1, out.n, fp);
	return cols;
}

static void
print_source(struct cdp_str line, const struct cdp_mark *at,
    struct cdp_arena *mem, FILE *fp)
{
	size_t col = at->col - 1, from = 0, to = line.n, end, pad, n;

	if (col > line.n)
		col = line.n;
	if (line.n > SHOWN_BYTES) {
		from = col > SHOWN_BEFORE ? char_start(line, col - SHOWN_BEFORE)
					  : 0;
		if (line.n - from > SHOWN_BYTES)
			to = char_start(line, from + SHOWN_BYTES);
	}
	end = col + at->width < to ? col + at->width : to;
	fprintf(fp, "%5u | %s", at->line, from != 0 ? "..." : "");
	pad = (from != 0 ? 3 : 0) +
	    show((struct cdp_str){ line.p + from, col - from }, false, mem, fp);
	n = show((struct cdp_str){ line.p + col, end - col }, false, mem, fp);
	show((struct cdp_str){ line.p + end, to - end }, false, mem, fp);
	fprintf(fp, "%s\n      | ", to != line.n ? "..." : "");
	while (pad-- > 0)
		fputc(' ', fp);
	do
		fputc('^', fp);
	while (n-- > 1);
	fputc('\n', fp);
}

static void
print_one(const struct cdp_diags *d, const struct cdp_diag *g, const char *tool,
    struct cdp_arena *mem, FILE *fp)
{
	struct cdp_str msg = cdp_utf8_printable(cdp_str_of(g->msg), mem);
	struct cdp_str file, line;

	fprintf(fp, "%s:", tool);
	if (g->at.file != NULL) {
		file = cdp_utf8_printable(cdp_str_of(g->at.file), mem);
		fprintf(fp, "%.*s:", (int)file.n, file.p);
		if (g->at.line != 0)
			fprintf(fp, "%u:%u:", g->at.line, g->at.col);
	}
	fprintf(fp, " %s[%s]: %.*s\n", g->warning ? "warning" : "error",
	    g->rule, (int)msg.n, msg.p);
	if (g->at.file != NULL && find_line(d, &g->at, &line))
		print_source(line, &g->at, mem, fp);
	cdp_arena_reset(mem);
}

/* How often each rule was met; rules are few. */
struct tally {
	const char *rule;
	bool warning;
	size_t n;
};

static struct tally *
count(struct tally **v, size_t *n, const struct cdp_diag *g)
{
	size_t i;

	for (i = 0; i < *n; i++)
		if (strcmp((*v)[i].rule, g->rule) == 0 &&
		    (*v)[i].warning == g->warning)
			break;
	if (i == *n) {
		*v = cdp_xreallocarray(*v, ++*n, sizeof(**v));
		(*v)[i] = (struct tally){ g->rule, g->warning, 0 };
	}
	(*v)[i].n++;
	return &(*v)[i];
}

void
cdp_diags_print(const struct cdp_diags *d, const char *tool, FILE *fp)
{
	struct order *o = cdp_xcalloc(d->n + 1, sizeof(*o));
	struct tally *tally = NULL;
	struct cdp_arena mem = { 0 };
	size_t i, ntally = 0;

	/* Five tools of a pipeline may speak at once: whole lines each. */
	setvbuf(fp, NULL, _IOLBF, 0);
	for (i = 0; i < d->n; i++)
		o[i] = (struct order){ &d->v[i], i };
	qsort(o, d->n, sizeof(*o), by_place);
	for (i = 0; i < d->n; i++)
		if (count(&tally, &ntally, o[i].g)->n <= SHOWN_PER_RULE)
			print_one(d, o[i].g, tool, &mem, fp);
	for (i = 0; i < ntally; i++)
		if (tally[i].n > SHOWN_PER_RULE)
			fprintf(fp, "%s: %s[%s]: %zu more, not shown\n", tool,
			    tally[i].warning ? "warning" : "error",
			    tally[i].rule, tally[i].n - SHOWN_PER_RULE);
	cdp_arena_free(&mem);
	free(tally);
	free(o);
}
