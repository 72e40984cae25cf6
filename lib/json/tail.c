#include "lib/json/tail.h"

static const struct cdp_str head = { ",\"cdp\":{\"o\":\"", 13 };
static const struct cdp_str mid = { "\",\"n\":", 6 };

/* Whether s stands before end, and how much is before that. */
static bool
stands(const char *p, const char *end, struct cdp_str s)
{
	return (size_t)(end - p) >= s.n && memcmp(end - s.n, s.p, s.n) == 0;
}

bool
cdp_tail_find(struct cdp_str raw, struct cdp_tail *ret)
{
	const char *p = raw.p, *end = p + raw.n, *o;
	uint64_t ten = 1;

	if (!stands(p, end, CDP_STR("}}")))
		return false;
	ret->n = 0;
	for (end -= 2; end > p && (unsigned char)(end[-1] - '0') < 10; end--) {
		ret->n += ten * (uint64_t)(end[-1] - '0');
		ten *= 10;
		if (ret->n > CDP_LINE_N_MAX || ten > 10 * CDP_LINE_N_MAX)
			return false;
	}
	if (ten == 1 || !stands(p, end, mid))
		return false;
	end -= mid.n;
	for (o = end; o > p && o[-1] != '"' && o[-1] != '\\'; o--)
		if (end - o == CDP_LINE_O_MAX)
			return false;
	ret->o = (struct cdp_str){ o, (size_t)(end - o) };
	if (ret->o.n == 0 || !stands(p, o, head))
		return false;
	ret->at = (size_t)(o - p) - head.n;
	return true;
}

/* What is behind the dot of a name, or nothing. */
static struct cdp_str
inner(struct cdp_str name)
{
	const char *dot = name.n != 0 ? memchr(name.p, '.', name.n) : NULL;

	if (dot == NULL)
		return (struct cdp_str){ NULL, 0 };
	return (struct cdp_str){ dot + 1, (size_t)(name.p + name.n - dot - 1) };
}

/*
 * If a brace ends what is before "cdp", it is that of "profile", which has
 * members, none of that name, and no white space around them.
 */
static bool
profile_ends(const struct cdp_line *ln, size_t at, struct cdp_str name)
{
	const struct cdp_tape *t = ln->tape;
	const struct cdp_tok *k;
	uint32_t i, end;

	if (ln->raw.p[at - 1] != '}')
		return true;
	if (!cdp_tape_isa(t, ln->profile, CDP_OBJECT))
		return false;
	k = &t->tok[ln->profile];
	if (k->off + k->len != at || k->next == ln->profile + 1 ||
	    ln->raw.p[k->off + 1] != '"' ||
	    (unsigned char)ln->raw.p[at - 2] <= ' ')
		return false;
	for (i = ln->profile + 1, end = k->next; i < end; i = k[1].next) {
		k = &t->tok[i];
		if (k->escaped ||
		    (k->len == name.n &&
			memcmp(t->p + k->off, name.p, name.n) == 0))
			return false;
	}
	return true;
}

/*
 * Where "cdp" begins if it stands at the end as cdp_tail_find() wants it, by
 * what reading found; else 0.
 */
static size_t
tail_at(const struct cdp_line *ln)
{
	const struct cdp_tok *cdp = &ln->tape->tok[ln->cdp], *o = cdp + 2;
	const struct cdp_tok *n = cdp + 4;
	const char *p = ln->raw.p;
	size_t at;

	if (cdp->off < head.n || cdp->next != ln->cdp + 5 || o->escaped ||
	    o->off + o->len + mid.n != n->off || p[n->off] == '-' ||
	    n->off + n->len + 2 != ln->raw.n)
		return 0;
	at = o->off - head.n;
	return memcmp(p + at, head.p, head.n) == 0 &&
		memcmp(p + n->off - mid.n, mid.p, mid.n) == 0
	    ? at
	    : 0;
}

bool
cdp_tail_is(
    const struct cdp_line *ln, struct cdp_str name, struct cdp_tail *ret)
{
	struct cdp_str raw = ln->raw, in = inner(name);
	size_t at;

	if (!ln->plain || ln->o.n == 0 || ln->cdp == CDP_NOTOK ||
	    raw.p[0] != '{' || raw.p[1] != '"' || (at = tail_at(ln)) == 0 ||
	    (unsigned char)raw.p[at - 1] <= ' ')
		return false;
	*ret = (struct cdp_tail){ at, ln->o, ln->n };
	if (in.p != NULL)
		return profile_ends(ln, at, in);
	return name.n == 0 || ln->profile == CDP_NOTOK;
}

bool
cdp_tail_takes(struct cdp_str raw, const struct cdp_tail *tail,
    struct cdp_str edit, struct cdp_str name)
{
	if (edit.n == 0)
		return true;
	return name.n != 0 && edit.n > name.n + 5 &&
	    memcmp(edit.p + 2, name.p, name.n) == 0 &&
	    edit.p[name.n + 2] == '"' && edit.p[name.n + 3] == ':' &&
	    (inner(name).p == NULL || raw.p[tail->at - 1] == '}');
}

void
cdp_tail_put(struct cdp_buf *b, struct cdp_str raw, const struct cdp_tail *tail,
    struct cdp_str edit, struct cdp_str name, struct cdp_str member, uint64_t n)
{
	struct cdp_str in = inner(name);
	size_t at = tail->at - (edit.n != 0 && in.p != NULL);
	char *p = cdp_buf_room(b, tail->at + edit.n + member.n + 32);

	if (p == NULL)
		return;
	p = mempcpy(p, raw.p, at);
	if (edit.n != 0) {
		*p++ = ',';
		if (in.p != NULL)
			*p++ = '"';
		/* Without its brace and the quote and name that go. */
		name.n = in.p != NULL ? (size_t)(in.p - name.p) + 2 : 1;
		p = mempcpy(p, edit.p + name.n, edit.n - name.n - 1);
		if (in.p != NULL)
			*p++ = '}';
	}
	*p++ = ',';
	p = mempcpy(p, member.p, member.n);
	p = mempcpy(p, "\"n\":", 4);
	b->n = (size_t)(p - b->p);
	cdp_buf_u64(b, n);
	cdp_buf_put(b, CDP_STR("}}"));
}
