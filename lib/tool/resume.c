#include "lib/tool/resume.h"

#include "lib/tool/follow.h"

/* What is left to be read of files of that name. */
struct left {
	struct cdp_run *run;
	const char *path;
	const char *found; /* the first one that is still there */
	uint64_t at;
	bool lost;
};

static void
look_for(void *arg, struct cdp_str name, uint64_t at)
{
	struct left *l = arg;

	if (l->found != NULL)
		return;
	l->found = cdp_follow_find(l->path, name, at, &l->run->mem);
	l->at = at;
	l->lost |= l->found == NULL;
}

int
cdp_resume_begin(struct cdp_run *run, struct cdp_err *err)
{
	struct left l = { .run = run };
	int rc;

	if (run->args.nfile != 1 || strcmp(run->args.file[0], "-") == 0 ||
	    run->args.pub.dry_run || run->in.split != NULL)
		return cdp_fail(err, CDP_ECONF,
		    "--follow wants one file, a source of lines that are "
		    "neither of a table nor of a topic, and no -n");
	l.path = run->args.file[0];
	cdp_follow_prefix(&run->prefix, l.path);
	rc = run->tool->resume(
	    run->self, run->sg, cdp_buf_str(&run->prefix), look_for, &l, err);
	if (rc != 0)
		return rc;
	run->in.follow = true;
	run->follow[1] = run->args.file[0];
	run->in.file = run->follow + 1;
	if (l.found != NULL) {
		run->in.start = l.at;
		if (strcmp(l.found, l.path) != 0) {
			run->follow[0] = (char *)(uintptr_t)l.found;
			run->in.file = run->follow;
			run->in.nfile = 2;
		}
	}
	if (l.lost && !run->args.pub.quiet)
		cdp_run_say(run,
		    "warning: a file that was read as '%s' is there no more: "
		    "what was behind the place it was left at is not read",
		    l.path);
	return 0;
}

void
cdp_resume_place(struct cdp_run *run)
{
	/* A file has no name before its first line is whole. */
	if (!run->named) {
		cdp_buf_reset(&run->stream);
		run->named = cdp_follow_name(
		    &run->stream, run->args.file[0], cdp_input_fd(&run->in));
	}
	if (run->named)
		run->tool->place(run->self, cdp_buf_str(&run->prefix),
		    cdp_buf_str(&run->stream), run->in.begin, run->in.behind);
}
