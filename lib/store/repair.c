#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/json/write.h"
#include "lib/store/logint.h"
#include "lib/store/repair.h"

#define LOST "lost" /* no origin: those have a dot */

struct repair {
	struct cdp_log *from, *to; /* to: only its end, its segment, its zip */
	void (*fn)(void *arg, const char *msg);
	void *arg;
	struct cdp_repair_stats *st;
	struct cdp_buf raw, out;
};

static void tell(struct repair *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
tell(struct repair *r, const char *fmt, ...)
{
	char msg[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	if (r->fn != NULL)
		r->fn(r->arg, msg);
}

/* ---- writing ---- */

/* One frame behind what is written. */
static int
put_frame(struct repair *r, struct cdp_frame_head h, struct cdp_str raw,
    struct cdp_err *err)
{
	struct cdp_log *to = r->to;
	int rc;

	h.off = to->end;
	h.chain = to->chain;
	h.salt = to->active.head.salt;
	h.flags &= CDP_FRAME_LAST;
	cdp_buf_reset(&r->out);
	if ((rc = cdp_zip_frame(to->zip, &h, raw, NULL, &r->out, err)) != 0 ||
	    (rc = cdp_seg_write(
		 &to->active, r->out.p, r->out.n, to->end, err)) != 0)
		return rc;
	to->end += r->out.n;
	to->chain = h.hcrc;
	return 0;
}

/* An epoch in the place of a lost one, with its inputs and records. */
static int
put_filler(
    struct repair *r, uint64_t ninput, uint64_t nrec, struct cdp_err *err)
{
	struct cdp_log *to = r->to;
	struct cdp_frame_head h = {
		.section = CDP_SECT_META, .epoch = to->e + 1, .records = 1
	};
	struct cdp_buf meta = { 0 }, outs = { 0 };
	uint64_t i, first = nrec > ninput ? nrec - ninput + 1 : 1;
	int rc;

	cdp_buf_printf(&meta, "{\"e\":%llu,\"cfg\":\"\",\"q\":%llu,",
	    (unsigned long long)h.epoch, (unsigned long long)to->q + 1);
	cdp_buf_printf(
	    &meta, "\"n\":%llu,\"hi\":{}}\n", (unsigned long long)to->n + 1);
	if (ninput != 0) {
		cdp_meta_in(&meta, CDP_STR(LOST), to->q + 1, to->q + ninput);
		h.records++;
	}
	if (ninput != 0 && nrec < ninput) {
		cdp_meta_out(&meta, 0, ninput - nrec - 1, 0);
		h.records++;
	} else if (first > 1) {
		cdp_meta_out(&meta, 0, 0, first);
		h.records++;
		for (i = 0; i < first; i++)
			cdp_out_line(
			    &outs, 0, CDP_REC_PASS, (struct cdp_str){ 0 });
	}
	h.flags = outs.n == 0 ? CDP_FRAME_LAST : 0;
	rc = put_frame(r, h, cdp_buf_str(&meta), err);
	if (rc == 0 && outs.n != 0) {
		h.section = CDP_SECT_OUTS;
		h.flags = CDP_FRAME_LAST;
		h.records = (uint32_t)first;
		rc = put_frame(r, h, cdp_buf_str(&outs), err);
	}
	to->e++;
	to->q += ninput;
	to->n += nrec;
	cdp_buf_free(&meta);
	cdp_buf_free(&outs);
	return rc;
}

/*
 * Epochs up to e, inputs up to q and records up to n are lost: spread over
 * the lost epochs, so that none is larger than a reader takes.
 */
static int
lose(struct repair *r, uint64_t e, uint64_t q, uint64_t n, const char *where,
    struct cdp_err *err)
{
	struct cdp_log *to = r->to;
	uint64_t k, ninput, nrec;
	int rc = 0;

	if (e <= to->e || q < to->q || n < to->n || (n > to->n && q == to->q) ||
	    (q - to->q) / (e - to->e) >= CDP_EPOCH_INPUTS ||
	    (n - to->n) / (e - to->e) >= CDP_EPOCH_INPUTS)
		return cdp_fail(err, CDP_ECORRUPT,
		    "what is left of '%s' does not fit together", where);
	tell(r,
	    "'%s': lost are epochs %llu to %llu: %llu inputs, and the %llu "
	    "records from %llu on",
	    where, (unsigned long long)to->e + 1, (unsigned long long)e,
	    (unsigned long long)(q - to->q), (unsigned long long)(n - to->n),
	    (unsigned long long)to->n + 1);
	r->st->lost += e - to->e;
	r->st->lost_inputs += q - to->q;
	r->st->lost_records += n - to->n;
	while (rc == 0 && to->e < e) {
		k = e - to->e;
		ninput = (q - to->q + k - 1) / k;
		nrec = ninput == 0 ? 0 : (n - to->n + k - 1) / k;
		if (ninput == q - to->q)
			nrec = n - to->n;
		rc = put_filler(r, ninput, nrec, err);
	}
	return rc;
}

/* ---- reading ---- */

/*
 * Whether the epoch in ep is good, and where it begins to count: 0, CDP_EDATA,
 * or CDP_EIO, which is not the same.
 */
static int
judge(struct repair *r, struct cdp_seg *sg, struct cdp_epoch *ep,
    struct cdp_meta *head, struct cdp_err *err)
{
	struct cdp_log *from = r->from;
	struct cdp_decoded dec = { 0 };
	size_t i;
	int rc = 0;

	cdp_meta_start(&from->meta, cdp_buf_str(&ep->meta));
	if (cdp_meta_next(&from->meta, head) != 0 ||
	    head->kind != CDP_META_HEAD || head->e != ep->no ||
	    head->q <= r->to->q || head->n <= r->to->n ||
	    head->first <= r->to->e)
		return CDP_EDATA;
	for (i = 0; rc == 0 && i < ep->nframe; i++) {
		cdp_buf_reset(&r->raw);
		rc = cdp_seg_load(
		    sg, from->zip, &ep->frame[i], &ep->tmp, &r->raw, err);
	}
	if (rc == 0)
		rc = cdp_log_decode(from, sg, ep, &dec, err);
	cdp_decoded_free(&dec);
	return rc == 0 || rc == CDP_EIO ? rc : CDP_EDATA;
}

/* Copy the good epoch in ep. */
static int
keep(struct repair *r, struct cdp_seg *sg, struct cdp_epoch *ep,
    const struct cdp_meta *head, struct cdp_err *err)
{
	struct cdp_log *to = r->to;
	size_t i;
	int rc = 0;

	if (head->first != to->e + 1 || head->q != to->q + 1 ||
	    head->n != to->n + 1)
		rc = lose(
		    r, ep->no - 1, head->q - 1, head->n - 1, sg->name, err);
	for (i = 0; rc == 0 && i < ep->nframe; i++) {
		cdp_buf_reset(&r->raw);
		rc = cdp_seg_load(
		    sg, r->from->zip, &ep->frame[i], &ep->tmp, &r->raw, err);
		if (rc == 0)
			rc = put_frame(
			    r, ep->frame[i], cdp_buf_str(&r->raw), err);
	}
	if (rc == 0)
		rc = cdp_log_learn(to, &to->ix, sg, ep, err);
	r->st->kept++;
	r->st->kept_bytes += ep->end - ep->off;
	return rc;
}

/* All good epochs of a segment, wherever they are. */
static int
sift(struct repair *r, struct cdp_seg *sg, struct cdp_err *err)
{
	struct cdp_epoch *ep = &r->from->ep;
	struct cdp_meta head;
	uint64_t off = sg->first;
	int rc = 0;

	while (rc == 0) {
		rc = cdp_seg_epoch(sg, r->from->zip, off, NULL, true, ep, err);
		if (rc == 0)
			rc = judge(r, sg, ep, &head, err);
		if (rc == 0) {
			rc = keep(r, sg, ep, &head, err);
			off = ep->end;
		} else if (rc == CDP_EDATA) {
			rc =
			    cdp_seg_proof(sg, off + 1, r->to->e + 1, &off, err);
			if (rc == 0 && off == 0)
				rc = CDP_END;
		}
	}
	return rc == CDP_END ? 0 : rc;
}

/* Numbers do not say it: those of compaction are higher than any other. */
static int
cmp_epoch(const void *a, const void *b)
{
	const struct cdp_manifest_seg *x = a, *y = b;

	if (x->epoch != y->epoch)
		return x->epoch < y->epoch ? -1 : 1;
	return (x->no > y->no) - (x->no < y->no);
}

/* The first epoch of each, as its header says. */
static void
sort_segments(struct cdp_log *log)
{
	struct cdp_manifest_seg *ms = log->man.seg;
	struct cdp_seg sg;
	size_t i;

	for (i = 0; i < log->man.nseg; i++)
		if (cdp_seg_open(log->st->io, log->dir, ms[i].no,
			log->st->uuid, false, &sg, NULL) == 0) {
			ms[i].epoch = sg.head.epoch;
			cdp_seg_close(&sg);
		}
	qsort(ms, log->man.nseg, sizeof(*ms), cmp_epoch);
}

/*
 * Without MANIFEST: all segments that are in the folder.  What a killed
 * compaction left beside the old ones says the same as they do.
 */
static int
list_segments(struct cdp_log *log, struct cdp_err *err)
{
	const struct cdp_io *io = log->st->io;
	int fd =
	    io->openat(log->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	const struct dirent *e;
	unsigned long long no;
	char again[32];

	if (d == NULL) {
		if (fd != -1)
			io->close(fd);
		return cdp_fail(err, CDP_EIO, "cannot list the folder");
	}
	cdp_manifest_free(&log->man);
	while ((e = readdir(d)) != NULL) {
		if (sscanf(e->d_name, "%10llu", &no) != 1)
			continue;
		snprintf(again, sizeof(again), "%010llu.seg", no);
		if (strcmp(e->d_name, again) == 0)
			cdp_manifest_add(&log->man)->no = no;
	}
	closedir(d);
	if (log->man.nseg == 0)
		return cdp_fail(err, CDP_ECORRUPT, "there is no segment left");
	sort_segments(log);
	return 0;
}

/* ---- the whole ---- */

static int
sift_all(struct repair *r, struct cdp_err *err)
{
	struct cdp_log *from = r->from;
	struct cdp_seg sg;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < from->man.nseg; i++) {
		rc = cdp_seg_open(from->st->io, from->dir, from->man.seg[i].no,
		    from->st->uuid, false, &sg, err);
		if (rc == CDP_END || rc == CDP_ECORRUPT) {
			tell(r, "'%010llu.seg' cannot be read at all",
			    (unsigned long long)from->man.seg[i].no);
			rc = 0;
			continue;
		}
		if (rc == 0)
			rc = sift(r, &sg, err);
		cdp_seg_close(&sg);
	}
	return rc;
}

/* What others have read beyond the end. */
static int
lose_tail(struct repair *r, struct cdp_err *err)
{
	struct cdp_log *to = r->to;
	char who[256];
	uint64_t n;
	int rc = cdp_log_reached(to, &n, who, err);

	if (rc == 0 && n > to->n)
		rc = lose(r, to->e + 1 + (n - to->n) / CDP_EPOCH_INPUTS,
		    to->q + 1 + (n - to->n) / CDP_EPOCH_INPUTS, n, who, err);
	return rc;
}

static int
publish(struct repair *r, struct cdp_err *err)
{
	struct cdp_log *from = r->from, *to = r->to;
	const struct cdp_io *io = to->st->io;
	struct cdp_manifest m = { .gen = from->man.gen + 1,
		.t_ms = CDP_TIME_NONE };
	char was[32], now[48];
	size_t i;
	int rc = 0;

	if (io->fsync(to->active.fd) != 0)
		return cdp_fail(
		    err, CDP_EIO, "cannot sync '%s'", to->active.name);
	cdp_manifest_add(&m)->no = to->active.head.no;
	m.seg[0].epoch = 1;
	rc = cdp_manifest_write(io, to->dir, &m, err);
	for (i = 0; rc == 0 && i < from->man.nseg; i++) {
		snprintf(was, sizeof(was), "%010llu.seg",
		    (unsigned long long)from->man.seg[i].no);
		snprintf(now, sizeof(now), "%s.damaged", was);
		if (io->renameat(to->dir, was, to->dir, now) != 0 &&
		    errno != ENOENT)
			rc = cdp_fail(err, CDP_EIO, "cannot rename '%s'", was);
	}
	if (rc == 0 && io->fsync(to->dir) != 0)
		rc = cdp_fail(err, CDP_EIO, "cannot sync the folder");
	cdp_manifest_free(&m);
	return rc;
}

static int
make(struct repair *r, bool whole, struct cdp_err *err)
{
	struct cdp_log *from = r->from, *to = r->to;
	struct cdp_seg_head head;
	uint64_t no = 0;
	size_t i;
	int rc;

	/* Of a writer's, which compaction must never take for its own. */
	for (i = 0; i < from->man.nseg; i++)
		if (from->man.seg[i].no < CDP_COMPACTED_NO &&
		    from->man.seg[i].no > no)
			no = from->man.seg[i].no;
	rc = cdp_log_head(to, no + 1, &head, err);
	if (rc != 0 ||
	    (rc = cdp_seg_create(to->st->io, to->dir, &head,
		 (struct cdp_str){ 0 }, &to->active, err)) != 0)
		return rc;
	to->end = to->active.first;
	to->chain = to->active.head.hcrc;
	if ((rc = sift_all(r, err)) != 0 || (rc = lose_tail(r, err)) != 0)
		return rc;
	if (whole && r->st->lost == 0) {
		/* Sound: what was copied is dropped. */
		if (to->st->io->unlinkat(to->dir, to->active.name, 0) != 0)
			return cdp_fail(err, CDP_EIO, "cannot remove '%s'",
			    to->active.name);
		return 0;
	}
	r->st->changed = true;
	return publish(r, err);
}

int
cdp_log_repair(struct cdp_store *st, const char *stage,
    void (*fn)(void *arg, const char *msg), void *arg,
    struct cdp_repair_stats *ret, struct cdp_err *err)
{
	struct repair r = { .fn = fn, .arg = arg, .st = ret };
	bool whole;
	int rc, rewriter = -1;

	*ret = (struct cdp_repair_stats){ 0 };
	if ((rc = cdp_log_folder(st, stage, true, &r.from, err)) != 0)
		return rc;
	rc = cdp_log_folder(st, stage, false, &r.to, err);
	if (rc == 0)
		rc = cdp_log_rewriter(r.from, 0, &rewriter, err);
	if (rc != 0)
		goto out;
	rc = cdp_manifest_read(st->io, r.from->dir, &r.from->man, err);
	whole = rc == 0;
	if (rc == CDP_END || rc == CDP_ECORRUPT) {
		tell(&r, "'MANIFEST' cannot be read: all segments are taken");
		rc = list_segments(r.from, err);
	}
	if (rc == 0)
		rc = make(&r, whole, err);
	if (rc < 0)
		rc = cdp_log_fault(r.from, rc, err);
out:
	if (rewriter != -1)
		st->io->close(rewriter);
	cdp_log_close(r.to);
	cdp_log_close(r.from);
	cdp_buf_free(&r.raw);
	cdp_buf_free(&r.out);
	return rc;
}
