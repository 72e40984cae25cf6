#include "lib/journey/tale.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/base/time.h"
#include "lib/json/write.h"

#define SAY(s) (int)(s).n, (s).n != 0 ? (s).p : ""

void
cdp_tale_tell(struct cdp_tale *s, const struct cdp_telling *t)
{
	struct cdp_buf *b = &s->buf;

	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	cdp_json_ktime(b, t->by ? "by" : "at", t->ms);
	cdp_json_kstr(b, "journey", t->h->journey);
	if (t->h->id.n != 0)
		cdp_json_kstr(b, "instance", t->h->id);
	cdp_json_kstr(b, "did",
	    cdp_arena_printf(&s->mem, "%s%s%.*s", t->did,
		t->what.n != 0 && t->did[0] != '\0' ? " " : "", SAY(t->what)));
	if (t->step.n != 0)
		cdp_json_kstr(b, "step", t->step);
	if (t->why.n != 0)
		cdp_json_kstr(b, "why", t->why);
	if (t->event.n != 0)
		cdp_json_kstr(b, "event", t->event);
	if (t->times != 0)
		cdp_json_ki64(b, "times", t->times);
	if (t->control)
		cdp_json_kraw(b, "control", CDP_STR("true"));
	cdp_buf_putc(b, '}');
	s->line = cdp_xreallocarray(s->line, s->nline + 1, sizeof(*s->line));
	s->line[s->nline] = (struct cdp_happening){ t->ms, t->rank, t->h->order,
		s->nline, cdp_arena_dup(&s->mem, cdp_buf_str(b)) };
	s->nline++;
}

void
cdp_tale_free(struct cdp_tale *s)
{
	size_t i;

	for (i = 0; i < s->nhero; i++) {
		free(s->hero[i]->note);
		free(s->hero[i]->said);
		free(s->hero[i]->restart_ms);
		free(s->hero[i]);
	}
	free(s->hero);
	free(s->line);
	cdp_buf_free(&s->buf);
	cdp_tape_free(&s->tape);
	cdp_arena_free(&s->mem);
}

static int
by_time(const void *a, const void *b)
{
	const struct cdp_happening *x = a, *y = b;

	if (x->ms != y->ms)
		return x->ms < y->ms ? -1 : 1;
	if (x->of != y->of)
		return x->of < y->of ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->seq < y->seq ? -1 : 1;
}

void
cdp_tale_write(struct cdp_buf *b, struct cdp_tale *s)
{
	size_t i;

	for (i = 0; i < s->nhero; i++)
		cdp_hero_rest(s, s->hero[i]);
	if (s->nline != 0)
		qsort(s->line, s->nline, sizeof(*s->line), by_time);
	cdp_json_key(b, "timeline");
	cdp_buf_putc(b, '[');
	for (i = 0; i < s->nline; i++) {
		cdp_json_comma(b);
		cdp_buf_put(b, s->line[i].json);
	}
	cdp_buf_putc(b, ']');
}

/* ---- what is read ---- */

struct cdp_str
cdp_tale_str(struct cdp_tale *s, uint32_t at, const char *key)
{
	return cdp_tape_str(
	    &s->tape, cdp_tape_get(&s->tape, at, cdp_str_of(key)), &s->mem);
}

bool
cdp_tale_has(const struct cdp_tale *s, uint32_t at, const char *key)
{
	return cdp_tape_get(&s->tape, at, cdp_str_of(key)) != CDP_NOTOK;
}

struct cdp_str
cdp_tale_entry(struct cdp_tale *s, uint32_t at, bool restarted)
{
	struct cdp_str id = cdp_tale_str(s, at, "entry");

	if (id.n != 0 || restarted)
		return id;
	return cdp_tale_str(
	    s, cdp_tape_get(&s->tape, at, CDP_STR("event")), "messageId");
}

struct cdp_str
cdp_tale_until(struct cdp_str s, const char *mark)
{
	const char *p = memmem(s.p, s.n, mark, strlen(mark));

	return (struct cdp_str){ s.p, p != NULL ? (size_t)(p - s.p) : 0 };
}

struct cdp_str
cdp_tale_behind(struct cdp_str s, const char *mark)
{
	size_t n = cdp_tale_until(s, mark).n;

	n += n != 0 ? strlen(mark) : 0;
	return (struct cdp_str){ s.p + n, s.n - n };
}

/* ---- who it is ---- */

struct cdp_hero *
cdp_hero_new(struct cdp_tale *s, struct cdp_str id, struct cdp_str journey,
    int64_t entered_ms)
{
	struct cdp_hero *h = cdp_xcalloc(1, sizeof(*h));

	h->id = cdp_arena_dup(&s->mem, id);
	h->journey = cdp_arena_dup(&s->mem, journey);
	h->jx =
	    (size_t)(uintptr_t)cdp_map_get(&s->js->scheme.by_key, journey) - 1;
	h->entered_ms = entered_ms;
	h->farewell_ms = h->gone_ms = CDP_TIME_NONE;
	h->order = s->nhero;
	s->hero =
	    cdp_xreallocarray(s->hero, s->nhero + 1, sizeof(struct cdp_hero *));
	s->hero[s->nhero++] = h;
	return h;
}

struct cdp_str
cdp_tale_id(struct cdp_tale *s, struct cdp_str journey, struct cdp_str per,
    struct cdp_str by, int64_t entered_ms)
{
	char time[CDP_TIME_SIZE], hex[25];
	struct cdp_str v[5] = { journey, s->who, per, by };

	cdp_time_format(entered_ms, time);
	v[4] = cdp_str_of(time);
	cdp_hash_sha256(v, 5, hex, 24);
	return cdp_arena_printf(&s->mem, "ins_%s", hex);
}

/* 0: it is another; else how sure it is that e is about h. */
static int
fits(struct cdp_tale *s, const struct cdp_hero *h, const struct cdp_epitaph *e)
{
	struct cdp_str by = h->entry.n != 0 ? h->entry : h->by;

	if (h->entered_ms != e->span.from_ms ||
	    !cdp_str_eq(h->journey, e->journey) ||
	    (h->known && !cdp_str_eq(h->per, e->per)) ||
	    (h->entry.n != 0 && e->entry.n != 0 &&
		!cdp_str_eq(h->entry, e->entry)))
		return 0;
	if (h->entry.n != 0 && e->entry.n != 0)
		return 3;
	if (e->entry.n != 0)
		by = e->entry;
	if (cdp_str_eq(
		h->id, cdp_tale_id(s, e->journey, e->per, by, e->span.from_ms)))
		return 3;
	return h->known ? 2 : 1;
}

struct cdp_hero *
cdp_hero_ended(struct cdp_tale *s, const struct cdp_epitaph *e, size_t skip)
{
	struct cdp_hero *h, *best = NULL;
	int sure = 0, is;
	size_t i;

	for (i = 0; i < s->nhero; i++) {
		h = s->hero[i];
		if (h->gone && h->gone_ms == e->span.to_ms &&
		    cdp_str_eq(h->gone_entry, e->entry) && fits(s, h, e) != 0 &&
		    skip-- == 0)
			return h;
	}
	for (i = 0; i < s->nhero; i++) {
		h = s->hero[i];
		if (!h->present && !h->gone && (is = fits(s, h, e)) > sure) {
			best = h;
			sure = is;
		}
	}
	return best;
}

struct cdp_hero *
cdp_hero_named(const struct cdp_tale *s, struct cdp_str id)
{
	size_t i;

	for (i = s->nhero; i-- > 0;)
		if (cdp_str_eq(s->hero[i]->id, id))
			return s->hero[i];
	return NULL;
}

/* ---- its way ---- */

void
cdp_hero_enters(struct cdp_tale *s, struct cdp_hero *h, struct cdp_str by,
    struct cdp_str event, bool control)
{
	if (!h->enters) {
		h->enters = true;
		h->by = cdp_arena_dup(&s->mem, by);
		h->control = control;
	}
	if (h->entry.n == 0)
		h->entry = cdp_arena_dup(&s->mem, event);
}

static void
tell_note(struct cdp_tale *s, const struct cdp_hero *h, size_t i,
    struct cdp_str text, int64_t ms, bool by, struct cdp_str event)
{
	cdp_tale_tell(s,
	    &(struct cdp_telling){ .h = h,
		.ms = ms,
		.rank = 2 * (int64_t)i + 2,
		.by = by,
		.did = "went on",
		.step = cdp_tale_until(text, ": "),
		.why = cdp_tale_behind(text, ": "),
		.event = event });
}

static void
add_said(
    struct cdp_tale *s, struct cdp_hero *h, struct cdp_str text, int64_t by_ms)
{
	h->said = cdp_xreallocarray(h->said, h->nsaid + 1, sizeof(*h->said));
	h->said[h->nsaid++] =
	    (struct cdp_said){ cdp_arena_dup(&s->mem, text), by_ms };
}

void
cdp_hero_say(struct cdp_tale *s, struct cdp_hero *h, const struct cdp_str *v,
    size_t n, int64_t by_ms)
{
	size_t k = n < h->nsaid ? n : h->nsaid, i;

	for (; k > 0; k--) {
		for (i = 0; i < k; i++)
			if (!cdp_str_eq(v[i], h->said[h->nsaid - k + i].text))
				break;
		if (i == k)
			break;
	}
	for (i = k; i < n; i++)
		add_said(s, h, v[i], by_ms);
}

void
cdp_hero_rest(struct cdp_tale *s, const struct cdp_hero *h)
{
	struct cdp_str text;
	size_t i, k, at = 0;

	if (h->enters)
		cdp_tale_tell(s,
		    &(struct cdp_telling){ .h = h,
			.ms = h->entered_ms,
			.rank = CDP_RANK_ENTRY,
			.did = "entered",
			.why = h->by,
			.event = h->entry,
			.control = h->control });
	for (i = 0; i < h->nsaid; i++) {
		text = h->said[i].text;
		for (k = at; k < h->nnote; k++)
			if (cdp_str_eq(text, h->note[k].text))
				break;
		if (k < h->nnote)
			at = k + 1;
		else
			tell_note(
			    s, h, i, text, h->said[i].ms, true, CDP_STR(""));
	}
}

const struct cdp_journey *
cdp_hero_edition(struct cdp_tale *s, const struct cdp_hero *h, size_t i)
{
	struct cdp_err ignored = { 0 };
	struct cdp_editions *es;

	if (h->jx == SIZE_MAX)
		return NULL;
	es = &s->js->of[h->jx];
	if (i >= es->n ||
	    cdp_editions_load(es, s->js->pr, s->js->log, i, &ignored) != 0)
		return NULL;
	return cdp_editions_journey(es, i);
}

/* Lists of two states overlap: how many of this one are told. */
static size_t
known(const struct cdp_hero *h, const struct cdp_way *w)
{
	int64_t last_ms;
	size_t i = w->nnote, k, told = h->nnote;

	if (h->nnote == 0)
		return 0;
	last_ms = h->note[told - 1].ms;
	while (i > 0 &&
	    (w->note[i - 1].at_ms == CDP_TIME_NONE ||
		w->note[i - 1].at_ms > last_ms))
		i--;
	k = i;
	while (k > 0 && w->note[k - 1].at_ms == last_ms)
		k--;
	/* Of those of one time so many were told. */
	for (; told > 0 && k < i && h->note[told - 1].ms == last_ms; told--)
		k++;
	return k;
}

void
cdp_hero_way(struct cdp_tale *s, struct cdp_hero *h, const struct cdp_way *w,
    size_t edition, int64_t by_ms)
{
	const struct cdp_journey *jr = cdp_hero_edition(s, h, edition);
	struct cdp_str v[CDP_WAY_NOTES], text, event;
	size_t i, n = 0, from = known(h, w);

	for (i = 0; i < w->nrestart; i++)
		cdp_hero_restart(s, h, w->restart_ms[i],
		    i + 1 == w->nrestart && w->restart_by != NULL
			? cdp_str_of(w->restart_by)
			: CDP_STR(""),
		    i + 1 == w->nrestart ? w->restarts : 0);
	for (i = 0; i < w->nnote; i++) {
		text = cdp_way_text(w, i, jr, &s->mem);
		if (w->note[i].at_ms == CDP_TIME_NONE) {
			v[n++] = text;
			continue;
		}
		if (i < from)
			continue;
		text = cdp_arena_dup(&s->mem, text);
		event = w->note[i].id != NULL ? cdp_str_of(w->note[i].id)
					      : CDP_STR("");
		tell_note(s, h, h->nnote, text, w->note[i].at_ms, false, event);
		h->note =
		    cdp_xreallocarray(h->note, h->nnote + 1, sizeof(*h->note));
		h->note[h->nnote++] =
		    (struct cdp_said){ text, w->note[i].at_ms };
	}
	if (n != 0)
		cdp_hero_say(s, h, v, n, by_ms);
}

void
cdp_hero_restart(struct cdp_tale *s, struct cdp_hero *h, int64_t ms,
    struct cdp_str by, int64_t times)
{
	size_t i;

	for (i = 0; i < h->nrestart; i++)
		if (h->restart_ms[i] == ms)
			return;
	h->restart_ms = cdp_xreallocarray(
	    h->restart_ms, h->nrestart + 1, sizeof(*h->restart_ms));
	h->restart_ms[h->nrestart++] = ms;
	cdp_tale_tell(s,
	    &(struct cdp_telling){ .h = h,
		.ms = ms,
		.rank = CDP_RANK_RESTART,
		.did = "waited anew",
		.why = by,
		.times = times > (int64_t)h->nrestart ? times : 0 });
}
