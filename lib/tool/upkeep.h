#ifndef CDP_TOOL_UPKEEP_H
#define CDP_TOOL_UPKEEP_H

#include "lib/tool/admin.h"

/*
 * upkeep: the commands of cdp-store that change a store, as in admin.h.
 */

/* Make the store, with the id --id names. */
int cdp_admin_init(struct cdp_admin *a, struct cdp_err *err);

/* Compact the logs named, or all. */
int cdp_admin_compact(struct cdp_admin *a, struct cdp_err *err);

#endif
