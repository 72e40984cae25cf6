#include "lib/ingest/state.h"
#include "lib/json/write.h"

/* What cdp-ingest has seen, for those who ask. */

void
cdp_ingest_look(struct cdp_ingest *ig, const struct cdp_line *ln,
    const struct cdp_waiting *w, int64_t ts, bool violating)
{
	const struct cdp_seen seen = {
		.ln = ln,
		.accepted = w != NULL,
		.valid = w != NULL && !violating,
		.ts_ms = ts,
		.id = w != NULL ? w->id : ln->message_id,
	};

	if (ig->opt.expects != NULL)
		cdp_expects_line(ig->opt.expects, &seen);
	if (ig->opt.infer != NULL && seen.accepted)
		cdp_infer_line(ig->opt.infer, ln);
}

const struct cdp_expects *
cdp_ingest_expects(const struct cdp_ingest *ig)
{
	return ig->opt.expects;
}

const struct cdp_infer *
cdp_ingest_infer(const struct cdp_ingest *ig)
{
	return ig->opt.infer;
}

void
cdp_ingest_balance(void *self, uint64_t *more, uint64_t *held)
{
	const struct cdp_ingest *ig = self;

	*more = ig->resumed;
	if (ig->opt.rows != NULL)
		*more += cdp_rows_unmapped(ig->opt.rows);
	*held = ig->held;
}

void
cdp_ingest_stats(void *self, struct cdp_buf *json)
{
	const struct cdp_ingest *ig = self;

	cdp_json_ki64(json, "late", (int64_t)ig->late);
	cdp_json_ki64(json, "ahead", (int64_t)(ig->ahead.n + ig->doubtful));
	cdp_json_ki64(json, "made_ids", (int64_t)ig->made_ids);
	cdp_json_ki64(json, "retimed", (int64_t)ig->retimed);
	cdp_json_ki64(json, "untimed", (int64_t)ig->untimed);
	if (ig->nunread != 0)
		cdp_json_ki64(json, "unread", (int64_t)ig->nunread);
	cdp_json_ki64(json, "unplanned", (int64_t)ig->planned.n.unplanned);
	cdp_json_ki64(json, "violating", (int64_t)ig->planned.n.violating);
	cdp_json_ki64(json, "omitted", (int64_t)ig->planned.n.omitted);
	if (ig->opt.transformer != NULL)
		cdp_json_ki64(json, "filtered", (int64_t)ig->filtered);
	if (ig->opt.rows != NULL)
		cdp_json_ki64(
		    json, "unmapped", (int64_t)cdp_rows_unmapped(ig->opt.rows));
}

uint64_t
cdp_ingest_doubtful(const struct cdp_ingest *ig)
{
	return ig->opt.hold ? 0 : ig->doubtful;
}

uint64_t
cdp_ingest_stale(const struct cdp_ingest *ig)
{
	return ig->stale;
}
