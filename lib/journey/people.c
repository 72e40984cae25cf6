#include "lib/journey/engine.h"

#include <stdlib.h>

#include "lib/base/mem.h"

static struct cdp_traveller *
make(struct cdp_journeys *js, struct cdp_str id)
{
	struct cdp_traveller *p = cdp_xcalloc(1, sizeof(*p));

	p->id = cdp_xstrndup(id);
	p->own.id = cdp_str_of(p->id);
	p->now_ms = CDP_TIME_NONE;
	p->look_ms = INT64_MAX;
	*cdp_map_at(&js->people, p->own.id) = p;
	return p;
}

static void
forget(struct cdp_journeys *js, struct cdp_traveller *p)
{
	cdp_due_set(&js->due, &p->own, INT64_MAX);
	cdp_map_del(&js->people, p->own.id);
	cdp_traveller_free(p);
}

/* Keep of it what the queue needs; the rest is in the log. */
static void
unload(struct cdp_journeys *js, struct cdp_traveller *p)
{
	int64_t due_ms = cdp_traveller_due(p);
	struct cdp_traveller *stub;
	char *id = cdp_xstrdup(p->id);

	forget(js, p);
	if (due_ms != INT64_MAX) {
		stub = make(js, cdp_str_of(id));
		stub->stored = true;
		cdp_due_set(&js->due, &stub->own, due_ms);
	}
	free(id);
}

/* Without epochs nobody saves: forget who keeps nothing now and then. */
static void
sweep(struct cdp_journeys *js)
{
	struct cdp_traveller *p;
	size_t i, n = 0;

	for (i = 0; i < js->ntouched; i++) {
		p = js->touched[i];
		if (cdp_traveller_empty(p) && !p->stored)
			forget(js, p);
		else
			js->touched[n++] = p;
	}
	js->ntouched = n;
	js->sweep_at = 2 * n + CDP_SWEEP_MIN;
}

void
cdp_people_sweep(struct cdp_journeys *js)
{
	if (js->ntouched > js->sweep_at)
		sweep(js);
}

static void
touch(struct cdp_journeys *js, struct cdp_traveller *p)
{
	if (p->touched)
		return;
	p->touched = true;
	if (js->ntouched == js->captouched) {
		js->captouched = js->captouched != 0 ? 2 * js->captouched : 64;
		js->touched = cdp_xreallocarray(
		    js->touched, js->captouched, sizeof(*js->touched));
	}
	js->touched[js->ntouched++] = p;
}

int
cdp_people_load(
    struct cdp_journeys *js, struct cdp_traveller *p, struct cdp_err *err)
{
	int rc;

	touch(js, p);
	if (p->loaded)
		return 0;
	p->loaded = true;
	if (js->log == NULL)
		return 0;
	cdp_buf_reset(&js->buf);
	rc = cdp_log_get(js->log, p->own.id, &js->buf, err);
	if (rc == CDP_END)
		return 0;
	if (rc != 0)
		return rc;
	p->stored = true;
	if (cdp_tape_parse(&js->tape, cdp_buf_str(&js->buf), err) != 0)
		return cdp_fail(err, CDP_ECORRUPT,
		    "cannot read what journeys keep of '%s'", p->id);
	cdp_traveller_read(p, &js->scheme, &js->tape, 0);
	cdp_due_set(&js->due, &p->own, cdp_traveller_due(p));
	return 0;
}

int
cdp_people_get(struct cdp_journeys *js, struct cdp_str id,
    struct cdp_traveller **ret, struct cdp_err *err)
{
	struct cdp_traveller *p = cdp_map_get(&js->people, id);

	if (p == NULL)
		p = make(js, id);
	*ret = p;
	return cdp_people_load(js, p, err);
}

void
cdp_people_changed(struct cdp_journeys *js, struct cdp_traveller *p)
{
	touch(js, p);
	p->dirty = true;
	if (p->nins == 0 && p->look_ms == INT64_MAX)
		cdp_buf_reset(&p->profile); /* only timers need it */
	cdp_due_set(&js->due, &p->own, cdp_traveller_due(p));
}

static int
note_due(void *arg, struct cdp_str key, int64_t due_ms)
{
	struct cdp_journeys *js = arg;
	struct cdp_traveller *p;

	if (due_ms == INT64_MAX)
		return 0;
	p = make(js, key);
	p->stored = true;
	cdp_due_set(&js->due, &p->own, due_ms);
	return 0;
}

int
cdp_people_open(struct cdp_journeys *js, struct cdp_err *err)
{
	return cdp_log_due(js->log, note_due, js, err);
}

/* True if the log now has what p keeps, or that it keeps nothing. */
static bool
put(struct cdp_journeys *js, struct cdp_traveller *p, bool empty)
{
	if (js->log == NULL)
		return false;
	if (!p->dirty || (empty && !p->stored))
		return true;
	cdp_buf_reset(&js->buf);
	if (!empty)
		cdp_traveller_write(&js->buf, p, &js->scheme);
	cdp_log_put(
	    js->log, p->own.id, cdp_buf_str(&js->buf), cdp_traveller_due(p));
	p->stored = !empty;
	return true;
}

void
cdp_people_save(struct cdp_journeys *js)
{
	struct cdp_traveller *p;
	bool empty, safe;
	size_t i;

	for (i = 0; i < js->ntouched; i++) {
		p = js->touched[i];
		empty = cdp_traveller_empty(p);
		safe = put(js, p, empty);
		p->touched = p->dirty = false;
		if (empty)
			forget(js, p);
		else if (safe && js->people.n > js->hot_max)
			unload(js, p);
	}
	js->ntouched = 0;
}

void
cdp_people_free(struct cdp_journeys *js)
{
	struct cdp_map_ent *e;
	size_t i = 0;

	while ((e = cdp_map_next(&js->people, &i)) != NULL)
		cdp_traveller_free(e->val);
	cdp_map_free(&js->people);
	cdp_due_free(&js->due);
	free(js->touched);
}
