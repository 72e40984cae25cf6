#ifndef CDP_PROFILE_PROFILE_H
#define CDP_PROFILE_PROFILE_H

#include "lib/base/due.h"
#include "lib/profile/computed.h"
#include "lib/rule/stamp.h"
#include "lib/rule/catalog.h"
#include "lib/rule/suppress.h"
#include "lib/store/stage.h"

/*
 * profile: who somebody is and what is known, in memory.
 *
 * A profile or a circle (one group of people: a household) is made as a stub
 * that knows its key only, and loaded from the log when it is first touched
 * (state.h).  Nothing is freed before the end of the run: memory follows what
 * the run touches.
 */
struct cdp_profile;
struct cdp_circle;
struct cdp_merge;

/* One value of one type, and whose it is. */
struct cdp_ident {
	struct cdp_profile *owner; /* who may have been merged since */
	int64_t first_ms;          /* when it was first seen with its owner */
	uint32_t type;             /* index in cdp_merge.type */
	uint32_t rank;             /* of the type: the project's, the others */
	uint32_t prefix;           /* where the value begins in key */
	bool vetted, blocked;      /* against this project's block lists */
	bool suppressed;           /* nothing is to be sent */
	bool fresh;                /* it is in cdp_merge.fresh */
	int64_t taken_ms;          /* unmerge.h; 0: it was not */
	uint32_t refused;          /* profiles whose events had it in vain */
	uint32_t at;               /* of use to one function at a time */
	struct cdp_str raw;        /* as first written, if not like the value */
	struct cdp_str key;        /* "i:TYPE:VALUE" */
	char text[];
};

/* Identifiers that one event had: links.h. */
struct cdp_link {
	struct cdp_stamp at;      /* of the first such event */
	struct cdp_profile *part; /* parts.h; or NULL */
	size_t n;
	struct cdp_ident *id[]; /* by address */
};

/* What Segment calls its violations. */
enum cdp_violation_kind {
	CDP_VIOL_LIMIT,
	CDP_VIOL_TIME_LIMIT,
	CDP_VIOL_BLOCKED,
	CDP_VIOL_MERGES,
	CDP_VIOL_MAPPINGS,
	CDP_VIOL_INVALID, /* ours: no address, no phone number */
	CDP_VIOL_HUB,     /* ours: it would join many */
	CDP_VIOL_MEMBERS, /* ours: the limit of a group; counted only */
	CDP_NVIOLS
};

#define CDP_NO_TYPE UINT32_MAX

/* What was not believed of a profile's events: violation.h. */
struct cdp_aside {
	enum cdp_violation_kind kind;
	uint32_t type, over;
	char hash[4];
	struct cdp_stamp at;
};

#define CDP_NOTED_MAX 64 /* of one event */

struct cdp_noted {
	enum cdp_violation_kind kind;
	uint32_t type, over;
	struct cdp_str value;
	const struct cdp_ident *id; /* or NULL: nobody's */
};

/* A custom trait; an empty value is a removal. */
struct cdp_custom {
	struct cdp_str name;
	struct cdp_str val; /* JSON */
	struct cdp_stamp at;
};

struct cdp_member { /* of a circle, as its person sees it */
	struct cdp_circle *circle;
	struct cdp_stamp joined;
	bool left; /* of a part: it has left then */
};

enum cdp_consent_value {
	CDP_CONSENT_NO,
	CDP_CONSENT_YES,
	CDP_CONSENT_CONFLICT
};

struct cdp_choice {
	struct cdp_str category;
	enum cdp_consent_value value;
};

struct cdp_profile {
	struct cdp_unit u; /* first: what it shares with a circle */
	char id[23];       /* "p_" and 20 hex digits */
	bool loaded;
	bool fresh_view;          /* edit is what the rest says */
	bool marked;              /* of use to one function at a time */
	bool gone;                /* deleted: the log is to forget it */
	struct cdp_profile *into; /* merged away */
	struct cdp_stamp born;    /* of the founding event */
	struct cdp_ident **ident; /* by type, first_ms, value */
	size_t nident, identcap;
	struct cdp_link **link; /* by stamp */
	size_t nlink, linkcap;
	struct cdp_aside *aside; /* as they came */
	size_t naside, asidecap;
	struct cdp_custom *custom; /* by name */
	size_t ncustom, customcap;
	struct cdp_member *member; /* by kind, id */
	size_t nmember, membercap;
	struct cdp_choice *choice; /* by name */
	size_t nchoice, choicecap;
	struct cdp_stamp choice_at;
	bool has_choice;
	char (*merged)[23]; /* sorted */
	size_t nmerged;
	struct cdp_buf edit;  /* {"profile":{...}} as it was last built */
	struct cdp_spot spot; /* where the log has that */
	struct cdp_buf told;  /* with --changes: as it was last told */
};

struct cdp_circle {
	struct cdp_unit u;
	size_t kind; /* index of the project's groups */
	struct cdp_str id;
	bool loaded;
	bool changed;                /* its view, by the line at hand */
	bool shown;                  /* view is what the rest says */
	bool gone;                   /* with its last member */
	struct cdp_profile **member; /* by id */
	size_t nmember, membercap;
	struct cdp_buf view; /* {"id":..,"members":..,"traits":{..}} */
};

/* What is printed in place of events: see changes.h. */
enum cdp_changes {
	CDP_CHANGES_NONE,
	CDP_CHANGES_PROFILE,
	CDP_CHANGES_IDENTIFY,
	CDP_CHANGES_TRACK
};

struct cdp_merge {
	enum cdp_changes changes;
	bool people; /* are printed at the end: no views until then */
	struct cdp_str told_by; /* messageId of the line at hand */
	struct cdp_project *pr;
	struct cdp_log *log;       /* NULL: no store */
	struct cdp_defs own;       /* the traits of people */
	struct cdp_defs *of_group; /* of each kind of group */
	struct cdp_str *type;   /* identity's, then others found in the log */
	struct cdp_str *prefix; /* "i:TYPE:" of each */
	size_t ntype;
	uint64_t *nident;        /* identifiers made in this run, by type */
	uint64_t *nhub;          /* that became hubs in this run, by type */
	struct cdp_map idents;   /* key to struct cdp_ident */
	struct cdp_map profiles; /* id to struct cdp_profile */
	struct cdp_map circles;  /* key to struct cdp_circle */
	struct cdp_map links;    /* the bytes of id to struct cdp_link */
	struct cdp_suppress suppress;
	struct cdp_catalog catalog;
	struct cdp_due due; /* units */
	int64_t clock_ms;   /* the last clock line's now */
	bool clock_dirty;
	struct cdp_unit **dirty; /* to be saved */
	size_t ndirty, dirtycap;
	struct cdp_ident **fresh;
	size_t nfresh, freshcap;
	struct cdp_circle **left; /* by the person of the line at hand */
	size_t nleft, leftcap;
	bool all;         /* whom the log knows is held, everybody */
	size_t bytes;     /* of the states that are held, as written */
	size_t max_bytes; /* about, in memory; see cdp_state_trim() */
	size_t floor;     /* what was held right after all was let go */
	struct cdp_buf key, tmp, json, out; /* scratch */
	struct cdp_err broken;              /* a definition that cannot run */
	void (*note)(void *arg, const char *msg); /* for people; or NULL */
	void *note_arg;
	struct cdp_noted noted[CDP_NOTED_MAX]; /* of the line at hand */
	size_t nnoted;
	uint32_t consent;                /* of the line at hand: its value */
	struct cdp_outs *outs;           /* of the line at hand */
	struct cdp_arena *mem;           /* of the line at hand */
	struct cdp_tape tape;            /* for states that are read */
	struct cdp_tape view;            /* for views that jq traits look at */
	size_t max_merges, max_mappings; /* of one profile */
	uint64_t nprofile, nmerge, nsplit, ndeleted, nviol[CDP_NVIOLS], nfault;
};

/* Make room in a sorted array: v, n, cap of elements of a size. */
void *cdp_profile_insert(
    void *v, size_t *n, size_t *cap, size_t size, size_t at);

/* Somebody's profile, or the one it has been merged into. */
static inline struct cdp_profile *
cdp_profile_now(struct cdp_profile *p)
{
	while (p->into != NULL)
		p = p->into;
	return p;
}

/* The time of a line, or how far the clock is. */
static inline int64_t
cdp_merge_time(const struct cdp_merge *m, const struct cdp_line *ln)
{
	if (ln->ts_ms != CDP_TIME_NONE)
		return ln->ts_ms;
	return m->clock_ms != CDP_TIME_NONE ? m->clock_ms : 0;
}

/*
 * A jq program of a trait failed: report the line at hand; if it can never
 * run, note it in broken.
 */
void cdp_profile_fault(
    void *m, const struct cdp_trait *def, const struct cdp_err *err);

/* Put u on the list of what is to be saved. */
void cdp_profile_touch(struct cdp_merge *m, struct cdp_unit *u);

/* All but the links, which are in a table. */
void cdp_profile_free(struct cdp_profile *p);
void cdp_circle_free(struct cdp_circle *c);

#endif
