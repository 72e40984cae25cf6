/*
 * cdp-ingest: events from outside, checked, in time order, with the time.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/ingest/ingest.h"
#include "lib/tool/tool.h"

/* The one reading of the wall clock, and only when it is asked for. */
static int64_t
wall_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t
until_ms(const char *until)
{
	int64_t ms = CDP_TIME_NONE;

	if (until == NULL)
		return ms;
	if (strcmp(until, "end") == 0)
		return CDP_TIME_END;
	if (strcmp(until, "now") == 0)
		return wall_ms();
	(void)cdp_time_option(cdp_str_of(until), &ms);
	return ms;
}

static int
start(struct cdp_run *run, void **self, struct cdp_err *err)
{
	const struct cdp_opts *o = cdp_run_opts(run);
	const struct cdp_project *pr = cdp_run_project(run);
	struct cdp_str name =
	    cdp_str_of(o->source != NULL ? o->source : "default");
	struct cdp_str secrets = CDP_STR("{}");
	struct cdp_source src;
	struct cdp_ingest_opt opt = {
		.plan = &pr->plan,
		.identity = &pr->identity,
		.limits = &pr->limits,
		.lateness_ms = pr->lateness_ms,
		.tick_ms = pr->tick_ms,
		.ahead_ms = pr->ahead_ms,
		.source = name,
		.fingerprint = cdp_str_of(pr->fingerprint),
		.say_source = o->source != NULL,
		.until_ms = until_ms(o->until),
		.hold = o->hold,
		.keep_again = o->dup_keep,
		.hold_bytes = o->memory,
		.wall = o->wall ? wall_ms : NULL,
		.follow = o->follow,
	};
	static const struct cdp_plan none;
	int rc = cdp_sources_find(&pr->sources, name, &src, err);

	if (rc == 0 && o->hold && o->until != NULL)
		rc = cdp_fail(err, CDP_ECONF,
		    "--hold keeps what --until would let go: use one of them");
	if (rc == 0 && cdp_run_looks(run) && o->violations != NULL)
		rc = cdp_fail(err, CDP_ECONF,
		    "--violations is for events that are passed");
	if (rc == 0 && o->violations != NULL)
		rc = cdp_violations_open(
		    o->violations, opt.plan, opt.source, &opt.violations, err);
	if (rc == 0 && cdp_transforms_keyed(&pr->transforms))
		rc = cdp_run_secrets(run, &secrets, err);
	if (rc == 0 && pr->transforms.n != 0)
		rc = cdp_transformer_new(
		    &pr->transforms, pr->jq, secrets, &opt.transformer, err);
	if (rc != 0)
		return rc;
	if (o->infer) {
		opt.plan = &none;
		opt.infer = cdp_infer_new();
	} else if (o->check) {
		opt.violation = cdp_run_violation;
		opt.violation_arg = run;
		opt.expects = cdp_expects_new(opt.plan);
	}
	if (cdp_rows_needed(&src))
		opt.rows = cdp_rows_new(&src, pr->jq);
	*self = cdp_ingest_new(&opt);
	if (opt.rows != NULL)
		cdp_run_split(run, cdp_ingest_split, *self);
	return 0;
}

/* How old the newest record is, is a question for now. */
static void
expected(void *self, struct cdp_run *run)
{
	const struct cdp_plan *plan = &cdp_run_project(run)->plan;
	const char *until = cdp_run_opts(run)->until;
	struct cdp_buf text = { 0 };
	size_t i;
	bool met;

	for (i = 0; i < plan->nexpect; i++) {
		cdp_buf_reset(&text);
		met = cdp_expects_met(cdp_ingest_expects(self), i,
		    cdp_run_read(run), until_ms(until ? until : "now"), &text);
		cdp_run_expected(
		    run, &plan->expect[i], cdp_buf_str(&text), met);
	}
	cdp_buf_free(&text);
}

/* What --infer has come to, if it was asked for. */
static int
print_plan(const struct cdp_infer *in, struct cdp_err *err)
{
	struct cdp_buf b = { 0 };
	bool bad = false;

	if (in == NULL)
		return 0;
	cdp_infer_write(in, &b);
	bad = fwrite(b.p, 1, b.n, stdout) != b.n || fflush(stdout) != 0;
	cdp_buf_free(&b);
	return bad ? cdp_fail(err, CDP_EIO, "cannot write standard output") : 0;
}

static int
finish(void *self, struct cdp_stage *sg, struct cdp_err *err)
{
	int rc = cdp_ingest_finish(self, sg, err);

	if (rc == 0)
		rc = print_plan(cdp_ingest_infer(self), err);
	if (cdp_ingest_doubtful(self) != 0)
		fprintf(stderr,
		    "cdp-ingest: warning: time stays where it was: %llu events "
		    "at the end are more than clock.ahead ahead of all before "
		    "them; if they are right, say so with --until\n",
		    (unsigned long long)cdp_ingest_doubtful(self));
	if (cdp_ingest_stale(self) != 0)
		fprintf(stderr,
		    "cdp-ingest: warning: privacy commands in the words of "
		    "an earlier run did nothing (%llu): to say it anew, give "
		    "them a messageId or a timestamp\n",
		    (unsigned long long)cdp_ingest_stale(self));
	return rc;
}

static void
stop(void *self)
{
	cdp_ingest_free(self);
}

int
main(int argc, char *argv[])
{
	static const struct cdp_tool tool = {
		.name = "cdp-ingest",
		.summary = "Check events from outside, put them in time "
			   "order, and say what time it is.",
		.examples =
		    "  cdp-ingest events.ndjson | cdp-merge | cdp-audience\n"
		    "  cdp-ingest --until now events.ndjson.zst\n"
		    "  cdp-ingest --rejects bad.ndjson events.ndjson "
		    ">clean.ndjson\n",
		.opts = CDP_OPT_STORE | CDP_OPT_REJECTS | CDP_OPT_CLOCK |
		    CDP_OPT_MEMORY | CDP_OPT_PLAN,
		.raw = true,
		.ops = &cdp_ingest_ops,
		.start = start,
		.text = cdp_ingest_text,
		.peek = cdp_ingest_peek,
		.place = cdp_ingest_place,
		.resume = cdp_ingest_resume,
		.file_end = cdp_ingest_file_end,
		.line = cdp_ingest_line,
		.idle = cdp_ingest_idle,
		.finish = finish,
		.balance = cdp_ingest_balance,
		.expected = expected,
		.stats = cdp_ingest_stats,
		.stop = stop,
	};

	return cdp_tool_main(argc, argv, &tool);
}
