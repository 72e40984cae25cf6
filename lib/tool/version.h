#ifndef CDP_TOOL_VERSION_H
#define CDP_TOOL_VERSION_H

#include "lib/tool/run.h"

/*
 * version: the other version of the project, which --against names.  Faults in
 * it are printed.  0; CDP_ECONF, CDP_EIO.
 */
int cdp_version_load(
    struct cdp_run *run, struct cdp_project **ret, struct cdp_err *err);

#endif
