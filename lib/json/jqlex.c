#include <stdbool.h>

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/jqlex.h"
#include "lib/json/write.h"

#define DEPTH 256

/*
 * What is open: a bracket, by the character that closes it; '"' a string that
 * an interpolation interrupts.  ndef counts the definitions that wait for
 * their semicolon at that level.
 */
struct level {
	char close;
	bool in_string; /* the closing parenthesis resumes a string */
	size_t from;    /* what is in it */
	unsigned ndef;
};

struct lexer {
	struct cdp_str s;
	size_t at;
	unsigned line;
	size_t depth;
	struct level open[DEPTH];
	struct cdp_err *err;
	struct hole *hole; /* the interpolations met; the inner ones first */
	size_t nhole;
	bool notes;
};

struct hole {
	size_t from, to;
};

static int
fault(struct lexer *lx, const char *what)
{
	return cdp_fail(
	    lx->err, CDP_ECONF, "%s at line %u of the program", what, lx->line);
}

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_';
}

static int
push(struct lexer *lx, char close, bool in_string)
{
	if (lx->depth + 1 == DEPTH)
		return fault(lx, "too many open brackets");
	lx->open[++lx->depth] = (struct level){ close, in_string, lx->at, 0 };
	return 0;
}

/* From behind a quote, or behind an interpolation, to the next of either. */
static int
string(struct lexer *lx)
{
	for (; lx->at < lx->s.n; lx->at++) {
		char c = lx->s.p[lx->at];

		if (c == '\n')
			lx->line++;
		if (c == '"') {
			lx->at++;
			return 0;
		}
		if (c != '\\')
			continue;
		if (++lx->at < lx->s.n && lx->s.p[lx->at] == '(') {
			lx->at++;
			return push(lx, ')', true);
		}
	}
	return fault(lx, "a string without its end");
}

/*
 * Newer versions of jq let a backslash before the newline continue a comment;
 * the same text must mean the same everywhere, so that is not allowed.
 */
static int
comment(struct lexer *lx)
{
	while (lx->at < lx->s.n && lx->s.p[lx->at] != '\n') {
		if (lx->s.p[lx->at] == '\\' && lx->at + 1 < lx->s.n &&
		    (lx->s.p[lx->at + 1] == '\n' ||
			lx->s.p[lx->at + 1] == '\r'))
			return fault(lx, "a comment that ends in a backslash");
		lx->at++;
	}
	return 0;
}

static int
word(struct lexer *lx)
{
	size_t from = lx->at, k;
	char before = from != 0 ? lx->s.p[from - 1] : ' ';
	struct cdp_str w;

	while (lx->at < lx->s.n && is_word(lx->s.p[lx->at]))
		lx->at++;
	w = (struct cdp_str){ lx->s.p + from, lx->at - from };
	if (before == '$' && cdp_str_is(w, "__loc__"))
		return fault(lx, "$__loc__ is disabled");
	if (cdp_str_starts(w, CDP_STR("__p")) && before != '.')
		return fault(lx, "names that begin with __p are reserved");
	if (!cdp_str_is(w, "def") || before == '.' || before == '$')
		return 0;
	for (k = lx->at; k < lx->s.n &&
	     (lx->s.p[k] == ' ' || lx->s.p[k] == '\t' || lx->s.p[k] == '\n');
	     k++)
		continue;
	if (k == lx->s.n || lx->s.p[k] != ':') /* {def: 1} is a key */
		lx->open[lx->depth].ndef++;
	return 0;
}

static int
close_bracket(struct lexer *lx, char c)
{
	struct level *top = &lx->open[lx->depth];

	if (lx->depth == 0 || top->close != c || top->ndef != 0)
		return fault(lx, "a bracket that does not fit");
	lx->depth--;
	if (!top->in_string)
		return 0;
	if (lx->notes) {
		lx->hole = cdp_xreallocarray(
		    lx->hole, lx->nhole + 1, sizeof(*lx->hole));
		lx->hole[lx->nhole++] = (struct hole){ top->from, lx->at - 1 };
	}
	return string(lx);
}

/* In brackets a semicolon separates arguments; outside it ends a def. */
static int
semicolon(struct lexer *lx)
{
	struct level *top = &lx->open[lx->depth];

	if (top->ndef != 0)
		top->ndef--;
	else if (lx->depth == 0 || top->close != ')' || top->in_string)
		return fault(lx, "a semicolon that ends nothing");
	return 0;
}

static int
token(struct lexer *lx)
{
	char c = lx->s.p[lx->at];

	if (is_word(c))
		return word(lx);
	lx->at++;
	switch (c) {
	case '\0':
		return fault(lx, "a NUL character");
	case '\n':
		lx->line++;
		return 0;
	case '#':
		return comment(lx);
	case '"':
		return string(lx);
	case '(':
		return push(lx, ')', false);
	case '[':
		return push(lx, ']', false);
	case '{':
		return push(lx, '}', false);
	case ')':
	case ']':
	case '}':
		return close_bracket(lx, c);
	case ';':
		return semicolon(lx);
	default:
		return 0;
	}
}

static int
check(struct lexer *lx)
{
	int rc;

	while (lx->at < lx->s.n)
		if ((rc = token(lx)) != 0)
			return rc;
	if (lx->depth != 0)
		return fault(lx, "an open bracket at the end");
	if (lx->open[0].ndef != 0)
		return fault(lx, "an open definition at the end");
	return 0;
}

int
cdp_jqlex_check(struct cdp_str text, struct cdp_err *err)
{
	struct lexer lx = { .s = text, .line = 1, .err = err };

	return check(&lx);
}

/* What is said of it: without line breaks, and not too much. */
static void
quote(struct cdp_buf *b, struct cdp_str s)
{
	struct cdp_buf flat = { 0 };

	for (size_t i = 0; i < s.n && flat.n < 60; i++)
		cdp_buf_putc(
		    &flat, s.p[i] == '\n' || s.p[i] == '\t' ? ' ' : s.p[i]);
	if (flat.n < s.n) {
		while (flat.n != 0 && (flat.p[flat.n - 1] & 0x80) != 0)
			flat.n--; /* it may be half a character */
		cdp_buf_puts(&flat, "...");
	}
	cdp_json_str(b, cdp_buf_str(&flat));
	cdp_buf_free(&flat);
}

void
cdp_jqlex_strict(struct cdp_str text, struct cdp_buf *ret)
{
	struct lexer lx = { .s = text, .line = 1, .notes = true };

	if (check(&lx) != 0)
		lx.nhole = 0;
	for (size_t i = 0; i <= text.n; i++) {
		for (size_t k = 0; k < lx.nhole; k++)
			if (lx.hole[k].to == i) {
				cdp_buf_puts(ret, ")|cdp_given(");
				quote(ret,
				    (struct cdp_str){ text.p + lx.hole[k].from,
					i - lx.hole[k].from });
				cdp_buf_putc(ret, ')');
			}
		for (size_t k = 0; k < lx.nhole; k++)
			if (lx.hole[k].from == i)
				cdp_buf_putc(ret, '(');
		if (i < text.n)
			cdp_buf_putc(ret, text.p[i]);
	}
	free(lx.hole);
}
