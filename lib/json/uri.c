#include "lib/json/uri.h"

#include "lib/base/buf.h"

/* Each with the marks that belong to it: "http:", "//host", "?q", "#f". */
struct parts {
	struct cdp_str scheme, host, path, query, fragment;
};

/* Move what of *s comes before the first byte of set into the result. */
static struct cdp_str
upto(struct cdp_str *s, const char *set)
{
	struct cdp_str ret = { s->p, 0 };

	while (ret.n < s->n && strchr(set, s->p[ret.n]) == NULL)
		ret.n++;
	s->p += ret.n;
	s->n -= ret.n;
	return ret;
}

static struct parts
split(struct cdp_str s)
{
	struct cdp_str all = s;
	struct parts p = { .scheme = upto(&s, ":/?#") };

	if (s.n == 0 || s.p[0] != ':' || p.scheme.n == 0) {
		p.scheme.n = 0;
		s = all;
	} else {
		p.scheme.n++;
		s.p++;
		s.n--;
	}
	if (cdp_str_starts(s, CDP_STR("//"))) {
		struct cdp_str rest = { s.p + 2, s.n - 2 };

		p.host = upto(&rest, "/?#");
		p.host = (struct cdp_str){ s.p, p.host.n + 2 };
		s = rest;
	}
	p.path = upto(&s, "?#");
	p.query = upto(&s, "#");
	p.fragment = s;
	return p;
}

/* Drop the last segment of the path that begins at from, and its slash. */
static void
pop(struct cdp_buf *b, size_t from)
{
	while (b->n > from && b->p[--b->n] != '/')
		;
}

/* "." is here, ".." is above. */
static void
put_path(struct cdp_buf *b, struct cdp_str s)
{
	size_t from = b->n, n;

	while (s.n != 0) {
		bool slash = s.p[0] == '/', last;

		for (n = slash; n < s.n && s.p[n] != '/';)
			n++;
		struct cdp_str seg = { s.p + slash, n - slash };

		last = n == s.n;
		if (cdp_str_is(seg, "..") || cdp_str_is(seg, ".")) {
			if (seg.n == 2)
				pop(b, from);
			if (last && slash)
				cdp_buf_putc(b, '/');
		} else {
			cdp_buf_put(b, (struct cdp_str){ s.p, n });
		}
		s.p += n;
		s.n -= n;
	}
}

/* The path of ref beside what base's path names. */
static void
merge(struct cdp_buf *b, const struct parts *base, struct cdp_str path)
{
	struct cdp_buf both = { 0 };
	size_t n = base->path.n;

	while (n != 0 && base->path.p[n - 1] != '/')
		n--;
	if (n != 0)
		cdp_buf_put(&both, (struct cdp_str){ base->path.p, n });
	else if (base->host.n != 0)
		cdp_buf_putc(&both, '/');
	cdp_buf_put(&both, path);
	put_path(b, cdp_buf_str(&both));
	cdp_buf_free(&both);
}

struct cdp_str
cdp_uri_resolve(struct cdp_str base, struct cdp_str ref, struct cdp_arena *mem)
{
	struct parts a = split(base), r = split(ref);
	struct cdp_buf b = { 0 };
	struct cdp_str ret;

	cdp_buf_put(&b, r.scheme.n != 0 ? r.scheme : a.scheme);
	if (r.scheme.n != 0 || r.host.n != 0) {
		cdp_buf_put(&b, r.host);
		put_path(&b, r.path);
		cdp_buf_put(&b, r.query);
	} else {
		cdp_buf_put(&b, a.host);
		if (r.path.n == 0)
			cdp_buf_put(&b, a.path);
		else if (r.path.p[0] == '/')
			put_path(&b, r.path);
		else
			merge(&b, &a, r.path);
		cdp_buf_put(
		    &b, r.path.n == 0 && r.query.n == 0 ? a.query : r.query);
	}
	cdp_buf_put(&b, r.fragment);
	ret = cdp_arena_dup(mem, cdp_buf_str(&b));
	cdp_buf_free(&b);
	return ret;
}

struct cdp_str
cdp_uri_fragment(struct cdp_str *uri)
{
	const char *hash = uri->n != 0 ? memchr(uri->p, '#', uri->n) : NULL;
	struct cdp_str ret = { NULL, 0 };

	if (hash == NULL)
		return ret;
	ret.p = hash + 1;
	ret.n = uri->n - (size_t)(ret.p - uri->p);
	uri->n = (size_t)(hash - uri->p);
	return ret;
}
