#ifndef CDP_TOOL_ERASE_H
#define CDP_TOOL_ERASE_H

#include "lib/tool/admin.h"

/*
 * erase: the removal of people from every byte of a store.
 *
 * Who is to go is first written down in cdp-merge's log ("x:ID", and the keyed
 * hash of each identifier), so that a run that was killed is finished by the
 * next one, whoever it names.  Then each log is written anew without them,
 * cdp-merge's last: with it go the marks.
 */

/*
 * The operands, and the lines of the key file; and whom a delete line took
 * earlier.  Prints a line a log, and at last what is kept.  0; CDP_END if
 * nobody is known by one of them; CDP_ELOCKED if a filter runs.
 */
int cdp_admin_erase(struct cdp_admin *a, struct cdp_err *err);

#endif
