#include <stdarg.h>
#include <stdio.h>

#include "lib/json/schema_int.h"

/* The child of the container at that holds token k; its key too. */
static uint32_t
child_with(const struct cdp_tape *t, uint32_t at, uint32_t k, uint32_t *key,
    size_t *index)
{
	uint32_t it = 0, val;

	for (*index = 0; cdp_tape_next(t, at, &it, key, &val); ++*index)
		if (k >= val && k < t->tok[val].next)
			return val;
	return CDP_NOTOK;
}

static void
put_segment(struct cdp_buf *b, struct cdp_str s)
{
	for (size_t i = 0; i < s.n; i++)
		switch (s.p[i]) {
		case '~':
			cdp_buf_puts(b, "~0");
			break;
		case '/':
			cdp_buf_puts(b, "~1");
			break;
		default:
			cdp_buf_putc(b, s.p[i]);
		}
}

int
cdp_schema_fault(struct cdp_scomp *c, uint32_t k, const char *fmt, ...)
{
	const struct cdp_tape *t = &c->s->tape;
	struct cdp_buf b = { 0 };
	char msg[300];
	uint32_t at = c->root, key;
	size_t index;
	va_list ap;

	while (
	    at != k && (at = child_with(t, at, k, &key, &index)) != CDP_NOTOK) {
		cdp_buf_putc(&b, '/');
		if (key != CDP_NOTOK)
			put_segment(&b, cdp_tape_str(t, key, &c->s->mem));
		else
			cdp_buf_u64(&b, index);
	}
	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	cdp_fail_rule(
	    c->err, CDP_ECONF, "bad-schema", cdp_buf_cstr(&b), "%s", msg);
	cdp_buf_free(&b);
	return CDP_ECONF;
}

static int
hex(char ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	if ((ch | 32) >= 'a' && (ch | 32) <= 'f')
		return (ch | 32) - 'a' + 10;
	return -1;
}

/* One segment of a pointer in a URI fragment: %XX, then ~1 and ~0. */
static struct cdp_str
segment(struct cdp_scomp *c, struct cdp_str s)
{
	char *p = cdp_arena_alloc(&c->s->mem, s.n + 1);
	size_t n = 0, m = 0;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '%' && i + 2 < s.n && hex(s.p[i + 1]) >= 0 &&
		    hex(s.p[i + 2]) >= 0) {
			p[n++] = (char)(hex(s.p[i + 1]) << 4 | hex(s.p[i + 2]));
			i += 2;
		} else {
			p[n++] = s.p[i];
		}
	for (size_t i = 0; i < n; i++) {
		bool tilde = p[i] == '~' && i + 1 < n &&
		    (p[i + 1] == '0' || p[i + 1] == '1');

		p[m++] = !tilde ? p[i] : p[++i] == '0' ? '~' : '/';
	}
	return (struct cdp_str){ p, m };
}

static uint32_t
step(struct cdp_scomp *c, uint32_t at, struct cdp_str s)
{
	const struct cdp_tape *t = &c->s->tape;
	uint32_t it = 0, key, val;
	size_t want = 0;

	if (cdp_tape_isa(t, at, CDP_OBJECT))
		return cdp_tape_get(t, at, s);
	if (!cdp_tape_isa(t, at, CDP_ARRAY) || s.n == 0 || s.n > 9)
		return CDP_NOTOK;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return CDP_NOTOK;
		want = want * 10 + (size_t)(s.p[i] - '0');
	}
	while (cdp_tape_next(t, at, &it, &key, &val))
		if (want-- == 0)
			return val;
	return CDP_NOTOK;
}

int
cdp_schema_ref(struct cdp_scomp *c, struct cdp_snode *n, uint32_t val)
{
	const struct cdp_tape *t = &c->s->tape;
	struct cdp_str full, p;
	uint32_t at;

	if (!cdp_tape_isa(t, val, CDP_STRING))
		return cdp_schema_fault(c, val, "$ref must be a string");
	full = cdp_tape_str(t, val, &c->s->mem);
	at = cdp_schema_find(c, n->at, full, &p);
	if (at == CDP_NOTOK && full.n != 0 && full.p[0] != '#')
		return cdp_schema_fault(c, val,
		    "a $ref to another document is not supported: '%.*s'",
		    (int)full.n, full.p);
	for (size_t i = 0, k; i < p.n && at != CDP_NOTOK; i = k) {
		for (k = i + 1; k < p.n && p.p[k] != '/';)
			k++;
		at = step(c, at,
		    segment(c, (struct cdp_str){ p.p + i + 1, k - i - 1 }));
	}
	if (at == CDP_NOTOK)
		return cdp_schema_fault(
		    c, val, "$ref leads nowhere: '%.*s'", (int)full.n, full.p);
	return cdp_schema_node(c, at, &n->ref);
}
