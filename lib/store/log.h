#ifndef CDP_STORE_LOG_H
#define CDP_STORE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/hash.h"
#include "lib/store/store.h"

/*
 * log: what one stage remembers; append-only, in epochs.
 *
 * An epoch is what commits at once: the keys of the input lines it covers,
 * the new state of every key they touched (once each), and what they caused
 * to be printed.  One pwritev, one fdatasync.  One writer, any number of
 * readers.  The format is cdp-store(5).
 */
struct cdp_log; /* opaque */

struct cdp_log_opt {
	const char *stage;          /* the folder: "ingest", "merge", ... */
	int lock_timeout_ms;        /* -1: wait for ever */
	bool readonly;              /* take no lock, write nothing */
	struct cdp_str fingerprint; /* of the project, hex */
	uint64_t segment_bytes;     /* roll at this size; 0: 64 MiB */
};

/*
 * Lock, recover and open for appending (or, readonly, look at what is
 * committed).  0; CDP_ELOCKED; CDP_EIO; CDP_ECORRUPT with the file, offset
 * and epoch in the message; CDP_END if readonly and there is no such log.
 */
int cdp_log_open(struct cdp_store *st, const struct cdp_log_opt *opt,
    struct cdp_log **ret, struct cdp_err *err);
void cdp_log_close(struct cdp_log *log);

/*
 * Close a log that is open for writing, and remove it with its folder: 0, or
 * CDP_EIO.  What was gathered is dropped.  At any moment on the way it is
 * whole, empty, or not there.
 */
int cdp_log_scrap(struct cdp_log *log, struct cdp_err *err);

/* The project fingerprint of the last epoch; empty if there is none. */
struct cdp_str cdp_log_fingerprint(const struct cdp_log *log);

/* The path of its store, for as long as that is open. */
const char *cdp_log_path(const struct cdp_log *log);

/* What stands as "o" in the lines it prints: "main.merge". */
struct cdp_str cdp_log_origin(const struct cdp_log *log);

/*
 * HMAC-SHA256 of text by the store's secret, 64 hex digits; of a log that is
 * NULL, by a secret that everybody knows.
 */
void cdp_log_hmac(const struct cdp_log *log, struct cdp_str text, char ret[65]);

/* The number of the last record that is committed; 0: none. */
uint64_t cdp_log_last(const struct cdp_log *log);

/* Whether nothing at all was ever committed. */
bool cdp_log_is_new(const struct cdp_log *log);

/* ---- state ---- */

/*
 * The newest state put under key, appended to val (JSON text): committed, or
 * in the epoch that is being gathered.  0, CDP_END, CDP_EIO or CDP_ECORRUPT.
 */
int cdp_log_get(struct cdp_log *log, struct cdp_str key, struct cdp_buf *val,
    struct cdp_err *err);

/* The same, with what it was put with as due_ms. */
int cdp_log_get_due(struct cdp_log *log, struct cdp_str key,
    struct cdp_buf *val, int64_t *due_ms, struct cdp_err *err);

/*
 * Put a state into the epoch that is being gathered; the last put of a key
 * wins.
 *
 * key     1 to 512 bytes
 * val     JSON text without a newline, copied; empty: the key is removed
 * due_ms  when this key is to be looked at next (see cdp_log_due), or
 *         INT64_MAX
 */
void cdp_log_put(struct cdp_log *log, struct cdp_str key, struct cdp_str val,
    int64_t due_ms);

/*
 * Begin to tell of due times, from the start.
 *
 * clock   a key that the stage puts, with the states that it has put again,
 *         whenever it has dealt with all that is due: what stands in older
 *         segments than this key does and was due by now_ms is passed over.
 *         A constant.
 * now_ms  up to when that was; INT64_MIN: nothing is passed over
 */
void cdp_log_due_start(
    struct cdp_log *log, struct cdp_str clock, int64_t now_ms);

/*
 * Tell of the live keys that are due by until_ms and were not told of since
 * the start, gathered ones included, and maybe of later ones, in no particular
 * order: fn(arg, key, due_ms); a non-zero return of fn ends the walk and is
 * returned.  A key may be told of twice, so whoever holds its state knows
 * better.
 *
 * Costs what is told, and what was due by then but was replaced since; the
 * first call also what the active segment has.
 */
int cdp_log_due(struct cdp_log *log, int64_t until_ms,
    int (*fn)(void *arg, struct cdp_str key, int64_t due_ms), void *arg,
    struct cdp_err *err);

/*
 * Walk all live states, sorted by key: fn(arg, key, json, due_ms).  Goes over
 * the log once for each quarter of the store's memory that they fill.
 */
int cdp_log_each(struct cdp_log *log,
    int (*fn)(
	void *arg, struct cdp_str key, struct cdp_str val, int64_t due_ms),
    void *arg, struct cdp_err *err);

/* ---- inputs and what they caused ---- */

/*
 * Which input: (o, n), or, when o.n is 0, a keyed hash.  The lowest bits of
 * h.hi, CDP_MARK_BITS, do not say which: they are a mark of the caller's that
 * is kept with it.
 */
#define CDP_MARK_BITS 40
#define CDP_MARK(v) ((uint64_t)(v) & (((uint64_t)1 << CDP_MARK_BITS) - 1))

struct cdp_log_key {
	struct cdp_str o;
	uint64_t n;
	struct cdp_hash128 h;
};

static inline bool
cdp_hash_is(struct cdp_hash128 a, struct cdp_hash128 b)
{
	return a.lo == b.lo && (a.hi ^ b.hi) >> CDP_MARK_BITS == 0;
}

/*
 * One thing printed because of an input: CDP_REC_PASS is the input line
 * itself with edit applied (cdp_json_splice; an empty edit passes it as it
 * is), CDP_REC_LINE is a line of our own (an object without "cdp").
 * CDP_REC_GONE was one of them, or several, and is kept no longer.
 */
enum cdp_rec_kind { CDP_REC_PASS, CDP_REC_LINE, CDP_REC_GONE };

struct cdp_rec {
	enum cdp_rec_kind kind;
	bool one;            /* the edit is one for cdp_json_splice_one */
	struct cdp_str json; /* the edit, or the line */
	/*
	 * The last members of a line, with its closing brace, if other lines
	 * have them, too; json then ends before the comma in front of them.
	 */
	struct cdp_str with;
};

/* The edit or the line as a whole, if need be made in tmp. */
struct cdp_str cdp_rec_whole(const struct cdp_rec *rec, struct cdp_buf *tmp);

/*
 * Begin the next input of the epoch being gathered; then its records.
 * Returns its number (see cdp_log_where).
 */
uint64_t cdp_log_input(struct cdp_log *log, const struct cdp_log_key *key);

/* Add a record to that input; json is copied.  Returns its number n. */
uint64_t cdp_log_record(
    struct cdp_log *log, enum cdp_rec_kind kind, struct cdp_str json);

/* The number that the next record will get. */
uint64_t cdp_log_next(const struct cdp_log *log);

/*
 * The highest record of this log that another one has taken in; who receives
 * that one's name.  0 or CDP_EIO.
 */
int cdp_log_reached(
    struct cdp_log *log, uint64_t *ret, char who[256], struct cdp_err *err);

/*
 * Where an epoch holds an edit, kept by whoever made it: { 0 } for one that is
 * not what it was.
 */
struct cdp_spot {
	uint64_t e, no;
};

/*
 * An edit, which an epoch holds once.
 *
 * edit  of one member, unless spot is NULL
 * spot  where it stands, or NULL: then it is looked for
 * was   if not empty: what stood there last, which it took the place of; then
 *       only what differs is kept
 * anew  what stood there last is another one, and nobody knows which
 *
 * The log changes a spot when it takes an edit: whoever asks for records that
 * are taken later leaves it alone.
 */
struct cdp_edit {
	struct cdp_str edit;
	struct cdp_spot *spot;
	struct cdp_str was;
	bool anew;
};

/* Add a record: the input is passed with that. */
uint64_t cdp_log_edit(struct cdp_log *log, const struct cdp_edit *ed);

/*
 * Add a record: a line that ends with what the one before may have ended with;
 * see struct cdp_rec.  Of lines in a row with one end that is kept once.
 *
 * ed  what it sets stands at the end of the last member of with ; or NULL:
 *     then with is kept whole
 */
uint64_t cdp_log_line(struct cdp_log *log, struct cdp_str json,
    struct cdp_str with, const struct cdp_edit *ed);

/*
 * What an input caused that is committed (not what is being gathered).
 *
 * first  receives the number of its first record
 * rec    receives an array of *nrec, valid until the next call on this log
 *
 * 0; CDP_END if the key is not committed; CDP_EIO, CDP_ECORRUPT.  Cheap when
 * asked in the order of commitment: a decoded epoch is kept.
 */
int cdp_log_find(struct cdp_log *log, const struct cdp_log_key *key,
    uint64_t *first, const struct cdp_rec **rec, size_t *nrec,
    struct cdp_err *err);

/* The same of the input with that number (see cdp_log_where). */
int cdp_log_caused(struct cdp_log *log, uint64_t q, uint64_t *first,
    const struct cdp_rec **rec, size_t *nrec, struct cdp_err *err);

/*
 * The number q of an input, counted from 1 in the order in which inputs were
 * taken in: committed, or in the epoch being gathered.  0 or CDP_END.  What
 * was met before is then a set of ranges of q, whatever the keys are.
 *
 * CDP_END also if an index is damaged and cannot be made anew: the next
 * cdp_log_find(), cdp_log_get() or cdp_log_commit() then fails.
 */
int cdp_log_where(
    struct cdp_log *log, const struct cdp_log_key *key, uint64_t *q);

/* An input of that hash is coming. */
void cdp_log_expect(const struct cdp_log *log, struct cdp_hash128 h);

/* The mark of a known input, of which there is a hash; 0 if it is unknown. */
uint64_t cdp_log_mark(struct cdp_log *log, const struct cdp_log_key *key);

/*
 * That input was of this event time: the log's time never goes back, and
 * stays where it was at CDP_TIME_END, which a clock says at the end of all.
 */
void cdp_log_time(struct cdp_log *log, int64_t ts_ms);

/* Whether the key is in the epoch being gathered. */
bool cdp_log_pending(const struct cdp_log *log, const struct cdp_log_key *key);

/* Bytes and inputs gathered so far. */
size_t cdp_log_gathered(const struct cdp_log *log, size_t *ninputs);

/*
 * Make the gathered epoch durable; nothing to do if nothing was gathered.
 * 0; CDP_EIO, after which only cdp_log_close() is allowed: the epoch is lost
 * and must not be printed.  One pwritev and one fdatasync.
 */
int cdp_log_commit(struct cdp_log *log, struct cdp_err *err);

/*
 * The same while the next epoch is gathered.  One can be under way at a time;
 * nothing else of the log is written meanwhile, and what the epoch holds can
 * be asked for as before.  Where the system gives no thread, and to seal a
 * segment, it is done at once.
 *
 * then  done with arg when the epoch is durable, maybe on that thread; what
 *       it touches is its own until cdp_log_finish()
 */
int cdp_log_begin(struct cdp_log *log, void (*then)(void *arg), void *arg,
    struct cdp_err *err);

/* Whether cdp_log_finish() would wait; costs nothing. */
bool cdp_log_begun(const struct cdp_log *log);

/* Wait until that is durable, and then() was done: 0, or CDP_EIO as above. */
int cdp_log_finish(struct cdp_log *log, struct cdp_err *err);

/* ---- looking at a log ---- */

struct cdp_log_stats {
	uint64_t segments, epochs, bytes, inputs, records, keys;
	uint64_t unsynced; /* epochs written with cdp_io_unsynced */
};

/*
 * Read every byte and check every checksum, chain and order.  fn is told of
 * each fault (one line each).  0, or CDP_ECORRUPT if there was any.
 */
int cdp_log_verify(struct cdp_store *st, const char *stage,
    void (*fn)(void *arg, const char *msg), void *arg,
    struct cdp_log_stats *ret, struct cdp_err *err);

/*
 * Write the log's meaning, as NDJSON, through fn: each live state sorted by
 * key ({"k":..,"v":..}), then each input with its records in order of n, whole
 * and independent of where epochs and frames happened to end.  A non-zero
 * return of fn ends the walk and is returned.
 *
 * hashes  also write the hash of an input that is known by one ("h"), which
 *         differs from store to store
 *
 * What a log has open does not change, so that two walks say the same; fn may
 * call cdp_log_get().
 */
int cdp_log_lines(struct cdp_log *log, bool hashes,
    int (*fn)(void *arg, struct cdp_str line), void *arg, struct cdp_err *err);

/*
 * Tell of each record that is kept, in order of n; a non-zero return of fn ends
 * the walk and is returned.
 */
int cdp_log_outputs(struct cdp_log *log,
    int (*fn)(void *arg, uint64_t n, const struct cdp_rec *rec), void *arg,
    struct cdp_err *err);

/* Open a log, walk it without hashes, close it; CDP_END: there is none. */
int cdp_log_dump(struct cdp_store *st, const char *stage,
    int (*fn)(void *arg, struct cdp_str line), void *arg, struct cdp_err *err);

#endif
