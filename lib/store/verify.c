#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/store/logint.h"
#include "lib/store/text.h"

struct verify {
	struct cdp_log *log;
	void (*fn)(void *arg, const char *msg);
	void *arg;
	struct cdp_log_stats *st;
	uint64_t nfault;
	struct cdp_index ix; /* of the segment at hand */
	struct cdp_buf raw;
	struct cdp_decoded dec;
};

static void fault(struct verify *v, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
fault(struct verify *v, const char *fmt, ...)
{
	char msg[512];
	va_list ap;

	v->nfault++;
	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	if (v->fn != NULL)
		v->fn(v->arg, msg);
}

static uint64_t
count_lines(struct cdp_str s)
{
	uint64_t n = 0;
	struct cdp_str line;

	while (cdp_text_line(&s, &line))
		n++;
	return n;
}

/* Each frame unpacks, with as many lines as its header says. */
static void
check_frames(struct verify *v, struct cdp_seg *sg, struct cdp_err *err)
{
	const struct cdp_frame_head *h;
	size_t i;

	for (i = 0; i < v->log->ep.nframe; i++) {
		h = &v->log->ep.frame[i];
		cdp_buf_reset(&v->raw);
		if (cdp_seg_load(
			sg, v->log->zip, h, &v->log->tmp, &v->raw, err) != 0)
			fault(v, "'%s': the frame at byte %llu does not unpack",
			    sg->name, (unsigned long long)h->off);
		else if (count_lines(cdp_buf_str(&v->raw)) != h->records)
			fault(v,
			    "'%s': the frame at byte %llu has not the %u "
			    "records of its header",
			    sg->name, (unsigned long long)h->off,
			    (unsigned)h->records);
	}
}

/* What META says of each state is so. */
static void
check_puts(struct verify *v, struct cdp_seg *sg, struct cdp_err *err)
{
	struct cdp_log *log = v->log;
	struct cdp_frame_head h;
	struct cdp_meta m;
	struct cdp_str val;
	uint64_t off, have = 0;
	int64_t due_ms;

	cdp_meta_start(&log->meta, cdp_buf_str(&log->ep.meta));
	while (cdp_meta_next(&log->meta, &m) == 0) {
		if (m.kind != CDP_META_PUT)
			continue;
		off = cdp_epoch_puts(&log->ep, m.frame);
		if (off != have) {
			cdp_buf_reset(&v->raw);
			if (cdp_seg_frame(sg, off, &h, err) != 0 ||
			    cdp_seg_load(
				sg, log->zip, &h, &log->tmp, &v->raw, err) != 0)
				return; /* was reported as a frame */
			have = off;
		}
		if (m.off >= v->raw.n ||
		    cdp_put_read(
			(struct cdp_str){ v->raw.p + m.off, v->raw.n - m.off },
			m.key, &log->work, &val, &due_ms) != 0 ||
		    due_ms != m.due_ms)
			fault(v,
			    "'%s': epoch %llu names a state that is not at "
			    "byte %llu of the frame at %llu",
			    sg->name, (unsigned long long)log->ep.no,
			    (unsigned long long)m.off, (unsigned long long)off);
	}
}

/* The epochs of one segment up to end (0: as far as they go). */
static int
check_epochs(struct verify *v, struct cdp_seg *sg, uint64_t end,
    uint64_t *reached, struct cdp_err *err)
{
	struct cdp_log *log = v->log;
	uint32_t chain = sg->head.hcrc;
	uint64_t off = sg->first, q = log->q, n = log->n;
	int rc;

	for (;;) {
		*reached = off;
		log->chain = chain;
		if (end != 0 && off >= end)
			return 0;
		rc = cdp_seg_epoch(
		    sg, log->zip, off, &chain, true, &log->ep, err);
		if (rc == 0 && end == 0 && !cdp_log_follows(log))
			rc = CDP_EDATA;
		if (rc == CDP_EIO || rc == CDP_EDATA || rc == CDP_END)
			return rc;
		rc = cdp_log_learn(log, &v->ix, sg, &log->ep, err);
		if (rc == 0) {
			check_frames(v, sg, err);
			check_puts(v, sg, err);
			rc = cdp_log_decode(log, sg, &log->ep, &v->dec, err);
		}
		if (rc != 0) {
			fault(v, "%s", err->msg);
			return rc == CDP_ECORRUPT ? CDP_EDATA : rc;
		}
		v->st->epochs++;
		v->st->inputs += log->q - q;
		v->st->records += log->n - n;
		q = log->q;
		n = log->n;
		off = log->ep.end;
		chain = log->ep.chain;
	}
}

/* Of an earlier version: a filter that needs it makes it anew. */
static bool
is_old(struct cdp_log *log, const char *name)
{
	const struct cdp_io *io = log->st->io;
	char magic[8] = "";
	int fd =
	    io->openat(log->dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0);

	if (fd == -1)
		return false;
	(void)cdp_io_pread_all(io, fd, magic, sizeof(magic), 0, NULL);
	io->close(fd);
	return memcmp(magic, cdp_idx_magic, 6) == 0 && magic[6] >= '1' &&
	    magic[6] < cdp_idx_magic[6];
}

/* The index file must say what META says, byte for byte. */
static void
check_idx(struct verify *v, struct cdp_seg *sg)
{
	struct cdp_log *log = v->log;
	struct cdp_buf b = { 0 };
	struct cdp_idx x;
	char name[24];

	snprintf(name, sizeof(name), "%.10s.idx", sg->name);
	cdp_idx_build(&v->ix, &sg->head, &b);
	if (is_old(log, name)) {
		/* A cache of what is sound is no fault. */
	} else if (cdp_idx_open(log->st->io, log->dir, name, &sg->head, &x) !=
	    0) {
		fault(v,
		    "'%s' is missing or damaged; it is made anew when a "
		    "filter needs it",
		    name);
	} else {
		if (x.n != b.n || memcmp(x.p, b.p, b.n) != 0)
			fault(v, "'%s' does not say what '%s' says", name,
			    sg->name);
		cdp_idx_close(&x);
	}
	cdp_buf_free(&b);
}

static void
check_foot(struct verify *v, struct cdp_seg *sg,
    const struct cdp_manifest_seg *ms, struct cdp_err *err)
{
	struct cdp_log *log = v->log;
	uint8_t p[CDP_SEG_FOOT];
	struct cdp_seg_foot f;
	uint64_t at = ms->size - CDP_SEG_FOOT;

	if (cdp_io_pread_all(log->st->io, sg->fd, p, sizeof(p), at, err) != 0 ||
	    cdp_frame_foot_get(p, &f) != 0 || f.no != ms->no || f.off != at ||
	    f.epoch != log->e || f.q != log->q || f.n != log->n ||
	    f.chain != log->chain || f.salt != sg->head.salt)
		fault(v, "'%s': its footer does not fit", sg->name);
	if (ms->last != log->e || ms->q != log->q || ms->nrec != log->n)
		fault(v, "'%s' does not end as 'MANIFEST' says", sg->name);
}

/* A tail behind the active segment's last epoch may be torn, not damaged. */
static int
check_tail(
    struct verify *v, struct cdp_seg *sg, uint64_t reached, struct cdp_err *err)
{
	uint64_t proof;
	int rc = cdp_seg_proof(sg, reached, v->log->e + 2, &proof, err);

	if (rc == 0 && proof != 0)
		fault(v,
		    "'%s' is damaged at byte %llu: epoch %llu is not whole "
		    "but a later one follows at byte %llu",
		    sg->name, (unsigned long long)reached,
		    (unsigned long long)v->log->e + 1,
		    (unsigned long long)proof);
	return rc;
}

static int
check_segment(
    struct verify *v, const struct cdp_manifest_seg *ms, struct cdp_err *err)
{
	struct cdp_log *log = v->log;
	struct cdp_seg sg = { .fd = -1 };
	uint64_t size, reached,
	    end = ms->size != 0 ? ms->size - CDP_SEG_FOOT : 0;
	uint64_t nfault = v->nfault;
	int rc = cdp_seg_open(
	    log->st->io, log->dir, ms->no, log->st->uuid, false, &sg, err);

	if (rc == CDP_END)
		fault(v, "segment %llu is missing", (unsigned long long)ms->no);
	else if (rc == CDP_ECORRUPT)
		fault(v, "%s", err->msg);
	if (rc != 0)
		return rc == CDP_EIO ? rc : 0;
	v->st->segments++;
	if ((rc = cdp_seg_size(&sg, &size, err)) != 0)
		goto out;
	v->st->bytes += size;
	rc = check_epochs(v, &sg, end, &reached, err);
	if (ms->size == 0 && (rc == CDP_END || rc == CDP_EDATA)) {
		rc = check_tail(v, &sg, reached, err);
	} else if (rc == CDP_END || rc == CDP_EDATA) {
		if (v->nfault == nfault)
			fault(v, "'%s' is damaged at byte %llu", sg.name,
			    (unsigned long long)reached);
		rc = 0;
	} else if (rc == 0) {
		check_foot(v, &sg, ms, err);
		check_idx(v, &sg);
	}
	if (ms->size != 0) { /* go on with what MANIFEST says */
		log->e = ms->last;
		log->q = ms->q;
		log->n = ms->nrec;
	}
out:
	v->st->unsynced += v->ix.nunsynced;
	cdp_index_free(&v->ix);
	cdp_seg_close(&sg);
	return rc;
}

static int
count_key(void *arg, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	(void)key;
	(void)val;
	(void)due_ms;
	++*(uint64_t *)arg;
	return 0;
}

static int
count_keys(
    struct cdp_store *st, const char *stage, uint64_t *ret, struct cdp_err *err)
{
	struct cdp_log_opt opt = { .stage = stage, .readonly = true };
	struct cdp_log *log;
	int rc = cdp_log_open(st, &opt, &log, err);

	if (rc != 0)
		return rc;
	rc = cdp_log_each(log, count_key, ret, err);
	cdp_log_close(log);
	return rc;
}

int
cdp_log_verify(struct cdp_store *st, const char *stage,
    void (*fn)(void *arg, const char *msg), void *arg,
    struct cdp_log_stats *ret, struct cdp_err *err)
{
	struct verify v = { .fn = fn, .arg = arg, .st = ret };
	size_t i;
	int rc;

	*ret = (struct cdp_log_stats){ 0 };
	rc = cdp_log_peek(st, stage, &v.log, err);
	if (rc != 0)
		return rc;
	for (i = 0; rc == 0 && i < v.log->man.nseg; i++)
		rc = check_segment(&v, &v.log->man.seg[i], err);
	if (rc == 0 && v.nfault == 0)
		rc = count_keys(st, stage, &ret->keys, err);
	if (rc == 0 && v.nfault != 0)
		rc = cdp_fail(err, CDP_ECORRUPT,
		    "store '%s', log '%s': %llu fault%s", st->path, stage,
		    (unsigned long long)v.nfault, v.nfault == 1 ? "" : "s");
	cdp_log_close(v.log);
	cdp_buf_free(&v.raw);
	cdp_decoded_free(&v.dec);
	return rc;
}
