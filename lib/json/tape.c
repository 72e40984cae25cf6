#include "lib/json/tape.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/base/utf8.h"
#include "lib/json/num.h"
#include "lib/json/quick.h"
#include "lib/json/scan.h"

#define LISTS 3       /* the root's, and two that others take turns in */
#define FEW_TOKENS 12 /* of an object that is walked as fast */

static void
reserve(struct cdp_tape *t, size_t n)
{
	size_t need = cdp_quick_max(n), i;

	if (t->cap < need) {
		free(t->tok);
		t->tok = cdp_xmalloc(
		    need * sizeof(*t->tok) + LISTS * sizeof(*t->names));
		t->cap = (uint32_t)need;
		t->names = (struct cdp_names *)(void *)(t->tok + need);
	}
	for (i = 0; t->names != NULL && i < LISTS; i++)
		cdp_names_reset(&t->names[i]);
}

int
cdp_tape_parse(struct cdp_tape *t, struct cdp_str s, struct cdp_err *err)
{
	const char *want = NULL, *at;

	if (s.p == NULL)
		s = CDP_STR("");
	t->ntok = 0;
	t->depth = 0;
	t->p = s.p;
	t->n = s.n;
	if (s.n > CDP_JSON_MAX)
		return cdp_fail_rule(err, CDP_EDATA, "bad_json", NULL,
		    "bad JSON: longer than %zu bytes", CDP_JSON_MAX);
	reserve(t, s.n);
	if (cdp_quick_text(t))
		return 0;
	at = cdp_read_text(t, &want);
	if (want == NULL)
		return 0;
	t->ntok = 0;
	return cdp_fail_rule(err, CDP_EDATA, "bad_json", NULL,
	    "bad JSON at column %zu: expected %s%s", (size_t)(at - s.p) + 1,
	    want, at == s.p + s.n ? ", found the end" : "");
}

void
cdp_tape_free(struct cdp_tape *t)
{
	free(t->tok);
	*t = (struct cdp_tape){ 0 };
}

/* A string's bytes as they are written. */
static struct cdp_str
inside(const struct cdp_tape *t, uint32_t at)
{
	return (struct cdp_str){ t->p + t->tok[at].off, t->tok[at].len };
}

/* The list of the object at; NULL if to walk it is as fast, or it has none. */
static inline struct cdp_names *
names_of(const struct cdp_tape *t, uint32_t at)
{
	struct cdp_names *x;

	if (t->names == NULL)
		return NULL;
	x = &t->names[at == 0 ? 0 : 1 + at % (LISTS - 1)];
	if (x->at == at)
		return x;
	if (t->tok[at].next - at <= FEW_TOKENS || x->none == at)
		return NULL;
	return cdp_names_make(x, t, at) ? x : NULL;
}

uint32_t
cdp_tape_get(const struct cdp_tape *t, uint32_t at, struct cdp_str key)
{
	const struct cdp_tok *tok = t->tok, *k;
	const struct cdp_names *x;
	uint32_t i, end, found = CDP_NOTOK;

	if (!cdp_tape_isa(t, at, CDP_OBJECT))
		return CDP_NOTOK;
	if ((x = names_of(t, at)) != NULL)
		return cdp_names_get(x, t, key);
	for (i = at + 1, end = tok[at].next; i < end; i = tok[i + 1].next) {
		k = &tok[i];
		if (k->escaped ? cdp_tape_streq(t, i, key)
			       : cdp_str_eq(inside(t, i), key))
			found = i + 1;
	}
	return found;
}

struct cdp_str
cdp_tape_decode(const struct cdp_tape *t, uint32_t at, struct cdp_arena *mem)
{
	struct cdp_str s = inside(t, at);
	const char *p = s.p, *end = p + s.n, *q;
	uint32_t c;
	char *w;

	/* No escape is shorter than what it stands for. */
	w = cdp_arena_alloc(mem, s.n);
	s.p = w;
	while ((q = memchr(p, '\\', (size_t)(end - p))) != NULL) {
		memcpy(w, p, (size_t)(q - p));
		w += q - p;
		p = q + cdp_scan_escape(q, end, &c);
		w += cdp_utf8_put(w, c);
	}
	memcpy(w, p, (size_t)(end - p));
	s.n = (size_t)(w + (end - p) - s.p);
	return s;
}

/* A string read byte by byte, decoded. */
struct cursor {
	const char *p, *end;
	char out[4]; /* what an escape became, its last byte first */
	size_t n;
};

static void
cursor_init(struct cursor *c, struct cdp_str s)
{
	*c = (struct cursor){ .p = s.p, .end = s.p + s.n };
}

static int
cursor_next(struct cursor *c)
{
	uint32_t point;
	char z[4];
	size_t n;

	if (c->n == 0 && c->p == c->end)
		return -1;
	if (c->n == 0 && *c->p != '\\')
		return (unsigned char)*c->p++;
	if (c->n == 0) {
		c->p += cdp_scan_escape(c->p, c->end, &point);
		for (n = cdp_utf8_put(z, point); n > 0;)
			c->out[c->n++] = z[--n];
	}
	return (unsigned char)c->out[--c->n];
}

bool
cdp_tape_streq(const struct cdp_tape *t, uint32_t at, struct cdp_str s)
{
	struct cursor c;
	size_t i;

	if (!cdp_tape_isa(t, at, CDP_STRING))
		return false;
	if (!t->tok[at].escaped)
		return cdp_str_eq(inside(t, at), s);
	cursor_init(&c, inside(t, at));
	for (i = 0; i < s.n; i++)
		if (cursor_next(&c) != (unsigned char)s.p[i])
			return false;
	return cursor_next(&c) == -1;
}

int
cdp_tape_strcmp(
    const struct cdp_tape *t, uint32_t i, const struct cdp_tape *u, uint32_t j)
{
	struct cursor a, b;
	int x, y;

	if (!t->tok[i].escaped && !u->tok[j].escaped)
		return cdp_str_cmp(inside(t, i), inside(u, j));
	cursor_init(&a, inside(t, i));
	cursor_init(&b, inside(u, j));
	do {
		x = cursor_next(&a);
		y = cursor_next(&b);
	} while (x == y && x != -1);
	return x - y;
}

bool
cdp_tape_double(const struct cdp_tape *t, uint32_t at, double *ret)
{
	if (!cdp_tape_isa(t, at, CDP_NUM))
		return false;
	*ret = cdp_num_double(cdp_tape_raw(t, at));
	return true;
}

bool
cdp_tape_i64(const struct cdp_tape *t, uint32_t at, int64_t *ret)
{
	uint64_t v = 0, max = INT64_MAX;
	struct cdp_str s;
	unsigned d;
	size_t i;
	bool neg;

	if (!cdp_tape_isa(t, at, CDP_NUM))
		return false;
	s = cdp_tape_raw(t, at);
	neg = s.p[0] == '-';
	max += neg;
	for (i = neg; i < s.n && i < 18; i++) { /* so many always fit */
		if ((d = (unsigned char)s.p[i] - (unsigned)'0') > 9)
			return false;
		v = v * 10 + d;
	}
	for (; i < s.n; i++) {
		d = (unsigned char)s.p[i] - (unsigned)'0';
		if (d > 9 || v > (max - d) / 10)
			return false;
		v = v * 10 + d;
	}
	*ret = (int64_t)(neg ? -v : v);
	return true;
}

size_t
cdp_tape_count(const struct cdp_tape *t, uint32_t at)
{
	uint32_t it = 0, key, val;
	size_t n = 0;

	while (cdp_tape_next(t, at, &it, &key, &val))
		n++;
	return n;
}

/* ---- equality ---- */

static int
by_name(const void *a, const void *b, void *arg)
{
	const struct cdp_tape *t = arg;
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
	int c = cdp_tape_strcmp(t, i, t, j);

	return c != 0 ? c : (i > j) - (i < j);
}

uint32_t *
cdp_tape_sorted(const struct cdp_tape *t, uint32_t at, size_t *ret)
{
	uint32_t it = 0, key, val, *v;
	size_t n = 0, i;

	v = cdp_xreallocarray(NULL, cdp_tape_count(t, at) + 1, sizeof(*v));
	while (cdp_tape_next(t, at, &it, &key, &val))
		v[n++] = key;
	qsort_r(v, n, sizeof(*v), by_name, (void *)(uintptr_t)t);
	for (i = 0, *ret = 0; i < n; i++)
		if (i + 1 == n || cdp_tape_strcmp(t, v[i], t, v[i + 1]) != 0)
			v[(*ret)++] = v[i];
	return v;
}

static bool
objects_equal(
    const struct cdp_tape *a, uint32_t i, const struct cdp_tape *b, uint32_t j)
{
	uint32_t *x, *y;
	size_t n, m, k;
	bool eq;

	x = cdp_tape_sorted(a, i, &n);
	y = cdp_tape_sorted(b, j, &m);
	for (k = 0, eq = n == m; k < n && eq; k++)
		eq = cdp_tape_strcmp(a, x[k], b, y[k]) == 0 &&
		    cdp_tape_equal(a, x[k] + 1, b, y[k] + 1);
	free(x);
	free(y);
	return eq;
}

bool
cdp_tape_equal(
    const struct cdp_tape *a, uint32_t i, const struct cdp_tape *b, uint32_t j)
{
	uint32_t ai = 0, bi = 0, key, x, y;
	bool more;

	if (i == CDP_NOTOK || j == CDP_NOTOK)
		return i == j;
	if (a->tok[i].kind != b->tok[j].kind)
		return false;
	switch (cdp_tape_kind(a, i)) {
	case CDP_NUM:
		return cdp_num_eq(cdp_tape_raw(a, i), cdp_tape_raw(b, j));
	case CDP_STRING:
		return cdp_tape_strcmp(a, i, b, j) == 0;
	case CDP_OBJECT:
		return objects_equal(a, i, b, j);
	case CDP_ARRAY:
		do {
			more = cdp_tape_next(a, i, &ai, &key, &x);
			if (cdp_tape_next(b, j, &bi, &key, &y) != more)
				return false;
		} while (more && cdp_tape_equal(a, x, b, y));
		return !more;
	default:
		return true;
	}
}

/* ---- paths ---- */

static struct cdp_str
segment(const char **at, const char *end, struct cdp_arena *mem)
{
	const char *p = *at;
	char *w = cdp_arena_alloc(mem, (size_t)(end - p) + 1);
	struct cdp_str s = { w, 0 };

	for (; p < end && *p != '.'; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		w[s.n++] = *p;
	}
	*at = p;
	return s;
}

int
cdp_path_compile(struct cdp_str s, struct cdp_arena *mem, struct cdp_path *ret,
    struct cdp_err *err)
{
	const char *at, *end;
	struct cdp_path path = { .text = cdp_arena_dup(mem, s) };
	struct cdp_str *seg;

	at = path.text.p;
	end = at + path.text.n;
	seg = cdp_arena_alloc(mem, (s.n / 2 + 1) * sizeof(*seg));
	for (;; at++) {
		seg[path.n] = segment(&at, end, mem);
		if (seg[path.n++].n == 0)
			return cdp_fail(err, CDP_ECONF,
			    s.n == 0 ? "empty path"
				     : "empty name in path '%.*s'",
			    (int)s.n, s.p);
		if (at == end)
			break;
	}
	path.seg = seg;
	*ret = path;
	return 0;
}

static uint32_t
element(const struct cdp_tape *t, uint32_t at, struct cdp_str num)
{
	uint32_t it = 0, key, val = CDP_NOTOK;
	size_t i, want = 0;

	for (i = 0; i < num.n; i++) {
		unsigned d = (unsigned char)num.p[i] - '0';

		if (d > 9 || want > CDP_JSON_MAX)
			return CDP_NOTOK;
		want = want * 10 + d;
	}
	for (i = 0; i <= want; i++)
		if (!cdp_tape_next(t, at, &it, &key, &val))
			return CDP_NOTOK;
	return val;
}

uint32_t
cdp_tape_path(
    const struct cdp_tape *t, uint32_t at, const struct cdp_path *path)
{
	size_t i;

	for (i = 0; i < path->n && at != CDP_NOTOK; i++)
		at = cdp_tape_isa(t, at, CDP_ARRAY)
		    ? element(t, at, path->seg[i])
		    : cdp_tape_get(t, at, path->seg[i]);
	return at;
}
