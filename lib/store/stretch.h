#ifndef CDP_STORE_STRETCH_H
#define CDP_STORE_STRETCH_H

#include "lib/base/map.h"
#include "lib/store/beside.h"
#include "lib/store/stage.h"

/*
 * stretch: stretches of input that need not be read again.
 *
 * Input is cut where its content says, every hundred lines or so.  Of a stretch
 * whose lines were all read, and are all of the sort that can be taken unread
 * when they come again, a keyed hash is noted in the file KNOWN beside the log,
 * with 8 bytes of whoever uses this.  The same bytes are the same lines, so
 * that a hash of 128 bits under a key that nobody knows is as good as reading
 * them.  What makes a line of that sort is the caller's to say; all that it
 * depends on but the bytes must be in the key.  Whatever else a hash is of, it
 * is of no use.
 */
#define CDP_STRETCH_LINES 512
#define CDP_STRETCH_BYTES ((size_t)256 << 10)

/* Lines: line i is what stands before end[i], and behind the newline there. */
struct cdp_stretch {
	size_t n; /* lines */
	uint32_t end[CDP_STRETCH_LINES];
};

struct cdp_stretches { /* an empty one is { 0 }: not open, knows nothing */
	bool open;
	uint8_t secret[CDP_SECRET_SIZE];
	struct cdp_beside file;
	struct cdp_map set; /* of 16 bytes, to the 8 behind them */
	struct cdp_arena mem;
	struct cdp_buf fresh;   /* to be written */
	uint64_t start;         /* the line that the next stretch begins with */
	uint64_t ended;         /* a line with which one could end */
	struct cdp_stretch now; /* the one that was cut, */
	struct cdp_hash128 h;   /* of all of it */
	/* If it is being read: */
	uint64_t until; /* its last line; 0: none is */
	uint64_t more;  /* the 8 bytes to be noted with it */
	size_t nline, ngood;
};

/*
 * Read what is kept beside log; without effect if it is only read.
 *
 * of  what the sort of the lines depends on; with the version of this
 *     program it goes into the key
 */
void cdp_stretch_open(
    struct cdp_stretches *kn, struct cdp_log *log, struct cdp_str of);

/*
 * Before a line is taken: does a stretch begin with it?  The one before is
 * over.
 *
 * lines   what is there, whole lines with newlines, from that line on
 * lineno  its number, from 1 in each file
 * last    nothing comes behind them in this file
 * ret     if the answer is no: whether more would help, and when to ask again
 *
 * Returns whether kn->now is a stretch, and kn->h its hash.
 */
bool cdp_stretch_cut(struct cdp_stretches *kn, struct cdp_str lines,
    uint64_t lineno, bool last, struct cdp_peek *ret);

/* Whether it is a known one, and what was noted with it. */
bool cdp_stretch_known(const struct cdp_stretches *kn, uint64_t *more);

/* Its lines are going to be read, up to where ret says then. */
void cdp_stretch_read(struct cdp_stretches *kn, struct cdp_peek *ret);

/* One of its lines was read: is it of the sort to be taken unread? */
static inline void
cdp_stretch_line(struct cdp_stretches *kn, bool good)
{
	kn->nline++;
	kn->ngood += good;
}

/* All lines that were to come have come. */
void cdp_stretch_end(struct cdp_stretches *kn);

/* Write what is new. */
void cdp_stretch_save(struct cdp_stretches *kn);
void cdp_stretch_free(struct cdp_stretches *kn);

#endif
