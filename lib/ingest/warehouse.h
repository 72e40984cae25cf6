#ifndef CDP_INGEST_WAREHOUSE_H
#define CDP_INGEST_WAREHOUSE_H

#include "lib/base/buf.h"
#include "lib/json/tape.h"
#include "lib/rule/sources.h"

/*
 * warehouse: rows of the tables that Segment writes to a warehouse, as events.
 *
 * A row of tracks, pages, screens, identifies, groups or aliases, or of the
 * table of one event, is the event it was: id is its messageId, context_* is
 * its context, other columns are its properties or traits, under the names
 * that they have in the table.  A row of users is an identify, one of accounts
 * an object.  Columns that are null were never there.
 */

/* Append the event that the row, an object at 0, was.  O(row). */
void cdp_warehouse_event(struct cdp_buf *b, const struct cdp_tape *row,
    enum cdp_warehouse table, struct cdp_arena *mem);

/*
 * Append a time as warehouses and files write it as a JSON string of RFC 3339:
 * "2026-03-01 10:00:00.5+00", "2026-03-01 10:00:00 UTC", without a zone (UTC),
 * a date alone (midnight).  What is no such time is appended as it is.
 */
void cdp_warehouse_time(struct cdp_buf *b, struct cdp_str s);

#endif
