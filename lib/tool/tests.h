#ifndef CDP_TOOL_TESTS_H
#define CDP_TOOL_TESTS_H

#include "lib/tool/run.h"

/*
 * tests: --test.  Run the tests of the files that are the operands, or
 * without any those of the project, each on its own, and report.  Sets
 * run->no if one fails.  0, CDP_ECONF or another fatal code.
 */
int cdp_tests_run(struct cdp_run *run, struct cdp_err *err);

#endif
