#include <endian.h>

#include "lib/base/time.h"
#include "lib/json/write.h"
#include "lib/store/meta.h"
#include "lib/store/text.h"

void
cdp_meta_start(struct cdp_meta_reader *r, struct cdp_str text)
{
	r->rest = text;
	r->hex = (struct cdp_str){ 0 };
	r->counting = false;
}

void
cdp_meta_free(struct cdp_meta_reader *r)
{
	cdp_tape_free(&r->tape);
	cdp_arena_free(&r->mem);
}

static bool
get_u64(const struct cdp_tape *t, uint32_t at, uint64_t *ret)
{
	int64_t v;

	if (!cdp_tape_i64(t, at, &v) || v < 0)
		return false;
	*ret = (uint64_t)v;
	return true;
}

static int
read_head(struct cdp_meta_reader *r, struct cdp_meta *ret)
{
	const struct cdp_tape *t = &r->tape;
	uint32_t at;

	ret->kind = CDP_META_HEAD;
	if (!get_u64(t, cdp_tape_get(t, 0, CDP_STR("e")), &ret->e) ||
	    !get_u64(t, cdp_tape_get(t, 0, CDP_STR("q")), &ret->q) ||
	    !get_u64(t, cdp_tape_get(t, 0, CDP_STR("n")), &ret->n))
		return CDP_EDATA;
	ret->cfg = cdp_tape_str(t, cdp_tape_get(t, 0, CDP_STR("cfg")), &r->mem);
	ret->hi = cdp_tape_get(t, 0, CDP_STR("hi"));
	ret->first = ret->e;
	ret->t_ms = CDP_TIME_NONE;
	ret->unsynced = cdp_tape_get(t, 0, CDP_STR("sync")) != CDP_NOTOK;
	at = cdp_tape_get(t, 0, CDP_STR("first"));
	if (at != CDP_NOTOK && !get_u64(t, at, &ret->first))
		return CDP_EDATA;
	at = cdp_tape_get(t, 0, CDP_STR("t"));
	if (at != CDP_NOTOK && !cdp_tape_i64(t, at, &ret->t_ms))
		return CDP_EDATA;
	return cdp_tape_isa(t, ret->hi, CDP_OBJECT) ? 0 : CDP_EDATA;
}

static int
read_in(struct cdp_meta_reader *r, uint32_t at, struct cdp_meta *ret)
{
	const struct cdp_tape *t = &r->tape;
	uint32_t it = 0, key, v[3];
	size_t n;

	ret->kind = CDP_META_IN;
	if (cdp_tape_count(t, at) != 3)
		return CDP_EDATA;
	for (n = 0; n < 3; n++)
		cdp_tape_next(t, at, &it, &key, &v[n]);
	ret->o = cdp_tape_str(t, v[0], &r->mem);
	return ret->o.n != 0 && get_u64(t, v[1], &ret->from) &&
		get_u64(t, v[2], &ret->to) && ret->from <= ret->to
	    ? 0
	    : CDP_EDATA;
}

static int
read_out(struct cdp_meta_reader *r, uint32_t at, enum cdp_meta_kind kind,
    struct cdp_meta *ret)
{
	const struct cdp_tape *t = &r->tape;
	uint32_t it = 0, key, v[3];
	size_t n;

	ret->kind = kind;
	if (cdp_tape_count(t, at) != 3)
		return CDP_EDATA;
	for (n = 0; n < 3; n++)
		cdp_tape_next(t, at, &it, &key, &v[n]);
	return get_u64(t, v[0], &ret->i) && get_u64(t, v[1], &ret->j) &&
		get_u64(t, v[2], &ret->count) && ret->i <= ret->j
	    ? 0
	    : CDP_EDATA;
}

static int
read_put(struct cdp_meta_reader *r, uint32_t at, struct cdp_meta *ret)
{
	const struct cdp_tape *t = &r->tape;
	size_t i, n = cdp_tape_count(t, at);
	uint32_t it = 0, key, v[4];

	ret->kind = CDP_META_PUT;
	ret->due_ms = INT64_MAX;
	if (n < 3 || n > 4)
		return CDP_EDATA;
	for (i = 0; i < n; i++)
		cdp_tape_next(t, at, &it, &key, &v[i]);
	ret->key = cdp_tape_str(t, v[2], &r->mem);
	if (!get_u64(t, v[0], &ret->frame) || !get_u64(t, v[1], &ret->off) ||
	    ret->off >= (1 << 24) || ret->key.n == 0 ||
	    (n == 4 && !cdp_tape_i64(t, v[3], &ret->due_ms)))
		return CDP_EDATA;
	return 0;
}

static int
read_hash(struct cdp_meta_reader *r, struct cdp_meta *ret)
{
	uint8_t p[16];
	int i;

	ret->kind = CDP_META_HASH;
	ret->count = 1;
	if (r->counting && r->hex.n % 32 == 0) {
		ret->count = r->hex.n / 32;
		r->hex.n = 0;
		return 0;
	}
	if (r->hex.n < 32 ||
	    !cdp_text_unhex((struct cdp_str){ r->hex.p, 32 }, p, 16))
		return CDP_EDATA;
	r->hex.p += 32;
	r->hex.n -= 32;
	ret->h = (struct cdp_hash128){ 0 };
	for (i = 0; i < 8; i++) {
		ret->h.hi = ret->h.hi << 8 | p[i];
		ret->h.lo = ret->h.lo << 8 | p[8 + i];
	}
	return 0;
}

int
cdp_meta_next(struct cdp_meta_reader *r, struct cdp_meta *ret)
{
	struct cdp_str line;
	uint32_t at;

	if (r->hex.n != 0)
		return read_hash(r, ret);
	if (!cdp_text_line(&r->rest, &line))
		return CDP_END;
	cdp_arena_reset(&r->mem);
	if (cdp_tape_parse(&r->tape, line, NULL) != 0 ||
	    !cdp_tape_isa(&r->tape, 0, CDP_OBJECT))
		return CDP_EDATA;
	at = cdp_tape_get(&r->tape, 0, CDP_STR("put"));
	if (at != CDP_NOTOK)
		return read_put(r, at, ret);
	at = cdp_tape_get(&r->tape, 0, CDP_STR("in"));
	if (at != CDP_NOTOK)
		return read_in(r, at, ret);
	at = cdp_tape_get(&r->tape, 0, CDP_STR("out"));
	if (at != CDP_NOTOK)
		return read_out(r, at, CDP_META_OUT, ret);
	at = cdp_tape_get(&r->tape, 0, CDP_STR("gone"));
	if (at != CDP_NOTOK)
		return read_out(r, at, CDP_META_GONE, ret);
	at = cdp_tape_get(&r->tape, 0, CDP_STR("old"));
	if (at != CDP_NOTOK) {
		ret->kind = CDP_META_OLD;
		return get_u64(&r->tape, at, &ret->count) ? 0 : CDP_EDATA;
	}
	at = cdp_tape_get(&r->tape, 0, CDP_STR("h"));
	if (at != CDP_NOTOK) {
		r->hex = cdp_tape_str(&r->tape, at, &r->mem);
		return read_hash(r, ret);
	}
	return read_head(r, ret);
}

uint64_t
cdp_meta_inputs(const struct cdp_meta *m)
{
	switch (m->kind) {
	case CDP_META_IN:
		return m->to - m->from + 1;
	case CDP_META_HASH:
	case CDP_META_OLD:
		return m->count;
	default:
		return 0;
	}
}

/* The numbers of an array and its end, which is that of the line. */
static void
put_numbers(struct cdp_buf *b, const uint64_t *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (i != 0)
			cdp_buf_putc(b, ',');
		cdp_buf_u64(b, v[i]);
	}
	cdp_buf_puts(b, "]}\n");
}

void
cdp_meta_in(struct cdp_buf *b, struct cdp_str o, uint64_t from, uint64_t to)
{
	cdp_buf_puts(b, "{\"in\":[");
	cdp_json_str(b, o);
	cdp_buf_putc(b, ',');
	put_numbers(b, (uint64_t[]){ from, to }, 2);
}

void
cdp_meta_old(struct cdp_buf *b, uint64_t count)
{
	cdp_buf_printf(b, "{\"old\":%llu}\n", (unsigned long long)count);
}

void
cdp_meta_out(struct cdp_buf *b, uint64_t i, uint64_t j, uint64_t count)
{
	cdp_buf_puts(b, "{\"out\":[");
	put_numbers(b, (uint64_t[]){ i, j, count }, 3);
}

void
cdp_meta_gone(struct cdp_buf *b, uint64_t i, uint64_t j, uint64_t count)
{
	cdp_buf_puts(b, "{\"gone\":[");
	put_numbers(b, (uint64_t[]){ i, j, count }, 3);
}

void
cdp_meta_put(struct cdp_buf *b, uint64_t frame, uint64_t off,
    struct cdp_str key, int64_t due_ms)
{
	cdp_buf_puts(b, "{\"put\":[");
	cdp_buf_u64(b, frame);
	cdp_buf_putc(b, ',');
	cdp_buf_u64(b, off);
	cdp_buf_putc(b, ',');
	cdp_json_str(b, key);
	if (due_ms != INT64_MAX) {
		cdp_buf_putc(b, ',');
		cdp_buf_i64(b, due_ms);
	}
	cdp_buf_puts(b, "]}\n");
}

void
cdp_meta_hash(struct cdp_buf *b, struct cdp_hash128 h)
{
	uint64_t p[2] = { htobe64(h.hi), htobe64(h.lo) };

	cdp_text_hex(b, (const uint8_t *)p, sizeof(p));
}

void
cdp_put_line(
    struct cdp_buf *b, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	cdp_buf_puts(b, "{\"k\":");
	cdp_json_str(b, key);
	if (val.n == 0) {
		cdp_buf_puts(b, ",\"del\":1}\n");
		return;
	}
	if (due_ms != INT64_MAX) {
		cdp_buf_puts(b, ",\"due\":");
		cdp_buf_i64(b, due_ms);
	}
	cdp_buf_puts(b, ",\"v\":");
	cdp_buf_put(b, val);
	cdp_buf_puts(b, "}\n");
}

int
cdp_put_read(struct cdp_str s, struct cdp_str key, struct cdp_buf *tmp,
    struct cdp_str *val, int64_t *due_ms)
{
	const char *nl = s.n != 0 ? memchr(s.p, '\n', s.n) : NULL;

	*due_ms = INT64_MAX;
	if (nl == NULL || !cdp_text_skip(&s, CDP_STR("{\"k\":")))
		return CDP_EDATA;
	s.n = (size_t)(nl - s.p);
	cdp_buf_reset(tmp);
	cdp_json_str(tmp, key);
	if (!cdp_text_skip(&s, cdp_buf_str(tmp)))
		return CDP_END;
	if (cdp_str_is(s, ",\"del\":1}")) {
		*val = (struct cdp_str){ 0 };
		return 0;
	}
	if (cdp_text_skip(&s, CDP_STR(",\"due\":")) &&
	    !cdp_text_number(&s, due_ms))
		return CDP_EDATA;
	if (!cdp_text_skip(&s, CDP_STR(",\"v\":")) || s.n < 2 ||
	    s.p[s.n - 1] != '}')
		return CDP_EDATA;
	*val = (struct cdp_str){ s.p, s.n - 1 };
	return 0;
}
