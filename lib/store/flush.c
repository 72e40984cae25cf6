#include "lib/store/stageint.h"

/* Lines that wait for nothing: so many bytes are still at hand. */
#define PRINT_BYTES ((size_t)256 << 10)

/*
 * Whoever reads what is printed waits for the first epoch, and has nothing to
 * do until then: so it is of few lines, and each that follows of four times as
 * many, up to those of all others.
 */
#define FIRST_LINES ((size_t)512)

static size_t
epoch_lines(const struct cdp_stage *sg)
{
	size_t n = sg->nepoch < 8 ? FIRST_LINES << 2 * sg->nepoch : SIZE_MAX;

	return sg->queue.n != 0 && n < sg->opt.epoch_lines
	    ? n
	    : sg->opt.epoch_lines;
}

static bool
is_full(const struct cdp_stage *sg)
{
	bool waits = sg->writing &&
	    (sg->dirty || sg->under_way || sg->ops->committed != NULL);
	size_t n = 0;

	if (sg->queue.n >= sg->opt.epoch_bytes ||
	    (!waits && sg->queue.n >= PRINT_BYTES))
		return true;
	return sg->writing &&
	    (cdp_log_gathered(sg->log, &n) >= sg->opt.epoch_bytes ||
		n >= epoch_lines(sg));
}

static int
print(struct cdp_stage *sg, struct cdp_buf *lines, struct cdp_err *err)
{
	int rc = cdp_io_write_all(
	    sg->opt.io, sg->opt.out_fd, lines->p, lines->n, err);

	if (rc != 0)
		return cdp_fail(err, rc, "cannot write standard output");
	cdp_buf_reset(lines);
	return 0;
}

/* Wait for the epoch that is under way, and what it caused to be printed. */
static int
land(struct cdp_stage *sg, struct cdp_err *err)
{
	int rc;

	if (!sg->under_way)
		return 0;
	sg->under_way = false;
	rc = cdp_log_finish(sg->log, err);
	if (rc == 0 && sg->begun_rc != 0) {
		*err = sg->begun_err;
		rc = sg->begun_rc;
	}
	return rc;
}

/* The epoch that was under way is durable. */
static void
print_begun(void *arg)
{
	struct cdp_stage *sg = arg;

	sg->begun_rc = print(sg, &sg->begun, &sg->begun_err);
}

static int
save(struct cdp_stage *sg, struct cdp_err *err)
{
	sg->dirty = false;
	return sg->ops->save == NULL ? 0
				     : sg->ops->save(sg->self, sg->log, err);
}

/*
 * Let the epoch that is full go, and gather the next one meanwhile.  Its
 * lines are printed when it is durable, not before; and beside the gathering,
 * too, as they are more than a pipe holds, and whoever reads them takes time.
 */
static int
launch(struct cdp_stage *sg, struct cdp_err *err)
{
	struct cdp_buf empty;
	int rc = land(sg, err);

	if (rc != 0 || (rc = save(sg, err)) != 0)
		return rc;
	empty = sg->begun;
	sg->begun = sg->queue;
	sg->queue = empty;
	rc = cdp_log_begin(sg->log, print_begun, sg, err);
	sg->under_way = rc == 0;
	sg->nepoch++;
	return rc;
}

int
cdp_stage_pace(struct cdp_stage *sg, struct cdp_err *err)
{
	int rc = 0;

	if (sg->under_way && !cdp_stage_busy(sg))
		rc = land(sg, err);
	if (rc != 0 || !is_full(sg))
		return rc;
	/* What follows an epoch by hand must not meet lines of the next. */
	if (!sg->writing || !sg->dirty || sg->ops->committed != NULL)
		return cdp_stage_flush(sg, err);
	return launch(sg, err);
}

int
cdp_stage_begin(struct cdp_stage *sg, struct cdp_err *err)
{
	return sg->writing && sg->dirty ? launch(sg, err) : 0;
}

bool
cdp_stage_busy(const struct cdp_stage *sg)
{
	return sg->under_way && cdp_log_begun(sg->log);
}

int
cdp_stage_flush(struct cdp_stage *sg, struct cdp_err *err)
{
	int rc = land(sg, err);

	if (rc == 0 && sg->writing && sg->dirty) {
		rc = save(sg, err);
		if (rc == 0)
			rc = cdp_log_commit(sg->log, err);
	}
	if (rc == 0 && sg->writing && sg->ops->committed != NULL)
		rc = sg->ops->committed(sg->self, err);
	if (rc == 0)
		rc = print(sg, &sg->queue, err);
	sg->dirty = false;
	return rc;
}

int
cdp_stage_end(struct cdp_stage *sg, struct cdp_err *err)
{
	int rc = cdp_stage_flush(sg, err);

	if (rc != 0)
		return rc;
	cdp_stretch_end(&sg->seen);
	cdp_stretch_save(&sg->seen);
	cdp_buf_printf(&sg->queue, "{\"type\":\"end\",%s\"lines\":%llu}}\n",
	    sg->member.p, (unsigned long long)sg->stats.out);
	return print(sg, &sg->queue, err);
}
