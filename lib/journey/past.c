#include "lib/journey/past.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/journey/editions.h"
#include "lib/json/write.h"

static int
compare(const struct cdp_last *a, struct cdp_str per, uint32_t set)
{
	int cmp = cdp_str_cmp(cdp_str_of(a->per), per);

	return cmp != 0 ? cmp : (a->set > set) - (a->set < set);
}

/* Where that of per and set is, or would stand. */
static size_t
place(const struct cdp_lasts *l, struct cdp_str per, uint32_t set, bool *found)
{
	size_t i = 0;
	int cmp = 1;

	while (i < l->n && (cmp = compare(&l->v[i], per, set)) < 0)
		i++;
	*found = i < l->n && cmp == 0;
	return i;
}

static void
drop(struct cdp_lasts *l, size_t i)
{
	free(l->v[i].per);
	free(l->v[i].exit);
	l->n--;
	memmove(l->v + i, l->v + i + 1, (l->n - i) * sizeof(*l->v));
}

static void
free_lasts(struct cdp_lasts *l)
{
	while (l->n != 0)
		drop(l, l->n - 1);
	free(l->v);
}

const struct cdp_last *
cdp_lasts_get(const struct cdp_lasts *l, struct cdp_str per)
{
	const struct cdp_last *newest = NULL;
	bool found;
	size_t i = place(l, per, 0, &found);

	for (; i < l->n && cdp_str_is(per, l->v[i].per); i++)
		if (newest == NULL || l->v[i].at_ms > newest->at_ms)
			newest = &l->v[i];
	return newest;
}

/* Of several. */
static size_t
oldest(const struct cdp_lasts *l)
{
	size_t i, old = 0;

	for (i = 1; i < l->n; i++)
		if (l->v[i].at_ms < l->v[old].at_ms)
			old = i;
	return old;
}

void
cdp_lasts_set(struct cdp_lasts *l, struct cdp_str per, uint32_t set,
    struct cdp_str exit, int64_t at_ms, size_t max)
{
	bool found;
	size_t i = place(l, per, set, &found);

	if (found && l->v[i].at_ms >= at_ms)
		return;
	if (found)
		drop(l, i);
	l->v = cdp_xreallocarray(l->v, l->n + 1, sizeof(*l->v));
	memmove(l->v + i + 1, l->v + i, (l->n - i) * sizeof(*l->v));
	l->v[i] = (struct cdp_last){ cdp_xstrndup(per),
		exit.n != 0 ? cdp_xstrndup(exit) : NULL, set, at_ms };
	if (++l->n > max)
		drop(l, oldest(l));
}

int64_t
cdp_past_last(const struct cdp_past *past, struct cdp_str per)
{
	const struct cdp_last *last =
	    past != NULL ? cdp_lasts_get(&past->last, per) : NULL;

	return last != NULL ? last->at_ms : CDP_TIME_NONE;
}

void
cdp_past_forget(struct cdp_past *past, int64_t ms)
{
	struct cdp_lasts *l = &past->last;
	size_t old;

	while (l->n > CDP_GONE_MAX) {
		old = oldest(l);
		if (l->v[old].at_ms > ms)
			return;
		drop(l, old);
	}
}

void
cdp_past_tail(
    struct cdp_past *past, struct cdp_str per, const struct cdp_tail *tail)
{
	past->tail =
	    cdp_xreallocarray(past->tail, past->ntail + 1, sizeof(*past->tail));
	past->tail[past->ntail] = *tail;
	past->tail[past->ntail++].per = cdp_xstrndup(per);
}

void
cdp_past_drop_tail(struct cdp_past *past, size_t i)
{
	free(past->tail[i].per);
	memmove(past->tail + i, past->tail + i + 1,
	    (past->ntail - i - 1) * sizeof(*past->tail));
	past->ntail--;
}

void
cdp_past_refuse(struct cdp_past *past, struct cdp_str why, int64_t at_ms)
{
	if (past->refused != NULL && past->refused_ms > at_ms)
		return;
	free(past->refused);
	past->refused = cdp_xstrndup(why);
	past->refused_ms = at_ms;
}

void
cdp_past_free(struct cdp_past *past)
{
	size_t i;

	for (i = 0; i < past->ntail; i++)
		free(past->tail[i].per);
	free_lasts(&past->last);
	free_lasts(&past->gone);
	free(past->tail);
	cdp_endeds_free(&past->ended);
	free(past->refused);
	cdp_counts_free(&past->outcome);
}

/* ---- JSON ---- */

static void
put_per(struct cdp_buf *b, const char *per, uint32_t set)
{
	if (per[0] != '\0')
		cdp_json_kraw(b, "per", cdp_str_of(per));
	if (set != 0)
		cdp_json_ki64(b, "set", set);
}

static void
write_lasts(struct cdp_buf *b, const char *key, const struct cdp_lasts *l)
{
	size_t i;

	if (l->n == 0)
		return;
	cdp_json_key(b, key);
	cdp_buf_putc(b, '[');
	for (i = 0; i < l->n; i++) {
		cdp_json_comma(b);
		cdp_buf_putc(b, '{');
		put_per(b, l->v[i].per, l->v[i].set);
		if (l->v[i].exit != NULL)
			cdp_json_kstr(b, "exit", cdp_str_of(l->v[i].exit));
		cdp_json_ki64(b, "at", l->v[i].at_ms);
		cdp_buf_putc(b, '}');
	}
	cdp_buf_putc(b, ']');
}

void
cdp_past_write(struct cdp_buf *b, const struct cdp_past *past)
{
	size_t i;

	cdp_buf_putc(b, '{');
	if (past->held)
		cdp_json_kraw(b, "held", CDP_STR("true"));
	cdp_counts_write(b, "outcomes", &past->outcome);
	write_lasts(b, "last", &past->last);
	write_lasts(b, "gone", &past->gone);
	if (past->ntail != 0) {
		cdp_json_key(b, "goal");
		cdp_buf_putc(b, '[');
		for (i = 0; i < past->ntail; i++) {
			cdp_json_comma(b);
			cdp_buf_putc(b, '{');
			put_per(b, past->tail[i].per, past->tail[i].set);
			if (past->tail[i].edition != 0)
				cdp_json_ki64(b, "edition",
				    (int64_t)past->tail[i].edition);
			if (past->tail[i].control)
				cdp_json_kraw(b, "control", CDP_STR("true"));
			cdp_json_ki64(b, "until", past->tail[i].until_ms);
			cdp_buf_putc(b, '}');
		}
		cdp_buf_putc(b, ']');
	}
	cdp_endeds_write(b, &past->ended);
	if (past->refused != NULL) {
		cdp_json_key(b, "refused");
		cdp_buf_putc(b, '[');
		cdp_buf_i64(b, past->refused_ms);
		cdp_json_comma(b);
		cdp_json_str(b, cdp_str_of(past->refused));
		cdp_buf_putc(b, ']');
	}
	cdp_buf_putc(b, '}');
}

static struct cdp_str
per_of(const struct cdp_tape *t, uint32_t at)
{
	uint32_t per = cdp_tape_get(t, at, CDP_STR("per"));

	return per != CDP_NOTOK ? cdp_tape_raw(t, per) : CDP_STR("");
}

static uint32_t
set_of(const struct cdp_tape *t, uint32_t at)
{
	int64_t set = 0;

	cdp_tape_i64(t, cdp_tape_get(t, at, CDP_STR("set")), &set);
	return (uint32_t)set;
}

static void
read_lasts(struct cdp_lasts *l, const struct cdp_tape *t, uint32_t list,
    struct cdp_arena *mem)
{
	uint32_t it = 0, key, val;
	int64_t ms;

	while (cdp_tape_next(t, list, &it, &key, &val))
		if (cdp_tape_i64(t, cdp_tape_get(t, val, CDP_STR("at")), &ms))
			cdp_lasts_set(l, per_of(t, val), set_of(t, val),
			    cdp_tape_str(
				t, cdp_tape_get(t, val, CDP_STR("exit")), mem),
			    ms, SIZE_MAX);
}

static void
read_refused(struct cdp_past *past, const struct cdp_tape *t, uint32_t at,
    struct cdp_arena *mem)
{
	uint32_t it = 0, key, ms, why;
	int64_t at_ms;

	if (cdp_tape_next(t, at, &it, &key, &ms) &&
	    cdp_tape_i64(t, ms, &at_ms) &&
	    cdp_tape_next(t, at, &it, &key, &why))
		cdp_past_refuse(past, cdp_tape_str(t, why, mem), at_ms);
}

void
cdp_past_read(struct cdp_past *past, const struct cdp_tape *t, uint32_t at,
    struct cdp_arena *mem)
{
	uint32_t list = cdp_tape_get(t, at, CDP_STR("goal"));
	uint32_t it = 0, key, val;
	struct cdp_tail tail;

	past->held = cdp_tape_get(t, at, CDP_STR("held")) != CDP_NOTOK;
	cdp_counts_read(
	    &past->outcome, t, cdp_tape_get(t, at, CDP_STR("outcomes")));
	read_lasts(&past->last, t, cdp_tape_get(t, at, CDP_STR("last")), mem);
	read_lasts(&past->gone, t, cdp_tape_get(t, at, CDP_STR("gone")), mem);
	read_refused(past, t, cdp_tape_get(t, at, CDP_STR("refused")), mem);
	cdp_endeds_read(&past->ended, t, cdp_tape_get(t, at, CDP_STR("ended")));
	while (cdp_tape_next(t, list, &it, &key, &val))
		if (cdp_tape_i64(t, cdp_tape_get(t, val, CDP_STR("until")),
			&tail.until_ms)) {
			tail.set = set_of(t, val);
			tail.edition = cdp_edition_read(t, val);
			tail.control = cdp_tape_get(t, val,
					   CDP_STR("control")) != CDP_NOTOK;
			cdp_past_tail(past, per_of(t, val), &tail);
		}
}

bool
cdp_past_empty(const struct cdp_past *past)
{
	return !past->held && past->outcome.n == 0 && past->last.n == 0 &&
	    past->gone.n == 0 && past->ntail == 0;
}
