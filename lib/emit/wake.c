#include "lib/emit/emitint.h"

/* One line that waited, in memory of its own. */
static int
read_woken(struct cdp_emit *em, struct cdp_line *ret, struct cdp_err *err)
{
	cdp_arena_reset(&em->woken_mem);
	return cdp_line_parse(cdp_buf_str(&em->woken), 0, &em->woken_tape,
	    &em->woken_mem, ret, err);
}

int
cdp_emit_withdraw(struct cdp_emit *em, const struct cdp_line *ln,
    struct cdp_outs *outs, struct cdp_err *err)
{
	struct cdp_delivery d;
	struct cdp_line woken;
	int rc;

	for (;;) {
		cdp_buf_reset(&em->woken);
		rc = cdp_contacts_recall(
		    &em->desk.contacts, ln, &em->woken, err);
		if (rc != 0)
			return rc == CDP_END ? 0 : rc;
		if ((rc = read_woken(em, &woken, err)) != 0 ||
		    (rc = cdp_delivery_withdraw(
			 &em->desk, &woken, ln, &d, err)) != 0)
			return rc;
		cdp_emit_put(em, &d, outs);
	}
}

int
cdp_emit_wake(struct cdp_emit *em, int64_t now_ms, struct cdp_outs *outs,
    struct cdp_err *err)
{
	struct cdp_line ln;
	int rc;

	for (;;) {
		cdp_buf_reset(&em->woken);
		rc = cdp_contacts_next(
		    &em->desk.contacts, now_ms, &em->woken, err);
		if (rc != 0)
			return rc == CDP_END ? 0 : rc;
		if ((rc = read_woken(em, &ln, err)) != 0 ||
		    (rc = cdp_emit_act(em, &ln, CDP_CAME_AGAIN, outs, err)) !=
			0)
			return rc;
	}
}
