#include "lib/emit/defer.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/write.h"

#define UNSUBSCRIBED CDP_STR("Email Unsubscribed")
#define UPDATED CDP_STR("Channel Subscription Updated")

/* ---- what is kept ---- */

static struct cdp_contact *
contact(struct cdp_state *k)
{
	return (struct cdp_contact *)k; /* its first member */
}

bool
cdp_contact_empty(const struct cdp_contact *c)
{
	return c->nsaid == 0 && c->nsent == 0 && c->nlater == 0;
}

static bool
empty(void *self, const struct cdp_state *k)
{
	(void)self;
	return cdp_contact_empty((const struct cdp_contact *)k);
}

static size_t
bytes(void *self, const struct cdp_state *k)
{
	const struct cdp_contact *c = (const struct cdp_contact *)k;

	(void)self;
	return c->nsaid * (sizeof(*c->said) + 16) +
	    c->sentcap * sizeof(*c->sent) + c->profile.cap + c->nlater * 1024;
}

static void
drop(void *self, struct cdp_state *k)
{
	struct cdp_contact *c = contact(k);

	(void)self;
	for (size_t i = 0; i < c->nsaid; i++)
		cdp_mem_disown(&c->said[i].channel);
	for (size_t i = 0; i < c->nlater; i++)
		cdp_mem_disown(&c->later[i].line);
	free(c->later);
	cdp_buf_free(&c->profile);
	free(c->said);
	free(c->sent);
}

static void
clear(void *self, struct cdp_state *k)
{
	(void)self;
	(void)k;
}

bool
cdp_contact_note(struct cdp_contact *c, struct cdp_str channel, bool yes,
    uint32_t set, int64_t at_ms)
{
	struct cdp_said *s;

	for (size_t i = 0; i < c->nsaid; i++) {
		s = &c->said[i];
		if (s->set != set || !cdp_str_eq(s->channel, channel))
			continue;
		if (at_ms < s->at_ms || (at_ms == s->at_ms && yes))
			return false;
		s->yes = yes;
		s->at_ms = at_ms;
		return true;
	}
	c->said = cdp_xreallocarray(c->said, c->nsaid + 1, sizeof(*c->said));
	c->said[c->nsaid++] =
	    (struct cdp_said){ cdp_mem_own(channel), yes, set, at_ms };
	return true;
}

/* The project's own name of a channel that is counted; empty: it is not. */
static struct cdp_str
counted(const struct cdp_contacts *cs, struct cdp_str channel)
{
	const struct cdp_outreach * or = &cs->pr->outreach;

	for (size_t i = 0; i < or->ncap; i++)
		for (size_t k = 0; k < or->cap[i].nchannel; k++)
			if (cdp_str_eq(or->cap[i].channel[k], channel))
				return or->cap[i].channel[k];
	return (struct cdp_str){ 0 };
}

void
cdp_contact_count(const struct cdp_contacts *cs, struct cdp_contact *c,
    struct cdp_str channel, int64_t at_ms)
{
	size_t i = c->nsent;

	channel = counted(cs, channel);
	if (channel.n == 0)
		return;
	if (c->nsent == c->sentcap) {
		c->sentcap = c->sentcap == 0 ? 4 : c->sentcap * 2;
		c->sent =
		    cdp_xreallocarray(c->sent, c->sentcap, sizeof(*c->sent));
	}
	for (; i != 0 && c->sent[i - 1].at_ms > at_ms; i--)
		c->sent[i] = c->sent[i - 1];
	c->sent[i] = (struct cdp_reach){ channel, at_ms };
	c->nsent++;
}

void
cdp_contact_forget(const struct cdp_contacts *cs, struct cdp_contact *c)
{
	size_t n = 0;
	int64_t from_ms;

	if (c->nsent == 0)
		return;
	from_ms = c->sent[c->nsent - 1].at_ms - cs->pr->outreach.longest_ms;
	while (c->sent[n].at_ms <= from_ms)
		n++;
	c->nsent -= n;
	memmove(c->sent, c->sent + n, c->nsent * sizeof(*c->sent));
}

static void
read_said(struct cdp_contact *c, const struct cdp_tape *t, uint32_t at,
    struct cdp_str channel)
{
	bool yes =
	    cdp_tape_isa(t, cdp_tape_get(t, at, CDP_STR("yes")), CDP_TRUE);
	int64_t ms, set = 0;

	cdp_tape_i64(t, cdp_tape_get(t, at, CDP_STR("set")), &set);
	if (cdp_tape_i64(t, cdp_tape_get(t, at, CDP_STR("at")), &ms))
		cdp_contact_note(c, channel, yes, (uint32_t)set, ms);
}

/* Of a channel one word, or, of several sets, a list. */
static void
read(void *self, struct cdp_state *k, const struct cdp_tape *t)
{
	struct cdp_contact *c = contact(k);
	uint32_t list, it = 0, key, val, sub, none, at;
	struct cdp_arena mem = { 0 };
	struct cdp_str channel;
	int64_t ms;

	list = cdp_tape_get(t, 0, CDP_STR("said"));
	while (cdp_tape_next(t, list, &it, &key, &val)) {
		channel = cdp_tape_str(t, key, &mem);
		read_said(c, t, val, channel);
		for (sub = 0; cdp_tape_isa(t, val, CDP_ARRAY) &&
		     cdp_tape_next(t, val, &sub, &none, &at);)
			read_said(c, t, at, channel);
	}
	list = cdp_tape_get(t, 0, CDP_STR("sent"));
	for (it = 0; cdp_tape_next(t, list, &it, &key, &val);)
		for (sub = 0; cdp_tape_next(t, val, &sub, &key, &at);)
			if (cdp_tape_i64(t, at, &ms))
				cdp_contact_count(
				    self, c, cdp_tape_str(t, key, &mem), ms);
	cdp_defer_read(c, t);
	cdp_arena_free(&mem);
}

static void
write_word(struct cdp_buf *b, const struct cdp_said *s)
{
	cdp_buf_puts(b, s->yes ? "{\"yes\":true" : "{");
	cdp_json_ki64(b, "at", s->at_ms);
	if (s->set != 0)
		cdp_json_ki64(b, "set", s->set);
	cdp_buf_putc(b, '}');
}

/* All of the i-th one's channel, at its first: one, or a list. */
static void
write_said(struct cdp_buf *b, const struct cdp_contact *c, size_t i)
{
	size_t n = 0;

	for (size_t j = 0; j < c->nsaid; j++) {
		if (!cdp_str_eq(c->said[j].channel, c->said[i].channel))
			continue;
		if (j < i)
			return;
		n++;
	}
	cdp_json_comma(b);
	cdp_json_str(b, c->said[i].channel);
	cdp_buf_puts(b, n > 1 ? ":[" : ":");
	for (size_t j = i; j < c->nsaid; j++) {
		if (!cdp_str_eq(c->said[j].channel, c->said[i].channel))
			continue;
		if (j != i)
			cdp_buf_putc(b, ',');
		write_word(b, &c->said[j]);
	}
	if (n > 1)
		cdp_buf_putc(b, ']');
}

static void
write(void *self, const struct cdp_state *k, struct cdp_buf *b)
{
	const struct cdp_contact *c = (const struct cdp_contact *)k;

	(void)self;
	cdp_buf_puts(b, "{\"said\":{");
	for (size_t i = 0; i < c->nsaid; i++)
		write_said(b, c, i);
	cdp_buf_puts(b, "},\"sent\":[");
	for (size_t i = 0; i < c->nsent; i++) {
		cdp_json_comma(b);
		cdp_buf_putc(b, '{');
		cdp_json_str(b, c->sent[i].channel);
		cdp_buf_putc(b, ':');
		cdp_buf_i64(b, c->sent[i].at_ms);
		cdp_buf_putc(b, '}');
	}
	cdp_buf_putc(b, ']');
	cdp_defer_write(b, c);
	cdp_buf_putc(b, '}');
}

void
cdp_contacts_init(struct cdp_contacts *cs, const struct cdp_project *pr)
{
	static const struct cdp_states_ops ops = {
		.size = sizeof(struct cdp_contact),
		.clear = clear,
		.read = read,
		.write = write,
		.empty = empty,
		.bytes = bytes,
		.drop = drop,
	};

	cs->pr = pr;
	cdp_states_init(&cs->all, &ops, cs);
}

void
cdp_contacts_free(struct cdp_contacts *cs)
{
	cdp_states_free(&cs->all);
	cdp_tape_free(&cs->tape);
}

int
cdp_contacts_open(
    struct cdp_contacts *cs, struct cdp_log *log, struct cdp_err *err)
{
	cdp_states_open(&cs->all, log, CDP_STR("clock"), INT64_MIN);
	return cdp_contacts_waits(cs)
	    ? cdp_states_ripe(&cs->all, INT64_MAX - 1, err)
	    : 0;
}

/* ---- lines ---- */

static bool
needed(const struct cdp_contacts *cs)
{
	return cs->pr->outreach.asks || cs->pr->outreach.ncap != 0 ||
	    cs->pr->outreach.quiet.nchannel != 0;
}

static uint32_t
list_of(const struct cdp_line *ln)
{
	uint32_t v = cdp_tape_get(ln->tape, 0, CDP_STR("context"));

	return cdp_tape_get(ln->tape, v, CDP_STR("messaging_subscriptions"));
}

bool
cdp_contacts_wants(const struct cdp_contacts *cs, const struct cdp_line *ln)
{
	if (!needed(cs))
		return false;
	if (ln->type == CDP_MERGE || ln->type == CDP_DELETE ||
	    ln->type == CDP_UNMERGE || cdp_defer_wants(cs, ln))
		return true;
	if (!cs->pr->outreach.asks || ln->profile_id.n == 0)
		return false;
	return ln->type == CDP_TRACK ? cdp_str_eq(ln->event, UNSUBSCRIBED) ||
		cdp_str_eq(ln->event, UPDATED)
				     : ln->type == CDP_IDENTIFY &&
		cdp_tape_isa(ln->tape, list_of(ln), CDP_ARRAY);
}

static struct cdp_str
lower(const struct cdp_line *ln, uint32_t at, const char *name)
{
	struct cdp_str s = cdp_tape_str(
	    ln->tape, cdp_tape_get(ln->tape, at, cdp_str_of(name)), ln->mem);
	char *p = cdp_arena_alloc(ln->mem, s.n + 1);

	for (size_t i = 0; i < s.n; i++)
		p[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + 32
							     : s.p[i]);
	return (struct cdp_str){ p, s.n };
}

/* Segment's types of a contact vector are channels but for those of push. */
static struct cdp_str
channel_of(const struct cdp_line *ln, uint32_t at)
{
	struct cdp_str s = lower(ln, at, "type");

	if (s.n == 0)
		s = lower(ln, at, "channel");
	return cdp_str_is(s, "android_push") || cdp_str_is(s, "ios_push")
	    ? CDP_STR("push")
	    : s;
}

/* SUBSCRIBED is a yes; UNSUBSCRIBED, DID_NOT_SUBSCRIBE are a no. */
static bool
take(
    struct cdp_contact *c, const struct cdp_line *ln, uint32_t at, uint32_t set)
{
	struct cdp_str channel = channel_of(ln, at);
	struct cdp_str status = lower(ln, at, "status");

	return channel.n != 0 && status.n != 0 &&
	    cdp_contact_note(
		c, channel, cdp_str_is(status, "subscribed"), set, ln->ts_ms);
}

static int
erase(struct cdp_contacts *cs, struct cdp_str id, struct cdp_err *err)
{
	struct cdp_state *k;
	int rc = cdp_states_get(&cs->all, id, &k, err);

	if (rc == 0 && !empty(cs, k))
		cdp_states_clear(&cs->all, k);
	return rc;
}

static int
delete_line(
    struct cdp_contacts *cs, const struct cdp_line *ln, struct cdp_err *err)
{
	const struct cdp_tape *t = ln->tape;
	uint32_t list = cdp_tape_get(t, ln->profile, CDP_STR("merged"));
	uint32_t it = 0, key, val;
	int rc = 0;

	if (ln->profile_id.n != 0)
		rc = erase(cs, ln->profile_id, err);
	while (rc == 0 && cdp_tape_next(t, list, &it, &key, &val))
		rc = erase(cs, cdp_tape_str(t, val, ln->mem), err);
	return rc;
}

int
cdp_contacts_line(
    struct cdp_contacts *cs, const struct cdp_line *ln, struct cdp_err *err)
{
	uint32_t it = 0, key, val, list = list_of(ln);
	struct cdp_state *k;
	bool changed;
	uint32_t set;
	int rc;

	if (ln->type == CDP_MERGE)
		return cdp_contacts_merge(cs, ln, err);
	if (ln->type == CDP_UNMERGE)
		return cdp_contacts_unmerge(cs, ln, err);
	if (ln->type == CDP_DELETE)
		return delete_line(cs, ln, err);
	if (ln->type == CDP_CLOCK || ln->type == CDP_WITHDRAW ||
	    ln->profile_id.n == 0)
		return 0;
	if ((rc = cdp_states_get(&cs->all, ln->profile_id, &k, err)) != 0)
		return rc;
	cdp_defer_seen(cs, contact(k), ln);
	if (!cs->pr->outreach.asks)
		return 0;
	set = cdp_ident_set(&cs->pr->identity, ln);
	changed = cdp_str_eq(ln->event, UNSUBSCRIBED)
	    ? cdp_contact_note(
		  contact(k), CDP_STR("email"), false, set, ln->ts_ms)
	    : cdp_str_eq(ln->event, UPDATED) &&
		take(contact(k), ln,
		    cdp_tape_get(ln->tape, 0, CDP_STR("properties")), set);
	while (cdp_tape_next(ln->tape, list, &it, &key, &val))
		changed |= take(contact(k), ln, val, set);
	if (changed)
		cdp_states_changed(&cs->all, k);
	return 0;
}

/* ---- the gates ---- */

int
cdp_contacts_get(struct cdp_contacts *cs, struct cdp_str profile,
    struct cdp_contact **ret, struct cdp_err *err)
{
	struct cdp_state *k;
	int rc;

	*ret = NULL;
	if (!needed(cs) || profile.n == 0)
		return 0;
	if ((rc = cdp_states_get(&cs->all, profile, &k, err)) == 0)
		*ret = contact(k);
	return rc;
}

const char *
cdp_contact_closed(const struct cdp_contacts *cs, const struct cdp_contact *c,
    struct cdp_str channel)
{
	const struct cdp_outreach * or = &cs->pr->outreach;
	const struct cdp_said *s, *newest = NULL;

	if (! or->asks)
		return NULL;
	for (size_t i = 0; i < c->nsaid; i++) {
		s = &c->said[i];
		if (cdp_str_eq(s->channel, channel) &&
		    (newest == NULL || s->at_ms > newest->at_ms ||
			(s->at_ms == newest->at_ms && !s->yes)))
			newest = s;
	}
	if (newest != NULL)
		return newest->yes ? NULL : "unsubscribed";
	for (size_t i = 0; i < or->nsub; i++)
		if (cdp_str_eq(or->sub[i].channel, channel))
			return or->sub[i].opt_in ? "not_subscribed" : NULL;
	return NULL;
}

static bool
covers(const struct cdp_cap *cap, struct cdp_str channel)
{
	for (size_t i = 0; i < cap->nchannel; i++)
		if (cdp_str_eq(cap->channel[i], channel))
			return true;
	return false;
}

const struct cdp_cap *
cdp_contact_capped(const struct cdp_contacts *cs, const struct cdp_contact *c,
    struct cdp_str channel, int64_t at_ms)
{
	const struct cdp_outreach * or = &cs->pr->outreach;

	for (size_t i = 0; i < or->ncap; i++) {
		const struct cdp_cap *cap = & or->cap[i];
		int64_t n = 0;

		if (!covers(cap, channel))
			continue;
		for (size_t k = 0; k < c->nsent; k++)
			n += c->sent[k].at_ms > at_ms - cap->per_ms &&
			    covers(cap, c->sent[k].channel);
		if (n >= cap->max)
			return cap;
	}
	return NULL;
}

void
cdp_contact_sent(struct cdp_contacts *cs, struct cdp_contact *c,
    struct cdp_str channel, int64_t at_ms)
{
	if (counted(cs, channel).n == 0)
		return;
	cdp_contact_count(cs, c, channel, at_ms);
	cdp_contact_forget(cs, c);
	cdp_states_changed(&cs->all, &c->k);
}
