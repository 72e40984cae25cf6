#include <stdlib.h>

#include "lib/audience/members.h"
#include "lib/base/mem.h"
#include "lib/json/write.h"

static struct cdp_member *
member(struct cdp_state *k)
{
	return (struct cdp_member *)k; /* its first member */
}

/* In a circle, whose other members may change what it is in. */
static bool
seated(const struct cdp_members *ms, const struct cdp_member *m)
{
	for (size_t k = 0; m->group != NULL && k < ms->pr->ngroup; k++)
		if (m->group[k].shown.n != 0 || m->group[k].other.n != 0)
			return true;
	return false;
}

static bool
needed(const struct cdp_members *ms, const struct cdp_member *m)
{
	for (uint32_t i = 0; i < m->seats.n; i++)
		if (m->seats.v[i].since_ms != CDP_TIME_NONE ||
		    m->seats.v[i].spent)
			return true;
	return m->hist.n != 0 || m->k.due.due_ms != INT64_MAX || seated(ms, m);
}

static bool
empty(void *self, const struct cdp_state *k)
{
	return !needed(self, (const struct cdp_member *)k);
}

static size_t
bytes(void *self, const struct cdp_state *k)
{
	const struct cdp_member *m = (const struct cdp_member *)k;

	(void)self;
	return m->seats.cap * sizeof(*m->seats.v) + m->in.cap + m->profile.cap +
	    cdp_hist_bytes(&m->hist) + cdp_shares_bytes(&m->shares);
}

static void
drop(void *self, struct cdp_state *k)
{
	const struct cdp_members *ms = self;
	struct cdp_member *m = member(k);

	for (size_t i = 0; m->group != NULL && i < ms->pr->ngroup; i++) {
		cdp_mem_disown(&m->group[i].shown);
		cdp_mem_disown(&m->group[i].other);
	}
	free(m->group);
	cdp_hist_free(&m->hist);
	cdp_shares_free(&m->shares);
	cdp_buf_free(&m->profile);
	cdp_buf_free(&m->in);
	free(m->seats.v);
}

static void
clear(void *self, struct cdp_state *k)
{
	const struct cdp_members *ms = self;
	struct cdp_member *m = member(k);

	if (ms->pr->nasked != 0)
		m->group = cdp_xcalloc(ms->pr->ngroup, sizeof(*m->group));
	m->now_ms = CDP_TIME_NONE;
	m->all = true;
}

/* The audience of that key that the project has, as its index + 1; or 0. */
static uint32_t
known(const struct cdp_members *ms, const struct cdp_tape *t, uint32_t key)
{
	struct cdp_arena mem = { 0 };
	void *at;

	at = cdp_map_get(&ms->by_key, cdp_tape_str(t, key, &mem));
	cdp_arena_free(&mem);
	return (uint32_t)(uintptr_t)at;
}

static void
read_seats(const struct cdp_members *ms, struct cdp_member *m,
    const struct cdp_tape *t)
{
	uint32_t it = 0, key, val, i;
	struct cdp_seat s;

	while (cdp_tape_next(
	    t, cdp_tape_get(t, 0, CDP_STR("in")), &it, &key, &val)) {
		if ((i = known(ms, t, key)) == 0)
			continue;
		s = cdp_seats_get(&m->seats, i - 1);
		cdp_tape_i64(t, val, &s.since_ms);
		cdp_seats_set(&m->seats, &s);
	}
	it = 0;
	while (cdp_tape_next(
	    t, cdp_tape_get(t, 0, CDP_STR("spent")), &it, &key, &val)) {
		if ((i = known(ms, t, key)) == 0 ||
		    ms->pr->audience[i - 1].leave_ms == 0)
			continue;
		s = cdp_seats_get(&m->seats, i - 1);
		s.spent = true;
		cdp_seats_set(&m->seats, &s);
	}
}

static void
read_groups(const struct cdp_members *ms, struct cdp_member *m,
    const struct cdp_tape *t, uint32_t at)
{
	struct cdp_arena mem = { 0 };

	for (size_t k = 0; m->group != NULL && k < ms->pr->ngroup; k++) {
		uint32_t list = cdp_tape_get(t, at, ms->pr->group[k].name);
		uint32_t it = 0, key, val;

		if (cdp_tape_next(t, list, &it, &key, &val))
			m->group[k].shown =
			    cdp_mem_own(cdp_tape_str(t, val, &mem));
		if (cdp_tape_next(t, list, &it, &key, &val))
			m->group[k].other =
			    cdp_mem_own(cdp_tape_str(t, val, &mem));
	}
	cdp_arena_free(&mem);
}

static void
read(void *self, struct cdp_state *k, const struct cdp_tape *t)
{
	const struct cdp_members *ms = self;
	struct cdp_member *m = member(k);

	cdp_tape_i64(t, cdp_tape_get(t, 0, CDP_STR("now")), &m->now_ms);
	read_seats(ms, m, t);
	cdp_hist_read(&m->hist, ms->ws, t, cdp_tape_get(t, 0, CDP_STR("h")));
	cdp_shares_read(&m->shares, ms->ws, t, 0);
	read_groups(ms, m, t, cdp_tape_get(t, 0, CDP_STR("g")));
	cdp_buf_put(&m->profile,
	    cdp_tape_raw(t, cdp_tape_get(t, 0, CDP_STR("profile"))));
}

static void
write_groups(
    const struct cdp_members *ms, const struct cdp_member *m, struct cdp_buf *b)
{
	if (!seated(ms, m))
		return;
	cdp_json_key(b, "g");
	cdp_buf_putc(b, '{');
	for (size_t k = 0; k < ms->pr->ngroup; k++) {
		const struct cdp_group_seat *g = &m->group[k];

		if (g->shown.n == 0 && g->other.n == 0)
			continue;
		cdp_json_comma(b);
		cdp_json_str(b, ms->pr->group[k].name);
		cdp_buf_puts(b, ":[");
		cdp_json_str(b, g->shown);
		cdp_buf_putc(b, ',');
		cdp_json_str(b, g->other);
		cdp_buf_putc(b, ']');
	}
	cdp_buf_putc(b, '}');
}

/* Those it has left though they hold, if any. */
static void
write_spent(
    const struct cdp_members *ms, const struct cdp_member *m, struct cdp_buf *b)
{
	bool any = false;

	for (uint32_t i = 0; i < m->seats.n; i++) {
		if (!m->seats.v[i].spent)
			continue;
		if (!any) {
			cdp_json_key(b, "spent");
			cdp_buf_putc(b, '{');
			any = true;
		}
		cdp_json_comma(b);
		cdp_json_str(b, ms->pr->audience[m->seats.v[i].audience].key);
		cdp_buf_puts(b, ":true");
	}
	if (any)
		cdp_buf_putc(b, '}');
}

static void
write(void *self, const struct cdp_state *k, struct cdp_buf *b)
{
	const struct cdp_members *ms = self;
	const struct cdp_member *m = (const struct cdp_member *)k;

	cdp_buf_putc(b, '{');
	cdp_json_ki64(b, "now", m->now_ms);
	cdp_json_key(b, "in");
	cdp_buf_putc(b, '{');
	for (uint32_t i = 0; i < m->seats.n; i++) {
		const struct cdp_seat *s = &m->seats.v[i];

		if (s->since_ms == CDP_TIME_NONE)
			continue;
		if (b->p[b->n - 1] != '{')
			cdp_buf_putc(b, ',');
		cdp_buf_put(b, cdp_buf_str(&ms->name[s->audience]));
		cdp_buf_i64(b, s->since_ms);
	}
	cdp_buf_putc(b, '}');
	write_spent(ms, m, b);
	cdp_json_key(b, "h");
	cdp_hist_write(b, &m->hist, ms->ws);
	if (m->hist.n != 0)
		cdp_shares_write(b, &m->shares, ms->ws);
	write_groups(ms, m, b);
	if ((m->k.due.due_ms != INT64_MAX || seated(ms, m)) &&
	    m->profile.n != 0)
		cdp_json_kraw(b, "profile", cdp_buf_str(&m->profile));
	cdp_buf_putc(b, '}');
}

void
cdp_members_init(struct cdp_members *ms, const struct cdp_project *pr,
    const struct cdp_wset *ws)
{
	static const struct cdp_states_ops ops = {
		.size = sizeof(struct cdp_member),
		.clear = clear,
		.read = read,
		.write = write,
		.empty = empty,
		.bytes = bytes,
		.drop = drop,
	};

	*ms = (struct cdp_members){ .pr = pr, .ws = ws };
	ms->name =
	    cdp_xcalloc(pr->naudience + pr->nasked + 1, sizeof(*ms->name));
	for (size_t i = 0; i < pr->naudience + pr->nasked; i++) {
		*cdp_map_at(&ms->by_key, pr->audience[i].key) =
		    (void *)(uintptr_t)(i + 1);
		cdp_json_str(&ms->name[i], pr->audience[i].key);
		cdp_buf_putc(&ms->name[i], ':');
	}
	cdp_states_init(&ms->all, &ops, ms);
}

void
cdp_members_free(struct cdp_members *ms)
{
	cdp_states_free(&ms->all);
	for (size_t i = 0; i < ms->pr->naudience + ms->pr->nasked; i++)
		cdp_buf_free(&ms->name[i]);
	free(ms->name);
	cdp_map_free(&ms->by_key);
	cdp_tape_free(&ms->tape);
}

int
cdp_members_get(struct cdp_members *ms, struct cdp_str id,
    struct cdp_member **ret, struct cdp_err *err)
{
	struct cdp_state *k;
	int rc = cdp_states_get(&ms->all, id, &k, err);

	*ret = member(k);
	return rc;
}

int
cdp_members_first(struct cdp_members *ms, int64_t until_ms,
    struct cdp_member **ret, struct cdp_err *err)
{
	struct cdp_state *k;
	int rc;

	cdp_states_trim(&ms->all);
	rc = cdp_states_first(&ms->all, until_ms, &k, err);
	*ret = member(k);
	return rc;
}

int
cdp_members_find(struct cdp_members *ms, struct cdp_str id,
    struct cdp_member **ret, struct cdp_err *err)
{
	int rc = cdp_members_get(ms, id, ret, err);

	return rc != 0 || needed(ms, *ret) ? rc : CDP_END;
}

void
cdp_members_settle(struct cdp_members *ms, struct cdp_member *m)
{
	/* Who was read and not judged since has no timer but the stored one. */
	int64_t due = m->all ? m->k.due.due_ms : INT64_MAX;

	for (uint32_t i = 0; i < m->seats.n; i++)
		if (m->seats.v[i].next_ms < due)
			due = m->seats.v[i].next_ms;
	cdp_states_due(&ms->all, &m->k, due);
	cdp_shares_expire(&m->shares, &m->hist, ms->ws, m->now_ms);
	if (!needed(ms, m))
		m->now_ms = CDP_TIME_NONE;
	if (m->k.stored || needed(ms, m))
		cdp_states_changed(&ms->all, &m->k);
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

static void
join_seat(struct cdp_member *into, const struct cdp_seat *f)
{
	struct cdp_seat s = cdp_seats_get(&into->seats, f->audience);

	if (s.since_ms == CDP_TIME_NONE ||
	    (f->since_ms != CDP_TIME_NONE && f->since_ms < s.since_ms))
		s.since_ms = f->since_ms;
	s.spent = s.since_ms == CDP_TIME_NONE && (s.spent || f->spent);
	if (f->next_ms < s.next_ms)
		s.next_ms = f->next_ms;
	cdp_seats_set(&into->seats, &s);
}

void
cdp_members_join(
    struct cdp_members *ms, struct cdp_member *into, struct cdp_member *from)
{
	for (uint32_t i = 0; i < from->seats.n; i++)
		join_seat(into, &from->seats.v[i]);
	from->seats.n = 0;
	from->seats.moved = true;
	cdp_shares_join(
	    &into->shares, &into->hist, &from->shares, &from->hist, ms->ws);
	if (from->now_ms > into->now_ms)
		into->now_ms = from->now_ms;
	if (into->profile.n == 0 && from->profile.n != 0 &&
	    cdp_tape_parse(&ms->tape, cdp_buf_str(&from->profile), NULL) == 0)
		cdp_members_profile(
		    &into->profile, into->k.due.id, &ms->tape, 0);
	if (from->k.due.due_ms < into->k.due.due_ms)
		cdp_states_due(&ms->all, &into->k, from->k.due.due_ms);
	cdp_states_due(&ms->all, &from->k, INT64_MAX);
	into->all = from->all = true;
	cdp_members_settle(ms, from);
	cdp_members_settle(ms, into);
}

/* One who was there all along, and is somebody else's equal from now on. */
static void
begin(struct cdp_member *m, const struct cdp_member *from)
{
	struct cdp_seat s;

	for (uint32_t i = 0; m != from && i < from->seats.n; i++) {
		if (!from->seats.v[i].spent)
			continue;
		s = cdp_seats_get(&m->seats, from->seats.v[i].audience);
		s.spent = true;
		cdp_seats_set(&m->seats, &s);
	}
	if (from->now_ms > m->now_ms)
		m->now_ms = from->now_ms;
	m->all = true;
}

int
cdp_members_split(struct cdp_members *ms, struct cdp_member *m,
    struct cdp_move *v, size_t n, struct cdp_err *err)
{
	struct cdp_member **to = cdp_xcalloc(n + 1, sizeof(m));
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (v[i].of.n == 0)
			continue;
		rc = cdp_members_get(ms, v[i].of, &to[i], err);
		if (rc != 0)
			break;
		v[i].to = &to[i]->shares;
		v[i].to_h = &to[i]->hist;
		begin(to[i], m);
	}
	if (rc == 0)
		cdp_shares_split(&m->shares, &m->hist, ms->ws, v, n);
	m->all = true; /* it may keep none of its sets */
	for (size_t i = 0; rc == 0 && i < n; i++)
		if (to[i] != NULL)
			cdp_members_settle(ms, to[i]);
	if (rc == 0)
		cdp_members_settle(ms, m);
	free(to);
	return rc;
}

void
cdp_members_forget(struct cdp_members *ms, struct cdp_member *m)
{
	cdp_states_clear(&ms->all, &m->k);
}

struct sizes {
	struct cdp_members *ms;
	int64_t *size;
};

static void
add_text(void *arg, struct cdp_str id, struct cdp_str text)
{
	struct sizes *s = arg;
	struct cdp_tape *t = &s->ms->tape;
	uint32_t it = 0, key, val, i;
	int64_t since;

	(void)id;
	if (cdp_tape_parse(t, text, NULL) != 0)
		return;
	while (cdp_tape_next(
	    t, cdp_tape_get(t, 0, CDP_STR("in")), &it, &key, &val))
		if ((i = known(s->ms, t, key)) != 0 &&
		    i <= s->ms->pr->naudience)
			s->size[i - 1] += cdp_tape_i64(t, val, &since);
}

static int
add_stored(void *arg, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	const struct sizes *s = arg;

	(void)due_ms;
	if (!cdp_states_holds(&s->ms->all, key))
		add_text(arg, key, val);
	return 0;
}

int
cdp_members_sizes(struct cdp_members *ms, int64_t *size, struct cdp_err *err)
{
	struct sizes s = { ms, size };

	cdp_states_each(&ms->all, add_text, &s);
	return ms->all.log != NULL
	    ? cdp_log_each(ms->all.log, add_stored, &s, err)
	    : 0;
}
