#include "lib/profile/computed.h"

#include "lib/base/hash.h"
#include "lib/json/write.h"
#include "lib/rule/wstate.h"

/* ---- the index ---- */

static void
uses_add(struct cdp_defs *defs, struct cdp_uses *uses, struct cdp_use use)
{
	struct cdp_use *v;

	if (uses->n != 0 && uses->v[uses->n - 1].trait == use.trait &&
	    uses->v[uses->n - 1].role == use.role)
		return; /* a name that is listed twice */
	if ((uses->n & (uses->n - 1)) == 0) {
		v = cdp_arena_alloc(
		    &defs->mem, (uses->n != 0 ? uses->n * 2 : 1) * sizeof(*v));
		if (uses->n != 0)
			memcpy(v, uses->v, uses->n * sizeof(*v));
		uses->v = v;
	}
	uses->v[uses->n++] = use;
}

static void
index_trigger(struct cdp_defs *defs, uint32_t trait, enum cdp_use_role role,
    const struct cdp_trigger *on)
{
	struct cdp_use use = { trait, role, on };
	size_t i;

	if (on == NULL || on->nevent == 0) {
		uses_add(defs, &defs->any, use);
		return;
	}
	for (i = 0; i < on->nevent; i++) {
		void **at = cdp_map_at(&defs->by_event, on->event[i]);

		if (*at == NULL)
			*at = cdp_arena_calloc(
			    &defs->mem, 1, sizeof(struct cdp_uses));
		uses_add(defs, *at, use);
	}
}

/* What a definition says, in 8 digits; its place in the file is no part. */
static struct cdp_str
say(struct cdp_defs *defs, const struct cdp_trait *def, struct cdp_buf *tmp)
{
	struct cdp_str said;
	char hex[9];

	cdp_buf_reset(tmp);
	cdp_buf_i64(tmp, def->kind);
	if (def->node != NULL)
		cdp_node_json(tmp, def->node);
	said = cdp_buf_str(tmp);
	cdp_hash_sha256(&said, 1, hex, 8);
	return cdp_arena_printf(
	    &defs->mem, "%.*s#%s", (int)def->name.n, def->name.p, hex);
}

static void
sort_names(struct cdp_defs *defs)
{
	size_t i, j;

	for (i = 0; i < defs->n; i++) {
		for (j = i; j != 0 &&
		     cdp_str_cmp(defs->v[defs->by_name[j - 1]].name,
			 defs->v[i].name) > 0;
		     j--)
			defs->by_name[j] = defs->by_name[j - 1];
		defs->by_name[j] = (uint32_t)i;
	}
}

void
cdp_defs_init(struct cdp_defs *defs, const struct cdp_traits *traits)
{
	struct cdp_buf tmp = { 0 };
	size_t i;

	*defs = (struct cdp_defs){ .v = traits->v, .n = traits->n };
	defs->by_name =
	    cdp_arena_calloc(&defs->mem, defs->n + 1, sizeof(uint32_t));
	defs->derived =
	    cdp_arena_calloc(&defs->mem, defs->n + 1, sizeof(uint32_t));
	defs->say =
	    cdp_arena_calloc(&defs->mem, defs->n + 1, sizeof(struct cdp_str));
	for (i = 0; i < defs->n; i++) {
		const struct cdp_trait *def = &defs->v[i];

		defs->say[i] = say(defs, def, &tmp);
		if (def->within_ms > 0 || def->session_ms > 0)
			defs->windowed = true;
		if (cdp_window_keeps(def) == CDP_KEEPS_NOTHING) {
			defs->derived[defs->nderived++] = (uint32_t)i;
			continue;
		}
		index_trigger(defs, (uint32_t)i, CDP_USE_ADD,
		    def->has_trigger ? &def->on : NULL);
		if (def->remove != NULL)
			index_trigger(
			    defs, (uint32_t)i, CDP_USE_REMOVE, def->remove);
		if (def->reset != NULL)
			index_trigger(
			    defs, (uint32_t)i, CDP_USE_RESET, def->reset);
	}
	defs->sees =
	    cdp_arena_calloc(&defs->mem, defs->n + 1, sizeof(*defs->sees));
	sort_names(defs);
	cdp_buf_free(&tmp);
}

void
cdp_defs_free(struct cdp_defs *defs)
{
	cdp_map_free(&defs->by_event);
	cdp_arena_free(&defs->mem);
}

void
cdp_defs_want(struct cdp_defs *defs, struct cdp_jq *jq)
{
	size_t i, j;

	for (i = 0; i < defs->n; i++) {
		for (j = 0; j < defs->v[i].ncase; j++)
			cdp_cond_want(defs->v[i].cases[j].cond, jq);
		if (defs->v[i].jq < 0)
			continue;
		cdp_jq_want(jq, defs->v[i].jq);
		cdp_jqpaths_find(
		    cdp_jq_text(jq, defs->v[i].jq), &defs->mem, &defs->sees[i]);
		/* What it looks up may change while its input does not. */
		if (defs->v[i].kind == CDP_TRAIT_JQ &&
		    cdp_jq_looks_up(jq, defs->v[i].jq))
			defs->looks_up = defs->sees[i].all = true;
	}
}

/* ---- visible values ---- */

static struct cdp_window *
window(struct cdp_unit *u, uint32_t trait)
{
	if (u->win == NULL)
		u->win = cdp_xcalloc(u->defs->n, sizeof(struct cdp_window *));
	if (u->win[trait] == NULL) {
		u->win[trait] = cdp_xcalloc(1, sizeof(struct cdp_window));
		cdp_buf_put(&u->win[trait]->out, u->defs->v[trait].def);
	}
	return u->win[trait];
}

/* Make the visible value anew.  True if it is another one. */
static bool
show(struct cdp_window *w, const struct cdp_trait *def, struct cdp_buf *tmp)
{
	cdp_buf_reset(tmp);
	cdp_window_show(tmp, w, def);
	if (cdp_str_eq(cdp_buf_str(tmp), cdp_buf_str(&w->out)))
		return false;
	cdp_buf_reset(&w->out);
	cdp_buf_put(&w->out, cdp_buf_str(tmp));
	return true;
}

struct cdp_str
cdp_computed_value(const struct cdp_unit *u, uint32_t trait)
{
	if (u->win == NULL || u->win[trait] == NULL)
		return u->defs->v[trait].def;
	return cdp_buf_str(&u->win[trait]->out);
}

bool
cdp_computed_same(struct cdp_unit *u, uint32_t trait, uint64_t seen)
{
	struct cdp_window *w = window(u, trait);
	bool same = (uint64_t)w->n == seen;

	w->n = (int64_t)seen;
	return same;
}

void
cdp_computed_set(struct cdp_unit *u, uint32_t trait, struct cdp_str json)
{
	struct cdp_window *w = window(u, trait);

	cdp_buf_reset(&w->out);
	cdp_buf_put(&w->out, json.n != 0 ? json : u->defs->v[trait].def);
}

void
cdp_unit_free(struct cdp_unit *u)
{
	size_t i;

	for (i = 0; u->win != NULL && i < u->defs->n; i++) {
		if (u->win[i] != NULL)
			cdp_window_free(u->win[i], &u->defs->v[i]);
		free(u->win[i]);
	}
	free(u->win);
}

/* ---- events ---- */

/*
 * The value of def in the event, in one spelling.  False if there is none
 * that the kind can use: nulls count for "last" only, where they mean that
 * the value was taken back.
 */
static bool
value(const struct cdp_trait *def, const struct cdp_jqpaths *sees,
    struct cdp_count *c, struct cdp_datum *d)
{
	const struct cdp_line *ln = c->ln;
	uint32_t at;

	if (def->kind == CDP_TRAIT_COUNT)
		return true;
	if (def->jq >= 0) {
		struct cdp_err err = { 0 };
		int rc;

		cdp_buf_reset(c->tmp);
		cdp_jqpaths_narrow(c->tmp, sees, ln->tape, 0);
		rc = cdp_jq_run(c->jq, def->jq, cdp_buf_str(c->tmp), ln->mem,
		    &d->json, &err);
		if (rc < 0)
			c->fault(c->arg, def, &err);
		if (rc != 0)
			return false;
	} else {
		at = cdp_tape_path(ln->tape, 0, &def->path);
		if (at == CDP_NOTOK)
			return false;
		d->json = cdp_tape_raw(ln->tape, at);
		if (cdp_tape_kind(ln->tape, at) >= CDP_NUM &&
		    (def->kind == CDP_TRAIT_UNIQUE ||
			def->kind == CDP_TRAIT_UNIQUE_COUNT ||
			def->kind == CDP_TRAIT_MOST_FREQUENT)) {
			cdp_buf_reset(c->tmp);
			cdp_json_canonical(c->tmp, ln->tape, at);
			d->json = cdp_arena_dup(ln->mem, cdp_buf_str(c->tmp));
		}
	}
	if (cdp_window_numeric(def))
		return cdp_dec_parse(d->json, &d->dec) == 0;
	return def->kind == CDP_TRAIT_LAST || !cdp_str_is(d->json, "null");
}

static struct cdp_str
list_key(const struct cdp_trait *def, struct cdp_count *c)
{
	uint32_t at = def->key.n != 0 ? cdp_tape_path(c->ln->tape, 0, &def->key)
				      : CDP_NOTOK;

	if (cdp_tape_kind(c->ln->tape, at) == CDP_NULL)
		return CDP_STR("");
	cdp_buf_reset(c->tmp);
	cdp_json_canonical(c->tmp, c->ln->tape, at);
	return cdp_arena_dup(c->ln->mem, cdp_buf_str(c->tmp));
}

/* An event that takes out, or empties the list, puts nothing in. */
static bool
takes_out(const struct cdp_trait *def, const struct cdp_line *ln)
{
	return (def->remove != NULL && cdp_trigger_test(def->remove, ln)) ||
	    (def->reset != NULL && cdp_trigger_test(def->reset, ln));
}

static bool
use_list(struct cdp_unit *u, const struct cdp_use *use, struct cdp_count *c,
    struct cdp_datum *d)
{
	const struct cdp_trait *def = &u->defs->v[use->trait];
	struct cdp_window *w = window(u, use->trait);
	struct cdp_str key;

	if (use->role == CDP_USE_ADD ? takes_out(def, c->ln)
				     : def->session_ms > 0 && !w->live)
		return false;
	if (use->role == CDP_USE_RESET) {
		cdp_list_reset(&w->list, d->at);
		return true;
	}
	key = list_key(def, c);
	if (def->key.n != 0 && key.n == 0)
		return false;
	if (use->role == CDP_USE_REMOVE) {
		cdp_list_remove(&w->list, d->at, key, (size_t)def->keep);
		return true;
	}
	if (!value(def, &u->defs->sees[use->trait], c, d) ||
	    (def->session_ms > 0 &&
		!cdp_window_session(w, def, d->at.ms, c->now_ms)))
		return false;
	cdp_list_put(&w->list, d->at, key, d->json, (size_t)def->keep);
	return true;
}

/* The place of the event's source in the list; behind it if not there. */
static uint32_t
rank(const struct cdp_trait *def, const struct cdp_line *ln)
{
	struct cdp_str source;
	uint32_t at, i = 0;

	if (def->nprefer == 0)
		return 0;
	at = cdp_tape_get(ln->tape, 0, CDP_STR("sourceId"));
	if (!cdp_tape_isa(ln->tape, at, CDP_STRING))
		return (uint32_t)def->nprefer;
	source = cdp_tape_str(ln->tape, at, ln->mem);
	while (i < def->nprefer && !cdp_str_eq(def->prefer[i], source))
		i++;
	return i;
}

/* A late event's value may have left its window already: not counted. */
static bool
use_one(struct cdp_unit *u, const struct cdp_use *use, struct cdp_count *c)
{
	const struct cdp_trait *def = &u->defs->v[use->trait];
	struct cdp_window *w;
	struct cdp_datum d = { .at = { c->ln->ts_ms, c->ln->message_id },
		.weight = 1 };

	if (use->on != NULL && !cdp_trigger_test(use->on, c->ln))
		return false;
	if (d.at.ms == CDP_TIME_NONE)
		d.at.ms = c->now_ms;
	if (def->within_ms > 0 && d.at.ms <= c->now_ms - def->within_ms)
		return false;
	if (def->kind == CDP_TRAIT_LIST)
		return use_list(u, use, c, &d);
	if (!value(def, &u->defs->sees[use->trait], c, &d))
		return false;
	d.rank = rank(def, c->ln);
	w = window(u, use->trait);
	if (def->session_ms > 0 &&
	    !cdp_window_session(w, def, d.at.ms, c->now_ms))
		return false;
	cdp_window_put(w, def, &d);
	return true;
}

static bool
use_all(struct cdp_unit *u, const struct cdp_uses *uses, struct cdp_count *c,
    bool *touched)
{
	bool changed = false;
	size_t i;

	for (i = 0; i < uses->n; i++) {
		uint32_t trait = uses->v[i].trait;

		if (!use_one(u, &uses->v[i], c))
			continue;
		*touched = true;
		if (show(u->win[trait], &u->defs->v[trait], c->tmp))
			changed = true;
	}
	return changed;
}

bool
cdp_computed_event(struct cdp_unit *u, struct cdp_count *c, bool *touched)
{
	const struct cdp_uses *uses = NULL;
	bool changed = false;

	if (c->ln->event.n != 0)
		uses = cdp_map_get(&u->defs->by_event, c->ln->event);
	if (uses != NULL)
		changed = use_all(u, uses, c, touched);
	if (u->defs->any.n != 0 && use_all(u, &u->defs->any, c, touched))
		changed = true;
	return changed;
}

bool
cdp_computed_cares(const struct cdp_defs *defs, const struct cdp_line *ln)
{
	return defs->any.n != 0 ||
	    (ln->event.n != 0 &&
		cdp_map_get(&defs->by_event, ln->event) != NULL);
}

/* ---- time ---- */

bool
cdp_computed_expire(struct cdp_unit *u, int64_t now_ms, struct cdp_buf *tmp)
{
	bool changed = false;
	size_t i;

	for (i = 0; u->win != NULL && i < u->defs->n; i++)
		if (u->win[i] != NULL &&
		    cdp_window_expire(u->win[i], &u->defs->v[i], now_ms) &&
		    show(u->win[i], &u->defs->v[i], tmp))
			changed = true;
	return changed;
}

int64_t
cdp_computed_next(const struct cdp_unit *u)
{
	int64_t next = INT64_MAX, ms;
	size_t i;

	for (i = 0; u->win != NULL && i < u->defs->n; i++) {
		if (u->win[i] == NULL)
			continue;
		ms = cdp_window_next(u->win[i], &u->defs->v[i]);
		if (ms < next)
			next = ms;
	}
	return next;
}

void
cdp_computed_join(
    struct cdp_unit *u, const struct cdp_unit *from, struct cdp_buf *tmp)
{
	size_t i;

	for (i = 0; from->win != NULL && i < u->defs->n; i++)
		if (from->win[i] != NULL &&
		    cdp_window_keeps(&u->defs->v[i]) != CDP_KEEPS_NOTHING) {
			cdp_window_join(window(u, (uint32_t)i), from->win[i],
			    &u->defs->v[i]);
			show(u->win[i], &u->defs->v[i], tmp);
		}
}

/* ---- state ---- */

void
cdp_computed_write(struct cdp_buf *b, const struct cdp_unit *u)
{
	size_t i;

	cdp_buf_putc(b, '{');
	for (i = 0; u->win != NULL && i < u->defs->n; i++) {
		if (u->win[i] == NULL ||
		    cdp_window_keeps(&u->defs->v[i]) == CDP_KEEPS_NOTHING)
			continue;
		cdp_json_comma(b);
		cdp_json_str(b, u->defs->say[i]);
		cdp_buf_putc(b, ':');
		cdp_wstate_write(b, u->win[i], &u->defs->v[i]);
	}
	cdp_buf_putc(b, '}');
}

void
cdp_computed_read(struct cdp_unit *u, const struct cdp_tape *t, uint32_t at,
    struct cdp_arena *mem, struct cdp_buf *tmp)
{
	uint32_t val;
	size_t i;

	for (i = 0; i < u->defs->n; i++) {
		val = cdp_tape_get(t, at, u->defs->say[i]);
		if (val == CDP_NOTOK ||
		    cdp_window_keeps(&u->defs->v[i]) == CDP_KEEPS_NOTHING)
			continue;
		cdp_wstate_read(
		    window(u, (uint32_t)i), &u->defs->v[i], t, val, mem);
		show(u->win[i], &u->defs->v[i], tmp);
	}
}
