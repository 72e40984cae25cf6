#ifndef CDP_JSON_LINE_H
#define CDP_JSON_LINE_H

#include <stdint.h>

#include "lib/base/time.h"
#include "lib/json/tape.h"

/*
 * line: one input line, read once, with what every stage asks of it.
 */
enum cdp_type {
	CDP_OTHER, /* an object of a type that is not ours, or of none */
	CDP_TRACK,
	CDP_IDENTIFY,
	CDP_PAGE,
	CDP_SCREEN,
	CDP_GROUP,
	CDP_ALIAS,
	CDP_OBJECT_ROW,
	CDP_SUPPRESS,
	CDP_UNSUPPRESS,
	CDP_DELETE,
	CDP_UNMERGE,
	CDP_MERGE,
	CDP_ACTIVATION,
	CDP_WITHDRAW,
	CDP_DELIVERY,
	CDP_PROFILE,
	CDP_CLOCK,
	CDP_END_LINE,
	CDP_NTYPES
};

extern const char *const cdp_type_names[CDP_NTYPES];

/*
 * What stands in "cdp" counts if o has 1 to CDP_LINE_O_MAX bytes and n is at
 * most CDP_LINE_N_MAX: above, jq would round it.
 */
#define CDP_LINE_O_MAX 64
#define CDP_LINE_N_MAX ((int64_t)1 << 53)

/* The members of the root that are asked for by name. */
enum cdp_env {
	CDP_ENV_AHEAD,
	CDP_ENV_ANONYMOUS_ID,
	CDP_ENV_CATEGORY,
	CDP_ENV_CDP,
	CDP_ENV_COLLECTION,
	CDP_ENV_CONTEXT,
	CDP_ENV_EVENT,
	CDP_ENV_GROUP_ID,
	CDP_ENV_ID,
	CDP_ENV_INTEGRATIONS,
	CDP_ENV_LATE,
	CDP_ENV_MESSAGE_ID,
	CDP_ENV_NAME,
	CDP_ENV_NOW,
	CDP_ENV_ORIGINAL,
	CDP_ENV_PREVIOUS_ID,
	CDP_ENV_PROFILE,
	CDP_ENV_PROPERTIES,
	CDP_ENV_RECEIVED,
	CDP_ENV_SENT,
	CDP_ENV_TIMESTAMP,
	CDP_ENV_TRAITS,
	CDP_ENV_TYPE,
	CDP_ENV_USER_ID,
	CDP_ENV_N
};

/* Where each of them has its value, or CDP_NOTOK. */
struct cdp_envelope {
	uint32_t at[CDP_ENV_N];
};

/* The member of that name, or CDP_ENV_N. */
enum cdp_env cdp_env_of(struct cdp_str name);

/*
 * Borrowed throughout: valid until the record's arena is reset and the tape
 * reads the next line.
 */
struct cdp_line {
	struct cdp_str raw;          /* without the newline */
	const struct cdp_tape *tape; /* NULL: see cdp_stage_keyed() */
	struct cdp_arena *mem;
	uint64_t lineno; /* from 1 */
	enum cdp_type type;
	struct cdp_str event; /* decoded name: track's event; "Page Viewed",
				 "Screen Viewed" for page and screen; else "" */
	int64_t ts_ms; /* timestamp, or a clock line's now; CDP_TIME_NONE */
	struct cdp_str message_id; /* or empty */
	uint32_t profile;          /* the value of "profile", or CDP_NOTOK */
	uint32_t cdp;              /* that of "cdp" */
	struct cdp_str profile_id; /* profile.id decoded, or empty */
	struct cdp_str o;          /* cdp.o and cdp.n; o.n == 0: none */
	uint64_t n;
	bool plain; /* no name of the root is escaped, and none of env is
		       there twice */
	bool known; /* env is that of the line: it came from reading */
	struct cdp_envelope env;
	uint64_t item; /* of several in one text, from 1; else 0 */
};

/*
 * Where the lines go that a text from outside holds.  What a function returns
 * other than 0 ends the text.
 */
struct cdp_each {
	void *arg;
	int (*line)(void *arg, const struct cdp_line *ln, struct cdp_err *err);
	/* What is no line, the whole text or one of several, and why. */
	int (*bad)(void *arg, const struct cdp_line *ln,
	    const struct cdp_err *why, struct cdp_err *err);
};

/* True for track, identify, page, screen, group and alias. */
static inline bool
cdp_type_is_event(enum cdp_type type)
{
	return type >= CDP_TRACK && type <= CDP_ALIAS;
}

/*
 * Read raw into t and fill ret.  0; CDP_EDATA with a rule ("bad_json",
 * "not_object") otherwise.  Never judges whether the event is a good one.
 */
int cdp_line_parse(struct cdp_str raw, uint64_t lineno, struct cdp_tape *t,
    struct cdp_arena *mem, struct cdp_line *ret, struct cdp_err *err);

#endif
