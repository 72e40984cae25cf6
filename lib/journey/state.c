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

bool
cdp_traveller_empty(const struct cdp_traveller *p)
{
	size_t i;

	for (i = 0; i < p->npast; i++)
		if (!cdp_past_empty(&p->past[i]))
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

static bool
is_told(const struct cdp_past *past)
{
	return !cdp_past_empty(past) || past->refused != NULL;
}

static void
write_pasts(struct cdp_buf *b, const struct cdp_traveller *p,
    const struct cdp_project *pr)
{
	bool any = p->parked_past.n != 0;
	size_t i;

	for (i = 0; i < p->npast; i++)
		any = any || is_told(&p->past[i]);
	if (!any)
		return;
	cdp_json_key(b, "past");
	cdp_buf_putc(b, '{');
	for (i = 0; i < p->npast; i++) {
		if (!is_told(&p->past[i]))
			continue;
		cdp_json_comma(b);
		cdp_json_str(b, pr->journey[p->past[i].jx].key);
		cdp_buf_putc(b, ':');
		cdp_past_write(b, &p->past[i]);
	}
	if (p->parked_past.n != 0) {
		cdp_json_comma(b);
		cdp_buf_put(b, cdp_buf_str(&p->parked_past));
	}
	cdp_buf_putc(b, '}');
}

/* {"id":"p_1", at its beginning, is what the state stands under. */
static struct cdp_str
head(const struct cdp_traveller *p, char *tmp, size_t size)
{
	int n = snprintf(
	    tmp, size, "{\"id\":\"%.*s\",", (int)p->k.due.id.n, p->k.due.id.p);

	return (struct cdp_str){ tmp, n < (int)size ? (size_t)n : 0 };
}

static void
write_profile(struct cdp_buf *b, const struct cdp_traveller *p)
{
	struct cdp_str s = cdp_buf_str(&p->profile), is;
	char tmp[600];

	if (s.n == 0)
		return;
	is = head(p, tmp, sizeof(tmp));
	if (is.n == 0 || !cdp_str_starts(s, is)) {
		cdp_json_kraw(b, "profile", s);
		return;
	}
	cdp_json_key(b, "is");
	cdp_buf_putc(b, '{');
	cdp_buf_put(b, (struct cdp_str){ s.p + is.n, s.n - is.n });
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
	write_profile(b, p);
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

static void
read_pasts(struct cdp_traveller *p, const struct cdp_scheme *sm,
    const struct cdp_tape *t, uint32_t at, struct cdp_arena *mem)
{
	uint32_t it = 0, key, val;
	size_t j;

	while (cdp_tape_next(t, at, &it, &key, &val)) {
		if ((j = journey_of(sm, t, key, mem)) != 0) {
			cdp_past_read(
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
			cdp_instance_read(in, p->k.due.id, t, val);
			cdp_traveller_add(p, in);
			continue;
		}
		if (p->parked.n != 0)
			cdp_buf_putc(&p->parked, ',');
		cdp_buf_put(&p->parked, cdp_tape_raw(t, val));
	}
}

static void
read_profile(struct cdp_traveller *p, const struct cdp_tape *t, uint32_t at)
{
	struct cdp_str s =
	    cdp_tape_raw(t, cdp_tape_get(t, at, CDP_STR("profile")));
	char tmp[600];

	if (s.n == 0) {
		s = cdp_tape_raw(t, cdp_tape_get(t, at, CDP_STR("is")));
		if (s.n == 0)
			return;
		cdp_buf_put(&p->profile, head(p, tmp, sizeof(tmp)));
		s.p++;
		s.n--;
	}
	cdp_buf_put(&p->profile, s);
}

void
cdp_traveller_read(struct cdp_traveller *p, const struct cdp_scheme *sm,
    const struct cdp_tape *t, uint32_t at)
{
	struct cdp_arena mem = { 0 };

	cdp_tape_i64(t, cdp_tape_get(t, at, CDP_STR("now")), &p->now_ms);
	cdp_tape_i64(t, cdp_tape_get(t, at, CDP_STR("look")), &p->look_ms);
	read_profile(p, t, at);
	read_instances(
	    p, sm, t, cdp_tape_get(t, at, CDP_STR("instances")), &mem);
	read_pasts(p, sm, t, cdp_tape_get(t, at, CDP_STR("past")), &mem);
	cdp_hist_read(
	    &p->hist, sm->ws, t, cdp_tape_get(t, at, CDP_STR("hist")));
	cdp_shares_read(&p->shares, sm->ws, t, at);
	cdp_arena_free(&mem);
}
