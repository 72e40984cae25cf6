#ifndef CDP_EMIT_FEEDINT_H
#define CDP_EMIT_FEEDINT_H

#include "lib/emit/feed.h"

/*
 * feedint: what feed.c (events, traits) and sync.c (lists) share.
 */
struct cdp_news { /* of a destination about somebody */
	const struct cdp_destination *to;
	const char *action;
	struct cdp_seat *seat;  /* or NULL */
	char letter;            /* of its key, while that stands; or 0 */
	struct cdp_str profile; /* JSON */
	struct cdp_str person;  /* in whose turn it leaves */
	bool event;             /* with the line itself */
};

/* Decide on it, as of the time and in the name of the line. */
int cdp_feeds_tell(struct cdp_feeds *fs, const struct cdp_line *ln,
    const struct cdp_news *w, struct cdp_str was, struct cdp_fed *ret,
    struct cdp_err *err);

/* ---- sync.c ---- */

/* Bring the lists of d up to date about the person of the line. */
int cdp_sync_line(struct cdp_feeds *fs, const struct cdp_line *ln,
    const struct cdp_destination *d, struct cdp_err *err);

/* from is no more; into is who he is by now, or empty: nobody. */
int cdp_sync_part(struct cdp_feeds *fs, const struct cdp_line *ln,
    const struct cdp_destination *d, struct cdp_str from, struct cdp_str into,
    struct cdp_err *err);

#endif
