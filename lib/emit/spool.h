#ifndef CDP_EMIT_SPOOL_H
#define CDP_EMIT_SPOOL_H

#include "lib/base/io.h"
#include "lib/store/log.h"

/*
 * spool: deliveries to files that appear by rename, exactly once.
 *
 * The lines of a destination are numbered from 1.  What an epoch adds, A to B,
 * is written to DIR/tmp.A-B and synced; the epoch commits with that name in
 * the ledger (state "d:DESTINATION"); then the file becomes DIR/A-B.ndjson.
 * A file that the ledger does not name never was sent and is removed; one that
 * it names is given its name at the next start, or was taken away by its
 * reader.  All files in the order of their names are the deliveries in order,
 * wherever a run was killed.
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
	char name[48]; /* A-B of the file that waits for its name, or "" */
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

/* Before the commit: write the file under its temporary name, name it in the
 * ledger.  After it: give it its name.  Nothing to do without lines. */
int cdp_spool_write(
    struct cdp_spool *sp, struct cdp_log *log, struct cdp_err *err);
int cdp_spool_show(struct cdp_spool *sp, struct cdp_err *err);

#endif
