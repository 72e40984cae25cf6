#include <stdlib.h>

#include "lib/audience/judge.h"
#include "lib/base/mem.h"
#include "lib/json/write.h"
#include "lib/rule/ops.h"

/* One judgement: for the callbacks. */
struct trial {
	struct cdp_judge *j;
	struct cdp_member *m;
};

struct use {
	struct cdp_judge *j;
	size_t audience;
};

static void
add_user(void *arg, size_t slot)
{
	const struct use *u = arg;
	struct cdp_judge *j = u->j;
	size_t n = j->nuser[slot];

	if (n != 0 && j->user[slot][n - 1] == u->audience)
		return;
	j->user[slot] =
	    cdp_xreallocarray(j->user[slot], n + 1, sizeof(**j->user));
	j->user[slot][n] = u->audience;
	j->nuser[slot]++;
}

static void
sort_keys(struct cdp_judge *j)
{
	const struct cdp_audience *v = j->pr->audience;
	size_t k;

	j->sorted = cdp_xcalloc(j->pr->naudience + 1, sizeof(*j->sorted));
	for (size_t i = 0; i < j->pr->naudience; i++) {
		for (k = i; k > 0; k--) {
			if (cdp_str_cmp(v[j->sorted[k - 1]].key, v[i].key) < 0)
				break;
			j->sorted[k] = j->sorted[k - 1];
		}
		j->sorted[k] = i;
	}
}

void
cdp_judge_init(struct cdp_judge *j, const struct cdp_project *pr)
{
	size_t n = pr->naudience + pr->nasked;

	*j = (struct cdp_judge){ .pr = pr, .ws = cdp_wset_new(), .n = n };
	for (size_t i = 0; i < n; i++) {
		cdp_wset_add(j->ws, pr->audience[i].when);
		cdp_cond_want(pr->audience[i].when, pr->jq);
		*cdp_map_at(&j->by_key, pr->audience[i].key) =
		    (void *)(uintptr_t)(i + 1);
	}
	j->user = cdp_xcalloc(cdp_wset_count(j->ws) + 1, sizeof(*j->user));
	j->nuser = cdp_xcalloc(cdp_wset_count(j->ws) + 1, sizeof(*j->nuser));
	for (size_t i = 0; i < n; i++) {
		struct use u = { j, i };

		cdp_cond_slots(pr->audience[i].when, add_user, &u);
	}
	sort_keys(j);
	j->asked = cdp_xcalloc(n + 1, sizeof(*j->asked));
	j->changed = cdp_xcalloc(n + 1, sizeof(*j->changed));
}

void
cdp_judge_free(struct cdp_judge *j)
{
	for (size_t i = 0; i < cdp_wset_count(j->ws); i++)
		free(j->user[i]);
	free(j->user);
	free(j->nuser);
	free(j->sorted);
	free(j->asked);
	free(j->changed);
	cdp_wset_free(j->ws);
	cdp_map_free(&j->by_key);
	cdp_arena_free(&j->mem);
	cdp_buf_free(&j->members);
	cdp_buf_free(&j->line);
	cdp_tape_free(&j->tape);
}

static bool
is_member(void *arg, struct cdp_str name)
{
	const struct trial *tr = arg;
	uintptr_t i = (uintptr_t)cdp_map_get(&tr->j->by_key, name);

	return i != 0 && tr->m->since[i - 1] != CDP_TIME_NONE;
}

static bool
of_members(void *arg, struct cdp_str key, enum cdp_members_ask ask)
{
	const struct trial *tr = arg;
	uintptr_t i = (uintptr_t)cdp_map_get(&tr->j->by_key, key);

	return i != 0 && cdp_circles_holds(tr->j->circles, tr->m, i - 1, ask);
}

/* The memberships as JSON, sorted by key: what the line gets, and what jq
 * sees. */
static void
write_members(struct cdp_judge *j, const struct cdp_member *m)
{
	struct cdp_buf *b = &j->members;

	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	for (size_t i = 0; i < j->pr->naudience; i++) {
		if (m->since[j->sorted[i]] == CDP_TIME_NONE)
			continue;
		cdp_json_comma(b);
		cdp_json_str(b, j->pr->audience[j->sorted[i]].key);
		cdp_buf_puts(b, ":true");
	}
	cdp_buf_putc(b, '}');
}

static void
touched(void *arg, size_t slot)
{
	struct cdp_judge *j = arg;

	for (size_t i = 0; i < j->nuser[slot]; i++)
		j->asked[j->user[slot][i]] = true;
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
 * Whether m is in audience i at its now, given that its condition holds or
 * does not; and when time may change that.
 */
static bool
stays(const struct cdp_audience *a, struct cdp_member *m, size_t i, bool holds)
{
	bool was = m->since[i] != CDP_TIME_NONE, is = holds;
	int64_t now = m->now_ms, due = INT64_MAX;

	if (was && !holds && now < cdp_ops_plus(m->since[i], a->stay_ms)) {
		is = true;
		due = cdp_ops_plus(m->since[i], a->stay_ms);
	}
	if (a->leave_ms != 0) {
		if (was && now >= cdp_ops_plus(m->since[i], a->leave_ms)) {
			m->spent[i] = holds;
			return false;
		}
		m->spent[i] &= holds;
		if (m->spent[i])
			return false;
		if (is && due == INT64_MAX)
			due =
			    cdp_ops_plus(was ? m->since[i] : now, a->leave_ms);
	}
	if (is && due < m->next[i])
		m->next[i] = due;
	return is;
}

/*
 * Ask the conditions that are marked, and, as audiences come after those they
 * name, those that a change concerns.
 */
static void
judge(struct cdp_judge *j, struct cdp_ctx *ctx, struct cdp_member *m,
    struct cdp_outs *outs)
{
	struct trial tr = { j, m };
	bool any = false, was, is, holds;
	struct cdp_err err;

	ctx->now_ms = m->now_ms;
	ctx->hist = &m->hist;
	ctx->in_audience = is_member;
	ctx->in_group = of_members;
	ctx->arg = &tr;
	ctx->jq = j->pr->jq;
	ctx->mem = &j->mem;
	ctx->err = &err;
	for (size_t o = 0; o < j->n; o++) {
		size_t i = j->pr->order[o];
		const struct cdp_cond *c = j->pr->audience[i].when;
		unsigned uses = cdp_cond_uses(c);

		j->changed[i] = false;
		if (!j->asked[i] && !m->all &&
		    !(any &&
			(uses & (CDP_USES_AUDIENCES | CDP_USES_GROUPS)) != 0))
			continue;
		if ((uses & CDP_USES_AUDIENCES) != 0) {
			write_members(j, m);
			ctx->audiences = cdp_buf_str(&j->members);
		}
		err = (struct cdp_err){ 0 };
		was = m->since[i] != CDP_TIME_NONE;
		holds = cdp_cond_test(c, ctx);
		if (err.code != 0)
			report(j, i, &err, outs);
		m->next[i] = cdp_cond_next(c, ctx);
		is = stays(&j->pr->audience[i], m, i, holds);
		j->changed[i] = is != was;
		any |= is != was;
		if (is != was)
			m->since[i] = is ? m->now_ms : CDP_TIME_NONE;
	}
	m->all = false;
	write_members(j, m);
	cdp_arena_reset(&j->mem);
}

/* Keep the profile as it stands; whether it says what it said when it was
 * last judged. */
static bool
same_profile(
    struct cdp_judge *j, struct cdp_member *m, const struct cdp_line *ln)
{
	struct cdp_buf old = m->profile;

	cdp_members_profile(&j->line, m->k.due.id, ln->tape, ln->profile);
	if (cdp_str_eq(cdp_buf_str(&old), cdp_buf_str(&j->line)))
		return true;
	m->profile = j->line;
	j->line = old;
	return false;
}

void
cdp_judge_line(struct cdp_judge *j, struct cdp_member *m,
    const struct cdp_line *ln, struct cdp_outs *outs)
{
	unsigned uses = CDP_USES_LINE;
	struct cdp_ctx ctx = {
		.profile = ln->tape, .profile_at = ln->profile, .line = ln
	};

	if (!same_profile(j, m, ln))
		uses |= CDP_USES_PROFILE;
	for (size_t i = 0; i < j->n; i++)
		j->asked[i] =
		    (cdp_cond_uses(j->pr->audience[i].when) & uses) != 0;
	cdp_shares_event(
	    &m->shares, &m->hist, j->ws, &j->pr->identity, ln, touched, j);
	judge(j, &ctx, m, outs);
}

/* Where no line is: by the profile as last seen. */
static void
judge_kept(struct cdp_judge *j, struct cdp_member *m, struct cdp_outs *outs)
{
	struct cdp_ctx ctx = { 0 };

	if (m->profile.n != 0 &&
	    cdp_tape_parse(&j->tape, cdp_buf_str(&m->profile), NULL) == 0)
		ctx.profile = &j->tape;
	judge(j, &ctx, m, outs);
	cdp_judge_tell(j, m, m->now_ms, outs);
}

void
cdp_judge_timer(
    struct cdp_judge *j, struct cdp_member *m, struct cdp_outs *outs)
{
	for (size_t i = 0; i < j->n; i++)
		j->asked[i] = m->next[i] <= m->now_ms ||
		    (cdp_cond_uses(j->pr->audience[i].when) & CDP_USES_LINE) !=
			0;
	judge_kept(j, m, outs);
}

void
cdp_judge_peer(struct cdp_judge *j, struct cdp_member *m, struct cdp_outs *outs)
{
	for (size_t i = 0; i < j->n; i++)
		j->asked[i] = (cdp_cond_uses(j->pr->audience[i].when) &
				  CDP_USES_GROUPS) != 0;
	judge_kept(j, m, outs);
}

static void
tell_one(struct cdp_judge *j, const struct cdp_member *m, size_t i,
    int64_t ts_ms, struct cdp_outs *outs)
{
	const struct cdp_audience *a = &j->pr->audience[i];
	bool in = m->since[i] != CDP_TIME_NONE;
	struct cdp_buf *b = &j->line;
	struct cdp_str part[4];
	char id[25], ts[CDP_TIME_SIZE];

	cdp_time_format(ts_ms, ts);
	part[0] = a->key;
	part[1] = m->k.due.id;
	part[2] = cdp_str_of(ts);
	part[3] = in ? CDP_STR("true") : CDP_STR("false");
	cdp_hash_sha256(part, 4, id, 24);
	cdp_buf_reset(b);
	cdp_buf_printf(b,
	    "{\"type\":\"track\",\"event\":\"Audience %s\","
	    "\"messageId\":\"aud_%s\",\"timestamp\":\"%s\","
	    "\"properties\":{",
	    in ? "Entered" : "Exited", id, ts);
	cdp_json_kstr(b, "audience_key", a->key);
	cdp_buf_putc(b, ',');
	cdp_json_str(b, a->key);
	cdp_buf_puts(b, in ? ":true}" : ":false}");
	cdp_json_key(b, "profile");
	/* The kept profile is an object of ours with an id: never empty. */
	cdp_buf_put(b, (struct cdp_str){ m->profile.p, m->profile.n - 1 });
	cdp_json_kraw(b, "audiences", cdp_buf_str(&j->members));
	cdp_buf_puts(b, "}}");
	cdp_outs_line(outs, cdp_buf_str(b));
}

void
cdp_judge_tell(struct cdp_judge *j, const struct cdp_member *m, int64_t ts_ms,
    struct cdp_outs *outs)
{
	for (size_t i = 0; i < j->pr->naudience; i++)
		if (j->changed[i])
			tell_one(j, m, i, ts_ms, outs);
}
