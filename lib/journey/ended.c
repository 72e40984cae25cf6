#include "lib/journey/ended.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/journey/state.h"
#include "lib/json/write.h"

/* Of two of one time the later call is the later end. */
static void
add(struct cdp_endeds *e, int64_t at_ms, struct cdp_str json)
{
	size_t i = e->n;

	if (e->n == CDP_ENDED_MAX) {
		if (at_ms < e->v[0].at_ms)
			return;
		free(e->v[0].json);
		memmove(e->v, e->v + 1, (e->n - 1) * sizeof(*e->v));
		i = --e->n;
	}
	e->v = cdp_xreallocarray(e->v, e->n + 1, sizeof(*e->v));
	while (i > 0 && e->v[i - 1].at_ms > at_ms) {
		e->v[i] = e->v[i - 1];
		i--;
	}
	e->v[i] = (struct cdp_ended){ at_ms, cdp_xstrndup(json) };
	e->n++;
}

/*
 * What it has sent says by which event it entered; where it has sent nothing
 * this must, for there may be no state that has seen it on its way.
 */
static void
put_entry(struct cdp_buf *b, const struct cdp_instance *in)
{
	struct cdp_tape t = { 0 };
	struct cdp_arena mem = { 0 };
	struct cdp_str id = CDP_STR("");
	size_t i = 0;

	while (i < in->jr->nstep &&
	    (in->jr->step[i].kind != CDP_STEP_SEND || in->visit[i] == 0))
		i++;
	if (in->entry != NULL || i == in->jr->nstep)
		id = cdp_instance_entry(in, &t, &mem);
	if (id.n != 0)
		cdp_json_kstr(b, "entry", id);
	cdp_arena_free(&mem);
	cdp_tape_free(&t);
}

/* What is most often the same stands together. */
void
cdp_endeds_add(struct cdp_endeds *e, const struct cdp_instance *in,
    const struct cdp_end *end, int64_t at_ms)
{
	const struct cdp_span span = { in->entered_ms, at_ms };
	struct cdp_buf b = { 0 };

	cdp_buf_putc(&b, '{');
	cdp_json_kstr(&b, "as", end->outcome);
	if (end->exit != NULL)
		cdp_json_kstr(&b, "exit", end->exit->id);
	else if (end->by.n != 0)
		cdp_json_kstr(&b, "why", end->by);
	if (in->by != NULL &&
	    !cdp_when_is_usual(&in->jr->enter, cdp_str_of(in->by)))
		cdp_json_kstr(&b, "by", cdp_str_of(in->by));
	if (in->edition != 0)
		cdp_json_ki64(&b, "edition", (int64_t)in->edition);
	if (in->control)
		cdp_json_kraw(&b, "control", CDP_STR("true"));
	cdp_instance_put_goal(&b, in);
	if (in->per.n != 0)
		cdp_json_kraw(&b, "per", cdp_buf_str(&in->per));
	if (end->id.n != 0)
		cdp_json_kstr(&b, "id", end->id);
	put_entry(&b, in);
	cdp_way_write(&b, &in->way, &span);
	cdp_buf_putc(&b, '}');
	add(e, at_ms, cdp_buf_str(&b));
	cdp_buf_free(&b);
}

/* Whether it is one that entered then and did not reach its goal. */
static bool
misses(struct cdp_tape *t, struct cdp_str json, struct cdp_str per,
    int64_t from_ms)
{
	uint32_t at, it = 0, key, val;
	int64_t ms;

	if (cdp_tape_parse(t, json, NULL) != 0 ||
	    cdp_tape_get(t, 0, CDP_STR("reached")) != CDP_NOTOK)
		return false;
	at = cdp_tape_get(t, 0, CDP_STR("per"));
	if (!cdp_str_eq(
		at != CDP_NOTOK ? cdp_tape_raw(t, at) : CDP_STR(""), per))
		return false;
	at = cdp_tape_get(t, 0, CDP_STR("at"));
	return cdp_tape_next(t, at, &it, &key, &val) &&
	    cdp_tape_i64(t, val, &ms) && ms == from_ms;
}

void
cdp_endeds_reach(
    struct cdp_endeds *e, struct cdp_str per, int64_t from_ms, int64_t at_ms)
{
	struct cdp_tape t = { 0 };
	struct cdp_buf b = { 0 };
	size_t i = 0;

	while (i < e->n && !misses(&t, cdp_str_of(e->v[i].json), per, from_ms))
		i++;
	cdp_tape_free(&t);
	if (i == e->n)
		return; /* older than the newest */
	cdp_buf_putc(&b, '{');
	cdp_json_ki64(&b, "reached", at_ms);
	cdp_buf_putc(&b, ',');
	cdp_buf_puts(&b, e->v[i].json + 1);
	free(e->v[i].json);
	e->v[i].json = cdp_xstrndup(cdp_buf_str(&b));
	cdp_buf_free(&b);
}

void
cdp_endeds_join(struct cdp_endeds *e, const struct cdp_endeds *from)
{
	size_t i;

	for (i = 0; i < from->n; i++)
		add(e, from->v[i].at_ms, cdp_str_of(from->v[i].json));
}

void
cdp_endeds_free(struct cdp_endeds *e)
{
	while (e->n != 0)
		free(e->v[--e->n].json);
	free(e->v);
}

void
cdp_endeds_write(struct cdp_buf *b, const struct cdp_endeds *e)
{
	size_t i;

	if (e->n == 0)
		return;
	cdp_json_key(b, "ended");
	cdp_buf_putc(b, '[');
	for (i = 0; i < e->n; i++) {
		cdp_json_comma(b);
		cdp_buf_puts(b, e->v[i].json);
	}
	cdp_buf_putc(b, ']');
}

void
cdp_endeds_read(struct cdp_endeds *e, const struct cdp_tape *t, uint32_t list)
{
	uint32_t it = 0, key, val;
	struct cdp_span span;
	struct cdp_way w;

	while (cdp_tape_next(t, list, &it, &key, &val)) {
		w = (struct cdp_way){ 0 };
		if (cdp_way_read_ended(&w, t, val, &span))
			add(e, span.to_ms, cdp_tape_raw(t, val));
		cdp_way_free(&w);
	}
}
