#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/store/logint.h"
#include "lib/store/sealed.h"

#define OPEN_TRIES 10 /* a reader between a MANIFEST and its segments */

int
cdp_log_fault(const struct cdp_log *log, int rc, struct cdp_err *err)
{
	struct cdp_err was;

	if (rc >= 0 || err == NULL)
		return rc;
	was = *err;
	errno = 0;
	return cdp_fail(err, rc, "store '%s', log '%s': %s", log->st->path,
	    log->stage, was.msg);
}

struct cdp_log *
cdp_log_new(struct cdp_store *st, const struct cdp_log_opt *opt)
{
	struct cdp_log *log = cdp_xcalloc(1, sizeof(*log));
	size_t n = strlen(st->id) + strlen(opt->stage) + 2;

	log->st = st;
	log->stage = cdp_xstrdup(opt->stage);
	log->origin = cdp_xmalloc(n);
	snprintf(log->origin, n, "%s.%s", st->id, opt->stage);
	log->readonly = opt->readonly;
	log->fingerprint = opt->fingerprint;
	log->segment_bytes =
	    opt->segment_bytes != 0 ? opt->segment_bytes : CDP_SEGMENT_BYTES;
	log->dir = log->lock = log->active.fd = -1;
	log->t_ms = log->man.t_ms = CDP_TIME_NONE;
	log->frames.max_bytes = st->memory / CDP_FRAMES_SHARE;
	log->zip = cdp_zip_new();
	log->under_way.zip = cdp_zip_new();
	return log;
}

void
cdp_log_close(struct cdp_log *log)
{
	const struct cdp_io *io;

	if (log == NULL)
		return;
	io = log->st->io;
	cdp_aside_free(log->aside);
	log->dead |= log->under_way.busy; /* nobody knows what became of it */
	cdp_log_sure(log);
	cdp_log_sealed_drop(log);
	cdp_seg_close(&log->active);
	if (log->lock != -1)
		io->close(log->lock);
	if (log->dir != -1)
		io->close(log->dir);
	cdp_manifest_free(&log->man);
	cdp_index_free(&log->ix);
	cdp_highs_free(&log->hi);
	cdp_gather_free(&log->g);
	cdp_batch_free(&log->under_way);
	cdp_zip_free(log->zip);
	cdp_epoch_free(&log->ep);
	cdp_meta_free(&log->meta);
	cdp_decoded_free(&log->dec);
	cdp_frames_drop(&log->frames);
	cdp_buf_free(&log->pending.key);
	cdp_buf_free(&log->tmp);
	cdp_buf_free(&log->work);
	free(log->stage);
	free(log->origin);
	free(log);
}

struct cdp_str
cdp_log_fingerprint(const struct cdp_log *log)
{
	return cdp_str_of(log->cfg);
}

struct cdp_str
cdp_log_origin(const struct cdp_log *log)
{
	return cdp_str_of(log->origin);
}

const char *
cdp_log_path(const struct cdp_log *log)
{
	return log->st->path;
}

void
cdp_log_hmac(const struct cdp_log *log, struct cdp_str text, char ret[65])
{
	static const uint8_t known[CDP_SECRET_SIZE];

	cdp_hash_hmac(log != NULL ? log->st->secret : known, text, ret);
}

uint64_t
cdp_log_last(const struct cdp_log *log)
{
	return log->n;
}

bool
cdp_log_is_new(const struct cdp_log *log)
{
	return log->e == 0;
}

uint64_t
cdp_log_next(const struct cdp_log *log)
{
	return log->next_n;
}

/* ---- the folder ---- */

static int
open_dir(struct cdp_log *log, struct cdp_err *err)
{
	const struct cdp_io *io = log->st->io;

	if (!log->readonly &&
	    io->mkdirat(log->st->dir, log->stage, 0700) == 0) {
		if (io->fsync(log->st->dir) != 0)
			return cdp_fail(err, CDP_EIO, "cannot sync the store");
	} else if (!log->readonly && errno != EEXIST)
		return cdp_fail(err, CDP_EIO, "cannot make the folder");
	log->dir = io->openat(log->st->dir, log->stage,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW, 0);
	if (log->dir == -1)
		return errno == ENOENT
		    ? CDP_END
		    : cdp_fail(err, CDP_EIO, "cannot open the folder");
	return 0;
}

static int
take_lock(struct cdp_log *log, int timeout_ms, struct cdp_err *err)
{
	const struct cdp_io *io = log->st->io;
	int rc;

	log->lock = io->openat(
	    log->dir, "LOCK", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (log->lock == -1)
		return cdp_fail(err, CDP_EIO, "cannot open 'LOCK'");
	rc = cdp_io_lock(io, log->lock, timeout_ms, err);
	if (rc == CDP_ELOCKED)
		rc = cdp_fail(err, rc, "another process is writing to it");
	return rc;
}

static bool
is_live(const struct cdp_log *log, const char *name)
{
	unsigned long long no;
	char ext[4] = "", again[32];
	size_t i;

	if (sscanf(name, "%10llu.%3s", &no, ext) != 2)
		return false;
	snprintf(again, sizeof(again), "%010llu.%s", no, ext);
	if (strcmp(name, again) != 0)
		return false;
	for (i = 0; i < log->man.nseg; i++)
		if (log->man.seg[i].no == no)
			return strcmp(ext, "seg") == 0 ||
			    (strcmp(ext, "idx") == 0 &&
				log->man.seg[i].size != 0);
	return false;
}

static bool
ends_in(const char *name, const char *ext)
{
	size_t n = strlen(name), k = strlen(ext);

	return n > k && strcmp(name + n - k, ext) == 0;
}

int
cdp_log_rewriter(
    struct cdp_log *log, int timeout_ms, int *ret, struct cdp_err *err)
{
	const struct cdp_io *io = log->st->io;
	int fd = io->openat(log->dir, "REWRITE",
	    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int rc;

	if (fd == -1)
		return cdp_fail(err, CDP_EIO, "cannot open 'REWRITE'");
	rc = cdp_io_lock(io, fd, timeout_ms, err);
	if (rc == 0)
		*ret = fd;
	else
		io->close(fd);
	return rc;
}

static int
sweep_files(struct cdp_log *log, struct cdp_err *err)
{
	const struct cdp_io *io = log->st->io;
	int fd =
	    io->openat(log->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	const struct dirent *e;
	int rc = 0;

	if (d == NULL) {
		if (fd != -1)
			io->close(fd);
		return cdp_fail(err, CDP_EIO, "cannot list the folder");
	}
	while (rc == 0 && (e = readdir(d)) != NULL) {
		if (!ends_in(e->d_name, ".tmp") &&
		    !ends_in(e->d_name, ".seg") && !ends_in(e->d_name, ".idx"))
			continue;
		if (!is_live(log, e->d_name) &&
		    io->unlinkat(log->dir, e->d_name, 0) != 0 &&
		    errno != ENOENT)
			rc = cdp_fail(
			    err, CDP_EIO, "cannot remove '%s'", e->d_name);
	}
	closedir(d);
	return rc;
}

/*
 * What a killed writer left: only files of our own names, and only when no
 * compaction is at work, whose files nothing names yet.
 */
static int
sweep(struct cdp_log *log, struct cdp_err *err)
{
	int fd, rc = cdp_log_rewriter(log, 0, &fd, err);

	if (rc != 0)
		return rc == CDP_ELOCKED ? 0 : rc;
	rc = sweep_files(log, err);
	log->st->io->close(fd);
	return rc;
}

/* ---- a new log ---- */

/*
 * Without a MANIFEST there may be the empty segment of a start that was
 * killed; one with something in it has lost its MANIFEST.
 */
static int
start_log(struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_manifest m = { .gen = 1, .t_ms = CDP_TIME_NONE };
	struct cdp_seg_head head;
	struct cdp_seg old;
	struct cdp_manifest_seg *ms;
	uint64_t size = 0;
	int rc;

	old = (struct cdp_seg){ .io = log->st->io, .name = "0000000001.seg" };
	old.fd = old.io->openat(
	    log->dir, old.name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0);
	if (old.fd != -1) {
		rc = cdp_seg_size(&old, &size, err);
		cdp_seg_close(&old);
		if (rc != 0)
			return rc;
	}
	if (size > CDP_SEG_HEAD)
		return cdp_fail(err, CDP_ECORRUPT, "'MANIFEST' is missing");
	if ((rc = cdp_log_head(log, 1, &head, err)) != 0 ||
	    (rc = cdp_seg_create(log->st->io, log->dir, &head,
		 (struct cdp_str){ 0 }, &old, err)) != 0)
		return rc;
	cdp_seg_close(&old);
	ms = cdp_manifest_add(&m);
	ms->no = 1;
	ms->epoch = 1;
	rc = cdp_manifest_write(log->st->io, log->dir, &m, err);
	if (rc == 0)
		log->man = m;
	else
		cdp_manifest_free(&m);
	return rc;
}

/* ---- opening ---- */

static void
copy_highs(struct cdp_highs *to, const struct cdp_highs *from)
{
	size_t i;

	for (i = 0; i < from->n; i++)
		cdp_highs_raise(to, cdp_str_of(from->v[i].o), from->v[i].n);
}

int
cdp_log_sealed_all(struct cdp_log *log, struct cdp_err *err)
{
	const struct cdp_manifest_seg *ms;
	size_t i, n = log->man.nseg - 1;
	int rc;

	log->e = log->q = log->n = 0;
	log->sealed = cdp_xcalloc(n + 1, sizeof(*log->sealed));
	for (i = 0; i < n; i++) {
		ms = &log->man.seg[i];
		if ((rc = cdp_sealed_open(log, i, err)) != 0)
			return rc;
		log->nsealed++;
		log->e = ms->last;
		log->q = ms->q;
		log->n = ms->nrec;
	}
	return 0;
}

/* All segments that MANIFEST names.  CDP_END: one is gone (a reader's race). */
static int
open_segments(struct cdp_log *log, struct cdp_err *err)
{
	int rc = cdp_log_sealed_all(log, err);

	if (rc != 0)
		return rc;
	log->t_ms = log->man.t_ms;
	memcpy(log->cfg, log->man.cfg, sizeof(log->cfg));
	copy_highs(&log->hi, &log->man.hi);
	rc = cdp_seg_open(log->st->io, log->dir,
	    log->man.seg[log->man.nseg - 1].no, log->st->uuid, !log->readonly,
	    &log->active, err);
	if (rc != 0)
		return rc;
	log->end = log->active.first;
	log->chain = log->active.head.hcrc;
	return 0;
}

void
cdp_log_sealed_drop(struct cdp_log *log)
{
	size_t i;

	for (i = 0; i < log->nsealed; i++) {
		cdp_seg_close(&log->sealed[i].seg);
		cdp_idx_close(&log->sealed[i].idx);
	}
	free(log->sealed);
	log->sealed = NULL;
	log->nsealed = 0;
}

static void
drop_segments(struct cdp_log *log)
{
	cdp_log_sealed_drop(log);
	cdp_seg_close(&log->active);
	cdp_manifest_free(&log->man);
	cdp_highs_free(&log->hi);
	log->e = log->q = log->n = 0;
}

static int
open_files(struct cdp_log *log, struct cdp_err *err)
{
	size_t tries;
	int rc;

	for (tries = 0;; tries++) {
		rc = cdp_manifest_read(log->st->io, log->dir, &log->man, err);
		if (rc == CDP_END && !log->readonly)
			rc = start_log(log, err);
		if (rc != 0)
			return rc;
		if (!log->readonly && (rc = sweep(log, err)) != 0)
			return rc;
		if ((rc = open_segments(log, err)) != CDP_END)
			return rc;
		if (!log->readonly || tries == OPEN_TRIES)
			return cdp_fail(err, CDP_ECORRUPT,
			    "a segment that 'MANIFEST' names is missing");
		drop_segments(log);
	}
}

int
cdp_log_open(struct cdp_store *st, const struct cdp_log_opt *opt,
    struct cdp_log **ret, struct cdp_err *err)
{
	struct cdp_log *log = cdp_log_new(st, opt);
	int rc;

	if ((rc = open_dir(log, err)) != 0)
		goto out;
	if (!log->readonly &&
	    (rc = take_lock(log, opt->lock_timeout_ms, err)) != 0)
		goto out;
	if ((rc = open_files(log, err)) != 0 ||
	    (rc = cdp_log_recover(log, err)) != 0)
		goto out;
	log->sure = !log->readonly;
	log->next_n = log->n + 1;
	*ret = log;
	log = NULL;
out:
	if (log != NULL)
		rc = cdp_log_fault(log, rc, err);
	cdp_log_close(log);
	return rc;
}

int
cdp_log_folder(struct cdp_store *st, const char *stage, bool lock,
    struct cdp_log **ret, struct cdp_err *err)
{
	struct cdp_log_opt opt = { .stage = stage, .readonly = true };
	struct cdp_log *log = cdp_log_new(st, &opt);
	int rc = open_dir(log, err);

	if (rc == 0 && lock)
		rc = take_lock(log, 0, err);
	if (rc == 0) {
		*ret = log;
		return 0;
	}
	rc = cdp_log_fault(log, rc, err);
	cdp_log_close(log);
	return rc;
}

int
cdp_log_peek(struct cdp_store *st, const char *stage, struct cdp_log **ret,
    struct cdp_err *err)
{
	struct cdp_log *log;
	int rc = cdp_log_folder(st, stage, false, &log, err);

	if (rc != 0)
		return rc;
	rc = cdp_manifest_read(st->io, log->dir, &log->man, err);
	if (rc == 0) {
		*ret = log;
		return 0;
	}
	rc = cdp_log_fault(log, rc, err);
	cdp_log_close(log);
	return rc;
}
