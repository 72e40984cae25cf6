#ifndef CDP_JOURNEY_WAY_H
#define CDP_JOURNEY_WAY_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/json/tape.h"
#include "lib/rule/project.h"

/*
 * way: how an instance came to where it stands, for people: the newest of what
 * was decided on it, and of what began a wait anew, each with its time.
 *
 * That a wait was over in its time is what happens most, and what it is called
 * follows from the journey: then only the step is kept.
 */
#define CDP_WAY_NOTES 12
#define CDP_WAY_RESTARTS 4

/* "wait: Order Completed": which way it went on from a step. */
struct cdp_note {
	char *text;    /* NULL: the wait at this step was over */
	uint32_t step; /* if so; behind the last: of a version that is lost */
	bool anew;     /* and it had been restarted by then */
	char *id;      /* messageId of the event that decided it, or NULL */
	int64_t at_ms; /* CDP_TIME_NONE: nobody has written it down */
};

struct cdp_way {                             /* an empty one is { 0 } */
	struct cdp_note note[CDP_WAY_NOTES]; /* the newest last */
	size_t nnote;
	int64_t restarts;
	int64_t restart_ms[CDP_WAY_RESTARTS]; /* the newest last */
	size_t nrestart;
	char *restart_by; /* the newest of them; NULL: as it entered by */
};

/* id may be empty.  Of too many the oldest goes. */
void cdp_way_note(
    struct cdp_way *w, struct cdp_str text, struct cdp_str id, int64_t at_ms);
void cdp_way_over(struct cdp_way *w, size_t step, int64_t at_ms);
/* by: empty if it is as it entered by. */
void cdp_way_restart(struct cdp_way *w, struct cdp_str by, int64_t at_ms);

/* When it was last restarted; of one that never was, none_ms. */
int64_t cdp_way_restarted(const struct cdp_way *w, int64_t none_ms);

/* Note i, of a way through jr (NULL: nobody knows it), as text. */
struct cdp_str cdp_way_text(const struct cdp_way *w, size_t i,
    const struct cdp_journey *jr, struct cdp_arena *mem);

/*
 * ", no Order Completed": the events that would have changed the course.
 * restart: that of a restart was among them.
 */
struct cdp_str cdp_way_missed(const struct cdp_journey *jr,
    const struct cdp_step *st, bool restart, struct cdp_arena *mem);

/* Make text of all notes: it goes on in another version than jr. */
void cdp_way_spell(struct cdp_way *w, const struct cdp_journey *jr);

/* Beginning and end of a way. */
struct cdp_span {
	int64_t from_ms, to_ms; /* to_ms is CDP_TIME_NONE if it still goes on */
};

/*
 * Its members.  Times count from the one before each; of a way that has ended
 * from_ms is the first of them and to_ms the last, else the first counts from
 * from_ms, which whoever reads them knows.
 */
void cdp_way_write(
    struct cdp_buf *b, const struct cdp_way *w, const struct cdp_span *of);
void cdp_way_read(
    struct cdp_way *w, const struct cdp_tape *t, uint32_t at, int64_t from_ms);
/* False if it has no such times. */
bool cdp_way_read_ended(struct cdp_way *w, const struct cdp_tape *t,
    uint32_t at, struct cdp_span *ret);
void cdp_way_free(struct cdp_way *w);

#endif
