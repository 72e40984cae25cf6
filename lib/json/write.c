#include "lib/json/write.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "lib/base/time.h"
#include "lib/base/utf8.h"
#include "lib/json/num.h"
#include "lib/json/scan.h"

/* ---- appending ----------------------------------------------------------- */

static void
escape(struct cdp_buf *b, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char letters[] = "btn?fr"; /* from 8 on */
	char z[6] = { '\\', 'u', '0', '0', hex[c >> 4 & 15], hex[c & 15] };
	struct cdp_str s = { z, 2 };

	if (c == '"' || c == '\\')
		z[1] = (char)c;
	else if (c >= 8 && c <= 13 && c != 11)
		z[1] = letters[c - 8];
	else
		s.n = sizeof(z);
	cdp_buf_put(b, s);
}

void
cdp_json_str(struct cdp_buf *b, struct cdp_str s)
{
	const char *p = s.p, *end = s.p + s.n, *from = p;
	size_t n;

	cdp_buf_putc(b, '"');
	while ((p = cdp_scan_plain(p, end)) < end) {
		if ((unsigned char)*p >= 0x80 &&
		    (n = cdp_scan_utf8(p, end)) != 0) {
			p += n;
			continue;
		}
		cdp_buf_put(b, (struct cdp_str){ from, (size_t)(p - from) });
		if ((unsigned char)*p >= 0x80)
			cdp_buf_puts(b, "\xef\xbf\xbd");
		else
			escape(b, (unsigned char)*p);
		from = ++p;
	}
	cdp_buf_put(b, (struct cdp_str){ from, (size_t)(p - from) });
	cdp_buf_putc(b, '"');
}

void
cdp_json_comma(struct cdp_buf *b)
{
	if (b->n != 0 && b->p[b->n - 1] != '{' && b->p[b->n - 1] != '[')
		cdp_buf_putc(b, ',');
}

void
cdp_json_key(struct cdp_buf *b, const char *key)
{
	cdp_json_comma(b);
	cdp_buf_putc(b, '"');
	cdp_buf_puts(b, key);
	cdp_buf_put(b, CDP_STR("\":"));
}

void
cdp_json_kstr(struct cdp_buf *b, const char *key, struct cdp_str s)
{
	cdp_json_key(b, key);
	cdp_json_str(b, s);
}

void
cdp_json_kraw(struct cdp_buf *b, const char *key, struct cdp_str json)
{
	cdp_json_key(b, key);
	cdp_buf_put(b, json);
}

void
cdp_json_ki64(struct cdp_buf *b, const char *key, int64_t v)
{
	cdp_json_key(b, key);
	cdp_buf_i64(b, v);
}

void
cdp_json_ktime(struct cdp_buf *b, const char *key, int64_t ms)
{
	char z[CDP_TIME_SIZE];

	cdp_time_format(ms, z);
	cdp_json_key(b, key);
	cdp_buf_putc(b, '"');
	cdp_buf_puts(b, z);
	cdp_buf_putc(b, '"');
}

int
cdp_json_double(struct cdp_buf *b, double v)
{
	if (!isfinite(v))
		return CDP_EDATA;
	cdp_num_put_double(b, v);
	return 0;
}

/* ---- canonical ------------------------------------------------------------
 */

/* A string, decoded and spelled anew. */
static void
respell(struct cdp_buf *b, const struct cdp_tape *t, uint32_t at)
{
	struct cdp_str raw = cdp_tape_raw(t, at);
	const char *p, *end, *q;
	uint32_t c;
	char z[4];

	if (!t->tok[at].escaped) {
		cdp_buf_put(b, raw);
		return;
	}
	cdp_buf_putc(b, '"');
	for (p = raw.p + 1, end = raw.p + raw.n - 1; p < end;) {
		q = memchr(p, '\\', (size_t)(end - p));
		if (q == NULL)
			q = end;
		cdp_buf_put(b, (struct cdp_str){ p, (size_t)(q - p) });
		if ((p = q) == end)
			break;
		p += cdp_scan_escape(p, end, &c);
		if (c < 0x20 || c == '"' || c == '\\')
			escape(b, (unsigned char)c);
		else
			cdp_buf_put(
			    b, (struct cdp_str){ z, cdp_utf8_put(z, c) });
	}
	cdp_buf_putc(b, '"');
}

static void
canonical_object(struct cdp_buf *b, const struct cdp_tape *t, uint32_t at)
{
	size_t n, i;
	uint32_t *key = cdp_tape_sorted(t, at, &n);

	cdp_buf_putc(b, '{');
	for (i = 0; i < n; i++) {
		if (i != 0)
			cdp_buf_putc(b, ',');
		respell(b, t, key[i]);
		cdp_buf_putc(b, ':');
		cdp_json_canonical(b, t, key[i] + 1);
	}
	cdp_buf_putc(b, '}');
	free(key);
}

void
cdp_json_canonical(struct cdp_buf *b, const struct cdp_tape *t, uint32_t at)
{
	uint32_t it = 0, key, val;
	bool first = true;

	switch (cdp_tape_kind(t, at)) {
	case CDP_NULL: /* or nothing at all */
		cdp_buf_put(b, CDP_STR("null"));
		break;
	case CDP_NUM:
		cdp_num_put(b, cdp_tape_raw(t, at));
		break;
	case CDP_STRING:
		respell(b, t, at);
		break;
	case CDP_OBJECT:
		canonical_object(b, t, at);
		break;
	case CDP_ARRAY:
		cdp_buf_putc(b, '[');
		for (; cdp_tape_next(t, at, &it, &key, &val); first = false) {
			if (!first)
				cdp_buf_putc(b, ',');
			cdp_json_canonical(b, t, val);
		}
		cdp_buf_putc(b, ']');
		break;
	default:
		cdp_buf_put(b, cdp_tape_raw(t, at));
	}
}

/* ---- splicing -------------------------------------------------------------
 */

/*
 * What is being done to one object: the root, or a member of it that is
 * changed inside (then head is its name).
 */
struct splice {
	struct cdp_buf *b;
	const struct cdp_tape *t;
	const struct cdp_tape *edit; /* no tokens: no edit */
	struct cdp_arena *mem;       /* for names with escapes in them */
	struct cdp_str head;
};

enum fate { KEEP, DROP, CHANGE };

/* Does name, "HEAD.TAIL" with one dot, begin with head?  *tail is the rest. */
static bool
within(struct cdp_str name, struct cdp_str head, struct cdp_str *tail)
{
	if (name.n <= head.n || name.p[head.n] != '.' ||
	    memcmp(name.p, head.p, head.n) != 0)
		return false;
	tail->p = name.p + head.n + 1;
	tail->n = name.n - head.n - 1;
	return memchr(name.p, '.', head.n) == NULL &&
	    memchr(tail->p, '.', tail->n) == NULL;
}

/* The name that an edit gives to a member of this object; false: to none. */
static bool
target(const struct splice *sp, uint32_t key, struct cdp_str *ret)
{
	struct cdp_str name = cdp_tape_str(sp->edit, key, sp->mem);
	const char *dot;

	if (sp->head.n != 0)
		return within(name, sp->head, ret);
	*ret = name;
	return !cdp_str_eq(name, CDP_STR("-")) &&
	    ((dot = memchr(name.p, '.', name.n)) == NULL ||
		memchr(dot + 1, '.', (size_t)(name.p + name.n - dot - 1)) !=
		    NULL);
}

static bool
listed(const struct cdp_tape *t, uint32_t list, struct cdp_str name)
{
	uint32_t it = 0, key, val;

	while (cdp_tape_next(t, list, &it, &key, &val))
		if (cdp_tape_streq(t, val, name))
			return true;
	return false;
}

static enum fate
fate(const struct splice *sp, uint32_t key)
{
	struct cdp_str name = cdp_tape_str(sp->t, key, sp->mem), to;
	uint32_t it = 0, ek, ev;
	enum fate f = KEEP;

	if (sp->head.n == 0 && cdp_str_eq(name, CDP_STR("cdp")))
		return DROP;
	if (sp->edit->ntok == 0)
		return KEEP;
	while (cdp_tape_next(sp->edit, 0, &it, &ek, &ev)) {
		if (target(sp, ek, &to)) {
			if (cdp_str_eq(name, to))
				return DROP;
			continue;
		}
		if (sp->head.n != 0)
			continue;
		to = cdp_tape_str(sp->edit, ek, sp->mem);
		if (cdp_str_eq(to, CDP_STR("-"))) {
			if (listed(sp->edit, ev, name))
				return DROP;
		} else if (name.n != 0 && within(to, name, &to) &&
		    cdp_tape_isa(sp->t, key + 1, CDP_OBJECT))
			f = CHANGE;
	}
	return f;
}

static void
additions(const struct splice *sp)
{
	uint32_t it = 0, key, val;
	struct cdp_str name;

	if (sp->edit->ntok == 0)
		return;
	while (cdp_tape_next(sp->edit, 0, &it, &key, &val))
		if (target(sp, key, &name)) {
			cdp_json_comma(sp->b);
			cdp_json_str(sp->b, name);
			cdp_buf_putc(sp->b, ':');
			cdp_buf_put(sp->b, cdp_tape_raw(sp->edit, val));
		}
}

/* From "{" on without the "}", which the caller may want to put off. */
static void
object(const struct splice *sp, uint32_t at)
{
	const struct cdp_tape *t = sp->t;
	uint32_t it = 0, key, val;
	const char *from = NULL, *to = NULL, *next;
	struct splice inner = *sp;
	enum fate f;

	cdp_buf_putc(sp->b, '{');
	while (cdp_tape_next(t, at, &it, &key, &val)) {
		f = fate(sp, key);
		next = cdp_tape_raw(t, key).p;
		if (f != DROP && from == NULL) {
			cdp_json_comma(sp->b);
			from = next;
		}
		if (f == CHANGE)
			to = cdp_tape_raw(t, val).p;
		if (f != KEEP && from != NULL) {
			cdp_buf_put(sp->b,
			    (struct cdp_str){ from, (size_t)(to - from) });
			from = NULL;
		}
		if (f == CHANGE) {
			inner.head = cdp_tape_str(t, key, sp->mem);
			object(&inner, val);
			cdp_buf_putc(sp->b, '}');
		}
		to = cdp_tape_raw(t, val).p + cdp_tape_raw(t, val).n;
	}
	if (from != NULL)
		cdp_buf_put(
		    sp->b, (struct cdp_str){ from, (size_t)(to - from) });
	additions(sp);
}

void
cdp_json_splice(struct cdp_buf *b, const struct cdp_tape *t,
    struct cdp_str edit, struct cdp_str o, uint64_t n)
{
	struct cdp_tape e = { 0 };
	struct cdp_arena mem = { 0 };
	struct splice sp = { b, t, &e, &mem, { NULL, 0 } };
	int rc = edit.n != 0 ? cdp_tape_parse(&e, edit, NULL) : 0;

	assert(rc == 0);
	(void)rc;
	object(&sp, 0);
	if (o.n != 0) {
		cdp_json_key(b, "cdp");
		cdp_buf_put(b, CDP_STR("{\"o\":"));
		cdp_json_str(b, o);
		cdp_buf_put(b, CDP_STR(",\"n\":"));
		cdp_buf_u64(b, n);
		cdp_buf_putc(b, '}');
	}
	cdp_buf_putc(b, '}');
	cdp_arena_free(&mem);
	cdp_tape_free(&e);
}
