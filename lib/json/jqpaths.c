#include "lib/json/jqpaths.h"

#include "lib/json/write.h"

struct scan {
	const char *p, *end;
	struct cdp_arena *mem;
	struct cdp_jqpaths *ret;
};

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char
look(const struct scan *s, size_t i)
{
	return (size_t)(s->end - s->p) > i ? s->p[i] : '\0';
}

static void
blanks(struct scan *s)
{
	while (look(s, 0) == ' ' || look(s, 0) == '\n' || look(s, 0) == '\t')
		s->p++;
}

static struct cdp_str
word(struct scan *s)
{
	struct cdp_str w = { s->p, 0 };

	while (is_word(look(s, 0)))
		s->p++;
	w.n = (size_t)(s->p - w.p);
	return w;
}

/*
 * ".a.b.c", kept as far as two segments; what follows is not an index.
 */
static bool
path(struct scan *s)
{
	struct cdp_str *seg = cdp_arena_alloc(s->mem, 2 * sizeof(*seg));
	struct cdp_jqpaths *ret = s->ret;
	struct cdp_path *v;
	size_t n = 0;

	while (look(s, 0) == '.') {
		if (!is_word(look(s, 1)) || is_digit(look(s, 1)))
			return false;
		s->p++;
		if (n < 2)
			seg[n] = word(s);
		else
			word(s);
		n++;
		if (look(s, 0) == '?')
			s->p++;
	}
	if (n == 0 || look(s, 0) == '[')
		return false;
	v = cdp_arena_alloc(s->mem, (ret->n + 1) * sizeof(*v));
	if (ret->n != 0)
		memcpy(v, ret->v, ret->n * sizeof(*v));
	v[ret->n++] = (struct cdp_path){ .seg = seg, .n = n < 2 ? n : 2 };
	ret->v = v;
	return true;
}

/* A string without interpolation. */
static bool
string(struct scan *s)
{
	for (s->p++; s->p < s->end && *s->p != '"'; s->p++)
		if (*s->p == '\\' && (++s->p == s->end || *s->p == '('))
			return false;
	return s->p++ < s->end;
}

static bool
keyword(struct cdp_str w)
{
	static const char *const words[] = { "if", "then", "elif", "else",
		"end", "and", "or", "true", "false", "null" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (cdp_str_is(w, words[i]))
			return true;
	return false;
}

/* Comparisons; never an assignment, which would give back all. */
static bool
operator(struct scan *s)
{
	char c = *s->p++;

	if (strchr("=!<>", c) != NULL) {
		if (look(s, 0) == '=')
			s->p++;
		else if (c == '=' || c == '!')
			return false;
		return true;
	}
	if (c == '/' && look(s, 0) == '/')
		s->p++;
	return c != '\0' && strchr("+-*/%(),", c) != NULL && look(s, 0) != '=';
}

/* Without a pipe or anything that makes "." another value. */
static bool
expression(struct scan *s)
{
	bool ok;

	blanks(s);
	ok = s->p < s->end; /* an empty program gives back all */
	for (; ok && s->p < s->end; blanks(s)) {
		char c = *s->p;

		if (c == '.')
			ok = path(s);
		else if (c == '"')
			ok = string(s);
		else if (is_digit(c))
			while (is_word(look(s, 0)) || look(s, 0) == '.')
				s->p++;
		else if (is_word(c))
			ok = keyword(word(s));
		else
			ok = operator(s);
	}
	return ok;
}

void
cdp_jqpaths_find(
    struct cdp_str text, struct cdp_arena *mem, struct cdp_jqpaths *ret)
{
	struct scan s = { text.p, text.p + text.n, mem, ret };

	*ret = (struct cdp_jqpaths){ 0 };
	blanks(&s);
	if (look(&s, 0) == '.' && path(&s)) {
		blanks(&s);
		if (look(&s, 0) == '|' && look(&s, 1) != '=')
			return;
	}
	s.p = text.p;
	ret->n = 0;
	ret->all = !expression(&s);
}

/* ---- narrowing ---- */

/* Whether a path before the i-th says the same as far as n segments. */
static bool
repeats(const struct cdp_jqpaths *paths, size_t i, size_t n)
{
	const struct cdp_path *p = &paths->v[i], *q;
	size_t j, k;

	for (j = 0; j < i; j++) {
		q = &paths->v[j];
		for (k = 0; k < n && k < q->n && k < p->n; k++)
			if (!cdp_str_eq(p->seg[k], q->seg[k]))
				break;
		if (k == n)
			return true;
	}
	return false;
}

static bool
wants_all_of(const struct cdp_jqpaths *paths, struct cdp_str first)
{
	size_t i;

	for (i = 0; i < paths->n; i++)
		if (paths->v[i].n == 1 && cdp_str_eq(paths->v[i].seg[0], first))
			return true;
	return false;
}

static void
member(struct cdp_buf *b, struct cdp_str name, struct cdp_str json)
{
	cdp_json_comma(b);
	cdp_json_str(b, name);
	cdp_buf_putc(b, ':');
	cdp_buf_put(b, json);
}

/* The members of the object at that paths name below first. */
static void
inner(struct cdp_buf *b, const struct cdp_jqpaths *paths, struct cdp_str first,
    const struct cdp_tape *t, uint32_t at)
{
	size_t i;

	cdp_json_comma(b);
	cdp_json_str(b, first);
	cdp_buf_puts(b, ":{");
	for (i = 0; i < paths->n; i++) {
		const struct cdp_path *p = &paths->v[i];
		uint32_t val;

		if (p->n < 2 || !cdp_str_eq(p->seg[0], first) ||
		    repeats(paths, i, 2))
			continue;
		val = cdp_tape_get(t, at, p->seg[1]);
		if (val != CDP_NOTOK)
			member(b, p->seg[1], cdp_tape_raw(t, val));
	}
	cdp_buf_putc(b, '}');
}

void
cdp_jqpaths_narrow(struct cdp_buf *b, const struct cdp_jqpaths *paths,
    const struct cdp_tape *t, uint32_t at)
{
	size_t i;

	if (paths->all || !cdp_tape_isa(t, at, CDP_OBJECT)) {
		cdp_buf_put(b, cdp_tape_raw(t, at));
		return;
	}
	cdp_buf_putc(b, '{');
	for (i = 0; i < paths->n; i++) {
		struct cdp_str first = paths->v[i].seg[0];
		uint32_t val = cdp_tape_get(t, at, first);

		if (val == CDP_NOTOK || repeats(paths, i, 1))
			continue;
		if (cdp_tape_isa(t, val, CDP_OBJECT) &&
		    !wants_all_of(paths, first))
			inner(b, paths, first, t, val);
		else
			member(b, first, cdp_tape_raw(t, val));
	}
	cdp_buf_putc(b, '}');
}
