#include "lib/tool/questions.h"

#include "lib/tool/ask.h"
#include "lib/tool/standing.h"
#include "lib/tool/told.h"
#include "lib/tool/ways.h"

/* Operands are journeys, not files. */
static int
ask_ways(struct cdp_run *run, struct cdp_err *err)
{
	const struct cdp_opts *o = &run->args.pub;
	struct cdp_ways q = { .tool = run->tool->name,
		.pr = run->project,
		.store = run->store,
		.named = o->store != NULL,
		.explain = o->explain,
		.graph = o->graph,
		.funnel = o->funnel,
		.key = run->args.file,
		.nkey = run->args.nfile };

	if (o->explain != NULL && q.nkey != 0)
		return cdp_fail(err, CDP_ECONF,
		    "no file is read for an answer: '%s'", q.key[0]);
	return cdp_ways_ask(&q, &run->no, err);
}

/* The operand is a template, not a file. */
static int
ask_told(struct cdp_run *run, struct cdp_err *err)
{
	const struct cdp_opts *o = &run->args.pub;
	struct cdp_told_ask q = { .tool = run->tool->name,
		.pr = run->project,
		.store = run->store,
		.explain = o->explain,
		.preview = o->preview,
		.past = o->past,
		.as_of_ms = o->as_of_ms,
		.template = run->args.nfile != 0 ? run->args.file[0] : NULL };

	if (o->explain != NULL && q.template != NULL)
		return cdp_fail(err, CDP_ECONF,
		    "no file is read for an answer: '%s'", q.template);
	if (o->preview != NULL && run->args.nfile != 1)
		return cdp_fail(err, CDP_ECONF,
		    "--preview wants whom, and one template: --preview "
		    "email:ana@example.com NAME");
	return cdp_told_ask(&q, &run->no, err);
}

/* Operands are people, not files. */
static int
ask(struct cdp_run *run, struct cdp_err *err)
{
	const struct cdp_opts *o = &run->args.pub;
	struct cdp_ask q = { .tool = run->tool->name,
		.pr = run->project,
		.store = run->store,
		.explain = o->explain,
		.draw = (enum cdp_draw_form)o->graph,
		.edges = o->edges,
		.hubs = o->hubs,
		.id = run->args.file,
		.nid = run->args.nfile };

	if (o->graph != 0 && q.nid == 0)
		return cdp_fail(err, CDP_ECONF,
		    "--graph wants whom: a profile's id, or TYPE:VALUE such as "
		    "email:ana@example.com");
	if (o->graph == 0 && q.nid != 0)
		return cdp_fail(err, CDP_ECONF,
		    "no file is read for an answer: '%s'", q.id[0]);
	return cdp_ask_run(&q, &run->no, err);
}

bool
cdp_questions_asked(const struct cdp_run *run)
{
	const struct cdp_opts *o = &run->args.pub;

	return o->explain != NULL || o->preview != NULL || o->graph != 0 ||
	    o->edges || o->hubs || o->size || o->members != NULL || o->past ||
	    o->funnel;
}

int
cdp_questions_answer(struct cdp_run *run, struct cdp_err *err)
{
	if ((run->tool->opts & CDP_OPT_MEMBERS) != 0)
		return cdp_standing_ask(run, err);
	if ((run->tool->opts & CDP_OPT_TOLD) != 0)
		return ask_told(run, err);
	return (run->tool->opts & CDP_OPT_WAYS) != 0 ? ask_ways(run, err)
						     : ask(run, err);
}
