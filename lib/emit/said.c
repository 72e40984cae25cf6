#include "lib/emit/delivery.h"
#include "lib/json/write.h"

/* What a delivery says of itself, in lines. */

const char *const cdp_status_names[CDP_NSTATUS] = { "ready", "sent", "queued",
	"deferred", "held", "failed" };

const char *const cdp_moot_names[CDP_NMOOT] = { "nothing_to_undo", "holdout",
	"withdrawn" };

void
cdp_delivery_list(struct cdp_buf *b, const struct cdp_delivery *a)
{
	const struct cdp_tape *t = a->ln->tape;
	static const char *const name[] = { "audience", "list" };

	for (size_t i = 0; i < 2; i++) {
		uint32_t v = cdp_tape_get(t, 0, cdp_str_of(name[i]));

		if (v != CDP_NOTOK)
			cdp_json_kraw(b, name[i], cdp_tape_raw(t, v));
	}
}

static void
put_names(struct cdp_buf *b, const struct cdp_delivery *a)
{
	cdp_json_ktime(b, "timestamp", a->ln->ts_ms);
	cdp_json_kstr(b, "activation", a->ln->message_id);
	if (a->came != CDP_CAME_FED) {
		cdp_json_kstr(b, "journey", a->journey);
		cdp_json_kstr(b, "step", a->step);
		cdp_json_kstr(b, "instance", a->instance);
	}
	cdp_json_kstr(b, "destination", a->destination);
	if (a->to != NULL)
		cdp_json_kstr(b, "channel", a->to->channel);
	cdp_json_kstr(b, "action", a->action);
	if (a->came == CDP_CAME_FED)
		cdp_delivery_list(b, a);
	cdp_json_kstr(b, "profile", a->ln->profile_id);
}

static void
put_content(struct cdp_buf *b, const struct cdp_delivery *a)
{
	if (a->has_address)
		cdp_json_kstr(b, "to", a->address);
	if (a->has_from)
		cdp_json_kstr(b, "from", a->from);
	if (a->message.n != 0)
		cdp_json_kraw(b, "message", a->message);
	if (a->has_body)
		cdp_json_kraw(b, "body", a->body);
	if (a->request.n != 0)
		cdp_json_kraw(b, "request", a->request);
}

/* The status stands before anything that others wrote: see
 * cdp_delivery_is_held(). */
void
cdp_delivery_line(struct cdp_buf *b, const struct cdp_delivery *a)
{
	const struct cdp_tape *t = a->ln->tape;
	uint32_t why = cdp_tape_get(t, 0, CDP_STR("why"));

	cdp_buf_reset(b);
	cdp_buf_puts(b, "{\"type\":\"delivery\"");
	cdp_json_kstr(b, "messageId", cdp_str_of(a->key));
	put_names(b, a);
	cdp_json_kstr(b, "status", cdp_str_of(cdp_status_names[a->status]));
	if (a->reason != NULL) {
		cdp_json_kstr(b, "reason", cdp_str_of(a->reason));
		cdp_json_kstr(b, "detail", a->detail);
	}
	if (a->warning.n != 0)
		cdp_json_kstr(b, "warning", a->warning);
	put_content(b, a);
	if (why != CDP_NOTOK)
		cdp_json_kraw(b, "why", cdp_tape_raw(t, why));
	cdp_buf_putc(b, '}');
}

void
cdp_delivery_file_line(struct cdp_buf *b, const struct cdp_delivery *a)
{
	cdp_buf_reset(b);
	cdp_buf_puts(b, "{");
	cdp_json_kstr(b, "key", cdp_str_of(a->key));
	put_names(b, a);
	put_content(b, a);
	cdp_buf_putc(b, '}');
}

int
cdp_delivery_moot(const struct cdp_delivery *a)
{
	for (int i = 0; a->status == CDP_HELD && i < CDP_NMOOT; i++)
		if (strcmp(a->reason, cdp_moot_names[i]) == 0)
			return i;
	return -1;
}

/* The rest of s behind prefix; or nothing. */
static struct cdp_str
after(struct cdp_str s, const char *prefix)
{
	size_t n = strlen(prefix);

	if (!cdp_str_starts(s, cdp_str_of(prefix)))
		return (struct cdp_str){ 0 };
	return (struct cdp_str){ s.p + n, s.n - n };
}

bool
cdp_delivery_is_held(struct cdp_str json)
{
	const char *p = memmem(json.p, json.n, "\"status\":\"", 10);
	struct cdp_str rest;

	if (p == NULL)
		return false;
	p += 10;
	rest = (struct cdp_str){ p, json.n - (size_t)(p - json.p) };
	if (cdp_str_starts(rest, CDP_STR("failed\"")))
		return true;
	if ((rest = after(rest, "held\",\"reason\":\"")).n == 0)
		return false;
	for (int i = 0; i < CDP_NMOOT; i++)
		if (cdp_str_starts(
			after(rest, cdp_moot_names[i]), CDP_STR("\"")))
			return false;
	return true;
}
