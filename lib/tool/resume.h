#ifndef CDP_TOOL_RESUME_H
#define CDP_TOOL_RESUME_H

#include "lib/tool/run.h"

/*
 * resume: reading on in a file that is followed.
 */

/*
 * Find where the one file of --follow was left, and set up the input to read on
 * there: first what is left of it under another name, then what has its name
 * now.  0; CDP_ECONF for other operands than one file.
 */
int cdp_resume_begin(struct cdp_run *run, struct cdp_err *err);

/* Say where the line stands that was just read. */
void cdp_resume_place(struct cdp_run *run);

#endif
