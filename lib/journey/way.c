#include "lib/journey/way.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/time.h"
#include "lib/json/write.h"

#define SAY(s) (int)(s).n, (s).p

static void
free_note(struct cdp_note *n)
{
	free(n->text);
	free(n->id);
}

static struct cdp_note *
add_note(struct cdp_way *w, int64_t at_ms)
{
	struct cdp_note *n;

	if (w->nnote == CDP_WAY_NOTES) {
		free_note(&w->note[0]);
		memmove(w->note, w->note + 1,
		    (CDP_WAY_NOTES - 1) * sizeof(w->note[0]));
		w->nnote--;
	}
	n = &w->note[w->nnote++];
	*n = (struct cdp_note){ .at_ms = at_ms };
	return n;
}

void
cdp_way_note(
    struct cdp_way *w, struct cdp_str text, struct cdp_str id, int64_t at_ms)
{
	struct cdp_note *n = add_note(w, at_ms);

	n->text = cdp_xstrndup(text);
	if (id.n != 0)
		n->id = cdp_xstrndup(id);
}

void
cdp_way_over(struct cdp_way *w, size_t step, int64_t at_ms)
{
	struct cdp_note *n = add_note(w, at_ms);

	n->step = (uint32_t)step;
	n->anew = w->restarts != 0;
}

static void
add_restart(struct cdp_way *w, int64_t at_ms)
{
	if (w->nrestart == CDP_WAY_RESTARTS) {
		memmove(w->restart_ms, w->restart_ms + 1,
		    (CDP_WAY_RESTARTS - 1) * sizeof(w->restart_ms[0]));
		w->nrestart--;
	}
	w->restart_ms[w->nrestart++] = at_ms;
}

void
cdp_way_restart(struct cdp_way *w, struct cdp_str by, int64_t at_ms)
{
	w->restarts++;
	add_restart(w, at_ms);
	free(w->restart_by);
	w->restart_by = by.n != 0 ? cdp_xstrndup(by) : NULL;
}

int64_t
cdp_way_restarted(const struct cdp_way *w, int64_t none_ms)
{
	return w->nrestart != 0 ? w->restart_ms[w->nrestart - 1] : none_ms;
}

void
cdp_way_free(struct cdp_way *w)
{
	size_t i;

	for (i = 0; i < w->nnote; i++)
		free_note(&w->note[i]);
	free(w->restart_by);
}

/* ---- text ---- */

struct cdp_str
cdp_way_missed(const struct cdp_journey *jr, const struct cdp_step *st,
    bool restart, struct cdp_arena *mem)
{
	struct cdp_str s = CDP_STR("");
	const struct cdp_when *w;
	size_t i, first = st->has_restart && restart;
	size_t n = first + st->nevent + jr->nexit;

	for (i = 0; i < n; i++) {
		if (i < first)
			w = &st->restart;
		else if (i < n - jr->nexit)
			w = &st->event[i - first].when;
		else
			w = &jr->exit[i - (n - jr->nexit)].when;
		if (w->has_event)
			s = cdp_arena_printf(mem, "%.*s, no %.*s", SAY(s),
			    SAY(w->event.event[0]));
	}
	return s;
}

struct cdp_str
cdp_way_text(const struct cdp_way *w, size_t i, const struct cdp_journey *jr,
    struct cdp_arena *mem)
{
	const struct cdp_note *n = &w->note[i];
	const struct cdp_step *st;
	char ms[24];

	if (n->text != NULL)
		return cdp_str_of(n->text);
	if (jr == NULL || n->step >= jr->nstep)
		return cdp_arena_printf(mem, "step %u: over", n->step + 1);
	st = &jr->step[n->step];
	cdp_time_duration_format(st->ms, ms);
	return cdp_arena_printf(mem, "%.*s: %s %s%.*s", SAY(st->id), ms,
	    st->kind != CDP_STEP_UNTIL ? "passed"
		: n->anew              ? "after the restart"
				       : "after the entry",
	    SAY(cdp_way_missed(jr, st, true, mem)));
}

void
cdp_way_spell(struct cdp_way *w, const struct cdp_journey *jr)
{
	struct cdp_arena mem = { 0 };
	size_t i;

	for (i = 0; i < w->nnote; i++)
		if (w->note[i].text == NULL)
			w->note[i].text =
			    cdp_xstrndup(cdp_way_text(w, i, jr, &mem));
	cdp_arena_free(&mem);
}

/* ---- writing ---- */

/* Notes and restarts in the order of their times. */
struct cursor {
	const struct cdp_way *w;
	size_t note, restart;
	int64_t from_ms; /* when the last of them was */
};

/* A note, if both are of one time. */
static bool
next_is_note(const struct cursor *c)
{
	const struct cdp_way *w = c->w;

	return c->note < w->nnote &&
	    (c->restart == w->nrestart ||
		w->note[c->note].at_ms <= w->restart_ms[c->restart]);
}

/* How long after what was before it. */
static int64_t
passed(struct cursor *c, int64_t at_ms)
{
	int64_t d = at_ms - c->from_ms;

	c->from_ms = at_ms;
	return d;
}

static void
write_note_time(struct cdp_buf *b, struct cursor *c, const struct cdp_note *n)
{
	if (n->at_ms == CDP_TIME_NONE) {
		cdp_buf_puts(b, "null");
		return;
	}
	if (n->id != NULL)
		cdp_buf_putc(b, '[');
	cdp_buf_i64(b, passed(c, n->at_ms));
	if (n->id != NULL) {
		cdp_buf_putc(b, ',');
		cdp_json_str(b, cdp_str_of(n->id));
		cdp_buf_putc(b, ']');
	}
}

static void
write_times(
    struct cdp_buf *b, const struct cdp_way *w, const struct cdp_span *of)
{
	struct cursor c = { .w = w, .from_ms = of->from_ms };

	cdp_json_key(b, "at");
	cdp_buf_putc(b, '[');
	if (of->to_ms != CDP_TIME_NONE)
		cdp_buf_i64(b, of->from_ms);
	while (c.note < w->nnote || c.restart < w->nrestart) {
		cdp_json_comma(b);
		if (next_is_note(&c))
			write_note_time(b, &c, &w->note[c.note++]);
		else
			cdp_buf_i64(
			    b, -1 - passed(&c, w->restart_ms[c.restart++]));
	}
	if (of->to_ms != CDP_TIME_NONE) {
		cdp_json_comma(b);
		cdp_buf_i64(b, passed(&c, of->to_ms));
	}
	cdp_buf_putc(b, ']');
}

static void
write_note(struct cdp_buf *b, const struct cdp_note *n)
{
	cdp_json_comma(b);
	if (n->text != NULL)
		cdp_json_str(b, cdp_str_of(n->text));
	else
		cdp_buf_i64(
		    b, n->anew ? -1 - (int64_t)n->step : (int64_t)n->step);
}

void
cdp_way_write(
    struct cdp_buf *b, const struct cdp_way *w, const struct cdp_span *of)
{
	size_t i;

	if (w->restarts > (int64_t)w->nrestart)
		cdp_json_ki64(b, "restarts", w->restarts);
	if (w->restart_by != NULL)
		cdp_json_kstr(b, "restart_by", cdp_str_of(w->restart_by));
	if (w->nnote != 0) {
		cdp_json_key(b, "trail");
		cdp_buf_putc(b, '[');
		for (i = 0; i < w->nnote; i++)
			write_note(b, &w->note[i]);
		cdp_buf_putc(b, ']');
	}
	if (w->nnote != 0 || w->nrestart != 0 || of->to_ms != CDP_TIME_NONE)
		write_times(b, w, of);
}

/* ---- reading ---- */

static uint32_t
get(const struct cdp_tape *t, uint32_t at, const char *key)
{
	return cdp_tape_get(t, at, cdp_str_of(key));
}

static void
read_note(struct cdp_way *w, const struct cdp_tape *t, uint32_t at,
    struct cdp_str id, int64_t at_ms, struct cdp_arena *mem)
{
	struct cdp_note *n;
	int64_t step;

	if (!cdp_tape_i64(t, at, &step)) {
		cdp_way_note(w, cdp_tape_str(t, at, mem), id, at_ms);
		return;
	}
	n = add_note(w, at_ms);
	n->anew = step < 0;
	n->step = (uint32_t)(step < 0 ? -1 - step : step);
}

/* How long it was, or with an id [how long, id]. */
static bool
read_time(const struct cdp_tape *t, uint32_t val, int64_t *ms,
    struct cdp_str *id, struct cdp_arena *mem)
{
	uint32_t it = 0, key, pair = val, member;

	*id = CDP_STR("");
	if (cdp_tape_isa(t, pair, CDP_ARRAY) &&
	    cdp_tape_next(t, pair, &it, &key, &val) &&
	    cdp_tape_next(t, pair, &it, &key, &member))
		*id = cdp_tape_str(t, member, mem);
	return cdp_tape_i64(t, val, ms);
}

/* Up to n of the times behind *it; returns the last of them. */
static int64_t
read_times(struct cdp_way *w, const struct cdp_tape *t, uint32_t at,
    uint32_t *it, size_t n, int64_t ms)
{
	struct cdp_arena mem = { 0 };
	uint32_t times = get(t, at, "at"), trail = get(t, at, "trail");
	uint32_t next = 0, key, text, val;
	struct cdp_str id;
	int64_t d;
	bool known;

	while (n-- != 0 && cdp_tape_next(t, times, it, &key, &val)) {
		known = read_time(t, val, &d, &id, &mem);
		if (known)
			ms += d < 0 ? -1 - d : d;
		if (known && d < 0)
			add_restart(w, ms);
		else if (cdp_tape_next(t, trail, &next, &key, &text))
			read_note(
			    w, t, text, id, known ? ms : CDP_TIME_NONE, &mem);
	}
	/* Those of before the times. */
	while (cdp_tape_next(t, trail, &next, &key, &text))
		read_note(w, t, text, CDP_STR(""), CDP_TIME_NONE, &mem);
	w->restarts = (int64_t)w->nrestart;
	cdp_tape_i64(t, get(t, at, "restarts"), &w->restarts);
	at = get(t, at, "restart_by");
	if (at != CDP_NOTOK)
		w->restart_by = cdp_xstrndup(cdp_tape_str(t, at, &mem));
	cdp_arena_free(&mem);
	return ms;
}

void
cdp_way_read(
    struct cdp_way *w, const struct cdp_tape *t, uint32_t at, int64_t from_ms)
{
	uint32_t it = 0;
	int64_t ms;

	/* As stores of before the times have it: only the newest of them. */
	if (cdp_tape_i64(t, get(t, at, "restarted"), &ms))
		add_restart(w, ms);
	read_times(w, t, at, &it, SIZE_MAX, from_ms);
}

bool
cdp_way_read_ended(struct cdp_way *w, const struct cdp_tape *t, uint32_t at,
    struct cdp_span *ret)
{
	uint32_t times = get(t, at, "at"), it = 0, key, val;
	size_t n = cdp_tape_count(t, times);
	int64_t last_ms;

	if (n < 2 || !cdp_tape_next(t, times, &it, &key, &val) ||
	    !cdp_tape_i64(t, val, &ret->from_ms))
		return false;
	last_ms = read_times(w, t, at, &it, n - 2, ret->from_ms);
	if (!cdp_tape_next(t, times, &it, &key, &val) ||
	    !cdp_tape_i64(t, val, &ret->to_ms))
		return false;
	ret->to_ms += last_ms;
	return true;
}
