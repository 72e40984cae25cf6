#ifndef CDP_INGEST_ROWS_H
#define CDP_INGEST_ROWS_H

#include "lib/json/jq.h"
#include "lib/json/tape.h"
#include "lib/rule/sources.h"

/*
 * rows: the records of a source that are not yet events, made into such.
 *
 * What kcat prints is opened; then a record is read as its format has it, then
 * as a row of its table, then given to the map; what comes out is one event, or
 * a list of them, as JSON.
 */
struct cdp_rows; /* opaque */

/* Whether there is anything to be done for that source. */
bool cdp_rows_needed(const struct cdp_source *src);

/* src is copied, jq borrowed: it is told that the map is wanted. */
struct cdp_rows *cdp_rows_new(const struct cdp_source *src, struct cdp_jq *jq);
void cdp_rows_free(struct cdp_rows *r);

/*
 * Where the record ends that goes on at p; see cdp_csv_end().  Lines, for
 * sources that are no CSV.
 */
const char *cdp_rows_end(
    const struct cdp_rows *r, const char *p, const char *end, int *state);

/*
 * One record as JSON, which lives until the next.
 *
 * 0; CDP_END if it is the header, or if the map gave nothing for it, which is
 * counted; CDP_EDATA; CDP_ECONF for a header or a map that cannot be used.
 */
int cdp_rows_read(struct cdp_rows *r, struct cdp_str rec, uint64_t lineno,
    struct cdp_str *ret, struct cdp_err *err);

/*
 * Where the last record stands: in the stream "TOPIC/PARTITION" at an offset.
 * False for sources that have no such places, and for what was none.
 */
bool cdp_rows_place(
    const struct cdp_rows *r, struct cdp_str *stream, uint64_t *at);

/* Whether the source has such places. */
bool cdp_rows_placed(const struct cdp_rows *r);

/* A file has ended: the next one has a header of its own. */
void cdp_rows_file_end(struct cdp_rows *r);

/* How many records the map gave nothing for. */
uint64_t cdp_rows_unmapped(const struct cdp_rows *r);

#endif
