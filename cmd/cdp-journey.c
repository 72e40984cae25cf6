#include "lib/journey/journey.h"
#include "lib/tool/against.h"
#include "lib/tool/forecast.h"
#include "lib/tool/tests.h"
#include "lib/tool/tool.h"

/* Never freed, as in cdp-merge: of a million people that takes a while. */
static struct cdp_journeys *journeys;

/* Of a dry run. */
static struct cdp_forecast forecast;
static const struct cdp_project *project;

static int
start(struct cdp_run *run, void **self, struct cdp_err *err)
{
	(void)err;
	*self = journeys = cdp_journeys_new(cdp_run_project(run));
	cdp_journeys_hold(journeys, cdp_run_hold(run));
	if (cdp_run_opts(run)->dry_run && !cdp_run_opts(run)->quiet) {
		project = cdp_run_project(run);
		cdp_journeys_watch(journeys, cdp_forecast_note, &forecast);
	}
	return 0;
}

static int
finish(void *self, struct cdp_stage *sg, struct cdp_err *err)
{
	(void)self;
	(void)sg;
	(void)err;
	if (project != NULL)
		cdp_forecast_print(&forecast, project, "cdp-journey", stderr);
	return 0;
}

static void
stats(void *self, struct cdp_buf *json)
{
	cdp_journeys_stats(self, json);
}

static void
stop(void *self)
{
	(void)self;
	cdp_forecast_free(&forecast);
}

int
main(int argc, char *argv[])
{
	static const struct cdp_tool tool = {
		.name = "cdp-journey",
		.summary = "take profiles through journeys",
		.examples =
		    "  cdp-audience <merged.ndjson | cdp-journey | cdp-emit\n"
		    "  cdp-journey --stats <members.ndjson | grep "
		    "activation\n"
		    "  cdp-journey --explain email:ana@example.com | jq .\n"
		    "  cdp-journey --graph svg >journey.svg\n"
		    "  cdp-journey --test tests.yaml\n",
		.opts = CDP_OPT_STORE | CDP_OPT_REJECTS | CDP_OPT_MEMORY |
		    CDP_OPT_WAYS | CDP_OPT_TEST,
		.ops = &cdp_journeys_ops,
		.start = start,
		.test = cdp_tests_run,
		.against = &cdp_against_tool,
		.finish = finish,
		.stats = stats,
		.stop = stop,
	};

	return cdp_tool_main(argc, argv, &tool);
}
