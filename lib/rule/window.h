#ifndef CDP_RULE_WINDOW_H
#define CDP_RULE_WINDOW_H

#include "lib/rule/list.h"
#include "lib/rule/values.h"
#include "lib/rule/project.h"

/*
 * window: what one computed trait of one profile or group keeps.
 *
 * A datum that came at t belongs to a window of length W as long as
 * now < t + W.  What is kept is the least that gives the exact value: totals
 * where nothing ever leaves, the best one for first, last, min and max, what
 * is inside the window otherwise (for min and max only what may still become
 * the best).  unique and most_frequent without a window keep each distinct
 * value once, with a count; they grow with the values there are.  The result
 * depends on the data, not on the order of their arrival.
 *
 * A session keeps what a trait without a window keeps, and when its first and
 * its last datum came: all of it leaves at once, at last + gap.  A datum that
 * is late belongs to the session if it is less than the gap before its first;
 * older sessions are forgotten.
 */
struct cdp_window {             /* an empty one is { 0 } */
	bool live;              /* there is a session */
	int64_t from_ms, to_ms; /* of it */
	struct cdp_dec sum;
	int64_t n; /* data in the totals or in the window */
	struct cdp_points pts;
	struct cdp_values set;
	struct cdp_pt best;
	bool has_best;
	struct cdp_list list;
	struct cdp_buf out; /* the value as JSON, the default, or nothing */
};

/* One datum for a trait. */
struct cdp_datum {
	struct cdp_stamp at;
	struct cdp_str json; /* the value; one spelling for one value */
	struct cdp_dec dec;  /* sum, avg, min, max */
	int64_t weight;      /* 1, or what was counted together */
	uint32_t rank;       /* of its source, 0 the best: see prefer */
};

void cdp_window_free(struct cdp_window *w, const struct cdp_trait *def);

/* How a kind keeps what it must. */
enum cdp_keeps {
	CDP_KEEPS_TOTAL,  /* a count and a sum */
	CDP_KEEPS_BEST,   /* one datum */
	CDP_KEEPS_SET,    /* distinct values with counts */
	CDP_KEEPS_POINTS, /* what is inside the window */
	CDP_KEEPS_LIST,
	CDP_KEEPS_NOTHING
};
enum cdp_keeps cdp_window_keeps(const struct cdp_trait *def);

/* A point as the datum that it came from; borrowed. */
struct cdp_datum cdp_window_datum(
    const struct cdp_pt *pt, const struct cdp_trait *def);

/* Whether the kind adds or compares numbers. */
bool cdp_window_numeric(const struct cdp_trait *def);

/*
 * Of a trait with a session: whether a datum that came at ms is to be put in
 * at now; begins or stretches the session.  To be asked before each put.
 */
bool cdp_window_session(struct cdp_window *w, const struct cdp_trait *def,
    int64_t ms, int64_t now_ms);

/* Take in a datum; all is copied.  Not for lists and jq traits. */
void cdp_window_put(struct cdp_window *w, const struct cdp_trait *def,
    const struct cdp_datum *d);

/* Let go of what has left at now.  True if there was any. */
bool cdp_window_expire(
    struct cdp_window *w, const struct cdp_trait *def, int64_t now_ms);

/* When the next datum leaves, or INT64_MAX. */
int64_t cdp_window_next(
    const struct cdp_window *w, const struct cdp_trait *def);

/* Join what another profile had. */
void cdp_window_join(struct cdp_window *w, const struct cdp_window *from,
    const struct cdp_trait *def);

/* The value as JSON, else the default, else nothing. */
void cdp_window_show(
    struct cdp_buf *b, const struct cdp_window *w, const struct cdp_trait *def);

#endif
