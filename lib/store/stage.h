#ifndef CDP_STORE_STAGE_H
#define CDP_STORE_STAGE_H

#include "lib/json/line.h"
#include "lib/store/log.h"

/*
 * stage: recorded replay.
 *
 * For each input line: printed in this run already, nothing; key in the log,
 * queue what was recorded for it; new, step, queue what it causes and
 * remember both for the epoch.  An epoch is durable before the first byte it
 * caused is written.  So the same command on the same input prints the same
 * bytes wherever it had been killed.  step() may depend on the state, the
 * line and the project only.
 */
struct cdp_stage; /* opaque */
struct cdp_outs;  /* opaque: what a step causes, in the order of the calls */

/* The input line, as it is, or with an edit (see cdp_json_splice). */
void cdp_outs_pass(struct cdp_outs *outs);
void cdp_outs_pass_edit(struct cdp_outs *outs, struct cdp_str edit);

/*
 * With an edit that sets one member (see cdp_json_splice_one).  Its spot is
 * valid until the step is over; the texts are copied.
 */
void cdp_outs_pass_one(struct cdp_outs *outs, const struct cdp_edit *ed);

/* A line of our own: a JSON object without "cdp" and newline; copied. */
void cdp_outs_line(struct cdp_outs *outs, struct cdp_str json);

/*
 * The same of a line whose end is that of others before it: json, a comma, and
 * with, its last members and its closing brace.
 *
 * ed  see cdp_log_line(); NULL if the line before has that end
 */
void cdp_outs_line_with(struct cdp_outs *outs, struct cdp_str json,
    struct cdp_str with, const struct cdp_edit *ed);

/*
 * Count (and report, through the stage's reject function) this input as
 * rejected or held.  What was queued for it stays.  Rejections are not
 * recorded: a replay of a rejected line that has other outputs does not
 * report again.
 */
void cdp_outs_reject(struct cdp_outs *outs, const char *code,
    struct cdp_str field, struct cdp_str message);

/*
 * Count and report this input as rejected, and remember that: it causes
 * nothing when it comes again, whatever holds then.  Call nothing else.
 */
void cdp_outs_drop(struct cdp_outs *outs, const char *code,
    struct cdp_str field, struct cdp_str message);

/* What a line is whose key is known already. */
enum cdp_known {
	CDP_KNOWN_SAME,     /* it again */
	CDP_KNOWN_CONFLICT, /* it again, but it says something else */
	CDP_KNOWN_NEWER,    /* the next one under this key, in its place */
	CDP_KNOWN_OTHER     /* another, which needs another key */
};

/* What became of lines that a stage was shown before they were taken. */
struct cdp_peek {
	size_t bytes;   /* so many of the first were taken, */
	uint64_t lines; /* which are so many lines */
	bool more;      /* if none: more of the input may help */
	uint64_t until; /* if none: up to this line there is nothing to ask */
	/* If none: where the first nend lines end; borrowed until then. */
	const uint32_t *end;
	size_t nend;
};

struct cdp_stage_ops {
	const char *name; /* the log's folder, and the second half of "o" */

	/* After the log was opened, before the first line; may be NULL. */
	int (*open)(void *self, struct cdp_log *log, struct cdp_err *err);

	/* One new line.  0, CDP_EDATA (rejected: err says why), or fatal. */
	int (*step)(void *self, const struct cdp_line *ln,
	    struct cdp_outs *outs, struct cdp_err *err);

	/* cdp_log_put() every changed state; called before each commit. */
	int (*save)(void *self, struct cdp_log *log, struct cdp_err *err);

	/*
	 * After an epoch is durable, before it is printed and before another
	 * line; may be NULL.
	 */
	int (*committed)(void *self, struct cdp_err *err);

	/*
	 * Whether a line that the log knows is not to be replayed: it is
	 * dropped as "suppressed".  May be NULL.
	 */
	bool (*erased)(void *self, const struct cdp_line *ln);

	/*
	 * What a line is whose key, one of cdp_stage_keyed(), is known with
	 * that mark.  NULL: CDP_KNOWN_SAME.
	 */
	enum cdp_known (*known)(
	    void *self, const struct cdp_line *ln, uint64_t mark);

	/*
	 * What its edits set, as cdp_tail_is() asks: then input that was read
	 * before is known by its bytes.  NULL: the stage sees to that itself.
	 */
	const char *sets;

	/* A line of our own is printed again from the log; may be NULL. */
	void (*replayed)(void *self, struct cdp_str json);
};

struct cdp_stage_opt {
	const char *store_path; /* NULL: no store; nothing is remembered */
	bool dry_run;           /* read the store, commit nothing */
	int lock_timeout_ms;
	struct cdp_str fingerprint;
	size_t epoch_lines; /* 0: 16384; at most 2^20; a run begins with less */
	size_t epoch_bytes; /* 0: 16 MiB */
	size_t memory;      /* of the store (store.h); 0: its own */
	const struct cdp_io *io;
	int out_fd;
	void *reject_arg; /* first argument of reject */
	void (*reject)(void *arg, const struct cdp_line *ln, const char *code,
	    struct cdp_str field, struct cdp_str message);
	/* A remark for standard error: changed rules and the like. */
	void *warn_arg;
	void (*warn)(void *arg, const char *msg);
};

/*
 * in = duplicates + passed + consumed + dropped + expired: an input that is no
 * duplicate is passed, or rejected and dropped, or consumed (what it said is in
 * the state, or in lines made), or expired (known, but what it caused was
 * dropped from the store).  rejected counts those that were passed, too.
 */
struct cdp_stage_stats {
	uint64_t in, out, replayed, duplicates, rejected, made;
	uint64_t passed, consumed, dropped, expired;
	uint64_t unread; /* of those that were replayed */
};

/*
 * A stage; the store is opened and its log locked by the first line (taken
 * at start, two pipelines would deadlock).  ops and opt's strings are
 * borrowed.
 */
struct cdp_stage *cdp_stage_new(const struct cdp_stage_ops *ops, void *self,
    const struct cdp_stage_opt *opt);
void cdp_stage_free(struct cdp_stage *sg);

/* Take the lock and open the log now; idempotent. */
int cdp_stage_ready(struct cdp_stage *sg, struct cdp_err *err);

/* The log, or NULL before the first line or without a store. */
struct cdp_log *cdp_stage_log(struct cdp_stage *sg);

/*
 * Handle a line whose key is its own (o, n).  0; CDP_EDATA was reported and
 * is not returned; CDP_ECONF if the line has no "cdp"; or fatal.
 */
int cdp_stage_line(
    struct cdp_stage *sg, const struct cdp_line *ln, struct cdp_err *err);

/*
 * Lines that were read already, before the first of them is taken: if they
 * begin with a stretch of input that is known by its bytes (stretch.h), what
 * its lines caused is printed again, and they are not parsed.
 *
 * lines   whole lines, as their own (o, n) are their keys
 * lineno  of the first, from 1 in each file
 * last    nothing comes behind them in this file
 */
int cdp_stage_peek(struct cdp_stage *sg, struct cdp_str lines, uint64_t lineno,
    bool last, struct cdp_peek *ret, struct cdp_err *err);

/*
 * Something is to be put into the log, and committed with the next epoch: the
 * log to do it in; NULL in a run that keeps nothing.
 */
struct cdp_log *cdp_stage_touch(struct cdp_stage *sg);

/* Count a line that causes nothing and need not be remembered. */
void cdp_stage_consume(struct cdp_stage *sg);

/*
 * The key of a line that has none of its own (cdp-ingest): a hash of text,
 * keyed by the store's secret.  Asked for some lines before cdp_stage_keyed,
 * it spares that a wait for memory.  0 or fatal: the log is opened for it.
 */
int cdp_stage_key(struct cdp_stage *sg, struct cdp_str text,
    struct cdp_hash128 *ret, struct cdp_err *err);

/*
 * Handle a line under such a key.  The lowest CDP_MARK_BITS of mark are kept
 * with it, for known().  As cdp_stage_line(); or CDP_END if the key is
 * another's, and nothing was done.
 *
 * A line without a tape begins with its first member, ends with its last one
 * and has no "cdp"; it is read if it is passed with an edit, or refused, and
 * ops must not look at its tape.
 */
int cdp_stage_keyed(struct cdp_stage *sg, struct cdp_hash128 key, uint64_t mark,
    const struct cdp_line *ln, struct cdp_err *err);

/* Whether the log knows that key, and the mark that it keeps with it. */
bool cdp_stage_mark(
    struct cdp_stage *sg, struct cdp_hash128 key, uint64_t *mark);

/*
 * A line that need not be read, if the log knows it and it was passed with
 * that edit (empty: as it is), which sets what the line has not: raw is an
 * object that begins with its first member, ends with its last one and has no
 * "cdp", and its mark is the one that the log has.  ops->erased is not asked.
 * 0; CDP_END: it is another one, and cdp_stage_keyed() is to be called; or
 * fatal.
 */
int cdp_stage_again(struct cdp_stage *sg, struct cdp_hash128 key,
    struct cdp_str raw, struct cdp_str edit, struct cdp_err *err);

/*
 * To be called after each line.  An epoch that is full is saved and made
 * durable while the next one is gathered; its lines are written as soon as it
 * is.  0 or fatal.
 */
int cdp_stage_pace(struct cdp_stage *sg, struct cdp_err *err);

/*
 * Save, commit and write all there is, in input order, as before a read that
 * would wait.  0 or fatal.
 */
int cdp_stage_flush(struct cdp_stage *sg, struct cdp_err *err);

/*
 * Begin with that: until cdp_stage_flush(), which waits for it, the log is not
 * to be touched and nothing else printed.  Busy: there would be a wait.
 */
int cdp_stage_begin(struct cdp_stage *sg, struct cdp_err *err);
bool cdp_stage_busy(const struct cdp_stage *sg);

/* Flush and write this stage's own end line. */
int cdp_stage_end(struct cdp_stage *sg, struct cdp_err *err);

const struct cdp_stage_stats *cdp_stage_stats(const struct cdp_stage *sg);

#endif
