#include "lib/tool/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/tool/follow.h"

#define READ_MIN ((size_t)256 << 10)
#define PACKED ((size_t)256 << 10)
#define IDLE_MS 50
#define FOLLOW_MS 200
#define ROTATION 5 /* looks for a log that is not there: it may be rotated */

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

static bool
is_followed(const struct cdp_input *in)
{
	return in->follow && in->next == in->nfile;
}

static int
open_next(struct cdp_input *in, struct cdp_err *err)
{
	struct stat sb;
	const char *file;
	int tries = 0;

	if (in->buf == NULL) {
		if (in->line_max == 0)
			in->line_max = CDP_INPUT_LINE_MAX;
		in->cap = CDP_INPUT_LINE_MAX + 4 * READ_MIN;
		in->buf = cdp_xmalloc(in->cap);
		if (!in->follow)
			add_total(in);
	}
	if (in->next >= (in->nfile == 0 ? 1 : in->nfile))
		return CDP_END;
	file = in->nfile == 0 ? "-" : in->file[in->next];
	in->next++;
	in->name = strcmp(file, "-") == 0 ? "stdin" : file;
	in->fd = STDIN_FILENO;
	while (strcmp(file, "-") != 0 &&
	    (in->fd = open(file, O_RDONLY | O_CLOEXEC)) == -1) {
		if (errno != ENOENT || !is_followed(in) ||
		    (!in->again && tries++ == ROTATION))
			return cdp_fail(err, CDP_EIO, "cannot open '%s'", file);
		(void)poll(NULL, 0, FOLLOW_MS);
	}
	in->open = true;
	if (fstat(in->fd, &sb) != 0)
		return cdp_fail(err, CDP_EIO, "cannot read '%s'", file);
	in->plain = S_ISREG(sb.st_mode);
	/* Fewer, bigger reads; where it is not allowed nothing is lost. */
	if (S_ISFIFO(sb.st_mode))
		(void)fcntl(in->fd, F_SETPIPE_SZ, 1 << 20);
	in->lineno = in->inner = 0;
	in->state = 0;
	in->started = in->eof = in->skipping = in->told = false;
	in->at = in->end = in->scanned = 0;
	in->base = in->next == 1 ? in->start : 0;
	in->start = 0;
	if (in->base != 0 && lseek(in->fd, (off_t)in->base, SEEK_SET) == -1)
		return cdp_fail(err, CDP_EIO, "cannot read '%s'", in->name);
	return 0;
}

int
cdp_input_fd(const struct cdp_input *in)
{
	return in->open ? in->fd : -1;
}

static void
close_file(struct cdp_input *in)
{
	if (in->open && in->fd != STDIN_FILENO)
		close(in->fd);
	cdp_inflate_free(in->unpack);
	in->unpack = NULL;
	in->open = false;
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
			ms = -1;
			if (in->idle != NULL &&
			    (rc = in->idle(in->arg, &ms, err)) != 0)
				return rc;
		}
	}
	return 0;
}

static ssize_t
read_again(int fd, char *to, size_t room)
{
	ssize_t got;

	do {
		got = read(fd, to, room);
	} while (got < 0 && errno == EINTR);
	return got;
}

/*
 * The end of a file that is followed: wait until it has grown, or until it is
 * over, which is when *got stays 0.
 */
static int
wait_for_growth(struct cdp_input *in, char *to, size_t room, ssize_t *got,
    struct cdp_err *err)
{
	enum cdp_follow now = CDP_FOLLOW_WAIT;
	int rc, waited = 0, wake = 0;

	while (*got == 0 && now == CDP_FOLLOW_WAIT) {
		/* What came before it was over must not be lost. */
		now = cdp_follow_look(in->name, in->fd);
		*got = read_again(in->fd, to, room);
		if (*got != 0 || now == CDP_FOLLOW_OVER)
			break;
		if (in->tick != NULL && (rc = in->tick(in->arg, err)) != 0)
			return rc;
		if (in->idle != NULL && wake >= 0 && waited >= wake) {
			wake = -1;
			waited = 0;
			if ((rc = in->idle(in->arg, &wake, err)) != 0)
				return rc;
		}
		(void)poll(NULL, 0, FOLLOW_MS);
		waited += FOLLOW_MS;
	}
	if (*got == 0) {
		in->next--; /* the next one of that name */
		in->again = true;
	}
	return 0;
}

/* 0 with *n: 0 bytes are the end. */
static int
read_some(
    struct cdp_input *in, char *to, size_t room, size_t *n, struct cdp_err *err)
{
	ssize_t got;
	int rc;

	if (!in->plain && (rc = wait_for(in, err)) != 0)
		return rc;
	if (in->read_max != 0 && room > in->read_max)
		room = in->read_max;
	got = read_again(in->fd, to, room);
	if (got == 0 && is_followed(in) &&
	    (rc = wait_for_growth(in, to, room, &got, err)) != 0)
		return rc;
	if (got < 0)
		return cdp_fail(err, CDP_EIO, "cannot read '%s'", in->name);
	*n = (size_t)got;
	in->bytes += *n;
	in->eof = got == 0;
	return in->tick != NULL ? in->tick(in->arg, err) : 0;
}

/* ---- what is packed ---- */

/* What was read is packed: it goes where packed bytes wait. */
static void
start_unpacking(struct cdp_input *in, enum cdp_pack kind)
{
	in->unpack = cdp_inflate_new(kind);
	if (in->packed == NULL)
		in->packed = cdp_xmalloc(PACKED);
	in->npacked = in->end;
	memcpy(in->packed, in->buf, in->end);
	in->rest = (struct cdp_str){ in->packed, in->npacked };
	in->end = 0;
	in->eof = false; /* that is for the packed bytes to say */
}

static int
unpack_some(struct cdp_input *in, size_t *n, struct cdp_err *err)
{
	struct cdp_err why = { 0 };
	size_t room = in->cap - in->end;
	int rc;

	if (in->read_max != 0 && room > in->read_max)
		room = in->read_max;
	for (;;) {
		rc = cdp_inflate_some(
		    in->unpack, &in->rest, in->buf + in->end, room, n, &why);
		errno = 0;
		if (rc != 0)
			return cdp_fail(
			    err, rc, "cannot read '%s': %s", in->name, why.msg);
		if (*n != 0)
			return 0;
		rc = read_some(in, in->packed, PACKED, &in->npacked, err);
		if (rc != 0)
			return rc;
		if (in->eof)
			break;
		in->rest = (struct cdp_str){ in->packed, in->npacked };
	}
	if (!cdp_inflate_whole(in->unpack))
		return cdp_fail(err, CDP_EEARLY,
		    "the input ended early: '%s' breaks off within what is "
		    "packed; what came is kept: run the same command again on "
		    "the whole file",
		    in->name);
	return 0;
}

/* Whether enough is there to tell what kind of file this is. */
static bool
can_tell(const struct cdp_input *in)
{
	return in->eof || in->end >= 4 ||
	    memchr(in->buf, '\n', in->end) != NULL;
}

/* The first bytes of a file: begin to unpack it, or skip a BOM. */
static int
look_at_start(struct cdp_input *in, struct cdp_err *err)
{
	struct cdp_str s = { in->buf, in->end };
	enum cdp_pack kind = CDP_PACK_NONE;

	if (!can_tell(in))
		return 0;
	if (in->unpack == NULL && !in->told)
		kind = cdp_inflate_kind(s);
	in->told = true;
	if (kind != CDP_PACK_NONE && is_followed(in))
		return cdp_fail(err, CDP_ECONF,
		    "'%s' is packed: only what grows line by line can be "
		    "followed",
		    in->name);
	if (kind != CDP_PACK_NONE) {
		start_unpacking(in, kind);
		return 0;
	}
	in->started = true;
	if (cdp_str_starts(s, CDP_STR("\xef\xbb\xbf")))
		in->at = in->scanned = 3;
	return 0;
}

static int
fill(struct cdp_input *in, struct cdp_err *err)
{
	size_t n;
	int rc;

	if (in->at != 0 && in->cap - in->end < READ_MIN) {
		memmove(in->buf, in->buf + in->at, in->end - in->at);
		in->base += in->at;
		in->scanned -= in->at;
		in->end -= in->at;
		in->at = 0;
	}
	if (in->cap - in->end < READ_MIN) {
		in->cap *= 2;
		in->buf = cdp_xreallocarray(in->buf, in->cap, 1);
	}
	/* Before it is told what they are, as many as packed bytes may wait. */
	if (in->unpack != NULL)
		rc = unpack_some(in, &n, err);
	else
		rc = read_some(in, in->buf + in->end,
		    in->started ? in->cap - in->end : PACKED - in->end, &n,
		    err);
	if (rc != 0)
		return rc;
	in->end += n;
	return in->started ? 0 : look_at_start(in, err);
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

/* The newline that ends what begins at at, as far as it is here. */
static const char *
find_end(struct cdp_input *in)
{
	const char *p = in->buf + in->scanned, *end = in->buf + in->end;

	if (!in->started)
		return NULL;
	if (in->nnl != 0) {
		in->nnl--;
		return in->buf + in->nl_at + *in->nl++;
	}
	if (in->split != NULL)
		return in->split(in->split_arg, p, end, &in->state);
	return memchr(p, '\n', (size_t)(end - p));
}

static uint64_t
count_lines(const char *p, const char *end)
{
	uint64_t n = 0;

	for (; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
		n++;
	return n;
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
	in->begin = in->base + in->at;
	in->at += in->torn ? n : n + 1;
	in->scanned = in->at;
	in->behind = in->base + in->at;
	in->lineno += 1 + in->inner;
	in->inner = in->passed;
	in->passed = 0;
	in->state = 0;
	if (in->split != NULL)
		in->inner += count_lines(p, p + n);
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
		nl = find_end(in);
		if (nl == NULL && in->failed != 0) {
			*err = in->why;
			return in->failed;
		}
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
		if (in->skipping) {
			if (in->split != NULL)
				in->passed += count_lines(
				    in->buf + in->at, in->buf + in->end);
			in->at = in->end;
		}
		if (in->started)
			in->scanned = in->end;
		if ((rc = fill(in, err)) != 0)
			return rc;
	}
}

struct cdp_str
cdp_input_ahead(const struct cdp_input *in)
{
	const char *p, *nl;

	if (!in->open || !in->started || in->skipping || in->split != NULL)
		return (struct cdp_str){ 0 };
	p = in->buf + in->at;
	nl = memrchr(p, '\n', in->end - in->at);
	return (struct cdp_str){ p, nl != NULL ? (size_t)(nl + 1 - p) : 0 };
}

void
cdp_input_ends(struct cdp_input *in, const uint32_t *end, size_t n)
{
	in->nl = end;
	in->nnl = n;
	in->nl_at = in->at;
}

void
cdp_input_skip(struct cdp_input *in, size_t n, uint64_t lines)
{
	in->at += n;
	in->scanned = in->at;
	in->lineno += lines;
}

int
cdp_input_more(struct cdp_input *in, struct cdp_err *err)
{
	struct pollfd pfd = { .fd = in->fd, .events = POLLIN };
	int (*idle)(void *, int *, struct cdp_err *) = in->idle;
	int (*tick)(void *, struct cdp_err *) = in->tick;

	if (!in->open || in->eof || in->end - in->at > in->cap / 2 ||
	    (!in->plain && poll(&pfd, 1, 0) != 1))
		return CDP_END;
	/* What they say is no fault of the input: it cannot wait. */
	in->idle = NULL;
	in->tick = NULL;
	in->failed = fill(in, &in->why);
	in->idle = idle;
	in->tick = tick;
	if (in->failed != 0)
		return CDP_END;
	return in->tick != NULL ? in->tick(in->arg, err) : 0;
}

void
cdp_input_free(struct cdp_input *in)
{
	close_file(in);
	free(in->buf);
	free(in->packed);
	in->buf = in->packed = NULL;
}
