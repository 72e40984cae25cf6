#include "lib/profile/changes.h"

#include "lib/base/hash.h"
#include "lib/json/write.h"
#include "lib/profile/identifiers.h"

/* Two profiles as they were told: where their members stand. */
struct diff {
	struct cdp_tape was, now;
	uint32_t was_at, now_at; /* the profile; CDP_NOTOK: there was none */
	struct cdp_arena mem;
};

static void
put_side(struct cdp_buf *b, const struct cdp_tape *t, uint32_t at)
{
	if (at == CDP_NOTOK)
		cdp_buf_puts(b, "null");
	else
		cdp_buf_put(b, cdp_tape_raw(t, at));
}

static bool
differ(const struct diff *d, uint32_t was, uint32_t now)
{
	if (was == CDP_NOTOK || now == CDP_NOTOK)
		return was != now;
	return !cdp_str_eq(
	    cdp_tape_raw(&d->was, was), cdp_tape_raw(&d->now, now));
}

/* Call fn for each member of two objects that is not the same in both. */
static void
each_change(struct diff *d, uint32_t was, uint32_t now,
    void (*fn)(void *arg, struct diff *d, struct cdp_str name, uint32_t was,
	uint32_t now),
    void *arg)
{
	uint32_t it = 0, key, val, other;
	struct cdp_str name;

	while (
	    now != CDP_NOTOK && cdp_tape_next(&d->now, now, &it, &key, &val)) {
		name = cdp_tape_str(&d->now, key, &d->mem);
		other = cdp_tape_get(&d->was, was, name);
		if (differ(d, other, val))
			fn(arg, d, name, other, val);
	}
	for (it = 0; was != CDP_NOTOK &&
	     cdp_tape_next(&d->was, was, &it, &key, &val);) {
		name = cdp_tape_str(&d->was, key, &d->mem);
		if (cdp_tape_get(&d->now, now, name) == CDP_NOTOK)
			fn(arg, d, name, val, CDP_NOTOK);
	}
}

static uint32_t
traits_of(const struct cdp_tape *t, uint32_t profile)
{
	return cdp_tape_get(t, profile, CDP_STR("traits"));
}

/* ---- profile ---- */

static void
pair(void *arg, struct diff *d, struct cdp_str name, uint32_t was, uint32_t now)
{
	struct cdp_buf *b = arg;

	cdp_json_comma(b);
	cdp_json_str(b, name);
	cdp_buf_puts(b, ":[");
	put_side(b, &d->was, was);
	cdp_buf_putc(b, ',');
	put_side(b, &d->now, now);
	cdp_buf_putc(b, ']');
}

static void
member(
    void *arg, struct diff *d, struct cdp_str name, uint32_t was, uint32_t now)
{
	struct cdp_buf *b = arg;

	if (!cdp_str_is(name, "traits")) {
		pair(arg, d, name, was, now);
		return;
	}
	cdp_json_key(b, "traits");
	cdp_buf_putc(b, '{');
	each_change(d, was, now, pair, b);
	cdp_buf_putc(b, '}');
}

static void
tell_profile(struct cdp_merge *m, struct diff *d, int64_t ms)
{
	struct cdp_buf *b = &m->out;

	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "type", CDP_STR("profile"));
	cdp_json_ktime(b, "timestamp", ms);
	cdp_json_kraw(b, "profile", cdp_tape_raw(&d->now, d->now_at));
	cdp_json_key(b, "changed");
	cdp_buf_putc(b, '{');
	each_change(d, d->was_at, d->now_at, member, b);
	cdp_buf_puts(b, "}}");
	cdp_outs_line(m->outs, cdp_buf_str(b));
}

/* ---- Segment's events ---- */

/* userId and anonymousId, if it has them, and all as externalIds. */
static void
put_ids(
    struct cdp_buf *b, const struct cdp_merge *m, const struct cdp_profile *p)
{
	static const struct {
		const char *type, *key;
	} own[] = { { "user_id", "userId" },
		{ "anonymous_id", "anonymousId" } };
	size_t i, k;

	for (k = 0; k < 2; k++)
		for (i = 0; i < p->nident; i++)
			if (cdp_str_is(
				m->type[p->ident[i]->type], own[k].type)) {
				cdp_json_kstr(b, own[k].key,
				    cdp_ident_value(p->ident[i]));
				break;
			}
	cdp_buf_puts(b, ",\"context\":{\"externalIds\":[");
	for (i = 0; i < p->nident; i++) {
		cdp_buf_puts(b, i == 0 ? "{" : ",{");
		cdp_json_kstr(b, "id", cdp_ident_value(p->ident[i]));
		cdp_json_kstr(b, "type", m->type[p->ident[i]->type]);
		cdp_json_kstr(b, "collection", CDP_STR("users"));
		cdp_json_kstr(b, "encoding", CDP_STR("none"));
		cdp_buf_putc(b, '}');
	}
	cdp_buf_puts(b, "]}");
}

/* The head of an event, whose id says what it is about. */
static void
begin(struct cdp_merge *m, const struct cdp_profile *p, const char *type,
    struct cdp_str about, int64_t ms)
{
	struct cdp_buf *b = &m->out;
	char at[24], id[29] = "trt_";
	struct cdp_str of[4] = { cdp_str_of(p->id), { at, 0 }, about,
		m->told_by };

	of[1].n = (size_t)snprintf(at, sizeof(at), "%lld", (long long)ms);
	cdp_hash_sha256(of, 4, id + 4, 24);
	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "type", cdp_str_of(type));
	cdp_json_kstr(b, "messageId", cdp_str_of(id));
	cdp_json_ktime(b, "timestamp", ms);
	put_ids(b, m, p);
}

static void
trait(
    void *arg, struct diff *d, struct cdp_str name, uint32_t was, uint32_t now)
{
	struct cdp_buf *b = arg;

	(void)was;
	cdp_json_comma(b);
	cdp_json_str(b, name);
	cdp_buf_putc(b, ':');
	put_side(b, &d->now, now);
}

static void
tell_identify(struct cdp_merge *m, const struct cdp_profile *p, struct diff *d,
    int64_t ms)
{
	struct cdp_buf *b = &m->out;
	size_t n;

	begin(m, p, "identify", CDP_STR(""), ms);
	cdp_json_key(b, "traits");
	cdp_buf_putc(b, '{');
	n = b->n;
	each_change(d, traits_of(&d->was, d->was_at),
	    traits_of(&d->now, d->now_at), trait, b);
	if (b->n == n)
		return;
	cdp_buf_puts(b, "}}");
	cdp_outs_line(m->outs, cdp_buf_str(b));
}

struct tracks {
	struct cdp_merge *m;
	const struct cdp_profile *p;
	int64_t ms;
};

static void
computed(
    void *arg, struct diff *d, struct cdp_str name, uint32_t was, uint32_t now)
{
	const struct tracks *tr = arg;
	const struct cdp_defs *defs = tr->p->u.defs;
	struct cdp_buf *b = &tr->m->out;
	size_t i;

	(void)was;
	for (i = 0; i < defs->n && !cdp_str_eq(defs->v[i].name, name); i++)
		;
	if (i == defs->n)
		return;
	begin(tr->m, tr->p, "track", name, tr->ms);
	cdp_json_kstr(b, "event", CDP_STR("Trait Computed"));
	cdp_json_key(b, "properties");
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "trait_key", name);
	cdp_json_comma(b);
	cdp_json_str(b, name);
	cdp_buf_putc(b, ':');
	put_side(b, &d->now, now);
	cdp_buf_puts(b, "}}");
	cdp_outs_line(tr->m->outs, cdp_buf_str(b));
}

/* ---- both ---- */

static void
remember(struct cdp_profile *p)
{
	cdp_buf_reset(&p->told);
	cdp_buf_put(&p->told, cdp_buf_str(&p->edit));
}

void
cdp_changes_loaded(struct cdp_merge *m, struct cdp_profile *p)
{
	if (m->changes != CDP_CHANGES_NONE)
		remember(p);
}

/* {"profile":{...}}; nothing yet is no profile. */
static uint32_t
read_view(struct cdp_tape *t, const struct cdp_buf *view)
{
	if (cdp_tape_parse(
		t, view->n != 0 ? cdp_buf_str(view) : CDP_STR("{}"), NULL) != 0)
		return CDP_NOTOK;
	return cdp_tape_get(t, 0, CDP_STR("profile"));
}

void
cdp_changes_tell(struct cdp_merge *m, struct cdp_profile *p, int64_t ms)
{
	struct diff d = { 0 };
	struct tracks tr = { m, p, ms };

	if (cdp_str_eq(cdp_buf_str(&p->told), cdp_buf_str(&p->edit)))
		return;
	d.was_at = read_view(&d.was, &p->told);
	d.now_at = read_view(&d.now, &p->edit);
	if (m->changes == CDP_CHANGES_PROFILE)
		tell_profile(m, &d, ms);
	else if (m->changes == CDP_CHANGES_IDENTIFY)
		tell_identify(m, p, &d, ms);
	else
		each_change(&d, traits_of(&d.was, d.was_at),
		    traits_of(&d.now, d.now_at), computed, &tr);
	cdp_tape_free(&d.was);
	cdp_tape_free(&d.now);
	cdp_arena_free(&d.mem);
	remember(p);
}
