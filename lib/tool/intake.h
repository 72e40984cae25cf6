#ifndef CDP_TOOL_INTAKE_H
#define CDP_TOOL_INTAKE_H

#include "lib/rule/project.h"
#include "lib/store/stage.h"

/*
 * intake: what cdp-ingest makes of a few lines, in memory: checked, changed by
 * the project's transforms, in order of time, with clock lines between them.
 *
 * All that are later than the clock when they come are late, as with --wall
 * and a source that says when it sends.
 */
struct cdp_intake_line {
	int64_t comes_ms; /* when it is read; of one after the other */
	struct cdp_str json;
};

/*
 * Append what cdp-ingest prints to ret: lines, the last a clock line at
 * until_ms.  reject is told of each line that does not come in.  0, or a fatal
 * code.
 */
int cdp_intake_run(struct cdp_project *pr, const struct cdp_intake_line *v,
    size_t n, int64_t until_ms, const struct cdp_stage_opt *reject,
    struct cdp_buf *ret, struct cdp_err *err);

#endif
