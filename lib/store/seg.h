#ifndef CDP_STORE_SEG_H
#define CDP_STORE_SEG_H

#include <stdbool.h>

#include "lib/base/io.h"
#include "lib/store/frame.h"

/*
 * seg: one segment file: made, opened, walked from epoch to epoch.
 */
struct cdp_seg {
	const struct cdp_io *io;
	int fd;
	char name[24]; /* "0000000001.seg" */
	struct cdp_seg_head head;
	uint64_t first;        /* where the first epoch begins */
	struct cdp_dict *dict; /* NULL: none, or not needed yet */
};

/* What one epoch looks like in its file; empty is { 0 }, and it is reused. */
struct cdp_epoch {
	uint64_t no, off, end;
	uint32_t chain; /* hcrc of its last frame */
	struct cdp_frame_head *frame;
	size_t nframe, cap;
	struct cdp_buf meta; /* META, unpacked */
	struct cdp_buf tmp;
};

void cdp_epoch_free(struct cdp_epoch *ep);

/* The place of its PUTS frame k, from 0; 0 if there are not so many. */
uint64_t cdp_epoch_puts(const struct cdp_epoch *ep, uint64_t k);

/*
 * Make segment head->no in dir (what stood under its name is dropped), synced
 * with its directory; with a dictionary if dict is not empty.  0 or CDP_EIO.
 */
int cdp_seg_create(const struct cdp_io *io, int dir,
    const struct cdp_seg_head *head, struct cdp_str dict, struct cdp_seg *ret,
    struct cdp_err *err);

/*
 * Open segment no.  0; CDP_END if there is no such file; CDP_ECORRUPT if its
 * header is damaged or it belongs to another store or place; CDP_EIO.
 */
int cdp_seg_open(const struct cdp_io *io, int dir, uint64_t no,
    const uint8_t uuid[16], bool write, struct cdp_seg *ret,
    struct cdp_err *err);
void cdp_seg_close(struct cdp_seg *sg);

/*
 * Read the epoch that begins at off.
 *
 * chain  what its first frame must be chained to, or NULL: not checked
 * full   check the CRC of every frame; otherwise META's only
 *
 * 0; CDP_END if the file ends at off; CDP_EDATA (no message) if no whole
 * epoch stands there; CDP_EIO.
 */
int cdp_seg_epoch(struct cdp_seg *sg, struct cdp_zip *z, uint64_t off,
    const uint32_t *chain, bool full, struct cdp_epoch *ret,
    struct cdp_err *err);

/* The frame header at off: 0, CDP_END, CDP_EDATA (no message), CDP_EIO. */
int cdp_seg_frame(struct cdp_seg *sg, uint64_t off, struct cdp_frame_head *ret,
    struct cdp_err *err);

/*
 * Append a frame's content to raw; tmp is scratch.  0; CDP_EDATA (no
 * message) if it is damaged; CDP_EIO.
 */
int cdp_seg_load(struct cdp_seg *sg, struct cdp_zip *z,
    const struct cdp_frame_head *h, struct cdp_buf *tmp, struct cdp_buf *raw,
    struct cdp_err *err);

/*
 * Look behind from for a good header of an epoch of at least epoch: *ret
 * receives its offset, or 0.  Such a header proves that what stands before
 * it is damage and no torn tail.
 */
int cdp_seg_proof(struct cdp_seg *sg, uint64_t from, uint64_t epoch,
    uint64_t *ret, struct cdp_err *err);

/* Write n bytes at off, going on after short writes.  0 or CDP_EIO. */
int cdp_seg_write(struct cdp_seg *sg, const void *p, size_t n, uint64_t off,
    struct cdp_err *err);

/* The size of the file in bytes. */
int cdp_seg_size(struct cdp_seg *sg, uint64_t *ret, struct cdp_err *err);

#endif
