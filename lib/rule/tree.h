#ifndef CDP_RULE_TREE_H
#define CDP_RULE_TREE_H

#include "lib/base/map.h"
#include "lib/rule/cond.h"
#include "lib/rule/each.h"
#include "lib/rule/ops.h"
#include "lib/rule/seq.h"

/*
 * tree: what a condition is compiled to; for cond*.c and hist.c alone.
 */
struct cdp_project;
struct cdp_measure;
struct cdp_measure_def; /* measure.h */

/* How many: compared with a count of events. */
struct cdp_count {
	enum cdp_op_kind kind; /* eq ne gt gte lt lte */
	int64_t n;
};

/*
 * An event leaf: how many events matched, of those at t with
 * t + from <= now < t + to; or, without a window, of all.
 *
 * No answer needs more of a window "within" than its newest instants, one
 * more than the greatest number asked for: keep.  0 keeps all in the window.
 *
 * Or a sequence, or a measure: then only on (its names), canon, id and slot are
 * used, and of a measure the window.
 */
struct cdp_leaf {
	struct cdp_trigger on;
	const struct cdp_seq *seq;             /* or NULL */
	const struct cdp_measure_def *measure; /* or NULL */
	/* Of a condition about members: what happens for that kind of group. */
	const struct cdp_str *group; /* or NULL */
	bool window;
	int64_t from_ms, to_ms;
	const struct cdp_count *count;
	size_t ncount;
	uint32_t keep;
	struct cdp_str canon; /* JSON: what its history depends on */
	char id[13];          /* 12 hex digits of its hash */
	uint32_t slot;        /* in the wset */
};

/* wset: the leaves that name one event, and all of them. */
struct cdp_named {
	struct cdp_str event;
	uint32_t *slot;
	size_t n;
};

struct cdp_wset {
	struct cdp_leaf **leaf; /* by slot; the first of equal ones */
	size_t n;
	struct cdp_map by_event; /* to struct cdp_named */
	struct cdp_map by_id;    /* to struct cdp_leaf */
	struct cdp_map by_trait; /* a path as written, to which it is, from 1 */
};

/* The leaves that may count the line, or NULL. */
const struct cdp_named *cdp_wset_named(
    const struct cdp_wset *ws, const struct cdp_line *ln);

enum cdp_cond_kind {
	CDP_COND_EVENT,
	CDP_COND_SEQUENCE,
	CDP_COND_TRAIT,
	CDP_COND_KEPT,
	CDP_COND_AUDIENCE,
	CDP_COND_CONSENT,
	CDP_COND_ALL,
	CDP_COND_ANY,
	CDP_COND_NOT,
	CDP_COND_JQ,
	CDP_COND_SEGMENT, /* as it is written; it becomes CDP_COND_ALL */
	CDP_COND_GROUP,
	CDP_COND_ROWS,
	CDP_COND_MEASURE /* an event whose count is not all that is asked */
};

struct cdp_cond {
	enum cdp_cond_kind kind;
	unsigned uses;
	struct cdp_str text;
	const struct cdp_node *node; /* of the name, for messages */
	const struct cdp_project *pr;
	struct cdp_leaf *leaf; /* event, sequence */
	struct cdp_path path;  /* trait, kept */
	bool many;             /* the path is over "$" (each.h) */
	uint32_t trait;        /* which of the wset's traits, from 1; or 0 */
	struct cdp_ops *ops;   /* trait, kept, measure */
	struct cdp_str name;   /* audience, consent; the text of a jq program */
	int jq;
	struct cdp_cond **kid; /* all, any, not */
	size_t nkid;
	bool query; /* a trait in Segment's language: maybe an audience */
	enum cdp_members_ask ask;
	struct cdp_cond *inner; /* in_group: about each member; no kid, as its
				   answers are kept with the group */
	struct cdp_str key;     /* in_group: of the question, see cdp_ctx */
	struct cdp_rows_def *rows; /* entity: see rows.h */
};

/* Call fn for c and all conditions in it, from the left. */
void cdp_tree_walk(const struct cdp_cond *c,
    void (*fn)(void *arg, const struct cdp_cond *c), void *arg);

/* A duration of at most a hundred years, or a diagnostic and false. */
bool cdp_cond_length(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, int64_t *ret);

bool cdp_cond_rows(
    struct cdp_loader *ld, struct cdp_node *map, struct cdp_cond *c);

/* Whether an event condition is a measure, and what it says: see measure.h. */
bool cdp_cond_is_measure(const struct cdp_node *map);
const char *const *cdp_cond_event_keys(
    struct cdp_loader *ld, const struct cdp_node *map);
bool cdp_cond_measure(
    struct cdp_loader *ld, struct cdp_node *map, struct cdp_cond *c);
bool cdp_cond_window(
    struct cdp_loader *ld, const struct cdp_node *map, struct cdp_leaf *lf);

/* Name what the leaf's history depends on: map, of that kind. */
void cdp_leaf_canon(struct cdp_loader *ld, const struct cdp_node *map,
    const char *kind, struct cdp_leaf *lf);

/* How many, or what, of those a map asks about: "count", "sum" and others. */
bool cdp_cond_reduce(struct cdp_loader *ld, const struct cdp_node *map,
    struct cdp_measure_def *ret);
const struct cdp_ops *cdp_cond_compare(
    struct cdp_loader *ld, const struct cdp_node *map);

/* in_group; see lib/rule/load.h for what says whether it may stand here. */
bool cdp_cond_group(
    struct cdp_loader *ld, struct cdp_node *map, struct cdp_cond *c);

/*
 * Whether the event counts for the group of that kind that its person is in:
 * one that names a group (context.groupId) counts for no other.
 */
bool cdp_group_counts(struct cdp_str kind, const struct cdp_line *ln);

/*
 * The value that a trait or kept condition speaks of, and its tape; of one
 * over "$" where *path, which is told of such alone, begins.
 */
uint32_t cdp_cond_value(const struct cdp_cond *c, const struct cdp_ctx *ctx,
    const struct cdp_tape **t, struct cdp_path *path);

/*
 * The trait at path, of the profile or of a group of it; or what *path, its
 * rest then, begins at.
 */
uint32_t cdp_cond_trait(const struct cdp_project *pr, const struct cdp_ctx *ctx,
    const struct cdp_path *path, const struct cdp_tape **t);
uint32_t cdp_cond_traits(const struct cdp_project *pr,
    const struct cdp_ctx *ctx, struct cdp_path *path,
    const struct cdp_tape **t);

/* Whether it is the trait of a group. */
bool cdp_cond_of_group(
    const struct cdp_project *pr, const struct cdp_path *path);

/* Whether the profile is in it. */
bool cdp_cond_is_in(const struct cdp_ctx *ctx, struct cdp_str audience);

/* cdp_refs.look() of one that is no event's. */
bool cdp_cond_look(const struct cdp_project *pr, const struct cdp_ctx *ctx,
    const struct cdp_ref *ref, cdp_each_fn *fn, void *of);

/* Whether the count of matching events is what was asked for. */
bool cdp_leaf_holds(const struct cdp_leaf *lf, int64_t n);

/* The value of a measure, as JSON, or nothing. */
void cdp_cond_measured(
    const struct cdp_cond *c, const struct cdp_ctx *ctx, struct cdp_buf *b);

/*
 * hist: whether the leaf holds at now; and, unless next is NULL, when that may
 * change though nothing happens.
 */
bool cdp_hist_ask(const struct cdp_hist *h, const struct cdp_leaf *lf,
    int64_t now_ms, int64_t *next);

/* How many count at now; and, of a leaf with a window, their instants. */
size_t cdp_hist_count(const struct cdp_hist *h, const struct cdp_leaf *lf,
    int64_t now_ms, const int64_t **ts, size_t *nts);

/* What a sequence has kept, or NULL. */
const struct cdp_seq_evs *cdp_hist_events(
    const struct cdp_hist *h, const struct cdp_leaf *lf);

/* What of a measure is kept, or NULL. */
const struct cdp_measure *cdp_hist_measure(
    const struct cdp_hist *h, const struct cdp_leaf *lf);
#endif
