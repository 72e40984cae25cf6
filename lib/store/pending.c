#include "lib/store/logint.h"
#include "lib/store/sealed.h"

/*
 * Each sealed segment lists its due times in the order of time, so a log of
 * millions of timers opens without a look at them; a stage asks as its clock
 * goes on.  Most of what is listed is stale: of a key that was put again, in a
 * newer segment.  What was due when the clock was put last is all of it so.
 */
void
cdp_log_due_start(struct cdp_log *log, struct cdp_str clock, int64_t now_ms)
{
	struct cdp_pending *pd = &log->pending;
	size_t i;

	pd->clock = clock;
	pd->now_ms = now_ms;
	pd->active_told = false;
	pd->told_ms = pd->next_ms = INT64_MIN;
	for (i = 0; i < log->nsealed; i++)
		log->sealed[i].due_set = false;
}

/* The segments before this one are older than the clock. */
static int
clock_at(struct cdp_log *log, size_t *ret, struct cdp_err *err)
{
	const struct cdp_pending *pd = &log->pending;
	struct cdp_hash128 h;
	uint64_t loc;
	int rc;

	*ret = 0;
	if (pd->now_ms == INT64_MIN)
		return 0;
	h = cdp_hash_keyed(log->st->secret, pd->clock);
	if (cdp_index_loc(&log->ix, h) != 0) {
		*ret = log->nsealed;
		return 0;
	}
	rc = cdp_sealed_key(log, 0, log->nsealed, h, ret, &loc, err);
	return rc == CDP_END ? 0 : rc;
}

/* Where to begin in segments that are new, or new to us. */
static int
set_cursors(struct cdp_log *log, struct cdp_err *err)
{
	const struct cdp_pending *pd = &log->pending;
	int64_t from_ms;
	size_t i, at = SIZE_MAX;
	int rc = 0;

	for (i = 0; rc == 0 && i < log->nsealed; i++) {
		struct cdp_sealed *s = &log->sealed[i];

		if (s->due_set)
			continue;
		if (at == SIZE_MAX && (rc = clock_at(log, &at, err)) != 0)
			return rc;
		from_ms = pd->told_ms;
		if (i < at && pd->now_ms > from_ms)
			from_ms = pd->now_ms;
		rc = cdp_sealed_due_after(log, i, from_ms, &s->due, err);
		s->due_set = rc == 0;
	}
	return rc;
}

/* Whether a newer state of the key stands behind segment i: 0 or CDP_END. */
static int
replaced(struct cdp_log *log, size_t i, const struct cdp_due_at *d,
    struct cdp_err *err)
{
	uint64_t loc;
	size_t at;

	if (cdp_index_loc(&log->ix, d->h) != 0 ||
	    cdp_log_unsure(log, d->key) != NULL)
		return 0;
	return cdp_sealed_key(log, i + 1, log->nsealed, d->h, &at, &loc, err);
}

static int
tell_sealed(struct cdp_log *log, size_t i, int64_t until_ms,
    int (*fn)(void *arg, struct cdp_str key, int64_t due_ms), void *arg,
    struct cdp_err *err)
{
	struct cdp_pending *pd = &log->pending;
	struct cdp_sealed *s = &log->sealed[i];
	struct cdp_due_at d;
	int rc;

	for (; s->due < s->idx.ndue; s->due++) {
		if ((rc = cdp_sealed_due(log, i, s->due, &d, err)) != 0)
			return rc;
		if (d.due_ms > until_ms) {
			if (d.due_ms < pd->next_ms)
				pd->next_ms = d.due_ms;
			break;
		}
		/* The index may go while others are looked at. */
		cdp_buf_reset(&pd->key);
		cdp_buf_put(&pd->key, d.key);
		d.key = cdp_buf_str(&pd->key);
		rc = replaced(log, i, &d, err);
		if (rc == CDP_END)
			rc = fn(arg, d.key, d.due_ms);
		if (rc != 0)
			return rc;
	}
	return 0;
}

static int
tell_unsure(struct cdp_log *log, const struct cdp_gather *g,
    int (*fn)(void *arg, struct cdp_str key, int64_t due_ms), void *arg)
{
	const struct cdp_gput *p;
	size_t i;
	int rc;

	for (i = 0; i < g->nput; i++) {
		p = g->put[i];
		if (p->due_ms != INT64_MAX &&
		    cdp_log_unsure(log, p->key) == p &&
		    (rc = fn(arg, p->key, p->due_ms)) != 0)
			return rc;
	}
	return 0;
}

static int
tell_active(struct cdp_log *log,
    int (*fn)(void *arg, struct cdp_str key, int64_t due_ms), void *arg)
{
	const struct cdp_due_at *a;
	size_t i;
	int rc = tell_unsure(log, &log->g, fn, arg);

	if (rc == 0)
		rc = tell_unsure(log, &log->under_way.g, fn, arg);
	for (i = 0; rc == 0 && i < log->ix.ndue; i++) {
		a = &log->ix.due[i];
		if (cdp_index_loc(&log->ix, a->h) == a->loc &&
		    cdp_log_unsure(log, a->key) == NULL)
			rc = fn(arg, a->key, a->due_ms);
	}
	return rc;
}

int
cdp_log_due(struct cdp_log *log, int64_t until_ms,
    int (*fn)(void *arg, struct cdp_str key, int64_t due_ms), void *arg,
    struct cdp_err *err)
{
	struct cdp_pending *pd = &log->pending;
	size_t i;
	int rc;

	if (!pd->active_told && (rc = tell_active(log, fn, arg)) != 0)
		return rc;
	pd->active_told = true;
	if (until_ms < pd->next_ms)
		return 0;
	if ((rc = set_cursors(log, err)) != 0)
		return rc;
	pd->next_ms = INT64_MAX;
	for (i = 0; i < log->nsealed; i++)
		if ((rc = tell_sealed(log, i, until_ms, fn, arg, err)) != 0)
			return rc;
	pd->told_ms = until_ms;
	return 0;
}
