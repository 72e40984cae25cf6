#include "lib/journey/engine.h"

#include <math.h>

#include "lib/json/num.h"

#define MILLIS 1e11 /* a number from here on is not seconds */

/* ---- where the profile is ---- */

/* The zone of that name, read once; NULL: there is none. */
static const struct cdp_zone *
zone_named(struct cdp_journeys *js, struct cdp_str name)
{
	struct cdp_zone *z = cdp_map_get(&js->zones, name);

	if (z == NULL && (z = cdp_zone_open(name)) != NULL)
		*cdp_map_at(&js->zones, cdp_zone_name(z)) = z;
	return z;
}

static const struct cdp_zone *
zone_at(struct cdp_scene *sc, const struct cdp_tape *t, uint32_t at,
    const char *member)
{
	if (t == NULL)
		return NULL;
	at = cdp_tape_get(t, at, cdp_str_of(member));
	at = cdp_tape_get(t, at, CDP_STR("timezone"));
	if (!cdp_tape_isa(t, at, CDP_STRING))
		return NULL;
	return zone_named(sc->js, cdp_tape_str(t, at, sc->mem));
}

const struct cdp_zone *
cdp_moment_zone(struct cdp_scene *sc, const struct cdp_instance *in)
{
	const struct cdp_zone *z;
	struct cdp_err ignored = { 0 };

	z = zone_at(sc, sc->profile, sc->profile_at, "traits");
	if (z == NULL && in->event.n != 0 &&
	    cdp_tape_parse(&sc->js->kept, cdp_buf_str(&in->event), &ignored) ==
		0)
		z = zone_at(sc, &sc->js->kept, 0, "context");
	return z != NULL ? z : zone_named(sc->js, sc->js->pr->timezone);
}

bool
cdp_moment_quiet(struct cdp_scene *sc, const struct cdp_instance *in,
    const struct cdp_step *st, int64_t *ret)
{
	const struct cdp_project *pr = sc->js->pr;
	const struct cdp_quiet *q = &pr->outreach.quiet;
	const struct cdp_destination *to;
	const struct cdp_zone *z;

	if (q->nchannel == 0 || q->drop ||
	    (to = cdp_project_destination(pr, st->send)) == NULL ||
	    !cdp_quiet_covers(q, to->channel))
		return false;
	z = q->zone.n != 0 ? zone_named(sc->js, q->zone)
			   : cdp_moment_zone(sc, in);
	return z != NULL && cdp_quiet_until(q, z, sc->t_ms, ret);
}

/* ---- what a program says ---- */

/* "2025-03-01" or "2025-03-01T09:00": what clocks show where the profile is. */
static bool
local_time(struct cdp_scene *sc, const struct cdp_instance *in,
    struct cdp_str s, int64_t *ret)
{
	const char *rest = s.n == 10 ? "T00:00:00Z" : s.n == 16 ? ":00Z" : "Z";
	int64_t local;

	s = cdp_arena_printf(sc->mem, "%.*s%s", (int)s.n, s.p, rest);
	if (cdp_time_parse(s, &local) != 0)
		return false;
	*ret = cdp_zone_instant(cdp_moment_zone(sc, in), local);
	return true;
}

static bool
said(struct cdp_scene *sc, const struct cdp_instance *in,
    const struct cdp_step *st, int64_t *ret)
{
	struct cdp_tape t = { 0 };
	struct cdp_err ignored = { 0 };
	struct cdp_str s, json;
	bool ok = false;
	double d;

	json = cdp_keep_input(sc, in);
	if (cdp_jq_run(sc->js->pr->jq, st->jq, json, sc->mem, &s, sc->err) != 0)
		return false;
	if (cdp_tape_parse(&t, s, &ignored) == 0 &&
	    cdp_tape_isa(&t, 0, CDP_NUM)) {
		d = cdp_num_double(s);
		d = fabs(d) < MILLIS ? d * 1000 : d;
		ok = d >= (double)CDP_TIME_MIN && d <= (double)CDP_TIME_END;
		if (ok)
			*ret = llround(d);
	} else if (cdp_tape_isa(&t, 0, CDP_STRING)) {
		s = cdp_tape_str(&t, 0, sc->mem);
		ok = cdp_time_parse(s, ret) == 0 || local_time(sc, in, s, ret);
	}
	cdp_tape_free(&t);
	return ok;
}

bool
cdp_moment_until(struct cdp_scene *sc, const struct cdp_instance *in,
    const struct cdp_step *st, int64_t *ret)
{
	switch (st->until) {
	case CDP_UNTIL_CLOCK:
		*ret = cdp_zone_next(
		    cdp_moment_zone(sc, in), sc->t_ms, st->days, st->ms);
		return true;
	case CDP_UNTIL_JQ:
		return said(sc, in, st, ret);
	case CDP_UNTIL_ENTRY:
		break;
	}
	*ret = cdp_way_restarted(&in->way, in->entered_ms) + st->ms;
	return true;
}

struct cdp_str
cdp_moment_text(struct cdp_scene *sc, const struct cdp_instance *in,
    const struct cdp_step *st)
{
	const struct cdp_zone *z;
	char when[CDP_TIME_SIZE];
	struct cdp_str name;

	if (st->until == CDP_UNTIL_JQ) {
		cdp_time_format(sc->t_ms, when);
		return cdp_arena_printf(sc->mem, "until %s", when);
	}
	z = cdp_moment_zone(sc, in);
	name = cdp_zone_name(z);
	cdp_time_format(sc->t_ms + cdp_zone_offset_ms(z, sc->t_ms), when);
	return cdp_arena_printf(
	    sc->mem, "%.5s in %.*s", when + 11, (int)name.n, name.p);
}
