#include <stdlib.h>

#include "lib/audience/judge.h"
#include "lib/base/mem.h"
#include "lib/json/write.h"
#include "lib/rule/ops.h"

#define IS_IN ":true,"
#define EDIT "{\"profile.audiences\":"

/* Many people are in none, or in the same few; who is in more is told apart. */
#define OWN_EDIT 86

static int
cmp_text(const void *a, const void *b)
{
	const struct cdp_audience *const *x = a, *const *y = b;

	return cdp_str_cmp((*x)->key, (*y)->key);
}

/* Memberships are written in the order of keys. */
static void
sort_keys(struct cdp_judge *j)
{
	const struct cdp_audience *v = j->pr->audience, **sorted;
	size_t n = j->pr->naudience;

	sorted = cdp_xcalloc(n + 1, sizeof(*sorted));
	for (size_t i = 0; i < n; i++)
		sorted[i] = &v[i];
	qsort(sorted, n, sizeof(*sorted), cmp_text);
	j->rank = cdp_xcalloc(n + 1, sizeof(*j->rank));
	j->text = cdp_xcalloc(n + 1, sizeof(*j->text));
	for (size_t i = 0; i < n; i++) {
		j->rank[sorted[i] - v] = (uint32_t)i;
		cdp_json_str(&j->text[i], sorted[i]->key);
		cdp_buf_puts(&j->text[i], IS_IN);
	}
	free(sorted);
}

void
cdp_judge_init(struct cdp_judge *j, const struct cdp_project *pr)
{
	size_t n = pr->naudience + pr->nasked;

	*j = (struct cdp_judge){ .pr = pr, .ws = cdp_wset_new() };
	for (size_t i = 0; i < n; i++) {
		cdp_wset_add(j->ws, pr->audience[i].when);
		cdp_cond_want(pr->audience[i].when, pr->jq);
		*cdp_map_at(&j->by_key, pr->audience[i].key) =
		    (void *)(uintptr_t)(i + 1);
	}
	j->found = cdp_xcalloc(cdp_wset_traits(j->ws) + 1, sizeof(*j->found));
	cdp_readers_init(&j->readers, pr, j->ws);
	cdp_marks_init(&j->asked, n);
	cdp_marks_init(&j->ranks, n);
	j->changed.v = cdp_xcalloc(n + 1, sizeof(*j->changed.v));
	sort_keys(j);
}

void
cdp_judge_free(struct cdp_judge *j)
{
	for (size_t i = 0; i < j->pr->naudience; i++)
		cdp_buf_free(&j->text[i]);
	free(j->text);
	free(j->rank);
	free(j->changed.v);
	free(j->found);
	cdp_marks_free(&j->asked);
	cdp_marks_free(&j->ranks);
	cdp_readers_free(&j->readers);
	cdp_wset_free(j->ws);
	cdp_map_free(&j->by_key);
	cdp_arena_free(&j->mem);
	cdp_buf_free(&j->line);
	cdp_buf_free(&j->whose);
	cdp_buf_free(&j->was);
	cdp_tape_free(&j->tape);
}

/* The audience of that name + 1; a condition asks by the same bytes again. */
static uintptr_t
named(struct cdp_judge *j, struct cdp_str name)
{
	struct cdp_judge_name *nm =
	    &j->name[(uintptr_t)name.p / 8 % CDP_JUDGE_NAMES];

	if (nm->p != name.p) {
		nm->p = name.p;
		nm->i = (uintptr_t)cdp_map_get(&j->by_key, name);
	}
	return nm->i;
}

static bool
is_member(void *arg, struct cdp_str name)
{
	const struct cdp_trial *tr = arg;
	uintptr_t i = named(tr->j, name);

	return i != 0 &&
	    cdp_seats_get(&tr->m->seats, (uint32_t)i - 1).since_ms !=
	    CDP_TIME_NONE;
}

static bool
of_members(void *arg, struct cdp_str key, enum cdp_members_ask ask)
{
	const struct cdp_trial *tr = arg;
	uintptr_t i = (uintptr_t)cdp_map_get(&tr->j->by_key, key);

	return i != 0 && cdp_circles_holds(tr->j->circles, tr->m, i - 1, ask);
}

/* Make m->in anew; what it was is in j->was. */
static void
renew(struct cdp_judge *j, struct cdp_member *m)
{
	struct cdp_buf *b = &m->in, was = j->was;
	uint32_t at;

	j->was = *b;
	*b = was;
	m->seats.moved = false;
	for (uint32_t i = 0; i < m->seats.n; i++)
		if (m->seats.v[i].since_ms != CDP_TIME_NONE &&
		    m->seats.v[i].audience < j->pr->naudience)
			cdp_marks_set(
			    &j->ranks, j->rank[m->seats.v[i].audience]);
	cdp_buf_reset(b);
	cdp_buf_puts(b, EDIT "{");
	for (at = 0; cdp_marks_take(&j->ranks, &at);)
		cdp_buf_put(b, cdp_buf_str(&j->text[at]));
	if (b->p[b->n - 1] == ',')
		b->n--;
	cdp_buf_puts(b, "}}");
}

/* The value in m->in. */
static struct cdp_str
members(const struct cdp_member *m)
{
	static const size_t head = sizeof(EDIT) - 1;

	return (struct cdp_str){ m->in.p + head, m->in.n - head - 1 };
}

struct cdp_str
cdp_judge_members(struct cdp_judge *j, struct cdp_member *m)
{
	if (m->in.n == 0 || m->seats.moved) {
		renew(j, m);
		m->unsaid = true;
	}
	return members(m);
}

struct cdp_edit
cdp_judge_edit(struct cdp_judge *j, struct cdp_member *m)
{
	struct cdp_edit ed = { .spot = &m->spot, .anew = m->unsaid };

	if (m->in.n == 0 || m->seats.moved) {
		renew(j, m);
		ed.was = cdp_buf_str(&j->was);
	}
	ed.edit = cdp_buf_str(&m->in);
	m->unsaid = ed.edit.n < OWN_EDIT;
	if (m->unsaid)
		ed.spot = NULL;
	return ed;
}

static void
touched(void *arg, size_t slot)
{
	struct cdp_judge *j = arg;

	cdp_marks_add(&j->asked, &j->readers.slot[slot]);
}

static void
report(struct cdp_judge *j, size_t i, const struct cdp_err *err,
    struct cdp_outs *outs)
{
	struct cdp_str key = j->pr->audience[i].key;
	struct cdp_str field, msg;

	field = cdp_arena_printf(&j->mem, "audiences.%.*s", (int)key.n, key.p);
	msg = cdp_arena_printf(
	    &j->mem, "audience '%.*s': %s", (int)key.n, key.p, err->msg);
	cdp_outs_reject(outs, "jq_error", field, msg);
}

/*
 * Whether who has this seat is in the audience at now, given that its
 * condition holds or does not; and when time may change that.
 */
static bool
stays(const struct cdp_audience *a, struct cdp_seat *s, int64_t now, bool holds)
{
	bool was = s->since_ms != CDP_TIME_NONE, is = holds;
	int64_t due = INT64_MAX;

	if (was && !holds && now < cdp_ops_plus(s->since_ms, a->stay_ms)) {
		is = true;
		due = cdp_ops_plus(s->since_ms, a->stay_ms);
	}
	if (a->leave_ms != 0) {
		if (was && now >= cdp_ops_plus(s->since_ms, a->leave_ms)) {
			s->spent = holds;
			return false;
		}
		s->spent &= holds;
		if (s->spent)
			return false;
		if (is && due == INT64_MAX)
			due =
			    cdp_ops_plus(was ? s->since_ms : now, a->leave_ms);
	}
	if (is && due < s->next_ms)
		s->next_ms = due;
	return is;
}

/*
 * Who was not judged in this run: all that can be true of it.  What is false
 * of those of whom nothing is known stays so until an event, a membership or
 * a part of the profile says otherwise.
 */
static void
ask_all(struct cdp_judge *j, const struct cdp_member *m)
{
	uint32_t i, turn;

	cdp_marks_add(&j->asked, &j->readers.fresh);
	cdp_hist_slots(&m->hist, touched, j);
	for (i = 0; i < m->seats.n; i++) {
		turn = j->readers.turn[m->seats.v[i].audience];
		cdp_marks_set(&j->asked, turn);
		cdp_marks_add(&j->asked, &j->readers.naming[turn]);
	}
}

/* What the condition looks at beside the history. */
static void
show(struct cdp_trial *tr, const struct cdp_cond *c, bool members)
{
	struct cdp_judge *j = tr->j;

	/* At a timer the kept profile is read for those that ask for it. */
	if (tr->ctx.profile == NULL &&
	    (cdp_cond_uses(c) & CDP_USES_PROFILE) != 0 &&
	    tr->m->profile.n != 0 &&
	    cdp_tape_parse(&j->tape, cdp_buf_str(&tr->m->profile), NULL) == 0)
		tr->ctx.profile = &j->tape;
	tr->ctx.audiences = CDP_STR("");
	if (!members)
		return;
	tr->ctx.audiences = cdp_judge_members(j, tr->m);
}

/* Ask the audience whose turn it is; whether m enters or leaves it. */
static bool
judge_one(struct cdp_trial *tr, uint32_t turn)
{
	uint32_t i = (uint32_t)tr->j->pr->order[turn];
	const struct cdp_audience *a = &tr->j->pr->audience[i];
	struct cdp_seat s = cdp_seats_get(&tr->m->seats, i), had = s;
	bool was = s.since_ms != CDP_TIME_NONE, is, holds;
	struct cdp_err *err = tr->ctx.err;

	err->code = 0;
	show(tr, a->when, tr->j->readers.jq[turn]);
	holds = cdp_cond_ask(a->when, &tr->ctx, &s.next_ms);
	if (err->code != 0)
		report(tr->j, i, err, tr->outs);
	is = stays(a, &s, tr->m->now_ms, holds);
	if (is != was)
		s.since_ms = is ? tr->m->now_ms : CDP_TIME_NONE;
	if (is != was || s.spent != had.spent || s.next_ms != had.next_ms)
		cdp_seats_set(&tr->m->seats, &s);
	return is != was;
}

void
cdp_judge_begin(struct cdp_trial *tr)
{
	tr->ctx.now_ms = tr->m->now_ms;
	tr->ctx.hist = &tr->m->hist;
	tr->ctx.in_audience = is_member;
	tr->ctx.in_group = of_members;
	tr->ctx.arg = tr;
	tr->ctx.jq = tr->j->pr->jq;
	tr->ctx.mem = &tr->j->mem;
}

/* Whether the audience whose turn it is belongs to the part. */
static bool
mine(const struct cdp_judge *j, uint32_t turn)
{
	return j->part == CDP_JUDGE_ALL ||
	    (j->part == CDP_JUDGE_GROUPED) ==
	    j->pr->audience[j->pr->order[turn]].grouped;
}

/*
 * Ask the conditions that are marked, and, as audiences come after those they
 * name, those that a change concerns.
 */
static void
judge(struct cdp_trial *tr)
{
	struct cdp_judge *j = tr->j;
	struct cdp_member *m = tr->m;
	struct cdp_err err; /* of one condition; it is big */

	cdp_judge_begin(tr);
	if (++j->turn == 0)
		memset(j->found, 0, cdp_wset_traits(j->ws) * sizeof(*j->found));
	j->turn += j->turn == 0;
	tr->ctx.found = j->found;
	tr->ctx.turn = j->turn;
	tr->ctx.err = &err;
	if (m->all)
		ask_all(j, m);
	/* A program may have been asked before what it looks at has changed. */
	if (m->moved)
		cdp_marks_add(&j->asked, &j->readers.members);
	m->all = m->moved = false;
	j->changed.n = 0;
	for (uint32_t i = 0; cdp_marks_take(&j->asked, &i); i++) {
		if (!mine(j, i) || !judge_one(tr, i))
			continue;
		m->moved = true;
		if (j->pr->order[i] < j->pr->naudience)
			j->changed.v[j->changed.n++] =
			    (uint32_t)j->pr->order[i];
		cdp_marks_add(&j->asked, &j->readers.naming[i]);
		cdp_marks_add_behind(&j->asked, &j->readers.members, i);
	}
	cdp_arena_reset(&j->mem);
}

/* Keep the profile as it stands, and mark who reads what is new in it. */
static void
take_profile(
    struct cdp_judge *j, struct cdp_member *m, const struct cdp_line *ln)
{
	struct cdp_buf old = m->profile;

	cdp_members_profile(&j->line, m->k.due.id, ln->tape, ln->profile);
	if (cdp_str_eq(cdp_buf_str(&old), cdp_buf_str(&j->line)))
		return;
	if (old.n != 0 &&
	    cdp_readers_differ_text(&j->readers, cdp_buf_str(&old), ln->tape,
		ln->profile, &j->asked))
		;
	else if (old.n == 0 ||
	    cdp_tape_parse(&j->tape, cdp_buf_str(&old), NULL) != 0)
		m->all = true;
	else
		cdp_readers_differ(
		    &j->readers, &j->tape, 0, ln->tape, ln->profile, &j->asked);
	m->profile = j->line;
	j->line = old;
}

void
cdp_judge_line(struct cdp_judge *j, struct cdp_member *m,
    const struct cdp_line *ln, struct cdp_outs *outs)
{
	struct cdp_trial tr = { .j = j, .m = m, .outs = outs };

	tr.ctx.profile = ln->tape;
	tr.ctx.profile_at = ln->profile;
	tr.ctx.line = ln;
	take_profile(j, m, ln);
	cdp_marks_add(&j->asked, &j->readers.line);
	cdp_shares_event(
	    &m->shares, &m->hist, j->ws, &j->pr->identity, ln, touched, j);
	judge(&tr);
}

/* Where no line is: by the profile as last seen. */
static void
judge_kept(struct cdp_judge *j, struct cdp_member *m, struct cdp_outs *outs)
{
	struct cdp_trial tr = { .j = j, .m = m, .outs = outs };

	judge(&tr);
	cdp_judge_tell(j, m, m->now_ms, outs);
}

void
cdp_judge_timer(struct cdp_judge *j, struct cdp_member *m,
    enum cdp_judge_part part, struct cdp_outs *outs)
{
	cdp_marks_add(&j->asked, &j->readers.line);
	for (uint32_t i = 0; i < m->seats.n; i++)
		if (m->seats.v[i].next_ms <= m->now_ms)
			cdp_marks_set(
			    &j->asked, j->readers.turn[m->seats.v[i].audience]);
	/* The other part may have changed what any of these names. */
	for (uint32_t i = 0; part == CDP_JUDGE_GROUPED && i < j->readers.n; i++)
		if (j->pr->audience[j->pr->order[i]].grouped)
			cdp_marks_set(&j->asked, i);
	j->part = part;
	judge_kept(j, m, outs);
	j->part = CDP_JUDGE_ALL;
}

void
cdp_judge_peer(struct cdp_judge *j, struct cdp_member *m, struct cdp_outs *outs)
{
	cdp_marks_add(&j->asked, &j->readers.peers);
	cdp_marks_add(&j->asked, &j->readers.line);
	judge_kept(j, m, outs);
}

static void
tell_one(struct cdp_judge *j, const struct cdp_member *m, uint32_t i,
    struct cdp_str ts, const struct cdp_edit *ed, struct cdp_outs *outs)
{
	const struct cdp_audience *a = &j->pr->audience[i];
	bool in = cdp_seats_get(&m->seats, i).since_ms != CDP_TIME_NONE;
	struct cdp_str name = cdp_buf_str(&j->text[j->rank[i]]), part[4];
	struct cdp_buf *b = &j->line;
	char id[25];

	name.n -= sizeof(IS_IN) - 1;
	part[0] = a->key;
	part[1] = m->k.due.id;
	part[2] = ts;
	part[3] = in ? CDP_STR("true") : CDP_STR("false");
	cdp_hash_sha256(part, 4, id, 24);
	cdp_buf_reset(b);
	cdp_buf_put(b,
	    in ? CDP_STR("{\"type\":\"track\",\"event\":\"Audience Entered\","
			 "\"messageId\":\"aud_")
	       : CDP_STR("{\"type\":\"track\",\"event\":\"Audience Exited\","
			 "\"messageId\":\"aud_"));
	cdp_buf_put(b, (struct cdp_str){ id, 24 });
	cdp_buf_put(b, CDP_STR("\",\"timestamp\":\""));
	cdp_buf_put(b, ts);
	cdp_buf_put(b, CDP_STR("\",\"properties\":{\"audience_key\":"));
	cdp_buf_put(b, name);
	cdp_buf_putc(b, ',');
	cdp_buf_put(b, name);
	cdp_buf_put(b, in ? CDP_STR(":true}") : CDP_STR(":false}"));
	cdp_outs_line_with(outs, cdp_buf_str(b), cdp_buf_str(&j->whose), ed);
}

void
cdp_judge_tell(struct cdp_judge *j, struct cdp_member *m, int64_t ts_ms,
    struct cdp_outs *outs)
{
	struct cdp_buf *b = &j->whose;
	char ts[CDP_TIME_SIZE];
	struct cdp_edit ed;

	if (j->changed.n == 0)
		return;
	ed = cdp_judge_edit(j, m);
	cdp_time_format(ts_ms, ts);
	cdp_buf_reset(b);
	cdp_buf_puts(b, "\"profile\":");
	/* The kept profile is an object of ours with an id: never empty. */
	cdp_buf_put(b, (struct cdp_str){ m->profile.p, m->profile.n - 1 });
	cdp_json_kraw(b, "audiences", members(m));
	cdp_buf_puts(b, "}}");
	for (size_t i = 0; i < j->changed.n; i++)
		tell_one(j, m, j->changed.v[i], cdp_str_of(ts),
		    i == 0 && ed.spot != NULL ? &ed : NULL, outs);
}
