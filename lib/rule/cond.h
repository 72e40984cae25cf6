#ifndef CDP_RULE_COND_H
#define CDP_RULE_COND_H

#include "lib/base/buf.h"
#include "lib/json/jq.h"
#include "lib/json/line.h"
#include "lib/rule/yaml.h"

/*
 * cond: the conditions of cdp.yaml(5), compiled.
 *
 * Comparison is strict: a number with a number, a string with a string, an
 * instant with an instant; a missing or wrong-typed value satisfies nothing
 * but "exists: false" and "not".  An event at t is within W as long as
 * now < t + W: it leaves at t + W exactly.
 */
struct cdp_loader; /* load.h */

/* ---- predicates on one JSON value: where, trait, kept ---- */

struct cdp_pred; /* opaque: path operator operand, and-ed */

/*
 * Compile a "where" map of paths, of which "all" and "any" take a list of such
 * maps and "not" one.  NULL, with a diagnostic, if it is wrong.  Lives in
 * the loader's arena, as everything compiled here.
 */
struct cdp_pred *cdp_pred_where(struct cdp_loader *ld, struct cdp_node *map);

/* Test the value at (an event's root, say).  NULL is true.  No allocation
 * unless a string with escapes must be compared in order. */
bool cdp_pred_test(const struct cdp_pred *p, const struct cdp_tape *t,
    uint32_t at, int64_t now_ms);

/* The paths it looks at: fn(arg, path, what it asks of it, its place). */
struct cdp_ops; /* ops.h */
void cdp_pred_paths(const struct cdp_pred *p,
    void (*fn)(void *arg, const struct cdp_path *path,
	const struct cdp_ops *ops, const struct cdp_node *at),
    void *arg);

/* ---- one event ---- */

/*
 * "event: NAME" with an optional where: matches a line of an event type whose
 * name (line.h, event) is one of those given.
 */
struct cdp_trigger {
	const struct cdp_str *event;
	size_t nevent; /* 0: any event */
	struct cdp_pred *where;
};

/* From a map with "event" (a name or a list) and "where".  0 or -1. */
int cdp_trigger_load(
    struct cdp_loader *ld, struct cdp_node *map, struct cdp_trigger *ret);
/*
 * After all files: warn of names that the plan has nearly, but not, and of
 * paths to properties that the plan of the event does not know; an error if the
 * plan lets no others pass.
 */
void cdp_trigger_check(struct cdp_loader *ld, const struct cdp_trigger *on,
    const struct cdp_node *at);
bool cdp_trigger_test(const struct cdp_trigger *g, const struct cdp_line *ln);

/* ---- conditions ---- */

struct cdp_cond; /* opaque */

/*
 * Compile a condition.  NULL, with diagnostics, if it is wrong.
 *
 * A map with "event" asks the profile's history, the present event included:
 * {event, where, within | between, count}.  An empty condition is an error.
 */
struct cdp_cond *cdp_cond_load(struct cdp_loader *ld, struct cdp_node *node);

/* Whether a map with "event" asks for a value made of events, or a session. */
bool cdp_cond_is_value(const struct cdp_node *map);

/* How it was written, on one line, for "why" and --explain. */
struct cdp_str cdp_cond_text(const struct cdp_cond *c);

/* Names of the audiences it mentions: fn(arg, name, node). */
void cdp_cond_audiences(const struct cdp_cond *c,
    void (*fn)(void *arg, struct cdp_str name, const struct cdp_node *at),
    void *arg);

/*
 * After all files were read: a trait('vip') in Segment's language that is an
 * audience becomes one; the audiences, consent categories and groups it names
 * exist, and its events look like those of the plan.
 */
void cdp_cond_check(struct cdp_loader *ld, struct cdp_cond *c);

/* What the answer depends on. */
enum {
	CDP_USES_EVENTS = 1,    /* its event leaves (see cdp_wset) */
	CDP_USES_PROFILE = 2,   /* traits, identifiers, groups, consent, jq */
	CDP_USES_AUDIENCES = 4, /* memberships */
	CDP_USES_KEPT = 8,
	CDP_USES_TIME = 16,  /* may change by time alone */
	CDP_USES_LINE = 32,  /* jq that looks at .event */
	CDP_USES_GROUPS = 64 /* what holds of members of a group */
};
unsigned cdp_cond_uses(const struct cdp_cond *c);

/* Of how many members of the group a condition must hold. */
enum cdp_members_ask { CDP_OF_ANY, CDP_OF_ALL, CDP_OF_NONE };
extern const char *const cdp_members_words[]; /* "any", ... NULL */

/*
 * Each in_group of it: fn(arg, kind of group, the condition about members, its
 * key), key being a name that says what it asks.
 */
void cdp_cond_groups(struct cdp_cond *c,
    void (*fn)(void *arg, struct cdp_str kind, struct cdp_cond *inner,
	struct cdp_str key, const struct cdp_node *at),
    void *arg);

/*
 * What of the profile it reads: fn(arg, what, name, ops), maybe more than once.
 * CDP_READS_ALL stands for what cannot be named: all that jq sees.  ops is what
 * is asked of a whole trait; NULL of other things and of what is in a trait.
 */
enum cdp_reads {
	CDP_READS_TRAIT,
	CDP_READS_GROUP,
	CDP_READS_CONSENT,
	CDP_READS_AUDIENCE,
	CDP_READS_ALL
};
void cdp_cond_reads(const struct cdp_cond *c,
    void (*fn)(void *arg, enum cdp_reads what, struct cdp_str name,
	const struct cdp_ops *ops),
    void *arg);

/* ---- a profile's history of events, as far as conditions ask ---- */

/*
 * wset: all event leaves of the conditions of a stage, by event name, so that
 * an event touches only those that name it.  Equal leaves share a slot.
 */
struct cdp_wset; /* opaque */

struct cdp_wset *cdp_wset_new(void);
void cdp_wset_free(struct cdp_wset *ws);
void cdp_wset_add(struct cdp_wset *ws, struct cdp_cond *c);
size_t cdp_wset_count(const struct cdp_wset *ws);

/* How many traits the conditions of it name. */
size_t cdp_wset_traits(const struct cdp_wset *ws);

/* Whether a leaf names the line's event: only then it may count. */
bool cdp_wset_names(const struct cdp_wset *ws, const struct cdp_line *ln);

/* The slots of c's event leaves, once c was added: fn(arg, slot). */
void cdp_cond_slots(
    const struct cdp_cond *c, void (*fn)(void *arg, size_t slot), void *arg);

/*
 * hist: one profile's counters and instants for those leaves; an empty one is
 * { 0 }.  Bounded: a leaf without a window keeps a count, "at least N within"
 * keeps N instants, other windows keep what is inside.  "At most N", "exactly
 * N" and the like within a window need N + 1.  An event is counted at its own
 * timestamp, however late it comes; nobody may ask about an instant before the
 * newest event.
 */
struct cdp_win;
struct cdp_hist {
	struct cdp_win *win; /* sorted by slot */
	uint32_t n, cap;
	int64_t expire_ms; /* before then nothing of it leaves its window */
};

/*
 * Count this event.  Calls touched(arg, slot) (may be NULL) for each leaf it
 * matched.  Returns whether anything changed.
 */
bool cdp_hist_event(struct cdp_hist *h, const struct cdp_wset *ws,
    const struct cdp_line *ln, void (*touched)(void *arg, size_t slot),
    void *arg);

/* Forget what happened for groups of that kind. */
void cdp_hist_regroup(
    struct cdp_hist *h, const struct cdp_wset *ws, struct cdp_str kind);

/* Join what another profile had: counts add, instants are interleaved. */
void cdp_hist_merge(struct cdp_hist *into, const struct cdp_hist *from,
    const struct cdp_wset *ws);

/* The slots that it has something for: fn(arg, slot). */
void cdp_hist_slots(
    const struct cdp_hist *h, void (*fn)(void *arg, size_t slot), void *arg);

/* The memory that it takes, about. */
size_t cdp_hist_bytes(const struct cdp_hist *h);

/*
 * Forget the instants that have left their windows by now; whether any had.
 * Amortised O(1) for each that was entered.
 */
bool cdp_hist_expire(
    struct cdp_hist *h, const struct cdp_wset *ws, int64_t now_ms);

/*
 * As a JSON object whose names identify leaves by what they say, so that
 * edited projects keep the history of the leaves they did not edit.
 */
void cdp_hist_write(
    struct cdp_buf *b, const struct cdp_hist *h, const struct cdp_wset *ws);
void cdp_hist_read(struct cdp_hist *h, const struct cdp_wset *ws,
    const struct cdp_tape *t, uint32_t at);
void cdp_hist_free(struct cdp_hist *h);

/* ---- asking ---- */

/* Where a trait was found in the profile, in one turn of asking. */
struct cdp_cond_found {
	uint32_t turn, at;
};

struct cdp_ctx {
	int64_t now_ms;
	const struct cdp_hist *hist;
	const struct cdp_tape *profile; /* may be NULL */
	uint32_t profile_at; /* {id, identifiers, traits, groups, audiences} */
	/* What was looked up already, cdp_wset_traits() of them; or NULL.  Of
	 * another turn, which is never 0, it says nothing. */
	struct cdp_cond_found *found;
	uint32_t turn;
	const struct cdp_tape *kept; /* may be NULL */
	uint32_t kept_at;
	const struct cdp_line *line; /* the event, or NULL at a timer */
	/* Membership; NULL: ask profile.audiences (an object, name: true). */
	bool (*in_audience)(void *arg, struct cdp_str name);
	/* What in_group asks; NULL: it holds of nobody. */
	bool (*in_group)(
	    void *arg, struct cdp_str key, enum cdp_members_ask ask);
	/* For cdp_cond_explain(): add "actual", who of the group it holds of.
	 */
	void (*tell_group)(void *arg, struct cdp_str key, struct cdp_buf *b);
	void *arg;
	struct cdp_str
	    audiences; /* JSON object for jq; n == 0: the profile's */
	struct cdp_jq *jq;
	struct cdp_arena *mem;
	struct cdp_err *err; /* the first jq fault; the condition is false */
};

/* Conditions must have been added to the wset that hist was kept with. */
bool cdp_cond_test(const struct cdp_cond *c, const struct cdp_ctx *ctx);

/*
 * The same; and, if next is not NULL, cdp_cond_next(), or a later instant
 * before which the answer does not change, either.
 */
bool cdp_cond_ask(
    const struct cdp_cond *c, const struct cdp_ctx *ctx, int64_t *next);

/*
 * The first instant after now at which the answer might change though
 * nothing happens; INT64_MAX if there is none.  It may be too early (then ask
 * again), never too late.
 */
int64_t cdp_cond_next(const struct cdp_cond *c, const struct cdp_ctx *ctx);

/* When the answer will be another one though nothing happens; INT64_MAX:
 * never. */
int64_t cdp_cond_turns(const struct cdp_cond *c, const struct cdp_ctx *ctx);

/*
 * Of a condition that does not hold, the part because of which: of all of them
 * the first that does not; NULL if it holds.
 */
const struct cdp_cond *cdp_cond_culprit(
    const struct cdp_cond *c, const struct cdp_ctx *ctx);

/*
 * Why, as JSON, leaf by leaf: {"holds","all":[...]}, and of a leaf {"holds",
 * "if","decides","needed","actual","events","would_change","changes_at"}.
 */
void cdp_cond_explain(
    const struct cdp_cond *c, const struct cdp_ctx *ctx, struct cdp_buf *b);

/* Tell jq which programs the condition needs. */
void cdp_cond_want(const struct cdp_cond *c, struct cdp_jq *jq);

#endif
