#include "lib/rule/seq.h"

#include <stdlib.h>

#include "lib/base/hash.h"
#include "lib/base/mem.h"
#include "lib/json/write.h"
#include "lib/rule/ops.h"

/* Where a chain stands: since when, and which events are still to come. */
struct pos {
	int64_t ms;
	uint32_t next;
	int64_t first; /* the instant of its first event */
};

/*
 * All chains of one value, in the order of where they stand.  A later one is
 * never worse: less time has passed since, less has come between, and its
 * first event is no earlier; so of those before an event only the last counts.
 */
struct chains {
	struct pos v[CDP_SEQ_KEEP];
	uint32_t n;
};

/* A value as 52 bits of a hash: in JSON, jq would round a longer number. */
static bool
value_of(const struct cdp_seq *s, const struct cdp_line *ln, uint64_t *ret)
{
	uint32_t at = cdp_tape_path(ln->tape, 0, &s->match);
	struct cdp_buf b = { 0 };

	if (cdp_tape_kind(ln->tape, at) == CDP_NULL)
		return false;
	if (cdp_tape_isa(ln->tape, at, CDP_STRING) &&
	    !ln->tape->tok[at].escaped) {
		*ret = cdp_hash64(cdp_tape_raw(ln->tape, at)) >> 12;
		return true;
	}
	cdp_json_canonical(&b, ln->tape, at);
	*ret = cdp_hash64(cdp_buf_str(&b)) >> 12;
	cdp_buf_free(&b);
	return true;
}

bool
cdp_seq_line(
    const struct cdp_seq *s, const struct cdp_line *ln, struct cdp_seq_ev *ret)
{
	*ret = (struct cdp_seq_ev){ .ms = ln->ts_ms };
	for (size_t i = 0; i < s->n; i++)
		if (cdp_trigger_test(&s->step[i].on, ln))
			ret->steps |= UINT32_C(1) << i;
	return ret->steps != 0 &&
	    (s->match.n == 0 || value_of(s, ln, &ret->val));
}

static uint32_t
place(const struct cdp_seq_evs *e, uint64_t val, int64_t ms)
{
	uint32_t lo = 0, hi = e->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (e->v[mid].val < val ||
		    (e->v[mid].val == val && e->v[mid].ms <= ms))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Room for one more.  Who has come to where they wanted to be stays there. */
static void
drop_oldest(struct cdp_seq_evs *e, const struct cdp_seq *s, int64_t now_ms)
{
	uint32_t old = 0;
	int64_t next;

	e->done |= s->within_ms == 0 && cdp_seq_test(e, s, now_ms, &next);
	for (uint32_t i = 1; i < e->n; i++)
		if (e->v[i].ms < e->v[old].ms)
			old = i;
	memmove(&e->v[old], &e->v[old + 1], (e->n - old - 1) * sizeof(*e->v));
	e->n--;
}

void
cdp_seq_enter(
    struct cdp_seq_evs *e, const struct cdp_seq *s, struct cdp_seq_ev ev)
{
	uint32_t i;

	if (e->n == CDP_SEQ_KEEP)
		drop_oldest(e, s, ev.ms);
	if (e->n == e->cap) {
		e->cap = e->cap == 0 ? 2 : e->cap * 2;
		e->v = cdp_xreallocarray(e->v, e->cap, sizeof(*e->v));
	}
	i = place(e, ev.val, ev.ms);
	memmove(&e->v[i + 1], &e->v[i], (e->n - i) * sizeof(*e->v));
	e->v[i] = ev;
	e->n++;
}

bool
cdp_seq_expire(struct cdp_seq_evs *e, const struct cdp_seq *s, int64_t now_ms)
{
	uint32_t k = 0, n = e->n;

	if (s->within_ms == 0)
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (cdp_ops_plus(e->v[i].ms, s->within_ms) > now_ms)
			e->v[k++] = e->v[i];
	e->n = k;
	return k != n;
}

int64_t
cdp_seq_leaves(const struct cdp_seq_evs *e, const struct cdp_seq *s)
{
	int64_t at, first = INT64_MAX;

	if (s->within_ms == 0)
		return first;
	for (uint32_t i = 0; i < e->n; i++) {
		at = cdp_ops_plus(e->v[i].ms, s->within_ms);
		if (at < first)
			first = at;
	}
	return first;
}

void
cdp_seq_free(struct cdp_seq_evs *e)
{
	free(e->v);
	*e = (struct cdp_seq_evs){ 0 };
}

/* ---- the chains ---- */

static bool
is(const struct cdp_seq_ev *e, uint32_t steps)
{
	return (e->steps & steps) != 0;
}

/* Each event that is the first step's begins one. */
static void
begin(struct chains *to, const struct cdp_seq_ev *v, uint32_t n)
{
	to->n = 0;
	for (uint32_t j = 0; j < n; j++)
		if (is(&v[j], 1))
			to->v[to->n++] =
			    (struct pos){ v[j].ms, j + 1, v[j].ms };
}

/* A step whose event comes; bar: what must not come before it. */
static void
take(const struct chains *from, struct chains *to, const struct cdp_seq_ev *v,
    uint32_t n, uint32_t step, int64_t within_ms, uint32_t bar)
{
	uint32_t p = 0, barred = 0; /* behind the last one that bars */

	to->n = 0;
	for (uint32_t j = 0; j < n; j++) {
		while (p < from->n && from->v[p].next <= j)
			p++;
		if (p != 0 && is(&v[j], step) &&
		    from->v[p - 1].next >= barred &&
		    (within_ms == 0 ||
			v[j].ms < cdp_ops_plus(from->v[p - 1].ms, within_ms)))
			to->v[to->n++] = (struct pos){ v[j].ms, j + 1,
				from->v[p - 1].first };
		if (is(&v[j], bar))
			barred = j + 1;
	}
}

/* A step that is done when its time has passed without its event. */
static void
miss(const struct chains *from, struct chains *to, const struct cdp_seq_ev *v,
    uint32_t n, uint32_t step, int64_t within_ms, int64_t now_ms, int64_t *next)
{
	uint32_t bad = 0, end = 0;

	to->n = 0;
	for (uint32_t p = 0; p < from->n; p++) {
		struct pos at = from->v[p];
		int64_t due = cdp_ops_plus(at.ms, within_ms);

		if (bad < at.next)
			bad = at.next;
		while (bad < n && !is(&v[bad], step))
			bad++;
		if (bad < n && v[bad].ms < due)
			continue;
		if (now_ms < due) {
			if (due < *next)
				*next = due;
			return; /* later ones are due later */
		}
		if (end < at.next)
			end = at.next;
		while (end < n && v[end].ms < due)
			end++;
		to->v[to->n++] = (struct pos){ due, end, at.first };
	}
}

/* The chains of one value: the latest first event of one that is complete, or
 * CDP_TIME_NONE. */
static int64_t
complete(const struct cdp_seq *s, const struct cdp_seq_ev *v, uint32_t n,
    int64_t now_ms, int64_t *next)
{
	struct chains a, b, *from = &a, *to = &b, *swap;
	uint32_t bar = 0, bit;
	int64_t due, ahead = INT64_MAX;

	begin(from, v, n);
	for (size_t i = 1; i < s->n && from->n != 0; i++) {
		const struct cdp_seq_step *st = &s->step[i];

		bit = UINT32_C(1) << i;
		if (st->absent && st->within_ms == 0) {
			bar |= bit;
			continue;
		}
		due = INT64_MAX;
		if (st->absent) {
			miss(from, to, v, n, bit, st->within_ms, now_ms, &due);
		} else {
			take(from, to, v, n, bit, st->within_ms, bar);
			bar = 0;
			ahead = INT64_MAX; /* an event is needed, too */
		}
		if (due < ahead)
			ahead = due;
		swap = from;
		from = to;
		to = swap;
	}
	if (ahead < *next)
		*next = ahead;
	return from->n == 0 ? CDP_TIME_NONE : from->v[from->n - 1].first;
}

bool
cdp_seq_test(const struct cdp_seq_evs *e, const struct cdp_seq *s,
    int64_t now_ms, int64_t *next)
{
	int64_t first, end;
	bool yes = e->done;

	*next = INT64_MAX;
	for (uint32_t i = 0, k; i < e->n; i = k) {
		for (k = i + 1; k < e->n && e->v[k].val == e->v[i].val; k++)
			;
		first = complete(s, &e->v[i], k - i, now_ms, next);
		if (first == CDP_TIME_NONE)
			continue;
		end = s->within_ms == 0 ? INT64_MAX
					: cdp_ops_plus(first, s->within_ms);
		if (end <= now_ms)
			continue;
		yes = true;
		if (end < *next)
			*next = end;
	}
	return yes;
}

/* ---- in the store ---- */

void
cdp_seq_write(struct cdp_buf *b, const struct cdp_seq_evs *e)
{
	cdp_buf_puts(b, e->done ? "[1" : "[0");
	for (uint32_t i = 0; i < e->n; i++) {
		cdp_buf_putc(b, ',');
		cdp_buf_i64(b, e->v[i].ms);
		cdp_buf_putc(b, ',');
		cdp_buf_i64(b, (int64_t)e->v[i].val);
		cdp_buf_putc(b, ',');
		cdp_buf_i64(b, e->v[i].steps);
	}
	cdp_buf_putc(b, ']');
}

void
cdp_seq_read(struct cdp_seq_evs *e, const struct cdp_seq *s,
    const struct cdp_tape *t, uint32_t at)
{
	uint32_t it = 0, key, val;
	int64_t part[3] = { 0 };
	size_t n = 0;

	while (cdp_tape_next(t, at, &it, &key, &val)) {
		if (!cdp_tape_i64(t, val, &part[n % 3]))
			return;
		if (n == 0)
			e->done = part[0] != 0;
		else if (n % 3 == 0)
			cdp_seq_enter(e, s,
			    (struct cdp_seq_ev){ part[1], (uint64_t)part[2],
				(uint32_t)part[0] });
		n++;
	}
}
