#include "lib/store/patch.h"

/* ---- telling ---- */

/* How many bytes two texts have in common from here on. */
static size_t
same(struct cdp_str a, struct cdp_str b)
{
	size_t n = a.n < b.n ? a.n : b.n, i = 0;
	uint64_t x, y;

	for (; i + sizeof(x) <= n; i += sizeof(x)) {
		memcpy(&x, a.p + i, sizeof(x));
		memcpy(&y, b.p + i, sizeof(y));
		if (x != y)
			break;
	}
	while (i < n && a.p[i] == b.p[i])
		i++;
	return i;
}

/* A member from its start on, with the comma behind it; 0: it is the last. */
static size_t
member(struct cdp_str s)
{
	const char *p = s.n != 0 ? memchr(s.p, ',', s.n) : NULL;

	return p != NULL ? (size_t)(p + 1 - s.p) : 0;
}

static struct cdp_str
from(struct cdp_str s, size_t at)
{
	return (struct cdp_str){ s.p + at, s.n - at };
}

static void
put_text(struct cdp_buf *b, struct cdp_str s)
{
	char *p = cdp_buf_room(b, 2 * s.n + 2);

	if (p == NULL)
		return;
	*p++ = '"';
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			*p++ = '\\';
		*p++ = s.p[i];
	}
	*p++ = '"';
	b->n = (size_t)(p - b->p);
}

/* In the place of n bytes at at comes s. */
static void
put_part(struct cdp_buf *b, size_t at, size_t n, struct cdp_str s)
{
	if (b->p[b->n - 1] != '[')
		cdp_buf_putc(b, ',');
	cdp_buf_u64(b, at);
	cdp_buf_putc(b, ',');
	cdp_buf_u64(b, n);
	cdp_buf_putc(b, ',');
	put_text(b, s);
}

/* From the last members on all of it, but for how both end. */
static void
put_rest(struct cdp_buf *b, size_t at, struct cdp_str was, struct cdp_str now)
{
	while (
	    was.n != 0 && now.n != 0 && was.p[was.n - 1] == now.p[now.n - 1]) {
		was.n--;
		now.n--;
	}
	put_part(b, at, was.n, now);
}

bool
cdp_patch_make(struct cdp_buf *b, struct cdp_str was, struct cdp_str now)
{
	size_t at = 0, start = b->n, max = now.n / 2, n, x, y;

	cdp_buf_putc(b, '[');
	while (b->n - start <= max && !b->over) {
		n = same(was, now);
		if (n == was.n && n == now.n) {
			cdp_buf_putc(b, ']');
			return !b->over;
		}
		while (n != 0 && was.p[n - 1] != ',' && was.p[n - 1] != '{')
			n--;
		at += n;
		was = from(was, n);
		now = from(now, n);
		x = member(was);
		y = member(now);
		if (x == 0 || y == 0) {
			put_rest(b, at, was, now);
			was = now;
		} else if (cdp_str_cmp((struct cdp_str){ now.p, y },
			       (struct cdp_str){ was.p, x }) < 0) {
			put_part(b, at, 0, (struct cdp_str){ now.p, y });
			now = from(now, y);
		} else {
			put_part(b, at, x, CDP_STR(""));
			at += x;
			was = from(was, x);
		}
	}
	b->n = start;
	return false;
}

/* ---- doing it ---- */

static bool
number(struct cdp_str *s, size_t *ret)
{
	size_t v = 0, n = 0;

	while (n < s->n && n < 10 && s->p[n] >= '0' && s->p[n] <= '9')
		v = v * 10 + (size_t)(s->p[n++] - '0');
	if (n == 0 || n == s->n || s->p[n] != ',')
		return false;
	*s = from(*s, n + 1);
	*ret = v;
	return true;
}

/* The text in front, to *to, which moves; not more than s has. */
static bool
text(struct cdp_str *s, char **to)
{
	const char *p = s->p + 1, *end = s->p + s->n;

	if (s->n == 0 || s->p[0] != '"')
		return false;
	for (; p < end && *p != '"'; p++) {
		if (*p == '\\' && (++p == end || (*p != '"' && *p != '\\')))
			return false;
		*(*to)++ = *p;
	}
	if (p == end)
		return false;
	*s = from(*s, (size_t)(p + 1 - s->p));
	return true;
}

bool
cdp_patch_apply(struct cdp_arena *mem, struct cdp_str was, struct cdp_str list,
    size_t max, struct cdp_str *ret)
{
	size_t at, n, done = 0;
	char *p, *to, next;

	if (list.n < 2 || list.p[0] != '[' || was.n > max ||
	    list.n > max - was.n)
		return false;
	p = to = cdp_arena_alloc(mem, was.n + list.n);
	next = list.p[1] == ']' ? list.p[1] : ',';
	for (list = from(list, 1 + (next == ']')); next == ',';
	     list = from(list, 1)) {
		if (!number(&list, &at) || !number(&list, &n) || at < done ||
		    at > was.n || n > was.n - at)
			return false;
		to = mempcpy(to, was.p + done, at - done);
		done = at + n;
		if (!text(&list, &to) || list.n == 0)
			return false;
		next = list.p[0];
	}
	if (next != ']' || list.n != 0)
		return false;
	to = mempcpy(to, was.p + done, was.n - done);
	*ret = (struct cdp_str){ p, (size_t)(to - p) };
	return true;
}
