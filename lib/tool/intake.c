#include "lib/tool/intake.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/ingest/ingest.h"

/* The clock on the wall of one run. */
static int64_t wall_ms;

static int64_t
wall(void)
{
	return wall_ms;
}

static int
make(struct cdp_project *pr, int64_t until_ms, struct cdp_ingest **ret,
    struct cdp_err *err)
{
	struct cdp_ingest_opt opt = {
		.plan = &pr->plan,
		.identity = &pr->identity,
		.limits = &pr->limits,
		.lateness_ms = pr->lateness_ms,
		.tick_ms = pr->tick_ms,
		.ahead_ms = pr->ahead_ms,
		.source = CDP_STR("default"),
		.fingerprint = cdp_str_of(pr->fingerprint),
		.until_ms = until_ms,
		.wall = wall,
	};
	int rc = 0;

	if (pr->transforms.n != 0)
		rc = cdp_transformer_new(&pr->transforms, pr->jq, CDP_STR("{}"),
		    &opt.transformer, err);
	if (rc == 0)
		*ret = cdp_ingest_new(&opt);
	return rc;
}

/* Until it comes time goes on: what is due by then is let go. */
static int
take(struct cdp_ingest *ig, struct cdp_stage *sg,
    const struct cdp_intake_line *l, const struct cdp_stage_opt *opt,
    struct cdp_err *err)
{
	struct cdp_arena mem = { 0 };
	struct cdp_tape tape = { 0 };
	struct cdp_line ln = { .raw = l->json };
	int wake, rc = 0;

	if (wall_ms < l->comes_ms && wall_ms != INT64_MIN) {
		wall_ms = l->comes_ms;
		rc = cdp_ingest_idle(ig, sg, &wake, err);
	}
	wall_ms = l->comes_ms;
	if (rc == 0)
		rc = cdp_line_parse(l->json, 1, &tape, &mem, &ln, err);
	if (rc == 0)
		rc = cdp_ingest_line(ig, sg, &ln, err);
	if (rc == CDP_EDATA) {
		opt->reject(opt->reject_arg, &ln, err->rule,
		    cdp_str_of(err->field), cdp_str_of(err->msg));
		rc = 0;
	}
	cdp_tape_free(&tape);
	cdp_arena_free(&mem);
	return rc == 0 ? cdp_stage_pace(sg, err) : rc;
}

static int
read_back(int fd, struct cdp_buf *ret, struct cdp_err *err)
{
	off_t n = lseek(fd, 0, SEEK_END);
	char *p = n > 0 ? cdp_buf_room(ret, (size_t)n) : NULL;

	if (n < 0 || (n > 0 && pread(fd, p, (size_t)n, 0) != n))
		return cdp_fail(err, CDP_EIO, "cannot read what was ingested");
	ret->n += (size_t)n;
	return 0;
}

int
cdp_intake_run(struct cdp_project *pr, const struct cdp_intake_line *v,
    size_t n, int64_t until_ms, const struct cdp_stage_opt *reject,
    struct cdp_buf *ret, struct cdp_err *err)
{
	struct cdp_stage_opt opt = *reject;
	struct cdp_ingest *ig = NULL;
	struct cdp_stage *sg;
	int rc, fd = memfd_create("ingested", MFD_CLOEXEC);

	if (fd == -1)
		return cdp_fail(err, CDP_EIO, "no memory to ingest into");
	opt.io = &cdp_io_real;
	opt.out_fd = fd;
	wall_ms = INT64_MIN;
	if ((rc = make(pr, until_ms, &ig, err)) == 0) {
		sg = cdp_stage_new(&cdp_ingest_ops, ig, &opt);
		for (size_t i = 0; rc == 0 && i < n; i++)
			rc = take(ig, sg, &v[i], &opt, err);
		if (rc == 0)
			rc = cdp_ingest_finish(ig, sg, err);
		if (rc == 0)
			rc = cdp_stage_flush(sg, err);
		cdp_stage_free(sg);
		cdp_ingest_free(ig);
	}
	if (rc == 0)
		rc = read_back(fd, ret, err);
	close(fd);
	return rc;
}
