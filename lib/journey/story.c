#include "lib/journey/story.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/time.h"
#include "lib/journey/tale.h"
#include "lib/json/write.h"
#include "lib/store/history.h"

#define SAY(s) (int)(s).n, (s).n != 0 ? (s).p : ""

/* A state of the profile, and the epoch that left it so. */
struct chapter {
	struct cdp_str state; /* empty: nothing was kept */
	uint64_t q, inputs;
	int64_t t_ms;
};

/* Ends of one journey, by outcome: how many are told. */
struct fate {
	struct cdp_str journey, outcome;
	int64_t n;
};

/* The newest refusal that was told. */
struct refusal {
	struct cdp_str journey;
	int64_t ms;
};

struct story {
	struct cdp_tale tale;
	struct chapter *chapter;
	size_t nchapter;
	struct fate *fate;
	size_t nfate;
	struct refusal *refusal;
	size_t nrefusal;
	struct cdp_buf whole;
	int64_t last_ms;
};

static struct cdp_str
str(struct story *s, uint32_t at, const char *key)
{
	return cdp_tale_str(&s->tale, at, key);
}

static int64_t
i64(struct story *s, uint32_t at, const char *key, int64_t none)
{
	int64_t v;

	return cdp_tape_i64(&s->tale.tape,
		   cdp_tape_get(&s->tale.tape, at, cdp_str_of(key)), &v)
	    ? v
	    : none;
}

/* ---- what was sent ---- */

static int
activations(struct story *s, const struct chapter *c, struct cdp_err *err)
{
	const struct cdp_rec *rec;
	uint64_t first, q;
	size_t i, n;
	int rc = 0;

	for (q = c->q; rc == 0 && q < c->q + c->inputs; q++) {
		rc = cdp_log_caused(s->tale.js->log, q, &first, &rec, &n, err);
		for (i = 0; rc == 0 && i < n; i++)
			if (rec[i].kind == CDP_REC_LINE)
				cdp_tale_line(&s->tale,
				    cdp_rec_whole(&rec[i], &s->whole));
		rc = rc == CDP_END ? 0 : rc;
	}
	return rc;
}

/* ---- states ---- */

/* The id that it does not have in its state follows from the rest. */
static struct cdp_str
id_of(struct story *s, uint32_t at)
{
	struct cdp_str id = str(s, at, "id"), per = CDP_STR(""), by;
	uint32_t raw = cdp_tape_get(&s->tale.tape, at, CDP_STR("per"));

	if (id.n != 0)
		return id;
	if (raw != CDP_NOTOK)
		per = cdp_tape_raw(&s->tale.tape, raw);
	by = cdp_tale_entry(&s->tale, at, false);
	if (by.n == 0)
		by = str(s, at, "by");
	return cdp_tale_id(
	    &s->tale, str(s, at, "journey"), per, by, i64(s, at, "entered", 0));
}

static void
set_per(struct story *s, struct cdp_hero *h, uint32_t at)
{
	uint32_t per = cdp_tape_get(&s->tale.tape, at, CDP_STR("per"));

	if (per != CDP_NOTOK)
		h->per = cdp_arena_dup(
		    &s->tale.mem, cdp_tape_raw(&s->tale.tape, per));
	h->known = true;
}

static void
reach(struct story *s, struct cdp_hero *h, uint32_t at)
{
	int64_t ms = i64(s, at, "reached", CDP_TIME_NONE);

	if (ms != CDP_TIME_NONE && !h->reached)
		cdp_tale_tell(&s->tale,
		    &(struct cdp_telling){ .h = h,
			.ms = ms,
			.rank = CDP_RANK_GOAL,
			.did = "reached the goal" });
	h->reached = ms != CDP_TIME_NONE;
}

static void
instance(struct story *s, uint32_t at, int64_t now_ms)
{
	struct cdp_str id = id_of(s, at);
	struct cdp_hero *h = cdp_hero_named(&s->tale, id);
	struct cdp_way w = { 0 };
	int64_t entered_ms = i64(s, at, "entered", now_ms);

	cdp_way_read(&w, &s->tale.tape, at, entered_ms);
	if (h == NULL)
		h = cdp_hero_new(
		    &s->tale, id, str(s, at, "journey"), entered_ms);
	cdp_hero_enters(&s->tale, h, str(s, at, "by"),
	    cdp_tale_entry(&s->tale, at, w.restarts != 0),
	    cdp_tale_has(&s->tale, at, "control"));
	h->present = true;
	set_per(s, h, at);
	reach(s, h, at);
	cdp_hero_way(
	    &s->tale, h, &w, cdp_edition_read(&s->tale.tape, at), now_ms);
	cdp_way_free(&w);
}

/* ---- ends ---- */

static struct fate *
fate(struct story *s, struct cdp_str journey, struct cdp_str outcome)
{
	size_t i;

	for (i = 0; i < s->nfate; i++)
		if (cdp_str_eq(s->fate[i].journey, journey) &&
		    cdp_str_eq(s->fate[i].outcome, outcome))
			return &s->fate[i];
	s->fate = cdp_xreallocarray(s->fate, s->nfate + 1, sizeof(*s->fate));
	s->fate[s->nfate] = (struct fate){ cdp_arena_dup(&s->tale.mem, journey),
		cdp_arena_dup(&s->tale.mem, outcome), 0 };
	return &s->fate[s->nfate++];
}

/* "exit bought by Order Completed" */
static struct cdp_str
reason(struct story *s, const struct cdp_hero *h, uint32_t at)
{
	struct cdp_str exit = str(s, at, "exit"), by = CDP_STR("");
	const struct cdp_journey *jr;
	size_t i;

	if (exit.n == 0)
		return str(s, at, "why");
	jr = cdp_hero_edition(&s->tale, h, cdp_edition_read(&s->tale.tape, at));
	for (i = 0; jr != NULL && i < jr->nexit; i++)
		if (cdp_str_eq(jr->exit[i].id, exit) &&
		    jr->exit[i].when.has_event)
			by = jr->exit[i].when.event.event[0];
	return cdp_arena_printf(&s->tale.mem, "exit %.*s%s%.*s", SAY(exit),
	    by.n != 0 ? " by " : "", SAY(by));
}

/* What it entered by: what its journey names, if it does not say. */
static struct cdp_str
cause(struct story *s, const struct cdp_hero *h, uint32_t at)
{
	const struct cdp_journey *jr =
	    cdp_hero_edition(&s->tale, h, cdp_edition_read(&s->tale.tape, at));
	struct cdp_str by = str(s, at, "by");

	if (by.n == 0 && jr != NULL && jr->enter.has_event)
		by = jr->enter.event.event[0];
	return by;
}

/* What is said of the one at at; false: in a form that has no times. */
static bool
epitaph(struct story *s, struct cdp_str journey, uint32_t at,
    struct cdp_epitaph *e, struct cdp_way *w)
{
	uint32_t per = cdp_tape_get(&s->tale.tape, at, CDP_STR("per"));

	*w = (struct cdp_way){ 0 };
	*e = (struct cdp_epitaph){ .journey = journey,
		.entry = str(s, at, "entry") };
	if (per != CDP_NOTOK)
		e->per = cdp_tape_raw(&s->tale.tape, per);
	return cdp_way_read_ended(w, &s->tale.tape, at, &e->span);
}

/* One of those that a state remembers as ended; n of the same are before it. */
static void
remembered(struct story *s, uint32_t at, const struct cdp_epitaph *e,
    const struct cdp_way *w, size_t n)
{
	struct cdp_str as = str(s, at, "as");
	struct cdp_hero *h = cdp_hero_ended(&s->tale, e, n);

	if (h == NULL)
		h = cdp_hero_new(
		    &s->tale, CDP_STR(""), e->journey, e->span.from_ms);
	cdp_hero_enters(&s->tale, h, cause(s, h, at), e->entry,
	    cdp_tale_has(&s->tale, at, "control"));
	reach(s, h, at);
	if (h->gone)
		return;
	h->gone = true;
	h->gone_ms = e->span.to_ms;
	h->gone_entry = e->entry;
	set_per(s, h, at);
	cdp_hero_way(
	    &s->tale, h, w, cdp_edition_read(&s->tale.tape, at), e->span.to_ms);
	fate(s, e->journey, as)->n++;
	cdp_tale_tell(&s->tale,
	    &(struct cdp_telling){ .h = h,
		.ms = e->span.to_ms,
		.rank = CDP_RANK_END,
		.did = "ended as",
		.what = as,
		.why = reason(s, h, at),
		.event = str(s, at, "id") });
}

/* How many before it in its list e could be about as well. */
static size_t
alike(struct story *s, uint32_t list, uint32_t at, const struct cdp_epitaph *e)
{
	uint32_t it = 0, key, val;
	struct cdp_epitaph o;
	struct cdp_way w;
	size_t n = 0;

	while (
	    cdp_tape_next(&s->tale.tape, list, &it, &key, &val) && val != at) {
		if (epitaph(s, e->journey, val, &o, &w))
			n += o.span.from_ms == e->span.from_ms &&
			    o.span.to_ms == e->span.to_ms &&
			    cdp_str_eq(o.per, e->per) &&
			    cdp_str_eq(o.entry, e->entry);
		cdp_way_free(&w);
	}
	return n;
}

static void
refused(struct story *s, struct cdp_str journey, uint32_t at)
{
	const struct cdp_hero nobody = { .journey = journey,
		.order = SIZE_MAX };
	uint32_t it = 0, key, ms, why;
	int64_t at_ms;
	size_t i = 0;

	if (!cdp_tape_next(&s->tale.tape, at, &it, &key, &ms) ||
	    !cdp_tape_i64(&s->tale.tape, ms, &at_ms) ||
	    !cdp_tape_next(&s->tale.tape, at, &it, &key, &why))
		return;
	while (i < s->nrefusal && !cdp_str_eq(s->refusal[i].journey, journey))
		i++;
	if (i == s->nrefusal) {
		s->refusal = cdp_xreallocarray(
		    s->refusal, s->nrefusal + 1, sizeof(*s->refusal));
		s->refusal[s->nrefusal++] =
		    (struct refusal){ cdp_arena_dup(&s->tale.mem, journey),
			    CDP_TIME_NONE };
	}
	if (s->refusal[i].ms != CDP_TIME_NONE && s->refusal[i].ms >= at_ms)
		return;
	s->refusal[i].ms = at_ms;
	cdp_tale_tell(&s->tale,
	    &(struct cdp_telling){ .h = &nobody,
		.ms = at_ms,
		.did = "did not enter",
		.why = cdp_tape_str(&s->tale.tape, why, &s->tale.mem) });
}

/* What a state says of what is over. */
static void
pasts(struct story *s, uint32_t past)
{
	uint32_t it = 0, key, val, in, k, one, ended;
	struct cdp_epitaph e;
	struct cdp_str journey;
	struct cdp_way w;

	while (cdp_tape_next(&s->tale.tape, past, &it, &key, &val)) {
		journey = cdp_tape_str(&s->tale.tape, key, &s->tale.mem);
		ended = cdp_tape_get(&s->tale.tape, val, CDP_STR("ended"));
		for (in = 0;
		     cdp_tape_next(&s->tale.tape, ended, &in, &k, &one);) {
			if (epitaph(s, journey, one, &e, &w))
				remembered(
				    s, one, &e, &w, alike(s, ended, one, &e));
			cdp_way_free(&w);
		}
		refused(s, journey,
		    cdp_tape_get(&s->tale.tape, val, CDP_STR("refused")));
	}
}

/* What "past" counts more of than was told: how many, which is the newest. */
static struct cdp_str
outcome(struct story *s, struct cdp_str journey, uint32_t past)
{
	uint32_t at = cdp_tape_get(&s->tale.tape, past, journey), it = 0, key,
		 val;
	struct fate *f;
	int64_t n;

	at = cdp_tape_get(&s->tale.tape, at, CDP_STR("outcomes"));
	while (cdp_tape_next(&s->tale.tape, at, &it, &key, &val)) {
		f = fate(
		    s, journey, cdp_tape_str(&s->tale.tape, key, &s->tale.mem));
		if (cdp_tape_i64(&s->tale.tape, val, &n) && f->n < n) {
			f->n++;
			return f->outcome;
		}
	}
	return CDP_STR("");
}

/* The outcome of an instance of which an undo has told why it ended. */
static struct cdp_str
fated(struct story *s, const struct cdp_hero *h)
{
	const struct cdp_str exit = CDP_STR("exit ");
	struct cdp_str why = h->farewell, id;
	const struct cdp_journey *jr;
	size_t i;

	if (cdp_str_starts(why, CDP_STR("ended: ")))
		return cdp_tale_behind(why, ": ");
	if (cdp_str_starts(why, CDP_STR("displaced by ")))
		return CDP_STR("displaced");
	if (!cdp_str_starts(why, exit))
		return CDP_STR("");
	why = (struct cdp_str){ why.p + exit.n, why.n - exit.n };
	id = cdp_tale_until(why, " at ");
	if (id.n == 0)
		id = cdp_tale_until(why, ": ");
	jr = h->jx != SIZE_MAX ? &s->tale.js->pr->journey[h->jx] : NULL;
	for (i = 0; jr != NULL && i < jr->nexit; i++)
		if (cdp_str_eq(jr->exit[i].id, id))
			return jr->exit[i].outcome;
	return id;
}

/* It is gone, and no state remembers it: older than the newest, or than that.
 */
static void
forgotten(struct story *s, struct cdp_hero *h, uint32_t past, int64_t now_ms)
{
	bool exact = h->farewell_ms != CDP_TIME_NONE;
	struct cdp_str as = exact ? fated(s, h) : outcome(s, h->journey, past);

	if (exact)
		fate(s, h->journey, as)->n++;
	h->gone = true;
	cdp_tale_tell(&s->tale,
	    &(struct cdp_telling){ .h = h,
		.ms = exact ? h->farewell_ms : now_ms,
		.by = !exact,
		.rank = CDP_RANK_END,
		.did = "ended",
		.what = as.n != 0
		    ? cdp_arena_printf(&s->tale.mem, "as %.*s", SAY(as))
		    : as,
		.why = h->farewell });
}

/* Who came and went within one epoch, and left nothing but the count. */
static void
strangers(struct story *s, uint32_t past, int64_t now_ms)
{
	uint32_t it = 0, key, val;
	struct cdp_hero nobody = { .order = SIZE_MAX };
	struct cdp_str as;

	while (cdp_tape_next(&s->tale.tape, past, &it, &key, &val)) {
		nobody.journey = cdp_tape_str(&s->tale.tape, key, &s->tale.mem);
		while ((as = outcome(s, nobody.journey, past)).n != 0)
			cdp_tale_tell(&s->tale,
			    &(struct cdp_telling){ .h = &nobody,
				.ms = now_ms,
				.by = true,
				.did = "entered and ended as",
				.what = as });
	}
}

static int
read_state(struct story *s, const struct chapter *c, struct cdp_err *err)
{
	struct cdp_str state = c->state.n != 0 ? c->state : CDP_STR("{}");
	uint32_t all, past, it = 0, key, val;
	int64_t now_ms;
	size_t i;

	for (i = 0; i < s->tale.nhero; i++)
		s->tale.hero[i]->present = false;
	if (cdp_tape_parse(&s->tale.tape, state, err) != 0)
		return CDP_ECORRUPT;
	now_ms = i64(s, 0, "now", c->t_ms);
	if (now_ms < s->last_ms)
		now_ms = s->last_ms;
	s->last_ms = now_ms;
	all = cdp_tape_get(&s->tale.tape, 0, CDP_STR("instances"));
	past = cdp_tape_get(&s->tale.tape, 0, CDP_STR("past"));
	while (cdp_tape_next(&s->tale.tape, all, &it, &key, &val))
		instance(s, val, now_ms);
	pasts(s, past);
	for (i = 0; i < s->tale.nhero; i++)
		if (!s->tale.hero[i]->present && !s->tale.hero[i]->gone)
			forgotten(s, s->tale.hero[i], past, now_ms);
	strangers(s, past, now_ms);
	return 0;
}

/* ---- the whole ---- */

static int
collect(void *arg, const struct cdp_epoch_info *in, struct cdp_str val)
{
	struct story *s = arg;

	s->chapter =
	    cdp_xreallocarray(s->chapter, s->nchapter + 1, sizeof(*s->chapter));
	s->chapter[s->nchapter++] =
	    (struct chapter){ cdp_arena_dup(&s->tale.mem, val), in->q,
		    in->inputs, in->t_ms };
	return 0;
}

int
cdp_story_write(struct cdp_buf *b, struct cdp_journeys *js, struct cdp_str id,
    struct cdp_err *err)
{
	struct story s = {
		.tale.js = js, .tale.who = id, .last_ms = CDP_TIME_NONE
	};
	struct cdp_tale *t = &s.tale;
	size_t i;
	int rc = cdp_log_versions(js->log, id, collect, &s, err);

	for (i = 0; rc == 0 && i < s.nchapter; i++) {
		rc = activations(&s, &s.chapter[i], err);
		if (rc == 0)
			rc = read_state(&s, &s.chapter[i], err);
	}
	cdp_tale_write(b, t);
	cdp_tale_free(t);
	free(s.fate);
	free(s.refusal);
	free(s.chapter);
	cdp_buf_free(&s.whole);
	return rc;
}
