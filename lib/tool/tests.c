#include "lib/tool/tests.h"

#include <stdio.h>

#include "lib/tool/trial.h"

/* One test that is being judged. */
struct judged {
	struct cdp_run *run;
	const struct cdp_test *t;
	struct cdp_str story;
	size_t faults;
};

static void
report(
    struct judged *j, const struct cdp_node *at, struct cdp_str text, bool ok)
{
	struct cdp_finding f = { .code = j->t->name,
		.text = text,
		.detail = j->faults <= 1 && !ok ? j->story : CDP_STR(""),
		.file = at->at.file,
		.line = at->at.line,
		.col = at->at.col };

	cdp_report_expect(&j->run->report, &f, ok);
}

static void
tell(void *arg, const struct cdp_node *at, struct cdp_str text)
{
	struct judged *j = arg;

	j->faults++;
	report(j, at, text, false);
}

static int
run_one(struct cdp_run *run, const struct cdp_test *t, struct cdp_err *err)
{
	struct judged j = { .run = run, .t = t };
	struct cdp_trial tr = { 0 };
	struct cdp_buf story = { 0 };
	int rc = cdp_trial_run(&tr, run->project, t, err);

	if (rc == 0) {
		cdp_trial_story(&tr, t, &story);
		j.story = cdp_buf_str(&story);
		cdp_trial_judge(&tr, t, tell, &j);
		if (j.faults == 0)
			report(&j, t->node, CDP_STR("ok"), true);
		run->report.tests++;
		run->report.broken += j.faults != 0;
	}
	cdp_buf_free(&story);
	cdp_trial_free(&tr);
	return rc;
}

static int
read_files(struct cdp_run *run, struct cdp_err *err)
{
	int rc = 0;

	if (run->args.nfile == 0)
		return 0;
	run->project->tests.n = 0;
	for (size_t i = 0; rc == 0 && i < run->args.nfile; i++)
		rc = cdp_tests_read(
		    run->project, run->args.file[i], &run->diags, err);
	if (run->diags.nerrors != 0)
		cdp_diags_print(&run->diags, run->tool->name, stderr);
	return rc;
}

int
cdp_tests_run(struct cdp_run *run, struct cdp_err *err)
{
	const struct cdp_tests *ts = &run->project->tests;
	struct cdp_report *r = &run->report;
	int rc;

	if (r->nask == 0)
		(void)cdp_report_option(r, "text");
	if ((rc = cdp_report_open(r, run->tool->name, err)) != 0 ||
	    (rc = read_files(run, err)) != 0)
		return rc;
	if (ts->n == 0)
		return cdp_fail(err, CDP_ECONF,
		    "there are no tests: write some under 'tests:' in the "
		    "project, or name a file that has them");
	r->testing = true;
	for (size_t i = 0; rc == 0 && i < ts->n; i++)
		rc = run_one(run, &ts->v[i], err);
	run->no = r->failed = r->broken != 0;
	return rc != 0 ? rc : cdp_report_write(r, run->args.pub.quiet, err);
}
