#include "lib/emit/defer.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/write.h"

/* ---- what is kept ---- */

static void
add(struct cdp_contact *c, struct cdp_str line, int64_t due_ms)
{
	c->later =
	    cdp_xreallocarray(c->later, c->nlater + 1, sizeof(*c->later));
	c->later[c->nlater++] = (struct cdp_later){ cdp_mem_own(line), due_ms };
}

static void
take_out(struct cdp_contact *c, size_t i)
{
	cdp_mem_disown(&c->later[i].line);
	c->nlater--;
	memmove(&c->later[i], &c->later[i + 1],
	    (c->nlater - i) * sizeof(*c->later));
}

/* The earliest; of two, the one that came first. */
static size_t
earliest(const struct cdp_contact *c)
{
	size_t best = 0;

	for (size_t i = 1; i < c->nlater; i++)
		if (c->later[i].due_ms < c->later[best].due_ms)
			best = i;
	return best;
}

static void
changed(struct cdp_contacts *cs, struct cdp_contact *c)
{
	if (c->nlater == 0) {
		cdp_buf_reset(&c->profile);
		c->seen = 0;
	}
	cdp_states_due(&cs->all, &c->k,
	    c->nlater != 0 ? c->later[earliest(c)].due_ms : INT64_MAX);
	cdp_states_changed(&cs->all, &c->k);
}

void
cdp_defer_read(struct cdp_contact *c, const struct cdp_tape *t)
{
	uint32_t list = cdp_tape_get(t, 0, CDP_STR("later"));
	uint32_t it = 0, key, val, at;
	int64_t ms;

	while (cdp_tape_next(t, list, &it, &key, &val)) {
		at = cdp_tape_get(t, val, CDP_STR("line"));
		if (cdp_tape_isa(t, at, CDP_OBJECT) &&
		    cdp_tape_i64(t, cdp_tape_get(t, val, CDP_STR("due")), &ms))
			add(c, cdp_tape_raw(t, at), ms);
	}
	at = cdp_tape_get(t, 0, CDP_STR("profile"));
	if (at != CDP_NOTOK)
		cdp_buf_put(&c->profile, cdp_tape_raw(t, at));
	cdp_tape_i64(t, cdp_tape_get(t, 0, CDP_STR("seen")), &c->seen);
}

void
cdp_defer_write(struct cdp_buf *b, const struct cdp_contact *c)
{
	if (c->nlater == 0)
		return;
	cdp_json_key(b, "later");
	cdp_buf_putc(b, '[');
	for (size_t i = 0; i < c->nlater; i++) {
		cdp_json_comma(b);
		cdp_buf_putc(b, '{');
		cdp_json_ki64(b, "due", c->later[i].due_ms);
		cdp_json_kraw(b, "line", c->later[i].line);
		cdp_buf_putc(b, '}');
	}
	cdp_buf_putc(b, ']');
	cdp_json_kraw(b, "profile", cdp_buf_str(&c->profile));
	cdp_json_ki64(b, "seen", c->seen);
}

/* ---- lines ---- */

bool
cdp_contacts_waits(const struct cdp_contacts *cs)
{
	const struct cdp_quiet *q = &cs->pr->outreach.quiet;

	return q->nchannel != 0 && !q->drop;
}

bool
cdp_defer_wants(const struct cdp_contacts *cs, const struct cdp_line *ln)
{
	const struct cdp_state *k;

	if (!cdp_contacts_waits(cs))
		return false;
	if (ln->type == CDP_CLOCK || ln->type == CDP_WITHDRAW)
		return true;
	if (ln->type == CDP_ACTIVATION || ln->profile_id.n == 0)
		return false;
	k = cdp_map_get(&cs->all.by_id, ln->profile_id);
	return k != NULL && k->due.at != 0;
}

/*
 * A line that is read again after a kill may be older than what is kept, if
 * the run before did not look at it: nobody waited yet.  Its number tells.
 */
void
cdp_defer_seen(
    struct cdp_contacts *cs, struct cdp_contact *c, const struct cdp_line *ln)
{
	if (c->nlater == 0 || (ln->n != 0 && (int64_t)ln->n <= c->seen) ||
	    !cdp_tape_isa(ln->tape, ln->profile, CDP_OBJECT))
		return;
	cdp_buf_reset(&c->profile);
	cdp_buf_put(&c->profile, cdp_tape_raw(ln->tape, ln->profile));
	c->seen = (int64_t)ln->n;
	cdp_states_changed(&cs->all, &c->k);
}

void
cdp_defer_join(
    struct cdp_contacts *cs, struct cdp_contact *into, struct cdp_contact *from)
{
	if (from->nlater == 0)
		return;
	for (size_t i = 0; i < from->nlater; i++)
		add(into, from->later[i].line, from->later[i].due_ms);
	if (into->seen < from->seen) {
		cdp_buf_reset(&into->profile);
		cdp_buf_put(&into->profile, cdp_buf_str(&from->profile));
		into->seen = from->seen;
	}
	changed(cs, into);
}

/* The set of identifiers of the event that began what waits. */
static uint32_t
set_of(
    struct cdp_contacts *cs, const struct cdp_later *l, struct cdp_arena *mem)
{
	struct cdp_tape *t = &cs->tape, event = { 0 };
	struct cdp_line ln;
	uint32_t at, set = 0;

	if (cdp_tape_parse(t, l->line, NULL) != 0)
		return 0;
	at = cdp_tape_get(t, 0, CDP_STR("event"));
	if (cdp_tape_isa(t, at, CDP_OBJECT) &&
	    cdp_line_parse(cdp_tape_raw(t, at), 0, &event, mem, &ln, NULL) == 0)
		set = cdp_ident_set_of(&cs->pr->identity, &ln, t,
		    cdp_tape_get(t, 0, CDP_STR("profile")));
	cdp_tape_free(&event);
	return set;
}

void
cdp_defer_split(struct cdp_contacts *cs, struct cdp_contact *c,
    struct cdp_contact *const *to, const struct cdp_move *v, size_t n,
    const struct cdp_line *ln)
{
	size_t i = 0;

	while (i < c->nlater) {
		const struct cdp_move *mv =
		    cdp_moves_find(v, n, set_of(cs, &c->later[i], ln->mem));
		struct cdp_contact *p = mv != NULL ? to[mv - v] : c;

		if (p == c) {
			i++;
			continue;
		}
		if (p != NULL) { /* whose own line stands behind this one */
			add(p, c->later[i].line, c->later[i].due_ms);
			p->seen = (int64_t)ln->n;
			changed(cs, p);
		}
		take_out(c, i);
	}
	changed(cs, c);
}

void
cdp_contact_defer(struct cdp_contacts *cs, struct cdp_contact *c,
    const struct cdp_line *ln, int64_t due_ms)
{
	add(c, ln->raw, due_ms);
	cdp_defer_seen(cs, c, ln);
	changed(cs, c);
}

static bool
same(const struct cdp_tape *t, const struct cdp_tape *u, const char *name)
{
	return cdp_tape_equal(t, cdp_tape_get(t, 0, cdp_str_of(name)), u,
	    cdp_tape_get(u, 0, cdp_str_of(name)));
}

/* ---- their time has come ---- */

static void
put_profile(
    struct cdp_contacts *cs, const struct cdp_contact *c, struct cdp_buf *b)
{
	struct cdp_tape *t = &cs->tape;
	uint32_t it = 0, key, val;

	cdp_json_key(b, "profile");
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "id", c->k.due.id);
	if (cdp_tape_parse(t, cdp_buf_str(&c->profile), NULL) == 0)
		while (cdp_tape_next(t, 0, &it, &key, &val)) {
			if (cdp_tape_streq(t, key, CDP_STR("id")))
				continue;
			cdp_json_comma(b);
			cdp_buf_put(b, cdp_tape_raw(t, key));
			cdp_buf_putc(b, ':');
			cdp_buf_put(b, cdp_tape_raw(t, val));
		}
	cdp_buf_putc(b, '}');
}

static void
put_line(struct cdp_contacts *cs, const struct cdp_contact *c,
    const struct cdp_later *l, int64_t at_ms, struct cdp_buf *b)
{
	struct cdp_tape *t = &cs->tape;
	uint32_t it = 0, key, val;

	cdp_buf_putc(b, '{');
	if (cdp_tape_parse(t, l->line, NULL) == 0)
		while (cdp_tape_next(t, 0, &it, &key, &val)) {
			if (cdp_tape_streq(t, key, CDP_STR("timestamp")) ||
			    cdp_tape_streq(t, key, CDP_STR("profile")) ||
			    cdp_tape_streq(t, key, CDP_STR("cdp")))
				continue;
			cdp_json_comma(b);
			cdp_buf_put(b, cdp_tape_raw(t, key));
			cdp_buf_putc(b, ':');
			cdp_buf_put(b, cdp_tape_raw(t, val));
		}
	cdp_json_ktime(b, "timestamp", at_ms);
	put_profile(cs, c, b);
	cdp_buf_putc(b, '}');
}

int
cdp_contacts_next(struct cdp_contacts *cs, int64_t now_ms, struct cdp_buf *ret,
    struct cdp_err *err)
{
	struct cdp_contact *c;
	struct cdp_state *k;
	size_t i;
	int rc = cdp_states_first(&cs->all, now_ms, &k, err);

	if (rc != 0)
		return rc;
	c = (struct cdp_contact *)k; /* its first member */
	i = earliest(c);
	put_line(cs, c, &c->later[i], c->later[i].due_ms, ret);
	take_out(c, i);
	changed(cs, c);
	return 0;
}

int
cdp_contacts_recall(struct cdp_contacts *cs, const struct cdp_line *ln,
    struct cdp_buf *ret, struct cdp_err *err)
{
	struct cdp_contact *c;
	int rc = cdp_contacts_get(cs, ln->profile_id, &c, err);

	if (rc != 0)
		return rc;
	for (size_t i = 0; c != NULL && i < c->nlater; i++) {
		if (cdp_tape_parse(&cs->tape, c->later[i].line, NULL) != 0 ||
		    !same(&cs->tape, ln->tape, "instance") ||
		    !same(&cs->tape, ln->tape, "step"))
			continue;
		put_line(cs, c, &c->later[i], ln->ts_ms, ret);
		take_out(c, i);
		changed(cs, c);
		return 0;
	}
	return CDP_END;
}
