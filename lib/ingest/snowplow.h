#ifndef CDP_INGEST_SNOWPLOW_H
#define CDP_INGEST_SNOWPLOW_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/json/tape.h"

/*
 * snowplow: enriched events, 131 fields between tabs.
 *
 * For a map, an event is a JSON object of the fields that have something in
 * them, by their names: numbers, booleans and times (of RFC 3339) as such, and
 * what describes itself under the name that Snowplow's loaders give it:
 * unstruct_event_VENDOR_NAME_MODEL, and contexts_VENDOR_NAME_MODEL, a list.
 * Without a map it is an event of the Spec.
 */
#define CDP_SNOWPLOW_FIELDS 131

struct cdp_snowplow {
	struct cdp_str f[CDP_SNOWPLOW_FIELDS];
	struct cdp_tape tape; /* of what describes itself */
};

/* Find the fields of a line: 0, or CDP_EDATA "snowplow_fields". */
int cdp_snowplow_read(
    struct cdp_snowplow *s, struct cdp_str line, struct cdp_err *err);

/*
 * Append what was read as an object of fields, or as an event of the Spec.
 * 0; CDP_EDATA "snowplow_field" for what is not what its field holds.
 */
int cdp_snowplow_object(struct cdp_snowplow *s, struct cdp_buf *b,
    struct cdp_arena *mem, struct cdp_err *err);
int cdp_snowplow_event(struct cdp_snowplow *s, struct cdp_buf *b,
    struct cdp_arena *mem, struct cdp_err *err);

void cdp_snowplow_free(struct cdp_snowplow *s);

#endif
