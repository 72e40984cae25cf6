#ifndef CDP_PROFILE_COMPUTED_H
#define CDP_PROFILE_COMPUTED_H

#include "lib/base/due.h"
#include "lib/json/jqpaths.h"
#include "lib/rule/window.h"

/*
 * computed: the computed traits of a profile or a group.
 *
 * An event reaches only the traits that name it, through an index by event
 * name; time only those that have a window.
 */
enum cdp_use_role { CDP_USE_ADD, CDP_USE_REMOVE, CDP_USE_RESET };

struct cdp_use { /* a trait that an event may matter to */
	uint32_t trait;
	enum cdp_use_role role;
	const struct cdp_trigger *on; /* NULL: every event */
};

struct cdp_uses {
	struct cdp_use *v;
	size_t n;
};

/* The definitions of one kind of unit, indexed. */
struct cdp_defs {
	const struct cdp_trait *v;
	size_t n;
	uint32_t *by_name;       /* places in v, by name */
	struct cdp_map by_event; /* to struct cdp_uses */
	struct cdp_uses any;     /* what no event name selects */
	uint32_t *derived;       /* jq and case traits in their order */
	size_t nderived;
	bool looks_up;            /* a jq trait looks at entities */
	bool windowed;            /* values leave: it matters how late it is */
	struct cdp_str *say;      /* name and what the definition says */
	struct cdp_jqpaths *sees; /* what each jq program can see */
	struct cdp_arena mem;
};

void cdp_defs_init(struct cdp_defs *defs, const struct cdp_traits *traits);
void cdp_defs_free(struct cdp_defs *defs);

/* Tell jq which programs will run, and look at what they see. */
void cdp_defs_want(struct cdp_defs *defs, struct cdp_jq *jq);

/* What has traits and timers: a profile or a circle. */
struct cdp_unit {
	struct cdp_due_own due; /* id: the key in the log */
	const struct cdp_defs *defs;
	struct cdp_window **win; /* by trait; NULL: nothing yet */
	int64_t now_ms;          /* how far it has lived */
	bool circle;             /* it is the u of a struct cdp_circle */
	bool dirty;
	size_t bytes; /* of the state that was last read or written */
};

/* What counting an event needs beside the unit. */
struct cdp_count {
	const struct cdp_line *ln;
	int64_t now_ms; /* what has left by now is not counted */
	struct cdp_jq *jq;
	struct cdp_buf *tmp;
	/* A jq program failed. */
	void (*fault)(
	    void *arg, const struct cdp_trait *def, const struct cdp_err *err);
	void *arg;
};

/*
 * Count an event for every trait that it matters to.  *touched is set if
 * anything that is kept changed.  Returns whether a visible value did.
 */
bool cdp_computed_event(struct cdp_unit *u, struct cdp_count *c, bool *touched);

/* Whether an event could matter to a trait; cheap and not exact. */
bool cdp_computed_cares(const struct cdp_defs *defs, const struct cdp_line *ln);

/* Let go of what has left at now.  Returns whether a visible value changed. */
bool cdp_computed_expire(
    struct cdp_unit *u, int64_t now_ms, struct cdp_buf *tmp);

/* When the next value leaves, or INT64_MAX. */
int64_t cdp_computed_next(const struct cdp_unit *u);

/* Join what another profile had, and recompute. */
void cdp_computed_join(
    struct cdp_unit *u, const struct cdp_unit *from, struct cdp_buf *tmp);

/* The visible value of a trait as JSON, or nothing. */
struct cdp_str cdp_computed_value(const struct cdp_unit *u, uint32_t trait);

/*
 * Whether a jq trait saw the same last time; remembers seen, a hash of what it
 * sees now.
 */
bool cdp_computed_same(struct cdp_unit *u, uint32_t trait, uint64_t seen);

/* Set the visible value of a jq trait (empty: the default). */
void cdp_computed_set(struct cdp_unit *u, uint32_t trait, struct cdp_str json);

/*
 * What is kept, as a JSON object whose names say what the definitions say, so
 * that the state of an edited trait is not taken for that of another.
 */
void cdp_computed_write(struct cdp_buf *b, const struct cdp_unit *u);
void cdp_computed_read(struct cdp_unit *u, const struct cdp_tape *t,
    uint32_t at, struct cdp_arena *mem, struct cdp_buf *tmp);

void cdp_unit_free(struct cdp_unit *u);

#endif
