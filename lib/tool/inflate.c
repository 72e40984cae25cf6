#include "lib/tool/inflate.h"

#include <errno.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "lib/base/mem.h"

#define WINDOW_LOG 23

struct cdp_inflate {
	enum cdp_pack kind;
	uint64_t read, made;
	bool inside; /* a frame or member has begun and not ended */
	bool behind; /* one has ended: zeros may follow */
	bool more;   /* the last call filled all of its room */
	int failed;  /* what the next call is to return, with why */
	struct cdp_err why;
	z_stream gz;
	ZSTD_DStream *zs;
};

enum cdp_pack
cdp_inflate_kind(struct cdp_str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	if (s.n >= 4 &&
	    (memcmp(p, "\x28\xb5\x2f\xfd", 4) == 0 ||
		((p[0] & 0xf0) == 0x50 &&
		    memcmp(p + 1, "\x2a\x4d\x18", 3) == 0)))
		return CDP_PACK_ZSTD;
	return s.n >= 3 && memcmp(p, "\x1f\x8b\x08", 3) == 0 ? CDP_PACK_GZIP
							     : CDP_PACK_NONE;
}

struct cdp_inflate *
cdp_inflate_new(enum cdp_pack kind)
{
	struct cdp_inflate *u = cdp_xcalloc(1, sizeof(*u));
	bool ok;

	u->kind = kind;
	if (kind == CDP_PACK_GZIP) {
		/* 16: a gzip header, and nothing else. */
		ok = inflateInit2(&u->gz, 16 + MAX_WBITS) == Z_OK;
	} else {
		u->zs = ZSTD_createDStream();
		ok = u->zs != NULL &&
		    !ZSTD_isError(ZSTD_DCtx_setParameter(
			u->zs, ZSTD_d_windowLogMax, WINDOW_LOG));
	}
	if (!ok)
		abort(); /* memory, as in cdp_xmalloc */
	return u;
}

void
cdp_inflate_free(struct cdp_inflate *u)
{
	if (u == NULL)
		return;
	if (u->kind == CDP_PACK_GZIP)
		inflateEnd(&u->gz);
	ZSTD_freeDStream(u->zs);
	free(u);
}

static int
damaged(const struct cdp_inflate *u, const char *why, struct cdp_err *err)
{
	errno = 0;
	return cdp_fail(err, CDP_EIO,
	    "its %s data is damaged near byte %llu: %s",
	    u->kind == CDP_PACK_GZIP ? "gzip" : "zstd",
	    (unsigned long long)u->read, why);
}

/* ---- gzip ---- */

/* Between members: zeros, as tapes leave them, are nothing. */
static bool
skip_zeros(struct cdp_inflate *u, struct cdp_str *in)
{
	while (u->behind && !u->inside && in->n != 0 && *in->p == '\0') {
		in->p++;
		in->n--;
		u->read++;
	}
	return in->n != 0;
}

static int
gunzip(struct cdp_inflate *u, struct cdp_str *in, char *out, size_t room,
    size_t *n, struct cdp_err *err)
{
	const char *from;
	int rc;

	if (!skip_zeros(u, in) && !u->more)
		return 0;
	from = in->p;
	u->inside = true;
	u->gz.next_in = (unsigned char *)in->p;
	u->gz.avail_in = in->n < INT32_MAX ? (uInt)in->n : INT32_MAX;
	u->gz.next_out = (unsigned char *)out;
	u->gz.avail_out = room < INT32_MAX ? (uInt)room : INT32_MAX;
	rc = inflate(&u->gz, Z_NO_FLUSH);
	*n = (size_t)((char *)u->gz.next_out - out);
	in->p = (const char *)u->gz.next_in;
	in->n -= (size_t)(in->p - from);
	u->read += (uint64_t)(in->p - from);
	if (rc == Z_STREAM_END) {
		u->inside = false;
		u->behind = true;
		inflateReset(&u->gz);
		return 0;
	}
	if (rc == Z_OK || rc == Z_BUF_ERROR)
		return 0;
	return damaged(u, u->gz.msg != NULL ? u->gz.msg : "cannot go on", err);
}

/* ---- zstd ---- */

static int
unzstd(struct cdp_inflate *u, struct cdp_str *in, char *out, size_t room,
    size_t *n, struct cdp_err *err)
{
	ZSTD_inBuffer from = { in->p, in->n, 0 };
	ZSTD_outBuffer to = { out, room, 0 };
	size_t rc = ZSTD_decompressStream(u->zs, &to, &from);

	*n = to.pos;
	in->p += from.pos;
	in->n -= from.pos;
	u->read += from.pos;
	if (!ZSTD_isError(rc)) {
		u->inside = rc != 0;
		return 0;
	}
	errno = 0;
	if (ZSTD_getErrorCode(rc) == ZSTD_error_frameParameter_windowTooLarge)
		return cdp_fail(err, CDP_EIO,
		    "it was packed with a window of more than 8 MiB; use: "
		    "zstd -dc --memory=2GB FILE | ...");
	return damaged(u, ZSTD_getErrorName(rc), err);
}

int
cdp_inflate_some(struct cdp_inflate *u, struct cdp_str *in, char *out,
    size_t room, size_t *n, struct cdp_err *err)
{
	int rc = u->failed;

	*n = 0;
	if (rc != 0) {
		*err = u->why;
		return rc;
	}
	if (in->n == 0 && !u->more)
		return 0;
	do {
		rc = u->kind == CDP_PACK_GZIP
		    ? gunzip(u, in, out, room, n, &u->why)
		    : unzstd(u, in, out, room, n, &u->why);
		u->more = u->inside && *n == room;
	} while (rc == 0 && *n == 0 && in->n != 0);
	u->failed = rc;
	if (rc != 0 && *n == 0)
		*err = u->why;
	else
		rc = 0; /* what came before the fault, first */
	u->made += *n;
	if (rc != 0 || u->made <= CDP_INFLATE_FREE ||
	    u->made / CDP_INFLATE_RATIO <= u->read)
		return rc;
	errno = 0;
	return cdp_fail(err, CDP_EIO,
	    "it becomes more than %d times as long when it is unpacked, as no "
	    "log of events does; if it is one, use: %s -dc FILE | ...",
	    CDP_INFLATE_RATIO, u->kind == CDP_PACK_GZIP ? "gzip" : "zstd");
}

bool
cdp_inflate_whole(const struct cdp_inflate *u)
{
	return !u->inside;
}
