#include "lib/tool/standing.h"

#include <stdio.h>

#include "lib/audience/explain.h"
#include "lib/audience/roll.h"
#include "lib/profile/net.h"
#include "lib/profile/people.h"
#include "lib/profile/shown.h"
#include "lib/store/history.h"
#include "lib/store/manifest.h"
#include "lib/tool/say.h"
#include "lib/tool/whom.h"

struct asking {
	struct cdp_run *run;
	struct cdp_store *st;
	struct cdp_log *log;   /* of cdp-audience */
	struct cdp_log *merge; /* of cdp-merge, or NULL */
	struct cdp_arena mem;
	struct cdp_buf b;
};

/* ---- how many, and who ---- */

/* Time alone may change what is answered of the future. */
static void
tell_end(struct asking *q, int64_t ms)
{
	char at[CDP_TIME_SIZE];

	if (ms == CDP_TIME_NONE || q->run->args.pub.quiet)
		return;
	cdp_time_format(ms, at);
	cdp_run_say(q->run,
	    "note: the store has come as far as %s: so it stood then", at);
}

static int
roll(struct asking *q, struct cdp_err *err)
{
	const struct cdp_opts *o = &q->run->args.pub;
	const struct cdp_project *pr = q->run->project;
	struct cdp_bygone past = { 0 }, *then = o->past ? &past : NULL;
	struct cdp_str key = CDP_STR("");
	size_t i = 0;
	int rc = 0;

	if (o->members != NULL) {
		key = cdp_str_of(o->members);
		rc = cdp_roll_find(pr, key, &i, err);
	}
	if (rc == 0 && o->past)
		rc = cdp_bygone_read(&past, q->log, o->as_of_ms, key, err);
	if (rc == 0 && o->past && past.last_ms < o->as_of_ms)
		tell_end(q, past.last_ms);
	if (rc == 0 && o->members != NULL)
		rc = cdp_roll_members(
		    q->log, pr, then, i, cdp_say_line, NULL, err);
	else if (rc == 0)
		rc = cdp_roll_sizes(q->log, pr, then, &q->b, err);
	cdp_bygone_free(&past);
	return rc;
}

/* ---- why ---- */

/* The profile as cdp-audience has seen it: cdp-merge may be ahead of it. */
static int
seen(struct asking *q, struct cdp_str id, struct cdp_buf *profile,
    struct cdp_err *err)
{
	uint64_t upto =
	    cdp_highs_get(cdp_log_position(q->log), cdp_log_origin(q->merge));
	bool ahead = false;
	int64_t now;
	int rc = 0;

	if (upto != 0)
		rc = cdp_shown_at(q->merge, id, upto, &ahead, profile, err);
	if (rc == 0 && !ahead)
		rc = cdp_people_view(
		    q->run->project, q->merge, id, profile, &now, err);
	return rc;
}

/* Whom cdp-merge knows by that name, and how that profile stands. */
static int
who(struct asking *q, struct cdp_explained *e, struct cdp_buf *profile,
    struct cdp_err *err)
{
	struct cdp_net net;
	size_t at;
	int rc;

	if (q->merge == NULL)
		return cdp_str_starts(e->id, CDP_STR("p_")) ? 0 : CDP_END;
	rc = cdp_net_find(
	    q->merge, q->run->project, e->id, &q->mem, &net, &at, err);
	if (rc == 0) {
		e->id = net.profile;
		rc = seen(q, e->id, profile, err);
	} else if (rc == CDP_END && cdp_str_starts(e->id, CDP_STR("p_"))) {
		rc = 0;
	}
	e->profile = cdp_buf_str(profile);
	return rc;
}

static int
why(struct asking *q, struct cdp_err *err)
{
	struct cdp_run *run = q->run;
	struct cdp_explained e = {
		.id = cdp_str_of(run->args.pub.explain),
		.key = run->args.file,
		.nkey = run->args.nfile,
	};
	struct cdp_audiences *au = cdp_audiences_new(run->project);
	struct cdp_buf profile = { 0 };
	int rc = who(q, &e, &profile, err);

	if (rc == 0)
		rc = cdp_audiences_ops.open(au, q->log, err);
	if (rc == 0)
		rc = cdp_audiences_explain(au, &e, &q->b, err);
	if (rc == CDP_END) {
		run->no = true;
		cdp_whom_unknown(run->tool->name, run->project,
		    cdp_str_of(run->args.pub.explain));
		rc = 0;
	}
	cdp_buf_free(&profile);
	cdp_audiences_free(au);
	return rc;
}

/* ---- either ---- */

static int
open_logs(struct asking *q, struct cdp_err *err)
{
	struct cdp_log_opt opt = { .stage = "audience", .readonly = true };
	const char *path = q->run->store;
	int rc;

	rc = cdp_store_open(&cdp_io_real, path, CDP_STORE_READ, &q->st, err);
	if (rc == 0)
		rc = cdp_log_open(q->st, &opt, &q->log, err);
	if (rc == CDP_END)
		rc = cdp_fail(err, CDP_ECONF,
		    "cdp-audience has kept nothing in a store at '%s'", path);
	opt.stage = "merge";
	if (rc == 0)
		rc = cdp_log_open(q->st, &opt, &q->merge, err);
	return rc == CDP_END ? 0 : rc;
}

static int
choose(const struct cdp_run *run, struct cdp_err *err)
{
	const struct cdp_opts *o = &run->args.pub;

	if (o->explain == NULL && run->args.nfile != 0)
		return cdp_fail(err, CDP_ECONF,
		    "no file is read for an answer: '%s'", run->args.file[0]);
	return 0;
}

int
cdp_standing_ask(struct cdp_run *run, struct cdp_err *err)
{
	struct asking q = { .run = run };
	int rc = choose(run, err);

	if (rc == 0)
		rc = open_logs(&q, err);
	if (rc == 0)
		rc = run->args.pub.explain != NULL ? why(&q, err)
						   : roll(&q, err);
	if (rc == 0 && q.b.n != 0)
		fwrite(q.b.p, 1, q.b.n, stdout);
	if (rc == 0 && fflush(stdout) != 0)
		rc = cdp_fail(err, CDP_EIO, "cannot write standard output");
	cdp_buf_free(&q.b);
	cdp_arena_free(&q.mem);
	cdp_log_close(q.merge);
	cdp_log_close(q.log);
	cdp_store_close(q.st);
	return rc;
}
