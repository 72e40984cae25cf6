#include "lib/profile/state.h"

#include "lib/json/write.h"
#include "lib/profile/changes.h"
#include "lib/profile/consent.h"
#include "lib/profile/graph.h"
#include "lib/profile/groups.h"
#include "lib/profile/links.h"
#include "lib/profile/parts.h"
#include "lib/profile/timers.h"
#include "lib/profile/traits.h"
#include "lib/profile/view.h"
#include "lib/profile/violation.h"

/* What is in memory is about so many times what is written of it. */
#define BLOWN_UP 5
#define BESIDE 64 /* beside a struct: its places in maps, malloc's own */

/* ---- stubs ---- */

struct cdp_profile *
cdp_state_profile(struct cdp_merge *m, struct cdp_str id)
{
	struct cdp_profile *p = cdp_map_get(&m->profiles, id);

	if (p != NULL)
		return p;
	p = cdp_xcalloc(1, sizeof(*p));
	memcpy(p->id, id.p, id.n < sizeof(p->id) ? id.n : sizeof(p->id) - 1);
	p->u.defs = &m->own;
	p->u.now_ms = CDP_TIME_NONE;
	p->u.due.id = cdp_str_of(p->id);
	p->loaded = m->log == NULL;
	*cdp_map_at(&m->profiles, p->u.due.id) = p;
	return p;
}

struct cdp_circle *
cdp_state_circle(struct cdp_merge *m, size_t kind, struct cdp_str id)
{
	struct cdp_str name = m->pr->group[kind].name;
	struct cdp_circle *c;

	cdp_buf_reset(&m->key);
	cdp_buf_printf(&m->key, "g:%.*s:", (int)name.n, name.p);
	cdp_buf_put(&m->key, id);
	c = cdp_map_get(&m->circles, cdp_buf_str(&m->key));
	if (c != NULL)
		return c;
	c = cdp_xcalloc(1, sizeof(*c));
	c->u.circle = true;
	c->u.defs = &m->of_group[kind];
	c->u.now_ms = CDP_TIME_NONE;
	c->u.due.id =
	    (struct cdp_str){ cdp_xstrndup(cdp_buf_str(&m->key)), m->key.n };
	c->kind = kind;
	c->id = (struct cdp_str){ c->u.due.id.p + name.n + 3, id.n };
	c->loaded = m->log == NULL;
	if (c->loaded)
		cdp_view_circle(m, c);
	*cdp_map_at(&m->circles, c->u.due.id) = c;
	return c;
}

/* A circle by its key; NULL if the project has no such kind any more. */
static struct cdp_circle *
circle_of_key(struct cdp_merge *m, struct cdp_str key)
{
	size_t i;

	for (i = 0; i < m->pr->ngroup; i++) {
		struct cdp_str name = m->pr->group[i].name;

		if (key.n > name.n + 3 &&
		    memcmp(key.p + 2, name.p, name.n) == 0 &&
		    key.p[name.n + 2] == ':')
			return cdp_state_circle(m, i,
			    (struct cdp_str){
				key.p + name.n + 3, key.n - name.n - 3 });
	}
	return NULL;
}

/* ---- reading ---- */

struct reader {
	struct cdp_merge *m;
	const struct cdp_tape *t;
	struct cdp_arena mem;
};

static uint32_t
nth(const struct cdp_tape *t, uint32_t at, size_t i)
{
	uint32_t it = 0, key, val;

	while (cdp_tape_next(t, at, &it, &key, &val))
		if (i-- == 0)
			return val;
	return CDP_NOTOK;
}

static struct cdp_str
str(struct reader *r, uint32_t at, size_t i)
{
	return cdp_tape_str(r->t, nth(r->t, at, i), &r->mem);
}

/* [..., ms, messageId] from element i. */
static struct cdp_stamp
stamp(struct reader *r, uint32_t at, size_t i)
{
	struct cdp_stamp s = { 0, str(r, at, i + 1) };

	cdp_tape_i64(r->t, nth(r->t, at, i), &s.ms);
	return s;
}

static uint32_t
number(struct reader *r, uint32_t at, size_t i)
{
	int64_t v = 0;

	cdp_tape_i64(r->t, nth(r->t, at, i), &v);
	return (uint32_t)v;
}

/* Returns them in the order in which they stand. */
static struct cdp_ident **
read_idents(struct reader *r, struct cdp_profile *p, uint32_t list)
{
	struct cdp_ident **all = cdp_arena_alloc(&r->mem,
	    (cdp_tape_count(r->t, list) + 1) * sizeof(struct cdp_ident *));
	uint32_t it = 0, key, val;
	struct cdp_merge *m = r->m;
	struct cdp_ident *id;
	size_t n = 0;

	while (cdp_tape_next(r->t, list, &it, &key, &val)) {
		uint32_t type = cdp_identifiers_type(m, str(r, val, 0));
		struct cdp_str k =
		    cdp_identifiers_key(m, type, str(r, val, 1), &r->mem);

		id = cdp_map_get(&m->idents, k);
		if (id == NULL)
			id = cdp_identifiers_new(m, type, k, 0);
		cdp_tape_i64(r->t, nth(r->t, val, 2), &id->first_ms);
		id->suppressed =
		    cdp_tape_isa(r->t, nth(r->t, val, 3), CDP_TRUE);
		cdp_mem_disown(&id->raw);
		id->raw = cdp_mem_own(str(r, val, 4));
		id->refused = number(r, val, 5);
		cdp_graph_link(p, id);
		all[n++] = id;
	}
	return all;
}

static void
read_links(struct reader *r, struct cdp_profile *p, uint32_t list,
    struct cdp_ident *const *all)
{
	uint32_t it = 0, key, val;
	struct cdp_ident *set[CDP_IDS_MAX];

	while (cdp_tape_next(r->t, list, &it, &key, &val)) {
		size_t n = cdp_tape_count(r->t, val) - 2, i;

		for (i = 0; i < n && i < CDP_IDS_MAX; i++)
			set[i] = all[number(r, val, i + 2) % p->nident];
		cdp_links_add(r->m, p, set, i, stamp(r, val, 0));
	}
}

static void
read_asides(struct reader *r, struct cdp_profile *p, uint32_t list)
{
	uint32_t it = 0, key, val;

	while (cdp_tape_next(r->t, list, &it, &key, &val)) {
		struct cdp_str hash = str(r, val, 2);

		if (hash.n == 4)
			cdp_violation_keep(r->m, p,
			    (enum cdp_violation_kind)number(r, val, 0),
			    str(r, val, 1), hash.p, str(r, val, 3),
			    stamp(r, val, 4));
	}
}

static void
read_customs(struct reader *r, struct cdp_profile *p, uint32_t list)
{
	uint32_t it = 0, key, val, v;

	while (cdp_tape_next(r->t, list, &it, &key, &val)) {
		v = nth(r->t, val, 2);
		cdp_traits_set(p, cdp_tape_str(r->t, key, &r->mem),
		    v != CDP_NOTOK ? cdp_tape_raw(r->t, v) : CDP_STR(""),
		    stamp(r, val, 0));
	}
}

static void
read_choices(struct reader *r, struct cdp_profile *p, uint32_t list)
{
	uint32_t it = 0, key, val;
	int64_t v;

	while (cdp_tape_next(r->t, list, &it, &key, &val))
		if (cdp_tape_i64(r->t, val, &v))
			cdp_consent_set(p, cdp_tape_str(r->t, key, &r->mem),
			    (enum cdp_consent_value)v);
}

/* What a profile or a part of one knows. */
static void
read_content(struct reader *r, struct cdp_profile *p, uint32_t at)
{
	const struct cdp_tape *t = r->t;
	uint32_t consent = cdp_tape_get(t, at, CDP_STR("consent"));

	read_customs(r, p, cdp_tape_get(t, at, CDP_STR("traits")));
	if (consent != CDP_NOTOK) {
		p->choice_at = cdp_stamp_own(stamp(r, consent, 0));
		p->has_choice = true;
		read_choices(r, p, nth(t, consent, 2));
	}
	cdp_computed_read(&p->u, t, cdp_tape_get(t, at, CDP_STR("computed")),
	    &r->mem, &r->m->tmp);
}

/* Members are made as stubs; circles are loaded by the caller. */
static void
read_members(struct reader *r, struct cdp_profile *p, uint32_t list)
{
	uint32_t it = 0, key, val;
	struct cdp_circle *c;

	while (cdp_tape_next(r->t, list, &it, &key, &val)) {
		c = circle_of_key(r->m, str(r, val, 0));
		if (c != NULL)
			cdp_groups_mark(p, c, stamp(r, val, 1),
			    cdp_tape_isa(r->t, nth(r->t, val, 3), CDP_TRUE));
	}
}

static void
read_parts(struct reader *r, struct cdp_profile *p, uint32_t list)
{
	uint32_t it = 0, key, val;
	size_t i = 0;

	for (; cdp_tape_next(r->t, list, &it, &key, &val); i++) {
		if (i >= p->nlink || !cdp_tape_isa(r->t, val, CDP_OBJECT))
			continue;
		p->link[i]->part = cdp_parts_new(r->m);
		p->link[i]->part->u.now_ms = p->u.now_ms;
		read_content(r, p->link[i]->part, val);
		read_members(r, p->link[i]->part,
		    cdp_tape_get(r->t, val, CDP_STR("groups")));
	}
}

static void
read_merged(struct reader *r, struct cdp_profile *p, uint32_t list)
{
	uint32_t it = 0, key, val;

	while (cdp_tape_next(r->t, list, &it, &key, &val)) {
		struct cdp_str id = cdp_tape_str(r->t, val, &r->mem);

		p->merged = cdp_xreallocarray(
		    p->merged, p->nmerged + 1, sizeof(*p->merged));
		snprintf(p->merged[p->nmerged++], sizeof(*p->merged), "%.*s",
		    (int)id.n, id.p);
	}
}

static void
read_profile(struct reader *r, struct cdp_profile *p)
{
	const struct cdp_tape *t = r->t;
	struct cdp_str into =
	    cdp_tape_str(t, cdp_tape_get(t, 0, CDP_STR("into")), &r->mem);
	struct cdp_ident **all;

	if (into.n != 0) {
		p->into = cdp_state_profile(r->m, into);
		return;
	}
	p->born =
	    cdp_stamp_own(stamp(r, cdp_tape_get(t, 0, CDP_STR("born")), 0));
	cdp_tape_i64(t, cdp_tape_get(t, 0, CDP_STR("now")), &p->u.now_ms);
	all = read_idents(r, p, cdp_tape_get(t, 0, CDP_STR("ids")));
	read_links(r, p, cdp_tape_get(t, 0, CDP_STR("links")), all);
	read_asides(r, p, cdp_tape_get(t, 0, CDP_STR("aside")));
	read_parts(r, p, cdp_tape_get(t, 0, CDP_STR("parts")));
	read_content(r, p, 0);
	read_members(r, p, cdp_tape_get(t, 0, CDP_STR("groups")));
	read_merged(r, p, cdp_tape_get(t, 0, CDP_STR("merged")));
}

/* The state under key as a tape: 0, CDP_END or fatal. */
static int
fetch(struct cdp_merge *m, struct cdp_str key, struct cdp_err *err)
{
	int rc;

	cdp_buf_reset(&m->json);
	if ((rc = cdp_log_get(m->log, key, &m->json, err)) != 0)
		return rc;
	if (cdp_tape_parse(&m->tape, cdp_buf_str(&m->json), err) != 0)
		return cdp_fail(err, CDP_ECORRUPT,
		    "state of '%.*s' is not JSON", (int)key.n, key.p);
	return 0;
}

/*
 * The view is built at once from what was saved, so that a later change can
 * be told from none.
 */
static int
load_one(struct cdp_merge *m, struct cdp_profile *p, struct cdp_err *err)
{
	struct reader r = { m, &m->tape, { 0 } };
	size_t i;
	int rc;

	p->loaded = true;
	if ((rc = fetch(m, p->u.due.id, err)) != 0)
		return rc == CDP_END ? 0 : rc;
	cdp_state_bytes(m, &p->u, m->json.n);
	read_profile(&r, p);
	cdp_arena_free(&r.mem);
	if (p->into != NULL)
		return 0;
	for (i = 0; rc == 0 && i < p->nmember; i++)
		rc = cdp_state_load_circle(m, p->member[i].circle, err);
	if (rc != 0)
		return rc;
	cdp_timers_set(m, &p->u);
	cdp_view_profile(m, p);
	cdp_changes_loaded(m, p);
	return 0;
}

int
cdp_state_load(struct cdp_merge *m, struct cdp_profile **p, struct cdp_err *err)
{
	int rc;

	for (;;) {
		if (!(*p)->loaded && (rc = load_one(m, *p, err)) != 0)
			return rc;
		if ((*p)->into == NULL)
			return 0;
		*p = (*p)->into;
	}
}

int
cdp_state_load_circle(
    struct cdp_merge *m, struct cdp_circle *c, struct cdp_err *err)
{
	struct reader r = { m, &m->tape, { 0 } };
	uint32_t it = 0, key, val;
	int rc;

	if (c->loaded)
		return 0;
	c->loaded = true;
	if ((rc = fetch(m, c->u.due.id, err)) == 0) {
		const struct cdp_tape *t = r.t;
		uint32_t list = cdp_tape_get(t, 0, CDP_STR("members"));

		cdp_state_bytes(m, &c->u, m->json.n);
		while (cdp_tape_next(t, list, &it, &key, &val))
			cdp_groups_add_member(c,
			    cdp_state_profile(m, cdp_tape_str(t, val, &r.mem)));
		cdp_tape_i64(
		    t, cdp_tape_get(t, 0, CDP_STR("now")), &c->u.now_ms);
		cdp_computed_read(&c->u, t,
		    cdp_tape_get(t, 0, CDP_STR("computed")), &r.mem, &m->tmp);
		cdp_arena_free(&r.mem);
		cdp_timers_set(m, &c->u);
	} else if (rc != CDP_END) {
		return rc;
	}
	cdp_view_circle(m, c);
	return 0;
}

static int
queue(void *arg, struct cdp_str key, int64_t due_ms)
{
	struct cdp_merge *m = arg;
	struct cdp_profile *p;
	struct cdp_circle *c;

	if (cdp_str_starts(key, CDP_STR("p_"))) {
		p = cdp_state_profile(m, key);
		if (!p->loaded)
			cdp_due_set(&m->due, &p->u.due, due_ms);
	} else if (cdp_str_starts(key, CDP_STR("g:")) &&
	    (c = circle_of_key(m, key)) != NULL && !c->loaded) {
		cdp_due_set(&m->due, &c->u.due, due_ms);
	}
	return 0;
}

int
cdp_state_ripe(struct cdp_merge *m, int64_t until_ms, struct cdp_err *err)
{
	return m->log != NULL ? cdp_log_due(m->log, until_ms, queue, m, err)
			      : 0;
}

int
cdp_state_open(struct cdp_merge *m, struct cdp_err *err)
{
	int rc = fetch(m, CDP_STATE_CLOCK, err);

	if (rc == 0)
		cdp_tape_i64(&m->tape, 0, &m->clock_ms);
	else if (rc != CDP_END)
		return rc;
	cdp_log_due_start(m->log, CDP_STATE_CLOCK, m->clock_ms);
	return 0;
}

/* ---- how much is held ---- */

void
cdp_state_bytes(struct cdp_merge *m, struct cdp_unit *u, size_t bytes)
{
	m->bytes += bytes - u->bytes;
	u->bytes = bytes;
}

static size_t
held(const struct cdp_merge *m)
{
	return m->bytes * BLOWN_UP +
	    m->profiles.n * (sizeof(struct cdp_profile) + BESIDE) +
	    m->circles.n * (sizeof(struct cdp_circle) + BESIDE) +
	    m->idents.n * (sizeof(struct cdp_ident) + 2 * BESIDE);
}

void
cdp_state_free(struct cdp_merge *m)
{
	struct cdp_map_ent *e;
	size_t i;

	for (i = 0; (e = cdp_map_next(&m->profiles, &i)) != NULL;) {
		cdp_links_free(m, e->val);
		cdp_profile_free(e->val);
		free(e->val);
	}
	for (i = 0; (e = cdp_map_next(&m->circles, &i)) != NULL;)
		cdp_circle_free(e->val);
	for (i = 0; (e = cdp_map_next(&m->idents, &i)) != NULL;) {
		struct cdp_ident *id = e->val;

		cdp_mem_disown(&id->raw);
		free(id);
	}
	cdp_map_free(&m->profiles);
	cdp_map_free(&m->circles);
	cdp_map_free(&m->links);
	cdp_map_free(&m->idents);
	cdp_due_free(&m->due);
	m->profiles = m->circles = m->idents = m->links = (struct cdp_map){ 0 };
	m->due = (struct cdp_due){ 0 };
	m->bytes = 0;
}

int
cdp_state_trim(struct cdp_merge *m, struct cdp_err *err)
{
	int rc;

	/* Who has a timer in the active segment stays. */
	if (held(m) <= m->max_bytes || held(m) <= 2 * m->floor)
		return 0;
	cdp_state_free(m);
	m->all = false;
	cdp_log_due_start(m->log, CDP_STATE_CLOCK, m->clock_ms);
	rc = cdp_state_ripe(m, INT64_MIN, err);
	m->floor = held(m);
	return rc;
}
