#ifndef CDP_RULE_WSTATE_H
#define CDP_RULE_WSTATE_H

#include "lib/rule/window.h"

/* wstate: all that a window keeps, as JSON, and back. */
void cdp_wstate_write(
    struct cdp_buf *b, const struct cdp_window *w, const struct cdp_trait *def);

/* Into an empty window; t holds what was written for the same definition. */
void cdp_wstate_read(struct cdp_window *w, const struct cdp_trait *def,
    const struct cdp_tape *t, uint32_t at, struct cdp_arena *mem);

#endif
