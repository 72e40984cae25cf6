#include "lib/audience/audience.h"
#include "lib/tool/backfill.h"
#include "lib/tool/tool.h"
#include "lib/tool/turnout.h"

/* Never freed, as in cdp-merge: of a million people that takes a while. */
static struct cdp_audiences *audiences;

static int
start(struct cdp_run *run, void **self, struct cdp_err *err)
{
	(void)err;
	*self = audiences = cdp_audiences_new(cdp_run_project(run));
	cdp_audiences_hold(audiences, cdp_run_hold(run));
	return 0;
}

static void
stats(void *self, struct cdp_buf *json)
{
	cdp_audiences_stats(self, json);
}

int
main(int argc, char *argv[])
{
	static const struct cdp_tool tool = {
		.name = "cdp-audience",
		.summary = "say which audiences each profile is in, and when "
			   "it enters and leaves one",
		.examples =
		    "  cdp-merge <clean.ndjson | cdp-audience | cdp-journey\n"
		    "  cdp-audience --stats <merged.ndjson >/dev/null\n"
		    "  cdp-audience --members cart_abandoners\n"
		    "  cdp-audience --explain email:ana@example.com | jq .\n",
		.opts = CDP_OPT_STORE | CDP_OPT_REJECTS | CDP_OPT_MEMORY |
		    CDP_OPT_MEMBERS,
		.ops = &cdp_audiences_ops,
		.against = &cdp_turnout_tool,
		.backfill = &cdp_backfill_tool,
		.start = start,
		.stats = stats,
	};

	return cdp_tool_main(argc, argv, &tool);
}
