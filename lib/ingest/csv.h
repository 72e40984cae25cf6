#ifndef CDP_INGEST_CSV_H
#define CDP_INGEST_CSV_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"

/*
 * csv: tables as text, after RFC 4180, and the same with tabs.
 *
 * The first record names the columns; every other becomes a JSON object of
 * strings, in which an empty field without quotes is null, as PostgreSQL
 * writes it.  A record ends at a newline outside of quotes.  A quote within a
 * field that does not begin with one is a character like any other.
 */
struct cdp_csv {
	char sep;
	struct cdp_str *key; /* of each column: "name": with quotes and colon */
	size_t ncol;         /* 0: the header is still to come */
	struct cdp_arena mem;
};

/*
 * Where the record ends that goes on at p: its newline, or NULL if that is
 * not before end.  *state is 0 at the beginning of a record, and then what the
 * call before has left there.
 */
const char *cdp_csv_end(char sep, const char *p, const char *end, int *state);

/*
 * Take a record for the header: 0, or CDP_ECONF if a name is missing or stands
 * twice, or if what stands there is not text.
 */
int cdp_csv_header(struct cdp_csv *c, struct cdp_str rec, struct cdp_err *err);

/*
 * Append a record as a JSON object.
 *
 * rec     without the newline at its end
 * lineno  of its first line, for messages
 *
 * 0; or CDP_EDATA with line and column in the message and the rule
 * "csv_fields" (not as many as the header has), "csv_quote" or "csv_utf8".
 */
int cdp_csv_row(struct cdp_csv *c, struct cdp_str rec, uint64_t lineno,
    struct cdp_buf *b, struct cdp_err *err);

/* Another file begins: its first record is its header. */
void cdp_csv_restart(struct cdp_csv *c);
void cdp_csv_free(struct cdp_csv *c);

#endif
