#ifndef CDP_RULE_TRAIT_H
#define CDP_RULE_TRAIT_H

#include "lib/rule/cond.h"

/*
 * trait: what is known and computed of people, of groups of them, and of
 * things, as the project defines it; part of project.h.
 */

enum cdp_trait_kind {
	CDP_TRAIT_COUNT,
	CDP_TRAIT_SUM,
	CDP_TRAIT_AVG,
	CDP_TRAIT_MIN,
	CDP_TRAIT_MAX,
	CDP_TRAIT_FIRST,
	CDP_TRAIT_LAST,
	CDP_TRAIT_MOST_FREQUENT,
	CDP_TRAIT_UNIQUE,
	CDP_TRAIT_UNIQUE_COUNT,
	CDP_TRAIT_LIST,
	CDP_TRAIT_JQ,
	CDP_TRAIT_CASE
};

/* One case of a trait: the value while the condition holds. */
struct cdp_trait_case {
	struct cdp_cond *cond; /* of the profile alone */
	struct cdp_str val;    /* JSON */
};

struct cdp_trait {
	struct cdp_str name;
	enum cdp_trait_kind kind;
	struct cdp_path path; /* of the value, in the event */
	int jq;		      /* of the value instead, or of a jq trait; -1 */
	bool has_trigger;     /* `event` or `where`; else every event */
	struct cdp_trigger on;
	int64_t within_ms;  /* 0: for ever */
	int64_t session_ms; /* or: until nothing came for so long */
	int64_t min;	   /* most_frequent: 2 by default */
	struct cdp_str def; /* JSON of the default, or empty */
	const struct cdp_str *prefer; /* last: sources, the best first */
	size_t nprefer;
	struct cdp_trait_case *cases; /* the first that holds */
	size_t ncase;
	/* list */
	struct cdp_path key; /* key.n == 0: not keyed */
	struct cdp_trigger *remove, *reset; /* or NULL */
	int64_t keep; /* at most so many, the newest; 100 by default */
	struct cdp_node *node;
};

struct cdp_traits {
	struct cdp_trait *v; /* each behind those its jq looks at */
	size_t n, cap;
};

/*
 * A kind of group: people who share something.  Its traits are computed over
 * the events of all members and are reached as "GROUP.TRAIT" in conditions.
 */
struct cdp_group {
	struct cdp_str name;
	const struct cdp_path *from;
	size_t nfrom;
	struct cdp_pred *where; /* on the group call */
	struct cdp_trigger *leave; /* who does this is no member any more */
	int64_t limit;		/* members; 0: any number */
	struct cdp_traits traits;
	struct cdp_node *node;
};

/*
 * Something that is no person: rows of `type: object`, for lookup() in jq.
 */
struct cdp_entity {
	struct cdp_str name;
	struct cdp_str collection; /* of its rows; the name by default */
	struct cdp_path key; /* in properties; n == 0, or not there: the id */
	struct cdp_path by;  /* to the keys of somebody's (rows.h); or n == 0 */
	struct cdp_path on;  /* in properties: what is there instead; or n == 0 */
};

#endif
