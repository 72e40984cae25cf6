#ifndef CDP_AUDIENCE_CIRCLE_H
#define CDP_AUDIENCE_CIRCLE_H

#include "lib/audience/members.h"

/*
 * circle: of each group that "in_group" asks about, who is in it and which of
 * the conditions about members hold of whom.
 *
 * A circle is kept under "g:KIND:ID" in the log of cdp-audience.  Somebody is
 * in the one of a kind that the profile shows.  What it says of a member is
 * what was decided when that member was judged last: whoever asks has first
 * let everybody's timers run.
 */
struct cdp_peer {
	struct cdp_str id;
	uint64_t holds; /* bit: audience less naudience */
};

struct cdp_circle {
	struct cdp_state k; /* k.due.id is "g:KIND:ID" */
	struct cdp_peer *v; /* by id */
	size_t n, cap;
	bool stirred;
	bool restless; /* two of it were merged: stir when the one is judged */
};

struct cdp_circles {
	const struct cdp_project *pr;
	const struct cdp_wset *ws;
	struct cdp_states all;
	bool *used;             /* by kind of group: somebody asks about it */
	struct cdp_circle **of; /* by kind: of who is being judged, or NULL */
	struct cdp_circle **stirred; /* whose members are to be asked again */
	size_t nstirred, cap;
	struct cdp_buf key;
};

/* Nothing is kept by a project that does not ask. */
static inline bool
cdp_circles_any(const struct cdp_circles *cs)
{
	return cs->pr->nasked != 0;
}

void cdp_circles_init(struct cdp_circles *cs, const struct cdp_project *pr,
    const struct cdp_wset *ws);
void cdp_circles_free(struct cdp_circles *cs);

/* The circle of that kind and id; *ret is NULL if id is empty.  0 or fatal. */
int cdp_circles_get(struct cdp_circles *cs, size_t kind, struct cdp_str id,
    struct cdp_circle **ret, struct cdp_err *err);

/* m is going to be judged: for cdp_circles_holds(). */
int cdp_circles_of(
    struct cdp_circles *cs, const struct cdp_member *m, struct cdp_err *err);

/* Whether so many of the members of m's circle are in the hidden audience i. */
bool cdp_circles_holds(const struct cdp_circles *cs, const struct cdp_member *m,
    size_t i, enum cdp_members_ask ask);

/* The group of that kind that a line's profile shows, or empty. */
struct cdp_str cdp_circles_shown(
    const struct cdp_circles *cs, size_t kind, const struct cdp_line *ln);

/* m goes into the circles that its line shows, and out of others; what it did
 * for those is forgotten. */
int cdp_circles_move(struct cdp_circles *cs, struct cdp_member *m,
    const struct cdp_line *ln, struct cdp_err *err);

/* Write what was decided about m into its circles. */
int cdp_circles_note(
    struct cdp_circles *cs, const struct cdp_member *m, struct cdp_err *err);

/* from's places are into's, until into's next line shows which are right. */
int cdp_circles_join(struct cdp_circles *cs, struct cdp_member *into,
    struct cdp_member *from, struct cdp_err *err);

/* m is in no circle any more. */
int cdp_circles_quit(
    struct cdp_circles *cs, struct cdp_member *m, struct cdp_err *err);

/* The next one whose members are to be asked again, or NULL. */
struct cdp_circle *cdp_circles_stirred(struct cdp_circles *cs);

#endif
