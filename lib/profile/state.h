#ifndef CDP_PROFILE_STATE_H
#define CDP_PROFILE_STATE_H

#include "lib/profile/profile.h"

/*
 * state: what cdp-merge keeps in its log, and back.
 *
 * Keys: a profile's id; "i:TYPE:VALUE" for an identifier, whose value is the
 * id it was first given to; "g:KIND:ID" for a circle; "c:now" for the clock.
 * A profile that was merged away is {"into":ID} from then on, so that what
 * still names it finds the other.  "x:ID" stands for a profile that was
 * deleted, as long as older epochs still know it; "s:..." is suppress.h's.
 */
#define CDP_STATE_CLOCK CDP_STR("c:now")

/* The stub of that id, made if it is new; copied. */
struct cdp_profile *cdp_state_profile(struct cdp_merge *m, struct cdp_str id);

/* The circle of that kind and id, made if it is new. */
struct cdp_circle *cdp_state_circle(
    struct cdp_merge *m, size_t kind, struct cdp_str id);

/*
 * Make *p the profile that it is now, loaded.  0 or what the log failed with.
 */
int cdp_state_load(
    struct cdp_merge *m, struct cdp_profile **p, struct cdp_err *err);
int cdp_state_load_circle(
    struct cdp_merge *m, struct cdp_circle *c, struct cdp_err *err);

/*
 * After all are saved: if much is held, let go of everybody; who is met again is
 * read again.  People, circles and identifiers point at one another, so it is
 * all or nothing.  Costs a walk over who has timers.
 */
int cdp_state_trim(struct cdp_merge *m, struct cdp_err *err);
void cdp_state_free(struct cdp_merge *m);

/* Note that the state of u, as it is written, now has so many bytes. */
void cdp_state_bytes(struct cdp_merge *m, struct cdp_unit *u, size_t bytes);

/* Read the clock, and begin to queue what has timers. */
int cdp_state_open(struct cdp_merge *m, struct cdp_err *err);

/* Queue what is due by then: before m->due is looked at. */
int cdp_state_ripe(struct cdp_merge *m, int64_t until_ms, struct cdp_err *err);

#endif
