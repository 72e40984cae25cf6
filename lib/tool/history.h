#ifndef CDP_TOOL_HISTORY_H
#define CDP_TOOL_HISTORY_H

#include "lib/tool/admin.h"

/*
 * history: what a store has been through, as NDJSON.  The commands are as in
 * admin.h; those of logs take the logs named, or all.
 */

/* Each epoch of each log. */
int cdp_admin_log(struct cdp_admin *a, struct cdp_err *err);

/* Each state of each operand, a profile, that is still there. */
int cdp_admin_history(struct cdp_admin *a, struct cdp_err *err);

/* How much each log holds, and how much of it is needed. */
int cdp_admin_stats(struct cdp_admin *a, struct cdp_err *err);

/* How far each log has come. */
int cdp_admin_position(struct cdp_admin *a, struct cdp_err *err);

/*
 * The state of key by the last epoch whose event time is not after time_ms,
 * appended to val.  0; CDP_END: none, or none that is still there; CDP_EIO,
 * CDP_ECORRUPT.
 */
int cdp_admin_as_of(struct cdp_log *log, struct cdp_str key, int64_t time_ms,
    struct cdp_buf *val, struct cdp_err *err);

#endif
