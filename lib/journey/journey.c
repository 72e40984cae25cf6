#include "lib/journey/engine.h"

#include "lib/json/write.h"

/* ---- totals and the clock, kept beside the profiles ---- */

static int
read_clock(struct cdp_journeys *js, struct cdp_err *err)
{
	int rc;

	cdp_buf_reset(&js->buf);
	rc = cdp_log_get(js->log, CDP_STR("clock"), &js->buf, err);
	if (rc != 0)
		return rc == CDP_END ? 0 : rc;
	if (cdp_tape_parse(&js->tape, cdp_buf_str(&js->buf), err) != 0)
		return cdp_fail(err, CDP_ECORRUPT,
		    "cannot read what journeys keep under 'clock'");
	cdp_tape_i64(&js->tape, cdp_tape_get(&js->tape, 0, CDP_STR("now")),
	    &js->clock_ms);
	return 0;
}

/* The versions under which somebody runs, with all that they ask. */
static int
open_editions(
    struct cdp_journeys *js, struct cdp_editions *es, struct cdp_err *err)
{
	size_t i;
	int rc = cdp_editions_open(es, js->pr, js->log, js->clock_ms, err);

	for (i = 0; rc == 0 && i < es->n; i++) {
		if (es->v[i].jr == NULL || es->v[i].jr == es->jr)
			continue;
		cdp_journeys_want(js, es->v[i].jr);
		js->migrates |= es->jr->migrates;
	}
	return rc;
}

static int
open_state(void *self, struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_journeys *js = self;
	size_t i;
	int rc;

	js->log = log;
	cdp_catalog_open(&js->catalog, js->pr, log);
	if (log == NULL)
		return 0;
	if ((rc = read_clock(js, err)) == 0)
		rc = cdp_parked_open(js, err);
	for (i = 0; rc == 0 && i < js->pr->njourney; i++)
		rc = open_editions(js, &js->of[i], err);
	if (rc == 0)
		cdp_states_open(
		    &js->people, log, CDP_STR("clock"), js->clock_ms);
	return rc;
}

static int
save_state(void *self, struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_journeys *js = self;
	size_t i;

	(void)err;
	cdp_states_save(&js->people);
	if (log == NULL)
		return 0;
	cdp_parked_save(js, log);
	for (i = 0; i < js->pr->njourney; i++)
		cdp_editions_save(&js->of[i], log);
	if (!js->clock_dirty)
		return 0;
	js->clock_dirty = false;
	cdp_buf_reset(&js->buf);
	cdp_buf_putc(&js->buf, '{');
	cdp_json_ki64(&js->buf, "now", js->clock_ms);
	cdp_buf_putc(&js->buf, '}');
	cdp_log_put(log, CDP_STR("clock"), cdp_buf_str(&js->buf), INT64_MAX);
	return 0;
}

/* ---- lines ---- */

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* What the profile has lived: of one that keeps nothing, the clock alone. */
static int64_t
lived(const struct cdp_journeys *js, const struct cdp_traveller *p)
{
	return cdp_traveller_empty(p) ? js->clock_ms
				      : later(p->now_ms, js->clock_ms);
}

/* Such a line is about p, too, and what comes later with an earlier time late.
 */
static void
live(struct cdp_journeys *js, struct cdp_traveller *p, int64_t t_ms)
{
	if (cdp_traveller_empty(p) || p->now_ms >= t_ms)
		return;
	p->now_ms = t_ms;
	cdp_people_changed(js, p);
}

/* Timers need the newest profile. */
static void
keep_profile(struct cdp_scene *sc)
{
	struct cdp_traveller *p = sc->p;
	struct cdp_str s = cdp_tape_raw(sc->ln->tape, sc->ln->profile);

	if (cdp_str_eq(s, cdp_buf_str(&p->profile)))
		return;
	cdp_buf_reset(&p->profile);
	cdp_buf_put(&p->profile, s);
}

/*
 * Profiles merged into this one while this stage did not look: run what was
 * due in them, or (join) take what they have.
 */
static int
catch_up(struct cdp_scene *sc, bool join, struct cdp_err *err)
{
	const struct cdp_line *ln = sc->ln;
	uint32_t list, it = 0, key, val;
	struct cdp_traveller *from;
	struct cdp_str id;
	int rc;

	list = cdp_tape_get(ln->tape, ln->profile, CDP_STR("merged"));
	while (cdp_tape_next(ln->tape, list, &it, &key, &val)) {
		id = cdp_tape_str(ln->tape, val, sc->mem);
		if ((rc = cdp_people_get(sc->js, id, &from, err)) != 0)
			return rc;
		if (from == sc->p || cdp_traveller_empty(from))
			continue;
		if (join)
			cdp_join(sc, from);
		else
			cdp_timer_run(
			    sc->js, from, sc->t_ms, sc->outs, sc->mem, sc->err);
	}
	return 0;
}

/* Nobody stays on a list who is not to be named to anybody. */
static void
take_back(struct cdp_scene *sc)
{
	struct cdp_traveller *p = sc->p;
	struct cdp_instance **all;
	size_t n = p->nins;

	if (n == 0 ||
	    !cdp_tape_isa(sc->profile,
		cdp_tape_get(
		    sc->profile, sc->profile_at, CDP_STR("suppressed")),
		CDP_TRUE))
		return;
	all = cdp_arena_alloc(sc->mem, n * sizeof(*all));
	memcpy(all, p->ins, n * sizeof(*all));
	for (size_t i = 0; i < n; i++)
		cdp_walk_take_back(sc, all[i], CDP_STR("suppressed"));
}

static int
step_profile(struct cdp_journeys *js, const struct cdp_line *ln,
    struct cdp_outs *outs, struct cdp_err *jqerr, struct cdp_err *err)
{
	struct cdp_scene sc = { .js = js,
		.ln = ln,
		.profile = ln->tape,
		.profile_at = ln->profile,
		.outs = outs,
		.mem = ln->mem,
		.err = jqerr };
	struct cdp_traveller *p;
	bool was_empty;
	int rc;

	if ((rc = cdp_people_get(js, ln->profile_id, &p, err)) != 0)
		return rc;
	sc.p = p;
	sc.now_ms = sc.t_ms = ln->ts_ms;
	was_empty = cdp_traveller_empty(p);
	if (!was_empty)
		cdp_timer_run(js, p, ln->ts_ms, outs, ln->mem, jqerr);
	if ((rc = catch_up(&sc, false, err)) != 0)
		return rc;
	cdp_outs_pass(outs);
	if ((rc = catch_up(&sc, true, err)) != 0)
		return rc;
	sc.now_ms = later(lived(js, p), ln->ts_ms);
	if (cdp_type_is_event(ln->type))
		cdp_shares_event(&p->shares, &p->hist, js->ws,
		    &js->pr->identity, ln, NULL, NULL);
	take_back(&sc);
	cdp_react(&sc);
	if (js->timed)
		cdp_react_look(&sc);
	cdp_shares_expire(&p->shares, &p->hist, js->ws, sc.now_ms);
	if (was_empty && cdp_traveller_empty(p))
		return 0;
	p->now_ms = sc.now_ms;
	keep_profile(&sc);
	/* A late event may have started what is over by now. */
	cdp_timer_run(js, p, sc.now_ms, outs, ln->mem, jqerr);
	cdp_people_changed(js, p);
	return 0;
}

static int
step_merge(struct cdp_journeys *js, const struct cdp_line *ln,
    struct cdp_outs *outs, struct cdp_err *jqerr, struct cdp_err *err)
{
	struct cdp_str from_id, into_id;
	struct cdp_traveller *from, *into;
	struct cdp_scene sc;
	int rc;

	from_id = cdp_tape_str(
	    ln->tape, cdp_tape_get(ln->tape, 0, CDP_STR("from")), ln->mem);
	into_id = cdp_tape_str(
	    ln->tape, cdp_tape_get(ln->tape, 0, CDP_STR("into")), ln->mem);
	if (from_id.n == 0 || into_id.n == 0 || cdp_str_eq(from_id, into_id)) {
		cdp_outs_pass(outs);
		return 0;
	}
	if ((rc = cdp_people_get(js, from_id, &from, err)) != 0 ||
	    (rc = cdp_people_get(js, into_id, &into, err)) != 0)
		return rc;
	cdp_timer_pair(js, from, into, ln->ts_ms, outs, ln->mem, jqerr);
	cdp_outs_pass(outs);
	cdp_scene_timer(&sc, js, into, ln->ts_ms, outs, ln->mem, jqerr);
	cdp_join(&sc, from);
	live(js, into, ln->ts_ms);
	return 0;
}

/* What came of identifiers that were taken back; the profiles' lines follow. */
static int
step_unmerge(struct cdp_journeys *js, const struct cdp_line *ln,
    struct cdp_outs *outs, struct cdp_err *jqerr, struct cdp_err *err)
{
	struct cdp_traveller *p = NULL;
	struct cdp_move *v;
	struct cdp_scene sc;
	struct cdp_str from;
	size_t n;
	int rc;

	if (cdp_moves_read(ln, &from, &v, &n) &&
	    (rc = cdp_people_get(js, from, &p, err)) != 0)
		return rc;
	if (p != NULL && !cdp_traveller_empty(p))
		cdp_timer_run(js, p, ln->ts_ms, outs, ln->mem, jqerr);
	cdp_outs_pass(outs);
	if (p == NULL || cdp_traveller_empty(p))
		return 0;
	live(js, p, ln->ts_ms);
	cdp_scene_timer(&sc, js, p, ln->ts_ms, outs, ln->mem, jqerr);
	return cdp_split(&sc, v, n, err);
}

/* What was added somewhere is taken back; then nothing is left. */
static int
forget(struct cdp_journeys *js, struct cdp_str id, int64_t ms,
    struct cdp_outs *outs, struct cdp_arena *mem, struct cdp_err *jqerr,
    struct cdp_err *err)
{
	struct cdp_traveller *p;
	struct cdp_scene sc;
	int rc;

	if ((rc = cdp_people_get(js, id, &p, err)) != 0 ||
	    cdp_traveller_empty(p))
		return rc;
	while (p->nins != 0) {
		cdp_scene_timer(&sc, js, p, ms, outs, mem, jqerr);
		cdp_walk_end_as(&sc, p->ins[0], CDP_STR("deleted"));
	}
	cdp_states_clear(&js->people, &p->k);
	return 0;
}

static int
step_delete(struct cdp_journeys *js, const struct cdp_line *ln,
    struct cdp_outs *outs, struct cdp_err *jqerr, struct cdp_err *err)
{
	const struct cdp_tape *t = ln->tape;
	uint32_t list = cdp_tape_get(t, ln->profile, CDP_STR("merged"));
	uint32_t it = 0, key, val;
	int64_t ms = ln->ts_ms != CDP_TIME_NONE ? ln->ts_ms : js->clock_ms;
	int rc = forget(js, ln->profile_id, ms, outs, ln->mem, jqerr, err);

	while (rc == 0 && cdp_tape_next(t, list, &it, &key, &val))
		rc = forget(js, cdp_tape_str(t, val, ln->mem), ms, outs,
		    ln->mem, jqerr, err);
	cdp_outs_pass(outs);
	return rc;
}

static int
step_clock(struct cdp_journeys *js, const struct cdp_line *ln,
    struct cdp_outs *outs, struct cdp_err *jqerr, struct cdp_err *err)
{
	int rc;

	rc = cdp_timer_clock(js, ln->ts_ms, outs, ln->mem, jqerr, err);
	if (rc != 0)
		return rc;
	if (ln->ts_ms > js->clock_ms) {
		js->clock_ms = ln->ts_ms;
		js->clock_dirty = true;
	}
	cdp_outs_pass(outs);
	return 0;
}

static int
step(void *self, const struct cdp_line *ln, struct cdp_outs *outs,
    struct cdp_err *err)
{
	struct cdp_journeys *js = self;
	struct cdp_err jqerr = { 0 };
	int rc = 0;

	if (js->nback != 0 && (rc = cdp_parked_wake(js, err)) != 0)
		return rc;
	cdp_states_trim(&js->people);
	if (ln->type == CDP_CLOCK && ln->ts_ms != CDP_TIME_NONE)
		rc = step_clock(js, ln, outs, &jqerr, err);
	else if (ln->type == CDP_MERGE && ln->ts_ms != CDP_TIME_NONE)
		rc = step_merge(js, ln, outs, &jqerr, err);
	else if (ln->type == CDP_UNMERGE && ln->ts_ms != CDP_TIME_NONE)
		rc = step_unmerge(js, ln, outs, &jqerr, err);
	else if (ln->type == CDP_DELETE && ln->profile_id.n != 0)
		rc = step_delete(js, ln, outs, &jqerr, err);
	else if ((cdp_type_is_event(ln->type) || ln->type == CDP_PROFILE) &&
	    ln->profile_id.n != 0 && ln->ts_ms != CDP_TIME_NONE)
		rc = step_profile(js, ln, outs, &jqerr, err);
	else {
		if (ln->type == CDP_OBJECT_ROW)
			rc = cdp_catalog_line(&js->catalog, ln, err);
		cdp_outs_pass(outs);
	}
	if (rc == 0 && jqerr.code != 0)
		cdp_outs_reject(outs, "jq_error", cdp_str_of(jqerr.field),
		    cdp_str_of(jqerr.msg));
	return rc;
}

const struct cdp_stage_ops cdp_journeys_ops = {
	.name = "journey",
	.open = open_state,
	.step = step,
	.save = save_state,
	.sets = "",
};

void
cdp_journeys_stats(const struct cdp_journeys *js, struct cdp_buf *json)
{
	size_t i;

	cdp_json_key(json, "journeys");
	cdp_buf_putc(json, '{');
	for (i = 0; i < js->pr->njourney; i++) {
		cdp_json_comma(json);
		cdp_json_str(json, js->pr->journey[i].key);
		cdp_buf_putc(json, ':');
		cdp_editions_write(json, &js->of[i]);
	}
	cdp_buf_putc(json, '}');
}
