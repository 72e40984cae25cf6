#include "lib/ingest/ahead.h"

#include "lib/base/time.h"
#include "lib/json/write.h"

enum cdp_ahead_verdict
cdp_ahead_put(struct cdp_ahead *a, const struct cdp_waiting *w)
{
	if (cdp_order_count(&a->aside) == 0)
		a->forth = a->back = 0;
	cdp_order_push(&a->aside, w);
	return ++a->forth < CDP_AHEAD_VOTES || a->forth <= a->back
	    ? CDP_AHEAD_PASS
	    : CDP_AHEAD_TRUE;
}

bool
cdp_ahead_lead(
    struct cdp_ahead *a, struct cdp_order *q, int64_t ts_ms, int64_t ahead_ms)
{
	const struct cdp_waiting *min;

	if (a->nlead == 0 || ts_ms >= a->low_ms - ahead_ms) {
		if (a->nlead++ == 0 || ts_ms < a->low_ms)
			a->low_ms = ts_ms;
		a->begun = a->nlead >= CDP_AHEAD_VOTES;
		return false;
	}
	for (; (min = cdp_order_min(q)) != NULL; cdp_order_pop(q))
		cdp_order_push(&a->aside, min);
	a->forth = (unsigned)cdp_order_count(&a->aside);
	a->back = 0;
	a->nlead = 1;
	a->low_ms = ts_ms;
	return true;
}

struct cdp_str
cdp_ahead_edit(
    struct cdp_ahead *a, struct cdp_str edit, int64_t said_ms, int64_t ms)
{
	struct cdp_buf *b = &a->buf;
	struct cdp_tape t = { 0 };
	uint32_t it = 0, key, val;

	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	if (edit.n != 0 && cdp_tape_parse(&t, edit, NULL) == 0)
		while (cdp_tape_next(&t, 0, &it, &key, &val)) {
			if (cdp_tape_streq(&t, key, CDP_STR("timestamp")))
				continue;
			cdp_json_comma(b);
			cdp_buf_put(b, cdp_tape_raw(&t, key));
			cdp_buf_putc(b, ':');
			cdp_buf_put(b, cdp_tape_raw(&t, val));
		}
	cdp_json_ktime(b, "timestamp", ms);
	cdp_json_ktime(b, "ahead", said_ms);
	cdp_buf_putc(b, '}');
	cdp_tape_free(&t);
	return cdp_buf_str(b);
}

int64_t
cdp_ahead_take(struct cdp_ahead *a, struct cdp_order *q, int64_t fixed_ms,
    int rank, bool doubt)
{
	const struct cdp_waiting *min;
	int64_t greatest = CDP_TIME_NONE;
	struct cdp_waiting w;

	for (; (min = cdp_order_min(&a->aside)) != NULL;
	     cdp_order_pop(&a->aside)) {
		w = *min;
		w.doubt = doubt;
		if (fixed_ms != CDP_TIME_NONE) {
			w.edit = cdp_ahead_edit(a, w.edit, w.ts_ms, fixed_ms);
			w.ts_ms = fixed_ms;
			w.rank = rank;
			a->n++;
		}
		greatest = w.ts_ms;
		cdp_order_push(q, &w);
	}
	return greatest;
}

void
cdp_ahead_free(struct cdp_ahead *a)
{
	cdp_order_free(&a->aside);
	cdp_buf_free(&a->buf);
}
