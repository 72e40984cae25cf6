#ifndef CDP_STORE_BESIDE_H
#define CDP_STORE_BESIDE_H

#include "lib/store/log.h"

/*
 * beside: a file beside the segments of a log that only saves time.
 *
 * It is never synced, and whatever becomes of it is as good as if it were not
 * there: bytes may be lost, torn or others.  Who keeps something in it must be
 * able to tell what is its own.  A log that is only read has none.
 */
struct cdp_beside {
	const struct cdp_io *io;
	int fd;       /* -1: there is none */
	uint64_t end; /* where the next bytes go */
};

/*
 * Open or make the file name beside log, and append what it holds to ret, of
 * a file of more than max bytes only the last of them.  What goes wrong leaves
 * ret as it was.
 */
void cdp_beside_open(struct cdp_log *log, const char *name, size_t max,
    struct cdp_beside *b, struct cdp_buf *ret);

/* Append; what cannot be written is not there. */
void cdp_beside_add(struct cdp_beside *b, struct cdp_str bytes);

/* Begin anew with these bytes. */
void cdp_beside_replace(struct cdp_beside *b, struct cdp_str bytes);

void cdp_beside_close(struct cdp_beside *b);

#endif
