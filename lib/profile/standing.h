#ifndef CDP_PROFILE_STANDING_H
#define CDP_PROFILE_STANDING_H

#include "lib/json/tape.h"
#include "lib/store/log.h"

/*
 * standing: who somebody is by now, asked of cdp-merge's log by others.
 *
 * What later stages see of a profile in their lines, but for what costs more
 * than reading one key: traits and groups.
 */
struct cdp_standing { /* an empty one is { 0 } */
	struct cdp_buf val;
	struct cdp_tape tape;
	struct cdp_arena mem;
};

void cdp_standing_free(struct cdp_standing *s);

/*
 * log   cdp-merge's
 * id    of a profile; of one that was merged away, the other's standing is told
 * ret   {"id","identifiers","consent","suppressed"} is appended, the last two
 *       if there is something to say
 * gone  receives whether it was deleted
 *
 * 0; CDP_END if there is nobody of that id, any more or yet; or fatal.
 */
int cdp_standing_get(struct cdp_standing *s, struct cdp_log *log,
    struct cdp_str id, struct cdp_buf *ret, bool *gone, struct cdp_err *err);

/* What the last clock line said, or 0.  0 or fatal. */
int cdp_standing_clock(struct cdp_standing *s, struct cdp_log *log,
    int64_t *ret, struct cdp_err *err);

#endif
