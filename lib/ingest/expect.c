#include "lib/ingest/expect.h"

#include <math.h>
#include <stdlib.h>

#include "lib/base/hash.h"
#include "lib/base/mem.h"

#define HOUR 3600000

struct tally {
	uint64_t matched, valid, twice;
	int64_t newest;
};

struct cdp_expects {
	const struct cdp_plan *plan;
	struct tally *tally; /* of each expectation */
	uint64_t lines;
	bool ids;       /* some expectation is about duplicates */
	uint64_t *seen; /* hashes of ids, open addressing; 0: free */
	size_t cap, n;
};

struct cdp_expects *
cdp_expects_new(const struct cdp_plan *plan)
{
	struct cdp_expects *ex = cdp_xcalloc(1, sizeof(*ex));

	ex->plan = plan;
	ex->tally = cdp_xcalloc(plan->nexpect + 1, sizeof(*ex->tally));
	for (size_t i = 0; i < plan->nexpect; i++) {
		ex->tally[i].newest = CDP_TIME_NONE;
		ex->ids = ex->ids ||
		    plan->expect[i].metric == CDP_METRIC_DUPLICATE_RATIO;
	}
	return ex;
}

void
cdp_expects_free(struct cdp_expects *ex)
{
	if (ex == NULL)
		return;
	free(ex->tally);
	free(ex->seen);
	free(ex);
}

/* ---- ids ---- */

/* Whether the hash was there; it is now. */
static bool
put(uint64_t *seen, size_t cap, uint64_t hash)
{
	size_t i = hash & (cap - 1);

	while (seen[i] != 0 && seen[i] != hash)
		i = (i + 1) & (cap - 1);
	if (seen[i] == hash)
		return true;
	seen[i] = hash;
	return false;
}

static bool
is_twice(struct cdp_expects *ex, struct cdp_str id)
{
	uint64_t hash = cdp_hash64(id), *old = ex->seen;
	size_t cap = ex->cap;
	bool twice;

	hash += hash == 0;
	if (ex->n * 4 >= cap * 3) {
		ex->cap = cap != 0 ? 2 * cap : 1024;
		ex->seen = cdp_xcalloc(ex->cap, sizeof(*ex->seen));
		for (size_t i = 0; i < cap; i++)
			if (old[i] != 0)
				(void)put(ex->seen, ex->cap, old[i]);
		free(old);
	}
	twice = put(ex->seen, ex->cap, hash);
	ex->n += !twice;
	return twice;
}

/* ---- counting ---- */

static bool
matches(const struct cdp_trigger *on, const struct cdp_line *ln)
{
	if (on->nevent != 0)
		return cdp_trigger_test(on, ln);
	return cdp_pred_test(on->where, ln->tape, 0, ln->ts_ms);
}

void
cdp_expects_line(struct cdp_expects *ex, const struct cdp_seen *seen)
{
	bool twice = ex->ids && seen->id.n != 0 && is_twice(ex, seen->id);

	ex->lines++;
	for (size_t i = 0; i < ex->plan->nexpect; i++) {
		struct tally *t = &ex->tally[i];

		if (!matches(&ex->plan->expect[i].on, seen->ln))
			continue;
		t->matched++;
		t->valid += seen->valid;
		t->twice += twice;
		if (seen->accepted && seen->ts_ms > t->newest)
			t->newest = seen->ts_ms;
	}
}

/* ---- the verdict ---- */

/* The value; NAN if there is nothing to measure.  text: what it is made of. */
static double
measure(const struct cdp_expects *ex, size_t i, uint64_t read, int64_t now_ms,
    struct cdp_buf *text)
{
	const struct cdp_expect *want = &ex->plan->expect[i];
	bool all = want->on.nevent == 0 && want->on.where == NULL;
	const struct tally *t = &ex->tally[i];
	uint64_t matched = t->matched + (all ? read - ex->lines : 0);
	uint64_t part = matched, of = matched;
	int64_t age_ms, unit;
	char age[24];

	if (want->metric == CDP_METRIC_COUNT) {
		cdp_buf_u64(text, matched);
		return (double)matched;
	}
	if (want->metric == CDP_METRIC_MAX_AGE) {
		if (t->newest == CDP_TIME_NONE) {
			cdp_buf_puts(text, "unknown, for nothing has a time");
			return NAN;
		}
		age_ms = now_ms - t->newest;
		unit = age_ms < 2 * HOUR ? HOUR / 60 : HOUR;
		cdp_time_duration_format(age_ms / unit * unit, age);
		cdp_buf_puts(text, age);
		return (double)age_ms;
	}
	if (want->metric == CDP_METRIC_RATIO)
		of = read;
	else
		part = want->metric == CDP_METRIC_VALID_RATIO ? t->valid
							      : t->twice;
	if (of == 0) {
		cdp_buf_puts(text, "unknown, for there are no such records");
		return NAN;
	}
	cdp_buf_printf(text, "%.4g (%llu of %llu)", (double)part / (double)of,
	    (unsigned long long)part, (unsigned long long)of);
	return (double)part / (double)of;
}

bool
cdp_expects_met(const struct cdp_expects *ex, size_t i, uint64_t read,
    int64_t now_ms, struct cdp_buf *text)
{
	const struct cdp_expect *want = &ex->plan->expect[i];
	double value;

	cdp_buf_printf(text, "%s is ", want->metric_name);
	value = measure(ex, i, read, now_ms, text);
	if (want->min.given)
		cdp_buf_printf(text, ", at least %.*s is expected",
		    (int)want->min.text.n, want->min.text.p);
	if (want->max.given)
		cdp_buf_printf(text, ", at most %.*s is expected",
		    (int)want->max.text.n, want->max.text.p);
	if (isnan(value))
		return !want->min.given && want->metric != CDP_METRIC_MAX_AGE;
	return (!want->min.given || value >= want->min.value) &&
	    (!want->max.given || value <= want->max.value);
}
