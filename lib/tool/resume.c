#include "lib/tool/resume.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/tool/follow.h"

/* What is left to be read of files of that name, in their order. */
struct left {
	struct cdp_run *run;
	const char *path;
	char **file; /* those that are still there */
	size_t nfile;
	uint64_t at; /* in the first */
	bool any, lost;
};

static void
add_file(struct left *l, const char *file)
{
	l->file = cdp_xreallocarray(l->file, l->nfile + 1, sizeof(*l->file));
	l->file[l->nfile++] = (char *)(uintptr_t)file;
}

static void
look_for(void *arg, struct cdp_str name, uint64_t at)
{
	struct left *l = arg;
	const char *file = cdp_follow_find(l->path, name, at, &l->run->mem);

	if (file == NULL) {
		l->lost = true;
		return;
	}
	if (!l->any)
		l->at = at;
	l->any = true;
	if (strcmp(file, l->path) != 0)
		add_file(l, file);
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
	if (rc != 0) {
		free(l.file);
		return rc;
	}
	add_file(&l, l.path);
	run->follow = l.file;
	run->in.follow = true;
	run->in.file = l.file;
	run->in.nfile = l.nfile;
	run->in.start = l.at;
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
