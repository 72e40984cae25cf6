#ifndef CDP_TOOL_INPUT_H
#define CDP_TOOL_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/tool/inflate.h"

/*
 * input: lines of the files named, or of standard input, in big reads.
 *
 * A line is lent from the buffer, never copied; only the partial line at the
 * end of a read moves to the front when the buffer is full; the buffer grows
 * with the longest line.  A line longer than the limit is found out in
 * constant memory.  What zstd or gzip packed is unpacked on the way.
 */
#define CDP_INPUT_LINE_MAX ((size_t)1 << 20)

struct cdp_input {
	/* ---- set by the caller ---- */
	char *const *file; /* operands; "-" is standard input */
	size_t nfile;      /* 0: standard input alone */
	size_t line_max;   /* 0: CDP_INPUT_LINE_MAX */
	size_t read_max;   /* 0: as much as fits; tests read less */
	bool follow;       /* the last file goes on growing; see follow.h */
	uint64_t start;    /* in bytes, of the first file */
	/*
	 * Where a record ends that goes on at p: the newline, or NULL.  *state
	 * is 0 at its beginning.  NULL: at the first newline.
	 */
	const char *(*split)(
	    void *arg, const char *p, const char *end, int *state);
	void *split_arg;
	/*
	 * Before a read that would wait (idle), again when it has waited for
	 * *wake_ms (-1, as it is at first: for ever), and before every read.
	 */
	int (*idle)(void *arg, int *wake_ms, struct cdp_err *err);
	int (*tick)(void *arg, struct cdp_err *err);
	void *arg;

	/* ---- for the caller to read ---- */
	const char *name; /* of this file, "stdin" for standard input */
	uint64_t lineno;  /* where the last one began, from 1 in each file */
	uint64_t begin;   /* where the line stands in its file, in bytes, */
	uint64_t behind;  /* and what is behind it */
	uint64_t bytes;   /* read so far, of all files, as they are packed */
	uint64_t total;   /* of all files, if all are plain; else 0 */
	bool torn;        /* the line last returned has no newline */

	/* ---- its own ---- */
	size_t next;
	int fd;
	bool open, started, eof, skipping, plain;
	bool told;  /* whether it is packed */
	bool again; /* a followed name is to be opened once more */
	struct cdp_inflate *unpack;
	char *packed; /* npacked bytes, of which rest is to be unpacked */
	size_t npacked;
	struct cdp_str rest;
	int state;       /* of split */
	uint64_t inner;  /* lines that the last record had more than one */
	uint64_t passed; /* the same of what is being skipped, so far */
	char head[256];  /* of the line that is being skipped */
	size_t nhead;
	char *buf;
	size_t cap, at, end, scanned;
	uint64_t base; /* where buf begins in the file */
	int failed;    /* what is to be returned when the lines are over */
	struct cdp_err why;
	const uint32_t *nl; /* where the next nnl lines end, from nl_at on */
	size_t nnl, nl_at;
};

enum cdp_input_kind {
	CDP_INPUT_LINE,     /* a line, without its newline and "\r" */
	CDP_INPUT_TOO_LONG, /* a line over the limit: its beginning */
	CDP_INPUT_FILE_END  /* a file has ended; name is still its name */
};

/* The file that is open, or -1. */
int cdp_input_fd(const struct cdp_input *in);

/*
 * The next thing.  0 with *kind and *line (lent until the next call); CDP_END
 * after the last file; CDP_EIO; CDP_EEARLY when packed input breaks off, after
 * every whole line before that; or what idle or tick returned.
 */
int cdp_input_next(struct cdp_input *in, enum cdp_input_kind *kind,
    struct cdp_str *line, struct cdp_err *err);

/*
 * Whole lines that are read already, newlines included, from the one on that
 * is next; nothing where lines end in another way.
 */
struct cdp_str cdp_input_ahead(const struct cdp_input *in);

/*
 * Where the first n lines of that end, so that nobody looks for it again;
 * borrowed until they were taken.
 */
void cdp_input_ends(struct cdp_input *in, const uint32_t *end, size_t n);

/* Step over the first n bytes of that, which are so many lines. */
void cdp_input_skip(struct cdp_input *in, size_t n, uint64_t lines);

/*
 * Read more of this file, if that needs no waiting: 0; CDP_END if it would,
 * if there is no room, no more, or a fault, which cdp_input_next() returns
 * behind the lines that came before it.  What tick says is returned.
 */
int cdp_input_more(struct cdp_input *in, struct cdp_err *err);

void cdp_input_free(struct cdp_input *in);

#endif
