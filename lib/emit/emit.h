#ifndef CDP_EMIT_EMIT_H
#define CDP_EMIT_EMIT_H

#include "lib/emit/others.h"
#include "lib/rule/project.h"
#include "lib/store/stage.h"

/*
 * emit: activations become deliveries.
 *
 * For each activation one line says what becomes of it: "ready" (or, with
 * deliver, "sent": it stands in a file of its destination, or "queued": it
 * leaves for a receiver, and the ledger says what came of it), "held" with the
 * reason, or "failed".  What takes back an action that went out needs no
 * consent; of one that did not, it is held.  Events, profiles, merges and clock
 * lines end here; lines of unknown type pass.
 *
 * Deciding and sending are different acts with different memories: the one
 * keeps the log "emit", the other the log "deliver".  So what was only
 * decided yesterday is still sent today, and what was sent is not sent again.
 * Both name a delivery by the same key, a function of the activation and its
 * destination.
 */
struct cdp_emit; /* opaque */
struct cdp_sender_ops;

struct cdp_emit_opt {
	bool deliver;
	bool dry_run;     /* decide, but leave the world alone */
	const char *only; /* destinations, "NAME,..."; NULL: all */
	/* &cdp_sender_ops (sender.h); NULL without deliver, or with spool. */
	const struct cdp_sender_ops *sending;
	struct cdp_str secrets; /* an object; used by cdp_emit_new() alone */
	int64_t wait_ms;        /* at the end, for what is due later */
	bool redrive;           /* at the end, begin with what is dead */
	bool resync;            /* and bring everybody up to date */
	struct cdp_others others;
	const char *resolve; /* and what is held is "sent", or goes "again" */
	const char *spool;   /* deliver into files there, whatever to */
	const struct cdp_io *io;
	/* Told of each delivery that is held, or failed in an earlier run; not
	 * of one that had nothing to take back. */
	void (*held)(void *arg);
	void *held_arg;
	/* What did not go well at a destination: a line for a person. */
	void (*note)(void *arg, const char *msg);
	void *note_arg;
};

/*
 * The project and opt's strings are borrowed.  0, or CDP_ECONF if only names
 * a destination that is not there, or a secret has no value.
 */
int cdp_emit_new(struct cdp_project *pr, const struct cdp_emit_opt *opt,
    struct cdp_emit **ret, struct cdp_err *err);
void cdp_emit_free(struct cdp_emit *em);

/* The two memories; all take a struct cdp_emit as self. */
extern const struct cdp_stage_ops cdp_emit_ops;
extern const struct cdp_stage_ops cdp_deliver_ops;

/* The third, of what others send: with spool. */
extern const struct cdp_stage_ops cdp_spool_ops;

/*
 * One line of the input.  What causes nothing here, and what is for a
 * destination that was not asked for, never reaches the stage: it is not
 * remembered, so a later run for all destinations finds it new.
 */
int cdp_emit_line(void *self, struct cdp_stage *sg, const struct cdp_line *ln,
    struct cdp_err *err);

/*
 * While the input pauses, until fd can be read; every now and then while it
 * does not; and when it has ended: send what is queued.
 */
int cdp_emit_wait(
    void *self, struct cdp_stage *sg, int fd, struct cdp_err *err);
int cdp_emit_tick(void *self, struct cdp_stage *sg, struct cdp_err *err);
int cdp_emit_finish(void *self, struct cdp_stage *sg, struct cdp_err *err);

/* Add "deliveries":{"email":{"sent":3,"held":1},...}. */
void cdp_emit_stats(void *self, struct cdp_buf *json);

#endif
