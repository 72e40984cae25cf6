#include "lib/json/read.h"

#include "lib/json/scan.h"

static inline const char *
blank(const char *at, const char *end)
{
	while (at < end && (unsigned char)*at <= ' ' &&
	    (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
		at++;
	return at;
}

/* The rest of a string: its end quote, or what must not be there. */
__attribute__((noinline)) static const char *
string_rest(
    const char *at, const char *end, uint8_t *escaped, const char **want)
{
	uint32_t c;
	size_t n;

	for (;;) {
		at = cdp_scan_plain(at, end);
		if (at == end) {
			*want = "'\"' at the end of the string";
			return at;
		}
		if (*at == '"')
			return at;
		if (*at == '\\') {
			*escaped = 1;
			if ((n = cdp_scan_escape(at, end, &c)) == 0) {
				*want = "a legal escape";
				return at;
			}
			at += n;
			continue;
		}
		for (; at < end && (unsigned char)*at >= 0x80; at += n)
			if ((n = cdp_scan_utf8(at, end)) == 0) {
				*want = "valid UTF-8";
				return at;
			}
		if (at < end && (unsigned char)*at < 0x20) {
			*want = "an escaped control character";
			return at;
		}
	}
}

/* at is behind the first quote; returns what is behind the last. */
static inline const char *
string(const char *base, const char *at, const char *end, struct cdp_tok *k,
    uint32_t next, const char **want)
{
	const char *p = at;
	uint8_t escaped = 0;

#ifdef __SSE2__
	/* Most strings end within 32 bytes: one look without a loop. */
	if (end - at >= 32) {
		unsigned m =
		    cdp_scan_mask16(at) | cdp_scan_mask16(at + 16) << 16;

		p = m != 0 ? at + __builtin_ctz(m) : at + 32;
	}
#endif
	if (p == end || *p != '"') {
		p = string_rest(p, end, &escaped, want);
		if (*want != NULL)
			return p;
	}
	*k = (struct cdp_tok){ (uint32_t)(at - base), (uint32_t)(p - at), next,
		CDP_STRING, escaped };
	return p + 1;
}

static inline const char *
digits(const char *at, const char *end, const char **want)
{
	const char *p = at;

	while (p < end && (unsigned char)(*p - '0') < 10)
		p++;
	if (p == at)
		*want = "a digit";
	return p;
}

static inline const char *
number(const char *at, const char *end, const char **want)
{
	if (at < end && *at == '-')
		at++;
	if (at < end && *at == '0')
		at++;
	else
		at = digits(at, end, want);
	if (at < end && *at == '.' && *want == NULL)
		at = digits(at + 1, end, want);
	if (at < end && (*at | 0x20) == 'e' && *want == NULL) {
		at++;
		if (at < end && (*at == '+' || *at == '-'))
			at++;
		at = digits(at, end, want);
	}
	return at;
}

/* A value that holds no other. */
static inline const char *
scalar(const char *base, const char *at, const char *end, struct cdp_tok *k,
    uint32_t next, const char **want)
{
	static const struct {
		const char *word;
		uint8_t len, kind;
	} words[] = { { "null", 4, CDP_NULL }, { "false", 5, CDP_FALSE },
		{ "true", 4, CDP_TRUE } };
	const char *p = at;
	uint8_t kind = CDP_NUM;
	int i;

	if (at == end) {
		*want = "a value";
		return at;
	}
	switch (*at) {
	case '"':
		return string(base, at + 1, end, k, next, want);
	case 'n':
	case 'f':
	case 't':
		i = *at == 'n' ? 0 : *at == 'f' ? 1 : 2;
		kind = words[i].kind;
		if ((size_t)(end - at) >= words[i].len &&
		    memcmp(at, words[i].word, words[i].len) == 0)
			p = at + words[i].len;
		else
			*want = words[i].word;
		break;
	default:
		if (*at == '-' || (unsigned char)(*at - '0') < 10)
			p = number(at, end, want);
		else
			*want = "a value";
	}
	*k = (struct cdp_tok){ (uint32_t)(at - base), (uint32_t)(p - at), next,
		kind, 0 };
	return p;
}

/* A container's first byte is at at; it becomes the innermost one. */
static inline void
opened(const char *base, const char *at, struct cdp_tok *tok, uint32_t n,
    uint32_t *top)
{
	tok[n] = (struct cdp_tok){ (uint32_t)(at - base), 0, *top,
		*at == '{' ? CDP_OBJECT : CDP_ARRAY, 0 };
	*top = n;
}

/* The innermost container ended before at; the one around it goes on. */
static inline void
closed(const char *base, const char *at, struct cdp_tok *tok, uint32_t n,
    uint32_t *top)
{
	uint32_t up = tok[*top].next;

	tok[*top].len = (uint32_t)(at - base) - tok[*top].off;
	tok[*top].next = n;
	*top = up;
}

/* A key and its colon. */
static inline const char *
member(const char *base, const char *at, const char *end, struct cdp_tok *k,
    uint32_t next, const char **want)
{
	at = blank(at, end);
	if (at == end || *at != '"') {
		*want = "a key in quotes";
		return at;
	}
	at = string(base, at + 1, end, k, next, want);
	if (*want != NULL)
		return at;
	at = blank(at, end);
	if (at < end && *at == ':')
		return at + 1;
	*want = "':'";
	return at;
}

/*
 * Each place of the grammar is a label.  Open containers are linked through
 * their next, which they do not need yet, so there is no stack.
 */
const char *
cdp_read_text(struct cdp_tape *t, const char **want)
{
	const char *base = t->p, *at = t->p, *end = t->p + t->n;
	struct cdp_tok *tok = t->tok;
	uint32_t n = 0, top = CDP_NOTOK, depth = 0;
	bool object = false;

value:
	at = blank(at, end);
	if (at == end || (*at != '{' && *at != '[')) {
		at = scalar(base, at, end, &tok[n], n + 1, want);
		if (*want != NULL)
			return at;
		n++;
		goto after;
	}
	if (depth++ == CDP_JSON_DEPTH) {
		*want = "no deeper nesting";
		return at;
	}
	if (depth > t->depth)
		t->depth = depth;
	object = *at == '{';
	opened(base, at, tok, n++, &top);
	at = blank(at + 1, end);
	if (at < end && *at == (object ? '}' : ']'))
		goto close;
	if (!object)
		goto value;
key:
	at = member(base, at, end, &tok[n], n + 1, want);
	if (*want != NULL)
		return at;
	n++;
	goto value;
close:
	closed(base, ++at, tok, n, &top);
	depth--;
	object = top != CDP_NOTOK && tok[top].kind == CDP_OBJECT;
after:
	at = blank(at, end);
	if (top == CDP_NOTOK) {
		t->ntok = n;
		if (at != end)
			*want = "nothing behind the value";
		return at;
	}
	if (at < end && *at == ',') {
		at++;
		if (object)
			goto key;
		goto value;
	}
	if (at < end && *at == (object ? '}' : ']'))
		goto close;
	*want = object ? "',' or '}'" : "',' or ']'";
	return at;
}
