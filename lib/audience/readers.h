#ifndef CDP_AUDIENCE_READERS_H
#define CDP_AUDIENCE_READERS_H

#include "lib/audience/marks.h"
#include "lib/rule/project.h"

/*
 * readers: which audiences to ask again, by what has changed.
 *
 * Each condition is filed under the events, traits, audiences and other parts
 * of the profile that it reads, so that a line costs what it touches and not
 * what the project defines.  Of a trait that is compared with numbers only
 * those are concerned that stand between what it was and what it is.
 */

struct cdp_readers {
	const struct cdp_project *pr;
	size_t n;             /* of audiences, hidden ones included */
	uint32_t *turn;       /* by audience */
	struct cdp_ids *slot; /* by slot of an event leaf */
	size_t nslot;
	struct cdp_ids *naming; /* by turn: those that name it */
	struct cdp_map trait;   /* by name; what is filed is readers.c's */
	struct cdp_ids groups, consent;
	struct cdp_ids whole;   /* those that may read all of the profile */
	struct cdp_ids line;    /* the event as well */
	struct cdp_ids members; /* all memberships */
	struct cdp_ids peers;   /* members of groups */
	struct cdp_ids fresh;   /* to ask of somebody who is new */
	bool *jq;               /* by turn: it sees memberships as JSON */
};

/* ws: to which all conditions were added. */
void cdp_readers_init(struct cdp_readers *rd, const struct cdp_project *pr,
    const struct cdp_wset *ws);
void cdp_readers_free(struct cdp_readers *rd);

/*
 * Mark who reads what differs between two profiles: the objects at a of t and
 * at b of u.
 */
void cdp_readers_differ(const struct cdp_readers *rd, const struct cdp_tape *t,
    uint32_t a, const struct cdp_tape *u, uint32_t b, struct cdp_marks *mk);

/*
 * The same where the first one is the text that cdp_members_profile() wrote,
 * of the same id.  False, with some of them marked, unless what differs are
 * scalar traits, in the same order: then it must be parsed.
 */
bool cdp_readers_differ_text(const struct cdp_readers *rd, struct cdp_str was,
    const struct cdp_tape *u, uint32_t b, struct cdp_marks *mk);

#endif
