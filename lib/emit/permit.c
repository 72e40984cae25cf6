#include "lib/emit/senderint.h"

#include <stdio.h>

/* What was named to somebody may be taken back, and nothing else. */
static int
forbids_undo(struct cdp_sender *sd, struct cdp_way *w, struct cdp_item *it,
    bool *no, struct cdp_err *err)
{
	const struct cdp_tape *t = &sd->tape;
	uint32_t at = cdp_tape_get(t, 0, CDP_STR("undoes"));
	enum cdp_lane_undo when;
	int rc;

	if (at == CDP_NOTOK)
		return 0;
	rc = cdp_lane_undo(&w->lane, cdp_tape_str(t, at, &sd->mem), &when, err);
	*no = rc == 0 && when != CDP_UNDO_NOW;
	if (rc == 0 && when == CDP_UNDO_LATER)
		cdp_lane_block(&w->lane, it);
	else if (rc == 0 && when == CDP_UNDO_NEVER)
		cdp_sender_settle(w, it, CDP_LANE_PAST,
		    CDP_STR("what it takes back did not leave"), 0);
	return rc;
}

int
cdp_sender_forbids(struct cdp_sender *sd, struct cdp_way *w,
    struct cdp_item *it, struct cdp_str json, bool *no, struct cdp_err *err)
{
	struct cdp_tape *t = &sd->tape;
	const char *why = NULL;
	int rc;

	*no = false;
	if ((rc = cdp_tape_parse(t, json, err)) != 0)
		return rc;
	if (cdp_tape_isa(t, cdp_tape_get(t, 0, CDP_STR("undo")), CDP_TRUE))
		return forbids_undo(sd, w, it, no, err);
	rc = cdp_leave_ask(&sd->leave, sd->log, w->def->name,
	    cdp_tape_str(t, cdp_tape_get(t, 0, CDP_STR("profile")), &sd->mem),
	    cdp_sender_now(), &why, err);
	if (rc != 0 || why == NULL)
		return rc;
	*no = true;
	snprintf(w->said, sizeof(w->said), "%s", why);
	cdp_sender_settle(w, it, CDP_LANE_DEAD, cdp_str_of(why), 0);
	return 0;
}
