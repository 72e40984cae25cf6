#include "lib/emit/told.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/emit/anew.h"
#include "lib/emit/gate.h"
#include "lib/json/write.h"
#include "lib/store/history.h"

#define ACT "{\"type\":\"activation\",\"messageId\":\""
#define DLV "{\"type\":\"delivery\",\"messageId\":\""

struct one { /* delivery */
	struct one *next;
	const char *log;
	int mode;                  /* place among the logs */
	struct cdp_str id;         /* ours */
	struct cdp_buf last, past; /* the last line, and one for each */
};

struct telling {
	const struct cdp_told *q;
	struct cdp_str id;
	const char *log; /* that is being read, */
	int mode;        /* and which it is */
	struct one *first, **end;
	struct cdp_map seen;   /* log and delivery: its one */
	struct cdp_map wanted; /* activation: a struct cdp_buf of it */
	struct cdp_tape tape, act;
	struct cdp_arena mem;
	struct cdp_buf out, who;
	struct cdp_anew anew[3]; /* of the logs */
};

/* The log of each mode of cdp-emit. */
static struct cdp_log *const *
log_of(const struct cdp_told *q, int mode)
{
	return mode == 0 ? &q->emit : mode == 1 ? &q->deliver : &q->spool;
}

static struct cdp_str
get(const struct cdp_tape *t, const char *name, struct cdp_arena *mem)
{
	return cdp_tape_str(t, cdp_tape_get(t, 0, cdp_str_of(name)), mem);
}

/* ---- what was decided ---- */

static bool
is_about(struct telling *tl, struct cdp_str json)
{
	const struct cdp_tape *t = &tl->tape;
	struct cdp_str s;

	if (!cdp_str_starts(json, CDP_STR(DLV)) ||
	    memmem(json.p, json.n, tl->id.p, tl->id.n) == NULL ||
	    cdp_tape_parse(&tl->tape, json, NULL) != 0)
		return false;
	s = get(t, "messageId", &tl->mem);
	return cdp_str_eq(s, tl->id) ||
	    (s.n > 4 &&
		cdp_str_eq((struct cdp_str){ s.p + 4, s.n - 4 }, tl->id)) ||
	    cdp_str_eq(get(t, "activation", &tl->mem), tl->id) ||
	    cdp_str_eq(get(t, "profile", &tl->mem), tl->id);
}

static struct one *
one_of(struct telling *tl, struct cdp_str id)
{
	struct cdp_str key =
	    cdp_arena_printf(&tl->mem, "%s %.*s", tl->log, (int)id.n, id.p);
	struct one *o = cdp_map_get(&tl->seen, key);

	if (o != NULL)
		return o;
	o = cdp_xcalloc(1, sizeof(*o));
	o->log = tl->log;
	o->mode = tl->mode;
	o->id = cdp_mem_own(id);
	*tl->end = o;
	tl->end = &o->next;
	*cdp_map_at(&tl->seen, key) = o;
	return o;
}

static void
copy(struct cdp_buf *b, const struct cdp_tape *t, const char *from,
    const char *to)
{
	uint32_t v = cdp_tape_get(t, 0, cdp_str_of(from));

	if (v != CDP_NOTOK)
		cdp_json_kraw(b, to, cdp_tape_raw(t, v));
}

static int
note_decision(void *arg, uint64_t n, const struct cdp_rec *rec)
{
	struct telling *tl = arg;
	struct cdp_str id;
	struct one *o;

	(void)n;
	if (rec->kind != CDP_REC_LINE || !is_about(tl, rec->json))
		return 0;
	o = one_of(tl, get(&tl->tape, "messageId", &tl->mem));
	id = cdp_arena_dup(&tl->mem, get(&tl->tape, "activation", &tl->mem));
	if (id.n != 0 && cdp_map_get(&tl->wanted, id) == NULL)
		*cdp_map_at(&tl->wanted, id) =
		    cdp_xcalloc(1, sizeof(struct cdp_buf));
	cdp_buf_reset(&o->last);
	cdp_buf_put(&o->last, rec->json);
	cdp_json_comma(&o->past);
	cdp_buf_putc(&o->past, '{');
	copy(&o->past, &tl->tape, "timestamp", "timestamp");
	copy(&o->past, &tl->tape, "status", "status");
	copy(&o->past, &tl->tape, "reason", "reason");
	copy(&o->past, &tl->tape, "detail", "detail");
	copy(&o->past, &tl->tape, "warning", "warning");
	cdp_buf_putc(&o->past, '}');
	return 0;
}

/* Its activation, for whoever waits for it. */
static int
note_activation(void *arg, uint64_t n, const struct cdp_rec *rec)
{
	struct telling *tl = arg;
	struct cdp_str id = rec->json;
	const char *end;
	struct cdp_buf *b;

	(void)n;
	if (rec->kind != CDP_REC_LINE || !cdp_str_starts(id, CDP_STR(ACT)))
		return 0;
	id.p += sizeof(ACT) - 1;
	id.n -= sizeof(ACT) - 1;
	if ((end = memchr(id.p, '"', id.n)) == NULL)
		return 0;
	id.n = (size_t)(end - id.p);
	if ((b = cdp_map_get(&tl->wanted, id)) == NULL)
		return 0;
	cdp_buf_reset(b);
	cdp_buf_put(b, rec->json);
	return 0;
}

/* ---- the answer ---- */

static const struct {
	const char *gate, *reason, *other;
} gates[] = {
	{ "suppression", "suppressed", "" },
	{ "consent", "consent", "" },
	{ "integrations", "integrations", "" },
	{ "subscription", "unsubscribed", "not_subscribed" },
	{ "quiet_hours", "quiet_hours", "withdrawn" },
	{ "caps", "frequency_cap", "" },
	{ "holdout", "holdout", "" },
	{ "undo", "nothing_to_undo", "" },
	{ "address", "no_address", "bad_address" },
	{ "template", "template_error", "header_injection" },
	{ "once", "duplicate_key", "" },
};
#define NGATE (sizeof(gates) / sizeof(*gates))
#define FIRST_OF_PEOPLE 3
#define FIRST_OF_UNDO 7
#define FIRST_OF_ADDRESS 8

/* As the activation said, if the log of the journeys still has it. */
static bool
is_undo(struct telling *tl)
{
	const struct cdp_tape *t = &tl->tape;
	const struct cdp_buf *act =
	    cdp_map_get(&tl->wanted, get(t, "activation", &tl->mem));
	struct cdp_str journey = get(t, "journey", &tl->mem);
	struct cdp_str step = get(t, "step", &tl->mem);
	struct cdp_str action = get(t, "action", &tl->mem);
	enum cdp_gate_way way;

	if (act != NULL && act->n != 0 &&
	    cdp_tape_parse(&tl->act, cdp_buf_str(act), NULL) == 0)
		way =
		    cdp_gate_way_of(tl->q->pr, &tl->act, journey, step, action);
	else
		way = cdp_gate_way(tl->q->pr, journey, step, action);
	return way == CDP_GATE_UNDO;
}

/* What the stream brings writes to nobody. */
static bool
is_fed(struct telling *tl)
{
	return cdp_str_starts(
	    get(&tl->tape, "activation", &tl->mem), CDP_STR("fed_"));
}

/*
 * The first n in their order, to the one that was closed; an undo is not asked
 * all.
 */
static void
put_gates(struct telling *tl, struct cdp_str reason, bool undo, size_t n)
{
	struct cdp_buf *b = &tl->out;
	bool fed = is_fed(tl);
	bool closed = cdp_str_is(reason, "unknown_destination");

	cdp_json_key(b, "gates");
	cdp_buf_putc(b, '[');
	for (size_t i = undo ? FIRST_OF_UNDO : 0; i < n && !closed; i++) {
		if ((i == FIRST_OF_UNDO && (fed || !undo)) ||
		    (fed && i >= FIRST_OF_PEOPLE && i < FIRST_OF_UNDO))
			continue;
		closed = reason.n != 0 &&
		    (cdp_str_is(reason, gates[i].reason) ||
			cdp_str_is(reason, gates[i].other));
		cdp_json_comma(b);
		cdp_buf_putc(b, '{');
		cdp_json_kstr(b, "gate", cdp_str_of(gates[i].gate));
		cdp_json_kraw(
		    b, "open", closed ? CDP_STR("false") : CDP_STR("true"));
		cdp_buf_putc(b, '}');
	}
	cdp_buf_putc(b, ']');
}

/* The activation of the delivery at hand; empty: it is not kept. */
static struct cdp_str
activation(struct telling *tl)
{
	const struct cdp_buf *act =
	    cdp_map_get(&tl->wanted, get(&tl->tape, "activation", &tl->mem));

	return act != NULL ? cdp_buf_str(act) : CDP_STR("");
}

static void
put_told(struct telling *tl, const struct one *o, const struct cdp_anew_told *t)
{
	struct cdp_str reason = CDP_STR("no_profile"), status = CDP_STR("held");
	struct cdp_buf *b = &tl->out, differ = { 0 };

	if (!t->gone) {
		reason = cdp_str_of(t->d.reason != NULL ? t->d.reason : "");
		status = cdp_str_of(cdp_status_names[t->d.status]);
	}
	cdp_json_kstr(b, "status", status);
	if (reason.n != 0)
		cdp_json_kstr(b, "reason", reason);
	if (!t->gone && t->d.detail.n != 0)
		cdp_json_kstr(b, "detail", t->d.detail);
	if (!t->gone)
		put_gates(tl, reason, t->d.way == CDP_GATE_UNDO,
		    t->partial ? FIRST_OF_ADDRESS : NGATE);
	if (cdp_anew_differs(&tl->anew[o->mode], t, &differ)) {
		cdp_json_key(b, "differs");
		cdp_buf_putc(b, '[');
		cdp_buf_put(b, cdp_buf_str(&differ));
		cdp_buf_putc(b, ']');
	}
	cdp_buf_free(&differ);
}

/* Beside what was decided: what would be by now. */
static int
put_now(struct telling *tl, const struct one *o, struct cdp_err *err)
{
	const struct cdp_told *q = tl->q;
	struct cdp_anew_ask ask = { .log = *log_of(q, o->mode),
		.act = activation(tl),
		.last = cdp_buf_str(&o->last),
		.at_ms = q->at_ms };
	struct cdp_anew_told told;
	int64_t then;
	int rc;

	if (q->at_ms == CDP_TIME_NONE)
		return 0;
	/* Timers that ran out at the end of all are beyond what time it is. */
	if (!q->past &&
	    cdp_time_parse(get(&tl->tape, "timestamp", &tl->mem), &then) == 0 &&
	    then > ask.at_ms)
		ask.at_ms = then;
	cdp_buf_reset(&tl->who);
	rc = q->person(
	    q->arg, get(&tl->tape, "profile", &tl->mem), &tl->who, err);
	if (rc < 0)
		return rc;
	ask.profile = rc == 0 ? cdp_buf_str(&tl->who) : CDP_STR("");
	tl->anew[o->mode].pr = q->pr;
	if ((rc = cdp_anew_ask(&tl->anew[o->mode], &ask, &told, err)) != 0)
		return rc;
	cdp_json_key(&tl->out, "now");
	cdp_buf_putc(&tl->out, '{');
	cdp_json_ktime(&tl->out, "at", ask.at_ms);
	put_told(tl, o, &told);
	cdp_buf_putc(&tl->out, '}');
	return 0;
}

static int
put_attempt(void *arg, const struct cdp_epoch_info *info, struct cdp_str val)
{
	struct telling *tl = arg;

	(void)info;
	if (val.n == 0 || cdp_tape_parse(&tl->act, val, NULL) != 0)
		return 0;
	cdp_json_comma(&tl->out);
	cdp_buf_putc(&tl->out, '{');
	copy(&tl->out, &tl->act, "last", "at");
	copy(&tl->out, &tl->act, "status", "status");
	copy(&tl->out, &tl->act, "tries", "tries");
	copy(&tl->out, &tl->act, "said", "said");
	copy(&tl->out, &tl->act, "due", "due");
	copy(&tl->out, &tl->act, "doubt", "doubt");
	cdp_buf_putc(&tl->out, '}');
	return 0;
}

static int
put_attempts(struct telling *tl, const struct one *o, struct cdp_err *err)
{
	int rc;

	if (strcmp(o->log, "deliver") != 0)
		return 0;
	cdp_json_key(&tl->out, "attempts");
	cdp_buf_putc(&tl->out, '[');
	rc = cdp_log_versions(tl->q->deliver,
	    cdp_arena_printf(&tl->mem, "k:%.*s", (int)o->id.n - 4, o->id.p + 4),
	    put_attempt, tl, err);
	cdp_buf_putc(&tl->out, ']');
	return rc;
}

static int
answer(struct telling *tl, const struct one *o, struct cdp_err *err)
{
	static const char *const head[] = { "activation", "journey", "step",
		"instance", "destination", "channel", "action", "profile",
		"why" };
	static const char *const made[] = { "to", "from", "message", "body",
		"request" };
	struct cdp_buf *b = &tl->out;
	struct cdp_str act;
	int rc;

	if (cdp_tape_parse(&tl->tape, cdp_buf_str(&o->last), err) != 0)
		return CDP_ECORRUPT;
	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "delivery", o->id);
	cdp_json_kstr(b, "log", cdp_str_of(o->log));
	for (size_t i = 0; i < sizeof(head) / sizeof(*head); i++)
		copy(b, &tl->tape, head[i], head[i]);
	put_gates(tl, get(&tl->tape, "reason", &tl->mem), is_undo(tl), NGATE);
	cdp_json_key(b, "decisions");
	cdp_buf_putc(b, '[');
	cdp_buf_put(b, cdp_buf_str(&o->past));
	cdp_buf_putc(b, ']');
	if ((rc = put_now(tl, o, err)) != 0)
		return rc;
	act = activation(tl);
	if (act.n != 0)
		cdp_json_kraw(b, "input", act);
	cdp_json_key(b, "output");
	cdp_buf_putc(b, '{');
	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++)
		copy(b, &tl->tape, made[i], made[i]);
	cdp_buf_putc(b, '}');
	if (put_attempts(tl, o, err) != 0)
		return err->code;
	cdp_buf_putc(b, '}');
	return 0;
}

static int
read_decisions(struct telling *tl, struct cdp_err *err)
{
	static const char *const name[] = { "emit", "deliver", "spool" };
	int rc = 0;

	for (int i = 0; rc == 0 && i < 3; i++) {
		struct cdp_log *log = *log_of(tl->q, i);

		tl->log = name[i];
		tl->mode = i;
		if (log != NULL)
			rc = cdp_log_outputs(log, note_decision, tl, err);
	}
	return rc;
}

static void
end(struct telling *tl)
{
	struct cdp_map_ent *e;
	struct one *o, *next;
	size_t i = 0;

	for (o = tl->first; o != NULL; o = next) {
		next = o->next;
		cdp_mem_disown(&o->id);
		cdp_buf_free(&o->last);
		cdp_buf_free(&o->past);
		free(o);
	}
	while ((e = cdp_map_next(&tl->wanted, &i)) != NULL) {
		cdp_buf_free(e->val);
		free(e->val);
	}
	cdp_map_free(&tl->seen);
	cdp_map_free(&tl->wanted);
	cdp_tape_free(&tl->tape);
	cdp_tape_free(&tl->act);
	cdp_buf_free(&tl->out);
	cdp_buf_free(&tl->who);
	for (i = 0; i < 3; i++)
		cdp_anew_free(&tl->anew[i]);
	cdp_arena_free(&tl->mem);
}

int
cdp_told_explain(const struct cdp_told *q, struct cdp_str id,
    int (*fn)(void *arg, struct cdp_str json), void *arg, struct cdp_err *err)
{
	struct telling tl = { .q = q, .id = id };
	int rc;

	tl.end = &tl.first;
	rc = read_decisions(&tl, err);
	if (rc == 0 && tl.first == NULL)
		rc = CDP_END;
	if (rc == 0 && q->journey != NULL)
		rc = cdp_log_outputs(q->journey, note_activation, &tl, err);
	for (const struct one *o = tl.first; rc == 0 && o != NULL; o = o->next)
		if ((rc = answer(&tl, o, err)) == 0)
			rc = fn(arg, cdp_buf_str(&tl.out));
	end(&tl);
	return rc;
}

/* ---- the newest ---- */

struct newest {
	struct cdp_str profile, template;
	struct cdp_tape tape;
	struct cdp_buf *ret;
};

static int
note_newest(void *arg, uint64_t n, const struct cdp_rec *rec)
{
	struct newest *w = arg;
	const struct cdp_tape *t = &w->tape;

	(void)n;
	if (rec->kind != CDP_REC_LINE ||
	    !cdp_str_starts(rec->json, CDP_STR(ACT)) ||
	    memmem(rec->json.p, rec->json.n, w->profile.p, w->profile.n) ==
		NULL ||
	    cdp_tape_parse(&w->tape, rec->json, NULL) != 0)
		return 0;
	if (!cdp_tape_streq(
		t, cdp_tape_get(t, 0, CDP_STR("template")), w->template) ||
	    !cdp_tape_streq(t,
		cdp_tape_get(
		    t, cdp_tape_get(t, 0, CDP_STR("profile")), CDP_STR("id")),
		w->profile))
		return 0;
	cdp_buf_reset(w->ret);
	cdp_buf_put(w->ret, rec->json);
	return 0;
}

int
cdp_told_last(struct cdp_log *journey, struct cdp_str profile,
    struct cdp_str template, struct cdp_buf *ret, struct cdp_err *err)
{
	struct newest w = {
		.profile = profile, .template = template, .ret = ret
	};
	int rc = cdp_log_outputs(journey, note_newest, &w, err);

	cdp_tape_free(&w.tape);
	return rc == 0 && ret->n == 0 ? CDP_END : rc;
}
