#include "lib/rule/list.h"

#include "lib/json/write.h"
#include "lib/rule/stamp.h"

static void
drop(struct cdp_list *l, size_t i)
{
	struct cdp_item *it = &l->item[i];

	cdp_stamp_free(&it->at);
	cdp_mem_disown(&it->key);
	cdp_mem_disown(&it->val);
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

static void
insert(struct cdp_list *l, struct cdp_item it)
{
	size_t i = l->n;

	while (i != 0 && cdp_stamp_cmp(l->item[i - 1].at, it.at) > 0)
		i--;
	if (l->n == l->cap) {
		l->cap = l->cap != 0 ? l->cap * 2 : 4;
		l->item = cdp_xreallocarray(l->item, l->cap, sizeof(*l->item));
	}
	memmove(&l->item[i + 1], &l->item[i], (l->n - i) * sizeof(*l->item));
	l->item[i] = it;
	l->n++;
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

/* Keep the newest so many of the shown, or of the removed. */
static void
trim(struct cdp_list *l, bool shown, size_t keep)
{
	size_t i, n = 0, oldest = 0;

	for (i = l->n; i-- > 0;)
		if ((l->item[i].val.n != 0) == shown) {
			n++;
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

/* The newest event of a key: it was put, or (val empty) removed. */
static void
set(struct cdp_list *l, struct cdp_stamp at, struct cdp_str key,
    struct cdp_str val, size_t keep)
{
	size_t i = find(l, key);

	if (before_reset(l, at))
		return;
	if (i < l->n) {
		if (cdp_stamp_cmp(at, l->item[i].at) < 0)
			return;
		drop(l, i);
	}
	insert(l,
	    (struct cdp_item){
		cdp_stamp_own(at), cdp_mem_own(key), cdp_mem_own(val) });
	trim(l, val.n != 0, keep);
}

void
cdp_list_put(struct cdp_list *l, struct cdp_stamp at, struct cdp_str key,
    struct cdp_str val, size_t keep)
{
	set(l, at, key, val, keep);
}

void
cdp_list_remove(
    struct cdp_list *l, struct cdp_stamp at, struct cdp_str key, size_t keep)
{
	if (key.n != 0)
		set(l, at, key, CDP_STR(""), keep);
}

void
cdp_list_reset(struct cdp_list *l, struct cdp_stamp at)
{
	if (before_reset(l, at))
		return;
	cdp_stamp_free(&l->reset);
	l->reset = cdp_stamp_own(at);
	l->has_reset = true;
	while (l->n != 0 && cdp_stamp_cmp(l->item[0].at, at) <= 0)
		drop(l, 0);
}

bool
cdp_list_expire(struct cdp_list *l, int64_t ms)
{
	size_t n = l->n;

	while (l->n != 0 && l->item[0].at.ms <= ms)
		drop(l, 0);
	return l->n != n;
}

int64_t
cdp_list_oldest(const struct cdp_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->item[i].val.n != 0)
			return l->item[i].at.ms;
	return INT64_MAX;
}

/* The reset first: what it ends must not be put after it. */
void
cdp_list_join(struct cdp_list *l, const struct cdp_list *from, size_t keep)
{
	size_t i;

	if (from->has_reset)
		cdp_list_reset(l, from->reset);
	for (i = 0; i < from->n; i++)
		set(l, from->item[i].at, from->item[i].key, from->item[i].val,
		    keep);
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
		put_stamp(b, it->at);
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
	uint32_t reset = cdp_tape_get(t, at, CDP_STR("r")), e[4];

	if (reset != CDP_NOTOK) {
		elements(t, reset, e, 2);
		l->reset = cdp_stamp_own(read_stamp(t, e[0], e[1], mem));
		l->has_reset = true;
	}
	while (cdp_tape_next(t, items, &it, &key, &val)) {
		struct cdp_item item = { 0 };

		elements(t, val, e, 4);
		item.at = cdp_stamp_own(read_stamp(t, e[0], e[1], mem));
		if (cdp_tape_kind(t, e[2]) != CDP_NULL)
			item.key = cdp_mem_own(cdp_tape_raw(t, e[2]));
		if (e[3] != CDP_NOTOK)
			item.val = cdp_mem_own(cdp_tape_raw(t, e[3]));
		insert(l, item);
	}
}
