#include <stdlib.h>
#include <zdict.h>
#include <zstd.h>

#include "lib/base/hash.h"
#include "lib/base/mem.h"
#include "lib/store/frame.h"

#define MAGIC_SEG 0x184D2A50u
#define MAGIC_FOOT 0x184D2A5Bu
#define MAGIC_DICT 0x184D2A5Cu
#define MAGIC_FRAME 0x184D2A5Du
#define TAG_FRAME 0x46504443u /* "CDPF" */
#define LEVEL 1
#define WINDOW_LOG_MAX 23
#define META_HASH_LOG 11
#define FEATURE_DICT 1u

static const char seg_name[8] = "CDPSEG1\n";
static const char foot_name[8] = "CDPEND1\n";

struct cdp_dict {
	ZSTD_CDict *c;
	ZSTD_DDict *d;
};

struct cdp_zip {
	ZSTD_CCtx *c;
	ZSTD_DCtx *d;
};

void
cdp_frame_seg_put(struct cdp_seg_head *h, uint8_t p[CDP_SEG_HEAD])
{
	memset(p, 0, CDP_SEG_HEAD);
	cdp_le32_put(p, MAGIC_SEG);
	cdp_le32_put(p + 4, CDP_SEG_HEAD - 8);
	memcpy(p + 8, seg_name, sizeof(seg_name));
	p[16] = 1; /* major; minor and compat are 0 */
	cdp_le32_put(p + 20, h->dict ? FEATURE_DICT : 0);
	cdp_le32_put(p + 28, h->stage);
	cdp_le64_put(p + 32, h->no);
	cdp_le64_put(p + 40, h->epoch);
	memcpy(p + 48, h->uuid, sizeof(h->uuid));
	cdp_le32_put(p + 64, h->salt);
	h->hcrc = cdp_crc32c(0, p, 68);
	cdp_le32_put(p + 68, h->hcrc);
}

int
cdp_frame_seg_get(const uint8_t p[CDP_SEG_HEAD], struct cdp_seg_head *ret,
    struct cdp_err *err)
{
	if (cdp_le32(p) != MAGIC_SEG || cdp_le32(p + 4) != CDP_SEG_HEAD - 8 ||
	    memcmp(p + 8, seg_name, sizeof(seg_name)) != 0 ||
	    cdp_le32(p + 68) != cdp_crc32c(0, p, 68))
		return cdp_fail(
		    err, CDP_ECORRUPT, "the file header is damaged");
	if (p[16] != 1 || p[17] != 0)
		return cdp_fail(err, CDP_ECORRUPT,
		    "format version %d is newer than this program",
		    p[16] | p[17] << 8);
	if ((cdp_le32(p + 20) & ~FEATURE_DICT) != 0)
		return cdp_fail(err, CDP_ECORRUPT,
		    "the format has features that this program lacks (%#x)",
		    (unsigned)cdp_le32(p + 20));
	ret->dict = cdp_le32(p + 20) != 0;
	ret->stage = cdp_le32(p + 28);
	ret->no = cdp_le64(p + 32);
	ret->epoch = cdp_le64(p + 40);
	memcpy(ret->uuid, p + 48, sizeof(ret->uuid));
	ret->salt = cdp_le32(p + 64);
	ret->hcrc = cdp_le32(p + 68);
	return 0;
}

void
cdp_frame_foot_put(const struct cdp_seg_foot *f, uint8_t p[CDP_SEG_FOOT])
{
	memset(p, 0, CDP_SEG_FOOT);
	cdp_le32_put(p, MAGIC_FOOT);
	cdp_le32_put(p + 4, CDP_SEG_FOOT - 8);
	memcpy(p + 8, foot_name, sizeof(foot_name));
	cdp_le64_put(p + 16, f->no);
	cdp_le64_put(p + 24, f->epoch);
	cdp_le64_put(p + 32, f->q);
	cdp_le64_put(p + 40, f->n);
	cdp_le64_put(p + 48, f->off);
	cdp_le32_put(p + 56, f->chain);
	cdp_le32_put(p + 60, f->salt);
	cdp_le32_put(p + 68, cdp_crc32c(0, p, 68));
}

int
cdp_frame_foot_get(const uint8_t p[CDP_SEG_FOOT], struct cdp_seg_foot *ret)
{
	if (cdp_le32(p) != MAGIC_FOOT || cdp_le32(p + 4) != CDP_SEG_FOOT - 8 ||
	    memcmp(p + 8, foot_name, sizeof(foot_name)) != 0 ||
	    cdp_le32(p + 68) != cdp_crc32c(0, p, 68))
		return CDP_EDATA;
	ret->no = cdp_le64(p + 16);
	ret->epoch = cdp_le64(p + 24);
	ret->q = cdp_le64(p + 32);
	ret->n = cdp_le64(p + 40);
	ret->off = cdp_le64(p + 48);
	ret->chain = cdp_le32(p + 56);
	ret->salt = cdp_le32(p + 60);
	return 0;
}

static void
frame_put(struct cdp_frame_head *h, uint8_t p[CDP_FRAME_HEAD])
{
	memset(p, 0, CDP_FRAME_HEAD);
	cdp_le32_put(p, MAGIC_FRAME);
	cdp_le32_put(p + 4, CDP_FRAME_HEAD - 8);
	cdp_le32_put(p + 8, TAG_FRAME);
	p[12] = h->section;
	p[13] = h->flags;
	cdp_le64_put(p + 16, h->epoch);
	cdp_le64_put(p + 24, h->off);
	cdp_le32_put(p + 32, h->clen);
	cdp_le32_put(p + 36, h->rlen);
	cdp_le32_put(p + 40, h->crc);
	cdp_le32_put(p + 44, h->chain);
	cdp_le32_put(p + 48, h->records);
	cdp_le32_put(p + 52, h->salt);
	h->hcrc = cdp_crc32c(0, p, 60);
	cdp_le32_put(p + 60, h->hcrc);
}

int
cdp_frame_get(const uint8_t p[CDP_FRAME_HEAD], struct cdp_frame_head *ret)
{
	if (cdp_le32(p) != MAGIC_FRAME ||
	    cdp_le32(p + 4) != CDP_FRAME_HEAD - 8 ||
	    cdp_le32(p + 8) != TAG_FRAME ||
	    cdp_le32(p + 60) != cdp_crc32c(0, p, 60))
		return CDP_EDATA;
	ret->section = p[12];
	ret->flags = p[13];
	ret->epoch = cdp_le64(p + 16);
	ret->off = cdp_le64(p + 24);
	ret->clen = cdp_le32(p + 32);
	ret->rlen = cdp_le32(p + 36);
	ret->crc = cdp_le32(p + 40);
	ret->chain = cdp_le32(p + 44);
	ret->records = cdp_le32(p + 48);
	ret->salt = cdp_le32(p + 52);
	ret->hcrc = cdp_le32(p + 60);
	if (ret->section < CDP_SECT_META || ret->section > CDP_SECT_OUTS ||
	    (ret->flags & ~(CDP_FRAME_LAST | CDP_FRAME_DICT)) != 0 ||
	    ret->rlen == 0 || ret->rlen > CDP_FRAME_MAX ||
	    ret->clen > ZSTD_compressBound(CDP_FRAME_MAX))
		return CDP_EDATA;
	return 0;
}

/* ---- dictionaries ---- */

struct cdp_dict *
cdp_dict_new(struct cdp_str bytes)
{
	struct cdp_dict *d = cdp_xcalloc(1, sizeof(*d));

	d->c = ZSTD_createCDict(bytes.p, bytes.n, LEVEL);
	d->d = ZSTD_createDDict(bytes.p, bytes.n);
	return d;
}

void
cdp_dict_free(struct cdp_dict *d)
{
	if (d == NULL)
		return;
	ZSTD_freeCDict(d->c);
	ZSTD_freeDDict(d->d);
	free(d);
}

bool
cdp_dict_train(
    struct cdp_str text, const size_t *len, size_t n, struct cdp_buf *ret)
{
	char *p = cdp_buf_room(ret, CDP_DICT_MAX);
	size_t got = 0;

	if (p != NULL && n <= UINT32_MAX)
		got = ZDICT_trainFromBuffer(
		    p, CDP_DICT_MAX, text.p, len, (unsigned)n);
	if (got == 0 || ZDICT_isError(got))
		return false;
	ret->n += got;
	return true;
}

void
cdp_dict_put(struct cdp_str bytes, uint32_t salt, uint8_t p[CDP_DICT_HEAD])
{
	cdp_le32_put(p, MAGIC_DICT);
	cdp_le32_put(p + 4, (uint32_t)bytes.n + CDP_DICT_HEAD - 8);
	cdp_le32_put(p + 8, cdp_crc32c(0, bytes.p, bytes.n));
	cdp_le32_put(p + 12, salt);
}

int
cdp_dict_get(
    const uint8_t p[CDP_DICT_HEAD], uint32_t salt, uint32_t *n, uint32_t *crc)
{
	*n = cdp_le32(p + 4) - (CDP_DICT_HEAD - 8);
	*crc = cdp_le32(p + 8);
	return cdp_le32(p) == MAGIC_DICT && *n != 0 && *n <= CDP_DICT_MAX &&
		cdp_le32(p + 12) == salt
	    ? 0
	    : CDP_EDATA;
}

struct cdp_zip *
cdp_zip_new(void)
{
	return cdp_xcalloc(1, sizeof(struct cdp_zip));
}

void
cdp_zip_free(struct cdp_zip *z)
{
	if (z == NULL)
		return;
	ZSTD_freeCCtx(z->c);
	ZSTD_freeDCtx(z->d);
	free(z);
}

int
cdp_zip_frame(struct cdp_zip *z, struct cdp_frame_head *h, struct cdp_str raw,
    const struct cdp_dict *dict, struct cdp_buf *out, struct cdp_err *err)
{
	bool with = (h->flags & CDP_FRAME_DICT) != 0;
	size_t at = out->n, bound = ZSTD_compressBound(raw.n), n;
	char *p;

	if (z->c == NULL) {
		z->c = ZSTD_createCCtx();
		if (z->c == NULL)
			return cdp_fail(err, CDP_EIO, "zstd has no memory");
		ZSTD_CCtx_setParameter(z->c, ZSTD_c_compressionLevel, LEVEL);
		ZSTD_CCtx_setParameter(z->c, ZSTD_c_checksumFlag, 1);
		ZSTD_CCtx_setParameter(z->c, ZSTD_c_contentSizeFlag, 1);
	}
	p = cdp_buf_room(out, CDP_FRAME_HEAD + bound);
	if (p == NULL)
		return cdp_fail(
		    err, CDP_EIO, "an epoch is over %zu bytes", CDP_BUF_MAX);
	ZSTD_CCtx_refCDict(z->c, with ? dict->c : NULL);
	/* Most of META is hashes, in which a big table finds no more. */
	ZSTD_CCtx_setParameter(z->c, ZSTD_c_hashLog,
	    h->section == CDP_SECT_META ? META_HASH_LOG : 0);
	n = ZSTD_compress2(z->c, p + CDP_FRAME_HEAD, bound, raw.p, raw.n);
	if (ZSTD_isError(n))
		return cdp_fail(err, CDP_EIO, "zstd: %s", ZSTD_getErrorName(n));
	h->clen = (uint32_t)n;
	h->rlen = (uint32_t)raw.n;
	h->crc = cdp_crc32c(0, p + CDP_FRAME_HEAD, n);
	frame_put(h, (uint8_t *)out->p + at);
	out->n = at + CDP_FRAME_HEAD + n;
	return 0;
}

int
cdp_zip_open(struct cdp_zip *z, const struct cdp_frame_head *h,
    const void *data, const struct cdp_dict *dict, struct cdp_buf *raw)
{
	bool with = (h->flags & CDP_FRAME_DICT) != 0;
	size_t n;
	char *p;

	if ((with && dict == NULL) || cdp_crc32c(0, data, h->clen) != h->crc ||
	    ZSTD_getFrameContentSize(data, h->clen) != h->rlen)
		return CDP_EDATA;
	if (z->d == NULL) {
		z->d = ZSTD_createDCtx();
		if (z->d == NULL)
			return CDP_EDATA;
		ZSTD_DCtx_setParameter(
		    z->d, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
	}
	p = cdp_buf_room(raw, h->rlen);
	if (p == NULL)
		return CDP_EDATA;
	ZSTD_DCtx_refDDict(z->d, with ? dict->d : NULL);
	n = ZSTD_decompressDCtx(z->d, p, h->rlen, data, h->clen);
	if (ZSTD_isError(n) || n != h->rlen)
		return CDP_EDATA;
	raw->n += n;
	return 0;
}

bool
cdp_zip_pack(struct cdp_zip *z, struct cdp_str raw, const struct cdp_dict *dict,
    struct cdp_buf *out)
{
	size_t bound = ZSTD_compressBound(raw.n), n;
	char *p = cdp_buf_room(out, bound);

	if (z->c == NULL && (z->c = ZSTD_createCCtx()) != NULL) {
		ZSTD_CCtx_setParameter(z->c, ZSTD_c_compressionLevel, LEVEL);
		ZSTD_CCtx_setParameter(z->c, ZSTD_c_dictIDFlag, 0);
	}
	if (z->c == NULL || p == NULL)
		return false;
	ZSTD_CCtx_refCDict(z->c, dict != NULL ? dict->c : NULL);
	n = ZSTD_compress2(z->c, p, bound, raw.p, raw.n);
	if (ZSTD_isError(n))
		return false;
	out->n += n;
	return true;
}

bool
cdp_zip_unpack(struct cdp_zip *z, struct cdp_str packed,
    const struct cdp_dict *dict, struct cdp_buf *raw)
{
	size_t n = (size_t)ZSTD_getFrameContentSize(packed.p, packed.n);
	char *p = cdp_buf_room(raw, n);

	if (z->d == NULL)
		z->d = ZSTD_createDCtx();
	if (z->d == NULL || p == NULL)
		return false;
	ZSTD_DCtx_refDDict(z->d, dict != NULL ? dict->d : NULL);
	n = ZSTD_decompressDCtx(z->d, p, n, packed.p, packed.n);
	if (ZSTD_isError(n))
		return false;
	raw->n += n;
	return true;
}
