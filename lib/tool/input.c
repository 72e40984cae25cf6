#include "lib/tool/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/mem.h"

#define READ_MIN ((size_t)256 << 10)
#define IDLE_MS 50

static void
add_total(struct cdp_input *in)
{
	struct stat sb;
	size_t i;

	in->total = 0;
	if (in->nfile == 0) {
		if (fstat(STDIN_FILENO, &sb) == 0 && S_ISREG(sb.st_mode))
			in->total = (uint64_t)sb.st_size;
		return;
	}
	for (i = 0; i < in->nfile; i++) {
		if (stat(in->file[i], &sb) != 0 || !S_ISREG(sb.st_mode)) {
			in->total = 0;
			return;
		}
		in->total += (uint64_t)sb.st_size;
	}
}

static int
open_next(struct cdp_input *in, struct cdp_err *err)
{
	struct stat sb;
	const char *file;

	if (in->buf == NULL) {
		if (in->line_max == 0)
			in->line_max = CDP_INPUT_LINE_MAX;
		in->cap = CDP_INPUT_LINE_MAX + 4 * READ_MIN;
		in->buf = cdp_xmalloc(in->cap);
		add_total(in);
	}
	if (in->next >= (in->nfile == 0 ? 1 : in->nfile))
		return CDP_END;
	file = in->nfile == 0 ? "-" : in->file[in->next];
	in->next++;
	in->name = strcmp(file, "-") == 0 ? "stdin" : file;
	in->fd = STDIN_FILENO;
	if (strcmp(file, "-") != 0 &&
	    (in->fd = open(file, O_RDONLY | O_CLOEXEC)) == -1)
		return cdp_fail(err, CDP_EIO, "cannot open '%s'", file);
	in->open = true;
	if (fstat(in->fd, &sb) != 0)
		return cdp_fail(err, CDP_EIO, "cannot read '%s'", file);
	in->plain = S_ISREG(sb.st_mode);
	/* Fewer, bigger reads; where it is not allowed nothing is lost. */
	if (S_ISFIFO(sb.st_mode))
		(void)fcntl(in->fd, F_SETPIPE_SZ, 1 << 20);
	in->lineno = 0;
	in->started = in->eof = in->skipping = false;
	in->at = in->end = in->scanned = 0;
	return 0;
}

static void
close_file(struct cdp_input *in)
{
	if (in->open && in->fd != STDIN_FILENO)
		close(in->fd);
	in->open = false;
}

static bool
magic(const struct cdp_input *in, const char *m, size_t n)
{
	return in->end >= n && memcmp(in->buf, m, n) == 0;
}

/* The first bytes of a file: refuse what is compressed, skip a BOM. */
static int
look_at_start(struct cdp_input *in, struct cdp_err *err)
{
	const char *with = NULL;

	if (magic(in, "\x28\xb5\x2f\xfd", 4) ||
	    (in->end >= 4 && (in->buf[0] & 0xf0) == 0x50 &&
		memcmp(in->buf + 1, "\x2a\x4d\x18", 3) == 0))
		with = "zstd";
	else if (magic(in, "\x1f\x8b", 2))
		with = "gzip";
	if (with != NULL)
		return cdp_fail(err, CDP_ECONF,
		    "'%s' is compressed with %s; use: %s -dc %s | ...",
		    in->name, with, with,
		    in->fd == STDIN_FILENO ? "FILE" : in->name);
	if (magic(in, "\xef\xbb\xbf", 3))
		in->at = in->scanned = 3;
	return 0;
}

/* Wait until there is something to read; says first that it would wait. */
static int
wait_for(struct cdp_input *in, struct cdp_err *err)
{
	struct pollfd pfd = { .fd = in->fd, .events = POLLIN };
	int rc, n, ms = IDLE_MS;

	while ((n = poll(&pfd, 1, ms)) <= 0) {
		if (n < 0 && errno != EINTR)
			return cdp_fail(
			    err, CDP_EIO, "cannot read '%s'", in->name);
		if (in->tick != NULL && (rc = in->tick(in->arg, err)) != 0)
			return rc;
		if (n == 0 && ms >= 0) {
			if (in->idle != NULL &&
			    (rc = in->idle(in->arg, err)) != 0)
				return rc;
			ms = -1;
		}
	}
	return 0;
}

/* Whether enough is there to tell what kind of file this is. */
static bool
can_tell(const struct cdp_input *in)
{
	return in->eof || in->end >= 4 ||
	    memchr(in->buf, '\n', in->end) != NULL;
}

static int
fill(struct cdp_input *in, struct cdp_err *err)
{
	size_t room;
	ssize_t n;
	int rc;

	if (in->at != 0 && in->cap - in->end < READ_MIN) {
		memmove(in->buf, in->buf + in->at, in->end - in->at);
		in->scanned -= in->at;
		in->end -= in->at;
		in->at = 0;
	}
	if (in->cap - in->end < READ_MIN) {
		in->cap *= 2;
		in->buf = cdp_xreallocarray(in->buf, in->cap, 1);
	}
	if (!in->plain && (rc = wait_for(in, err)) != 0)
		return rc;
	room = in->cap - in->end;
	if (in->read_max != 0 && room > in->read_max)
		room = in->read_max;
	do {
		n = read(in->fd, in->buf + in->end, room);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return cdp_fail(err, CDP_EIO, "cannot read '%s'", in->name);
	in->bytes += (uint64_t)n;
	in->end += (size_t)n;
	in->eof = n == 0;
	if (in->tick != NULL && (rc = in->tick(in->arg, err)) != 0)
		return rc;
	if (in->started || !can_tell(in))
		return 0;
	in->started = true;
	return look_at_start(in, err);
}

/* The line of n bytes (so far) at is too long: keep its beginning only. */
static void
skip(struct cdp_input *in, size_t n)
{
	if (in->skipping)
		return;
	in->nhead = n < sizeof(in->head) ? n : sizeof(in->head);
	memcpy(in->head, in->buf + in->at, in->nhead);
	in->skipping = true;
}

/* The bytes from at to nl, or to the end of the file, are one line. */
static enum cdp_input_kind
take(struct cdp_input *in, const char *nl, struct cdp_str *line)
{
	const char *p = in->buf + in->at;
	size_t n = (size_t)(nl - p);

	if (n > in->line_max)
		skip(in, n);
	in->torn = nl == in->buf + in->end;
	in->at += in->torn ? n : n + 1;
	in->scanned = in->at;
	in->lineno++;
	if (in->skipping) {
		*line = (struct cdp_str){ in->head, in->nhead };
		in->skipping = false;
		return CDP_INPUT_TOO_LONG;
	}
	if (n != 0 && p[n - 1] == '\r')
		n--;
	*line = (struct cdp_str){ p, n };
	return CDP_INPUT_LINE;
}

int
cdp_input_next(struct cdp_input *in, enum cdp_input_kind *kind,
    struct cdp_str *line, struct cdp_err *err)
{
	const char *nl;
	int rc;

	for (;;) {
		if (!in->open && (rc = open_next(in, err)) != 0)
			return rc;
		nl = !in->started ? NULL
				  : memchr(in->buf + in->scanned, '\n',
					in->end - in->scanned);
		if (nl != NULL || (in->eof && in->at < in->end) ||
		    (in->eof && in->skipping)) {
			*kind =
			    take(in, nl != NULL ? nl : in->buf + in->end, line);
			return 0;
		}
		if (in->eof) {
			close_file(in);
			*kind = CDP_INPUT_FILE_END;
			*line = (struct cdp_str){ NULL, 0 };
			return 0;
		}
		if (in->end - in->at > in->line_max)
			skip(in, in->end - in->at);
		if (in->skipping)
			in->at = in->end;
		if (in->started)
			in->scanned = in->end;
		if ((rc = fill(in, err)) != 0)
			return rc;
	}
}

void
cdp_input_free(struct cdp_input *in)
{
	close_file(in);
	free(in->buf);
	in->buf = NULL;
}
