#include "lib/tool/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/tool/acts.h"
#include "lib/tool/check.h"
#include "lib/tool/list.h"
#include "lib/tool/questions.h"

static void
reject(void *arg, const struct cdp_line *ln, const char *code,
    struct cdp_str field, struct cdp_str message)
{
	cdp_run_reject(arg, ln, code, field, message);
}

static void
warn(void *arg, const char *msg)
{
	struct cdp_run *run = arg;

	if (!run->args.pub.quiet)
		cdp_run_say(run, "warning: %s", msg);
}

/*
 * In a pipeline one tool draws: the one that the events come in by.  Where the
 * records themselves go to the terminal, none does.
 */
static int64_t
progress_ms(const struct cdp_run *run)
{
	struct stat sb;

	if (run->args.progress_ms != 0)
		return run->args.progress_ms;
	if (isatty(STDOUT_FILENO) == 1)
		return -1;
	if (!run->tool->raw && run->args.nfile == 0 &&
	    fstat(STDIN_FILENO, &sb) == 0 && S_ISFIFO(sb.st_mode))
		return -1;
	return 0;
}

/* What the environment says is read before it is cleared for jq. */
static int
find_project(struct cdp_run *run, struct cdp_str *dir, const char **env_store,
    struct cdp_err *err)
{
	const char *env = getenv("CDP_STORE");
	int rc;

	rc = cdp_project_find(run->args.pub.project, "-C", &run->mem, dir, err);
	cdp_project_share(getenv("CDP_SHARE"));
	*env_store = env == NULL || *env == '\0'
	    ? NULL
	    : cdp_arena_dup(&run->mem, cdp_str_of(env)).p;
	cdp_sandbox_begin(&run->sandbox, run->args.sandbox);
	if (run->args.pub.deliver || run->tool->raw)
		cdp_secrets_keep(&run->env);
	cdp_progress_start(&run->progress, run->tool->name, progress_ms(run));
	cdp_jq_sandbox();
	return rc;
}

static const char *
store_path(struct cdp_run *run, const char *env)
{
	const struct cdp_project *pr = run->project;

	if (run->args.pub.store != NULL)
		return run->args.pub.store;
	if (env != NULL)
		return env;
	if (pr->store.n == 0)
		return "store";
	if (pr->store.p[0] == '/')
		return cdp_arena_dup(&run->mem, pr->store).p;
	return cdp_arena_printf(&run->mem, "%.*s/%.*s", (int)pr->dir.n,
	    pr->dir.p, (int)pr->store.n, pr->store.p)
	    .p;
}

/* Find, load and check the project; faults are printed, all of them. */
static int
load(struct cdp_run *run, struct cdp_err *err)
{
	const struct cdp_args *a = &run->args;
	const char *env;
	struct cdp_str dir;
	int rc;

	rc = find_project(run, &dir, &env, err);
	/* What is to become a plan may be looked at before there is one. */
	if (rc != 0 && a->pub.infer && a->pub.project == NULL)
		dir = CDP_STR("");
	else if (rc != 0)
		return rc;
	rc = cdp_project_load(
	    dir, a->def, a->ndef, &run->diags, &run->project, err);
	if (rc == 0 && a->pub.check)
		cdp_project_check_jq(run->project, &run->diags);
	if (run->diags.nerrors != 0 || !a->pub.quiet)
		cdp_diags_print(&run->diags, run->tool->name, stderr);
	if (run->diags.nerrors != 0)
		return cdp_fail(err, CDP_ECONF, "%zu error%s in project '%.*s'",
		    run->diags.nerrors, run->diags.nerrors == 1 ? "" : "s",
		    (int)dir.n, dir.p);
	if (rc == 0)
		run->store = store_path(run, env);
	return rc;
}

/* Within --max-rejects, of what was read? */
static bool
few_rejects(const struct cdp_run *run)
{
	uint64_t n = run->rejects.total + run->held;

	if (run->args.max_rejects_bp >= 0)
		return n * 10000 <=
		    run->read * (uint64_t)run->args.max_rejects_bp;
	return n <= (uint64_t)run->args.max_rejects;
}

/*
 * A store that is yet to be made cannot be named to the kernel, and its
 * parent is synced when it is new.
 */
static void
allow_store(struct cdp_run *run)
{
	const char *parent = cdp_arena_printf(&run->mem, "%s/..", run->store).p;

	if (!run->args.pub.dry_run && !run->args.pub.backfill)
		(void)mkdir(run->store, 0700);
	cdp_sandbox_allow(&run->sandbox, run->store,
	    run->args.pub.dry_run ? CDP_SANDBOX_READ : CDP_SANDBOX_CHANGE);
	cdp_sandbox_allow(&run->sandbox, parent, CDP_SANDBOX_LIST);
}

/* Who delivers into files alone has no use for a socket. */
static bool
needs_net(const struct cdp_run *run)
{
	const struct cdp_project *pr = run->project;
	const struct cdp_opts *o = &run->args.pub;
	bool any = false;

	for (size_t i = 0; i < pr->ndestination; i++)
		any |= pr->destination[i].via != CDP_VIA_FILE;
	return any && o->deliver && !o->dry_run && o->spool == NULL;
}

/* What names, certificates and the libraries that read them need. */
static void
allow_delivery(struct cdp_run *run)
{
	static const char *const net[] = { "/etc/resolv.conf", "/etc/hosts",
		"/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf",
		"/etc/services", "/etc/ssl", "/etc/ld.so.cache", "/usr/lib",
		"/usr/share/ca-certificates",
		"/usr/local/share/ca-certificates", "/dev/urandom" };

	cdp_sandbox_allow(&run->sandbox,
	    cdp_arena_dup(&run->mem, run->project->dir).p, CDP_SANDBOX_CHANGE);
	if (run->args.pub.spool != NULL) {
		(void)mkdir(run->args.pub.spool, 0700);
		cdp_sandbox_allow(
		    &run->sandbox, run->args.pub.spool, CDP_SANDBOX_CHANGE);
		cdp_sandbox_allow(&run->sandbox,
		    run->args.pub.spool[0] == '/' ? "/" : ".",
		    CDP_SANDBOX_LIST);
	}
	if (!run->sandbox.net)
		return;
	for (size_t i = 0; i < sizeof(net) / sizeof(*net); i++)
		cdp_sandbox_allow(&run->sandbox, net[i], CDP_SANDBOX_READ);
}

/* Where a file is: what is followed gets another name, and it a successor. */
static const char *
folder(struct cdp_run *run, const char *file)
{
	const char *slash = strrchr(file, '/');

	if (slash == NULL)
		return ".";
	return cdp_arena_printf(
	    &run->mem, "%.*s", (int)(slash - file) + 1, file)
	    .p;
}

/*
 * From here on: the store, the input, and for who delivers the project, where
 * its destinations' directories are, those of earlier versions too.
 */
static int
confine(struct cdp_run *run, struct cdp_err *err)
{
	struct cdp_sandbox *sb = &run->sandbox;
	size_t i;

	if (sb->mode == CDP_SANDBOX_OFF)
		return 0;
	cdp_sandbox_rules(sb, needs_net(run));
	if (!cdp_check_looks(run))
		allow_store(run);
	else if (run->args.pub.store != NULL)
		cdp_sandbox_allow(sb, run->store, CDP_SANDBOX_READ);
	for (i = 0; i < run->args.nfile; i++)
		cdp_sandbox_allow(sb,
		    run->args.pub.follow ? folder(run, run->args.file[i])
					 : run->args.file[i],
		    CDP_SANDBOX_READ);
	if (run->args.pub.deliver)
		allow_delivery(run);
	cdp_sandbox_allow(sb, "/usr/share/zoneinfo", CDP_SANDBOX_READ);
	return cdp_sandbox_enter(sb, err);
}

/*
 * A dry run reads the store that there was when it began, or none: one that
 * another filter makes meanwhile is closed to it.
 */
static const char *
store_to_use(const struct cdp_run *run)
{
	struct stat st;

	return run->args.pub.dry_run && stat(run->store, &st) == -1 &&
		errno == ENOENT
	    ? NULL
	    : run->store;
}

/* What is printed at the end only, is printed instead of the stream. */
static int
null_fd(void)
{
	return open("/dev/null", O_WRONLY | O_CLOEXEC);
}

static int
filter(struct cdp_run *run, struct cdp_err *err)
{
	const struct cdp_opts *o = &run->args.pub;
	struct cdp_stage_opt so = {
		.store_path = store_to_use(run),
		.dry_run = o->dry_run,
		.lock_timeout_ms = o->lock_timeout_ms,
		.memory = o->memory,
		.fingerprint = cdp_str_of(run->project->fingerprint),
		.io = run->args.unsynced ? &cdp_io_unsynced : &cdp_io_real,
		.out_fd = o->profiles ? null_fd() : STDOUT_FILENO,
		/* Nothing waits for an epoch: each state is written less often.
		 */
		.epoch_lines = o->profiles ? 1 << 18 : 0,
		.reject_arg = run,
		.reject = reject,
		.warn_arg = run,
		.warn = warn,
	};
	int rc;

	if ((rc = run->tool->start(run, &run->self, err)) != 0 ||
	    (rc = confine(run, err)) != 0)
		return rc;
	/* Fewer, bigger writes; where it is not allowed nothing is lost. */
	(void)fcntl(STDOUT_FILENO, F_SETPIPE_SZ, 1 << 20);
	run->sg = cdp_stage_new(o->spool != NULL ? run->tool->spool_ops
		: o->deliver                     ? run->tool->deliver_ops
						 : run->tool->ops,
	    run->self, &so);
	rc = cdp_run_loop(run, err);
	if (rc == 0 && close(STDOUT_FILENO) != 0)
		rc = cdp_fail(err, CDP_EIO, "cannot write standard output");
	cdp_progress_clear(&run->progress);
	if (cdp_rejects_close(&run->rejects, rc == 0 ? err : NULL) != 0 &&
	    rc == 0)
		rc = CDP_EIO;
	if (rc == 0 || rc == CDP_EEARLY)
		cdp_run_stats(run);
	return rc;
}

/* Records are looked at: there is no store, and nothing is passed. */
static int
look(struct cdp_run *run, struct cdp_err *err)
{
	const struct cdp_args *a = &run->args;
	int rc;

	rc = cdp_rejects_open(&run->rejects, run->tool->name, a->rejects,
	    a->pub.quiet || a->pub.check, err);
	if (rc != 0 || (rc = run->tool->start(run, &run->self, err)) != 0 ||
	    (rc = confine(run, err)) != 0 || (rc = cdp_run_loop(run, err)) != 0)
		return rc;
	cdp_progress_clear(&run->progress);
	if (a->pub.check) {
		run->tool->expected(run->self, run);
		run->report.records_read = true;
		run->report.failed = run->no || !few_rejects(run);
	}
	return cdp_rejects_close(&run->rejects, err);
}

static int
check(struct cdp_run *run, struct cdp_err *err)
{
	struct cdp_err other = { 0 };
	int rc, rc2;

	rc = cdp_report_open(&run->report, run->tool->name, err);
	if (rc != 0)
		return rc;
	rc = load(run, err);
	if (rc == 0 && cdp_check_looks(run))
		rc = look(run, err);
	else if (rc == 0 && run->args.nfile != 0)
		cdp_run_note(run,
		    "--check looks at the project alone; for "
		    "files of events it is cdp-ingest --check");
	run->report.failed = run->report.failed || rc != 0;
	rc2 = cdp_check_end(run, &other);
	if (rc != 0 || rc2 == 0)
		return rc;
	*err = other;
	return rc2;
}

static int
run_it(struct cdp_run *run, struct cdp_err *err)
{
	const struct cdp_args *a = &run->args;
	int rc;

	if (a->list != NULL && strcmp(a->list, "options") == 0) {
		cdp_args_list(run->tool, stdout);
		return 0;
	}
	if (a->list != NULL && !cdp_list_known(a->list))
		return cdp_fail(err, CDP_ECONF,
		    "--list wants one of %s, not '%s'", cdp_list_kinds(),
		    a->list);
	if (a->pub.check)
		return check(run, err);
	if ((run->report.nask != 0 && !a->pub.test) || a->pub.show_values)
		return cdp_fail(err, CDP_ECONF, "--%s is of --%s",
		    a->pub.show_values ? "show-values" : "report",
		    run->tool->test != NULL ? "test" : "check FILE");
	if ((rc = cdp_acts_one(run->tool, &a->pub, err)) != 0 ||
	    (rc = load(run, err)) != 0)
		return rc;
	if (a->list != NULL) {
		cdp_list_print(run->project, a->list, stdout);
		return 0;
	}
	if (cdp_questions_asked(run))
		return cdp_questions_answer(run, err);
	if (a->pub.test)
		return run->tool->test(run, err);
	if (a->pub.against != NULL)
		run->tool = run->tool->against;
	if (a->pub.backfill)
		run->tool = run->tool->backfill;
	if (a->pub.infer || a->pub.against != NULL || a->pub.backfill)
		return look(run, err);
	rc = cdp_rejects_open(
	    &run->rejects, run->tool->name, a->rejects, a->pub.quiet, err);
	return rc != 0 ? rc : filter(run, err);
}

static void
run_free(struct cdp_run *run)
{
	cdp_stage_free(run->sg);
	if (run->self != NULL && run->tool->stop != NULL)
		run->tool->stop(run->self);
	cdp_project_free(run->project);
	cdp_diags_free(&run->diags);
	cdp_rejects_free(&run->rejects);
	cdp_secrets_free(&run->env);
	cdp_report_free(&run->report);
	cdp_input_free(&run->in);
	cdp_buf_free(&run->prefix);
	cdp_buf_free(&run->stream);
	free(run->follow);
	cdp_tape_free(&run->tape);
	cdp_arena_free(&run->rec);
	cdp_arena_free(&run->mem);
}

/*
 * A file must never be opened as descriptor 0, 1 or 2, least of all one of
 * the store; a broken pipe ends a filter, whatever the parent made of it.
 */
static int
settle(struct cdp_err *err)
{
	int fd;

	signal(SIGPIPE, SIG_DFL);
	umask(077);
	if (fcntl(STDOUT_FILENO, F_GETFD) == -1)
		return cdp_fail(err, CDP_EIO, "standard output is closed");
	do {
		fd = open("/dev/null", O_WRONLY);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
	return 0;
}

static int
help(const struct cdp_tool *tool, const struct cdp_args *a)
{
	char state[64];

	if (a->help != CDP_HELP_VERSION)
		cdp_args_help(tool, a->help, stdout);
	else
		printf("%s %s\n", tool->name, CDP_VERSION);
	if (a->help == CDP_HELP_VERSION && a->pub.verbose)
		printf(
		    "sandbox: %s\n", cdp_sandbox_state(state, sizeof(state)));
	return fflush(stdout) != 0 ? CDP_EXIT_IO : CDP_EXIT_OK;
}

int
cdp_tool_main(int argc, char *argv[], const struct cdp_tool *tool)
{
	struct cdp_run run = { .tool = tool, .args.report = &run.report };
	struct cdp_err err = { 0 };
	int rc, status;

	rc = settle(&err);
	if (rc == 0)
		rc =
		    cdp_args_parse(argc, argv, tool, &run.mem, &run.args, &err);
	if (rc == 0 && run.args.help != CDP_HELP_NONE) {
		status = help(tool, &run.args);
	} else if (rc == 0 && argc == 1 && isatty(STDIN_FILENO) == 1) {
		cdp_args_help(tool, CDP_HELP_SHORT, stderr);
		status = CDP_EXIT_USAGE;
	} else {
		if (rc == 0)
			rc = run_it(&run, &err);
		status = rc == 0 ? CDP_EXIT_OK : (int)cdp_err_exit(rc);
		if (rc != 0)
			cdp_run_say(&run, "%s", err.msg);
		else if (run.no || run.left || !few_rejects(&run))
			status = CDP_EXIT_SOME;
	}
	run_free(&run);
	return status;
}
