#include <errno.h>
#include <stdio.h>
#include <sys/file.h>

#include "lib/store/logint.h"

/*
 * The MANIFEST of a log is replaced by its writer, who holds LOCK, and by a
 * compaction, which need not: the lock on the folder keeps them apart.
 */

void
cdp_log_man_unlock(struct cdp_log *log)
{
	log->st->io->flock(log->dir, LOCK_UN);
}

static int
lock_dir(struct cdp_log *log, struct cdp_manifest *ret, struct cdp_err *err)
{
	int rc = cdp_io_lock(log->st->io, log->dir, -1, err);

	if (rc != 0)
		return rc;
	rc = cdp_manifest_read(log->st->io, log->dir, ret, err);
	if (rc == CDP_END)
		rc = cdp_fail(err, CDP_ECORRUPT, "'MANIFEST' is missing");
	if (rc != 0)
		cdp_log_man_unlock(log);
	return rc;
}

/* The sealed segments that a compaction has left, instead of those we know. */
static int
adopt(struct cdp_log *log, struct cdp_manifest *m, struct cdp_err *err)
{
	struct cdp_log was = *log;
	int rc;

	if (m->seg[m->nseg - 1].no != log->active.head.no)
		return cdp_fail(
		    err, CDP_ECORRUPT, "'MANIFEST' names another segment");
	cdp_log_sealed_drop(log);
	cdp_manifest_free(&log->man);
	log->man = *m;
	*m = (struct cdp_manifest){ 0 };
	rc = cdp_log_sealed_all(log, err);
	log->dec.off = 0;
	cdp_frames_drop(&log->frames);
	log->pending.next_ms = INT64_MIN;
	log->e = was.e;
	log->q = was.q;
	log->n = was.n;
	memcpy(log->cfg, was.cfg, sizeof(log->cfg));
	if (rc == CDP_END)
		rc = cdp_fail(err, CDP_ECORRUPT,
		    "a segment that 'MANIFEST' names is missing");
	return rc;
}

int
cdp_log_man_lock(struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_manifest m = { 0 };
	int rc = lock_dir(log, &m, err);

	if (rc != 0)
		return rc;
	if (m.gen != log->man.gen && (rc = adopt(log, &m, err)) != 0)
		cdp_log_man_unlock(log);
	cdp_manifest_free(&m);
	return rc;
}

/* Whether m still begins with the segments that were read. */
static bool
same_start(const struct cdp_log *log, const struct cdp_manifest *m)
{
	size_t i;

	if (m->nseg <= log->nsealed)
		return false;
	for (i = 0; i < log->nsealed; i++)
		if (m->seg[i].no != log->man.seg[i].no)
			return false;
	return true;
}

static int
replace(struct cdp_log *log, const struct cdp_manifest *m,
    const struct cdp_manifest_seg *seg, size_t n, struct cdp_err *err)
{
	struct cdp_manifest next = *m;
	size_t i;
	int rc;

	next.gen++;
	next.seg = NULL;
	next.nseg = 0;
	for (i = 0; i < n; i++)
		*cdp_manifest_add(&next) = seg[i];
	for (i = log->nsealed; i < m->nseg; i++)
		*cdp_manifest_add(&next) = m->seg[i];
	rc = cdp_manifest_write(log->st->io, log->dir, &next, err);
	next.hi = (struct cdp_highs){ 0 }; /* m's */
	cdp_manifest_free(&next);
	return rc;
}

/* Readers keep what they have opened. */
static int
remove_old(struct cdp_log *log, struct cdp_err *err)
{
	static const char *const ext[] = { "seg", "idx" };
	const struct cdp_io *io = log->st->io;
	char name[24];
	size_t i, k;

	for (i = 0; i < log->nsealed; i++)
		for (k = 0; k < 2; k++) {
			snprintf(name, sizeof(name), "%.10s.%s",
			    log->sealed[i].seg.name, ext[k]);
			if (io->unlinkat(log->dir, name, 0) != 0 &&
			    errno != ENOENT)
				return cdp_fail(
				    err, CDP_EIO, "cannot remove '%s'", name);
		}
	if (io->fsync(log->dir) != 0)
		return cdp_fail(err, CDP_EIO, "cannot sync the folder");
	return 0;
}

int
cdp_log_swap(struct cdp_log *log, const struct cdp_manifest_seg *seg, size_t n,
    struct cdp_err *err)
{
	struct cdp_manifest m = { 0 };
	int rc = lock_dir(log, &m, err);

	if (rc != 0)
		return rc;
	if (!same_start(log, &m))
		rc = cdp_fail(err, CDP_ELOCKED,
		    "it was compacted by another process meanwhile");
	else
		rc = replace(log, &m, seg, n, err);
	cdp_log_man_unlock(log);
	cdp_manifest_free(&m);
	if (rc != 0)
		return rc;
	if ((rc = remove_old(log, err)) != 0 || log->readonly)
		return rc;
	rc = cdp_log_man_lock(log, err);
	if (rc == 0)
		cdp_log_man_unlock(log);
	return rc;
}
