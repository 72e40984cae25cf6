#include "lib/ingest/position.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/write.h"

/* So many epochs are kept: the newest ones, and ever fewer of older ones. */
#define EPOCHS 24
#define NEWEST 8

struct stream {
	struct cdp_str name;
	uint64_t end;   /* behind what has been looked at */
	uint64_t saved; /* position of the last epoch */
	uint64_t first; /* scratch: the first that waits */
	bool loaded;    /* saved is that of an epoch */
	bool retired;   /* nothing more comes of it */
	bool over;      /* and nothing of it waits */
};

/* Something that waits, or did. */
struct wait {
	uint32_t stream; /* NONE: of no stream */
	bool done;
	uint64_t at;
};

#define NONE UINT32_MAX

struct epoch {
	uint64_t n;
	struct cdp_str at; /* JSON */
};

struct cdp_position {
	struct stream *stream;
	uint32_t nstream;
	uint32_t now; /* of the record that is being read, or NONE */
	uint64_t at, next;
	struct wait *ring; /* from seq head, n of them */
	uint64_t head;
	size_t n, cap; /* cap is a power of two */
	struct epoch epoch[EPOCHS + 1];
	size_t nepoch;
	struct cdp_buf text;
};

struct cdp_position *
cdp_position_new(void)
{
	struct cdp_position *p = cdp_xcalloc(1, sizeof(*p));

	p->now = NONE;
	return p;
}

static struct cdp_str
keep(struct cdp_str s)
{
	char *p = cdp_xmalloc(s.n + 1);

	memcpy(p, s.p, s.n);
	return (struct cdp_str){ p, s.n };
}

static void
forget(struct cdp_str s)
{
	free((char *)(uintptr_t)s.p);
}

void
cdp_position_free(struct cdp_position *p)
{
	uint32_t i;

	if (p == NULL)
		return;
	for (i = 0; i < p->nstream; i++)
		forget(p->stream[i].name);
	for (i = 0; i < p->nepoch; i++)
		forget(p->epoch[i].at);
	free(p->stream);
	free(p->ring);
	cdp_buf_free(&p->text);
	free(p);
}

/* ---- what is read ---- */

static uint32_t
stream_of(struct cdp_position *p, struct cdp_str name)
{
	uint32_t i;

	/* Mostly it is the one of the record before. */
	if (p->now != NONE && cdp_str_eq(p->stream[p->now].name, name))
		return p->now;
	for (i = 0; i < p->nstream; i++)
		if (cdp_str_eq(p->stream[i].name, name))
			return i;
	p->stream =
	    cdp_xreallocarray(p->stream, ++p->nstream, sizeof(*p->stream));
	p->stream[i] = (struct stream){ .name = keep(name) };
	return i;
}

void
cdp_position_begin(
    struct cdp_position *p, struct cdp_str stream, uint64_t at, uint64_t next)
{
	struct stream *s;

	p->now = stream_of(p, stream);
	p->at = at;
	p->next = next;
	s = &p->stream[p->now];
	s->retired = false;
	if (at > s->end)
		s->end = at;
}

void
cdp_position_retire(
    struct cdp_position *p, struct cdp_str prefix, struct cdp_str name)
{
	uint32_t i;

	for (i = 0; i < p->nstream; i++)
		if (cdp_str_starts(p->stream[i].name, prefix) &&
		    !cdp_str_eq(p->stream[i].name, name))
			p->stream[i].retired = true;
}

void
cdp_position_end(struct cdp_position *p)
{
	struct stream *s;

	if (p->now == NONE)
		return;
	s = &p->stream[p->now];
	if (p->next > s->end)
		s->end = p->next;
}

static void
push(struct cdp_position *p, struct wait w)
{
	struct wait *v;
	size_t i, cap = p->cap != 0 ? 2 * p->cap : 1024;

	if (p->n == p->cap) {
		v = cdp_xreallocarray(NULL, cap, sizeof(*v));
		for (i = 0; i < p->n; i++)
			v[(p->head + i) & (cap - 1)] =
			    p->ring[(p->head + i) & (p->cap - 1)];
		free(p->ring);
		p->ring = v;
		p->cap = cap;
	}
	p->ring[(p->head + p->n++) & (p->cap - 1)] = w;
}

void
cdp_position_wait(struct cdp_position *p, uint64_t seq)
{
	if (p->n == 0)
		p->head = seq;
	/* What is between comes from no stream, and holds nothing back. */
	while (p->head + p->n < seq)
		push(p, (struct wait){ .stream = NONE, .done = true });
	push(p, (struct wait){ .stream = p->now, .at = p->at });
}

void
cdp_position_done(struct cdp_position *p, uint64_t seq)
{
	if (seq < p->head || seq - p->head >= p->n)
		return;
	p->ring[seq & (p->cap - 1)].done = true;
	while (p->n != 0 && p->ring[p->head & (p->cap - 1)].done) {
		p->head++;
		p->n--;
	}
}

/* ---- what is kept ---- */

static void
add_epoch(struct cdp_position *p, uint64_t n, struct cdp_str at)
{
	size_t i, drop = 1;
	uint64_t gap, least = UINT64_MAX, last = n;

	p->epoch[p->nepoch++] = (struct epoch){ n, keep(at) };
	if (p->nepoch <= EPOCHS)
		return;
	/* The one that is missed least, for its age. */
	for (i = 1; i + NEWEST < p->nepoch; i++) {
		gap = (p->epoch[i + 1].n - p->epoch[i - 1].n) * 1024 /
		    (last - p->epoch[i].n + 1);
		if (gap < least) {
			least = gap;
			drop = i;
		}
	}
	forget(p->epoch[drop].at);
	memmove(&p->epoch[drop], &p->epoch[drop + 1],
	    (p->nepoch - drop - 1) * sizeof(p->epoch[0]));
	p->nepoch--;
}

int
cdp_position_load(
    struct cdp_position *p, struct cdp_str json, struct cdp_err *err)
{
	struct cdp_arena mem = { 0 };
	struct cdp_tape t = { 0 };
	uint32_t it = 0, jt, i, key, val, at = CDP_NOTOK;
	struct stream *s;
	int64_t n;
	int rc = cdp_tape_parse(&t, json, err);

	while (rc == 0 && cdp_tape_next(&t, 0, &it, &key, &val)) {
		at = cdp_tape_get(&t, val, CDP_STR("at"));
		if (cdp_tape_i64(&t, cdp_tape_get(&t, val, CDP_STR("n")), &n) &&
		    p->nepoch < EPOCHS)
			add_epoch(p, (uint64_t)n, cdp_tape_raw(&t, at));
	}
	for (jt = 0; rc == 0 && cdp_tape_next(&t, at, &jt, &key, &val);) {
		/* Which may move them. */
		i = stream_of(p, cdp_tape_str(&t, key, &mem));
		s = &p->stream[i];
		if (cdp_tape_i64(&t, val, &n))
			s->end = s->saved = (uint64_t)n;
		s->loaded = true;
	}
	cdp_tape_free(&t);
	cdp_arena_free(&mem);
	return rc;
}

/* Each stream's position now; whether any has moved. */
static bool
measure(struct cdp_position *p)
{
	const struct wait *w;
	bool moved = false;
	uint32_t i;
	size_t k;

	for (i = 0; i < p->nstream; i++) {
		p->stream[i].first = p->stream[i].end;
		p->stream[i].over = p->stream[i].retired;
	}
	for (k = 0; k < p->n; k++) {
		w = &p->ring[(p->head + k) & (p->cap - 1)];
		if (w->done || w->stream == NONE)
			continue;
		p->stream[w->stream].over = false;
		if (w->at < p->stream[w->stream].first)
			p->stream[w->stream].first = w->at;
	}
	for (i = 0; i < p->nstream; i++) {
		moved |= p->stream[i].first > p->stream[i].saved ||
		    !p->stream[i].loaded;
		/* Where everything before is taken in, it stays so. */
		if (p->stream[i].loaded &&
		    p->stream[i].first < p->stream[i].saved)
			p->stream[i].first = p->stream[i].saved;
	}
	return moved;
}

static void
put_streams(struct cdp_position *p, struct cdp_buf *b)
{
	uint32_t i;

	cdp_buf_putc(b, '{');
	for (i = 0; i < p->nstream; i++) {
		if (p->stream[i].over)
			continue;
		cdp_json_comma(b);
		cdp_json_str(b, p->stream[i].name);
		cdp_buf_putc(b, ':');
		cdp_buf_u64(b, p->stream[i].first);
		p->stream[i].saved = p->stream[i].first;
		p->stream[i].loaded = true;
	}
	cdp_buf_putc(b, '}');
}

bool
cdp_position_save(struct cdp_position *p, uint64_t n, struct cdp_buf *b)
{
	size_t i;

	if (p->nstream == 0 || !measure(p))
		return false;
	cdp_buf_reset(&p->text);
	put_streams(p, &p->text);
	add_epoch(p, n, cdp_buf_str(&p->text));
	cdp_buf_putc(b, '[');
	for (i = 0; i < p->nepoch; i++) {
		cdp_json_comma(b);
		cdp_buf_printf(b,
		    "{\"n\":%llu,\"at\":", (unsigned long long)p->epoch[i].n);
		cdp_buf_put(b, p->epoch[i].at);
		cdp_buf_putc(b, '}');
	}
	cdp_buf_putc(b, ']');
	return true;
}

/* How many epochs were received: what the next ones told of may be lost. */
static size_t
count_received(const struct cdp_position *p, uint64_t received)
{
	size_t n = p->nepoch;

	if (received == 0) /* nobody has said what was */
		return n != 0 ? n - 1 : 0;
	while (n != 0 && p->epoch[n - 1].n > received)
		n--;
	return n;
}

static bool
is_among(const struct cdp_str *v, size_t n, struct cdp_str name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (cdp_str_eq(v[i], name))
			return true;
	return false;
}

void
cdp_position_resume(const struct cdp_position *p, uint64_t received,
    struct cdp_str prefix,
    void (*fn)(void *arg, struct cdp_str name, uint64_t at), void *arg)
{
	size_t n = count_received(p, received), i = n != 0 ? n - 1 : 0;
	struct cdp_str name, *told = NULL;
	struct cdp_arena mem = { 0 };
	struct cdp_tape t = { 0 };
	uint32_t it, key, val;
	size_t ntold = 0;
	int64_t at;

	for (; i < p->nepoch; i++) {
		if (cdp_tape_parse(&t, p->epoch[i].at, NULL) != 0)
			continue;
		for (it = 0; cdp_tape_next(&t, 0, &it, &key, &val);) {
			name = cdp_tape_str(&t, key, &mem);
			if (!cdp_str_starts(name, prefix) ||
			    !cdp_tape_i64(&t, val, &at) ||
			    is_among(told, ntold, name))
				continue;
			name = cdp_arena_dup(&mem, name);
			told =
			    cdp_xreallocarray(told, ntold + 1, sizeof(*told));
			told[ntold++] = name;
			fn(arg, name, i + 1 == n ? (uint64_t)at : 0);
		}
	}
	free(told);
	cdp_tape_free(&t);
	cdp_arena_free(&mem);
}

uint32_t
cdp_position_safe(const struct cdp_tape *list, uint64_t received)
{
	uint32_t it = 0, key, val, ret = CDP_NOTOK, before = CDP_NOTOK;
	int64_t n;

	while (cdp_tape_next(list, 0, &it, &key, &val)) {
		if (!cdp_tape_i64(
			list, cdp_tape_get(list, val, CDP_STR("n")), &n))
			continue;
		if (received != 0 && (uint64_t)n > received)
			break;
		before = ret;
		ret = cdp_tape_get(list, val, CDP_STR("at"));
	}
	return received != 0 ? ret : before;
}
