#include "lib/journey/journey.h"
#include "lib/tool/tool.h"

static int
start(struct cdp_run *run, void **self, struct cdp_err *err)
{
	(void)err;
	*self = cdp_journeys_new(cdp_run_project(run));
	cdp_journeys_hold(*self, cdp_run_hold(run));
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
	cdp_journeys_free(self);
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
		    "  cdp-journey --graph svg >journey.svg\n",
		.opts = CDP_OPT_STORE | CDP_OPT_REJECTS | CDP_OPT_MEMORY |
		    CDP_OPT_WAYS,
		.ops = &cdp_journeys_ops,
		.start = start,
		.stats = stats,
		.stop = stop,
	};

	return cdp_tool_main(argc, argv, &tool);
}
