#ifndef CDP_TOOL_QUESTIONS_H
#define CDP_TOOL_QUESTIONS_H

#include "lib/tool/run.h"

/*
 * questions: what a tool is asked instead of filtering: --explain and its like.
 */
bool cdp_questions_asked(const struct cdp_run *run);

/* Of one that was asked; the project is loaded.  run->no: the answer is no. */
int cdp_questions_answer(struct cdp_run *run, struct cdp_err *err);

#endif
