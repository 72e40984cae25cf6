#include "lib/emit/delivery.h"

#include <ctype.h>

#include "lib/base/hash.h"
#include "lib/emit/request.h"
#include "lib/emit/sms.h"
#include "lib/json/write.h"
#include "lib/rule/phone.h"

void
cdp_desk_want(struct cdp_project *pr)
{
	for (size_t i = 0; i < pr->ndestination; i++) {
		const struct cdp_destination *d = &pr->destination[i];
		const int id[] = { d->to, d->from, d->body };

		if (d->via != CDP_VIA_FILE)
			cdp_request_want(pr->jq, d);

		for (size_t k = 0; k < 3; k++)
			if (id[k] >= 0)
				cdp_jq_want(pr->jq, id[k]);
	}
	for (size_t i = 0; i < pr->ntemplate; i++) {
		cdp_render_want(pr->jq, &pr->template[i].subject);
		cdp_render_want(pr->jq, &pr->template[i].html);
		cdp_render_want(pr->jq, &pr->template[i].text);
	}
}

void
cdp_desk_free(struct cdp_desk *desk)
{
	cdp_render_free(&desk->render);
	cdp_buf_free(&desk->input);
	cdp_kept_free(&desk->kept);
	cdp_contacts_free(&desk->contacts);
	cdp_hush_free(&desk->hush);
}

static struct cdp_str
member(const struct cdp_delivery *a, const char *name)
{
	const struct cdp_tape *t = a->ln->tape;

	return cdp_tape_str(t, cdp_tape_get(t, 0, cdp_str_of(name)), a->mem);
}

/* The same activation for the same destination: the same key, anywhere. */
static void
make_key(struct cdp_delivery *a)
{
	const struct cdp_str part[] = { CDP_STR("cdp-emit/1"),
		a->ln->message_id, a->destination };

	memcpy(a->key, "dlv_", 4);
	cdp_hash_uuid(part, 3, a->key + 4);
}

static int
read_act(struct cdp_desk *desk, const struct cdp_line *ln, bool deliver,
    enum cdp_came came, struct cdp_delivery *a, struct cdp_err *err)
{
	*a = (struct cdp_delivery){ .ln = ln, .mem = ln->mem, .came = came };
	a->journey = member(a, "journey");
	a->step = member(a, "step");
	a->instance = member(a, "instance");
	a->destination = member(a, "destination");
	a->action = member(a, "action");
	a->template = member(a, "template");
	a->person = ln->profile_id;
	if (came == CDP_CAME_FED) {
		a->person = member(a, "person");
		a->undoes = member(a, "undoes");
	}
	if (ln->message_id.n == 0 || a->destination.n == 0 ||
	    a->action.n == 0 || ln->ts_ms == CDP_TIME_NONE)
		return cdp_fail_rule(err, CDP_EDATA, "bad_activation", NULL,
		    "an activation needs messageId, timestamp, destination "
		    "and action");
	a->to = cdp_project_destination(desk->pr, a->destination);
	a->way = cdp_gate_way_of(
	    desk->pr, a->ln->tape, a->journey, a->step, a->action);
	a->status = !deliver                              ? CDP_READY
	    : a->to != NULL && a->to->via == CDP_VIA_FILE ? CDP_SENT
							  : CDP_QUEUED;
	make_key(a);
	return 0;
}

/* Those that the destination is to have; if it does not say which, all. */
static void
put_traits(struct cdp_buf *b, const struct cdp_delivery *a)
{
	const struct cdp_tape *t = a->ln->tape;
	const struct cdp_destination *d = a->to;
	uint32_t all = cdp_tape_get(t, a->ln->profile, CDP_STR("traits"));

	if (d->ntrait == 0 && all != CDP_NOTOK) {
		cdp_json_kraw(b, "traits", cdp_tape_raw(t, all));
		return;
	}
	cdp_json_key(b, "traits");
	cdp_buf_putc(b, '{');
	for (size_t i = 0; i < d->ntrait; i++) {
		uint32_t v = cdp_tape_get(t, all, d->trait[i]);

		if (v == CDP_NOTOK)
			continue;
		cdp_json_comma(b);
		cdp_json_str(b, d->trait[i]);
		cdp_buf_putc(b, ':');
		cdp_buf_put(b, cdp_tape_raw(t, v));
	}
	cdp_buf_putc(b, '}');
}

/* What the programs of templates and destinations are run on. */
static void
make_input(struct cdp_desk *desk, const struct cdp_delivery *a)
{
	static const char *const same[] = { "profile", "kept", "event",
		"journey", "step", "destination", "action", "timestamp" };
	const struct cdp_tape *t = a->ln->tape;
	struct cdp_buf *b = &desk->input;

	cdp_buf_reset(b);
	cdp_buf_puts(b, "{\"type\":\"activation\"");
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		uint32_t v = cdp_tape_get(t, 0, cdp_str_of(same[i]));

		cdp_json_kraw(b, same[i],
		    v != CDP_NOTOK ? cdp_tape_raw(t, v) : CDP_STR("null"));
	}
	if (a->came == CDP_CAME_FED)
		cdp_delivery_list(b, a);
	if (cdp_str_is(a->action, "identify"))
		put_traits(b, a);
	cdp_json_kstr(b, "key", cdp_delivery_uuid(a));
	if (a->has_address)
		cdp_json_kstr(b, "to", a->address);
	if (a->has_from)
		cdp_json_kstr(b, "from", a->from);
	if (a->message.n != 0)
		cdp_json_kraw(b, "message", a->message);
	cdp_buf_putc(b, '}');
}

void
cdp_delivery_settle(struct cdp_delivery *a, enum cdp_status status,
    const char *reason, struct cdp_str detail)
{
	a->status = status;
	a->reason = reason;
	a->detail = detail;
}

/* A fault of a definition on this record; other faults are returned. */
static int
broken(struct cdp_delivery *a, int rc, struct cdp_err *err)
{
	if (rc != CDP_EDATA)
		return rc;
	cdp_delivery_settle(a, CDP_FAILED,
	    strcmp(err->rule, CDP_REQUEST_BAD) == 0 ? CDP_REQUEST_BAD
						    : "template_error",
	    cdp_arena_dup(a->mem, cdp_str_of(err->msg)));
	return 0;
}

static bool
is_listed(const struct cdp_desk *desk, const struct cdp_delivery *a)
{
	char *low;

	if (desk->pr->outreach.nlisted == 0)
		return false;
	low = cdp_arena_alloc(a->mem, a->address.n);
	for (size_t i = 0; i < a->address.n; i++)
		low[i] = (char)tolower((unsigned char)a->address.p[i]);
	return cdp_gate_listed(desk->pr, a->address) ||
	    cdp_gate_listed(desk->pr, (struct cdp_str){ low, a->address.n });
}

/* Numbers of no country are of that of the project's telephones. */
static struct cdp_str
region(const struct cdp_identity *idy)
{
	size_t i;

	for (i = 0; i < idy->nid; i++)
		if (idy->id[i].normalize == CDP_NORM_PHONE)
			return idy->id[i].region;
	return (struct cdp_str){ NULL, 0 };
}

/* What the destination asks of an address; a telephone number is made E.164. */
static void
check_address(const struct cdp_desk *desk, struct cdp_delivery *a)
{
	struct cdp_str box;

	if (a->to->address == CDP_NORM_EMAIL &&
	    cdp_mail_box(a->address, &box, NULL) != 0)
		cdp_delivery_settle(a, CDP_HELD, "bad_address",
		    CDP_STR("is no address of mail"));
	else if (a->to->address == CDP_NORM_PHONE &&
	    cdp_phone_normalize(a->address, region(&desk->pr->identity), a->mem,
		&a->address) != 0)
		cdp_delivery_settle(a, CDP_HELD, "bad_address",
		    CDP_STR("is no telephone number"));
}

static int
find_address(struct cdp_desk *desk, struct cdp_delivery *a, struct cdp_err *err)
{
	int rc;

	a->has_address = a->address.n != 0;
	if (a->to->to < 0 || a->has_address)
		return 0;
	rc = cdp_render_value(&desk->render, a->to->to,
	    cdp_buf_str(&desk->input), a->mem, &a->address, err);
	a->has_address = rc == 0 && a->address.n != 0;
	if (a->has_address && a->way != CDP_GATE_UNDO && is_listed(desk, a)) {
		cdp_delivery_settle(a, CDP_HELD, "suppressed",
		    CDP_STR("the address is suppressed"));
		return 0;
	}
	if (a->has_address)
		check_address(desk, a);
	if ((rc == 0 && a->address.n == 0) ||
	    (rc == CDP_EDATA && strcmp(err->rule, CDP_RENDER_NONE) == 0))
		cdp_delivery_settle(a, CDP_HELD, "no_address",
		    cdp_arena_printf(a->mem, "the profile has none for %.*s",
			(int)a->to->channel.n, a->to->channel.p));
	else if (rc == CDP_EDATA)
		cdp_delivery_settle(a, CDP_HELD, "no_address",
		    cdp_arena_dup(a->mem, cdp_str_of(err->msg)));
	return rc == CDP_EDATA ? 0 : rc;
}

/* What the text costs, and whether that is too much. */
static void
put_sms(const struct cdp_desk *desk, struct cdp_delivery *a,
    struct cdp_str text, struct cdp_buf *b)
{
	int64_t max = desk->pr->outreach.segments;
	struct cdp_sms sms;

	cdp_sms_count(text, &sms);
	cdp_json_key(b, "sms");
	cdp_buf_putc(b, '{');
	cdp_json_kstr(
	    b, "encoding", sms.ucs2 ? CDP_STR("UCS-2") : CDP_STR("GSM-7"));
	cdp_json_ki64(b, "length", (int64_t)sms.length);
	cdp_json_ki64(b, "segments", (int64_t)sms.segments);
	if (sms.ucs2)
		cdp_json_kstr(b, "because", sms.odd);
	cdp_buf_putc(b, '}');
	if (max != 0 && sms.segments > (size_t)max)
		a->warning = cdp_arena_printf(a->mem,
		    "an SMS of %zu segments, more than the %lld of "
		    "limits.segments%s%.*s%s",
		    sms.segments, (long long)max,
		    sms.ucs2 ? ": UCS-2 because of '" : "", (int)sms.odd.n,
		    sms.ucs2 ? sms.odd.p : "", sms.ucs2 ? "'" : "");
}

static int
render_message(
    struct cdp_desk *desk, struct cdp_delivery *a, struct cdp_err *err)
{
	const struct cdp_template *tp =
	    cdp_project_template(desk->pr, a->template);
	struct cdp_buf b = { 0 };
	int rc = 0;

	if (a->template.n == 0)
		return 0;
	if (tp == NULL) {
		cdp_delivery_settle(a, CDP_FAILED, "template_error",
		    cdp_arena_printf(a->mem, "no template '%.*s'",
			(int)a->template.n, a->template.p));
		return 0;
	}
	const struct {
		const char *name;
		const struct cdp_text *text;
	} part[] = { { "subject", &tp->subject }, { "text", &tp->text },
		{ "html", &tp->html } };

	cdp_buf_putc(&b, '{');
	for (size_t i = 0; i < 3 && rc == 0; i++) {
		struct cdp_str s = { 0 };

		if (part[i].text->n == 0)
			continue;
		rc = cdp_render_text(&desk->render, part[i].text,
		    cdp_buf_str(&desk->input), a->mem, &s, err);
		if (rc == 0)
			cdp_json_kstr(&b, part[i].name, s);
		if (rc == 0 && part[i].text == &tp->text && a->to != NULL &&
		    cdp_str_is(a->to->channel, "sms"))
			put_sms(desk, a, s, &b);
	}
	cdp_buf_putc(&b, '}');
	if (rc == 0)
		a->message = cdp_arena_dup(a->mem, cdp_buf_str(&b));
	cdp_buf_free(&b);
	return broken(a, rc, err);
}

static int
render_request(
    struct cdp_desk *desk, struct cdp_delivery *a, struct cdp_err *err)
{
	struct cdp_buf b = { 0 };
	int rc;

	make_input(desk, a);
	cdp_delivery_file_line(&b, a);
	rc = cdp_request_make(&desk->render, a->to, cdp_buf_str(&desk->input),
	    cdp_buf_str(&b), a->mem, &a->request, err);
	if (rc == 0 && a->to->batch_max != 0)
		a->item = cdp_arena_dup(a->mem,
		    a->to->body >= 0 || a->to->form >= 0
			? cdp_buf_str(&desk->input)
			: cdp_buf_str(&b));
	cdp_buf_free(&b);
	return broken(a, rc, err);
}

static int
render_mail(struct cdp_desk *desk, struct cdp_delivery *a, struct cdp_err *err)
{
	struct cdp_mail m = { .key = cdp_delivery_uuid(a),
		.ts_ms = a->ln->ts_ms,
		.from = a->from,
		.to = a->address };

	make_input(desk, a);
	return broken(a,
	    cdp_request_mail(&desk->render, a->to, cdp_buf_str(&desk->input),
		a->message, &m, a->mem, &a->request, err),
	    err);
}

static int
render_rest(struct cdp_desk *desk, struct cdp_delivery *a, struct cdp_err *err)
{
	const struct cdp_destination *d = a->to;
	int rc = 0;

	if (d->from >= 0) {
		rc = cdp_render_value(&desk->render, d->from,
		    cdp_buf_str(&desk->input), a->mem, &a->from, err);
		a->has_from = rc == 0;
	}
	if (rc == 0 && (d->via == CDP_VIA_HTTP || d->via == CDP_VIA_EXEC))
		return render_request(desk, a, err);
	if (rc == 0 && d->via == CDP_VIA_SMTP)
		return render_mail(desk, a, err);
	if (rc == 0 && d->body >= 0) {
		make_input(desk, a);
		rc = cdp_jq_run(desk->pr->jq, d->body,
		    cdp_buf_str(&desk->input), a->mem, &a->body, err);
		a->has_body = rc == 0;
		if (rc == CDP_END)
			rc = cdp_fail(err, CDP_EDATA, "body gives nothing");
	}
	return broken(a, rc, err);
}

static int
pass(struct cdp_desk *desk, struct cdp_delivery *a, struct cdp_err *err)
{
	if (a->to != NULL)
		return cdp_delivery_ask(desk, a, err);
	cdp_delivery_settle(a, CDP_FAILED, "unknown_destination",
	    CDP_STR("the project has no such destination"));
	return 0;
}

/* Through the gates, in their order, to the first that is closed. */
static int
decide(struct cdp_desk *desk, struct cdp_delivery *a, struct cdp_err *err)
{
	enum cdp_status open = a->status;
	int rc = pass(desk, a, err);

	if (rc != 0 || a->status != open)
		return rc;
	make_input(desk, a);
	if ((rc = find_address(desk, a, err)) != 0 || a->status != open)
		return rc;
	if ((rc = render_message(desk, a, err)) != 0 || a->status != open)
		return rc;
	return render_rest(desk, a, err);
}

int
cdp_delivery_make(struct cdp_desk *desk, const struct cdp_line *ln,
    bool deliver, enum cdp_came came, struct cdp_delivery *ret,
    struct cdp_err *err)
{
	int rc = read_act(desk, ln, deliver, came, ret, err);

	return rc != 0 ? rc : decide(desk, ret, err);
}

int
cdp_delivery_gates(struct cdp_desk *desk, const struct cdp_line *ln,
    bool deliver, enum cdp_came came, struct cdp_delivery *ret,
    struct cdp_err *err)
{
	int rc = read_act(desk, ln, deliver, came, ret, err);

	return rc != 0 ? rc : pass(desk, ret, err);
}

int
cdp_delivery_render(struct cdp_desk *desk, const struct cdp_line *ln,
    struct cdp_delivery *ret, struct cdp_err *err)
{
	const struct cdp_destination *d;
	int rc = read_act(desk, ln, false, CDP_CAME_NOW, ret, err);

	if (rc != 0)
		return rc;
	d = ret->to;
	make_input(desk, ret);
	if (d != NULL &&
	    ((rc = find_address(desk, ret, err)) != 0 ||
		(d->from >= 0 &&
		    (rc = cdp_render_value(&desk->render, d->from,
			 cdp_buf_str(&desk->input), ret->mem, &ret->from,
			 err)) != 0)))
		return rc;
	rc = render_message(desk, ret, err);
	return rc == 0 && ret->status == CDP_FAILED
	    ? cdp_fail(
		  err, CDP_EDATA, "%.*s", (int)ret->detail.n, ret->detail.p)
	    : rc;
}

int
cdp_delivery_withdraw(struct cdp_desk *desk, const struct cdp_line *ln,
    const struct cdp_line *by, struct cdp_delivery *ret, struct cdp_err *err)
{
	struct cdp_str last = CDP_STR("its journey took it back");
	uint32_t why = cdp_tape_get(by->tape, 0, CDP_STR("why"));
	uint32_t it = 0, key, val;
	int rc = read_act(desk, ln, false, CDP_CAME_AGAIN, ret, err);

	if (rc != 0)
		return rc;
	while (cdp_tape_next(by->tape, why, &it, &key, &val))
		last = cdp_tape_str(by->tape, val, ln->mem);
	cdp_delivery_settle(ret, CDP_HELD, cdp_moot_names[CDP_WITHDRAWN], last);
	return 0;
}

struct cdp_str
cdp_delivery_uuid(const struct cdp_delivery *a)
{
	return cdp_str_of(a->key + 4);
}
