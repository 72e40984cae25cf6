#ifndef CDP_JOURNEY_TALE_H
#define CDP_JOURNEY_TALE_H

#include "lib/journey/engine.h"

/*
 * tale: the lines of a story (story.h), and its heroes: instances, and what of
 * them is told already.  tale.c tells, sent.c reads what was sent.
 *
 * States say when all that they know was; what was sent says in which order
 * things were, and of what no state has seen that it was by then.
 */
struct cdp_said { /* a note: when it was, or by when */
	struct cdp_str text;
	int64_t ms;
};

struct cdp_hero {
	struct cdp_str id, journey, per; /* id and per: or empty */
	bool known;                      /* its per is */
	size_t order;                    /* among all heroes */
	size_t jx;                       /* SIZE_MAX: not of the project */
	int64_t entered_ms;
	struct cdp_str by, entry; /* what it entered by, of which messageId */
	bool enters, control;     /* by and control are known */
	struct cdp_said *note; /* told of, with their times; the oldest first */
	size_t nnote;
	struct cdp_said *said; /* of which only the order is known */
	size_t nsaid;
	int64_t *restart_ms; /* told of */
	size_t nrestart;
	struct cdp_str farewell; /* why it ended, as an undo said */
	int64_t farewell_ms;
	bool present, gone, reached;
	int64_t gone_ms;           /* if told by a state: then */
	struct cdp_str gone_entry; /* and what that said of its entry */
};

/*
 * Of things of one time and instance: first the entry, then decision i with
 * 2 * i + 2 and what was sent behind i of them with 2 * i + 1, and at last:
 */
#define CDP_RANK_ENTRY 0
#define CDP_RANK_RESTART (INT64_MAX - 3)
#define CDP_RANK_GOAL (INT64_MAX - 2)
#define CDP_RANK_END (INT64_MAX - 1)

struct cdp_happening { /* one line of a story */
	int64_t ms, rank;
	size_t of; /* its hero */
	size_t seq;
	struct cdp_str json;
};

struct cdp_tale {
	struct cdp_journeys *js;
	struct cdp_arena mem;
	struct cdp_hero **hero;
	size_t nhero;
	struct cdp_happening *line;
	size_t nline;
	struct cdp_buf buf;
	/* What is read: of whom, and a state or a line. */
	struct cdp_str who;
	struct cdp_tape tape;
};

struct cdp_telling {
	const struct cdp_hero *h;
	int64_t ms, rank;
	bool by; /* no later than ms */
	const char *did;
	struct cdp_str what, step, why, event; /* or empty */
	int64_t times;                         /* or 0 */
	bool control;
};

void cdp_tale_tell(struct cdp_tale *s, const struct cdp_telling *t);
void cdp_tale_free(struct cdp_tale *s);

/* ,"timeline":[...] */
void cdp_tale_write(struct cdp_buf *b, struct cdp_tale *s);

/* What stands under a key of what is read. */
struct cdp_str cdp_tale_str(struct cdp_tale *s, uint32_t at, const char *key);
bool cdp_tale_has(const struct cdp_tale *s, uint32_t at, const char *key);
/* The messageId that it entered by: that of its event, if it was not restarted,
 * and no other is kept; or empty. */
struct cdp_str cdp_tale_entry(struct cdp_tale *s, uint32_t at, bool restarted);

/* A line that the log has: tell of it if it is an activation of who. */
void cdp_tale_line(struct cdp_tale *s, struct cdp_str json);

/* The one of that id; NULL: it was not told of yet. */
struct cdp_hero *cdp_hero_named(const struct cdp_tale *s, struct cdp_str id);

/* What a state says of one that has ended; entry: messageId, or empty. */
struct cdp_epitaph {
	struct cdp_str journey, per, entry;
	struct cdp_span span;
};

/* Who that is, of skip others of whom it says the same: told to be gone before,
 * or not there any more; NULL: nobody who is known. */
struct cdp_hero *cdp_hero_ended(
    struct cdp_tale *s, const struct cdp_epitaph *e, size_t skip);
/* The id of one that follows from the rest; by: messageId, or a cause. */
struct cdp_str cdp_tale_id(struct cdp_tale *s, struct cdp_str journey,
    struct cdp_str per, struct cdp_str by, int64_t entered_ms);
struct cdp_hero *cdp_hero_new(struct cdp_tale *s, struct cdp_str id,
    struct cdp_str journey, int64_t entered_ms);

/* Its journey as it was then; NULL: nobody knows any more. */
const struct cdp_journey *cdp_hero_edition(
    struct cdp_tale *s, const struct cdp_hero *h, size_t edition);

/* To be told at last, for what is read later may know the event. */
void cdp_hero_enters(struct cdp_tale *s, struct cdp_hero *h, struct cdp_str by,
    struct cdp_str event, bool control);
/* Tell what of its way is not told yet; by_ms: of what has no time. */
void cdp_hero_way(struct cdp_tale *s, struct cdp_hero *h,
    const struct cdp_way *w, size_t edition, int64_t by_ms);
void cdp_hero_restart(struct cdp_tale *s, struct cdp_hero *h, int64_t ms,
    struct cdp_str by, int64_t times);

/*
 * A list of the newest notes, of which the first may be known: what follows
 * the longest end of the known ones that it begins with is new.
 */
void cdp_hero_say(struct cdp_tale *s, struct cdp_hero *h,
    const struct cdp_str *v, size_t n, int64_t by_ms);
/* Tell what was said and no state knew, and that it entered. */
void cdp_hero_rest(struct cdp_tale *s, const struct cdp_hero *h);

/* What s begins with, up to mark; what stands behind it, all if it is not
 * there. */
struct cdp_str cdp_tale_until(struct cdp_str s, const char *mark);
struct cdp_str cdp_tale_behind(struct cdp_str s, const char *mark);

#endif
