#include "lib/emit/emit.h"
#include "lib/emit/sender.h"
#include "lib/tool/others.h"
#include "lib/tool/tool.h"

static struct cdp_asker asker; /* lives as long as what asks it */

static void
held(void *arg)
{
	cdp_run_held(arg, 1);
}

static void
note(void *arg, const char *msg)
{
	cdp_run_note(arg, msg);
	cdp_run_left(arg);
}

static int
start(struct cdp_run *run, void **self, struct cdp_err *err)
{
	const struct cdp_opts *o = cdp_run_opts(run);
	struct cdp_emit_opt opt = {
		.deliver = o->deliver,
		.dry_run = o->dry_run,
		.only = o->only,
		.io = &cdp_io_real,
		.held = held,
		.held_arg = run,
		.note = note,
		.note_arg = run,
		.sending = &cdp_sender_ops,
		.wait_ms = o->wait_ms,
		.redrive = o->redrive,
		.resync = o->resync,
		.resolve = o->resolve,
		.spool = o->spool,
	};
	struct cdp_emit *em = NULL;
	int rc = 0;

	if (o->resync && o->spool != NULL)
		return cdp_fail(err, CDP_ECONF,
		    "--resync is for what cdp-emit delivers itself, not for "
		    "--spool");
	asker.pr = cdp_run_project(run);
	opt.others = cdp_asker_make(&asker, o->resync);
	if (o->deliver && !o->dry_run)
		rc = cdp_run_secrets(run, &opt.secrets, err);
	if (rc == 0)
		rc = cdp_emit_new(cdp_run_project(run), &opt, &em, err);
	*self = em;
	return rc;
}

static void
stop(void *self)
{
	cdp_emit_free(self);
	cdp_asker_free(&asker);
}

int
main(int argc, char *argv[])
{
	static const struct cdp_tool tool = {
		.name = "cdp-emit",
		.summary = "say, or send, what goes to whom",
		.examples =
		    "  cdp-journey <members.ndjson | cdp-emit --deliver\n"
		    "  cdp-emit <journey.ndjson | jq 'select(.status == "
		    "\"held\")'\n",
		.opts = CDP_OPT_STORE | CDP_OPT_REJECTS | CDP_OPT_DELIVER |
		    CDP_OPT_ONLY | CDP_OPT_TOLD,
		.ops = &cdp_emit_ops,
		.deliver_ops = &cdp_deliver_ops,
		.spool_ops = &cdp_spool_ops,
		.start = start,
		.line = cdp_emit_line,
		.wait = cdp_emit_wait,
		.tick = cdp_emit_tick,
		.finish = cdp_emit_finish,
		.stats = cdp_emit_stats,
		.stop = stop,
	};

	return cdp_tool_main(argc, argv, &tool);
}
