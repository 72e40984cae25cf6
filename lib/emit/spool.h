#ifndef CDP_EMIT_SPOOL_H
#define CDP_EMIT_SPOOL_H

#include "lib/base/io.h"
#include "lib/store/log.h"

/*
 * spool: deliveries to files that appear by rename, exactly once.
 *
 * The lines of a destination are numbered from 1.  What an epoch adds, A to B,
 * is written to DIR/tmp.A-B and synced; the epoch commits with B in the ledger
 * (state "d:DESTINATION"); then the file becomes DIR/A-B.ndjson.  At the next
 * start a temporary file that ends at the ledger's number gets its name, one
 * that goes beyond it never was sent and is removed; if there is neither, the
 * file was named, and its reader may have taken it.  All files in the order of
 * their names are the deliveries in order, wherever a run was killed; where
 * one ends and the next begins depends on the epochs, the ledger does not.
 *
 * A directory belongs to one destination of one store.
 */
struct cdp_spool {
	const struct cdp_io *io;
	struct cdp_str destination, base, dir; /* borrowed */
	int fd;                                /* of the directory, or -1 */
	uint64_t n;                            /* lines in the ledger */
	uint64_t more;                         /* lines of this epoch */
	struct cdp_buf lines;
	char name[48]; /* the temporary file that waits for its name, or "" */
};

/* base: what dir is relative to.  Nothing is touched yet. */
void cdp_spool_init(struct cdp_spool *sp, const struct cdp_io *io,
    struct cdp_str destination, struct cdp_str base, struct cdp_str dir);
void cdp_spool_free(struct cdp_spool *sp);

/*
 * Read the ledger, finish what a killed run left.  0; CDP_EIO; CDP_ELOCKED if
 * somebody else delivers into that directory; CDP_ECORRUPT if it holds more
 * than the ledger knows.
 */
int cdp_spool_open(
    struct cdp_spool *sp, struct cdp_log *log, struct cdp_err *err);

/* One line, without its newline, for the next file. */
void cdp_spool_add(struct cdp_spool *sp, struct cdp_str line);

/* Before the commit: write the file under its temporary name, count it in the
 * ledger.  After it: give it its name.  Nothing to do without lines. */
int cdp_spool_write(
    struct cdp_spool *sp, struct cdp_log *log, struct cdp_err *err);
int cdp_spool_show(struct cdp_spool *sp, struct cdp_err *err);

#endif
