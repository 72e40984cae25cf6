#ifndef CDP_INGEST_STRETCH_H
#define CDP_INGEST_STRETCH_H

#include "lib/base/map.h"
#include "lib/store/beside.h"

/*
 * stretch: stretches of input that need not be read again.
 *
 * Input is cut where its content says, every hundred lines or so.  Of a stretch
 * in which each line is one event that passes as it is, whose message id and
 * time a mere look finds, a keyed hash is noted in the file KNOWN beside the
 * log.  The same bytes are the same events: when they come again they are not
 * parsed and not checked, but by what the log keeps under their ids: with the
 * hash stands another one, of the marks (same.h) of its events, and only if
 * those in the log come to the same is each the event that it was.  The project
 * is in the key; whatever else a hash is of, it is of no use.
 */
struct cdp_stretches {
	bool open;
	uint8_t secret[CDP_SECRET_SIZE];
	struct cdp_beside file;
	struct cdp_map set; /* of 16 bytes, to the 8 behind them */
	struct cdp_arena mem;
	struct cdp_buf fresh; /* to be written */
	uint64_t start;       /* the line that the next stretch begins with */
	/* The stretch that is being read, if it is none of them. */
	struct cdp_hash128 h;
	uint64_t marks;
	uint64_t until; /* its last line; 0: there is none */
	size_t lines;   /* in it; so many have come, and passed as they are */
	size_t nline, ngood;
};

/* Read what is kept beside log; without effect if it is only read. */
void cdp_stretch_open(
    struct cdp_stretches *kn, struct cdp_log *log, struct cdp_str project);

/* The lines of the stretch that was begun have come. */
void cdp_stretch_end(struct cdp_stretches *kn);

/* Write what is new. */
void cdp_stretch_save(struct cdp_stretches *kn);
void cdp_stretch_free(struct cdp_stretches *kn);

#define CDP_STRETCH_LINES 512
#define CDP_STRETCH_BYTES ((size_t)256 << 10)

/* Lines: line i is what stands before end[i], and behind the newline there. */
struct cdp_stretch {
	size_t n; /* lines */
	uint32_t end[CDP_STRETCH_LINES];
};

/*
 * The stretch that lines begin with: false if more must be known to tell where
 * it ends.
 *
 * lines  whole lines, with newlines
 * last   nothing comes behind them
 */
bool cdp_stretch_cut(struct cdp_str lines, bool last, struct cdp_stretch *ret);

/* Whether a stretch ends behind this line, if it is long enough. */
bool cdp_stretch_ends(struct cdp_str line);

/* Whether these bytes, whose hash is h, are one of them: the hash of marks. */
bool cdp_stretch_has(const struct cdp_stretches *kn, struct cdp_str bytes,
    struct cdp_hash128 *h, uint64_t *marks);

/* A hash of marks, and one more. */
static inline uint64_t
cdp_stretch_mark(uint64_t marks, uint64_t mark)
{
	marks = (marks ^ mark) * 0x9e3779b97f4a7c15;
	return marks ^ marks >> 29;
}

/*
 * What a look at a line takes for its message id and its time: the first
 * strings behind those names.  A function of its bytes, and not always right.
 * False: there are none.
 */
bool cdp_stretch_look(struct cdp_str raw, struct cdp_str *id, int64_t *ts_ms);

#endif
