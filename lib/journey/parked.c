#include "lib/journey/engine.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/write.h"

/*
 * Instances of a journey that the project does not have are kept, without
 * their timers: nobody knows what to do when they are due.  Once anybody has
 * such a one the log says by which journeys it was so, under "parked".  A
 * journey that is not among these has come back.
 */
#define KEY CDP_STR("parked")

static bool
is_ours(const struct cdp_project *pr, const struct cdp_tape *t, uint32_t key)
{
	for (size_t i = 0; i < pr->njourney; i++)
		if (cdp_tape_streq(t, key, pr->journey[i].key))
			return true;
	return false;
}

int
cdp_parked_open(struct cdp_journeys *js, struct cdp_err *err)
{
	uint32_t it = 0, key, val;
	int rc;

	cdp_buf_reset(&js->buf);
	rc = cdp_log_get(js->log, KEY, &js->buf, err);
	if (rc != 0)
		return rc == CDP_END ? 0 : rc;
	if (cdp_tape_parse(&js->tape, cdp_buf_str(&js->buf), err) != 0)
		return cdp_fail(err, CDP_ECORRUPT,
		    "cannot read what journeys keep under 'parked'");
	js->parked = true;
	js->back = cdp_xcalloc(js->pr->njourney + 1, sizeof(*js->back));
	for (size_t i = 0; i < js->pr->njourney; i++)
		if (cdp_tape_get(&js->tape, 0, js->pr->journey[i].key) ==
		    CDP_NOTOK)
			js->back[js->nback++] = i;
	/* One that went away since must not be among them when it is back. */
	while (cdp_tape_next(&js->tape, 0, &it, &key, &val))
		js->parked_dirty |= !is_ours(js->pr, &js->tape, key);
	return 0;
}

struct search {
	struct cdp_journeys *js;
	struct cdp_arena mem;
	struct cdp_str *id;
	size_t n, cap;
};

/* Whether it keeps an instance of a journey that is back. */
static bool
is_back(struct cdp_journeys *js, struct cdp_str state)
{
	struct cdp_tape *t = &js->tape;
	uint32_t it = 0, key, val;

	if (cdp_tape_parse(t, state, NULL) != 0)
		return false;
	while (cdp_tape_next(
	    t, cdp_tape_get(t, 0, CDP_STR("instances")), &it, &key, &val))
		for (size_t i = 0; i < js->nback; i++)
			if (cdp_tape_streq(t,
				cdp_tape_get(t, val, CDP_STR("journey")),
				js->pr->journey[js->back[i]].key))
				return true;
	return false;
}

static int
note(void *arg, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	struct search *s = arg;

	(void)due_ms;
	if (!cdp_str_starts(key, CDP_STR("p_")) || !is_back(s->js, val))
		return 0;
	if (s->n == s->cap) {
		s->cap = s->cap == 0 ? 64 : 2 * s->cap;
		s->id = cdp_xreallocarray(s->id, s->cap, sizeof(*s->id));
	}
	s->id[s->n++] = cdp_arena_dup(&s->mem, key);
	return 0;
}

int
cdp_parked_wake(struct cdp_journeys *js, struct cdp_err *err)
{
	struct search s = { .js = js };
	struct cdp_traveller *p;
	int rc;

	rc = cdp_log_each(js->log, note, &s, err);
	for (size_t i = 0; rc == 0 && i < s.n; i++) {
		cdp_states_trim(&js->people);
		rc = cdp_people_get(js, s.id[i], &p, err);
		if (rc == 0)
			cdp_people_changed(js, p);
	}
	js->nback = 0;
	js->parked = js->parked_dirty = true; /* maybe of others */
	free(s.id);
	cdp_arena_free(&s.mem);
	return rc;
}

void
cdp_parked_note(struct cdp_journeys *js, const struct cdp_traveller *p)
{
	if (p->parked.n != 0 && !js->parked)
		js->parked = js->parked_dirty = true;
}

void
cdp_parked_save(struct cdp_journeys *js, struct cdp_log *log)
{
	struct cdp_buf *b = &js->buf;

	if (!js->parked_dirty)
		return;
	js->parked_dirty = false;
	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	for (size_t i = 0; i < js->pr->njourney; i++) {
		cdp_json_comma(b);
		cdp_json_str(b, js->pr->journey[i].key);
		cdp_buf_puts(b, ":true");
	}
	cdp_buf_putc(b, '}');
	cdp_log_put(log, KEY, cdp_buf_str(b), INT64_MAX);
}
