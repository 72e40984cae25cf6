#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/hash.h"
#include "lib/base/mem.h"
#include "lib/store/seg.h"

#define PROOF_CHUNK ((size_t)1 << 20)

void
cdp_epoch_free(struct cdp_epoch *ep)
{
	free(ep->frame);
	cdp_buf_free(&ep->meta);
	cdp_buf_free(&ep->tmp);
}

uint64_t
cdp_epoch_puts(const struct cdp_epoch *ep, uint64_t k)
{
	size_t i;

	for (i = 0; i < ep->nframe; i++)
		if (ep->frame[i].section == CDP_SECT_PUTS)
			return k < ep->nframe - i &&
				ep->frame[i + k].section == CDP_SECT_PUTS
			    ? ep->frame[i + k].off
			    : 0;
	return 0;
}

static void
name_it(struct cdp_seg *sg, uint64_t no)
{
	snprintf(
	    sg->name, sizeof(sg->name), "%010llu.seg", (unsigned long long)no);
}

int
cdp_seg_create(const struct cdp_io *io, int dir,
    const struct cdp_seg_head *head, struct cdp_str dict, struct cdp_seg *ret,
    struct cdp_err *err)
{
	struct cdp_seg sg = { .io = io, .fd = -1, .head = *head };
	uint8_t p[CDP_SEG_HEAD + CDP_DICT_HEAD + CDP_DICT_MAX];
	int rc = 0;

	name_it(&sg, head->no);
	sg.head.dict = dict.n != 0;
	sg.first = CDP_SEG_HEAD;
	cdp_frame_seg_put(&sg.head, p);
	if (sg.head.dict) {
		cdp_dict_put(dict, sg.head.salt, p + CDP_SEG_HEAD);
		memcpy(p + CDP_SEG_HEAD + CDP_DICT_HEAD, dict.p, dict.n);
		sg.first += CDP_DICT_HEAD + dict.n;
		sg.dict = cdp_dict_new(dict);
	}
	if (io->unlinkat(dir, sg.name, 0) != 0 && errno != ENOENT)
		return cdp_fail(err, CDP_EIO, "cannot remove '%s'", sg.name);
	sg.fd = io->openat(dir, sg.name,
	    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (sg.fd == -1)
		return cdp_fail(err, CDP_EIO, "cannot make '%s'", sg.name);
	if ((rc = cdp_io_write_all(io, sg.fd, p, sg.first, err)) != 0)
		goto out;
	if (io->fsync(sg.fd) != 0 || io->fsync(dir) != 0) {
		rc = cdp_fail(err, CDP_EIO, "cannot sync '%s'", sg.name);
		goto out;
	}
	*ret = sg;
	sg.fd = -1;
	sg.dict = NULL;
out:
	cdp_seg_close(&sg);
	return rc;
}

/* Where the epochs begin: the dictionary itself is read when it is needed. */
static int
find_first(struct cdp_seg *sg, struct cdp_err *err)
{
	uint8_t p[CDP_DICT_HEAD];
	uint32_t n, crc;
	int rc;

	sg->first = CDP_SEG_HEAD;
	if (!sg->head.dict)
		return 0;
	rc = cdp_io_pread_all(sg->io, sg->fd, p, sizeof(p), CDP_SEG_HEAD, err);
	if (rc == CDP_EIO)
		return rc;
	if (rc != 0 || cdp_dict_get(p, sg->head.salt, &n, &crc) != 0)
		return cdp_fail(err, CDP_ECORRUPT,
		    "'%s' is damaged at byte %d: no dictionary", sg->name,
		    CDP_SEG_HEAD);
	sg->first += CDP_DICT_HEAD + n;
	return 0;
}

/* 0; CDP_EDATA (no message) if it is damaged; CDP_EIO. */
static int
load_dict(struct cdp_seg *sg, struct cdp_err *err)
{
	uint8_t p[CDP_DICT_HEAD + CDP_DICT_MAX];
	struct cdp_str bytes;
	uint32_t n, crc;
	int rc;

	if (sg->dict != NULL)
		return 0;
	if (sg->first == CDP_SEG_HEAD)
		return CDP_EDATA;
	rc = cdp_io_pread_all(
	    sg->io, sg->fd, p, sg->first - CDP_SEG_HEAD, CDP_SEG_HEAD, err);
	if (rc != 0)
		return rc == CDP_END ? CDP_EDATA : rc;
	bytes = (struct cdp_str){ (char *)p + CDP_DICT_HEAD,
		sg->first - CDP_SEG_HEAD - CDP_DICT_HEAD };
	if (cdp_dict_get(p, sg->head.salt, &n, &crc) != 0 || n != bytes.n ||
	    cdp_crc32c(0, bytes.p, bytes.n) != crc)
		return CDP_EDATA;
	sg->dict = cdp_dict_new(bytes);
	return 0;
}

int
cdp_seg_open(const struct cdp_io *io, int dir, uint64_t no,
    const uint8_t uuid[16], bool write, struct cdp_seg *ret,
    struct cdp_err *err)
{
	struct cdp_seg sg = { .io = io, .fd = -1 };
	uint8_t p[CDP_SEG_HEAD];
	struct cdp_err why = { 0 };
	int rc;

	name_it(&sg, no);
	sg.fd = io->openat(dir, sg.name,
	    (write ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW, 0);
	if (sg.fd == -1 && errno == ENOENT)
		return CDP_END;
	if (sg.fd == -1)
		return cdp_fail(err, CDP_EIO, "cannot open '%s'", sg.name);
	rc = cdp_io_pread_all(io, sg.fd, p, sizeof(p), 0, err);
	if (rc == CDP_END)
		rc = cdp_fail(err, CDP_ECORRUPT,
		    "'%s' is damaged at byte 0: it is too short", sg.name);
	if (rc == 0 && (rc = cdp_frame_seg_get(p, &sg.head, &why)) != 0)
		cdp_fail(
		    err, rc, "'%s' is damaged at byte 0: %s", sg.name, why.msg);
	else if (rc == 0 &&
	    (sg.head.no != no ||
		memcmp(sg.head.uuid, uuid, sizeof(sg.head.uuid)) != 0))
		rc = cdp_fail(err, CDP_ECORRUPT,
		    "'%s' belongs to another store or place", sg.name);
	if (rc == 0)
		rc = find_first(&sg, err);
	if (rc == 0) {
		*ret = sg;
		return 0;
	}
	cdp_seg_close(&sg);
	return rc;
}

void
cdp_seg_close(struct cdp_seg *sg)
{
	if (sg->fd != -1 && sg->io != NULL)
		sg->io->close(sg->fd);
	sg->fd = -1;
	cdp_dict_free(sg->dict);
	sg->dict = NULL;
}

int
cdp_seg_size(struct cdp_seg *sg, uint64_t *ret, struct cdp_err *err)
{
	struct stat sb;

	if (fstat(sg->fd, &sb) != 0)
		return cdp_fail(err, CDP_EIO, "cannot stat '%s'", sg->name);
	*ret = (uint64_t)sb.st_size;
	return 0;
}

int
cdp_seg_write(struct cdp_seg *sg, const void *p, size_t n, uint64_t off,
    struct cdp_err *err)
{
	struct iovec iov = { (void *)(uintptr_t)p, n };
	ssize_t k;

	while (iov.iov_len != 0) {
		k = sg->io->pwritev(sg->fd, &iov, 1, (off_t)off);
		if (k == -1 && errno == EINTR)
			continue;
		if (k <= 0)
			return cdp_fail(
			    err, CDP_EIO, "cannot write '%s'", sg->name);
		iov.iov_base = (char *)iov.iov_base + k;
		iov.iov_len -= (size_t)k;
		off += (uint64_t)k;
	}
	return 0;
}

int
cdp_seg_frame(struct cdp_seg *sg, uint64_t off, struct cdp_frame_head *ret,
    struct cdp_err *err)
{
	uint8_t p[CDP_FRAME_HEAD];
	ssize_t n;

	do
		n = sg->io->pread(sg->fd, p, sizeof(p), (off_t)off);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return cdp_fail(err, CDP_EIO, "cannot read '%s'", sg->name);
	if (n == 0)
		return CDP_END;
	if (n != (ssize_t)sizeof(p) || cdp_frame_get(p, ret) != 0 ||
	    ret->off != off || ret->salt != sg->head.salt)
		return CDP_EDATA;
	return 0;
}

/* The packed bytes of a frame into tmp. */
static int
fetch(struct cdp_seg *sg, const struct cdp_frame_head *h, struct cdp_buf *tmp,
    struct cdp_err *err)
{
	int rc;

	cdp_buf_reset(tmp);
	if (cdp_buf_room(tmp, h->clen) == NULL)
		return CDP_EDATA;
	rc = cdp_io_pread_all(
	    sg->io, sg->fd, tmp->p, h->clen, h->off + CDP_FRAME_HEAD, err);
	if (rc == 0)
		tmp->n = h->clen;
	return rc == CDP_END ? CDP_EDATA : rc;
}

int
cdp_seg_load(struct cdp_seg *sg, struct cdp_zip *z,
    const struct cdp_frame_head *h, struct cdp_buf *tmp, struct cdp_buf *raw,
    struct cdp_err *err)
{
	int rc = fetch(sg, h, tmp, err);

	if (rc == 0 && (h->flags & CDP_FRAME_DICT) != 0)
		rc = load_dict(sg, err);
	return rc != 0 ? rc : cdp_zip_open(z, h, tmp->p, sg->dict, raw);
}

/* One frame of an epoch: sections in order, one epoch, chained. */
static int
take(struct cdp_seg *sg, struct cdp_zip *z, struct cdp_frame_head *h, bool full,
    struct cdp_epoch *ep, struct cdp_err *err)
{
	const struct cdp_frame_head *last;
	int rc = 0;

	if (ep->nframe == 0) {
		if (h->section != CDP_SECT_META)
			return CDP_EDATA;
		ep->no = h->epoch;
	} else {
		last = &ep->frame[ep->nframe - 1];
		if (h->epoch != ep->no || h->section < last->section ||
		    h->chain != last->hcrc)
			return CDP_EDATA;
	}
	if (h->section == CDP_SECT_META)
		rc = cdp_seg_load(sg, z, h, &ep->tmp, &ep->meta, err);
	else if (full && (rc = fetch(sg, h, &ep->tmp, err)) == 0 &&
	    cdp_crc32c(0, ep->tmp.p, h->clen) != h->crc)
		rc = CDP_EDATA;
	if (rc != 0)
		return rc;
	if (ep->nframe == ep->cap) {
		ep->cap = ep->cap != 0 ? ep->cap * 2 : 16;
		ep->frame =
		    cdp_xreallocarray(ep->frame, ep->cap, sizeof(*ep->frame));
	}
	ep->frame[ep->nframe++] = *h;
	return 0;
}

int
cdp_seg_epoch(struct cdp_seg *sg, struct cdp_zip *z, uint64_t off,
    const uint32_t *chain, bool full, struct cdp_epoch *ret,
    struct cdp_err *err)
{
	struct cdp_frame_head h;
	int rc;

	ret->off = ret->end = off;
	ret->nframe = 0;
	cdp_buf_reset(&ret->meta);
	do {
		rc = cdp_seg_frame(sg, ret->end, &h, err);
		if (rc == CDP_END && ret->nframe != 0)
			rc = CDP_EDATA;
		if (rc != 0)
			return rc;
		if (ret->nframe == 0 && chain != NULL && h.chain != *chain)
			return CDP_EDATA;
		if ((rc = take(sg, z, &h, full, ret, err)) != 0)
			return rc;
		ret->end += CDP_FRAME_HEAD + h.clen;
	} while ((h.flags & CDP_FRAME_LAST) == 0);
	ret->chain = h.hcrc;
	return 0;
}

int
cdp_seg_proof(struct cdp_seg *sg, uint64_t from, uint64_t epoch, uint64_t *ret,
    struct cdp_err *err)
{
	uint8_t *p = cdp_xmalloc(PROOF_CHUNK);
	struct cdp_frame_head h;
	ssize_t n;
	size_t i;

	*ret = 0;
	for (;;) {
		n = sg->io->pread(sg->fd, p, PROOF_CHUNK, (off_t)from);
		if (n == -1 && errno == EINTR)
			continue;
		if (n < CDP_FRAME_HEAD)
			break;
		for (i = 0; i + CDP_FRAME_HEAD <= (size_t)n; i++) {
			if (p[i] != 0x5D || cdp_frame_get(p + i, &h) != 0 ||
			    h.off != from + i || h.salt != sg->head.salt ||
			    h.epoch < epoch)
				continue;
			*ret = h.off;
			free(p);
			return 0;
		}
		from += i;
	}
	free(p);
	return n == -1 ? cdp_fail(err, CDP_EIO, "cannot read '%s'", sg->name)
		       : 0;
}
