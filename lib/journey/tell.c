#include "lib/journey/chart.h"
#include "lib/journey/engine.h"
#include "lib/journey/story.h"

#include "lib/json/write.h"

#define SAY(s) (int)(s).n, (s).p

struct telling {
	struct cdp_scene sc;
	struct cdp_buf *b;
	size_t jx;
	bool bare; /* nothing is known of the audiences that it is in */
};

static void
say(struct telling *t, struct cdp_str s)
{
	cdp_json_comma(t->b);
	cdp_json_str(t->b, s);
}

/* What w waits for: its events, its audience or its condition. */
static struct cdp_str
trigger_text(struct telling *t, const struct cdp_when *w)
{
	struct cdp_str s = CDP_STR("");
	size_t i;

	for (i = 0; w->has_event && i < w->event.nevent; i++)
		s = cdp_arena_printf(t->sc.mem, "%.*s%s%.*s", SAY(s),
		    i != 0 ? " or " : "", SAY(w->event.event[i]));
	if (!w->has_event)
		s = cdp_scene_cause(&t->sc, w);
	if (w->cond != NULL && (w->has_event || w->audience.n != 0))
		s = cdp_arena_printf(t->sc.mem, "%.*s, if %.*s", SAY(s),
		    SAY(cdp_cond_text(w->cond)));
	return s;
}

static struct cdp_str
time_text(struct telling *t, const char *what, int64_t ms)
{
	char when[CDP_TIME_SIZE];

	cdp_time_format(ms, when);
	return cdp_arena_printf(t->sc.mem, "%s%s", what, when);
}

static void
say_way(struct telling *t, const struct cdp_instance *in,
    const struct cdp_hold_event *e)
{
	size_t to = e->go == CDP_STEP_NEXT ? in->step + 1 : e->go;

	say(t,
	    cdp_arena_printf(t->sc.mem, "goes to %.*s by %.*s",
		SAY(to < in->jr->nstep ? in->jr->step[to].id : CDP_STR("end")),
		SAY(trigger_text(t, &e->when))));
}

/* What may happen to it next. */
static void
put_next(struct telling *t, const struct cdp_instance *in)
{
	const struct cdp_journey *jr = in->jr;
	const struct cdp_step *st = NULL;
	size_t i;

	cdp_json_key(t->b, "next");
	cdp_buf_putc(t->b, '[');
	if (in->due_ms != INT64_MAX && in->step < jr->nstep)
		st = &jr->step[in->step];
	if (in->due_ms != INT64_MAX)
		say(t, time_text(t, "goes on at ", in->due_ms));
	for (i = 0; st != NULL && i < st->nevent; i++)
		say_way(t, in, &st->event[i]);
	if (st != NULL && st->has_restart)
		say(t,
		    cdp_arena_printf(t->sc.mem, "waits anew by %.*s",
			SAY(trigger_text(t, &st->restart))));
	for (i = 0; i < jr->nexit; i++)
		say(t,
		    cdp_arena_printf(t->sc.mem, "ends as %.*s by %.*s",
			SAY(jr->exit[i].outcome),
			SAY(trigger_text(t, &jr->exit[i].when))));
	for (i = 0; i < in->nundo; i++)
		say(t,
		    in->undo[i].action[0] == '\0'
			? time_text(t,
			      cdp_arena_printf(t->sc.mem, "%s waits until ",
				  in->undo[i].destination)
				  .p,
			      in->undo[i].due_ms)
			: in->undo[i].due_ms == INT64_MAX
			? cdp_arena_printf(t->sc.mem, "%s %s at the end",
			      in->undo[i].action, in->undo[i].destination)
			: time_text(t,
			      cdp_arena_printf(t->sc.mem, "%s %s at ",
				  in->undo[i].action, in->undo[i].destination)
				  .p,
			      in->undo[i].due_ms));
	cdp_buf_putc(t->b, ']');
}

static void
put_instance(struct telling *t, const struct cdp_instance *in)
{
	cdp_json_comma(t->b);
	cdp_buf_putc(t->b, '{');
	cdp_json_kstr(t->b, "instance", cdp_str_of(in->id));
	if (in->per.n != 0)
		cdp_json_kraw(t->b, "per", cdp_buf_str(&in->per));
	cdp_json_kstr(t->b, "version", cdp_str_of(in->jr->version));
	if (in->jr != &t->sc.js->pr->journey[t->jx])
		cdp_json_kraw(t->b, "edited_since", CDP_STR("true"));
	cdp_json_ktime(t->b, "entered", in->entered_ms);
	if (in->ending != NULL)
		cdp_json_kstr(t->b, "ending", cdp_str_of(in->ending));
	else if (in->step < in->jr->nstep)
		cdp_json_kstr(t->b, "step", in->jr->step[in->step].id);
	if (in->control)
		cdp_json_kraw(t->b, "control", CDP_STR("true"));
	if (in->reached)
		cdp_json_kraw(t->b, "goal", CDP_STR("true"));
	if (in->kept.n != 0)
		cdp_json_kraw(t->b, "kept", cdp_buf_str(&in->kept));
	cdp_act_why(t->b, t->sc.mem, in, CDP_STR(""));
	put_next(t, in);
	cdp_buf_putc(t->b, '}');
}

/* Of what cannot be asked now nothing is said. */
static void
say_condition(struct telling *t, const struct cdp_cond *c)
{
	if (c == NULL || (cdp_cond_uses(c) & CDP_USES_LINE) != 0 ||
	    (t->bare && (cdp_cond_uses(c) & CDP_USES_AUDIENCES) != 0) ||
	    (t->sc.profile == NULL &&
		(cdp_cond_uses(c) & CDP_USES_PROFILE) != 0) ||
	    cdp_scene_holds(&t->sc, NULL, c))
		return;
	say(t,
	    cdp_arena_printf(t->sc.mem, "not so now: %.*s",
		SAY(cdp_scene_culprit(&t->sc, c))));
}

static void
say_past(struct telling *t, const struct cdp_past *past)
{
	const struct cdp_journey *jr = &t->sc.js->pr->journey[t->jx];
	const struct cdp_last *last;
	size_t i;

	for (i = 0; i < past->last.n; i++) {
		last = &past->last.v[i];
		say(t,
		    jr->again == CDP_AGAIN_ONCE
			? time_text(t, "enters once, and did at ", last->at_ms)
			: time_text(t, "not again before ",
			      last->at_ms + jr->again_ms));
	}
	if (past->refused != NULL)
		say(t,
		    cdp_arena_printf(t->sc.mem, "%.*s: %s",
			SAY(time_text(
			    t, "did not enter at ", past->refused_ms)),
			past->refused));
}

/* Why nobody enters now who is not in it. */
static void
put_why_not(struct telling *t)
{
	const struct cdp_journey *jr = &t->sc.js->pr->journey[t->jx];
	const struct cdp_past *past = cdp_traveller_past(t->sc.p, t->jx, false);
	const struct cdp_instance *in;
	size_t i;

	cdp_json_key(t->b, "why_not");
	cdp_buf_putc(t->b, '[');
	say(t,
	    cdp_arena_printf(t->sc.mem, "enters %s %.*s%s",
		jr->enter.has_event || jr->enter.audience.n != 0 ? "by"
								 : "when",
		SAY(trigger_text(t, &jr->enter)),
		past != NULL && past->held ? "; that holds, and must become "
					     "true anew"
					   : ""));
	say_condition(t, jr->enter.cond);
	if (past != NULL)
		say_past(t, past);
	for (i = 0; i < t->sc.p->nins; i++) {
		in = t->sc.p->ins[i];
		if (cdp_journey_excludes(jr, in->jr) &&
		    in->jr->priority >= jr->priority)
			say(t,
			    cdp_arena_printf(t->sc.mem, "excluded by %.*s",
				SAY(in->jr->key)));
	}
	if (cdp_journey_holds_out(jr, t->sc.p->k.due.id))
		say(t, CDP_STR("enters only to be held out"));
	cdp_buf_putc(t->b, ']');
}

static void
put_journey(struct telling *t)
{
	const struct cdp_past *past = cdp_traveller_past(t->sc.p, t->jx, false);
	const struct cdp_traveller *p = t->sc.p;
	size_t i, n = 0;

	cdp_json_comma(t->b);
	cdp_buf_putc(t->b, '{');
	cdp_json_kstr(t->b, "journey", t->sc.js->pr->journey[t->jx].key);
	cdp_json_kstr(
	    t->b, "version", cdp_str_of(t->sc.js->pr->journey[t->jx].version));
	cdp_json_key(t->b, "instances");
	cdp_buf_putc(t->b, '[');
	for (i = 0; i < p->nins; i++)
		if (p->ins[i]->jx == t->jx) {
			put_instance(t, p->ins[i]);
			n++;
		}
	cdp_buf_putc(t->b, ']');
	if (past != NULL)
		cdp_counts_write(t->b, "outcomes", &past->outcome);
	if (n == 0)
		put_why_not(t);
	cdp_buf_putc(t->b, '}');
}

int
cdp_journeys_explain(struct cdp_journeys *js, struct cdp_str id,
    struct cdp_str profile, struct cdp_buf *b, struct cdp_err *err)
{
	struct telling t = { .b = b };
	struct cdp_arena mem = { 0 };
	struct cdp_traveller *p;
	int64_t now;
	int rc;

	if ((rc = cdp_people_get(js, id, &p, err)) != 0)
		return rc;
	t.bare = p->profile.n == 0;
	if (t.bare)
		cdp_buf_put(&p->profile, profile);
	now = p->now_ms > js->clock_ms ? p->now_ms : js->clock_ms;
	cdp_scene_timer(&t.sc, js, p, now, NULL, &mem, err);
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "profile", id);
	if (now != CDP_TIME_NONE)
		cdp_json_ktime(b, "now", now);
	cdp_json_key(b, "journeys");
	cdp_buf_putc(b, '[');
	for (t.jx = 0; t.jx < js->pr->njourney; t.jx++)
		put_journey(&t);
	cdp_buf_putc(b, ']');
	rc = cdp_story_write(b, js, id, err);
	cdp_buf_puts(b, "}\n");
	cdp_arena_free(&mem);
	return rc;
}

/* ---- pictures ---- */

/* The edition that version names: read, if it can be. */
static int
find(struct cdp_journeys *js, size_t jx, struct cdp_str version, size_t *ret,
    struct cdp_err *err)
{
	struct cdp_editions *es = &js->of[jx];

	*ret = cdp_editions_find(es, version);
	if (*ret == es->n)
		return cdp_fail(err, CDP_ECONF,
		    "nobody has entered journey '%.*s' by a version '%.*s': "
		    "--funnel names those it had",
		    SAY(es->jr->key), SAY(version));
	return cdp_editions_load(es, js->pr, js->log, *ret, err);
}

int
cdp_journeys_chart(struct cdp_journeys *js, size_t jx, struct cdp_str version,
    int form, struct cdp_buf *b, struct cdp_err *err)
{
	struct cdp_editions *es = &js->of[jx];
	struct cdp_tally sum;
	size_t i;
	int rc;

	if (version.n != 0) {
		if ((rc = find(js, jx, version, &i, err)) == 0)
			cdp_chart_draw(b, es->v[i].jr, &es->v[i].tally, true,
			    (enum cdp_chart_form)form);
		return rc;
	}
	cdp_editions_sum(es, &sum);
	cdp_chart_draw(b, es->jr, js->log != NULL ? &sum : NULL, false,
	    (enum cdp_chart_form)form);
	cdp_tally_free(&sum);
	return 0;
}

int
cdp_journeys_funnel(struct cdp_journeys *js, size_t jx, struct cdp_str version,
    struct cdp_buf *b, struct cdp_err *err)
{
	struct cdp_editions *es = &js->of[jx];
	struct cdp_tally sum;
	size_t i, only = es->n;
	int rc = 0;

	if (version.n != 0) {
		if ((rc = find(js, jx, version, &only, err)) != 0)
			return rc;
	} else {
		cdp_editions_sum(es, &sum);
		cdp_chart_funnel(b, es->jr, &sum, es->n > 1);
		cdp_tally_free(&sum);
	}
	for (i = 0; rc == 0 && i < es->n; i++) {
		if (version.n != 0 ? i != only : es->n == 1)
			continue;
		rc = cdp_editions_load(es, js->pr, js->log, i, err);
		if (rc == 0)
			cdp_chart_funnel(
			    b, es->v[i].jr, &es->v[i].tally, false);
	}
	return rc;
}
