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
	uint32_t at = 0, key;
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

/* Whether a schema below the root that k stands in has a base of its own. */
static bool
other_base(const struct cdp_tape *t, uint32_t k)
{
	uint32_t at = 0, key, id;
	struct cdp_str raw;
	size_t index;

	while (
	    at != k && (at = child_with(t, at, k, &key, &index)) != CDP_NOTOK) {
		id = cdp_tape_get(t, at, CDP_STR("$id"));
		raw = cdp_tape_raw(t, id);
		if (cdp_tape_isa(t, id, CDP_STRING) &&
		    !cdp_str_starts(raw, CDP_STR("\"#")))
			return true;
	}
	return false;
}

/* Take off the root's own $id, with which a reference to it may begin. */
static struct cdp_str
local(struct cdp_scomp *c, struct cdp_str ref)
{
	const struct cdp_tape *t = &c->s->tape;
	struct cdp_str id =
	    cdp_tape_str(t, cdp_tape_get(t, 0, CDP_STR("$id")), &c->s->mem);

	while (id.n != 0 && id.p[id.n - 1] == '#')
		id.n--;
	if (id.n == 0 || !cdp_str_starts(ref, id))
		return ref;
	if (ref.n == id.n)
		return CDP_STR("#");
	if (ref.p[id.n] == '#')
		return (struct cdp_str){ ref.p + id.n, ref.n - id.n };
	return ref;
}

int
cdp_schema_ref(struct cdp_scomp *c, struct cdp_snode *n, uint32_t val)
{
	struct cdp_tape *t = &c->s->tape;
	struct cdp_str full, ref;
	uint32_t at = 0;

	if (!cdp_tape_isa(t, val, CDP_STRING))
		return cdp_schema_fault(c, val, "$ref must be a string");
	full = cdp_tape_str(t, val, &c->s->mem);
	ref = local(c, full);
	if (ref.n == 0 || ref.p[0] != '#')
		return cdp_schema_fault(c, val,
		    "a $ref to another document is not supported: '%.*s'",
		    (int)full.n, full.p);
	if (ref.n > 1 && other_base(t, val))
		return cdp_schema_fault(
		    c, val, "a $ref below a $id of its own is not supported");
	if (ref.n > 1 && ref.p[1] != '/')
		at = CDP_NOTOK;
	for (size_t i = 1, k; i < ref.n && at != CDP_NOTOK; i = k) {
		for (k = i + 1; k < ref.n && ref.p[k] != '/';)
			k++;
		at = step(c, at,
		    segment(c, (struct cdp_str){ ref.p + i + 1, k - i - 1 }));
	}
	if (at == CDP_NOTOK)
		return cdp_schema_fault(
		    c, val, "$ref leads nowhere: '%.*s'", (int)full.n, full.p);
	return cdp_schema_node(c, at, &n->ref);
}
