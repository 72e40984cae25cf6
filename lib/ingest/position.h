#ifndef CDP_INGEST_POSITION_H
#define CDP_INGEST_POSITION_H

#include <stdbool.h>

#include "lib/base/buf.h"
#include "lib/json/tape.h"

/*
 * position: how far each stream of the input has been taken in.
 *
 * A stream is what can be read again from a number: a partition of a topic.
 * Its position is that of its first record that still waits to be put in time
 * order, or that behind the last one.  It is kept in the epoch that the records
 * before it are in, with those of some epochs before: a reader begins again
 * where all that was printed has been received.
 */
struct cdp_position; /* opaque */

struct cdp_position *cdp_position_new(void);
void cdp_position_free(struct cdp_position *p);

/* A record is being read; the one behind it in the stream begins at next. */
void cdp_position_begin(
    struct cdp_position *p, struct cdp_str stream, uint64_t at, uint64_t next);

/* The streams whose names begin so, but this one, have ended. */
void cdp_position_retire(
    struct cdp_position *p, struct cdp_str prefix, struct cdp_str name);

/* All that is in it has been looked at. */
void cdp_position_end(struct cdp_position *p);

/* Something of it waits, as number seq, which is greater than those before. */
void cdp_position_wait(struct cdp_position *p, uint64_t seq);
void cdp_position_done(struct cdp_position *p, uint64_t seq);

/*
 * What the log keeps: a list of {"n":..,"at":{"events/0":124,..}}, n the last
 * record of the epoch.
 */
int cdp_position_load(
    struct cdp_position *p, struct cdp_str json, struct cdp_err *err);

/*
 * Append that list with an epoch more, whose last record is to be n; false,
 * and nothing is appended, if no stream has moved.
 */
bool cdp_position_save(struct cdp_position *p, uint64_t n, struct cdp_buf *b);

/*
 * Where to begin again in streams whose names begin so: calls fn(arg, name, at)
 * for each of the newest epoch that was received (see cdp_position_safe), and
 * then, with 0, for each that only a newer one names, in the order in which
 * they were come to.
 */
void cdp_position_resume(const struct cdp_position *p, uint64_t received,
    struct cdp_str prefix,
    void (*fn)(void *arg, struct cdp_str name, uint64_t at), void *arg);

/*
 * Of a list, the positions {"events/0":124,..} to begin again at: of the
 * newest epoch of which all records were received.
 *
 * received  the highest number that was; 0: nobody says, so the newest epoch
 *           may be lost
 */
uint32_t cdp_position_safe(const struct cdp_tape *list, uint64_t received);

#endif
