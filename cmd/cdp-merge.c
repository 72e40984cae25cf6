#include <unistd.h>

#include "lib/base/io.h"
#include "lib/profile/merge.h"
#include "lib/profile/people.h"
#include "lib/tool/tool.h"

/*
 * It is never freed: to give back each of a million people takes as long as
 * some seconds of events, and the process ends anyway.
 */
static struct cdp_merge *merge;

static void
note(void *run, const char *msg)
{
	cdp_run_note(run, msg);
}

static int
start(struct cdp_run *run, void **self, struct cdp_err *err)
{
	const struct cdp_opts *o = cdp_run_opts(run);

	(void)err;
	*self = merge = cdp_merge_new(cdp_run_project(run));
	cdp_merge_hold(merge, cdp_run_hold(run));
	cdp_merge_note(merge, note, run);
	cdp_merge_print(merge, (enum cdp_changes)o->changes, o->profiles);
	return 0;
}

/* --profiles */
static int
finish(void *self, struct cdp_stage *sg, struct cdp_err *err)
{
	return cdp_merge_prints_people(self)
	    ? cdp_people_write(self, sg, &cdp_io_real, STDOUT_FILENO, err)
	    : 0;
}

static void
stats(void *self, struct cdp_buf *json)
{
	cdp_merge_stats(self, json);
}

int
main(int argc, char *argv[])
{
	static const struct cdp_tool tool = {
		.name = "cdp-merge",
		.summary = "say who each event is about and what is known",
		.examples =
		    "  cdp-ingest events.ndjson | cdp-merge\n"
		    "  cdp-ingest events.ndjson | cdp-merge --profiles "
		    ">people\n"
		    "  cdp-ingest events.ndjson | cdp-merge --changes\n"
		    "  cdp-merge --explain "
		    "email:ana@example.com,anonymous_id:fone-ana\n",
		.opts = CDP_OPT_STORE | CDP_OPT_REJECTS | CDP_OPT_MEMORY |
		    CDP_OPT_ASK | CDP_OPT_PEOPLE,
		.ops = &cdp_merge_ops,
		.start = start,
		.finish = finish,
		.stats = stats,
	};

	return cdp_tool_main(argc, argv, &tool);
}
