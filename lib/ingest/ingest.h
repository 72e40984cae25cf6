#ifndef CDP_INGEST_INGEST_H
#define CDP_INGEST_INGEST_H

#include "lib/ingest/expect.h"
#include "lib/ingest/infer.h"
#include "lib/ingest/planned.h"
#include "lib/ingest/rows.h"
#include "lib/ingest/transform.h"
#include "lib/ingest/violations.h"
#include "lib/store/stage.h"

/*
 * ingest: events from outside become events of ours.
 *
 * Each is checked, given a message id and a time, held until the greatest
 * timestamp of this run is the lateness ahead of it, and released in the
 * order (timestamp, source, message id), once; clock lines say between them
 * how far time has come.  What is behind the clock passes marked "late".
 * What is of somebody who is suppressed or deleted is dropped (suppress.h).
 */
struct cdp_ingest; /* opaque */

struct cdp_ingest_opt {
	const struct cdp_plan *plan;         /* borrowed */
	const struct cdp_identity *identity; /* borrowed; or NULL */
	const struct cdp_limits *limits;     /* borrowed */
	int64_t lateness_ms;
	int64_t ahead_ms;
	int64_t tick_ms;            /* 0: only the last clock line */
	struct cdp_str source;      /* borrowed */
	struct cdp_str fingerprint; /* of the project; borrowed */
	bool say_source;            /* in each event, as sourceId */
	int64_t until_ms;           /* of the last clock line; CDP_TIME_NONE */
	size_t hold_bytes;          /* what may wait; 0: 1 GiB */
	/* Told of each violation (planned.h) without violations; or NULL. */
	void (*violation)(void *arg, const struct cdp_line *ln,
	    const struct cdp_violation *v, const char *code, bool blocked);
	void *violation_arg;
	struct cdp_violations *violations; /* or NULL; taken over */
	struct cdp_expects *expects;       /* the same */
	struct cdp_infer *infer;           /* the same */
	bool follow;                       /* keep how far files were read */
	struct cdp_rows *rows; /* or NULL: what is read is events; taken over */
	struct cdp_transformer *transformer; /* or NULL; taken over */
	bool hold;             /* keep what is too young for the next run */
	bool keep_again;       /* lines without an id, each time they come */
	int64_t (*wall)(void); /* what time it is in milliseconds, or NULL */
};

struct cdp_ingest *cdp_ingest_new(const struct cdp_ingest_opt *opt);
void cdp_ingest_free(struct cdp_ingest *ig);

extern const struct cdp_stage_ops cdp_ingest_ops;

/* Where a record of the input ends that goes on at p; see cdp_csv_end(). */
const char *cdp_ingest_split(
    void *self, const char *p, const char *end, int *state);

/* A file of the input has ended. */
void cdp_ingest_file_end(void *self);

/*
 * The next text stands in a file that is followed: in stream name, at byte
 * begin, with the next one behind it.  Other streams whose names begin with
 * prefix are over.
 */
void cdp_ingest_place(void *self, struct cdp_str prefix, struct cdp_str name,
    uint64_t begin, uint64_t behind);

/* Where to begin again in such files; see cdp_position_resume(). */
int cdp_ingest_resume(void *self, struct cdp_stage *sg, struct cdp_str prefix,
    void (*fn)(void *arg, struct cdp_str name, uint64_t at), void *arg,
    struct cdp_err *err);

/*
 * A text from outside, as the lines in it: 0, or what each returned.  each's
 * line() is to call cdp_ingest_line().
 */
int cdp_ingest_text(void *self, struct cdp_str text, uint64_t lineno,
    struct cdp_arena *mem, const struct cdp_each *each, struct cdp_err *err);

/*
 * Lines that were read already, before the first of them is taken: if they
 * begin with a stretch that is known (lib/store/stretch.h), all of it is taken at once.
 *
 * lines   whole lines
 * lineno  of the first, from 1 in each file
 * last    nothing comes behind them in this file
 */
int cdp_ingest_peek(void *self, struct cdp_stage *sg, struct cdp_str lines,
    uint64_t lineno, bool last, struct cdp_peek *ret, struct cdp_err *err);

/*
 * One line from outside.  0; CDP_EDATA with the code of the fault as its rule;
 * or what the stage returned.  Without a stage it is only looked at, and
 * nothing is released.
 */
int cdp_ingest_line(void *self, struct cdp_stage *sg, const struct cdp_line *ln,
    struct cdp_err *err);

/*
 * Nothing comes in: with a clock on the wall, what is due by it is released,
 * and the time told that is the lateness behind it; then again in *wake_ms.
 */
int cdp_ingest_idle(
    void *self, struct cdp_stage *sg, int *wake_ms, struct cdp_err *err);

/*
 * Release what waits and write the last clock line; or, with hold, neither.
 */
int cdp_ingest_finish(void *self, struct cdp_stage *sg, struct cdp_err *err);

/* What was given as expects, and as infer. */
const struct cdp_expects *cdp_ingest_expects(const struct cdp_ingest *ig);
const struct cdp_infer *cdp_ingest_infer(const struct cdp_ingest *ig);

/*
 * What was read but was no line: records that a map makes nothing of, and
 * events that an earlier run held back; and those held for a later one.
 */
void cdp_ingest_balance(void *self, uint64_t *more, uint64_t *held);

/* Add members to a JSON object. */
void cdp_ingest_stats(void *self, struct cdp_buf *json);

/*
 * How many events at the end were too far ahead of all before them to move the
 * time.
 */
uint64_t cdp_ingest_doubtful(const struct cdp_ingest *ig);

/*
 * How many privacy commands that have neither id nor time were taken for ones
 * that came in an earlier run, and are not in force.
 */
uint64_t cdp_ingest_stale(const struct cdp_ingest *ig);

#endif
