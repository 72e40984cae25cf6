#ifndef CDP_PROFILE_SHOWN_H
#define CDP_PROFILE_SHOWN_H

#include "lib/base/buf.h"
#include "lib/store/log.h"

/*
 * shown: a profile as a stage behind cdp-merge has seen it, which may be
 * behind what cdp-merge keeps by now.
 */

/*
 * If log, of cdp-merge, has changed the profile id in a record behind number
 * upto: *ahead, and the profile as the last line up to then had it, appended
 * to ret as JSON; nothing if there was none, or if what was printed is kept no
 * longer.  Else *ahead is false, and what it keeps is what was seen.
 *
 * 0; CDP_EIO, CDP_ECORRUPT.  Costs what was printed since the state that id
 * had at upto.
 */
int cdp_shown_at(struct cdp_log *log, struct cdp_str id, uint64_t upto,
    bool *ahead, struct cdp_buf *ret, struct cdp_err *err);

#endif
