#include "lib/journey/engine.h"

#include "lib/json/write.h"

void
cdp_scene_timer(struct cdp_scene *sc, struct cdp_journeys *js,
    struct cdp_traveller *p, int64_t t_ms, struct cdp_outs *outs,
    struct cdp_arena *mem, struct cdp_err *err)
{
	struct cdp_err ignored = { 0 };

	*sc = (struct cdp_scene){ .js = js,
		.p = p,
		.t_ms = t_ms,
		.now_ms = t_ms,
		.profile_at = CDP_NOTOK,
		.outs = outs,
		.mem = mem,
		.err = err };
	if (p->profile.n == 0 ||
	    cdp_tape_parse(&js->tape, cdp_buf_str(&p->profile), &ignored) != 0)
		return;
	sc->profile = &js->tape;
	sc->profile_at = 0;
}

static void
ask(struct cdp_scene *sc, const struct cdp_instance *in,
    const struct cdp_cond *c, struct cdp_ctx *ret)
{
	struct cdp_tape *kept = &sc->js->kept;
	struct cdp_err ignored = { 0 };

	*ret = (struct cdp_ctx){ .now_ms = sc->now_ms,
		.hist = &sc->p->hist,
		.profile = sc->profile,
		.profile_at = sc->profile_at,
		.kept_at = CDP_NOTOK,
		.line = sc->ln,
		.jq = sc->js->pr->jq,
		.mem = sc->mem,
		.err = sc->err };
	if (in == NULL || in->kept.n == 0 ||
	    !(cdp_cond_uses(c) & CDP_USES_KEPT))
		return;
	if (cdp_tape_parse(kept, cdp_buf_str(&in->kept), &ignored) == 0) {
		ret->kept = kept;
		ret->kept_at = 0;
	}
}

bool
cdp_scene_holds(struct cdp_scene *sc, const struct cdp_instance *in,
    const struct cdp_cond *c)
{
	struct cdp_ctx ctx;

	if (c == NULL)
		return true;
	ask(sc, in, c, &ctx);
	return cdp_cond_test(c, &ctx);
}

int64_t
cdp_scene_next(struct cdp_scene *sc, const struct cdp_instance *in,
    const struct cdp_cond *c)
{
	struct cdp_ctx ctx;

	if (c == NULL || !(cdp_cond_uses(c) & CDP_USES_TIME))
		return INT64_MAX;
	ask(sc, in, c, &ctx);
	return cdp_cond_next(c, &ctx);
}

static bool
is_audience(const struct cdp_scene *sc, const struct cdp_when *w)
{
	const struct cdp_line *ln = sc->ln;
	uint32_t props;

	if (ln == NULL || ln->type != CDP_TRACK ||
	    !cdp_str_is(
		ln->event, w->exited ? "Audience Exited" : "Audience Entered"))
		return false;
	props = cdp_tape_get(ln->tape, 0, CDP_STR("properties"));
	return cdp_tape_streq(ln->tape,
	    cdp_tape_get(ln->tape, props, CDP_STR("audience_key")),
	    w->audience);
}

bool
cdp_scene_is(struct cdp_scene *sc, const struct cdp_instance *in,
    const struct cdp_when *w)
{
	if (w->has_event) {
		if (sc->ln == NULL || !cdp_trigger_test(&w->event, sc->ln))
			return false;
	} else if (w->audience.n != 0 && !is_audience(sc, w)) {
		return false;
	}
	return cdp_scene_holds(sc, in, w->cond);
}

bool
cdp_scene_per(
    struct cdp_scene *sc, const struct cdp_journey *jr, struct cdp_str *ret)
{
	const struct cdp_line *ln = sc->ln;
	struct cdp_tape made = { 0 };
	const struct cdp_tape *t = ln->tape;
	struct cdp_buf *b = &sc->js->scratch;
	struct cdp_str s;
	uint32_t at = 0;

	if (jr->per_jq < 0) {
		at = cdp_tape_path(t, 0, &jr->per);
	} else if (cdp_jq_run(sc->js->pr->jq, jr->per_jq, ln->raw, sc->mem, &s,
		       sc->err) != 0 ||
	    cdp_tape_parse(&made, s, sc->err) != 0) {
		at = CDP_NOTOK;
	} else {
		t = &made;
	}
	cdp_buf_reset(b);
	if (cdp_tape_kind(t, at) != CDP_NULL)
		cdp_json_canonical(b, t, at);
	*ret = cdp_arena_dup(sc->mem, cdp_buf_str(b));
	cdp_tape_free(&made);
	return ret->n != 0;
}

bool
cdp_scene_concerns(struct cdp_scene *sc, const struct cdp_instance *in,
    const struct cdp_when *w)
{
	struct cdp_str per;

	/* A late line is about what ran at its own time. */
	if ((w->has_event || w->audience.n != 0) && sc->t_ms < in->entered_ms)
		return false;
	if (w->has_event && in->jr->has_per) {
		if (sc->ln == NULL || !cdp_trigger_test(&w->event, sc->ln))
			return false;
		if (cdp_scene_per(sc, in->jr, &per) &&
		    !cdp_str_eq(per, cdp_buf_str(&in->per)))
			return false;
	}
	return cdp_scene_is(sc, in, w);
}

struct cdp_str
cdp_scene_cause(const struct cdp_scene *sc, const struct cdp_when *w)
{
	if (w->has_event && sc->ln != NULL)
		return sc->ln->event;
	if (w->audience.n != 0)
		return cdp_arena_printf(sc->mem, "audience %.*s %s",
		    (int)w->audience.n, w->audience.p,
		    w->exited ? "exited" : "entered");
	return w->cond != NULL ? cdp_cond_text(w->cond) : CDP_STR("");
}

/* Append the value of k, if it has one, as a member. */
static void
keep_one(struct cdp_scene *sc, struct cdp_buf *b, const struct cdp_keep *k)
{
	const struct cdp_tape *t = sc->ln->tape;
	struct cdp_str val = { 0 };
	uint32_t at;

	if (k->jq >= 0) {
		if (cdp_jq_run(sc->js->pr->jq, k->jq, sc->ln->raw, sc->mem,
			&val, sc->err) != 0)
			return;
	} else {
		at = cdp_tape_path(t, 0, &k->path);
		if (at == CDP_NOTOK)
			return;
		val = cdp_tape_raw(t, at);
	}
	cdp_json_comma(b);
	cdp_json_str(b, k->name);
	cdp_buf_putc(b, ':');
	cdp_buf_put(b, val);
}

void
cdp_scene_keep(struct cdp_scene *sc, struct cdp_instance *in,
    const struct cdp_keep *keep, size_t nkeep)
{
	struct cdp_buf *b = &sc->js->scratch;
	struct cdp_tape *t = &sc->js->kept;
	struct cdp_err ignored = { 0 };
	uint32_t it = 0, key, val;
	size_t i;

	if (nkeep == 0)
		return;
	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	if (in->kept.n != 0 &&
	    cdp_tape_parse(t, cdp_buf_str(&in->kept), &ignored) == 0) {
		while (cdp_tape_next(t, 0, &it, &key, &val)) {
			for (i = 0; i < nkeep; i++)
				if (cdp_tape_streq(t, key, keep[i].name))
					break;
			if (i < nkeep)
				continue;
			cdp_json_comma(b);
			cdp_buf_put(b, cdp_tape_raw(t, key));
			cdp_buf_putc(b, ':');
			cdp_buf_put(b, cdp_tape_raw(t, val));
		}
	}
	for (i = 0; i < nkeep; i++)
		keep_one(sc, b, &keep[i]);
	cdp_buf_putc(b, '}');
	cdp_buf_reset(&in->kept);
	cdp_buf_put(&in->kept, cdp_buf_str(b));
}

void
cdp_scene_event(struct cdp_scene *sc, struct cdp_instance *in)
{
	cdp_buf_reset(&in->event);
	if (sc->ln != NULL && cdp_type_is_event(sc->ln->type))
		cdp_json_splice(&in->event, sc->ln->tape,
		    CDP_STR("{\"-\":[\"profile\"]}"), CDP_STR(""), 0);
}
