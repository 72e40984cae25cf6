#ifndef CDP_EMIT_ROSTER_H
#define CDP_EMIT_ROSTER_H

#include "lib/emit/kept.h"
#include "lib/json/tape.h"

/*
 * roster: what destinations were told of people: who is on which list, and
 * which traits they had.
 *
 * A key of the log for each person and list, "m:", and for each person's
 * traits, "t:", each with a hash of what it is about.  A person who is on a
 * list is kept as it was put there: whoever leaves it is named to the provider
 * as he was named before, whatever his addresses are by then.
 */
enum cdp_told {
	CDP_TOLD_NOTHING,
	CDP_TOLD_ADD,    /* or the traits */
	CDP_TOLD_REMOVE, /* and nothing since */
	CDP_TOLD_NTOLD
};

struct cdp_seat { /* texts live as long as the arena they were made in */
	struct cdp_str profile, destination;
	struct cdp_str unit; /* of struct cdp_feed; traits: nothing */
	enum cdp_told told;
	struct cdp_str key; /* the UUID of the delivery that told it */
	struct cdp_str why; /* why what it should be told was held; or empty */
	struct cdp_str audience, list; /* as which it was added */
	struct cdp_str as;   /* the profile as it was then, JSON; or empty */
	struct cdp_str hash; /* of the traits */
};

extern const char *const cdp_told_names[CDP_TOLD_NTOLD];

/* Where the log has it: the letter is 'm' or 't'. */
struct cdp_str cdp_seat_key(
    const struct cdp_seat *s, char letter, char ret[CDP_KEPT_KEY]);

/*
 * What is kept of s->profile at s->destination, s->unit; all else is made in
 * mem, empty if nothing is.  0 or fatal.
 */
int cdp_seat_get(struct cdp_kept *k, struct cdp_seat *s, char letter,
    struct cdp_arena *mem, struct cdp_err *err);

/* The same of what stands under a key already. */
int cdp_seat_read(struct cdp_str json, struct cdp_seat *s,
    struct cdp_arena *mem, struct cdp_err *err);

/* Keep it; one that says nothing is taken away. */
void cdp_seat_put(struct cdp_kept *k, const struct cdp_seat *s, char letter);

#endif
