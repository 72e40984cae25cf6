#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "lib/base/hash.h"
#include "lib/store/frame.h"
#include "lib/store/text.h"

#define CRC_LINE 22 /* {"crc32c":"01234567"} and its newline */

static void
crc_line(struct cdp_str s, char ret[CRC_LINE + 1])
{
	snprintf(ret, CRC_LINE + 1, "{\"crc32c\":\"%08x\"}\n",
	    (unsigned)cdp_crc32c(0, s.p, s.n));
}

int
cdp_text_write(const struct cdp_io *io, int dir, const char *name,
    struct cdp_buf *b, struct cdp_err *err)
{
	char line[CRC_LINE + 1];

	crc_line(cdp_buf_str(b), line);
	cdp_buf_puts(b, line);
	if (b->n > CDP_TEXT_MAX)
		return cdp_fail(err, CDP_EIO, "'%s' would be too long", name);
	return cdp_io_replace(io, dir, name, b->p, b->n, err);
}

int
cdp_text_slurp(const struct cdp_io *io, int dir, const char *name, size_t max,
    struct cdp_buf *b, struct cdp_err *err)
{
	int fd = io->openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0);
	ssize_t k = 1;
	char *p;
	int rc = 0;

	if (fd == -1)
		return errno == ENOENT
		    ? CDP_END
		    : cdp_fail(err, CDP_EIO, "cannot open '%s'", name);
	cdp_buf_reset(b);
	while (rc == 0 && k != 0) {
		if (b->n > max || (p = cdp_buf_room(b, 4096)) == NULL) {
			rc = cdp_fail(
			    err, CDP_ECORRUPT, "'%s' is too long", name);
			break;
		}
		k = io->pread(fd, p, 4096, (off_t)b->n);
		if (k > 0)
			b->n += (size_t)k;
		else if (k == -1 && errno != EINTR)
			rc = cdp_fail(err, CDP_EIO, "cannot read '%s'", name);
	}
	io->close(fd);
	return rc;
}

int
cdp_text_read(const struct cdp_io *io, int dir, const char *name,
    struct cdp_buf *b, struct cdp_err *err)
{
	char line[CRC_LINE + 1];
	int rc = cdp_text_slurp(io, dir, name, CDP_TEXT_MAX, b, err);

	if (rc != 0)
		return rc;
	if (b->n > CRC_LINE) {
		crc_line((struct cdp_str){ b->p, b->n - CRC_LINE }, line);
		if (memcmp(b->p + b->n - CRC_LINE, line, CRC_LINE) == 0) {
			b->n -= CRC_LINE;
			return 0;
		}
	}
	return cdp_fail(
	    err, CDP_ECORRUPT, "'%s' is damaged: its checksum is wrong", name);
}

bool
cdp_text_line(struct cdp_str *s, struct cdp_str *line)
{
	const char *nl;

	if (s->n == 0)
		return false;
	nl = memchr(s->p, '\n', s->n);
	line->p = s->p;
	line->n = nl != NULL ? (size_t)(nl - s->p) : s->n;
	s->p += line->n + (nl != NULL);
	s->n -= line->n + (nl != NULL);
	return true;
}

/* Eight digits, the first of them lowest, for four bytes in that order. */
static uint64_t
hex8(uint64_t v)
{
	v = (v | v << 16) & 0x0000FFFF0000FFFFU;
	v = (v | v << 8) & 0x00FF00FF00FF00FFU;
	v = (v >> 4 & 0x000F000F000F000FU) | (v & 0x000F000F000F000FU) << 8;
	return v + 0x3030303030303030U +
	    ((v + 0x0606060606060606U) >> 4 & 0x0101010101010101U) * 39;
}

void
cdp_text_hex(struct cdp_buf *b, const uint8_t *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	char *to = cdp_buf_room(b, 2 * n);
	size_t i;

	if (to == NULL)
		return;
	b->n += 2 * n;
	for (; n >= 4; p += 4, to += 8, n -= 4)
		cdp_le64_put(to, hex8(cdp_le32(p)));
	for (i = 0; i < n; i++) {
		to[2 * i] = digits[p[i] >> 4];
		to[2 * i + 1] = digits[p[i] & 15];
	}
}

/* One more than a digit is worth; 0: it is none. */
static const uint8_t worth[256] = { ['0'] = 1,
	['1'] = 2,
	['2'] = 3,
	['3'] = 4,
	['4'] = 5,
	['5'] = 6,
	['6'] = 7,
	['7'] = 8,
	['8'] = 9,
	['9'] = 10,
	['a'] = 11,
	['b'] = 12,
	['c'] = 13,
	['d'] = 14,
	['e'] = 15,
	['f'] = 16 };

bool
cdp_text_unhex(struct cdp_str s, uint8_t *ret, size_t n)
{
	bool ok = true;
	uint8_t hi, lo;
	size_t i;

	if (s.n != 2 * n)
		return false;
	for (i = 0; i < n; i++) {
		hi = worth[(uint8_t)s.p[2 * i]];
		lo = worth[(uint8_t)s.p[2 * i + 1]];
		ok &= hi != 0 && lo != 0;
		ret[i] = (uint8_t)((hi - 1u) << 4 | ((lo - 1u) & 15));
	}
	return ok;
}

bool
cdp_text_skip(struct cdp_str *s, struct cdp_str z)
{
	if (!cdp_str_starts(*s, z))
		return false;
	s->p += z.n;
	s->n -= z.n;
	return true;
}

bool
cdp_text_number(struct cdp_str *s, int64_t *ret)
{
	bool minus = cdp_text_skip(s, CDP_STR("-"));
	uint64_t v = 0;
	size_t n = 0;

	while (s->n != 0 && *s->p >= '0' && *s->p <= '9' && n++ < 19) {
		v = v * 10 + (uint64_t)(*s->p - '0');
		s->p++;
		s->n--;
	}
	*ret = (int64_t)(minus ? 0 - v : v);
	return n != 0;
}
