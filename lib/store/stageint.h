#ifndef CDP_STORE_STAGEINT_H
#define CDP_STORE_STAGEINT_H

#include "lib/base/ranges.h"
#include "lib/json/tail.h"
#include "lib/store/index.h"
#include "lib/store/outs.h"
#include "lib/store/stretch.h"

/*
 * stageint: what stage.c, which handles lines, replay.c, which prints again
 * what they caused, and flush.c, which lets go of it, share; nobody else
 * includes it.
 */
struct cdp_stage {
	const struct cdp_stage_ops *ops;
	void *self;
	struct cdp_stage_opt opt;
	bool ready, writing;
	bool dirty; /* a line was stepped since the last flush */
	struct cdp_store *st;
	struct cdp_log *log;
	uint8_t secret[CDP_SECRET_SIZE];
	struct cdp_str origin; /* main.merge */
	struct cdp_str member; /* "cdp":{"o":"main.merge", */
	char origin_text[64], member_text[96];
	uint64_t next_n; /* without a log that is written */
	/*
	 * What was printed in this run: inputs of the log by their number,
	 * others (without a log, or on a dry run) by their key.
	 */
	struct cdp_ranges printed;
	struct cdp_index mem;
	uint64_t nmem;
	uint64_t unmarked; /* what the last key had in the place of a mark */
	struct cdp_index foreign; /* how often a line without "cdp" came */
	/* Whole lines, in input order: of the epoch being gathered, */
	struct cdp_buf queue;
	struct cdp_buf begun; /* and of the one before, which is under way */
	unsigned nepoch; /* so many were full, in this run */
	bool under_way;
	int begun_rc; /* what came of printing them */
	struct cdp_err begun_err;
	struct cdp_str sets; /* ops->sets, or NULL */
	/* The end of the line at hand, if what it passes with goes there. */
	struct cdp_tail tail;
	bool tailed;
	struct cdp_outs outs;
	struct cdp_stretches seen; /* input that need not be read */
	struct cdp_buf scratch;
	struct cdp_tape tape; /* of a line that came without one */
	struct cdp_stage_stats stats;
};

/* Where a line was met before: nowhere, in an earlier run, or in this one. */
enum cdp_met { CDP_MET_NEVER, CDP_MET_EARLIER, CDP_MET_NOW };

/* q receives its number in the log, or 0. */
enum cdp_met cdp_stage_met(
    struct cdp_stage *sg, const struct cdp_log_key *key, uint64_t *q);

/* Count what became of an input; see struct cdp_stage_stats. */
void cdp_stage_count(struct cdp_stage *sg, bool passed, bool rejected);

/* The tape of a line, read now if it came without one. */
const struct cdp_tape *cdp_stage_tape(
    struct cdp_stage *sg, const struct cdp_line *ln);

/* Put one line into the queue, as number n. */
void cdp_stage_queue(struct cdp_stage *sg, const struct cdp_line *ln,
    const struct cdp_rec *rec, uint64_t n);

/* Print again what input q caused. */
int cdp_stage_replay(struct cdp_stage *sg, uint64_t q,
    const struct cdp_line *ln, struct cdp_err *err);

#endif
