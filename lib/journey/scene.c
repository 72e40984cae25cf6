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
		.now_ms = p->now_ms > t_ms ? p->now_ms : t_ms,
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

uint32_t
cdp_scene_set(const struct cdp_scene *sc)
{
	return sc->ln != NULL && cdp_type_is_event(sc->ln->type)
	    ? cdp_ident_set(&sc->js->pr->identity, sc->ln)
	    : 0;
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

struct cdp_str
cdp_scene_culprit(struct cdp_scene *sc, const struct cdp_cond *c)
{
	const struct cdp_cond *why;
	struct cdp_ctx ctx;

	ask(sc, NULL, c, &ctx);
	why = cdp_cond_culprit(c, &ctx);
	return why != NULL ? cdp_cond_text(why) : CDP_STR("");
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
cdp_scene_comes(const struct cdp_scene *sc, const struct cdp_when *w)
{
	if (w->has_event)
		return sc->ln != NULL && cdp_trigger_test(&w->event, sc->ln);
	return w->audience.n == 0 || is_audience(sc, w);
}

bool
cdp_scene_is(struct cdp_scene *sc, const struct cdp_instance *in,
    const struct cdp_when *w)
{
	return cdp_scene_comes(sc, w) && cdp_scene_holds(sc, in, w->cond);
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

struct cdp_str
cdp_scene_id(const struct cdp_scene *sc)
{
	return sc->ln != NULL && cdp_type_is_event(sc->ln->type)
	    ? sc->ln->message_id
	    : CDP_STR("");
}

/* Ids are our own and need no escapes. */
struct cdp_str
cdp_scene_profile(const struct cdp_scene *sc)
{
	struct cdp_str id = sc->p->k.due.id;

	if (sc->profile != NULL)
		return cdp_tape_raw(sc->profile, sc->profile_at);
	return cdp_arena_printf(sc->mem, "{\"id\":\"%.*s\"}", (int)id.n, id.p);
}

void
cdp_scene_event(struct cdp_scene *sc, struct cdp_instance *in)
{
	cdp_buf_reset(&in->event);
	if (sc->ln != NULL && cdp_type_is_event(sc->ln->type))
		cdp_json_splice(&in->event, sc->ln->tape,
		    CDP_STR("{\"-\":[\"profile\"]}"), CDP_STR(""), 0);
}
