#ifndef CDP_PROFILE_SAVE_H
#define CDP_PROFILE_SAVE_H

#include "lib/profile/profile.h"

/* save: the other half of state.h.  Put all that changed into the epoch. */
void cdp_save_all(struct cdp_merge *m);

#endif
