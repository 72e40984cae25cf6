#include "lib/tool/trial.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/emit/delivery.h"
#include "lib/json/write.h"
#include "lib/tool/rig.h"

struct rig {
	struct cdp_trial *tr;
	struct cdp_desk desk;
	struct cdp_buf text;
	struct cdp_buf woken; /* what waited, one at a time */
	struct cdp_tape tape;
	struct cdp_arena mem;
};

/* ---- what happened ---- */

static struct cdp_happened *
add(struct cdp_trial *tr, enum cdp_want_kind kind, int64_t at_ms)
{
	if (tr->n == tr->cap) {
		tr->cap = tr->cap != 0 ? 2 * tr->cap : 32;
		tr->v = cdp_xreallocarray(tr->v, tr->cap, sizeof(*tr->v));
	}
	tr->v[tr->n] = (struct cdp_happened){ .kind = kind, .at_ms = at_ms };
	return &tr->v[tr->n++];
}

static struct cdp_str
member(struct cdp_trial *tr, const struct cdp_line *ln, const char *key)
{
	return cdp_arena_dup(&tr->mem,
	    cdp_tape_str(ln->tape, cdp_tape_get(ln->tape, 0, cdp_str_of(key)),
		&tr->mem));
}

/* All of them, in one line. */
static struct cdp_str
reasons(struct cdp_trial *tr, const struct cdp_line *ln)
{
	uint32_t it = 0, key, val;
	struct cdp_str s = { 0 }, one;

	while (cdp_tape_next(ln->tape,
	    cdp_tape_get(ln->tape, 0, CDP_STR("why")), &it, &key, &val)) {
		one = cdp_tape_str(ln->tape, val, &tr->mem);
		s = cdp_arena_printf(&tr->mem, "%.*s%s%.*s", (int)s.n,
		    s.n != 0 ? s.p : "", s.n != 0 ? "; " : "", (int)one.n,
		    one.p);
	}
	return s;
}

static void
hold(struct cdp_trial *tr, const struct cdp_delivery *d, struct cdp_happened *h)
{
	h->kind = CDP_WANT_HELD;
	h->reason = cdp_str_of(
	    d->reason != NULL ? d->reason : cdp_status_names[d->status]);
	h->reason = cdp_arena_dup(&tr->mem, h->reason);
	h->why = cdp_arena_printf(&tr->mem, "%.*s%s%.*s", (int)h->reason.n,
	    h->reason.p, d->detail.n != 0 ? ": " : "", (int)d->detail.n,
	    d->detail.n != 0 ? d->detail.p : "");
}

/* What becomes of an activation: "to" and "message" are put on its line. */
static int
deliver(struct rig *r, const struct cdp_line *ln, bool again,
    struct cdp_happened *h, struct cdp_err *err)
{
	struct cdp_trial *tr = r->tr;
	struct cdp_delivery d;
	struct cdp_buf edit = { 0 };
	int rc = cdp_delivery_make(&r->desk, ln, false,
	    again ? CDP_CAME_AGAIN : CDP_CAME_NOW, &d, err);

	if (rc != 0)
		return rc;
	if (d.status <= CDP_QUEUED)
		cdp_delivery_out(&r->desk, &d);
	cdp_buf_putc(&edit, '{');
	if (d.has_address)
		cdp_json_kstr(&edit, "to", d.address);
	if (d.message.n != 0)
		cdp_json_kraw(&edit, "message", d.message);
	cdp_buf_putc(&edit, '}');
	cdp_buf_reset(&r->text);
	cdp_json_splice(&r->text, ln->tape, cdp_buf_str(&edit), CDP_STR(""), 0);
	h->json = cdp_arena_dup(&tr->mem, cdp_buf_str(&r->text));
	cdp_buf_free(&edit);
	if (d.status <= CDP_QUEUED)
		return 0;
	hold(tr, &d, h);
	return 0;
}

static struct cdp_happened *
add_activation(struct rig *r, const struct cdp_line *ln)
{
	struct cdp_trial *tr = r->tr;
	struct cdp_happened *h = add(tr, CDP_WANT_SEND, ln->ts_ms);

	h->name = member(tr, ln, "destination");
	h->journey = member(tr, ln, "journey");
	h->step = member(tr, ln, "step");
	h->action = member(tr, ln, "action");
	h->why = reasons(tr, ln);
	h->id = cdp_arena_dup(&tr->mem, ln->profile_id);
	return h;
}

static int
read_woken(struct rig *r, struct cdp_line *ret, struct cdp_err *err)
{
	cdp_arena_reset(&r->mem);
	return cdp_line_parse(
	    cdp_buf_str(&r->woken), 0, &r->tape, &r->mem, ret, err);
}

/* What waited for the end of quiet hours, as cdp-emit wakes it. */
static int
wake(struct rig *r, int64_t now_ms, struct cdp_err *err)
{
	struct cdp_line ln;
	int rc;

	for (;;) {
		cdp_buf_reset(&r->woken);
		rc = cdp_contacts_next(
		    &r->desk.contacts, now_ms, &r->woken, err);
		if (rc != 0)
			return rc == CDP_END ? 0 : rc;
		if ((rc = read_woken(r, &ln, err)) != 0 ||
		    (rc = deliver(r, &ln, true, add_activation(r, &ln), err)) !=
			0)
			return rc;
	}
}

static int
withdraw(struct rig *r, const struct cdp_line *by, struct cdp_err *err)
{
	struct cdp_delivery d;
	struct cdp_line ln;
	int rc;

	for (;;) {
		cdp_buf_reset(&r->woken);
		rc = cdp_contacts_recall(&r->desk.contacts, by, &r->woken, err);
		if (rc != 0)
			return rc == CDP_END ? 0 : rc;
		if ((rc = read_woken(r, &ln, err)) != 0 ||
		    (rc = cdp_delivery_withdraw(&r->desk, &ln, by, &d, err)) !=
			0)
			return rc;
		hold(r->tr, &d, add_activation(r, &ln));
	}
}

static int
note_line(void *arg, const struct cdp_line *ln, struct cdp_err *err)
{
	struct rig *r = arg;
	struct cdp_trial *tr = r->tr;
	bool in = cdp_str_is(ln->event, "Audience Entered");
	bool out = cdp_str_is(ln->event, "Audience Exited");
	struct cdp_path path = { 0 };
	struct cdp_happened *h;
	int rc;

	if (cdp_contacts_wants(&r->desk.contacts, ln) &&
	    (rc = cdp_contacts_line(&r->desk.contacts, ln, err)) != 0)
		return rc;
	if (ln->type == CDP_CLOCK)
		return wake(r, ln->ts_ms, err);
	if (ln->type == CDP_WITHDRAW)
		return withdraw(r, ln, err);
	if (ln->type == CDP_ACTIVATION)
		return deliver(r, ln, false, add_activation(r, ln), err);
	if ((in || out) && cdp_str_starts(ln->message_id, CDP_STR("aud_"))) {
		h = add(tr, CDP_WANT_AUDIENCE, ln->ts_ms);
		h->exited = out;
		(void)cdp_path_compile(
		    CDP_STR("properties.audience_key"), &tr->mem, &path, NULL);
		h->name = cdp_arena_dup(&tr->mem,
		    cdp_tape_str(
			ln->tape, cdp_tape_path(ln->tape, 0, &path), &tr->mem));
		h->json = cdp_arena_dup(&tr->mem, ln->raw);
	} else if (ln->profile != CDP_NOTOK) {
		h = add(tr, CDP_WANT_PROFILE, ln->ts_ms);
		h->json = cdp_arena_dup(
		    &tr->mem, cdp_tape_raw(ln->tape, ln->profile));
	} else {
		return 0;
	}
	h->id = cdp_arena_dup(&tr->mem, ln->profile_id);
	return 0;
}

static void
note_passage(void *arg, const struct cdp_passage *p)
{
	struct cdp_trial *tr = ((struct rig *)arg)->tr;
	bool entered = p->outcome.n == 0;
	struct cdp_happened *h;

	if (p->action.n != 0)
		return; /* its line says more */
	h = add(tr, entered ? CDP_WANT_ENTER : CDP_WANT_END, p->at_ms);
	h->journey = cdp_arena_dup(&tr->mem, p->journey);
	h->name = entered ? h->journey : cdp_arena_dup(&tr->mem, p->outcome);
	h->id = cdp_arena_dup(&tr->mem, p->profile);
	h->why = p->control ? cdp_arena_printf(&tr->mem, "held out; %.*s",
				  (int)p->why.n, p->why.n != 0 ? p->why.p : "")
			    : cdp_arena_dup(&tr->mem, p->why);
}

static void
note_fault(void *arg, const struct cdp_line *ln, const char *code,
    struct cdp_str field, struct cdp_str message)
{
	struct cdp_trial *tr = ((struct rig *)arg)->tr;

	(void)ln;
	if (tr->fault.n == 0)
		tr->fault = cdp_arena_printf(&tr->mem, "%s: %.*s%s%.*s", code,
		    (int)field.n, field.n != 0 ? field.p : "",
		    field.n != 0 ? ": " : "", (int)message.n,
		    message.n != 0 ? message.p : "");
}

/* Time goes on as cdp-ingest lets it: in whole ticks before each event. */
static int
feed_all(struct cdp_rig *r, struct cdp_project *pr, const struct cdp_test *t,
    struct cdp_err *err)
{
	int64_t clock_ms = INT64_MIN, at_ms, tick_ms;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < t->ngiven; i++) {
		at_ms = t->start_ms + t->given[i].at_ms;
		if (at_ms > t->until_ms)
			break;
		tick_ms = (at_ms - 1) / pr->tick_ms * pr->tick_ms;
		if (tick_ms > clock_ms) {
			clock_ms = tick_ms;
			rc = cdp_rig_clock(r, clock_ms, err);
		}
		if (rc == 0)
			rc = cdp_rig_feed(r, t->given[i].json, err);
	}
	return rc != 0 ? rc : cdp_rig_clock(r, t->until_ms, err);
}

int
cdp_trial_run(struct cdp_trial *tr, struct cdp_project *pr,
    const struct cdp_test *t, struct cdp_err *err)
{
	struct rig own = { .tr = tr,
		.desk = { .pr = pr,
		    .render = { .jq = pr->jq },
		    .kept = { .dry_run = true } } };
	const struct cdp_rig_watch watch = { &own, note_line, note_passage,
		note_fault };
	struct cdp_rig *r = cdp_rig_new(pr, &watch);
	int rc;

	cdp_contacts_init(&own.desk.contacts, pr);
	cdp_desk_want(pr);
	rc = feed_all(r, pr, t, err);
	cdp_rig_free(r);
	cdp_desk_free(&own.desk);
	cdp_buf_free(&own.text);
	cdp_buf_free(&own.woken);
	cdp_tape_free(&own.tape);
	cdp_arena_free(&own.mem);
	return rc;
}

void
cdp_trial_free(struct cdp_trial *tr)
{
	free(tr->v);
	cdp_arena_free(&tr->mem);
}
