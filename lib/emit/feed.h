#ifndef CDP_EMIT_FEED_H
#define CDP_EMIT_FEED_H

#include "lib/emit/roster.h"
#include "lib/json/line.h"
#include "lib/rule/project.h"

/*
 * feed: what the stream itself brings to destinations.
 *
 * Of a destination's "events" each that comes by is a "track"; its "traits"
 * are an "identify" whenever one of them is not what it was told last; and
 * whoever is in one of its "audiences" is an "add", whoever was told and is
 * not any more a "remove".  Each is made into an activation, and goes the way
 * of those of journeys.
 *
 * What somebody is, not what happened to him, decides: so a line that shows a
 * person brings everything up to date, whether it is his membership that
 * changed, his consent, or the project.
 */
struct cdp_fed { /* what became of one */
	bool out;
	const char *why; /* if not */
	char key[37];    /* the UUID of its delivery */
};

#define CDP_FEEDS_LOGS 3 /* whose lines may come here */

struct cdp_feeds {
	const struct cdp_project *pr;
	struct cdp_kept *kept;
	bool events, traits, audiences; /* some destination has them */
	/* Up to which line of each log all is known: resync.c. */
	struct {
		char o[CDP_LINE_O_MAX + 1];
		uint64_t n;
	} synced[CDP_FEEDS_LOGS];
	struct cdp_buf line;
	/*
	 * Decide on the activation line; one that is held or fails for the
	 * reason was again is not told of again.
	 */
	int (*act)(void *arg, struct cdp_str line, struct cdp_str was,
	    struct cdp_fed *ret, struct cdp_err *err);
	void *arg;
};

/* pr, kept and arg are borrowed. */
void cdp_feeds_init(
    struct cdp_feeds *fs, const struct cdp_project *pr, struct cdp_kept *kept);
void cdp_feeds_free(struct cdp_feeds *fs);

/* Read from kept how far all is known, once it has its log; and write it. */
int cdp_feeds_open(struct cdp_feeds *fs, struct cdp_err *err);
void cdp_feeds_save(struct cdp_feeds *fs);

/* Whether the line may bring anything to anybody. */
bool cdp_feeds_wants(const struct cdp_feeds *fs, const struct cdp_line *ln);

/* Take such a line.  0 or fatal. */
int cdp_feeds_line(
    struct cdp_feeds *fs, const struct cdp_line *ln, struct cdp_err *err);

#endif
