#include "lib/profile/merge.h"
#include "lib/tool/tool.h"

static int
start(struct cdp_run *run, void **self, struct cdp_err *err)
{
	(void)err;
	*self = cdp_merge_new(cdp_run_project(run));
	cdp_merge_hold(*self, cdp_run_opts(run)->memory);
	return 0;
}

static void
stats(void *self, struct cdp_buf *json)
{
	cdp_merge_stats(self, json);
}

static void
stop(void *self)
{
	cdp_merge_free(self);
}

int
main(int argc, char *argv[])
{
	static const struct cdp_tool tool = {
		.name = "cdp-merge",
		.summary = "say who each event is about and what is known",
		.examples = "  cdp-ingest events.ndjson | cdp-merge\n"
			    "  cdp-merge --explain "
			    "email:ana@example.com,anonymous_id:fone-ana\n",
		.opts = CDP_OPT_STORE | CDP_OPT_REJECTS | CDP_OPT_MEMORY |
		    CDP_OPT_ASK,
		.ops = &cdp_merge_ops,
		.start = start,
		.stats = stats,
		.stop = stop,
	};

	return cdp_tool_main(argc, argv, &tool);
}
