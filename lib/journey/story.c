#include "lib/journey/story.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/time.h"
#include "lib/json/write.h"
#include "lib/store/history.h"

#define SAY(s) (int)(s).n, (s).n != 0 ? (s).p : ""

/* A state of the profile, and the epoch that left it so. */
struct chapter {
	struct cdp_str state; /* empty: nothing was kept */
	uint64_t q, inputs;
	int64_t t_ms;
};

/* What is known of an instance so far. */
struct hero {
	struct cdp_str id, journey;
	struct cdp_str *note; /* of its way, the oldest first */
	size_t nnote;
	int64_t restarted_ms;    /* the newest that was told */
	struct cdp_str farewell; /* why it ended, as an undo said */
	int64_t ended_ms;
	bool present, gone;
};

/* Ends of one journey, by outcome. */
struct fate {
	struct cdp_str journey, outcome;
	int64_t n;
};

struct event {
	int64_t ms;
	size_t seq;
	struct cdp_str json;
};

struct story {
	struct cdp_arena mem;
	struct cdp_log *log;
	struct cdp_str who;
	struct chapter *chapter;
	size_t nchapter;
	struct hero *hero;
	size_t nhero;
	struct fate *fate;
	size_t nfate;
	struct event *event;
	size_t nevent;
	struct cdp_tape tape;
	struct cdp_buf buf, whole;
	int64_t last_ms;
};

/* ---- a line of it ---- */

struct telling {
	const struct hero *h;
	int64_t ms;
	bool by; /* no later than ms */
	const char *did;
	struct cdp_str what, step, why; /* or empty */
};

static void
tell(struct story *s, const struct telling *t)
{
	struct cdp_buf *b = &s->buf;

	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	cdp_json_ktime(b, t->by ? "by" : "at", t->ms);
	cdp_json_kstr(b, "journey", t->h->journey);
	if (t->h->id.n != 0)
		cdp_json_kstr(b, "instance", t->h->id);
	cdp_json_kstr(b, "did",
	    cdp_arena_printf(&s->mem, "%s%s%.*s", t->did,
		t->what.n != 0 && t->did[0] != '\0' ? " " : "", SAY(t->what)));
	if (t->step.n != 0)
		cdp_json_kstr(b, "step", t->step);
	if (t->why.n != 0)
		cdp_json_kstr(b, "why", t->why);
	cdp_buf_putc(b, '}');
	s->event =
	    cdp_xreallocarray(s->event, s->nevent + 1, sizeof(*s->event));
	s->event[s->nevent] = (struct event){ t->ms, s->nevent,
		cdp_arena_dup(&s->mem, cdp_buf_str(b)) };
	s->nevent++;
}

static struct hero *
hero(struct story *s, struct cdp_str id, struct cdp_str journey, bool *fresh)
{
	struct hero *h;
	size_t i;

	*fresh = false;
	for (i = s->nhero; i-- > 0;)
		if (cdp_str_eq(s->hero[i].id, id))
			return &s->hero[i];
	s->hero = cdp_xreallocarray(s->hero, s->nhero + 1, sizeof(*s->hero));
	h = &s->hero[s->nhero++];
	*h = (struct hero){ .id = cdp_arena_dup(&s->mem, id),
		.journey = cdp_arena_dup(&s->mem, journey),
		.restarted_ms = CDP_TIME_NONE,
		.ended_ms = CDP_TIME_NONE };
	*fresh = true;
	return h;
}

static struct cdp_str
until(struct cdp_str s, const char *mark)
{
	const char *p = memmem(s.p, s.n, mark, strlen(mark));

	return (struct cdp_str){ s.p, p != NULL ? (size_t)(p - s.p) : 0 };
}

/* All of it if there is no mark. */
static struct cdp_str
behind(struct cdp_str s, const char *mark)
{
	size_t n = until(s, mark).n;

	n += n != 0 ? strlen(mark) : 0;
	return (struct cdp_str){ s.p + n, s.n - n };
}

/*
 * A list of the newest notes, of which the first may be known: what follows
 * the longest end of the known ones that it begins with is new.
 */
static void
notes(struct story *s, struct hero *h, const struct cdp_str *v, size_t n,
    int64_t ms)
{
	size_t k = n < h->nnote ? n : h->nnote, i;

	for (; k > 0; k--) {
		for (i = 0; i < k; i++)
			if (!cdp_str_eq(v[i], h->note[h->nnote - k + i]))
				break;
		if (i == k)
			break;
	}
	for (i = k; i < n; i++) {
		h->note =
		    cdp_xreallocarray(h->note, h->nnote + 1, sizeof(*h->note));
		h->note[h->nnote++] = cdp_arena_dup(&s->mem, v[i]);
		tell(s,
		    &(struct telling){ .h = h,
			.ms = ms,
			.by = true,
			.did = "went on",
			.step = until(v[i], ": "),
			.why = behind(v[i], ": ") });
	}
}

/* "entered at TIME by CAUSE", "restarted 2 times, last at TIME by CAUSE". */
static void
tell_when(struct story *s, const struct hero *h, const char *did,
    struct cdp_str why, int64_t *ms)
{
	struct cdp_str when = behind(why, " at "), cause = behind(when, " by ");

	if (cdp_time_parse(until(when, " by "), ms) == 0)
		tell(s,
		    &(struct telling){
			.h = h, .ms = *ms, .did = did, .why = cause });
}

/* ---- what was sent ---- */

static struct cdp_str
str(struct story *s, uint32_t at, const char *key)
{
	return cdp_tape_str(
	    &s->tape, cdp_tape_get(&s->tape, at, cdp_str_of(key)), &s->mem);
}

static size_t
list(struct story *s, uint32_t at, struct cdp_str **ret)
{
	uint32_t it = 0, key, val;
	size_t n = cdp_tape_count(&s->tape, at), i = 0;

	*ret = cdp_arena_calloc(&s->mem, n + 1, sizeof(**ret));
	while (cdp_tape_next(&s->tape, at, &it, &key, &val))
		(*ret)[i++] = cdp_tape_str(&s->tape, val, &s->mem);
	return i;
}

/* The last reason of what is taken back is no note of the way. */
static bool
is_farewell(struct cdp_str why)
{
	return cdp_str_starts(why, CDP_STR("exit ")) ||
	    cdp_str_starts(why, CDP_STR("ended: ")) ||
	    cdp_str_starts(why, CDP_STR("displaced by ")) ||
	    cdp_str_is(why, "its time is over");
}

static void
sent(struct story *s)
{
	struct cdp_str *why, last = CDP_STR("");
	size_t n = list(s, cdp_tape_get(&s->tape, 0, CDP_STR("why")), &why), k;
	struct telling t = { .did = "" };
	struct cdp_str journey = str(s, 0, "journey");
	int64_t ms = CDP_TIME_NONE;
	bool fresh;
	struct hero *h = hero(s, str(s, 0, "instance"), journey, &fresh);

	if (cdp_time_parse(str(s, 0, "timestamp"), &t.ms) != 0)
		return;
	if (fresh && n != 0)
		tell_when(s, h, "entered", why[0], &ms);
	k = 1;
	if (n > 1 && cdp_str_starts(why[1], CDP_STR("restarted"))) {
		k = 2;
		ms = h->restarted_ms;
		if (cdp_time_parse(
			until(behind(why[1], " at "), " by "), &ms) == 0 &&
		    ms > h->restarted_ms)
			tell_when(
			    s, h, "waited anew", why[1], &h->restarted_ms);
	}
	if (n > k && is_farewell(why[n - 1]))
		last = why[--n];
	if (n > k)
		notes(s, h, why + k, n - k, t.ms);
	if (last.n != 0 && !cdp_str_is(last, "its time is over")) {
		h->farewell = last;
		h->ended_ms = t.ms;
	}
	t.h = h;
	t.what = cdp_arena_printf(&s->mem, "%.*s %.*s",
	    SAY(str(s, 0, "action")), SAY(str(s, 0, "destination")));
	t.did = cdp_tape_get(&s->tape, 0, CDP_STR("holdout")) != CDP_NOTOK
	    ? "would"
	    : "";
	t.step = str(s, 0, "step");
	t.why = last;
	tell(s, &t);
}

static bool
is_ours(struct story *s, struct cdp_str json)
{
	uint32_t profile;

	if (!cdp_str_starts(json, CDP_STR("{\"type\":\"activation\"")) ||
	    cdp_tape_parse(&s->tape, json, NULL) != 0)
		return false;
	profile = cdp_tape_get(&s->tape, 0, CDP_STR("profile"));
	return cdp_tape_streq(
	    &s->tape, cdp_tape_get(&s->tape, profile, CDP_STR("id")), s->who);
}

static int
activations(struct story *s, const struct chapter *c, struct cdp_err *err)
{
	const struct cdp_rec *rec;
	uint64_t first, q;
	size_t i, n;
	int rc = 0;

	for (q = c->q; rc == 0 && q < c->q + c->inputs; q++) {
		rc = cdp_log_caused(s->log, q, &first, &rec, &n, err);
		for (i = 0; rc == 0 && i < n; i++)
			if (rec[i].kind == CDP_REC_LINE &&
			    is_ours(s, cdp_rec_whole(&rec[i], &s->whole)))
				sent(s);
		rc = rc == CDP_END ? 0 : rc;
	}
	return rc;
}

/* ---- states ---- */

static int64_t
i64(struct story *s, uint32_t at, const char *key, int64_t none)
{
	int64_t v;

	return cdp_tape_i64(
		   &s->tape, cdp_tape_get(&s->tape, at, cdp_str_of(key)), &v)
	    ? v
	    : none;
}

static void
instance(struct story *s, uint32_t at, int64_t now_ms)
{
	bool fresh;
	struct hero *h =
	    hero(s, str(s, at, "id"), str(s, at, "journey"), &fresh);
	struct cdp_str *v;
	int64_t ms = i64(s, at, "restarted", CDP_TIME_NONE);
	size_t n;

	h->present = true;
	if (fresh)
		tell(s,
		    &(struct telling){ .h = h,
			.ms = i64(s, at, "entered", now_ms),
			.did = "entered",
			.why = str(s, at, "by") });
	if (ms > h->restarted_ms) {
		h->restarted_ms = ms;
		tell(s,
		    &(struct telling){ .h = h,
			.ms = ms,
			.did = "waited anew",
			.why = str(s, at, "restart_by") });
	}
	n = list(s, cdp_tape_get(&s->tape, at, CDP_STR("trail")), &v);
	notes(s, h, v, n, now_ms);
}

/* What "past" counts more of than before: how many, and which is the newest. */
static struct cdp_str
outcome(struct story *s, struct cdp_str journey, uint32_t past)
{
	uint32_t at = cdp_tape_get(&s->tape, past, journey), it = 0, key, val;
	struct cdp_str name, ret = CDP_STR("");
	struct fate *f;
	size_t i;
	int64_t n;

	at = cdp_tape_get(&s->tape, at, CDP_STR("outcomes"));
	while (ret.n == 0 && cdp_tape_next(&s->tape, at, &it, &key, &val)) {
		name = cdp_tape_str(&s->tape, key, &s->mem);
		if (!cdp_tape_i64(&s->tape, val, &n))
			continue;
		for (i = 0; i < s->nfate; i++)
			if (cdp_str_eq(s->fate[i].journey, journey) &&
			    cdp_str_eq(s->fate[i].outcome, name))
				break;
		if (i == s->nfate) {
			s->fate = cdp_xreallocarray(
			    s->fate, s->nfate + 1, sizeof(*s->fate));
			s->fate[s->nfate++] =
			    (struct fate){ cdp_arena_dup(&s->mem, journey),
				    cdp_arena_dup(&s->mem, name), 0 };
		}
		f = &s->fate[i];
		if (f->n < n) {
			f->n++;
			ret = f->outcome;
		}
	}
	return ret;
}

static void
end(struct story *s, struct hero *h, uint32_t past, int64_t now_ms)
{
	struct cdp_str as = outcome(s, h->journey, past);

	h->gone = true;
	tell(s,
	    &(struct telling){ .h = h,
		.ms = h->ended_ms != CDP_TIME_NONE ? h->ended_ms : now_ms,
		.by = h->ended_ms == CDP_TIME_NONE,
		.did = "ended",
		.what = as.n != 0
		    ? cdp_arena_printf(&s->mem, "as %.*s", SAY(as))
		    : as,
		.why = h->farewell });
}

/* Who came and went within one epoch, and left nothing but the count. */
static void
strangers(struct story *s, uint32_t past, int64_t now_ms)
{
	uint32_t it = 0, key, val;
	struct hero nobody = { .ended_ms = CDP_TIME_NONE };
	struct cdp_str as;

	while (cdp_tape_next(&s->tape, past, &it, &key, &val)) {
		nobody.journey = cdp_tape_str(&s->tape, key, &s->mem);
		while ((as = outcome(s, nobody.journey, past)).n != 0)
			tell(s,
			    &(struct telling){ .h = &nobody,
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

	for (i = 0; i < s->nhero; i++)
		s->hero[i].present = false;
	if (cdp_tape_parse(&s->tape, state, err) != 0)
		return CDP_ECORRUPT;
	now_ms = i64(s, 0, "now", c->t_ms);
	if (now_ms < s->last_ms)
		now_ms = s->last_ms;
	s->last_ms = now_ms;
	all = cdp_tape_get(&s->tape, 0, CDP_STR("instances"));
	past = cdp_tape_get(&s->tape, 0, CDP_STR("past"));
	while (cdp_tape_next(&s->tape, all, &it, &key, &val))
		instance(s, val, now_ms);
	for (i = 0; i < s->nhero; i++)
		if (!s->hero[i].present && !s->hero[i].gone)
			end(s, &s->hero[i], past, now_ms);
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
	    (struct chapter){ cdp_arena_dup(&s->mem, val), in->q, in->inputs,
		    in->t_ms };
	return 0;
}

static int
by_time(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	if (x->ms != y->ms)
		return x->ms < y->ms ? -1 : 1;
	return x->seq < y->seq ? -1 : 1;
}

int
cdp_story_write(struct cdp_buf *b, struct cdp_log *log, struct cdp_str id,
    struct cdp_err *err)
{
	struct story s = { .log = log, .who = id, .last_ms = CDP_TIME_NONE };
	size_t i;
	int rc = cdp_log_versions(log, id, collect, &s, err);

	for (i = 0; rc == 0 && i < s.nchapter; i++) {
		rc = activations(&s, &s.chapter[i], err);
		if (rc == 0)
			rc = read_state(&s, &s.chapter[i], err);
	}
	if (s.nevent != 0)
		qsort(s.event, s.nevent, sizeof(*s.event), by_time);
	cdp_json_key(b, "timeline");
	cdp_buf_putc(b, '[');
	for (i = 0; i < s.nevent; i++) {
		cdp_json_comma(b);
		cdp_buf_put(b, s.event[i].json);
	}
	cdp_buf_putc(b, ']');
	for (i = 0; i < s.nhero; i++)
		free(s.hero[i].note);
	free(s.hero);
	free(s.fate);
	free(s.event);
	free(s.chapter);
	cdp_tape_free(&s.tape);
	cdp_buf_free(&s.buf);
	cdp_buf_free(&s.whole);
	cdp_arena_free(&s.mem);
	return rc;
}
