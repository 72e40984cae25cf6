#include "lib/ingest/hold.h"

#include <stdio.h>

#include "lib/base/hash.h"
#include "lib/json/line.h"
#include "lib/json/write.h"

#define KEY_SIZE 512

/* ---- the state ---- */

static void
read_set(struct cdp_hold *h, const char *name, struct cdp_hold_set *ret)
{
	const struct cdp_tape *t = &h->tape;
	uint32_t at = cdp_tape_get(t, 0, cdp_str_of(name));

	*ret = (struct cdp_hold_set){ .ticked = CDP_TIME_NONE };
	if (at == CDP_NOTOK)
		return;
	(void)cdp_tape_i64(t, cdp_tape_get(t, at, CDP_STR("g")), &ret->g);
	(void)cdp_tape_i64(t, cdp_tape_get(t, at, CDP_STR("n")), &ret->n);
	(void)cdp_tape_i64(t, cdp_tape_get(t, at, CDP_STR("tier")), &ret->tier);
	(void)cdp_tape_i64(
	    t, cdp_tape_get(t, at, CDP_STR("tier_ms")), &ret->tier_ms);
	(void)cdp_tape_i64(
	    t, cdp_tape_get(t, at, CDP_STR("ticked")), &ret->ticked);
}

static void
put_set(struct cdp_buf *b, const char *name, const struct cdp_hold_set *s)
{
	if (s->g == 0)
		return;
	cdp_json_key(b, name);
	cdp_buf_putc(b, '{');
	cdp_json_ki64(b, "g", s->g);
	cdp_json_ki64(b, "n", s->n);
	if (s->tier != 0) {
		cdp_json_ki64(b, "tier", s->tier);
		cdp_json_ki64(b, "tier_ms", s->tier_ms);
	}
	if (s->ticked != CDP_TIME_NONE)
		cdp_json_ki64(b, "ticked", s->ticked);
	cdp_buf_putc(b, '}');
}

static void
put_state(struct cdp_hold *h, struct cdp_log *log)
{
	if (log == NULL)
		return;
	cdp_buf_reset(&h->buf);
	cdp_buf_putc(&h->buf, '{');
	put_set(&h->buf, "from", &h->from);
	put_set(&h->buf, "to", &h->to);
	put_set(&h->buf, "again", &h->again);
	cdp_json_kstr(&h->buf, "first", cdp_str_of(h->first));
	cdp_buf_putc(&h->buf, '}');
	cdp_log_put(log, h->key, cdp_buf_str(&h->buf), INT64_MAX);
}

static int
load(struct cdp_hold *h, struct cdp_log *log, struct cdp_str key,
    struct cdp_err *err)
{
	int rc;

	cdp_buf_reset(&h->buf);
	if ((rc = cdp_log_get(log, key, &h->buf, err)) != 0)
		return rc;
	if (cdp_tape_parse(&h->tape, cdp_buf_str(&h->buf), NULL) != 0)
		return cdp_fail(err, CDP_ECORRUPT,
		    "the state '%.*s' of cdp-ingest is not JSON", (int)key.n,
		    key.p);
	return 0;
}

int
cdp_hold_open(struct cdp_hold *h, struct cdp_log *log, struct cdp_str source,
    struct cdp_err *err)
{
	struct cdp_str s;
	int rc;

	h->key = cdp_arena_printf(&h->mem, "hold:%.*s",
	    source.n < KEY_SIZE / 2 ? (int)source.n : KEY_SIZE / 2, source.p);
	if ((rc = load(h, log, h->key, err)) != 0)
		return rc == CDP_END ? 0 : rc;
	read_set(h, "from", &h->from);
	read_set(h, "to", &h->to);
	read_set(h, "again", &h->again);
	s = cdp_tape_str(
	    &h->tape, cdp_tape_get(&h->tape, 0, CDP_STR("first")), &h->mem);
	snprintf(h->first, sizeof(h->first), "%.*s", (int)s.n, s.p);
	return 0;
}

/* ---- lines ---- */

static struct cdp_str
name(const struct cdp_hold *h, int64_t g, int64_t i, char ret[KEY_SIZE])
{
	int n = snprintf(ret, KEY_SIZE, "%.*s:%lld:%lld", (int)h->key.n,
	    h->key.p, (long long)g, (long long)i);

	return (struct cdp_str){ ret, (size_t)n };
}

static void
forget(struct cdp_hold *h, struct cdp_log *log, const struct cdp_hold_set *s)
{
	char key[KEY_SIZE];
	int64_t i;

	for (i = 0; log != NULL && i < s->n; i++)
		cdp_log_put(log, name(h, s->g, i, key), CDP_STR(""), INT64_MAX);
}

static void
put_line(struct cdp_hold *h, struct cdp_log *log, struct cdp_str key,
    const struct cdp_waiting *w)
{
	struct cdp_buf *b = &h->buf;

	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	cdp_json_ki64(b, "ts", w->ts_ms);
	cdp_json_ki64(b, "mark", (int64_t)w->mark);
	cdp_json_ki64(b, "rank", w->rank);
	cdp_json_kstr(b, "id", w->id);
	if (w->thing.n != 0)
		cdp_json_kstr(b, "thing", w->thing);
	if (w->bare)
		cdp_json_kraw(b, "bare", CDP_STR("true"));
	if (w->doubt)
		cdp_json_kraw(b, "doubt", CDP_STR("true"));
	if (w->edit.n != 0)
		cdp_json_kraw(b, "edit", w->edit);
	cdp_json_kraw(b, "line", w->raw);
	cdp_buf_putc(b, '}');
	cdp_log_put(log, key, cdp_buf_str(b), INT64_MAX);
}

/* A line as it was put, to the queue. */
static int
take_line(struct cdp_hold *h, bool again, struct cdp_order *q,
    struct cdp_order *aside, struct cdp_err *err)
{
	const struct cdp_tape *t = &h->tape;
	uint32_t line = cdp_tape_get(t, 0, CDP_STR("line"));
	uint32_t edit = cdp_tape_get(t, 0, CDP_STR("edit"));
	struct cdp_arena mem = { 0 };
	struct cdp_tape tape = { 0 };
	struct cdp_waiting w = { .again = again };
	struct cdp_line ln;
	int64_t mark = 0, rank = 0;
	int rc;

	(void)cdp_tape_i64(t, cdp_tape_get(t, 0, CDP_STR("ts")), &w.ts_ms);
	(void)cdp_tape_i64(t, cdp_tape_get(t, 0, CDP_STR("mark")), &mark);
	(void)cdp_tape_i64(t, cdp_tape_get(t, 0, CDP_STR("rank")), &rank);
	w.mark = (uint64_t)mark;
	w.rank = (int)rank;
	w.id = cdp_tape_str(t, cdp_tape_get(t, 0, CDP_STR("id")), &mem);
	w.thing = cdp_tape_str(t, cdp_tape_get(t, 0, CDP_STR("thing")), &mem);
	w.bare = cdp_tape_get(t, 0, CDP_STR("bare")) != CDP_NOTOK;
	w.raw = cdp_tape_raw(t, line);
	if (edit != CDP_NOTOK)
		w.edit = cdp_tape_raw(t, edit);
	rc = cdp_line_parse(w.raw, 0, &tape, &mem, &ln, err);
	w.type = rc == 0 ? (int)ln.type : 0;
	if (rc == 0)
		cdp_order_push(cdp_tape_get(t, 0, CDP_STR("doubt")) != CDP_NOTOK
			? aside
			: q,
		    &w);
	else
		rc = cdp_fail(err, CDP_ECORRUPT,
		    "what cdp-ingest holds back is not JSON");
	cdp_tape_free(&tape);
	cdp_arena_free(&mem);
	return rc;
}

/* A set to the queue; some may have been erased. */
static int
take_set(struct cdp_hold *h, struct cdp_log *log, const struct cdp_hold_set *s,
    bool again, struct cdp_order *q, struct cdp_order *aside,
    struct cdp_err *err)
{
	char key[KEY_SIZE];
	int64_t i;
	int rc;

	for (i = 0; i < s->n; i++) {
		rc = load(h, log, name(h, s->g, i, key), err);
		if (rc == 0)
			rc = take_line(h, again, q, aside, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* ---- runs ---- */

int
cdp_hold_begin(struct cdp_hold *h, struct cdp_stage *sg, struct cdp_str first,
    struct cdp_order *q, struct cdp_order *aside, struct cdp_err *err)
{
	struct cdp_log *log = cdp_stage_log(sg), *to;
	char hash[17] = "";
	bool same;

	h->begun = true;
	if (log == NULL)
		return 0;
	to = h->to.g != 0 ? cdp_stage_touch(sg) : NULL;
	if (first.n != 0)
		snprintf(hash, sizeof(hash), "%016llx",
		    (unsigned long long)cdp_hash64(first));
	same = strcmp(hash, h->first) == 0;
	/* Without any line, what was left goes; and went, if nothing is left.
	 */
	if (h->to.g != 0 && same && (first.n != 0 || h->to.n == 0)) {
		h->again = h->to;
	} else if (h->to.g != 0) {
		forget(h, to, &h->from);
		h->from = h->to;
	}
	h->to = (struct cdp_hold_set){ 0 };
	memcpy(h->first, hash, sizeof(hash));
	put_state(h, to);
	return take_set(h, log, &h->from, false, q, aside, err);
}

int
cdp_hold_again(struct cdp_hold *h, struct cdp_stage *sg, struct cdp_order *q,
    struct cdp_order *aside, struct cdp_err *err)
{
	return take_set(h, cdp_stage_log(sg), &h->again, true, q, aside, err);
}

uint64_t
cdp_hold_end(struct cdp_hold *h, struct cdp_stage *sg, struct cdp_order *q,
    const struct cdp_hold_set *set, struct cdp_position *pos)
{
	struct cdp_log *log = cdp_stage_touch(sg);
	const struct cdp_waiting *w;
	struct cdp_str last = { 0 };
	int64_t last_ms = 0;
	char key[KEY_SIZE];

	forget(h, log, &h->again);
	h->to = *set;
	h->to.g = (h->again.g > h->from.g ? h->again.g : h->from.g) + 1;
	h->to.n = 0;
	for (; (w = cdp_order_min(q)) != NULL; cdp_order_pop(q)) {
		if (pos != NULL && w->place != 0)
			cdp_position_done(pos, w->place);
		if (w->again && w->ts_ms == last_ms && cdp_str_eq(w->id, last))
			continue;
		if (log != NULL)
			put_line(h, log, name(h, h->to.g, h->to.n, key), w);
		h->to.n++;
		last_ms = w->ts_ms;
		last = cdp_arena_dup(&h->mem, w->id);
	}
	h->again = (struct cdp_hold_set){ 0 };
	if (h->from.g != 0 || h->to.n != 0)
		put_state(h, log);
	else if (log != NULL)
		cdp_log_put(log, h->key, CDP_STR(""), INT64_MAX);
	return (uint64_t)h->to.n;
}

/* ---- erasing ---- */

struct erase {
	struct cdp_suppress *s;
	const struct cdp_identity *rules;
	struct cdp_buf keys; /* those that go, each with a terminator */
	struct cdp_tape tape, line;
	struct cdp_arena mem;
	struct cdp_err *err;
};

/* One state of the log. */
static int
judge(void *arg, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	struct erase *e = arg;
	enum cdp_suppress_why why;
	struct cdp_line ln;
	struct cdp_str type;
	uint32_t at;
	int rc;

	(void)due_ms;
	if (!cdp_str_starts(key, CDP_STR("hold:")) ||
	    cdp_tape_parse(&e->tape, val, NULL) != 0 ||
	    (at = cdp_tape_get(&e->tape, 0, CDP_STR("line"))) == CDP_NOTOK)
		return 0;
	if (e->rules == NULL)
		return cdp_fail(e->err, CDP_ECONF,
		    "cdp-ingest holds events back, and only the project says "
		    "who they are of: name it with -C");
	rc = cdp_line_parse(
	    cdp_tape_raw(&e->tape, at), 0, &e->line, &e->mem, &ln, e->err);
	if (rc == 0)
		rc = cdp_suppress_judge(
		    e->s, e->rules, &ln, CDP_TIME_MIN, &why, &type, e->err);
	if (rc == 0 && why == CDP_SUPPRESS_ERASED) {
		cdp_buf_put(&e->keys, key);
		cdp_buf_putc(&e->keys, '\0');
	}
	cdp_arena_reset(&e->mem);
	return rc;
}

int
cdp_hold_erase(struct cdp_log *log, struct cdp_suppress *s,
    const struct cdp_project *pr, struct cdp_err *err)
{
	struct erase e = { .s = s, .err = err };
	size_t i, n;
	int rc;

	e.rules = pr != NULL ? &pr->identity : NULL;
	rc = cdp_log_each(log, judge, &e, err);
	for (i = 0; rc == 0 && i < e.keys.n; i += n + 1) {
		n = strlen(e.keys.p + i);
		cdp_log_put(log, (struct cdp_str){ e.keys.p + i, n },
		    CDP_STR(""), INT64_MAX);
	}
	if (rc == 0)
		rc = cdp_log_commit(log, err);
	cdp_buf_free(&e.keys);
	cdp_tape_free(&e.tape);
	cdp_tape_free(&e.line);
	cdp_arena_free(&e.mem);
	return rc;
}

void
cdp_hold_free(struct cdp_hold *h)
{
	cdp_buf_free(&h->buf);
	cdp_tape_free(&h->tape);
	cdp_arena_free(&h->mem);
}
