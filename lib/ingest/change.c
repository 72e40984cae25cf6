#include "lib/ingest/change.h"

#include <stdlib.h>

#include "lib/base/hash.h"
#include "lib/base/mem.h"
#include "lib/json/write.h"

/* What becomes of a token of the line. */
enum fate { GONE, NAMED, REPLACED };

struct cdp_fate {
	uint32_t tok; /* of a member's name, or of a value that is replaced */
	enum fate fate;
	struct cdp_str with; /* JSON */
};

struct work {
	struct cdp_changes *c;
	const struct cdp_transform *t;
	const struct cdp_change *change; /* the one that is being made */
	struct cdp_str key;
	const struct cdp_tape *line;
	struct cdp_buf *b;
	size_t next; /* the fate that is due next, when writing */
};

static void
add(struct work *w, uint32_t tok, enum fate fate, struct cdp_str with)
{
	struct cdp_changes *c = w->c;

	if (c->n == c->cap) {
		c->cap = c->cap != 0 ? 2 * c->cap : 16;
		c->v = cdp_xreallocarray(c->v, c->cap, sizeof(*c->v));
	}
	c->v[c->n++] = (struct cdp_fate){ tok, fate, with };
}

/* ---- values ---- */

static struct cdp_str
quoted(const struct work *w, struct cdp_str s)
{
	struct cdp_buf b = { 0 };
	struct cdp_str ret;

	cdp_json_str(&b, s);
	ret = cdp_arena_dup(&w->c->mem, cdp_buf_str(&b));
	cdp_buf_free(&b);
	return ret;
}

/* 64 digits in lower case: a hash already, as who sent it may have made. */
static bool
is_hash(struct cdp_str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((s.p[i] < '0' || s.p[i] > '9') &&
		    (s.p[i] < 'a' || s.p[i] > 'f'))
			return false;
	return s.n == 64;
}

static struct cdp_str
hashed(const struct work *w, struct cdp_str s)
{
	char hex[65];

	if (w->t->key.n != 0)
		cdp_hash_sign(w->key, false, s, hex);
	else if (is_hash(s))
		return s;
	else
		cdp_hash_sha256_plain(s, hex);
	return cdp_arena_dup(&w->c->mem, cdp_str_of(hex));
}

/* Where the character that is n of them from the beginning, or end, begins. */
static size_t
cut(struct cdp_str s, size_t n, bool from_end)
{
	size_t i = from_end ? s.n : 0;

	while (n > 0 && (from_end ? i > 0 : i < s.n)) {
		i = from_end ? i - 1 : i + 1;
		while (i > 0 && i < s.n && (s.p[i] & 0xc0) == 0x80)
			i = from_end ? i - 1 : i + 1;
		n--;
	}
	return i;
}

#define STARS "***"

/* 192.0.2.77 becomes 192.0.2.0, 2001:db8:1:2::3 becomes 2001:db8:1::. */
static struct cdp_str
mask_ip(const struct work *w, struct cdp_str s)
{
	const char *p;
	size_t i, groups = 0;

	for (i = 0; i < s.n; i++)
		if (strchr("0123456789abcdefABCDEF:.", s.p[i]) == NULL)
			return CDP_STR(STARS);
	if (memchr(s.p, ':', s.n) == NULL) {
		p = memrchr(s.p, '.', s.n);
		return p == NULL ? CDP_STR(STARS)
				 : cdp_arena_printf(&w->c->mem, "%.*s.0",
				       (int)(p - s.p), s.p);
	}
	for (i = 0; i < s.n && groups < 3; i++)
		if (s.p[i] == ':' && ++groups < 3 && i + 1 < s.n &&
		    s.p[i + 1] == ':')
			break;
	return cdp_arena_printf(
	    &w->c->mem, "%.*s::", (int)(groups == 3 ? i - 1 : i), s.p);
}

static struct cdp_str
masked(const struct work *w, struct cdp_str s)
{
	const struct cdp_change *c = w->change;
	struct cdp_arena *mem = &w->c->mem;
	const char *at;
	size_t n;

	switch (c->mask) {
	case CDP_MASK_EMAIL:
		at = memrchr(s.p, '@', s.n);
		if (at == NULL || at == s.p)
			break;
		n = cut(s, 1, false);
		return cdp_arena_printf(mem, "%.*s" STARS "%.*s", (int)n, s.p,
		    (int)(s.p + s.n - at), at);
	case CDP_MASK_IP:
		return mask_ip(w, s);
	case CDP_MASK_FIRST:
		n = cut(s, c->keep, false);
		if (n == s.n)
			break;
		return cdp_arena_printf(mem, "%.*s" STARS, (int)n, s.p);
	case CDP_MASK_LAST:
		n = cut(s, c->keep, true);
		if (n == 0)
			break;
		return cdp_arena_printf(
		    mem, STARS "%.*s", (int)(s.n - n), s.p + n);
	default:
		break;
	}
	return CDP_STR(STARS);
}

/* Hash or mask the value at, and all that is in it. */
static void
conceal(struct work *w, uint32_t at)
{
	const struct cdp_tape *t = w->line;
	uint32_t it = 0, key, val;
	struct cdp_str s;

	switch (cdp_tape_kind(t, at)) {
	case CDP_NULL:
		return;
	case CDP_ARRAY:
	case CDP_OBJECT:
		while (cdp_tape_next(t, at, &it, &key, &val))
			conceal(w, val);
		return;
	default:
		break;
	}
	s = cdp_tape_isa(t, at, CDP_STRING) ? cdp_tape_str(t, at, &w->c->mem)
					    : cdp_tape_raw(t, at);
	if (s.n == 0)
		return;
	s = w->t->kind == CDP_CHANGE_HASH ? hashed(w, s) : masked(w, s);
	add(w, at, REPLACED, quoted(w, s));
}

/* ---- members ---- */

static void
rename_member(struct work *w, uint32_t obj, uint32_t at)
{
	uint32_t it = 0, key, val;

	while (cdp_tape_next(w->line, obj, &it, &key, &val))
		if (key != at && cdp_tape_streq(w->line, key, w->change->name))
			add(w, key, GONE, CDP_STR("")); /* it is replaced */
	add(w, at, NAMED, quoted(w, w->change->name));
}

/* Most names have no escapes, and most have another length. */
static bool
is_named(const struct cdp_tape *t, uint32_t key, struct cdp_str name)
{
	const struct cdp_tok *k = &t->tok[key];

	if (k->escaped)
		return cdp_tape_streq(t, key, name);
	return k->len == name.n && memcmp(t->p + k->off, name.p, name.n) == 0;
}

/* Change the members of the object that the rest of the path names. */
static void
find(struct work *w, uint32_t obj, size_t seg)
{
	const struct cdp_path *path = &w->change->path;
	const struct cdp_tok *tok = w->line->tok;
	uint32_t key, end;

	if (!cdp_tape_isa(w->line, obj, CDP_OBJECT))
		return;
	end = tok[obj].next;
	for (key = obj + 1; key < end; key = tok[key + 1].next) {
		if (!is_named(w->line, key, path->seg[seg]))
			continue;
		if (seg + 1 < path->n)
			find(w, key + 1, seg + 1);
		else if (w->t->kind == CDP_CHANGE_DROP)
			add(w, key, GONE, CDP_STR(""));
		else if (w->t->kind == CDP_CHANGE_RENAME)
			rename_member(w, obj, key);
		else
			conceal(w, key + 1);
	}
}

static int
compare(const void *x, const void *y)
{
	const struct cdp_fate *a = x, *b = y;

	if (a->tok != b->tok)
		return a->tok < b->tok ? -1 : 1;
	return (int)a->fate - (int)b->fate;
}

/* ---- writing ---- */

/* The fate that is due before token end, or NULL; those before at are over. */
static const struct cdp_fate *
due(struct work *w, uint32_t at, uint32_t end)
{
	while (w->next < w->c->n && w->c->v[w->next].tok < at)
		w->next++;
	return w->next < w->c->n && w->c->v[w->next].tok < end
	    ? &w->c->v[w->next]
	    : NULL;
}

static void
copy(struct cdp_buf *b, const char *from, const char *to)
{
	cdp_buf_put(b, (struct cdp_str){ from, (size_t)(to - from) });
}

static const char *
end_of(const struct cdp_tape *t, uint32_t at)
{
	struct cdp_str raw = cdp_tape_raw(t, at);

	return raw.p + raw.n;
}

/* The line with values replaced: nothing else moves. */
static void
write_flat(struct work *w)
{
	const struct cdp_tape *t = w->line;
	const char *from = t->p;
	const struct cdp_fate *f;
	uint32_t at = 0;

	for (; (f = due(w, at, t->ntok)) != NULL; at = f->tok + 1) {
		copy(w->b, from, cdp_tape_raw(t, f->tok).p);
		cdp_buf_put(w->b, f->with);
		from = end_of(t, f->tok);
	}
	copy(w->b, from, t->p + t->n);
}

/*
 * An object some of whose members go or get other names, here or further in;
 * neighbours that stay are copied in one run.
 */
static void
write_object(struct work *w, uint32_t obj)
{
	const struct cdp_tape *t = w->line;
	const char *from = NULL, *to = NULL;
	const struct cdp_fate *f;
	uint32_t i, end = t->tok[obj].next;

	cdp_buf_putc(w->b, '{');
	for (i = obj + 1; i < end; i = t->tok[i + 1].next) {
		f = due(w, i, t->tok[i + 1].next);
		if (f != NULL && from != NULL) {
			copy(w->b, from, to);
			from = NULL;
		}
		to = end_of(t, i + 1);
		if (f != NULL && f->tok == i && f->fate == GONE)
			continue;
		if (from == NULL)
			cdp_json_comma(w->b);
		if (f == NULL) {
			if (from == NULL)
				from = t->p + t->tok[i].off - 1;
			continue;
		}
		cdp_buf_put(w->b, f->tok == i ? f->with : cdp_tape_raw(t, i));
		cdp_buf_putc(w->b, ':');
		if (due(w, i + 1, t->tok[i + 1].next) != NULL)
			write_object(w, i + 1);
		else
			cdp_buf_put(w->b, cdp_tape_raw(t, i + 1));
	}
	if (from != NULL)
		copy(w->b, from, to);
	cdp_buf_putc(w->b, '}');
}

int
cdp_change_line(struct cdp_changes *c, const struct cdp_transform *t,
    struct cdp_str key, const struct cdp_tape *line, struct cdp_buf *b)
{
	struct work w = { .c = c, .t = t, .key = key, .line = line, .b = b };
	size_t i;

	c->n = 0;
	cdp_arena_reset(&c->mem);
	for (i = 0; i < t->nchange; i++) {
		w.change = &t->change[i];
		find(&w, 0, 0);
	}
	if (c->n == 0)
		return CDP_END;
	qsort(c->v, c->n, sizeof(*c->v), compare);
	if (t->kind == CDP_CHANGE_HASH || t->kind == CDP_CHANGE_MASK)
		write_flat(&w);
	else
		write_object(&w, 0);
	return 0;
}

void
cdp_changes_free(struct cdp_changes *c)
{
	free(c->v);
	cdp_arena_free(&c->mem);
}
