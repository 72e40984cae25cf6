#include "lib/json/jqplain.h"

#include <stdlib.h>

#include "lib/base/mem.h"

#define SEGMENTS 8
#define WHOLE 15 /* digits of a number that a double keeps */

struct part {
	struct cdp_str text; /* as it stands between quotes; or a path */
	struct cdp_str seg[SEGMENTS];
	size_t n;   /* segments; 0: a text */
	bool given; /* null is a fault: see cdp_jqlex_strict() */
};

struct cdp_jqplain {
	bool string; /* the whole is one, not a single path */
	struct part *part;
	size_t n;
};

/* ---- reading programs ---- */

static bool
begins_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
is_word(char c)
{
	return begins_word(c) || (c >= '0' && c <= '9');
}

/* jq writes these as they are, and so do others who mean them. */
static bool
is_clean(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= ' ' && u != 0x7f && c != '"' && c != '\\';
}

static bool
all_clean(struct cdp_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_clean(s.p[i]))
			return false;
	return true;
}

static struct part *
more(struct cdp_jqplain *jp)
{
	jp->part = cdp_xreallocarray(jp->part, jp->n + 1, sizeof(*jp->part));
	jp->part[jp->n] = (struct part){ .n = 0 };
	return &jp->part[jp->n++];
}

/* ".a.b" from p; the end of it, or NULL. */
static const char *
path(struct cdp_jqplain *jp, const char *p, const char *end)
{
	struct part *part = more(jp);
	const char *from;

	while (p < end && *p == '.') {
		from = ++p;
		if (part->n == SEGMENTS || p == end || !begins_word(*p))
			return NULL;
		while (p < end && is_word(*p))
			p++;
		part->seg[part->n++] =
		    (struct cdp_str){ from, (size_t)(p - from) };
	}
	return part->n != 0 ? p : NULL;
}

/* What cdp_jqlex_strict() makes of a path, "(.a)|cdp_given(\".a\"))". */
static const char *
given(struct cdp_jqplain *jp, const char *p, const char *end)
{
	static const char word[] = ")|cdp_given(\"";
	size_t n = sizeof(word) - 1;

	if ((p = path(jp, p + 1, end)) == NULL || (size_t)(end - p) < n ||
	    memcmp(p, word, n) != 0)
		return NULL;
	jp->part[jp->n - 1].given = true;
	if ((p = memchr(p + n, '"', (size_t)(end - p) - n)) == NULL ||
	    end - p < 2 || p[1] != ')')
		return NULL;
	return p + 2;
}

/* "text \(.a.b) text" with nothing else that is escaped. */
static bool
string(struct cdp_jqplain *jp, const char *p, const char *end)
{
	const char *from;

	jp->string = true;
	for (p++; p != NULL && p < end && *p != '"';) {
		for (from = p; p < end && is_clean(*p); p++)
			;
		if (p != from)
			more(jp)->text =
			    (struct cdp_str){ from, (size_t)(p - from) };
		if (p == end || *p == '"')
			continue;
		if (end - p < 2 || p[0] != '\\' || p[1] != '(')
			return false;
		p = end - p > 2 && p[2] == '(' ? given(jp, p + 2, end)
					       : path(jp, p + 2, end);
		if (p != NULL && (p == end || *p++ != ')'))
			return false;
	}
	return p != NULL && p + 1 == end;
}

struct cdp_jqplain *
cdp_jqplain_new(struct cdp_str text)
{
	struct cdp_jqplain *jp = cdp_xcalloc(1, sizeof(*jp));
	const char *p = text.p, *end = p + text.n;
	bool fits = false;

	while (p < end && (*p == ' ' || *p == '\n'))
		p++;
	while (end > p && (end[-1] == ' ' || end[-1] == '\n'))
		end--;
	if (p < end && *p == '.')
		fits = path(jp, p, end) == end;
	else if (p < end && *p == '"')
		fits = string(jp, p, end);
	if (!fits) {
		cdp_jqplain_free(jp);
		jp = NULL;
	}
	return jp;
}

void
cdp_jqplain_free(struct cdp_jqplain *jp)
{
	if (jp != NULL)
		free(jp->part);
	free(jp);
}

/* ---- running ---- */

/* Through objects; null has all members, null; of others jq is to complain. */
static bool
find(const struct part *part, const struct cdp_tape *t, uint32_t *ret)
{
	uint32_t at = 0;

	for (size_t i = 0; i < part->n; i++) {
		if (cdp_tape_kind(t, at) == CDP_NULL)
			break;
		if (!cdp_tape_isa(t, at, CDP_OBJECT))
			return false;
		at = cdp_tape_get(t, at, part->seg[i]);
	}
	*ret = cdp_tape_kind(t, at) == CDP_NULL ? CDP_NOTOK : at;
	return true;
}

/* Whether jq, which counts in doubles, writes it with the same digits. */
static bool
is_whole(struct cdp_str s)
{
	for (size_t i = s.p[0] == '-'; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n <= WHOLE;
}

static bool
put(struct cdp_buf *out, const struct cdp_tape *t, uint32_t at, bool quoted)
{
	struct cdp_str raw =
	    at != CDP_NOTOK ? cdp_tape_raw(t, at) : CDP_STR("null");

	switch (cdp_tape_kind(t, at)) {
	case CDP_STRING:
		raw = (struct cdp_str){ raw.p + 1, raw.n - 2 };
		if (!all_clean(raw))
			return false;
		if (!quoted)
			raw = (struct cdp_str){ raw.p - 1, raw.n + 2 };
		break;
	case CDP_NUM:
		if (!is_whole(raw))
			return false;
		break;
	case CDP_ARRAY:
	case CDP_OBJECT:
		return false;
	default:
		break;
	}
	cdp_buf_put(out, raw);
	return true;
}

bool
cdp_jqplain_run(
    const struct cdp_jqplain *jp, const struct cdp_tape *t, struct cdp_buf *out)
{
	uint32_t at;

	if (jp->string)
		cdp_buf_putc(out, '"');
	for (size_t i = 0; i < jp->n; i++) {
		const struct part *part = &jp->part[i];

		if (part->n == 0)
			cdp_buf_put(out, part->text);
		else if (!find(part, t, &at) ||
		    (part->given && at == CDP_NOTOK) ||
		    !put(out, t, at, jp->string))
			return false;
	}
	if (jp->string)
		cdp_buf_putc(out, '"');
	return true;
}
