#ifndef CDP_EMIT_LEAVE_H
#define CDP_EMIT_LEAVE_H

#include "lib/emit/others.h"
#include "lib/rule/project.h"

/*
 * leave: whether what was decided may still leave.
 *
 * What is queued may leave hours later.  So who it is for is looked up once
 * more, in what cdp-merge has kept in the same store a second ago, or, where
 * opening its log takes long, twenty times as long: suppressed, deleted, or
 * without consent by now, it does not leave.
 */
struct cdp_leave { /* an empty one has pr and known set */
	const struct cdp_project *pr;
	const struct cdp_others *others;
	struct cdp_store *st;        /* opened once more, to be read */
	struct cdp_log *log;         /* of cdp-merge */
	int64_t opened_ms, fresh_ms; /* when, and for how long it is new */
	struct cdp_buf val;
	struct cdp_tape tape;
};

void cdp_leave_free(struct cdp_leave *lv);

/*
 * own      a log of the store
 * profile  its id; one that cdp-merge never knew may have anything
 * why      receives what keeps it, NULL if nothing does
 *
 * 0 or fatal.
 */
int cdp_leave_ask(struct cdp_leave *lv, struct cdp_log *own,
    struct cdp_str destination, struct cdp_str profile, int64_t now_ms,
    const char **why, struct cdp_err *err);

#endif
