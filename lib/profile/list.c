#include "lib/profile/list.h"

#include "lib/json/write.h"
#include "lib/profile/stamp.h"

static struct cdp_str
own(struct cdp_str s)
{
	return (struct cdp_str){ s.n != 0 ? cdp_xstrndup(s) : NULL, s.n };
}

static void
disown(struct cdp_str *s)
{
	free((void *)(uintptr_t)s->p);
	*s = (struct cdp_str){ NULL, 0 };
}

static void
restamp(struct cdp_stamp *s, struct cdp_stamp to)
{
	struct cdp_stamp copy = cdp_stamp_own(to);

	cdp_stamp_free(s);
	*s = copy;
}

static void
drop(struct cdp_list *l, size_t i)
{
	struct cdp_item *it = &l->item[i];

	cdp_stamp_free(&it->added);
	cdp_stamp_free(&it->last);
	disown(&it->key);
	disown(&it->val);
	l->n--;
	memmove(it, it + 1, (l->n - i) * sizeof(*it));
}

void
cdp_list_free(struct cdp_list *l)
{
	while (l->n != 0)
		drop(l, l->n - 1);
	free(l->item);
	cdp_stamp_free(&l->reset);
	*l = (struct cdp_list){ 0 };
}

/* The place of a new item that was added then. */
static size_t
place(const struct cdp_list *l, struct cdp_stamp added)
{
	size_t i = l->n;

	while (i != 0 && cdp_stamp_cmp(l->item[i - 1].added, added) > 0)
		i--;
	return i;
}

static void
insert(struct cdp_list *l, struct cdp_item it)
{
	size_t i = place(l, it.added);

	if (l->n == l->cap) {
		l->cap = l->cap != 0 ? l->cap * 2 : 4;
		l->item = cdp_xreallocarray(l->item, l->cap, sizeof(*l->item));
	}
	memmove(&l->item[i + 1], &l->item[i], (l->n - i) * sizeof(*l->item));
	l->item[i] = it;
	l->n++;
}

/* An item's added has changed: put it where it belongs now. */
static void
reorder(struct cdp_list *l, size_t i)
{
	struct cdp_item it = l->item[i];

	l->n--;
	memmove(&l->item[i], &l->item[i + 1], (l->n - i) * sizeof(*l->item));
	insert(l, it);
}

static size_t
find(const struct cdp_list *l, struct cdp_str key)
{
	size_t i;

	for (i = 0; key.n != 0 && i < l->n; i++)
		if (cdp_str_eq(l->item[i].key, key))
			return i;
	return l->n;
}

/* Keep the newest so many of the shown, and of the removed. */
static void
trim(struct cdp_list *l, bool shown, size_t keep)
{
	size_t i, n = 0, oldest = l->n;

	for (i = 0; i < l->n; i++) {
		if ((l->item[i].val.n != 0) != shown)
			continue;
		n++;
		if (oldest == l->n ||
		    cdp_stamp_cmp(l->item[i].last, l->item[oldest].last) < 0)
			oldest = i;
	}
	if (n > keep)
		drop(l, oldest);
}

static bool
before_reset(const struct cdp_list *l, struct cdp_stamp at)
{
	return l->has_reset && cdp_stamp_cmp(at, l->reset) <= 0;
}

void
cdp_list_put(struct cdp_list *l, struct cdp_stamp at, struct cdp_str key,
    struct cdp_str val, size_t keep)
{
	struct cdp_item *it;
	size_t i;

	if (before_reset(l, at))
		return;
	if ((i = find(l, key)) == l->n) {
		insert(l,
		    (struct cdp_item){ cdp_stamp_own(at), cdp_stamp_own(at),
			own(key), own(val) });
		trim(l, true, keep);
		return;
	}
	it = &l->item[i];
	if (cdp_stamp_cmp(at, it->last) > 0) {
		bool back = it->val.n == 0;

		disown(&it->val);
		it->val = own(val);
		restamp(&it->last, at);
		if (back) {
			restamp(&it->added, at);
			reorder(l, i);
			trim(l, true, keep);
		}
	} else if (it->val.n != 0 && cdp_stamp_cmp(at, it->added) < 0) {
		restamp(&it->added, at);
		reorder(l, i);
	}
}

void
cdp_list_remove(
    struct cdp_list *l, struct cdp_stamp at, struct cdp_str key, size_t keep)
{
	struct cdp_item *it;
	size_t i;

	if (key.n == 0 || before_reset(l, at))
		return;
	if ((i = find(l, key)) == l->n) {
		insert(l,
		    (struct cdp_item){ cdp_stamp_own(at), cdp_stamp_own(at),
			own(key), { NULL, 0 } });
		trim(l, false, keep);
		return;
	}
	it = &l->item[i];
	if (cdp_stamp_cmp(at, it->last) > 0) {
		disown(&it->val);
		restamp(&it->last, at);
		trim(l, false, keep);
	} else if (it->val.n != 0 && cdp_stamp_cmp(at, it->added) > 0) {
		/* Put, removed, put again; the removal came late. */
		restamp(&it->added, it->last);
		reorder(l, i);
	}
}

void
cdp_list_reset(struct cdp_list *l, struct cdp_stamp at)
{
	size_t i;

	if (before_reset(l, at))
		return;
	restamp(&l->reset, at);
	l->has_reset = true;
	for (i = l->n; i-- > 0;) {
		if (cdp_stamp_cmp(l->item[i].last, at) <= 0)
			drop(l, i);
		else if (cdp_stamp_cmp(l->item[i].added, at) <= 0) {
			restamp(&l->item[i].added, l->item[i].last);
			reorder(l, i);
		}
	}
}

bool
cdp_list_expire(struct cdp_list *l, int64_t ms)
{
	size_t i, n = l->n;

	for (i = l->n; i-- > 0;)
		if (l->item[i].last.ms <= ms)
			drop(l, i);
	return l->n != n;
}

int64_t
cdp_list_oldest(const struct cdp_list *l)
{
	int64_t ms = INT64_MAX;
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->item[i].val.n != 0 && l->item[i].last.ms < ms)
			ms = l->item[i].last.ms;
	return ms;
}

/* Resets first: what they end must not be put after them. */
void
cdp_list_join(struct cdp_list *l, const struct cdp_list *from, size_t keep)
{
	size_t i;

	if (from->has_reset)
		cdp_list_reset(l, from->reset);
	for (i = 0; i < from->n; i++) {
		const struct cdp_item *it = &from->item[i];

		if (it->val.n == 0) {
			cdp_list_remove(l, it->last, it->key, keep);
			continue;
		}
		cdp_list_put(l, it->last, it->key, it->val, keep);
		if (it->key.n != 0)
			cdp_list_put(l, it->added, it->key, it->val, keep);
	}
}

void
cdp_list_show(struct cdp_buf *b, const struct cdp_list *l)
{
	bool any = false;
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (l->item[i].val.n == 0)
			continue;
		cdp_buf_putc(b, any ? ',' : '[');
		cdp_buf_put(b, l->item[i].val);
		any = true;
	}
	if (any)
		cdp_buf_putc(b, ']');
}

static void
put_stamp(struct cdp_buf *b, struct cdp_stamp s)
{
	cdp_buf_i64(b, s.ms);
	cdp_buf_putc(b, ',');
	cdp_json_str(b, s.mid);
}

void
cdp_list_write(struct cdp_buf *b, const struct cdp_list *l)
{
	size_t i;

	cdp_buf_putc(b, '{');
	if (l->has_reset) {
		cdp_buf_puts(b, "\"r\":[");
		put_stamp(b, l->reset);
		cdp_buf_puts(b, "],");
	}
	cdp_buf_puts(b, "\"i\":[");
	for (i = 0; i < l->n; i++) {
		const struct cdp_item *it = &l->item[i];

		cdp_buf_puts(b, i != 0 ? ",[" : "[");
		put_stamp(b, it->added);
		cdp_buf_putc(b, ',');
		put_stamp(b, it->last);
		cdp_buf_putc(b, ',');
		cdp_buf_put(b, it->key.n != 0 ? it->key : CDP_STR("null"));
		if (it->val.n != 0) {
			cdp_buf_putc(b, ',');
			cdp_buf_put(b, it->val);
		}
		cdp_buf_putc(b, ']');
	}
	cdp_buf_puts(b, "]}");
}

static struct cdp_stamp
read_stamp(
    const struct cdp_tape *t, uint32_t ms, uint32_t mid, struct cdp_arena *mem)
{
	struct cdp_stamp s = { 0, cdp_tape_str(t, mid, mem) };

	cdp_tape_i64(t, ms, &s.ms);
	return s;
}

/* An array's first n elements; CDP_NOTOK for those it lacks. */
static void
elements(const struct cdp_tape *t, uint32_t at, uint32_t *ret, size_t n)
{
	uint32_t it = 0, key, val;
	size_t i = 0;

	while (i < n && cdp_tape_next(t, at, &it, &key, &val))
		ret[i++] = val;
	while (i < n)
		ret[i++] = CDP_NOTOK;
}

void
cdp_list_read(struct cdp_list *l, const struct cdp_tape *t, uint32_t at,
    struct cdp_arena *mem)
{
	uint32_t items = cdp_tape_get(t, at, CDP_STR("i")), it = 0, key, val;
	uint32_t reset = cdp_tape_get(t, at, CDP_STR("r")), e[6];

	if (reset != CDP_NOTOK) {
		elements(t, reset, e, 2);
		l->reset = cdp_stamp_own(read_stamp(t, e[0], e[1], mem));
		l->has_reset = true;
	}
	while (cdp_tape_next(t, items, &it, &key, &val)) {
		struct cdp_item item = { 0 };

		elements(t, val, e, 6);
		item.added = cdp_stamp_own(read_stamp(t, e[0], e[1], mem));
		item.last = cdp_stamp_own(read_stamp(t, e[2], e[3], mem));
		if (cdp_tape_kind(t, e[4]) != CDP_NULL)
			item.key = own(cdp_tape_raw(t, e[4]));
		if (e[5] != CDP_NOTOK)
			item.val = own(cdp_tape_raw(t, e[5]));
		insert(l, item);
	}
}
