#include "lib/emit/leave.h"

#include "lib/emit/gate.h"
#include "lib/emit/senderint.h"

#define FRESH_MS 1000
#define SHARE 20 /* of the time, at most one part goes into opening */

void
cdp_leave_free(struct cdp_leave *lv)
{
	cdp_log_close(lv->log);
	cdp_store_close(lv->st);
	cdp_buf_free(&lv->val);
	cdp_tape_free(&lv->tape);
}

/* 0; CDP_END: cdp-merge keeps nothing here. */
static int
look(struct cdp_leave *lv, struct cdp_log *own, int64_t now_ms,
    struct cdp_err *err)
{
	const struct cdp_log_opt opt = { .stage = "merge", .readonly = true };
	int rc;

	if (lv->opened_ms != 0 && now_ms - lv->opened_ms < lv->fresh_ms)
		return lv->log != NULL ? 0 : CDP_END;
	if (lv->st == NULL &&
	    (rc = cdp_store_open(&cdp_io_real, cdp_log_path(own),
		 CDP_STORE_READ, &lv->st, err)) != 0)
		return rc;
	cdp_log_close(lv->log);
	lv->log = NULL;
	lv->opened_ms = now_ms;
	rc = cdp_log_open(lv->st, &opt, &lv->log, err);
	lv->fresh_ms = SHARE * (cdp_sender_now() - now_ms);
	if (lv->fresh_ms < FRESH_MS)
		lv->fresh_ms = FRESH_MS;
	return rc;
}

int
cdp_leave_ask(struct cdp_leave *lv, struct cdp_log *own,
    struct cdp_str destination, struct cdp_str profile, int64_t now_ms,
    const char **why, struct cdp_err *err)
{
	struct cdp_arena mem = { 0 };
	struct cdp_str category;
	bool gone = false;
	int rc;

	*why = NULL;
	if ((rc = look(lv, own, now_ms, err)) != 0)
		return rc == CDP_END ? 0 : rc;
	cdp_buf_reset(&lv->val);
	rc = lv->others->who(
	    lv->others->arg, lv->log, profile, &lv->val, &gone, err);
	if (rc == CDP_END) {
		*why = gone ? "its person was deleted" : NULL;
		return 0;
	}
	if (rc == 0)
		rc = cdp_tape_parse(&lv->tape, cdp_buf_str(&lv->val), err);
	if (rc == 0 && cdp_gate_suppressed(lv->pr, &lv->tape, 0, &mem))
		*why = "suppressed when it was to leave";
	else if (rc == 0 &&
	    cdp_gate_consent(&lv->pr->consent, destination, &lv->tape, 0,
		&category) != CDP_GATE_OPEN)
		*why = "no consent when it was to leave";
	cdp_arena_free(&mem);
	return rc;
}
