#include "lib/journey/engine.h"

#include "lib/json/write.h"

/* What the values are taken from. */
struct source {
	const struct cdp_tape *t;
	struct cdp_str json;
};

static struct cdp_str
value(struct cdp_scene *sc, const struct source *src, const struct cdp_keep *k)
{
	struct cdp_str val = { 0 };
	uint32_t at;

	if (k->json.n != 0)
		return k->json;
	if (k->jq >= 0) {
		if (cdp_jq_run(sc->js->pr->jq, k->jq, src->json, sc->mem, &val,
			sc->err) != 0)
			return CDP_STR("");
		return val;
	}
	at = cdp_tape_path(src->t, 0, &k->path);
	return at != CDP_NOTOK ? cdp_tape_raw(src->t, at) : CDP_STR("");
}

static bool
is_new(const struct cdp_tape *t, uint32_t key, const struct cdp_keep *keep,
    size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (cdp_tape_streq(t, key, keep[i].name))
			return true;
	return false;
}

/* The others stay. */
static void
set(struct cdp_scene *sc, struct cdp_instance *in, const struct source *src,
    const struct cdp_keep *keep, size_t nkeep)
{
	struct cdp_buf *b = &sc->js->scratch;
	struct cdp_tape *t = &sc->js->kept;
	struct cdp_err ignored = { 0 };
	uint32_t it = 0, key, val;
	struct cdp_str s;
	size_t i;

	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	if (in->kept.n != 0 &&
	    cdp_tape_parse(t, cdp_buf_str(&in->kept), &ignored) == 0) {
		while (cdp_tape_next(t, 0, &it, &key, &val)) {
			if (is_new(t, key, keep, nkeep))
				continue;
			cdp_json_comma(b);
			cdp_buf_put(b, cdp_tape_raw(t, key));
			cdp_buf_putc(b, ':');
			cdp_buf_put(b, cdp_tape_raw(t, val));
		}
	}
	for (i = 0; i < nkeep; i++) {
		if ((s = value(sc, src, &keep[i])).n == 0)
			continue;
		cdp_json_comma(b);
		cdp_json_str(b, keep[i].name);
		cdp_buf_putc(b, ':');
		cdp_buf_put(b, s);
	}
	cdp_buf_putc(b, '}');
	cdp_buf_reset(&in->kept);
	cdp_buf_put(&in->kept, cdp_buf_str(b));
}

void
cdp_keep_line(struct cdp_scene *sc, struct cdp_instance *in,
    const struct cdp_keep *keep, size_t nkeep)
{
	struct source src = { sc->ln->tape, sc->ln->raw };

	if (nkeep != 0)
		set(sc, in, &src, keep, nkeep);
}

struct cdp_str
cdp_keep_input(struct cdp_scene *sc, const struct cdp_instance *in)
{
	struct cdp_buf *b = &sc->js->scratch;

	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	cdp_json_ktime(b, "timestamp", sc->t_ms);
	cdp_json_kraw(b, "profile", cdp_scene_profile(sc));
	cdp_json_kraw(b, "kept",
	    in->kept.n != 0 ? cdp_buf_str(&in->kept) : CDP_STR("{}"));
	if (in->event.n != 0)
		cdp_json_kraw(b, "event", cdp_buf_str(&in->event));
	cdp_buf_putc(b, '}');
	return cdp_arena_dup(sc->mem, cdp_buf_str(b));
}

void
cdp_keep_set(
    struct cdp_scene *sc, struct cdp_instance *in, const struct cdp_step *st)
{
	struct cdp_tape t = { 0 };
	struct source src = { &t, cdp_keep_input(sc, in) };
	struct cdp_err ignored = { 0 };

	if (cdp_tape_parse(&t, src.json, &ignored) == 0)
		set(sc, in, &src, st->keep, st->nkeep);
	cdp_tape_free(&t);
}
