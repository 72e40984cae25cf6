#ifndef CDP_TOOL_VERSION_H
#define CDP_TOOL_VERSION_H

#include "lib/tool/run.h"

/*
 * version: the other version of the project, which --against names.  Faults in
 * it are printed.  0; CDP_ECONF, CDP_EIO.
 */
int cdp_version_load(
    struct cdp_run *run, struct cdp_project **ret, struct cdp_err *err);

/*
 * A line of the input: CDP_ECONF if cdp-ingest has not written it, without
 * whose clock lines time would stand still.
 */
int cdp_version_line(const struct cdp_line *ln, struct cdp_err *err);

/* The input has ended: say so if there was nothing to compare. */
void cdp_version_end(struct cdp_run *run);

#endif
