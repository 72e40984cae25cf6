#include "lib/audience/explain.h"

#include <stdlib.h>

#include "lib/audience/inside.h"
#include "lib/audience/roll.h"
#include "lib/base/mem.h"
#include "lib/json/write.h"
#include "lib/store/outs.h"

#define TURNS_MAX 10000 /* timers that are let run for the next change */

/* What is said of one audience. */
struct part {
	bool in, asked;
	const char *by; /* in or out whatever the condition says */
	int64_t since;
	int64_t at; /* INT64_MAX: never */
	struct cdp_buf why;
};

/* Who of the circle it holds of. */
static void
tell_group(void *arg, struct cdp_str key, struct cdp_buf *b)
{
	const struct cdp_trial *tr = arg;
	const struct cdp_judge *j = tr->j;
	uintptr_t i = (uintptr_t)cdp_map_get(&j->by_key, key);
	const struct cdp_circle *c;

	if (i == 0)
		return;
	i--;
	c = j->circles->of[j->pr->audience[i].group];
	cdp_json_key(b, "actual");
	if (c == NULL) {
		cdp_buf_puts(b, "null");
		return;
	}
	cdp_buf_putc(b, '{');
	cdp_json_ki64(b, "members", (int64_t)c->n);
	cdp_json_key(b, "hold");
	cdp_buf_putc(b, '[');
	for (size_t k = 0; k < c->n; k++)
		if ((c->v[k].holds >> (i - j->pr->naudience) & 1) != 0) {
			cdp_json_comma(b);
			cdp_json_str(b, c->v[k].id);
		}
	cdp_buf_puts(b, "]}");
}

static void
tell_why(struct cdp_audiences *au, struct cdp_member *m, struct part *v)
{
	struct cdp_judge *j = &au->r.judge;
	struct cdp_trial tr = { .j = j, .m = m };
	struct cdp_err err = { 0 };
	struct cdp_seat s;

	if (m->profile.n != 0 &&
	    cdp_tape_parse(&j->tape, cdp_buf_str(&m->profile), NULL) == 0)
		tr.ctx.profile = &j->tape;
	cdp_judge_begin(&tr);
	tr.ctx.tell_group = tell_group;
	tr.ctx.err = &err;
	tr.ctx.audiences = cdp_judge_members(j, m);
	for (size_t i = 0; i < au->pr->naudience; i++) {
		s = cdp_seats_get(&m->seats, (uint32_t)i);
		v[i].since = s.since_ms;
		v[i].in = s.since_ms != CDP_TIME_NONE;
		if (!v[i].asked)
			continue;
		if (v[i].in != cdp_cond_test(au->pr->audience[i].when, &tr.ctx))
			v[i].by = v[i].in ? "min_stay"
			    : s.spent     ? "leave_after"
					  : NULL;
		cdp_cond_explain(au->pr->audience[i].when, &tr.ctx, &v[i].why);
	}
	cdp_arena_reset(&j->mem);
}

static bool
is_in(const struct cdp_member *m, size_t i)
{
	return cdp_seats_get(&m->seats, (uint32_t)i).since_ms != CDP_TIME_NONE;
}

/* Let time pass, and nothing happen, until each has changed that will. */
static int
look_ahead(struct cdp_audiences *au, struct cdp_member *m, struct part *v,
    struct cdp_err *err)
{
	const struct cdp_stage_opt opt = { 0 };
	struct cdp_outs outs = { .opt = &opt };
	int64_t now = m->now_ms;
	int rc = 0;

	m->all = true;
	cdp_judge_peer(&au->r.judge, m, &outs);
	for (int k = 0; rc == 0; k++) {
		for (size_t i = 0; i < au->pr->naudience; i++)
			if (v[i].at == INT64_MAX && is_in(m, i) != v[i].in)
				v[i].at = now;
		cdp_members_settle(&au->r.members, m);
		if (m->k.due.due_ms == INT64_MAX || k == TURNS_MAX)
			break;
		if (m->k.due.due_ms > now)
			now = m->k.due.due_ms;
		cdp_outs_reset(&outs, NULL);
		rc = cdp_rounds_timers(
		    &au->r, m, NULL, m->k.due.due_ms, &outs, err);
	}
	cdp_outs_free(&outs);
	return rc;
}

static void
put_part(struct cdp_buf *b, const struct cdp_audience *a, const struct part *p)
{
	cdp_json_comma(b);
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "audience", a->key);
	cdp_json_kraw(b, "in", p->in ? CDP_STR("true") : CDP_STR("false"));
	if (p->in)
		cdp_json_ktime(b, "since", p->since);
	if (p->by != NULL)
		cdp_json_kstr(b, "by", cdp_str_of(p->by));
	if (p->at != INT64_MAX)
		cdp_json_ktime(b, "changes_at", p->at);
	cdp_json_kraw(b, "why", cdp_buf_str(&p->why));
	cdp_buf_putc(b, '}');
}

static int
choose(const struct cdp_project *pr, const struct cdp_explained *q,
    struct part *v, struct cdp_err *err)
{
	size_t at;
	int rc;

	for (size_t i = 0; i < pr->naudience; i++) {
		v[i].asked = q->nkey == 0;
		v[i].at = INT64_MAX;
	}
	for (size_t k = 0; k < q->nkey; k++) {
		rc = cdp_roll_find(pr, cdp_str_of(q->key[k]), &at, err);
		if (rc != 0)
			return rc;
		v[at].asked = true;
	}
	return 0;
}

static int
about(struct cdp_audiences *au, const struct cdp_explained *q, struct part *v,
    struct cdp_buf *b, struct cdp_err *err)
{
	struct cdp_member *m;
	int rc = cdp_members_find(&au->r.members, q->id, &m, err);

	if (rc < 0 || (rc == CDP_END && q->profile.n == 0))
		return rc;
	if (m->profile.n == 0)
		cdp_buf_put(&m->profile, q->profile);
	if (au->clock_ms > m->now_ms)
		m->now_ms = au->clock_ms;
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "profile", q->id);
	if (m->now_ms != CDP_TIME_NONE)
		cdp_json_ktime(b, "now", m->now_ms);
	rc = cdp_circles_any(&au->r.circles)
	    ? cdp_circles_of(&au->r.circles, m, err)
	    : 0;
	if (rc != 0)
		return rc;
	tell_why(au, m, v);
	return look_ahead(au, m, v, err);
}

int
cdp_audiences_explain(struct cdp_audiences *au, const struct cdp_explained *q,
    struct cdp_buf *b, struct cdp_err *err)
{
	size_t n = au->pr->naudience;
	struct part *v = cdp_xcalloc(n + 1, sizeof(*v));
	int rc = choose(au->pr, q, v, err);

	if (rc == 0)
		rc = about(au, q, v, b, err);
	if (rc == 0) {
		cdp_json_key(b, "audiences");
		cdp_buf_putc(b, '[');
		for (size_t i = 0; i < n; i++)
			if (v[i].asked)
				put_part(b, &au->pr->audience[i], &v[i]);
		cdp_buf_puts(b, "]}\n");
	}
	for (size_t i = 0; i < n; i++)
		cdp_buf_free(&v[i].why);
	free(v);
	return rc;
}
