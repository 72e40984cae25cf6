#include "lib/emit/anew.h"

#include "lib/json/write.h"

static int
open_desk(struct cdp_anew *an, struct cdp_log *log, struct cdp_err *err)
{
	if (an->open)
		return 0;
	an->open = true;
	an->desk = (struct cdp_desk){ .pr = an->pr,
		.render = { .jq = an->pr->jq },
		.kept = { .log = log, .dry_run = true } };
	cdp_contacts_init(&an->desk.contacts, an->pr);
	cdp_desk_want(an->pr);
	cdp_catalog_open(&an->catalog, an->pr, log);
	return cdp_contacts_open(&an->desk.contacts, log, err);
}

void
cdp_anew_free(struct cdp_anew *an)
{
	if (an->open) {
		cdp_desk_free(&an->desk);
		cdp_catalog_free(&an->catalog);
	}
	cdp_tape_free(&an->act);
	cdp_tape_free(&an->then);
	cdp_tape_free(&an->line);
	cdp_arena_free(&an->mem);
	cdp_buf_free(&an->text);
	cdp_buf_free(&an->made);
}

static struct cdp_str
get(const struct cdp_tape *t, const char *name, struct cdp_arena *mem)
{
	return cdp_tape_str(t, cdp_tape_get(t, 0, cdp_str_of(name)), mem);
}

static bool
is_out(struct cdp_str status)
{
	return cdp_str_is(status, "ready") || cdp_str_is(status, "sent") ||
	    cdp_str_is(status, "queued");
}

/* As the delivery has it: its names, and nothing that an event has said. */
static void
make_act(const struct cdp_tape *then, struct cdp_buf *b)
{
	static const char *const same[] = { "timestamp", "journey", "step",
		"instance", "destination", "action", "audience", "list" };

	cdp_buf_puts(b, "{\"type\":\"activation\"");
	cdp_json_kraw(b, "messageId",
	    cdp_tape_raw(then, cdp_tape_get(then, 0, CDP_STR("activation"))));
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		uint32_t v = cdp_tape_get(then, 0, cdp_str_of(same[i]));

		if (v != CDP_NOTOK)
			cdp_json_kraw(b, same[i], cdp_tape_raw(then, v));
	}
	cdp_buf_putc(b, '}');
}

/* The activation about the profile as it stands. */
static int
make_line(struct cdp_anew *an, const struct cdp_anew_ask *q,
    struct cdp_line *ln, struct cdp_err *err)
{
	struct cdp_buf *b = &an->text;
	struct cdp_str act = q->act, edit;
	int rc;

	cdp_buf_reset(b);
	if (act.n == 0) {
		make_act(&an->then, b);
		act = cdp_arena_dup(&an->mem, cdp_buf_str(b));
	}
	if ((rc = cdp_tape_parse(&an->act, act, err)) != 0)
		return rc;
	edit = cdp_arena_printf(
	    &an->mem, "{\"profile\":%.*s}", (int)q->profile.n, q->profile.p);
	cdp_buf_reset(b);
	cdp_json_splice(b, &an->act, edit, CDP_STR(""), 0);
	rc = cdp_line_parse(cdp_buf_str(b), 0, &an->line, &an->mem, ln, err);
	ln->ts_ms = q->at_ms; /* of quiet hours and caps, not of what is said */
	return rc;
}

/* What was sent later than then is not known then, nor is itself. */
static size_t
unsend(struct cdp_reach *v, size_t n, struct cdp_str channel, int64_t own_ms,
    int64_t at_ms)
{
	bool own = own_ms == CDP_TIME_NONE;
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		if (v[i].at_ms > at_ms)
			continue;
		if (!own && v[i].at_ms == own_ms &&
		    cdp_str_eq(v[i].channel, channel)) {
			own = true;
			continue;
		}
		v[to++] = v[i];
	}
	return to;
}

/* An undo that went out is decided before it took anything back. */
static void
owe(struct cdp_anew *an, const struct cdp_line *ln)
{
	const struct cdp_tape *t = &an->then;
	struct cdp_debt d = { .instance = get(t, "instance", &an->mem),
		.step = get(t, "step", &an->mem),
		.destination = get(t, "destination", &an->mem),
		.profile = ln->profile_id,
		.to = get(t, "to", &an->mem),
		.key = CDP_STR("00000000-0000-0000-0000-000000000000") };

	if (cdp_gate_way_of(an->pr, ln->tape, get(t, "journey", &an->mem),
		d.step, get(t, "action", &an->mem)) == CDP_GATE_UNDO)
		cdp_owed_add(&an->desk.kept, &d);
}

/* Decide as if it had never been: without what it counts for. */
static int
decide(struct cdp_anew *an, const struct cdp_anew_ask *q,
    struct cdp_anew_told *ret, struct cdp_err *err)
{
	const struct cdp_tape *t = &an->then;
	bool fed =
	    cdp_str_starts(get(t, "activation", &an->mem), CDP_STR("fed_"));
	struct cdp_reach *sent = NULL;
	int64_t own = CDP_TIME_NONE;
	struct cdp_contact *c;
	size_t nsent = 0;
	int rc;

	rc = cdp_contacts_get(&an->desk.contacts, ret->ln.profile_id, &c, err);
	if (rc != 0)
		return rc;
	if (is_out(get(t, "status", &an->mem))) {
		cdp_time_parse(get(t, "timestamp", &an->mem), &own);
		owe(an, &ret->ln);
	}
	if (c != NULL && c->nsent != 0) {
		sent = c->sent;
		nsent = c->nsent;
		c->sent = cdp_arena_alloc(&an->mem, nsent * sizeof(*sent));
		memcpy(c->sent, sent, nsent * sizeof(*sent));
		c->nsent = unsend(
		    c->sent, nsent, get(t, "channel", &an->mem), own, q->at_ms);
	}
	rc = (ret->partial ? cdp_delivery_gates : cdp_delivery_make)(&an->desk,
	    &ret->ln, false, fed ? CDP_CAME_FED : CDP_CAME_NOW, &ret->d, err);
	if (sent != NULL) {
		c->sent = sent;
		c->nsent = nsent;
	}
	return rc;
}

int
cdp_anew_ask(struct cdp_anew *an, const struct cdp_anew_ask *q,
    struct cdp_anew_told *ret, struct cdp_err *err)
{
	int rc;

	cdp_arena_reset(&an->mem);
	*ret = (struct cdp_anew_told){ .gone = q->profile.n == 0,
		.partial = q->act.n == 0 };
	if ((rc = open_desk(an, q->log, err)) != 0 ||
	    (rc = cdp_tape_parse(&an->then, q->last, err)) != 0 || ret->gone)
		return rc;
	rc = make_line(an, q, &ret->ln, err);
	return rc == 0 ? decide(an, q, ret, err) : rc;
}

/* ---- beside what was decided ---- */

static void
put_fate(struct cdp_buf *b, const char *verb, struct cdp_str status,
    struct cdp_str reason, struct cdp_str detail)
{
	cdp_buf_printf(b, "%s %.*s", verb, (int)status.n, status.p);
	if (reason.n != 0)
		cdp_buf_printf(b, " for %.*s", (int)reason.n, reason.p);
	if (detail.n != 0)
		cdp_buf_printf(b, " (%.*s)", (int)detail.n, detail.p);
}

static void
put_sentence(struct cdp_buf *ret, struct cdp_buf *b)
{
	cdp_json_comma(ret);
	cdp_json_str(ret, cdp_buf_str(b));
	cdp_buf_reset(b);
}

/* Both go out: is it the same that does? */
static void
compare(struct cdp_anew *an, const struct cdp_delivery *d, struct cdp_buf *b,
    struct cdp_buf *ret)
{
	static const char *const part[] = { "to", "from", "message", "body",
		"request" };
	struct cdp_tape now = { 0 };
	const struct cdp_tape *then = &an->then;

	cdp_delivery_line(&an->made, d);
	if (cdp_tape_parse(&now, cdp_buf_str(&an->made), NULL) != 0)
		return;
	for (size_t i = 0; i < sizeof(part) / sizeof(*part); i++) {
		uint32_t was = cdp_tape_get(then, 0, cdp_str_of(part[i]));
		uint32_t is = cdp_tape_get(&now, 0, cdp_str_of(part[i]));

		/* A mail is dated. */
		if (cdp_tape_equal(then, was, &now, is) ||
		    (i == 4 && d->to->via == CDP_VIA_SMTP))
			continue;
		cdp_buf_printf(b, "another %s%s", i == 0 ? "address" : part[i],
		    i == 1 ? " address" : "");
		put_sentence(ret, b);
	}
	cdp_tape_free(&now);
}

bool
cdp_anew_differs(
    struct cdp_anew *an, const struct cdp_anew_told *told, struct cdp_buf *ret)
{
	const struct cdp_tape *then = &an->then;
	struct cdp_str was = get(then, "status", &an->mem);
	struct cdp_str was_why = get(then, "reason", &an->mem);
	struct cdp_str is = told->gone
	    ? CDP_STR("held")
	    : cdp_str_of(cdp_status_names[told->d.status]);
	struct cdp_str is_why = told->gone ? CDP_STR("no_profile")
	    : told->d.reason != NULL       ? cdp_str_of(told->d.reason)
					   : CDP_STR("");
	struct cdp_buf b = { 0 };
	size_t n = ret->n;

	if ((is_out(was) != is_out(is) || !cdp_str_eq(was_why, is_why)) &&
	    !(told->partial && is_out(is) && (is_out(was) || was_why.n == 0))) {
		put_fate(
		    &b, "was", was, was_why, get(then, "detail", &an->mem));
		put_fate(&b, ", would be", is, is_why,
		    told->gone ? CDP_STR("nobody is that profile any more")
			       : told->d.detail);
		put_sentence(ret, &b);
	} else if (is_out(is) && !told->gone && !told->partial) {
		compare(an, &told->d, &b, ret);
	}
	cdp_buf_free(&b);
	return ret->n != n;
}
