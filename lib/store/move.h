#ifndef CDP_STORE_MOVE_H
#define CDP_STORE_MOVE_H

#include "lib/store/log.h"

/*
 * move: a whole store as lines of text, and a store from them.
 *
 * The text has all that a store means, its SECRET included, and nothing of how
 * it lies on the disk: no epochs, segments, old versions.  So it outlives a
 * format, and must be guarded like the store.  The lines are in cdp-store(5).
 */

/*
 * Write st through fn.  All logs are opened before the first line, the last of
 * the pipeline first, so that none has read what another does not have, even
 * while a pipeline writes.  0, CDP_EIO, CDP_ECORRUPT, or what fn returned.
 */
int cdp_store_pack(struct cdp_store *st,
    int (*fn)(void *arg, struct cdp_str line), void *arg, struct cdp_err *err);

/*
 * The other way: lines in their order, then cdp_unpack_end(), which checks
 * that the last one was there and puts the store in its place.  Until then it
 * stands at PATH.import, and cdp_unpack_free() leaves it there.
 *
 * new   0; CDP_ECONF if there is something at PATH.import; CDP_EIO
 * line  0; CDP_ECORRUPT if the line does not fit, with its number; CDP_EIO
 * end   0; CDP_EEARLY if lines are missing; CDP_EIO if path is there and not
 *       an empty directory, or cannot be made
 */
struct cdp_unpack; /* opaque */
int cdp_unpack_new(const struct cdp_io *io, const char *path,
    struct cdp_unpack **ret, struct cdp_err *err);
int cdp_unpack_line(
    struct cdp_unpack *u, struct cdp_str line, struct cdp_err *err);
int cdp_unpack_end(struct cdp_unpack *u, struct cdp_err *err);
void cdp_unpack_free(struct cdp_unpack *u);

#endif
