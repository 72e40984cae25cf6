#include "lib/json/write.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "lib/base/time.h"
#include "lib/base/utf8.h"
#include "lib/json/num.h"
#include "lib/json/quick.h"
#include "lib/json/scan.h"

/* ---- appending ---- */

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
	const char *p, *end, *from;
	size_t n;

	if (s.n == 0) {
		cdp_buf_put(b, CDP_STR("\"\""));
		return;
	}
	p = from = s.p;
	end = p + s.n;
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
cdp_json_member(struct cdp_buf *b, struct cdp_str key)
{
	char *p = cdp_buf_room(b, key.n + 4);

	if (p == NULL)
		return;
	if (b->n != 0 && p[-1] != '{' && p[-1] != '[')
		*p++ = ',';
	*p++ = '"';
	p = mempcpy(p, key.p, key.n);
	*p++ = '"';
	*p++ = ':';
	b->n = (size_t)(p - b->p);
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

/* ---- canonical ---- */

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

/* ---- splicing ---- */

/*
 * One thing that an edit asks for: the member head of the root, or the member
 * tail of the object that head is, gets the value val; without one it only
 * goes.
 */
struct change {
	struct cdp_str head;
	struct cdp_str tail; /* p is NULL: head itself */
	struct cdp_str val;  /* JSON; p is NULL: none */
};

/* One object that is copied with changes: the root or, named, one inside. */
struct splice {
	struct cdp_buf *b;
	const struct cdp_tape *t;
	struct change *v;
	size_t n;
	struct cdp_arena *mem; /* for names with escapes in them */
	struct cdp_str head;
	bool inner;
};

enum fate { KEEP, DROP, CHANGE };

static inline struct cdp_str
name_of(const struct cdp_tape *t, uint32_t key, struct cdp_arena *mem)
{
	const struct cdp_tok *k = &t->tok[key];

	if (k->escaped)
		return cdp_tape_str(t, key, mem);
	return (struct cdp_str){ t->p + k->off, k->len };
}

/* The member of that name, or, with a dot in it, the one inside it. */
static struct change
change_of(struct cdp_str name, struct cdp_str val)
{
	struct change c = { .head = name, .val = val };
	const char *end = name.p + name.n;
	const char *dot = memchr(name.p, '.', name.n);

	if (dot != NULL &&
	    memchr(dot + 1, '.', (size_t)(end - dot - 1)) == NULL) {
		c.head.n = (size_t)(dot - name.p);
		c.tail = (struct cdp_str){ dot + 1, (size_t)(end - dot - 1) };
	}
	return c;
}

/* At most one change for each token of the edit. */
static size_t
changes(const struct cdp_tape *edit, struct cdp_arena *mem, struct change *v)
{
	uint32_t it = 0, in, key, val, none;
	struct cdp_str name;
	size_t n = 0;

	while (cdp_tape_next(edit, 0, &it, &key, &val)) {
		name = name_of(edit, key, mem);
		if (!cdp_str_eq(name, CDP_STR("-"))) {
			v[n++] = change_of(name, cdp_tape_raw(edit, val));
			continue;
		}
		for (in = 0; cdp_tape_next(edit, val, &in, &none, &key); n++)
			v[n] =
			    (struct change){ .head = name_of(edit, key, mem) };
	}
	return n;
}

static enum fate
fate(const struct splice *sp, uint32_t key)
{
	struct cdp_str name = name_of(sp->t, key, sp->mem);
	enum fate f = KEEP;
	size_t i;

	if (!sp->inner && cdp_str_eq(name, CDP_STR("cdp")))
		return DROP;
	for (i = 0; i < sp->n; i++) {
		const struct change *c = &sp->v[i];

		if (sp->inner) {
			if (c->tail.p != NULL && cdp_str_eq(c->tail, name) &&
			    cdp_str_eq(c->head, sp->head))
				return DROP;
		} else if (cdp_str_eq(c->head, name)) {
			if (c->tail.p == NULL)
				return DROP;
			if (cdp_tape_isa(sp->t, key + 1, CDP_OBJECT))
				f = CHANGE;
		}
	}
	return f;
}

static void
additions(const struct splice *sp)
{
	const struct change *c;

	for (c = sp->v; c < sp->v + sp->n; c++) {
		if (c->val.p == NULL || sp->inner != (c->tail.p != NULL) ||
		    (sp->inner && !cdp_str_eq(c->head, sp->head)))
			continue;
		cdp_json_comma(sp->b);
		cdp_json_str(sp->b, sp->inner ? c->tail : c->head);
		cdp_buf_putc(sp->b, ':');
		cdp_buf_put(sp->b, c->val);
	}
}

static void
run(struct cdp_buf *b, const char *from, const char *to)
{
	cdp_buf_put(b, (struct cdp_str){ from, (size_t)(to - from) });
}

/*
 * From "{" on, without the "}", which the root puts off.  Neighbours that stay
 * are copied in one run, with whatever stands between them.
 */
static void
object(const struct splice *sp, uint32_t at)
{
	const struct cdp_tape *t = sp->t;
	const char *from = NULL, *to = NULL;
	struct splice inner = *sp;
	uint32_t i, end = t->tok[at].next;
	enum fate f;

	inner.inner = true;
	cdp_buf_putc(sp->b, '{');
	for (i = at + 1; i < end; i = t->tok[i + 1].next) {
		f = fate(sp, i);
		if (f != DROP && from == NULL) {
			cdp_json_comma(sp->b);
			from = t->p + t->tok[i].off - 1;
		}
		if (f == CHANGE)
			to = t->p + t->tok[i + 1].off;
		if (f != KEEP && from != NULL) {
			run(sp->b, from, to);
			from = NULL;
		}
		if (f == CHANGE) {
			inner.head = name_of(t, i, sp->mem);
			object(&inner, i + 1);
			cdp_buf_putc(sp->b, '}');
		}
		to = t->p + t->tok[i + 1].off + t->tok[i + 1].len +
		    (t->tok[i + 1].kind == CDP_STRING);
	}
	if (from != NULL)
		run(sp->b, from, to);
	additions(sp);
}

/* The root with its changes, and "cdp" behind it. */
static void
root(const struct splice *sp, struct cdp_str o, uint64_t n)
{
	static const char head[] = "\"cdp\":{\"o\":\"", tail[] = "\",\"n\":";
	struct cdp_buf *b = sp->b;
	char *p;

	object(sp, 0);
	if (o.n != 0 &&
	    (p = cdp_buf_room(b, sizeof(head) + o.n + sizeof(tail))) != NULL) {
		cdp_json_comma(b);
		p = mempcpy(b->p + b->n, head, sizeof(head) - 1);
		p = mempcpy(p, o.p, o.n);
		p = mempcpy(p, tail, sizeof(tail) - 1);
		b->n = (size_t)(p - b->p);
		cdp_buf_u64(b, n);
		cdp_buf_putc(b, '}');
	}
	cdp_buf_putc(b, '}');
	cdp_arena_free(sp->mem);
}

void
cdp_json_splice(struct cdp_buf *b, const struct cdp_tape *t,
    struct cdp_str edit, struct cdp_str o, uint64_t n)
{
	/* Edits are small: no allocation for most. */
	struct cdp_tok tok[512];
	struct change v[16];
	struct cdp_tape e = { .tok = tok, .cap = sizeof(tok) / sizeof(tok[0]) };
	struct cdp_arena mem = { 0 };
	struct splice sp = { .b = b, .t = t, .v = v, .mem = &mem };
	bool big = cdp_quick_max(edit.n) > e.cap;
	int rc;

	if (edit.n != 0) {
		if (big)
			e = (struct cdp_tape){ 0 };
		rc = cdp_tape_parse(&e, edit, NULL);
		assert(rc == 0);
		(void)rc;
		if (e.ntok > sizeof(v) / sizeof(v[0]))
			sp.v = cdp_arena_calloc(&mem, e.ntok, sizeof(v[0]));
		sp.n = changes(&e, &mem, sp.v);
	}
	root(&sp, o, n);
	if (big)
		cdp_tape_free(&e);
}

void
cdp_json_splice_one(struct cdp_buf *b, const struct cdp_tape *t,
    struct cdp_str edit, struct cdp_str o, uint64_t n)
{
	struct cdp_arena mem = { 0 };
	struct splice sp = { .b = b, .t = t, .n = 1, .mem = &mem };
	const char *name = edit.p + 2, *end = edit.p + edit.n - 1;
	const char *quote = memchr(name, '"', edit.n - 2);
	struct change c;

	assert(edit.p[0] == '{' && quote != NULL && quote[1] == ':');
	c = change_of((struct cdp_str){ name, (size_t)(quote - name) },
	    (struct cdp_str){ quote + 2, (size_t)(end - quote - 2) });
	sp.v = &c;
	root(&sp, o, n);
}

bool
cdp_json_splice_isone(const struct cdp_tape *edit)
{
	struct cdp_str name, val;

	if (cdp_tape_count(edit, 0) != 1 || edit->tok[1].escaped)
		return false;
	name = name_of(edit, 1, NULL);
	val = cdp_tape_raw(edit, 2);
	return name.p == edit->p + 2 && val.p == name.p + name.n + 2 &&
	    val.p + val.n + 1 == edit->p + edit->n && !cdp_str_is(name, "-");
}
