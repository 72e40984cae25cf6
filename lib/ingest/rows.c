#include "lib/ingest/rows.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/ingest/csv.h"
#include "lib/ingest/kcat.h"
#include "lib/ingest/snowplow.h"
#include "lib/ingest/warehouse.h"

struct cdp_rows {
	struct cdp_source src;
	struct cdp_jq *jq;
	struct cdp_csv csv;
	struct cdp_snowplow snowplow;
	struct cdp_tape tape;
	struct cdp_buf row, event;
	struct cdp_arena mem; /* for one record */
	uint64_t unmapped;
	struct cdp_kcat place; /* of the record; its topic is empty: none */
	struct cdp_buf stream;
};

static bool
is_csv(const struct cdp_source *src)
{
	return src->format == CDP_FORMAT_CSV || src->format == CDP_FORMAT_TSV;
}

bool
cdp_rows_needed(const struct cdp_source *src)
{
	return is_csv(src) || src->kcat || src->format == CDP_FORMAT_SNOWPLOW ||
	    src->table != CDP_WAREHOUSE_NONE || src->map >= 0;
}

struct cdp_rows *
cdp_rows_new(const struct cdp_source *src, struct cdp_jq *jq)
{
	struct cdp_rows *r = cdp_xcalloc(1, sizeof(*r));

	r->src = *src;
	r->jq = jq;
	r->csv.sep = src->separator;
	if (src->map >= 0)
		cdp_jq_want(jq, src->map);
	return r;
}

void
cdp_rows_free(struct cdp_rows *r)
{
	if (r == NULL)
		return;
	cdp_csv_free(&r->csv);
	cdp_snowplow_free(&r->snowplow);
	cdp_tape_free(&r->tape);
	cdp_buf_free(&r->row);
	cdp_buf_free(&r->event);
	cdp_buf_free(&r->stream);
	cdp_arena_free(&r->mem);
	free(r);
}

const char *
cdp_rows_end(
    const struct cdp_rows *r, const char *p, const char *end, int *state)
{
	if (is_csv(&r->src))
		return cdp_csv_end(r->src.separator, p, end, state);
	return memchr(p, '\n', (size_t)(end - p));
}

/* ---- one record ---- */

static int
read_snowplow(struct cdp_rows *r, struct cdp_str rec, struct cdp_str *ret,
    struct cdp_err *err)
{
	struct cdp_snowplow *s = &r->snowplow;
	int rc = cdp_snowplow_read(s, rec, err);

	if (rc != 0)
		return rc;
	cdp_buf_reset(&r->row);
	rc = r->src.map >= 0 ? cdp_snowplow_object(s, &r->row, &r->mem, err)
			     : cdp_snowplow_event(s, &r->row, &r->mem, err);
	*ret = cdp_buf_str(&r->row);
	return rc;
}

/* A record as its format has it. */
static int
read_format(struct cdp_rows *r, struct cdp_str rec, uint64_t lineno,
    struct cdp_str *ret, struct cdp_err *err)
{
	int rc;

	*ret = rec;
	if (r->src.format == CDP_FORMAT_SNOWPLOW)
		return read_snowplow(r, rec, ret, err);
	if (!is_csv(&r->src))
		return 0;
	if (r->csv.ncol == 0) {
		rc = cdp_csv_header(&r->csv, rec, err);
		return rc != 0 ? rc : CDP_END;
	}
	cdp_buf_reset(&r->row);
	rc = cdp_csv_row(&r->csv, rec, lineno, &r->row, err);
	*ret = cdp_buf_str(&r->row);
	return rc;
}

static int
read_table(struct cdp_rows *r, struct cdp_str *text, struct cdp_err *err)
{
	if (!cdp_tape_isa(&r->tape, 0, CDP_OBJECT))
		return cdp_fail_rule(err, CDP_EDATA, "not_object", NULL,
		    "a row of a table must be an object");
	cdp_buf_reset(&r->event);
	cdp_warehouse_event(&r->event, &r->tape, r->src.table, &r->mem);
	*text = cdp_buf_str(&r->event);
	return 0;
}

static int
run_map(struct cdp_rows *r, struct cdp_str *text, struct cdp_err *err)
{
	struct cdp_err why = { 0 };
	struct cdp_str place = cdp_jq_place(r->jq, r->src.map);
	int rc = cdp_jq_run(r->jq, r->src.map, *text, &r->mem, text, &why);

	if (rc == CDP_EDATA)
		return cdp_fail_rule(err, rc, "map_failed", NULL,
		    "the map at %.*s: %s", (int)place.n, place.p, why.msg);
	*err = why;
	if (rc == 0 && cdp_str_is(*text, "[]")) {
		r->unmapped++;
		rc = CDP_END;
	}
	return rc;
}

/* What is in a message; CDP_END if nothing is, as where a key was deleted. */
static int
open_message(struct cdp_rows *r, struct cdp_str *rec, struct cdp_err *err)
{
	int rc;

	r->place = (struct cdp_kcat){ .offset = 0 };
	rc = cdp_kcat_read(*rec, &r->tape, &r->mem, &r->place, err);
	if (rc != 0)
		return rc;
	cdp_buf_reset(&r->stream);
	cdp_buf_put(&r->stream, r->place.topic);
	cdp_buf_printf(&r->stream, "/%lld", (long long)r->place.partition);
	*rec = r->place.payload;
	if (rec->n != 0)
		return 0;
	r->unmapped++;
	return CDP_END;
}

bool
cdp_rows_place(const struct cdp_rows *r, struct cdp_str *stream, uint64_t *at)
{
	if (r->place.topic.n == 0)
		return false;
	*stream = cdp_buf_str(&r->stream);
	*at = (uint64_t)r->place.offset;
	return true;
}

bool
cdp_rows_placed(const struct cdp_rows *r)
{
	return r->src.kcat;
}

int
cdp_rows_read(struct cdp_rows *r, struct cdp_str rec, uint64_t lineno,
    struct cdp_str *ret, struct cdp_err *err)
{
	int rc;

	cdp_arena_reset(&r->mem);
	if (r->src.kcat && (rc = open_message(r, &rec, err)) != 0)
		return rc;
	if ((rc = read_format(r, rec, lineno, ret, err)) != 0)
		return rc;
	/* jq's own parser takes what is no JSON, and says less about it. */
	if ((r->src.table != CDP_WAREHOUSE_NONE ||
		r->src.format == CDP_FORMAT_NDJSON ||
		r->src.format == CDP_FORMAT_SEGMENT) &&
	    (rc = cdp_tape_parse(&r->tape, *ret, err)) != 0)
		return rc;
	if (r->src.table != CDP_WAREHOUSE_NONE &&
	    (rc = read_table(r, ret, err)) != 0)
		return rc;
	return r->src.map >= 0 ? run_map(r, ret, err) : 0;
}

void
cdp_rows_file_end(struct cdp_rows *r)
{
	cdp_csv_restart(&r->csv);
}

uint64_t
cdp_rows_unmapped(const struct cdp_rows *r)
{
	return r->unmapped;
}
