#ifndef CDP_INGEST_SAME_H
#define CDP_INGEST_SAME_H

#include "lib/ingest/envelope.h"
#include "lib/ingest/order.h"
#include "lib/store/stage.h"

/*
 * same: whether a line is one that came before.
 *
 * An event is its source and messageId.  With them the log keeps a mark: 18
 * bits of a hash of what the event says (its type, event, name, ids, properties
 * and traits, as they are written; not when it was sent, nor its context), and
 * the day it is of.  The first under an id wins; one with another content is a
 * conflict, one that is more than the window away another event.
 *
 * A row of an object without id and time says how the thing is now: it is the
 * same if it says what the last one of that thing said.
 */
uint64_t cdp_same_mark(
    const struct cdp_line *ln, const struct cdp_envelope *env, int64_t ts_ms);

/* The mark of a row without id and time. */
uint64_t cdp_same_row_mark(struct cdp_str id);

/* window_ms: 0 for ever; else it is as good as whole days, rounded up. */
enum cdp_known cdp_same(
    const struct cdp_waiting *w, uint64_t mark, int64_t window_ms);

/*
 * The key of a line, for cdp_stage_keyed(): of the nth event of this source
 * and id, from 0.
 */
void cdp_same_key(struct cdp_buf *key, struct cdp_str source,
    const struct cdp_waiting *w, unsigned n);

#endif
