/*
 * A source's format on the first line (a digit for the format and one for the
 * table), records on the rest: however they are cut into pieces the records
 * are the same, and each is refused or becomes JSON.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/ingest/rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct cdp_tape tape;

/* Whether it may nest so deep that a row of it nests too deep. */
static bool
deep(const char *p, const char *end)
{
	size_t n = 0;

	for (; p < end; p++)
		n += *p == '[' || *p == '{';
	return n >= CDP_JSON_DEPTH - 2;
}

/* Where the record that begins at p ends, found in steps of so many bytes. */
static const char *
end_of(struct cdp_rows *r, const char *p, const char *end, size_t step)
{
	const char *nl = NULL, *to;
	int state = 0;

	for (; nl == NULL && p < end; p = to) {
		to = (size_t)(end - p) > step ? p + step : end;
		nl = cdp_rows_end(r, p, to, &state);
	}
	return nl != NULL ? nl : end;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data, *end = p + size, *nl;
	struct cdp_source src = { .map = -1, .separator = ',' };
	struct cdp_err err = { 0 };
	struct cdp_rows *r;
	struct cdp_str json;
	uint64_t line = 1;
	int rc;

	if (size < 3 || p[2] != '\n')
		return 0;
	src.format = (enum cdp_format)((unsigned)p[0] % 5);
	src.table = (enum cdp_warehouse)((unsigned)p[1] % 9);
	if (!cdp_rows_needed(&src) ||
	    (src.format == CDP_FORMAT_SNOWPLOW && src.table != 0))
		return 0;
	r = cdp_rows_new(&src, NULL);
	for (p += 3; p < end; p = nl + 1, line++) {
		nl = end_of(r, p, end, size);
		if (end_of(r, p, end, 1) != nl || end_of(r, p, end, 7) != nl)
			abort();
		err = (struct cdp_err){ 0 };
		rc = cdp_rows_read(r, (struct cdp_str){ p, (size_t)(nl - p) },
		    line, &json, &err);
		if (rc < 0 && err.msg[0] == '\0')
			abort();
		if (rc == 0 && !deep(p, nl) &&
		    (cdp_tape_parse(&tape, json, NULL) != 0 ||
			!cdp_tape_isa(&tape, 0, CDP_OBJECT)))
			abort();
	}
	cdp_rows_free(r);
	return 0;
}
