#ifndef CDP_JOURNEY_ENDED_H
#define CDP_JOURNEY_ENDED_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/json/tape.h"
#include "lib/rule/project.h"

/*
 * ended: what a profile keeps of its newest instances of a journey that have
 * ended, for people: when, how and by what, and their ways.  Nothing is decided
 * by it, so that it is kept as the JSON in which it is written.
 */
#define CDP_ENDED_MAX 4

struct cdp_instance; /* state.h */

struct cdp_ended {
	int64_t at_ms;
	char *json; /* an object */
};

struct cdp_endeds { /* an empty one is { 0 }; in the order in which they ended
		     */
	struct cdp_ended *v;
	size_t n;
};

/* How an instance ends.  by and exit are for people: both empty, the outcome
 * says it. */
struct cdp_end {
	struct cdp_str outcome;
	struct cdp_str why; /* for lines: with its time; or empty */
	struct cdp_str by;  /* the same without */
	const struct cdp_exit_def *exit; /* or this, by the event it names */
	struct cdp_str id; /* messageId of the event that ended it, or empty */
};

/* Whether that is the only event that w names: then nobody need note it. */
static inline bool
cdp_when_is_usual(const struct cdp_when *w, struct cdp_str by)
{
	return w->has_event && w->event.nevent == 1 &&
	    cdp_str_eq(w->event.event[0], by);
}

void cdp_endeds_add(struct cdp_endeds *e, const struct cdp_instance *in,
    const struct cdp_end *end, int64_t at_ms);
/* Of that value, entered at from_ms: it has reached its goal after all. */
void cdp_endeds_reach(
    struct cdp_endeds *e, struct cdp_str per, int64_t from_ms, int64_t at_ms);
/* Those of from, as if they had ended here. */
void cdp_endeds_join(struct cdp_endeds *e, const struct cdp_endeds *from);

/* The member "ended", or nothing. */
void cdp_endeds_write(struct cdp_buf *b, const struct cdp_endeds *e);
void cdp_endeds_read(
    struct cdp_endeds *e, const struct cdp_tape *t, uint32_t list);
void cdp_endeds_free(struct cdp_endeds *e);

#endif
