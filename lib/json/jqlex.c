#include <stdbool.h>

#include "lib/json/jqlex.h"

#define DEPTH 256

/*
 * What is open: a bracket, by the character that closes it; '"' a string that
 * an interpolation interrupts.  ndef counts the definitions that wait for
 * their semicolon at that level.
 */
struct level {
	char close;
	bool in_string; /* the closing parenthesis resumes a string */
	unsigned ndef;
};

struct lexer {
	struct cdp_str s;
	size_t at;
	unsigned line;
	size_t depth;
	struct level open[DEPTH];
	struct cdp_err *err;
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
	lx->open[++lx->depth] = (struct level){ close, in_string, 0 };
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
	return top->in_string ? string(lx) : 0;
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

int
cdp_jqlex_check(struct cdp_str text, struct cdp_err *err)
{
	struct lexer lx = { .s = text, .line = 1, .err = err };
	int rc;

	while (lx.at < text.n)
		if ((rc = token(&lx)) != 0)
			return rc;
	if (lx.depth != 0)
		return fault(&lx, "an open bracket at the end");
	if (lx.open[0].ndef != 0)
		return fault(&lx, "an open definition at the end");
	return 0;
}
