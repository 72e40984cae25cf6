#ifndef CDP_PROFILE_UNMERGE_H
#define CDP_PROFILE_UNMERGE_H

#include "lib/profile/profile.h"

/*
 * unmerge: take back what joined people, and make of them who they would be.
 *
 * An identifier that is taken back identifies nobody, as if it had been
 * blocked always, and from now on.  An event that is taken back has had, with
 * all events of the same identifiers, the first of them only; a later one may
 * say it again.
 */

/*
 * The line {"type":"unmerge", and whom, "event": or not}.  It passes; behind
 * it, each profile that is another now is a line.  An event that joined
 * nothing of that profile is reported ("unknown_event").  0; CDP_EDATA if it
 * names nobody; or fatal.
 */
int cdp_unmerge_command(struct cdp_merge *m, const struct cdp_line *ln,
    struct cdp_outs *outs, struct cdp_err *err);

#endif
