#ifndef CDP_STORE_FRAME_H
#define CDP_STORE_FRAME_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

/*
 * frame: the pieces a segment is made of, byte by byte (cdp-store(5)).
 *
 * Our headers are zstd skippable frames and what follows each is one ordinary
 * zstd frame, so "zstd -dc" reads a segment.  All integers are little-endian.
 */
#define CDP_SEG_HEAD 72
#define CDP_SEG_FOOT 72
#define CDP_FRAME_HEAD 64
#define CDP_FRAME_MAX ((uint32_t)16 << 20)

enum cdp_section { CDP_SECT_META = 1, CDP_SECT_PUTS, CDP_SECT_OUTS };

#define CDP_FRAME_LAST 1 /* flag: the last frame of its epoch */
#define CDP_FRAME_DICT 2 /* flag: packed with the dictionary of its segment */

#define CDP_DICT_HEAD 16
#define CDP_DICT_MAX ((uint32_t)16 << 10)

struct cdp_seg_head {
	uint64_t no;
	uint64_t epoch; /* the first epoch that stands in it */
	uint32_t stage; /* CRC32C of the stage's name */
	uint32_t salt;
	bool dict;        /* a dictionary stands behind the header */
	uint8_t uuid[16]; /* of the store */
	uint32_t hcrc;
};

struct cdp_seg_foot {
	uint64_t no, epoch, q, n; /* the last of each */
	uint64_t off;             /* own offset */
	uint32_t chain, salt;
};

struct cdp_frame_head {
	uint8_t section;
	uint8_t flags;
	uint64_t epoch;
	uint64_t off; /* of this header in its file */
	uint32_t clen, rlen;
	uint32_t crc;   /* of the clen bytes */
	uint32_t chain; /* hcrc of the frame before, or of the file header */
	uint32_t records;
	uint32_t salt;
	uint32_t hcrc;
};

static inline uint32_t
cdp_le32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

static inline uint64_t
cdp_le64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

static inline void
cdp_le32_put(void *p, uint32_t v)
{
	v = htole32(v);
	memcpy(p, &v, sizeof(v));
}

static inline void
cdp_le64_put(void *p, uint64_t v)
{
	v = htole64(v);
	memcpy(p, &v, sizeof(v));
}

/* Write the file header and set h->hcrc. */
void cdp_frame_seg_put(struct cdp_seg_head *h, uint8_t p[CDP_SEG_HEAD]);

/* 0; CDP_ECORRUPT if it is damaged, or of a version that we cannot read. */
int cdp_frame_seg_get(const uint8_t p[CDP_SEG_HEAD], struct cdp_seg_head *ret,
    struct cdp_err *err);

void cdp_frame_foot_put(const struct cdp_seg_foot *f, uint8_t p[CDP_SEG_FOOT]);

/* 0, or CDP_EDATA without a message. */
int cdp_frame_foot_get(const uint8_t p[CDP_SEG_FOOT], struct cdp_seg_foot *ret);

/*
 * Read a frame header: 0, or CDP_EDATA without a message if its magic,
 * checksum or lengths are wrong.  Salt, offset and chain are the caller's.
 */
int cdp_frame_get(const uint8_t p[CDP_FRAME_HEAD], struct cdp_frame_head *ret);

/*
 * A dictionary: what the records of one segment have in common, which stands
 * behind the header of that segment and nowhere else.
 */
struct cdp_dict;                                     /* opaque */
struct cdp_dict *cdp_dict_new(struct cdp_str bytes); /* copied */
void cdp_dict_free(struct cdp_dict *d);

/*
 * Learn a dictionary of at most CDP_DICT_MAX bytes from n samples that stand
 * one after the other in text.  False if they are too few, or too different.
 */
bool cdp_dict_train(
    struct cdp_str text, const size_t *len, size_t n, struct cdp_buf *ret);

/* The header before a dictionary, and back: 0, or CDP_EDATA. */
void cdp_dict_put(
    struct cdp_str bytes, uint32_t salt, uint8_t p[CDP_DICT_HEAD]);
int cdp_dict_get(
    const uint8_t p[CDP_DICT_HEAD], uint32_t salt, uint32_t *n, uint32_t *crc);

/* The contexts of zstd, kept from frame to frame. */
struct cdp_zip; /* opaque */
struct cdp_zip *cdp_zip_new(void);
void cdp_zip_free(struct cdp_zip *z);

/*
 * Append header and payload to out.
 *
 * h    section, flags, epoch, off, chain, records and salt are given; the
 *      rest is filled in
 * raw  1 to CDP_FRAME_MAX bytes
 * dict for a frame that is flagged with CDP_FRAME_DICT
 *
 * 0, or CDP_EIO if zstd refuses.
 */
int cdp_zip_frame(struct cdp_zip *z, struct cdp_frame_head *h,
    struct cdp_str raw, const struct cdp_dict *dict, struct cdp_buf *out,
    struct cdp_err *err);

/*
 * Append the h->rlen bytes that are packed in data (h->clen bytes).  0;
 * CDP_EDATA, without a message, if a checksum or a length is wrong.
 */
int cdp_zip_open(struct cdp_zip *z, const struct cdp_frame_head *h,
    const void *data, const struct cdp_dict *dict, struct cdp_buf *raw);

/*
 * Append what stays in memory: packed with dict or, if that is NULL, alone; no
 * header, no checksum.  Unpack it with the same.  A zip does either frames or
 * this.  False: zstd refuses, for want of memory.
 */
bool cdp_zip_pack(struct cdp_zip *z, struct cdp_str raw,
    const struct cdp_dict *dict, struct cdp_buf *out);
bool cdp_zip_unpack(struct cdp_zip *z, struct cdp_str packed,
    const struct cdp_dict *dict, struct cdp_buf *raw);

#endif
