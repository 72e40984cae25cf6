#ifndef CDP_RULE_SHARES_H
#define CDP_RULE_SHARES_H

#include "lib/rule/cond.h"
#include "lib/rule/ident.h"

/*
 * shares: what each set of identifiers has contributed to a history, so that
 * it can be told apart again.
 *
 * cdp-merge knows a profile as sets of identifiers that came together on
 * events.  When it takes one back it says what became of each set, and who has
 * it now: a line {"type":"unmerge","from":..,"sets":[{"set":..,"is":..,
 * "of":..}]}.  A filter that counts events keeps, beside the history of all of
 * them, one for each set; most profiles have one set, and then there is
 * nothing beside.  A set goes by a number, cdp_ident_set().
 */
struct cdp_share {
	uint32_t set;
	struct cdp_hist h;
};

struct cdp_shares {    /* an empty one is { 0 } */
	uint32_t only; /* n == 0: all of the history is this set's */
	uint32_t n;
	struct cdp_share *v; /* by set; together they are the history */
};

/* Count the event, as cdp_hist_event() does, in h and for its set. */
bool cdp_shares_event(struct cdp_shares *s, struct cdp_hist *h,
    const struct cdp_wset *ws, const struct cdp_identity *rules,
    const struct cdp_line *ln, void (*touched)(void *arg, size_t slot),
    void *arg);

/* Join what another profile had, whose history fh is; both are empty then. */
void cdp_shares_join(struct cdp_shares *into, struct cdp_hist *h,
    struct cdp_shares *from, struct cdp_hist *fh, const struct cdp_wset *ws);

/* As cdp_hist_expire(), of all. */
bool cdp_shares_expire(struct cdp_shares *s, struct cdp_hist *h,
    const struct cdp_wset *ws, int64_t now_ms);

/* Members "set" or "sets" of the object at hand; nothing if it has none. */
void cdp_shares_write(
    struct cdp_buf *b, const struct cdp_shares *s, const struct cdp_wset *ws);
void cdp_shares_read(struct cdp_shares *s, const struct cdp_wset *ws,
    const struct cdp_tape *t, uint32_t at);
/* The memory that they take, about. */
size_t cdp_shares_bytes(const struct cdp_shares *s);
void cdp_shares_free(struct cdp_shares *s);

/* ---- taking apart ---- */

struct cdp_move {
	uint32_t set, is;      /* what it was, and is */
	struct cdp_str of;     /* whose; empty: nobody's any more */
	struct cdp_shares *to; /* the caller sets both, of who it is */
	struct cdp_hist *to_h;
};

/*
 * The moves of an unmerge line, in its arena, and the profile that they are
 * from.  False: it is another line, such as the command itself.
 */
bool cdp_moves_read(const struct cdp_line *ln, struct cdp_str *from,
    struct cdp_move **ret, size_t *n);

/* The move of a set, or NULL: it stays. */
const struct cdp_move *cdp_moves_find(
    const struct cdp_move *v, size_t n, uint32_t set);

/* Make h and the histories of the others those of their own sets. */
void cdp_shares_split(struct cdp_shares *s, struct cdp_hist *h,
    const struct cdp_wset *ws, const struct cdp_move *v, size_t n);

#endif
