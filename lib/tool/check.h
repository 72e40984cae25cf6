#ifndef CDP_TOOL_CHECK_H
#define CDP_TOOL_CHECK_H

#include "lib/tool/run.h"

/*
 * check: --check, with its report.
 *
 * The project alone, or, for a tool that can, the records of the inputs too:
 * each goes the way it would go, but to no store and to no output.
 */

/* Whether records are looked at, not passed: --check FILE, --infer, --against. */
bool cdp_check_looks(const struct cdp_run *run);

/*
 * Note what was wrong with a record, with the place of its field in the line
 * that is being read.  What a violation of the plan says was noted by itself.
 */
void cdp_check_reject(struct cdp_run *run, const struct cdp_line *ln,
    const char *code, struct cdp_str field, struct cdp_str message);

/*
 * All of the project and, by read(), which feeds the tool, of the inputs has
 * been looked at: ask the tool what came of it and write the report.
 */
int cdp_check_end(struct cdp_run *run, struct cdp_err *err);

#endif
