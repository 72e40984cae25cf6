#ifndef CDP_EMIT_SENDER_H
#define CDP_EMIT_SENDER_H

#include "lib/emit/others.h"
#include "lib/rule/project.h"

/*
 * sender: brings what is queued to where it belongs.
 *
 * An attempt is in the ledger, on disk, before its first byte leaves; what
 * came of it is written with the next attempts.  What was in flight when the
 * process died is in doubt: it leaves again, the same bytes under the same
 * key, if its receiver knows the key that long, and is held if not.
 *
 * The only part of cdp that looks at a clock: when to try again.  Nothing that
 * is decided or printed depends on it.
 */
struct cdp_sender; /* opaque */

struct cdp_sender_opt {
	struct cdp_project *pr;
	bool (*wanted)(void *arg, size_t destination);
	void *wanted_arg;
	struct cdp_str secrets;        /* an object: the values of $secrets */
	const struct cdp_others *others; /* borrowed for as long as it lives */
	int64_t wait_ms; /* how long to wait at the end for what is due later */
};

/*
 * Make the headers that have a secret.  0, or CDP_ECONF if a secret that is
 * needed is not there.  opt's strings are borrowed during the call.
 */
int cdp_sender_new(const struct cdp_sender_opt *opt, struct cdp_sender **ret,
    struct cdp_err *err);
void cdp_sender_free(struct cdp_sender *sd);

/* Read what an earlier run has left. */
int cdp_sender_open(
    struct cdp_sender *sd, struct cdp_log *log, struct cdp_err *err);

/*
 * Queue again what is dead, or what is held, unless something else was said
 * since in its place; or take what is held as sent.
 * After cdp_sender_open(), before anything else.
 */
enum cdp_revive { CDP_REDRIVE, CDP_RESOLVE_AGAIN, CDP_RESOLVE_SENT };

int cdp_sender_revive(
    struct cdp_sender *sd, enum cdp_revive how, struct cdp_err *err);

struct cdp_order {
	struct cdp_str key;     /* the UUID of the delivery */
	struct cdp_str profile; /* in whose turn it leaves */
	struct cdp_str req;     /* cdp_request_make()'s */
	struct cdp_str item;    /* what a batch gets, or empty */
	struct cdp_str stands;  /* cdp_delivery_stands(), or empty */
	/* It leaves whatever is said of its person since, if what it takes
	 * back did, of this UUID, or empty. */
	bool undo;
	struct cdp_str undoes;
};

/*
 * Queue what destination i gets.  0; CDP_END if that key was queued before; or
 * fatal.
 */
int cdp_sender_add(struct cdp_sender *sd, size_t i, const struct cdp_order *o,
    struct cdp_err *err);

/* Put the queues' counters into the epoch. */
void cdp_sender_save(struct cdp_sender *sd);

/*
 * Between two epochs: take the answers that are there, begin what may leave.
 * Waits for nothing.
 */
int cdp_sender_step(struct cdp_sender *sd, struct cdp_err *err);

/* Whether anything is in flight: then a step is due every now and then. */
bool cdp_sender_busy(const struct cdp_sender *sd);

/* The same until fd can be read. */
int cdp_sender_wait(struct cdp_sender *sd, int fd, struct cdp_err *err);

/*
 * The same until all is settled that can be: nothing is in flight, and what
 * waits is not due within opt.wait_ms.
 */
int cdp_sender_drain(struct cdp_sender *sd, struct cdp_err *err);

struct cdp_sender_count {
	uint64_t sent, retried, dead, held; /* in this run */
	uint64_t waiting;                   /* now */
	uint64_t all_dead, all_held;        /* in the ledger */
	struct cdp_str said; /* the last fault, one line; or empty */
	int64_t next_ms;     /* until the next attempt; -1: none */
};

/* What became of what destination i gets. */
void cdp_sender_count(
    const struct cdp_sender *sd, size_t i, struct cdp_sender_count *ret);

/*
 * All of the above, for emit.c: who only wants to know what it decides is not
 * linked with what talks to the world.
 */
struct cdp_sender_ops {
	int (*new)(const struct cdp_sender_opt *opt, struct cdp_sender **ret,
	    struct cdp_err *err);
	void (*free)(struct cdp_sender *sd);
	int (*open)(
	    struct cdp_sender *sd, struct cdp_log *log, struct cdp_err *err);
	int (*revive)(
	    struct cdp_sender *sd, enum cdp_revive how, struct cdp_err *err);
	int (*add)(struct cdp_sender *sd, size_t i, const struct cdp_order *o,
	    struct cdp_err *err);
	void (*save)(struct cdp_sender *sd);
	int (*step)(struct cdp_sender *sd, struct cdp_err *err);
	bool (*busy)(const struct cdp_sender *sd);
	int (*wait)(struct cdp_sender *sd, int fd, struct cdp_err *err);
	int (*drain)(struct cdp_sender *sd, struct cdp_err *err);
	void (*count)(const struct cdp_sender *sd, size_t i,
	    struct cdp_sender_count *ret);
};

extern const struct cdp_sender_ops cdp_sender_ops;

#endif
