#include "lib/rule/each.h"

#include "lib/json/write.h"

static const struct cdp_str element = { "$", 1 };
const struct cdp_path cdp_each_element = { { "$", 1 }, &element, 1 };

bool
cdp_each_is(const struct cdp_path *path)
{
	for (size_t i = 0; i < path->n; i++)
		if (cdp_str_eq(path->seg[i], element))
			return true;
	return false;
}

/* An object may have a member of that name. */
static bool
is_over(const struct cdp_tape *t, uint32_t at, struct cdp_str seg)
{
	return cdp_str_eq(seg, element) && !cdp_tape_isa(t, at, CDP_OBJECT);
}

bool
cdp_each(const struct cdp_tape *t, uint32_t at, const struct cdp_path *path,
    cdp_each_fn *fn, void *arg)
{
	struct cdp_path head = *path, rest = *path;
	uint32_t it = 0, key, val;

	for (head.n = 1; rest.n != 0; rest.seg++, rest.n--) {
		if (is_over(t, at, *rest.seg))
			break;
		head.seg = rest.seg;
		at = cdp_tape_path(t, at, &head);
	}
	if (rest.n == 0)
		return at != CDP_NOTOK && fn(arg, t, at);
	if (!cdp_tape_isa(t, at, CDP_ARRAY))
		return false;
	rest.seg++;
	rest.n--;
	while (cdp_tape_next(t, at, &it, &key, &val))
		if (rest.n == 0 ? fn(arg, t, val)
				: cdp_each(t, val, &rest, fn, arg))
			return true;
	return false;
}

static bool
show(void *arg, const struct cdp_tape *t, uint32_t at)
{
	cdp_json_comma(arg);
	cdp_json_canonical(arg, t, at);
	return false;
}

void
cdp_each_show(struct cdp_buf *b, const struct cdp_tape *t, uint32_t at,
    const struct cdp_path *path)
{
	cdp_buf_putc(b, '[');
	cdp_each(t, at, path, show, b);
	cdp_buf_putc(b, ']');
}

/* ---- asking ---- */

struct question {
	const struct cdp_ops *op;
	int64_t now_ms, next;
	const struct cdp_refs *refs;
	bool none, some; /* none is asked for; there was one */
};

static bool
ask(const struct question *q, const struct cdp_tape *t, uint32_t at)
{
	return q->refs != NULL
	    ? cdp_ops_test_refs(q->op, t, at, q->now_ms, q->refs)
	    : cdp_ops_test(q->op, t, at, q->now_ms);
}

static bool
one(void *arg, const struct cdp_tape *t, uint32_t at)
{
	struct question *q = arg;

	if (cdp_tape_kind(t, at) == CDP_NULL)
		return false;
	q->some = true;
	return q->none || ask(q, t, at);
}

bool
cdp_each_test(const struct cdp_ops *op, const struct cdp_tape *t, uint32_t at,
    const struct cdp_path *path, int64_t now_ms, const struct cdp_refs *refs)
{
	struct question q = { .op = op, .now_ms = now_ms, .refs = refs };
	bool yes;

	for (const struct cdp_ops *o = op; o != NULL; o = o->next)
		q.none |= o->kind == CDP_OP_EXISTS && o->ms == 0;
	yes = cdp_each(t, at, path, one, &q);
	return q.none ? !q.some && ask(&q, t, CDP_NOTOK) : yes;
}

static bool
sooner(void *arg, const struct cdp_tape *t, uint32_t at)
{
	struct question *q = arg;
	int64_t ms = cdp_ops_next(q->op, t, at, q->now_ms);

	if (ms < q->next)
		q->next = ms;
	return false;
}

int64_t
cdp_each_next(const struct cdp_ops *op, const struct cdp_tape *t, uint32_t at,
    const struct cdp_path *path, int64_t now_ms)
{
	struct question q = { .op = op, .now_ms = now_ms, .next = INT64_MAX };

	cdp_each(t, at, path, sooner, &q);
	return q.next;
}
