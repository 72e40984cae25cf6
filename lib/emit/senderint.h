#ifndef CDP_EMIT_SENDERINT_H
#define CDP_EMIT_SENDERINT_H

#include "lib/emit/exec.h"
#include "lib/emit/lane.h"
#include "lib/emit/leave.h"
#include "lib/emit/pace.h"
#include "lib/emit/post.h"
#include "lib/emit/render.h"
#include "lib/emit/retry.h"
#include "lib/emit/sender.h"

/*
 * senderint: what sender.c, pump.c (when) and parcel.c (batches) share.
 */
#define CDP_TURN_MAX 64 /* attempts that one sync covers */

struct cdp_way { /* to one destination */
	const struct cdp_destination *def;
	bool open; /* it has a queue */
	bool runs; /* and that is to be sent in this run */
	struct cdp_lane lane;
	struct cdp_post post;
	struct cdp_pace pace;
	size_t flying;
	struct cdp_exec exec;
	struct cdp_flight *told; /* what the program has not answered */
	int64_t since_ms; /* of a batch: the oldest has waited; 0: none does */
	struct cdp_sender_count count;
	char said[128];
};

struct cdp_flight {
	struct cdp_way *way;
	struct cdp_item *item;   /* NULL: it asks for a token */
	struct cdp_flight *next; /* not in use, or told to a program */
};

struct cdp_sender {
	struct cdp_project *pr;
	struct cdp_log *log;
	struct cdp_http *http;
	int64_t wait_ms;
	bool ending; /* nothing more will come: a batch need not wait */
	struct cdp_way *way;
	struct cdp_flight *spare;
	struct cdp_flight *chosen[CDP_TURN_MAX];
	size_t nchosen;
	struct cdp_render render; /* bodies of batches, and their results */
	struct cdp_leave leave;
	struct cdp_tape tape; /* of one that is asked about */
	struct cdp_buf text;
	struct cdp_arena mem; /* for one answer, or one batch */
};

/* What an item came to: count it, and write it into the ledger. */
void cdp_sender_settle(struct cdp_way *w, struct cdp_item *it,
    enum cdp_lane_state state, struct cdp_str said, int64_t due_ms);

/* The same by its verdict: when to try again, and whether. */
void cdp_sender_judge(struct cdp_way *w, struct cdp_item *it,
    enum cdp_verdict verdict, struct cdp_str said, int64_t now_ms,
    int64_t after_ms);

/* The time of day: for when to try again, and for nothing else. */
int64_t cdp_sender_now(void);

/*
 * Answers, attempts, a commit of both, and only then they leave; waits at most
 * so long for an answer, or for fd.
 */
int cdp_sender_turn(struct cdp_sender *sd, int fd, int64_t timeout_ms,
    bool *readable, struct cdp_err *err);

/* What came of an attempt; secrets in what was said are hidden in place. */
int cdp_sender_answered(struct cdp_sender *sd, struct cdp_http_answer *an,
    int64_t now_ms, struct cdp_err *err);

/* ---- permit.c ---- */

/*
 * Whether consent or suppression forbids by now that it leaves; then it is
 * settled as dead.  An undo they do not forbid: but it may be too early, and
 * then is blocked, or there is nothing to undo.  json is the queue's.
 */
int cdp_sender_forbids(struct cdp_sender *sd, struct cdp_way *w,
    struct cdp_item *it, struct cdp_str json, bool *no, struct cdp_err *err);

/* ---- program.c ---- */

/* Start the program of a destination. */
int cdp_program_start(
    struct cdp_sender *sd, struct cdp_way *w, struct cdp_err *err);

/* Tell it of one attempt; json is the queue's. */
int cdp_program_tell(struct cdp_way *w, struct cdp_flight *f,
    struct cdp_str json, struct cdp_err *err);

/* Take what it has answered, and what it has not in time. */
int cdp_program_turn(struct cdp_sender *sd, struct cdp_way *w, int64_t now_ms,
    struct cdp_err *err);

/* ---- parcel.c ---- */

/*
 * Take as many of a kind as go into one batch, and make one of them: NULL if
 * there is nothing left to make.  One that was made before comes as it is.
 */
int cdp_parcel_take(struct cdp_sender *sd, struct cdp_way *w,
    struct cdp_item **ret, struct cdp_err *err);

/*
 * What became of each in it: as the destination's results say, or all the same.
 * Nothing is left of the parcel unless all are to be tried again.
 */
int cdp_parcel_settle(struct cdp_sender *sd, struct cdp_way *w,
    struct cdp_item *parcel, const struct cdp_http_answer *an,
    enum cdp_verdict verdict, struct cdp_str said, int64_t now_ms,
    struct cdp_err *err);

/* Loose again, each held or dead with its own entry. */
int cdp_parcel_give_up(struct cdp_sender *sd, struct cdp_way *w,
    struct cdp_item *parcel, enum cdp_lane_state state, struct cdp_str said,
    struct cdp_err *err);

#endif
