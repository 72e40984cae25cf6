#ifndef CDP_EMIT_EMITINT_H
#define CDP_EMIT_EMITINT_H

#include "lib/emit/delivery.h"
#include "lib/emit/emit.h"
#include "lib/emit/feed.h"
#include "lib/emit/sender.h"
#include "lib/emit/spool.h"
#include "lib/json/write.h"
#include "lib/rule/catalog.h"

/*
 * emitint: what emit.c, memories.c, resync.c, wake.c and tally.c share.
 */
struct outlet { /* a destination of the project */
	const struct cdp_destination *def;
	bool wanted;
	struct cdp_spool spool;
	uint64_t count[CDP_NSTATUS], moot[CDP_NMOOT]; /* not held, too */
};

struct cdp_emit {
	struct cdp_project *pr;
	struct cdp_emit_opt opt;
	struct outlet *outlet;
	struct cdp_desk desk;
	struct cdp_spool spool;    /* with opt.spool: of all */
	struct cdp_sender *sender; /* NULL: nothing leaves this machine */
	struct cdp_catalog catalog;
	struct cdp_buf line, file;
	struct cdp_feeds feeds;
	struct cdp_outs *outs; /* of the line at hand; NULL: there is none */
	struct cdp_buf woken;  /* what waited, one at a time */
	struct cdp_tape woken_tape;
	struct cdp_arena woken_mem;
	uint64_t elsewhere; /* for destinations that were not asked for */
};

/* Decide about one activation, print its line, and send it on its way. */
int cdp_emit_act(struct cdp_emit *em, const struct cdp_line *ln,
    enum cdp_came came, struct cdp_outs *outs, struct cdp_err *err);

/* The same of what a feed brings: struct cdp_feeds. */
int cdp_emit_fed(void *arg, struct cdp_str line, struct cdp_str was,
    struct cdp_fed *ret, struct cdp_err *err);

/* Print a delivery, and count it. */
void cdp_emit_put(
    struct cdp_emit *em, const struct cdp_delivery *d, struct cdp_outs *outs);

/* What waited for now_ms: each as if it came now. */
int cdp_emit_wake(struct cdp_emit *em, int64_t now_ms, struct cdp_outs *outs,
    struct cdp_err *err);

/* What waits and is of the same step as ln never goes out. */
int cdp_emit_withdraw(struct cdp_emit *em, const struct cdp_line *ln,
    struct cdp_outs *outs, struct cdp_err *err);

/* What all of its memories have in common: struct cdp_stage_ops. */
int cdp_emit_step(void *self, const struct cdp_line *ln, struct cdp_outs *outs,
    struct cdp_err *err);
void cdp_emit_replayed(void *self, struct cdp_str json);

/* Tell all destinations what they should know of everybody; log is ours. */
int cdp_emit_resync(
    struct cdp_emit *em, struct cdp_log *log, struct cdp_err *err);

/* What did not go well at destination i: one line. */
void cdp_emit_tell(struct cdp_emit *em, size_t i);

#endif
