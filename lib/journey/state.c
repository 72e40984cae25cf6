#include "lib/journey/state.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/write.h"

int64_t
cdp_traveller_due(const struct cdp_traveller *p)
{
	int64_t due = p->look_ms, d;
	size_t i;

	for (i = 0; i < p->nins; i++)
		if ((d = cdp_instance_due(p->ins[i])) < due)
			due = d;
	return due;
}

static bool
past_empty(const struct cdp_past *past)
{
	return !past->held && past->outcome.n == 0 && past->last.n == 0 &&
	    past->gone.n == 0 && past->ntail == 0;
}

bool
cdp_traveller_empty(const struct cdp_traveller *p)
{
	size_t i;

	for (i = 0; i < p->npast; i++)
		if (!past_empty(&p->past[i]))
			return false;
	return p->nins == 0 && p->hist.n == 0 && p->look_ms == INT64_MAX &&
	    p->parked.n == 0 && p->parked_past.n == 0;
}

struct cdp_past *
cdp_traveller_past(struct cdp_traveller *p, size_t jx, bool make)
{
	size_t i = 0;

	while (i < p->npast && p->past[i].jx < jx)
		i++;
	if (i < p->npast && p->past[i].jx == jx)
		return &p->past[i];
	if (!make)
		return NULL;
	p->past = cdp_xreallocarray(p->past, p->npast + 1, sizeof(*p->past));
	memmove(
	    p->past + i + 1, p->past + i, (p->npast - i) * sizeof(*p->past));
	p->past[i] = (struct cdp_past){ .jx = jx };
	p->npast++;
	return &p->past[i];
}

void
cdp_traveller_add(struct cdp_traveller *p, struct cdp_instance *in)
{
	const struct cdp_instance *o;
	size_t i;

	p->ins = cdp_xreallocarray(p->ins, p->nins + 1, sizeof(*p->ins));
	for (i = p->nins; i > 0; i--) {
		o = p->ins[i - 1];
		if (o->entered_ms < in->entered_ms ||
		    (o->entered_ms == in->entered_ms &&
			strcmp(o->id, in->id) <= 0))
			break;
		p->ins[i] = p->ins[i - 1];
	}
	p->ins[i] = in;
	p->nins++;
}

void
cdp_traveller_remove(struct cdp_traveller *p, struct cdp_instance *in)
{
	size_t i;

	for (i = 0; i < p->nins; i++)
		if (p->ins[i] == in)
			break;
	if (i == p->nins)
		return;
	memmove(
	    p->ins + i, p->ins + i + 1, (p->nins - i - 1) * sizeof(*p->ins));
	p->nins--;
}

static int
compare(const struct cdp_last *a, struct cdp_str per, uint32_t set)
{
	int cmp = cdp_str_cmp(cdp_str_of(a->per), per);

	return cmp != 0 ? cmp : (a->set > set) - (a->set < set);
}

/* Where that of per and set is, or would stand. */
static size_t
place(const struct cdp_lasts *l, struct cdp_str per, uint32_t set, bool *found)
{
	size_t i = 0;
	int cmp = 1;

	while (i < l->n && (cmp = compare(&l->v[i], per, set)) < 0)
		i++;
	*found = i < l->n && cmp == 0;
	return i;
}

static void
drop(struct cdp_lasts *l, size_t i)
{
	free(l->v[i].per);
	free(l->v[i].exit);
	l->n--;
	memmove(l->v + i, l->v + i + 1, (l->n - i) * sizeof(*l->v));
}

static void
free_lasts(struct cdp_lasts *l)
{
	while (l->n != 0)
		drop(l, l->n - 1);
	free(l->v);
}

const struct cdp_last *
cdp_lasts_get(const struct cdp_lasts *l, struct cdp_str per)
{
	const struct cdp_last *newest = NULL;
	bool found;
	size_t i = place(l, per, 0, &found);

	for (; i < l->n && cdp_str_is(per, l->v[i].per); i++)
		if (newest == NULL || l->v[i].at_ms > newest->at_ms)
			newest = &l->v[i];
	return newest;
}

void
cdp_lasts_set(struct cdp_lasts *l, struct cdp_str per, uint32_t set,
    struct cdp_str exit, int64_t at_ms, size_t max)
{
	bool found;
	size_t i = place(l, per, set, &found), old = 0;

	if (found && l->v[i].at_ms >= at_ms)
		return;
	if (found)
		drop(l, i);
	l->v = cdp_xreallocarray(l->v, l->n + 1, sizeof(*l->v));
	memmove(l->v + i + 1, l->v + i, (l->n - i) * sizeof(*l->v));
	l->v[i] = (struct cdp_last){ cdp_xstrndup(per),
		exit.n != 0 ? cdp_xstrndup(exit) : NULL, set, at_ms };
	if (++l->n <= max)
		return;
	for (i = 1; i < l->n; i++)
		if (l->v[i].at_ms < l->v[old].at_ms)
			old = i;
	drop(l, old);
}

int64_t
cdp_past_last(const struct cdp_past *past, struct cdp_str per)
{
	const struct cdp_last *last =
	    past != NULL ? cdp_lasts_get(&past->last, per) : NULL;

	return last != NULL ? last->at_ms : CDP_TIME_NONE;
}

void
cdp_past_forget(struct cdp_past *past, int64_t ms)
{
	size_t i;

	for (i = past->last.n; i-- > 0;)
		if (past->last.v[i].at_ms <= ms)
			drop(&past->last, i);
}

void
cdp_past_tail(
    struct cdp_past *past, struct cdp_str per, const struct cdp_tail *tail)
{
	past->tail =
	    cdp_xreallocarray(past->tail, past->ntail + 1, sizeof(*past->tail));
	past->tail[past->ntail] = *tail;
	past->tail[past->ntail++].per = cdp_xstrndup(per);
}

void
cdp_past_drop_tail(struct cdp_past *past, size_t i)
{
	free(past->tail[i].per);
	memmove(past->tail + i, past->tail + i + 1,
	    (past->ntail - i - 1) * sizeof(*past->tail));
	past->ntail--;
}

void
cdp_past_free(struct cdp_past *past)
{
	size_t i;

	for (i = 0; i < past->ntail; i++)
		free(past->tail[i].per);
	free_lasts(&past->last);
	free_lasts(&past->gone);
	free(past->tail);
	cdp_counts_free(&past->outcome);
}

void
cdp_traveller_clear(struct cdp_traveller *p)
{
	size_t i;

	for (i = 0; i < p->nins; i++)
		cdp_instance_free(p->ins[i]);
	for (i = 0; i < p->npast; i++)
		cdp_past_free(&p->past[i]);
	p->nins = p->npast = 0;
	p->look_ms = INT64_MAX;
	cdp_hist_free(&p->hist);
	p->hist = (struct cdp_hist){ 0 };
	cdp_shares_free(&p->shares);
	cdp_buf_reset(&p->profile);
	cdp_buf_reset(&p->parked);
	cdp_buf_reset(&p->parked_past);
}

void
cdp_traveller_free(struct cdp_traveller *p)
{
	cdp_traveller_clear(p);
	free(p->ins);
	free(p->past);
	cdp_buf_free(&p->profile);
	cdp_buf_free(&p->parked);
	cdp_buf_free(&p->parked_past);
}

/* ---- writing ---- */

static void
put_per(struct cdp_buf *b, const char *per, uint32_t set)
{
	if (per[0] != '\0')
		cdp_json_kraw(b, "per", cdp_str_of(per));
	if (set != 0)
		cdp_json_ki64(b, "set", set);
}

static void
write_lasts(struct cdp_buf *b, const char *key, const struct cdp_lasts *l)
{
	size_t i;

	if (l->n == 0)
		return;
	cdp_json_key(b, key);
	cdp_buf_putc(b, '[');
	for (i = 0; i < l->n; i++) {
		cdp_json_comma(b);
		cdp_buf_putc(b, '{');
		put_per(b, l->v[i].per, l->v[i].set);
		if (l->v[i].exit != NULL)
			cdp_json_kstr(b, "exit", cdp_str_of(l->v[i].exit));
		cdp_json_ki64(b, "at", l->v[i].at_ms);
		cdp_buf_putc(b, '}');
	}
	cdp_buf_putc(b, ']');
}

static void
write_past(struct cdp_buf *b, const struct cdp_past *past)
{
	size_t i;

	cdp_buf_putc(b, '{');
	if (past->held)
		cdp_json_kraw(b, "held", CDP_STR("true"));
	cdp_counts_write(b, "outcomes", &past->outcome);
	write_lasts(b, "last", &past->last);
	write_lasts(b, "gone", &past->gone);
	if (past->ntail != 0) {
		cdp_json_key(b, "goal");
		cdp_buf_putc(b, '[');
		for (i = 0; i < past->ntail; i++) {
			cdp_json_comma(b);
			cdp_buf_putc(b, '{');
			put_per(b, past->tail[i].per, past->tail[i].set);
			if (past->tail[i].edition != 0)
				cdp_json_ki64(b, "edition",
				    (int64_t)past->tail[i].edition);
			if (past->tail[i].control)
				cdp_json_kraw(b, "control", CDP_STR("true"));
			cdp_json_ki64(b, "until", past->tail[i].until_ms);
			cdp_buf_putc(b, '}');
		}
		cdp_buf_putc(b, ']');
	}
	cdp_buf_putc(b, '}');
}

static void
write_pasts(struct cdp_buf *b, const struct cdp_traveller *p,
    const struct cdp_project *pr)
{
	bool any = p->parked_past.n != 0;
	size_t i;

	for (i = 0; i < p->npast; i++)
		any = any || !past_empty(&p->past[i]);
	if (!any)
		return;
	cdp_json_key(b, "past");
	cdp_buf_putc(b, '{');
	for (i = 0; i < p->npast; i++) {
		if (past_empty(&p->past[i]))
			continue;
		cdp_json_comma(b);
		cdp_json_str(b, pr->journey[p->past[i].jx].key);
		cdp_buf_putc(b, ':');
		write_past(b, &p->past[i]);
	}
	if (p->parked_past.n != 0) {
		cdp_json_comma(b);
		cdp_buf_put(b, cdp_buf_str(&p->parked_past));
	}
	cdp_buf_putc(b, '}');
}

void
cdp_traveller_write(struct cdp_buf *b, const struct cdp_traveller *p,
    const struct cdp_scheme *sm)
{
	size_t i;

	cdp_buf_putc(b, '{');
	cdp_json_ki64(b, "now", p->now_ms);
	if (p->look_ms != INT64_MAX)
		cdp_json_ki64(b, "look", p->look_ms);
	if (p->profile.n != 0)
		cdp_json_kraw(b, "profile", cdp_buf_str(&p->profile));
	if (p->nins != 0 || p->parked.n != 0) {
		cdp_json_key(b, "instances");
		cdp_buf_putc(b, '[');
		for (i = 0; i < p->nins; i++) {
			cdp_json_comma(b);
			cdp_instance_write(b, p->ins[i]);
		}
		if (p->parked.n != 0) {
			cdp_json_comma(b);
			cdp_buf_put(b, cdp_buf_str(&p->parked));
		}
		cdp_buf_putc(b, ']');
	}
	write_pasts(b, p, sm->pr);
	if (p->hist.n != 0) {
		cdp_json_key(b, "hist");
		cdp_hist_write(b, &p->hist, sm->ws);
		cdp_shares_write(b, &p->shares, sm->ws);
	}
	cdp_buf_putc(b, '}');
}

/* ---- reading ---- */

static size_t
journey_of(const struct cdp_scheme *sm, const struct cdp_tape *t, uint32_t at,
    struct cdp_arena *mem)
{
	return (size_t)(uintptr_t)cdp_map_get(
	    &sm->by_key, cdp_tape_str(t, at, mem));
}

static struct cdp_str
per_of(const struct cdp_tape *t, uint32_t at)
{
	uint32_t per = cdp_tape_get(t, at, CDP_STR("per"));

	return per != CDP_NOTOK ? cdp_tape_raw(t, per) : CDP_STR("");
}

static uint32_t
set_of(const struct cdp_tape *t, uint32_t at)
{
	int64_t set = 0;

	cdp_tape_i64(t, cdp_tape_get(t, at, CDP_STR("set")), &set);
	return (uint32_t)set;
}

static void
read_lasts(struct cdp_lasts *l, const struct cdp_tape *t, uint32_t list,
    struct cdp_arena *mem)
{
	uint32_t it = 0, key, val;
	int64_t ms;

	while (cdp_tape_next(t, list, &it, &key, &val))
		if (cdp_tape_i64(t, cdp_tape_get(t, val, CDP_STR("at")), &ms))
			cdp_lasts_set(l, per_of(t, val), set_of(t, val),
			    cdp_tape_str(
				t, cdp_tape_get(t, val, CDP_STR("exit")), mem),
			    ms, SIZE_MAX);
}

static void
read_past(struct cdp_past *past, const struct cdp_tape *t, uint32_t at,
    struct cdp_arena *mem)
{
	uint32_t list = cdp_tape_get(t, at, CDP_STR("goal"));
	uint32_t it = 0, key, val;
	struct cdp_tail tail;

	past->held = cdp_tape_get(t, at, CDP_STR("held")) != CDP_NOTOK;
	cdp_counts_read(
	    &past->outcome, t, cdp_tape_get(t, at, CDP_STR("outcomes")));
	read_lasts(&past->last, t, cdp_tape_get(t, at, CDP_STR("last")), mem);
	read_lasts(&past->gone, t, cdp_tape_get(t, at, CDP_STR("gone")), mem);
	while (cdp_tape_next(t, list, &it, &key, &val))
		if (cdp_tape_i64(t, cdp_tape_get(t, val, CDP_STR("until")),
			&tail.until_ms)) {
			tail.set = set_of(t, val);
			tail.edition = cdp_edition_read(t, val);
			tail.control = cdp_tape_get(t, val,
					   CDP_STR("control")) != CDP_NOTOK;
			cdp_past_tail(past, per_of(t, val), &tail);
		}
}

static void
read_pasts(struct cdp_traveller *p, const struct cdp_scheme *sm,
    const struct cdp_tape *t, uint32_t at, struct cdp_arena *mem)
{
	uint32_t it = 0, key, val;
	size_t j;

	while (cdp_tape_next(t, at, &it, &key, &val)) {
		if ((j = journey_of(sm, t, key, mem)) != 0) {
			read_past(
			    cdp_traveller_past(p, j - 1, true), t, val, mem);
			continue;
		}
		if (p->parked_past.n != 0)
			cdp_buf_putc(&p->parked_past, ',');
		cdp_buf_put(&p->parked_past, cdp_tape_raw(t, key));
		cdp_buf_putc(&p->parked_past, ':');
		cdp_buf_put(&p->parked_past, cdp_tape_raw(t, val));
	}
}

static void
read_instances(struct cdp_traveller *p, const struct cdp_scheme *sm,
    const struct cdp_tape *t, uint32_t at, struct cdp_arena *mem)
{
	uint32_t it = 0, key, val;
	struct cdp_instance *in;
	size_t j;

	while (cdp_tape_next(t, at, &it, &key, &val)) {
		j = journey_of(
		    sm, t, cdp_tape_get(t, val, CDP_STR("journey")), mem);
		if (j != 0) {
			in = cdp_instance_new(
			    &sm->of[j - 1], j - 1, cdp_edition_read(t, val));
			cdp_instance_read(in, t, val);
			cdp_traveller_add(p, in);
			continue;
		}
		if (p->parked.n != 0)
			cdp_buf_putc(&p->parked, ',');
		cdp_buf_put(&p->parked, cdp_tape_raw(t, val));
	}
}

void
cdp_traveller_read(struct cdp_traveller *p, const struct cdp_scheme *sm,
    const struct cdp_tape *t, uint32_t at)
{
	struct cdp_arena mem = { 0 };

	cdp_tape_i64(t, cdp_tape_get(t, at, CDP_STR("now")), &p->now_ms);
	cdp_tape_i64(t, cdp_tape_get(t, at, CDP_STR("look")), &p->look_ms);
	cdp_buf_put(&p->profile,
	    cdp_tape_raw(t, cdp_tape_get(t, at, CDP_STR("profile"))));
	read_instances(
	    p, sm, t, cdp_tape_get(t, at, CDP_STR("instances")), &mem);
	read_pasts(p, sm, t, cdp_tape_get(t, at, CDP_STR("past")), &mem);
	cdp_hist_read(
	    &p->hist, sm->ws, t, cdp_tape_get(t, at, CDP_STR("hist")));
	cdp_shares_read(&p->shares, sm->ws, t, at);
	cdp_arena_free(&mem);
}
