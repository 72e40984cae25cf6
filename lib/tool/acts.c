#include "lib/tool/acts.h"

/* Of those that deliver, the one that was written. */
static const char *
sending(const struct cdp_opts *o)
{
	if (o->redrive)
		return "redrive";
	if (o->resync)
		return "resync";
	if (o->resolve != NULL)
		return "resolve";
	return o->spool != NULL ? "spool" : "deliver";
}

int
cdp_acts_one(
    const struct cdp_tool *tool, const struct cdp_opts *o, struct cdp_err *err)
{
	const struct {
		bool on;
		const char *name;
	} act[] = {
		{ o->infer, "infer" },
		{ o->test, "test" },
		{ o->explain != NULL, "explain" },
		{ o->preview != NULL, "preview" },
		{ o->graph != 0, "graph" },
		{ o->funnel, "funnel" },
		{ o->edges, "edges" },
		{ o->hubs, "hubs" },
		{ o->size, "size" },
		{ o->members != NULL, "members" },
		{ o->against != NULL, "against" },
		{ o->backfill, "backfill" },
		{ o->profiles, "profiles" },
		{ o->changes != 0, "changes" },
		{ o->deliver, sending(o) },
	};
	const char *one = NULL;

	for (size_t i = 0; i < sizeof(act) / sizeof(*act); i++) {
		if (!act[i].on)
			continue;
		if (one != NULL)
			return cdp_fail(err, CDP_ECONF,
			    "--%s and --%s each do something of their own: "
			    "choose one",
			    one, act[i].name);
		one = act[i].name;
	}
	if (o->past && (tool->opts & CDP_OPT_TOLD) != 0 && o->explain == NULL)
		return cdp_fail(err, CDP_ECONF, "--as-of is of --explain");
	if (o->past && (tool->opts & CDP_OPT_MEMBERS) != 0 && !o->size &&
	    o->members == NULL)
		return cdp_fail(
		    err, CDP_ECONF, "--as-of is of --size and --members");
	if (o->backfill && o->dry_run)
		return cdp_fail(err, CDP_ECONF,
		    "--backfill is there to change the store: -n would leave "
		    "nothing of it; see --against");
	return 0;
}
