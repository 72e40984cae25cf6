#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/store/logint.h"

bool
cdp_log_follows(struct cdp_log *log)
{
	const struct cdp_epoch *ep = &log->ep;
	struct cdp_meta m;

	if (ep->no == log->e + 1)
		return true;
	cdp_meta_start(&log->meta, cdp_buf_str(&ep->meta));
	return cdp_meta_next(&log->meta, &m) == 0 && m.kind == CDP_META_HEAD &&
	    m.e == ep->no && m.first == log->e + 1;
}

/* Whole epochs from end on.  *clean: the file ends where they do. */
static int
walk(struct cdp_log *log, bool *clean, struct cdp_err *err)
{
	struct cdp_epoch *ep = &log->ep;
	uint64_t size;
	int rc = cdp_seg_size(&log->active, &size, err);

	if (rc != 0)
		return rc;
	if (size > CDP_SEGMENT_BYTES)
		size = CDP_SEGMENT_BYTES; /* whatever stands behind it */
	for (;;) {
		rc = cdp_seg_epoch(&log->active, log->zip, log->end,
		    &log->chain, true, ep, err);
		if (rc == 0 && !cdp_log_follows(log))
			rc = CDP_EDATA;
		*clean = rc == CDP_END;
		if (rc == CDP_END || rc == CDP_EDATA)
			return 0;
		if (rc != 0)
			return rc;
		rc = cdp_log_learn(log, &log->ix, &log->active, ep, err);
		if (rc != 0)
			return rc;
		log->last_off = ep->off;
		log->end = ep->end;
		log->chain = ep->chain;
		/* As many as there were up to here, but for an eighth. */
		if (log->end < size)
			cdp_index_reserve(&log->ix,
			    log->ix.seen.n * (size / 8 * 7) / log->end);
	}
}

/*
 * Behind the last whole epoch E there may be what a writer was killed in.
 * E+2 is only begun when E+1 is durable: a good frame of it proves damage.  A
 * reader looks twice, since a writer may have been faster than its look.
 */
static int
whole_epochs(struct cdp_log *log, struct cdp_err *err)
{
	uint64_t proof, end;
	bool clean;
	int rc;

	for (;;) {
		end = log->end;
		if ((rc = walk(log, &clean, err)) != 0)
			return rc;
		if (clean)
			return 0;
		rc = cdp_seg_proof(
		    &log->active, log->end, log->e + 2, &proof, err);
		if (rc != 0)
			return rc;
		if (proof == 0)
			break;
		if (!log->readonly || end == log->end)
			return cdp_fail(err, CDP_ECORRUPT,
			    "'%s' is damaged at byte %llu: epoch %llu is not "
			    "whole but a later one follows at byte %llu",
			    log->active.name, (unsigned long long)log->end,
			    (unsigned long long)log->e + 1,
			    (unsigned long long)proof);
	}
	return 0;
}

/* The highest number of origin o that the log of stage has taken in. */
static uint64_t
reached(struct cdp_store *st, const char *stage, struct cdp_str o)
{
	struct cdp_log *log;
	struct cdp_epoch *ep;
	struct cdp_meta m;
	uint64_t n = 0;

	if (cdp_log_peek(st, stage, &log, NULL) != 0)
		return 0;
	ep = &log->ep;
	n = cdp_highs_get(&log->man.hi, o);
	if (cdp_seg_open(st->io, log->dir, log->man.seg[log->man.nseg - 1].no,
		st->uuid, false, &log->active, NULL) != 0)
		goto out;
	log->end = log->active.first;
	while (cdp_seg_epoch(&log->active, log->zip, log->end, NULL, false, ep,
		   NULL) == 0) {
		cdp_meta_start(&log->meta, cdp_buf_str(&ep->meta));
		if (cdp_meta_next(&log->meta, &m) == 0 &&
		    m.kind == CDP_META_HEAD &&
		    cdp_highs_read(&log->hi, &log->meta.tape, m.hi))
			log->end = ep->end;
		else
			break;
	}
	if (cdp_highs_get(&log->hi, o) > n)
		n = cdp_highs_get(&log->hi, o);
out:
	cdp_log_close(log);
	return n;
}

int
cdp_log_reached(
    struct cdp_log *log, uint64_t *ret, char who[256], struct cdp_err *err)
{
	const struct cdp_io *io = log->st->io;
	int fd = io->openat(
	    log->st->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	const struct dirent *e;
	uint64_t n;

	*ret = 0;
	if (d == NULL) {
		if (fd != -1)
			io->close(fd);
		return cdp_fail(err, CDP_EIO, "cannot list the store");
	}
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.' || strcmp(e->d_name, log->stage) == 0 ||
		    strcmp(e->d_name, "FORMAT") == 0 ||
		    strcmp(e->d_name, "SECRET") == 0)
			continue;
		n = reached(log->st, e->d_name, cdp_str_of(log->origin));
		if (n > *ret) {
			*ret = n;
			snprintf(who, 256, "%s", e->d_name);
		}
	}
	closedir(d);
	return 0;
}

/*
 * What another stage has read from us must be there: the one loss that no
 * checksum shows is that of a whole tail.
 */
static int
cross_check(struct cdp_log *log, struct cdp_err *err)
{
	char who[256];
	uint64_t n;
	int rc = cdp_log_reached(log, &n, who, err);

	if (rc == 0 && n > log->n)
		rc = cdp_fail(err, CDP_ECORRUPT,
		    "'%s' has read record %llu of it, but it ends at %llu: "
		    "its end was lost, or only a part of the store was "
		    "restored",
		    who, (unsigned long long)n, (unsigned long long)log->n);
	return rc;
}

int
cdp_log_recover(struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_settle how = { 0 };
	int rc = 0;

	if (!log->readonly)
		rc = cdp_log_mend(log, &how, err);
	if (rc == 0)
		rc = whole_epochs(log, err);
	if (rc != 0 || log->readonly)
		return rc;
	rc = cross_check(log, err);
	return rc != 0 ? rc : cdp_log_settle(log, &how, err);
}
