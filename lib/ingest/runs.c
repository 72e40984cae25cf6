#include "lib/ingest/state.h"

#define WAKE_MS 500

int
cdp_ingest_begin(struct cdp_ingest *ig, struct cdp_stage *sg,
    struct cdp_str first, struct cdp_err *err)
{
	struct cdp_order *q = &ig->order;
	int rc = cdp_stage_ready(sg, err);

	if (rc == 0)
		rc = cdp_hold_begin(
		    &ig->hold, sg, first, q, &ig->ahead.aside, err);
	if (rc != 0 || ig->hold.from.g == 0)
		return rc;
	ig->tier = (int)ig->hold.from.tier;
	ig->tier_ms = ig->hold.from.tier_ms;
	ig->ticked = ig->hold.from.ticked;
	ig->ahead.forth = (unsigned)cdp_order_count(&ig->ahead.aside);
	ig->resumed = cdp_order_count(q) + ig->ahead.forth;
	if (q->n != 0) {
		ig->greatest = q->ring[(q->at + q->n - 1) & (q->cap - 1)].ts_ms;
		ig->ahead.low_ms = q->ring[q->at].ts_ms;
		ig->ahead.nlead = (unsigned)q->n;
	}
	return 0;
}

int
cdp_ingest_idle(
    void *self, struct cdp_stage *sg, int *wake_ms, struct cdp_err *err)
{
	struct cdp_ingest *ig = self;
	int64_t now;
	int rc;

	if (ig->opt.wall == NULL)
		return 0;
	*wake_ms = WAKE_MS;
	if ((now = ig->opt.wall()) > ig->greatest)
		ig->greatest = now;
	if ((rc = cdp_ingest_release(ig, sg, err)) != 0)
		return rc;
	now = cdp_ingest_tick(ig, ig->greatest - ig->opt.lateness_ms);
	return now > ig->ticked ? cdp_ingest_tell(ig, sg, now, err) : 0;
}

/* The queue, at the end. */
static int
settle(struct cdp_ingest *ig, struct cdp_stage *sg, struct cdp_err *err)
{
	size_t n;
	int rc = 0;

	if (!ig->hold.begun)
		rc = cdp_ingest_begin(ig, sg, CDP_STR(""), err);
	if (rc == 0 && !ig->opt.hold && cdp_ahead_most(&ig->ahead))
		cdp_ingest_believe(ig, CDP_AHEAD_TRUE);
	if (rc == 0)
		rc = cdp_ingest_release(ig, sg, err);
	n = cdp_order_count(&ig->order) + cdp_order_count(&ig->ahead.aside);
	if (rc == 0 && ig->hold.again.n != 0)
		rc = cdp_hold_again(&ig->hold, sg, &ig->order, &ig->order, err);
	ig->doubtful = cdp_order_count(&ig->ahead.aside);
	if (rc == 0)
		(void)cdp_ahead_take(
		    &ig->ahead, &ig->order, CDP_TIME_NONE, 0, true);
	if (rc == 0 && !ig->opt.hold) {
		ig->resumed += cdp_order_count(&ig->order) - n;
		rc = cdp_ingest_release_all(ig, sg, err);
	}
	if (rc != 0 ||
	    (!ig->opt.hold && ig->hold.from.g == 0 && ig->hold.again.g == 0))
		return rc;
	ig->held = cdp_hold_end(&ig->hold, sg, &ig->order,
	    &(struct cdp_hold_set){ .tier = ig->tier,
		.tier_ms = ig->tier_ms,
		.ticked = ig->ticked },
	    ig->position);
	if (ig->held > n)
		ig->resumed += ig->held - n;
	return 0;
}

int
cdp_ingest_finish(void *self, struct cdp_stage *sg, struct cdp_err *err)
{
	struct cdp_ingest *ig = self;
	int64_t last = ig->greatest;
	int rc;

	rc = cdp_violations_close(ig->opt.violations, err);
	ig->opt.violations = NULL;
	if (rc != 0 || sg == NULL)
		return rc;
	cdp_stretch_end(&ig->known);
	cdp_stretch_save(&ig->known);
	if ((rc = settle(ig, sg, err)) != 0 || ig->opt.hold)
		return rc;
	if (ig->opt.until_ms > last)
		last = ig->opt.until_ms;
	return last > ig->ticked ? cdp_ingest_tell(ig, sg, last, err) : 0;
}
