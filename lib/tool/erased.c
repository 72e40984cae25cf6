#include "lib/tool/erased.h"

#include "lib/json/write.h"

#define ID_SIZE 22 /* "p_" and 20 hex digits */

void
cdp_erased_add(struct cdp_erased *e, struct cdp_str id)
{
	if (cdp_map_get(&e->ids, id) == NULL)
		*cdp_map_at(&e->ids, cdp_arena_dup(&e->mem, id)) = e;
}

bool
cdp_erased_has(const struct cdp_erased *e, struct cdp_str id)
{
	return id.n != 0 && cdp_map_get(&e->ids, id) != NULL;
}

size_t
cdp_erased_count(const struct cdp_erased *e, struct cdp_str text)
{
	const char *p = text.p, *end = text.p + text.n;
	size_t n = 0;

	while (end - p >= ID_SIZE &&
	    (p = memmem(p, (size_t)(end - p), "p_", 2)) != NULL) {
		if (end - p >= ID_SIZE)
			n += cdp_erased_has(e, (struct cdp_str){ p, ID_SIZE });
		p += 2;
	}
	return n;
}

void
cdp_erased_free(struct cdp_erased *e)
{
	cdp_map_free(&e->ids);
	cdp_tape_free(&e->tape);
	cdp_arena_free(&e->mem);
}

/* The group without them; true if somebody is left. */
static bool
put_circle(struct cdp_erased *e, struct cdp_buf *b)
{
	const struct cdp_tape *t = &e->tape;
	uint32_t list = cdp_tape_get(t, 0, CDP_STR("members"));
	uint32_t it = 0, key, val;
	struct cdp_str id;
	size_t n = 0;

	cdp_buf_puts(b, "{\"members\":[");
	while (cdp_tape_next(t, list, &it, &key, &val)) {
		id = cdp_tape_str(t, val, &e->mem);
		if (cdp_erased_has(e, id))
			continue;
		cdp_json_comma(b);
		cdp_json_str(b, id);
		n++;
	}
	cdp_buf_putc(b, ']');
	for (it = 0; cdp_tape_next(t, 0, &it, &key, &val);) {
		if (val == list)
			continue;
		cdp_json_comma(b);
		cdp_buf_put(b, cdp_tape_raw(t, key));
		cdp_buf_putc(b, ':');
		cdp_buf_put(b, cdp_tape_raw(t, val));
	}
	cdp_buf_putc(b, '}');
	return n != 0;
}

/* The member of that name, or the whole if it is a string, is one of them. */
static bool
names(struct cdp_erased *e, const char *member)
{
	const struct cdp_tape *t = &e->tape;
	uint32_t at = cdp_tape_isa(t, 0, CDP_OBJECT)
	    ? cdp_tape_get(t, 0, cdp_str_of(member))
	    : 0;

	return cdp_tape_isa(t, at, CDP_STRING) &&
	    cdp_erased_has(e, cdp_tape_str(t, at, &e->mem));
}

enum cdp_compact_keep
cdp_erased_state(
    void *arg, struct cdp_str key, struct cdp_str val, struct cdp_buf *ret)
{
	struct cdp_erased *e = arg;

	if (cdp_erased_has(e, key) ||
	    (cdp_str_starts(key, CDP_STR("x:")) &&
		cdp_erased_has(e, (struct cdp_str){ key.p + 2, key.n - 2 })))
		return CDP_DROP;
	if (cdp_erased_count(e, val) == 0 ||
	    cdp_tape_parse(&e->tape, val, NULL) != 0)
		return CDP_KEEP;
	if (cdp_str_starts(key, CDP_STR("g:")))
		return put_circle(e, ret) ? CDP_REPLACE : CDP_DROP;
	/* An identifier; who was merged into one of them; what is owed. */
	return names(e, "into") || names(e, "profile") ? CDP_DROP : CDP_KEEP;
}

/* What names one of them at all was caused by them. */
enum cdp_compact_keep
cdp_erased_record(
    void *arg, enum cdp_rec_kind kind, struct cdp_str json, struct cdp_buf *ret)
{
	(void)kind;
	(void)ret;
	return cdp_erased_count(arg, json) != 0 ? CDP_DROP : CDP_KEEP;
}
