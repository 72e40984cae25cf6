#ifndef CDP_AUDIENCE_JUDGE_H
#define CDP_AUDIENCE_JUDGE_H

#include "lib/audience/circle.h"
#include "lib/audience/readers.h"
#include "lib/store/stage.h"

/*
 * judge: which audiences a profile is in, asked again only where the answer
 * may have changed: the event touched a leaf of it, the profile is not what it
 * was, an audience it names changed, or its time has come.
 */
struct cdp_judge_name {
	const char *p; /* of a condition, which stays where it is */
	uintptr_t i;
};
#define CDP_JUDGE_NAMES 256

struct cdp_judge {
	const struct cdp_project *pr;
	struct cdp_wset *ws;
	const struct cdp_circles
	    *circles; /* of who is judged: _of() was called */
	enum cdp_judge_part {
		CDP_JUDGE_ALL,
		CDP_JUDGE_PLAIN, /* what depends on no group */
		CDP_JUDGE_GROUPED
	} part;
	struct cdp_map by_key; /* audience key to its index + 1 */
	struct cdp_judge_name name[CDP_JUDGE_NAMES]; /* looked up before */
	struct cdp_readers readers;
	struct cdp_cond_found *found; /* of who is being judged, by trait */
	uint32_t turn;
	struct cdp_marks asked; /* audiences, by their turn */
	struct cdp_marks ranks; /* places in the order of keys */
	uint32_t *rank;         /* by audience: its place */
	struct cdp_buf *text;   /* by place: "vip":true, */
	struct cdp_ids changed; /* entered or left just now */
	struct cdp_arena mem;
	struct cdp_buf line;
	struct cdp_buf whose; /* who entered or left: the end of such lines */
	struct cdp_tape tape; /* of a kept profile */
	struct cdp_buf was;   /* the last member->in that was made anew */
};

/* One judgement: what the callbacks of its ctx are given. */
struct cdp_trial {
	struct cdp_judge *j;
	struct cdp_member *m;
	struct cdp_ctx ctx;
	struct cdp_outs *outs;
};

/* Make tr->ctx ask about tr->m at its now; profile and line are the caller's.
 */
void cdp_judge_begin(struct cdp_trial *tr);

/* All m is in, sorted by key, which the line gets and jq sees: borrowed from m
 * until that changes. */
struct cdp_str cdp_judge_members(struct cdp_judge *j, struct cdp_member *m);

/* The same as an edit, which must be recorded before m is asked for again. */
struct cdp_edit cdp_judge_edit(struct cdp_judge *j, struct cdp_member *m);

void cdp_judge_init(struct cdp_judge *j, const struct cdp_project *pr);
void cdp_judge_free(struct cdp_judge *j);

/*
 * Judge m by a line of its profile, at m's now.  What changed stays in
 * j->changed.
 */
void cdp_judge_line(struct cdp_judge *j, struct cdp_member *m,
    const struct cdp_line *ln, struct cdp_outs *outs);

/*
 * Judge m by its timer, at m's now, and tell who entered and left.  In parts,
 * CDP_JUDGE_PLAIN comes first: then what is asked of members is known of all
 * who change at one instant before anybody is judged by it.
 */
void cdp_judge_timer(struct cdp_judge *j, struct cdp_member *m,
    enum cdp_judge_part part, struct cdp_outs *outs);

/* The same because another member of one of m's circles has changed. */
void cdp_judge_peer(
    struct cdp_judge *j, struct cdp_member *m, struct cdp_outs *outs);

/* A line for each audience in j->changed, at ts_ms, with m's profile. */
void cdp_judge_tell(struct cdp_judge *j, struct cdp_member *m, int64_t ts_ms,
    struct cdp_outs *outs);

#endif
