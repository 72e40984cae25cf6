#ifndef CDP_TOOL_STANDING_H
#define CDP_TOOL_STANDING_H

#include "lib/tool/run.h"

/*
 * standing: questions about audiences, answered from the store on standard
 * output: how many are in each, who is in one, and why somebody is or is not.
 * Reads only, also while a pipeline writes.
 *
 * 0, with run->no if nobody is known by the name that was asked about;
 * CDP_ECONF: no such store or audience; CDP_EIO, CDP_ECORRUPT.
 */
int cdp_standing_ask(struct cdp_run *run, struct cdp_err *err);

#endif
