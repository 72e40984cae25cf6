#ifndef CDP_STORE_TEXT_H
#define CDP_STORE_TEXT_H

#include "lib/base/io.h"

/*
 * text: small files of whole NDJSON lines whose last line is
 * {"crc32c":"8 hex digits"} over all bytes before it.
 */
#define CDP_TEXT_MAX ((size_t)1 << 20)

/* Add the last line to b and put it in place of dir/name, durably. */
int cdp_text_write(const struct cdp_io *io, int dir, const char *name,
    struct cdp_buf *b, struct cdp_err *err);

/*
 * Read dir/name into b, without the last line.  0; CDP_END if it is not
 * there; CDP_ECORRUPT if the checksum is wrong; CDP_EIO.
 */
int cdp_text_read(const struct cdp_io *io, int dir, const char *name,
    struct cdp_buf *b, struct cdp_err *err);

/* Read all of dir/name, at most max bytes, as above without a checksum. */
int cdp_text_slurp(const struct cdp_io *io, int dir, const char *name,
    size_t max, struct cdp_buf *b, struct cdp_err *err);

/* Cut the first line, without its newline, off s; false if s is empty. */
bool cdp_text_line(struct cdp_str *s, struct cdp_str *line);

/* Step over z, or a decimal number, at the front of s; false if none is there.
 */
bool cdp_text_skip(struct cdp_str *s, struct cdp_str z);
bool cdp_text_number(struct cdp_str *s, int64_t *ret);

/* Lower-case hex digits, 2 n of them, and back; false for other bytes. */
void cdp_text_hex(struct cdp_buf *b, const uint8_t *p, size_t n);
bool cdp_text_unhex(struct cdp_str s, uint8_t *ret, size_t n);

#endif
