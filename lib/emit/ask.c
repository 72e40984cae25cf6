#include "lib/emit/delivery.h"

static void
ask_person(struct cdp_desk *desk, struct cdp_delivery *a)
{
	static const char *const said[] = {
		[CDP_GATE_REFUSED] = "no consent to",
		[CDP_GATE_CONFLICT] = "merged profiles differ in consent to",
		[CDP_GATE_UNKNOWN] = "nothing is known of consent to",
	};
	struct cdp_str category;
	enum cdp_gate_why why;

	if (cdp_gate_suppressed(
		desk->pr, a->ln->tape, a->ln->profile, a->mem)) {
		cdp_delivery_settle(a, CDP_HELD, "suppressed",
		    CDP_STR("an identifier of the profile is suppressed"));
		return;
	}
	why = cdp_gate_consent(&desk->pr->consent, a->destination, a->ln->tape,
	    a->ln->profile, &category);
	if (why != CDP_GATE_OPEN)
		cdp_delivery_settle(a, CDP_HELD, "consent",
		    cdp_arena_printf(a->mem, "%s %.*s", said[why],
			(int)category.n, category.p));
	else if (!cdp_gate_integrations(a->ln->tape,
		     cdp_tape_get(a->ln->tape, 0, CDP_STR("event")),
		     a->destination))
		cdp_delivery_settle(a, CDP_HELD, "integrations",
		    CDP_STR("integrations of the event exclude it"));
}

/* Not now: later, or never. */
static void
hush(struct cdp_desk *desk, struct cdp_delivery *a)
{
	char at[CDP_TIME_SIZE];

	cdp_time_format(a->until_ms, at);
	cdp_delivery_settle(a,
	    desk->pr->outreach.quiet.drop ? CDP_HELD : CDP_DEFERRED,
	    "quiet_hours", cdp_arena_printf(a->mem, "until %s", at));
	if (a->status == CDP_DEFERRED)
		cdp_contact_defer(
		    &desk->contacts, a->contact, a->ln, a->until_ms);
}

/* Whether the person wants it, now, and not too much of it. */
static void
ask_contact(struct cdp_desk *desk, struct cdp_delivery *a)
{
	const struct cdp_contacts *cs = &desk->contacts;
	struct cdp_str channel = a->to->channel;
	const struct cdp_cap *cap;
	const char *closed = cdp_contact_closed(cs, a->contact, channel);

	if (closed != NULL)
		cdp_delivery_settle(a, CDP_HELD, closed,
		    cdp_arena_printf(a->mem,
			"the profile is not subscribed to %.*s", (int)channel.n,
			channel.p));
	else if (a->came != CDP_CAME_AGAIN &&
	    cdp_hush_until(&desk->hush, desk->pr, a->ln, channel, &a->until_ms))
		hush(desk, a);
	else if ((cap = cdp_contact_capped(
		      cs, a->contact, channel, a->ln->ts_ms)) != NULL)
		cdp_delivery_settle(a, CDP_HELD, "frequency_cap",
		    cdp_arena_printf(a->mem, "it had %.*s already",
			(int)cap->text.n, cap->text.p));
}

static bool
held_out(const struct cdp_delivery *a)
{
	return cdp_tape_isa(a->ln->tape,
	    cdp_tape_get(a->ln->tape, 0, CDP_STR("holdout")), CDP_TRUE);
}

static struct cdp_debt
debt(const struct cdp_delivery *a)
{
	return (struct cdp_debt){ a->instance, a->step, a->destination,
		a->ln->profile_id, a->address, cdp_delivery_uuid(a) };
}

/* What was named to a provider may be taken back, whatever was said since. */
int
cdp_delivery_ask(
    struct cdp_desk *desk, struct cdp_delivery *a, struct cdp_err *err)
{
	struct cdp_debt d = debt(a);
	enum cdp_status open;
	int rc;

	if (a->came == CDP_CAME_FED) {
		if (a->way != CDP_GATE_UNDO)
			ask_person(desk, a);
		return 0;
	}
	rc = cdp_contacts_get(
	    &desk->contacts, a->ln->profile_id, &a->contact, err);
	if (rc != 0)
		return rc;
	if (a->way != CDP_GATE_UNDO) {
		open = a->status;
		ask_person(desk, a);
		if (a->status == open && a->contact != NULL)
			ask_contact(desk, a);
		if (a->status == open && held_out(a))
			cdp_delivery_settle(a, CDP_HELD,
			    cdp_moot_names[CDP_HOLDOUT],
			    cdp_arena_printf(a->mem,
				"the control group of %.*s", (int)a->journey.n,
				a->journey.p));
		return 0;
	}
	rc = cdp_owed_find(&desk->kept, &d, a->mem, err);
	if (rc == CDP_END)
		cdp_delivery_settle(a, CDP_HELD,
		    cdp_moot_names[CDP_NOTHING_TO_UNDO],
		    CDP_STR("what it takes back did not go out"));
	if (rc == 0) {
		a->address = d.to;
		a->undoes = d.key;
	}
	return rc == CDP_END ? 0 : rc;
}

void
cdp_delivery_out(struct cdp_desk *desk, const struct cdp_delivery *a)
{
	const struct cdp_debt d = debt(a);

	if (a->came == CDP_CAME_FED)
		return; /* feed.c keeps its own books */
	if (a->contact != NULL && a->way != CDP_GATE_UNDO)
		cdp_contact_sent(
		    &desk->contacts, a->contact, a->to->channel, a->ln->ts_ms);
	if (a->way == CDP_GATE_UNDOABLE)
		cdp_owed_add(&desk->kept, &d);
	else if (a->way == CDP_GATE_UNDO)
		cdp_owed_drop(&desk->kept, &d);
}

struct cdp_str
cdp_delivery_stands(const struct cdp_delivery *a)
{
	const struct cdp_debt d = debt(a);
	char z[CDP_KEPT_KEY];

	if (a->came != CDP_CAME_FED)
		return a->way == CDP_GATE_UNDOABLE
		    ? cdp_arena_dup(a->mem, cdp_owed_key(&d, z))
		    : (struct cdp_str){ 0 };
	return cdp_tape_str(a->ln->tape,
	    cdp_tape_get(a->ln->tape, 0, CDP_STR("stands")), a->mem);
}
