#include "lib/tool/forecast.h"

#define SAY(s) (int)(s).n, (s).n != 0 ? (s).p : ""

/* The parts of a name have no line feed: they are keys. */
static struct cdp_str
name(struct cdp_buf *b, struct cdp_str journey, struct cdp_str step,
    struct cdp_str what)
{
	cdp_buf_reset(b);
	cdp_buf_put(b, journey);
	cdp_buf_putc(b, '\n');
	cdp_buf_put(b, step);
	cdp_buf_putc(b, '\n');
	cdp_buf_put(b, what);
	return cdp_buf_str(b);
}

void
cdp_forecast_note(void *arg, const struct cdp_passage *p)
{
	struct cdp_forecast *fc = arg;
	struct cdp_buf b = { 0 };
	struct cdp_str what = p->action;

	if (p->outcome.n != 0)
		what = p->outcome;
	else if (what.n == 0)
		what =
		    p->control ? CDP_STR("\theld out") : CDP_STR("\tentered");
	if (fc->of.n == 0 || p->at_ms < fc->first_ms)
		fc->first_ms = p->at_ms;
	if (fc->of.n == 0 || p->at_ms > fc->last_ms)
		fc->last_ms = p->at_ms;
	cdp_counts_add(&fc->of, name(&b, p->journey, p->step, what), 1);
	cdp_buf_free(&b);
}

/*
 * All counts under one journey and step; of those without a step the entries,
 * whose names begin with a tab, or the outcomes.
 */
static void
print(const struct cdp_forecast *fc, struct cdp_str journey,
    struct cdp_str step, bool entries, FILE *fp)
{
	struct cdp_buf b = { 0 };
	struct cdp_str prefix = name(&b, journey, step, CDP_STR("")), s;

	for (size_t i = 0; i < fc->of.n; i++) {
		s = cdp_str_of(fc->of.v[i].name);
		if (!cdp_str_starts(s, prefix) ||
		    (s.p[prefix.n] == '\t') != entries)
			continue;
		s.p += prefix.n + entries;
		s.n -= prefix.n + entries;
		fprintf(fp, "    %-22.*s %-18.*s %9lld\n", SAY(step), SAY(s),
		    (long long)fc->of.v[i].n);
	}
	cdp_buf_free(&b);
}

void
cdp_forecast_print(const struct cdp_forecast *fc, const struct cdp_project *pr,
    const char *tool, FILE *fp)
{
	char from[CDP_TIME_SIZE], to[CDP_TIME_SIZE];

	if (fc->of.n == 0) {
		fprintf(fp, "%s: dry run: nothing would be decided\n", tool);
		return;
	}
	cdp_time_format(fc->first_ms, from);
	cdp_time_format(fc->last_ms, to);
	fprintf(fp, "%s: dry run: %s to %s\n", tool, from, to);
	for (size_t i = 0; i < pr->njourney; i++) {
		const struct cdp_journey *jr = &pr->journey[i];

		fprintf(fp, "  %.*s\n", SAY(jr->key));
		print(fc, jr->key, CDP_STR(""), true, fp);
		for (size_t k = 0; k < jr->nstep; k++)
			print(fc, jr->key, jr->step[k].id, false, fp);
		for (size_t k = 0; k < jr->nexit; k++)
			if (jr->exit[k].send.n != 0)
				print(fc, jr->key, jr->exit[k].id, false, fp);
		print(fc, jr->key, CDP_STR(""), false, fp);
	}
}

void
cdp_forecast_free(struct cdp_forecast *fc)
{
	cdp_counts_free(&fc->of);
}
