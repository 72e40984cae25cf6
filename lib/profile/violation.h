#ifndef CDP_PROFILE_VIOLATION_H
#define CDP_PROFILE_VIOLATION_H

#include "lib/profile/identifiers.h"

/*
 * violation: what an event says about who somebody is, and was not believed.
 *
 * Each is counted, and printed as a record after its event the first time it
 * happens to that profile.  To tell, a profile keeps of what was set aside the
 * type and 16 bits of a hash: too little to know somebody else's identifier
 * by, once that person is erased.
 */
enum { CDP_ASIDES_MAX = 64 }; /* of one profile; what is more is counted */

/*
 * Of the event at hand: its identifier was set aside.  over is the type whose
 * limit would have been passed, and is ignored for other kinds.
 */
void cdp_violation_note(struct cdp_merge *m, enum cdp_violation_kind kind,
    uint32_t type, struct cdp_str value, const struct cdp_ident *id,
    uint32_t over);

/* Print what was noted, in the order of the notes; p is whose event it is. */
void cdp_violation_tell(
    struct cdp_merge *m, struct cdp_profile *p, struct cdp_stamp at);

/* The same was kept before: of a state that is read. */
void cdp_violation_keep(struct cdp_merge *m, struct cdp_profile *p,
    enum cdp_violation_kind kind, struct cdp_str type, const char *hash,
    struct cdp_str over, struct cdp_stamp at);

/* What was kept of from is kept of into. */
void cdp_violation_join(struct cdp_profile *into, struct cdp_profile *from);
void cdp_violation_free(struct cdp_profile *p);

/* 16 bits of an identifier, as 4 hex digits and a terminator. */
void cdp_violation_hash(struct cdp_str type, struct cdp_str value, char ret[5]);

/* What Segment calls each kind; the last are ours. */
extern const char *const cdp_violation_names[CDP_NVIOLS];

#endif
