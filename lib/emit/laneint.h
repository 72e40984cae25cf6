#ifndef CDP_EMIT_LANEINT_H
#define CDP_EMIT_LANEINT_H

#include "lib/emit/lane.h"

/*
 * laneint: what lane.c and lane_load.c share.
 */

struct cdp_lane_person {
	struct cdp_item *first, *last;
	struct cdp_str id; /* behind this struct */
};

/* Keys, in ln->key. */
struct cdp_str cdp_lane_entry(struct cdp_lane *ln, uint64_t seq);
struct cdp_str cdp_lane_ledger(struct cdp_lane *ln, struct cdp_str key);
struct cdp_str cdp_lane_counter(struct cdp_lane *ln);

/* The value of key into ln->val and ln->tape. */
int cdp_lane_get(struct cdp_lane *ln, struct cdp_str key, struct cdp_err *err);

/* Into the ledger, of one that is not in the window, but has its seq, key,
 * state and attempts; sent or past: no entry is left. */
void cdp_lane_note(struct cdp_lane *ln, struct cdp_item *it,
    struct cdp_str profile, struct cdp_str said);

/* What the ledger says of it, now in ln->tape. */
void cdp_lane_read_ledger(
    struct cdp_lane *ln, struct cdp_item *it, struct cdp_arena *mem);

/* Into the window, at its place; behind others of its profile. */
struct cdp_item *cdp_lane_enter(struct cdp_lane *ln, uint64_t seq,
    struct cdp_str key, struct cdp_str profile);

/* The first of its profile: it may leave when it is due. */
void cdp_lane_line_up(struct cdp_lane *ln, struct cdp_item *it);

#endif
