#ifndef CDP_JOURNEY_EDITIONS_H
#define CDP_JOURNEY_EDITIONS_H

#include "lib/journey/counts.h"
#include "lib/store/log.h"

/*
 * editions: the versions of one journey that a store has met.
 *
 * An instance stays under the version by which it entered, until it ends or
 * "migrate" moves it.  Its state says which with a small number; what the
 * version says is in the log once, under its hash, and is read again while
 * somebody runs under it, or a goal of who has ended may still come.
 */
struct cdp_edition {
	char version[17];
	const struct cdp_journey *jr; /* NULL: nobody needs it */
	bool written;                 /* what it says is in the log */
	struct cdp_tally tally;
};

struct cdp_editions {
	const struct cdp_journey *jr; /* the project's */
	struct cdp_edition *v;        /* in the order in which they were met */
	size_t n;
};

void cdp_editions_free(struct cdp_editions *es);

/* The number of the project's version, which is met now at the latest. */
size_t cdp_editions_now(struct cdp_editions *es);

/* What that one says; the project's, if it is not known any more. */
const struct cdp_journey *cdp_editions_journey(
    const struct cdp_editions *es, size_t edition);

/* The one that begins with those hex digits, or n. */
size_t cdp_editions_find(const struct cdp_editions *es, struct cdp_str version);

/* The number in a state, by member "edition". */
size_t cdp_edition_read(const struct cdp_tape *t, uint32_t at);

/*
 * Read what the log has of it, and the versions that are needed at now_ms.  0;
 * CDP_ECONF if one of these cannot be understood any more; CDP_EIO,
 * CDP_ECORRUPT.
 */
int cdp_editions_open(struct cdp_editions *es, struct cdp_project *pr,
    struct cdp_log *log, int64_t now_ms, struct cdp_err *err);

/* Read what one says, needed or not: the same codes; CDP_END: it is lost. */
int cdp_editions_load(struct cdp_editions *es, struct cdp_project *pr,
    struct cdp_log *log, size_t edition, struct cdp_err *err);

/* Put what has changed. */
void cdp_editions_save(struct cdp_editions *es, struct cdp_log *log);

/* All of them together, to be freed by the caller. */
void cdp_editions_sum(const struct cdp_editions *es, struct cdp_tally *ret);

/* As a JSON object: the sum, and each version if there are several. */
void cdp_editions_write(struct cdp_buf *b, const struct cdp_editions *es);

#endif
