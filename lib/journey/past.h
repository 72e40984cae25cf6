#ifndef CDP_JOURNEY_PAST_H
#define CDP_JOURNEY_PAST_H

#include "lib/journey/counts.h"
#include "lib/journey/ended.h"

/*
 * past: what remains of a journey that a profile was in.
 */

/* When something last happened to a "per" value, to each set of identifiers
 * that it happened to; a list is sorted by both. */
struct cdp_last {
	char *per;    /* JSON, or "" */
	char *exit;   /* its id, or NULL: an entry */
	uint32_t set; /* of identifiers, whose it was; or 0 */
	int64_t at_ms;
};

struct cdp_lasts {
	struct cdp_last *v;
	size_t n;
};

/* Of one journey and profile: the newest that late events may ask for. */
#define CDP_GONE_MAX 16

/* An instance that has ended, and may still reach its goal. */
struct cdp_tail {
	char *per;
	size_t edition;
	bool control;
	uint32_t set;
	int64_t until_ms;
};

/* What remains of a journey. */
struct cdp_past {
	size_t jx;
	bool held; /* its entry condition was true when last tested */
	struct cdp_counts outcome;
	struct cdp_lasts last; /* entries or ends, as "again" asks for them */
	struct cdp_lasts gone; /* exits by an event: for late entries */
	struct cdp_tail *tail;
	size_t ntail;
	struct cdp_endeds ended;
	char *refused; /* why the newest entry was none; or NULL */
	int64_t refused_ms;
};

/* The newest of that value, or NULL. */
const struct cdp_last *cdp_lasts_get(
    const struct cdp_lasts *l, struct cdp_str per);
/* Set it, unless it is newer; of more than max the oldest goes.  exit: "" */
void cdp_lasts_set(struct cdp_lasts *l, struct cdp_str per, uint32_t set,
    struct cdp_str exit, int64_t at_ms, size_t max);

/* When an instance of that value last entered; CDP_TIME_NONE: never. */
int64_t cdp_past_last(const struct cdp_past *past, struct cdp_str per);
/* Forget entries at or before ms; the newest few stay, for late events. */
void cdp_past_forget(struct cdp_past *past, int64_t ms);
void cdp_past_tail(struct cdp_past *past, struct cdp_str per,
    const struct cdp_tail *tail); /* its per is not looked at */
void cdp_past_drop_tail(struct cdp_past *past, size_t i);
void cdp_past_refuse(struct cdp_past *past, struct cdp_str why, int64_t at_ms);
void cdp_past_free(struct cdp_past *past);

/* Whether nothing is to be kept but, maybe, a refusal. */
bool cdp_past_empty(const struct cdp_past *past);

/* As the value of a member; mem is for what is read meanwhile. */
void cdp_past_write(struct cdp_buf *b, const struct cdp_past *past);
void cdp_past_read(struct cdp_past *past, const struct cdp_tape *t, uint32_t at,
    struct cdp_arena *mem);

#endif
