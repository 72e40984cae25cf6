#include "lib/tool/trial.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/write.h"
#include "lib/tool/intake.h"
#include "lib/tool/rig.h"

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

/* What was decided: what becomes of it the next line says, or a later one. */
static void
add_activation(struct cdp_trial *tr, const struct cdp_line *ln)
{
	struct cdp_decided *d;

	tr->decided = cdp_xreallocarray(
	    tr->decided, tr->ndecided + 1, sizeof(*tr->decided));
	d = &tr->decided[tr->ndecided++];
	d->id = cdp_arena_dup(&tr->mem, ln->message_id);
	d->json = cdp_arena_dup(&tr->mem, ln->raw);
	d->why = reasons(tr, ln);
}

static const struct cdp_decided *
decided(const struct cdp_trial *tr, struct cdp_str id)
{
	size_t i = tr->ndecided;

	while (i-- > 0)
		if (cdp_str_eq(tr->decided[i].id, id))
			return &tr->decided[i];
	return NULL;
}

/* The line of the activation, with "to" and "message" of its delivery. */
static struct cdp_str
both(struct cdp_trial *tr, const struct cdp_decided *d,
    const struct cdp_line *ln)
{
	static const char *const names[] = { "to", "message" };
	struct cdp_buf edit = { 0 }, b = { 0 };
	struct cdp_tape t = { 0 };
	struct cdp_str ret = d->json;
	uint32_t at;

	cdp_buf_putc(&edit, '{');
	for (size_t i = 0; i < 2; i++) {
		at = cdp_tape_get(ln->tape, 0, cdp_str_of(names[i]));
		if (at != CDP_NOTOK)
			cdp_json_kraw(
			    &edit, names[i], cdp_tape_raw(ln->tape, at));
	}
	cdp_buf_putc(&edit, '}');
	if (cdp_tape_parse(&t, d->json, NULL) == 0) {
		cdp_json_splice(&b, &t, cdp_buf_str(&edit), CDP_STR(""), 0);
		ret = cdp_arena_dup(&tr->mem, cdp_buf_str(&b));
	}
	cdp_tape_free(&t);
	cdp_buf_free(&edit);
	cdp_buf_free(&b);
	return ret;
}

static int
note_delivery(void *arg, const struct cdp_line *ln, struct cdp_err *err)
{
	struct cdp_trial *tr = arg;
	const struct cdp_decided *d = decided(tr, member(tr, ln, "activation"));
	struct cdp_str status = member(tr, ln, "status");
	struct cdp_str detail = member(tr, ln, "detail");
	bool out = cdp_str_is(status, "ready");
	struct cdp_happened *h;

	(void)err;
	if (ln->type != CDP_DELIVERY || d == NULL)
		return 0;
	h = add(tr, out ? CDP_WANT_SEND : CDP_WANT_HELD, ln->ts_ms);
	h->name = member(tr, ln, "destination");
	h->journey = member(tr, ln, "journey");
	h->step = member(tr, ln, "step");
	h->action = member(tr, ln, "action");
	h->id = member(tr, ln, "profile");
	h->json = both(tr, d, ln);
	h->why = d->why;
	if (out)
		return 0;
	h->reason = member(tr, ln, "reason");
	if (h->reason.n == 0)
		h->reason = status;
	h->why = cdp_arena_printf(&tr->mem, "%.*s%s%.*s", (int)h->reason.n,
	    h->reason.p, detail.n != 0 ? ": " : "", (int)detail.n,
	    detail.n != 0 ? detail.p : "");
	return 0;
}

static int
note_line(void *arg, const struct cdp_line *ln, struct cdp_err *err)
{
	struct cdp_trial *tr = arg;
	bool in = cdp_str_is(ln->event, "Audience Entered");
	bool out = cdp_str_is(ln->event, "Audience Exited");
	struct cdp_path path = { 0 };
	struct cdp_happened *h;

	(void)err;
	if (ln->type == CDP_ACTIVATION) {
		add_activation(tr, ln);
		return 0;
	}
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
	struct cdp_trial *tr = arg;
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
	struct cdp_trial *tr = arg;

	(void)ln;
	if (tr->fault.n == 0)
		tr->fault = cdp_arena_printf(&tr->mem, "%s: %.*s%s%.*s", code,
		    (int)field.n, field.n != 0 ? field.p : "",
		    field.n != 0 ? ": " : "", (int)message.n,
		    message.n != 0 ? message.p : "");
}

static int
feed_all(struct cdp_rig *r, struct cdp_str text, struct cdp_err *err)
{
	const char *p = text.p, *nl;
	int rc = 0;

	for (; rc == 0 && p < text.p + text.n; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(text.p + text.n - p));
		rc = cdp_rig_feed(
		    r, (struct cdp_str){ p, (size_t)(nl - p) }, err);
	}
	return rc;
}

/* What was given by the end of the test, as cdp-ingest prints it. */
static int
ingest(struct cdp_trial *tr, struct cdp_project *pr, const struct cdp_test *t,
    struct cdp_buf *ret, struct cdp_err *err)
{
	const struct cdp_stage_opt opt = { .reject_arg = tr,
		.reject = note_fault };
	struct cdp_intake_line *v =
	    cdp_arena_calloc(&tr->mem, t->ngiven + 1, sizeof(*v));
	size_t n = 0;

	for (size_t i = 0; i < t->ngiven; i++)
		if (t->start_ms + t->given[i].comes_ms <= t->until_ms)
			v[n++] = (struct cdp_intake_line){ t->start_ms +
				    t->given[i].comes_ms,
				t->given[i].json };
	return cdp_intake_run(pr, v, n, t->until_ms, &opt, ret, err);
}

int
cdp_trial_run(struct cdp_trial *tr, struct cdp_project *pr,
    const struct cdp_test *t, struct cdp_err *err)
{
	const struct cdp_rig_watch watch = { tr, note_line, note_delivery,
		note_passage, note_fault };
	struct cdp_buf text = { 0 };
	struct cdp_rig *r = NULL;
	int rc = ingest(tr, pr, t, &text, err);

	if (rc == 0)
		rc = cdp_rig_new(pr, &watch, &r, err);
	if (rc == 0)
		rc = feed_all(r, cdp_buf_str(&text), err);
	cdp_rig_free(r);
	cdp_buf_free(&text);
	return rc;
}

void
cdp_trial_free(struct cdp_trial *tr)
{
	free(tr->v);
	free(tr->decided);
	cdp_arena_free(&tr->mem);
}
