#ifndef CDP_INGEST_PLANNED_H
#define CDP_INGEST_PLANNED_H

#include "lib/ingest/envelope.h"
#include "lib/rule/project.h"

/*
 * planned: what the tracking plan says about an event.
 *
 * An event is judged first by the rule for its name or type, of several
 * versions by the one that context.protocols.event_version names, or the
 * oldest; then by the one
 * common to all; both see all of it, also what will be left out.  What passes
 * though it was at fault says so in context.protocols, as Segment's does:
 * sourceId, omitted, omitted_on_violation, violations.
 */
struct cdp_planned_counts {
	uint64_t unplanned; /* events the plan does not know */
	uint64_t violating; /* events with a violation, passed or not */
	uint64_t omitted;   /* properties and traits left out */
};

struct cdp_planned {
	const struct cdp_plan *plan; /* borrowed */
	struct cdp_str source;       /* for the stamp */
	/*
	 * Called for each violation (or NULL); code: what the event would be
	 * rejected for; blocked: it is.
	 */
	void (*violation)(void *arg, const struct cdp_line *ln,
	    const struct cdp_violation *v, const char *code, bool blocked);
	void *arg;
	struct cdp_planned_counts n; /* added to */
};

/*
 * Judge a line whose envelope is good.
 *
 * edit  receives members for cdp_json_splice, if the line must change: an
 *       object that is still open
 *
 * 0, or CDP_EDATA with the rule "unplanned", "schema_violation" or
 * "common_schema_violation".  An event the plan has nothing for costs a
 * look-up.
 */
int cdp_planned_judge(struct cdp_planned *pl, const struct cdp_line *ln,
    const struct cdp_envelope *env, struct cdp_buf *edit, struct cdp_err *err);

#endif
