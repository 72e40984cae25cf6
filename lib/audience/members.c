#include <stdlib.h>

#include "lib/audience/members.h"
#include "lib/base/mem.h"
#include "lib/json/write.h"

#define HELD_MAX ((size_t)512 << 20)

void
cdp_members_init(struct cdp_members *ms, const struct cdp_project *pr,
    const struct cdp_wset *ws)
{
	*ms = (struct cdp_members){ .pr = pr, .ws = ws, .max_bytes = HELD_MAX };
}

/* Forget all but the id and the timer. */
static void
unload(struct cdp_members *ms, struct cdp_member *m)
{
	ms->bytes -= m->bytes;
	m->bytes = 0;
	cdp_hist_free(&m->hist);
	cdp_buf_free(&m->profile);
	free(m->since);
	free(m->next);
	m->since = m->next = NULL;
	m->loaded = false;
}

static void
drop(struct cdp_members *ms, struct cdp_member *m)
{
	cdp_map_del(&ms->by_id, m->due.id);
	cdp_due_set(&ms->due, &m->due, INT64_MAX);
	unload(ms, m);
	free((char *)m->due.id.p);
	free(m);
}

/* Everybody, in no order: only to let them go. */
static struct cdp_member **
everybody(const struct cdp_members *ms, size_t *n)
{
	struct cdp_member **v = cdp_xcalloc(ms->by_id.n + 1, sizeof(*v));
	struct cdp_map_ent *e;
	size_t i = 0;

	*n = 0;
	while ((e = cdp_map_next(&ms->by_id, &i)) != NULL)
		v[(*n)++] = e->val;
	return v;
}

void
cdp_members_free(struct cdp_members *ms)
{
	struct cdp_member **v;
	size_t n;

	v = everybody(ms, &n);
	for (size_t i = 0; i < n; i++)
		drop(ms, v[i]);
	free(v);
	free(ms->dirty);
	cdp_map_free(&ms->by_id);
	cdp_due_free(&ms->due);
	cdp_tape_free(&ms->tape);
	cdp_buf_free(&ms->buf);
}

static struct cdp_member *
make(struct cdp_members *ms, struct cdp_str id)
{
	struct cdp_member *m = cdp_xcalloc(1, sizeof(*m));

	m->due.id = (struct cdp_str){ cdp_xstrndup(id), id.n };
	m->due.due_ms = INT64_MAX;
	*cdp_map_at(&ms->by_id, m->due.id) = m;
	return m;
}

static int
queue(void *arg, struct cdp_str key, int64_t due_ms)
{
	struct cdp_members *ms = arg;
	struct cdp_member *m = make(ms, key);

	m->stored = true;
	cdp_due_set(&ms->due, &m->due, due_ms);
	return 0;
}

int
cdp_members_open(
    struct cdp_members *ms, struct cdp_log *log, struct cdp_err *err)
{
	ms->log = log;
	return cdp_log_due(log, queue, ms, err);
}

static void
count_bytes(struct cdp_members *ms, struct cdp_member *m)
{
	size_t n = sizeof(*m) + ms->pr->naudience * 16 + m->profile.cap;

	n += m->hist.n * 64;
	ms->bytes += n - m->bytes;
	m->bytes = n;
}

/* An empty state: nobody, in nothing. */
static void
clear(struct cdp_members *ms, struct cdp_member *m)
{
	size_t n = ms->pr->naudience;

	m->since = cdp_xcalloc(n + 1, sizeof(*m->since));
	m->next = cdp_xcalloc(n + 1, sizeof(*m->next));
	for (size_t i = 0; i < n; i++) {
		m->since[i] = CDP_TIME_NONE;
		m->next[i] = INT64_MAX;
	}
	m->now_ms = CDP_TIME_NONE;
	m->all = m->loaded = true;
	m->merged = 0;
}

static void
decode(struct cdp_members *ms, struct cdp_member *m)
{
	const struct cdp_tape *t = &ms->tape;
	uint32_t in = cdp_tape_get(t, 0, CDP_STR("in"));

	cdp_tape_i64(t, cdp_tape_get(t, 0, CDP_STR("now")), &m->now_ms);
	for (size_t i = 0; i < ms->pr->naudience; i++)
		cdp_tape_i64(t, cdp_tape_get(t, in, ms->pr->audience[i].key),
		    &m->since[i]);
	cdp_hist_read(&m->hist, ms->ws, t, cdp_tape_get(t, 0, CDP_STR("h")));
	cdp_buf_put(&m->profile,
	    cdp_tape_raw(t, cdp_tape_get(t, 0, CDP_STR("profile"))));
}

static int
load(struct cdp_members *ms, struct cdp_member *m, struct cdp_err *err)
{
	int rc = CDP_END;

	clear(ms, m);
	cdp_buf_reset(&ms->buf);
	if (ms->log != NULL)
		rc = cdp_log_get(ms->log, m->due.id, &ms->buf, err);
	if (rc < 0)
		return rc;
	m->stored = rc == 0;
	if (rc == 0) {
		if (cdp_tape_parse(&ms->tape, cdp_buf_str(&ms->buf), err) != 0)
			return cdp_fail(err, CDP_ECORRUPT,
			    "the state of '%.*s' is no JSON", (int)m->due.id.n,
			    m->due.id.p);
		decode(ms, m);
	}
	count_bytes(ms, m);
	return 0;
}

int
cdp_members_get(struct cdp_members *ms, struct cdp_str id,
    struct cdp_member **ret, struct cdp_err *err)
{
	struct cdp_member *m = cdp_map_get(&ms->by_id, id);
	int rc;

	if (m == NULL)
		m = make(ms, id);
	if (!m->loaded && (rc = load(ms, m, err)) != 0)
		return rc;
	*ret = m;
	return 0;
}

static bool
needed(const struct cdp_members *ms, const struct cdp_member *m)
{
	for (size_t i = 0; i < ms->pr->naudience; i++)
		if (m->since[i] != CDP_TIME_NONE)
			return true;
	return m->hist.n != 0 || m->due.due_ms != INT64_MAX;
}

int
cdp_members_find(struct cdp_members *ms, struct cdp_str id,
    struct cdp_member **ret, struct cdp_err *err)
{
	int rc;

	if ((rc = cdp_members_get(ms, id, ret, err)) != 0)
		return rc;
	if (needed(ms, *ret))
		return 0;
	if (!(*ret)->dirty)
		drop(ms, *ret);
	return CDP_END;
}

static void
mark(struct cdp_members *ms, struct cdp_member *m)
{
	if (m->dirty)
		return;
	if (ms->ndirty == ms->cap) {
		ms->cap = ms->cap == 0 ? 256 : ms->cap * 2;
		ms->dirty =
		    cdp_xreallocarray(ms->dirty, ms->cap, sizeof(*ms->dirty));
	}
	m->dirty = true;
	ms->dirty[ms->ndirty++] = m;
}

static void
file(struct cdp_members *ms, struct cdp_member *m, int64_t due_ms)
{
	cdp_due_set(&ms->due, &m->due, due_ms);
	m->due.due_ms = due_ms;
}

void
cdp_members_settle(struct cdp_members *ms, struct cdp_member *m)
{
	/* Who was read and not judged since has no timer but the stored one. */
	int64_t due = m->all ? m->due.due_ms : INT64_MAX;

	for (size_t i = 0; i < ms->pr->naudience; i++)
		if (m->next[i] < due)
			due = m->next[i];
	file(ms, m, due);
	cdp_hist_expire(&m->hist, ms->ws, m->now_ms);
	if (!needed(ms, m))
		m->now_ms = CDP_TIME_NONE;
	if (m->stored || needed(ms, m))
		mark(ms, m);
	count_bytes(ms, m);
}

void
cdp_members_profile(
    struct cdp_buf *b, struct cdp_str id, const struct cdp_tape *t, uint32_t at)
{
	uint32_t it = 0, key, val;

	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "id", id);
	while (cdp_tape_next(t, at, &it, &key, &val)) {
		if (cdp_tape_streq(t, key, CDP_STR("id")) ||
		    cdp_tape_streq(t, key, CDP_STR("audiences")))
			continue;
		cdp_json_comma(b);
		cdp_buf_put(b, cdp_tape_raw(t, key));
		cdp_buf_putc(b, ':');
		cdp_buf_put(b, cdp_tape_raw(t, val));
	}
	cdp_buf_putc(b, '}');
}

void
cdp_members_join(
    struct cdp_members *ms, struct cdp_member *into, struct cdp_member *from)
{
	for (size_t i = 0; i < ms->pr->naudience; i++) {
		if (into->since[i] == CDP_TIME_NONE ||
		    (from->since[i] != CDP_TIME_NONE &&
			from->since[i] < into->since[i]))
			into->since[i] = from->since[i];
		if (from->next[i] < into->next[i])
			into->next[i] = from->next[i];
		from->since[i] = CDP_TIME_NONE;
		from->next[i] = INT64_MAX;
	}
	cdp_hist_merge(&into->hist, &from->hist, ms->ws);
	cdp_hist_free(&from->hist);
	if (from->now_ms > into->now_ms)
		into->now_ms = from->now_ms;
	if (into->profile.n == 0 && from->profile.n != 0 &&
	    cdp_tape_parse(&ms->tape, cdp_buf_str(&from->profile), NULL) == 0)
		cdp_members_profile(&into->profile, into->due.id, &ms->tape, 0);
	if (from->due.due_ms < into->due.due_ms)
		file(ms, into, from->due.due_ms);
	file(ms, from, INT64_MAX);
	into->all = from->all = true;
	cdp_members_settle(ms, from);
	cdp_members_settle(ms, into);
}

void
cdp_members_forget(struct cdp_members *ms, struct cdp_member *m)
{
	for (size_t i = 0; i < ms->pr->naudience; i++) {
		m->since[i] = CDP_TIME_NONE;
		m->next[i] = INT64_MAX;
	}
	cdp_hist_free(&m->hist);
	m->hist = (struct cdp_hist){ 0 };
	cdp_buf_reset(&m->profile);
	m->all = true;
	m->merged = 0;
	cdp_members_settle(ms, m);
}

static void
encode(struct cdp_members *ms, const struct cdp_member *m, struct cdp_buf *b)
{
	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	cdp_json_ki64(b, "now", m->now_ms);
	cdp_json_key(b, "in");
	cdp_buf_putc(b, '{');
	for (size_t i = 0; i < ms->pr->naudience; i++)
		if (m->since[i] != CDP_TIME_NONE) {
			cdp_json_comma(b);
			cdp_json_str(b, ms->pr->audience[i].key);
			cdp_buf_putc(b, ':');
			cdp_buf_i64(b, m->since[i]);
		}
	cdp_buf_putc(b, '}');
	cdp_json_key(b, "h");
	cdp_hist_write(b, &m->hist, ms->ws);
	if (m->due.due_ms != INT64_MAX && m->profile.n != 0)
		cdp_json_kraw(b, "profile", cdp_buf_str(&m->profile));
	cdp_buf_putc(b, '}');
}

void
cdp_members_save(struct cdp_members *ms, struct cdp_log *log)
{
	for (size_t i = 0; i < ms->ndirty; i++) {
		struct cdp_member *m = ms->dirty[i];

		m->dirty = false;
		cdp_buf_reset(&ms->buf);
		m->stored = needed(ms, m);
		if (m->stored)
			encode(ms, m, &ms->buf);
		cdp_log_put(
		    log, m->due.id, cdp_buf_str(&ms->buf), m->due.due_ms);
	}
	ms->ndirty = 0;
}

void
cdp_members_trim(struct cdp_members *ms)
{
	struct cdp_member **v;
	size_t n;

	if (ms->bytes <= ms->max_bytes || ms->log == NULL)
		return;
	v = everybody(ms, &n);
	for (size_t i = 0; i < n; i++)
		if (v[i]->due.at == 0)
			drop(ms, v[i]);
		else
			unload(ms, v[i]);
	free(v);
}

struct sizes {
	struct cdp_members *ms;
	int64_t *size;
};

static int
add_stored(void *arg, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	struct sizes *s = arg;
	const struct cdp_member *m = cdp_map_get(&s->ms->by_id, key);
	struct cdp_tape *t = &s->ms->tape;
	int64_t since;
	uint32_t in;

	(void)due_ms;
	if ((m != NULL && m->loaded) || cdp_tape_parse(t, val, NULL) != 0)
		return 0;
	in = cdp_tape_get(t, 0, CDP_STR("in"));
	for (size_t i = 0; i < s->ms->pr->naudience; i++)
		s->size[i] += cdp_tape_i64(
		    t, cdp_tape_get(t, in, s->ms->pr->audience[i].key), &since);
	return 0;
}

int
cdp_members_sizes(struct cdp_members *ms, int64_t *size, struct cdp_err *err)
{
	struct sizes s = { ms, size };
	const struct cdp_member *m;
	struct cdp_map_ent *e;
	size_t i = 0;

	while ((e = cdp_map_next(&ms->by_id, &i)) != NULL) {
		m = e->val;
		for (size_t k = 0; m->loaded && k < ms->pr->naudience; k++)
			size[k] += m->since[k] != CDP_TIME_NONE;
	}
	return ms->log != NULL ? cdp_log_each(ms->log, add_stored, &s, err) : 0;
}
