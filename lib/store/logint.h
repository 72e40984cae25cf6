#ifndef CDP_STORE_LOGINT_H
#define CDP_STORE_LOGINT_H

#include "lib/base/aside.h"
#include "lib/base/map.h"
#include "lib/base/time.h"
#include "lib/store/frames.h"
#include "lib/store/idx.h"
#include "lib/store/manifest.h"
#include "lib/store/meta.h"
#include "lib/store/out.h"
#include "lib/store/sets.h"

/*
 * logint: what the files that make up a log share, and what moves one; nobody
 * else includes it.
 */
#define CDP_SEGMENT_BYTES ((uint64_t)64 << 20)
#define CDP_SEGMENT_ENTRIES ((size_t)1 << 20)
/*
 * Compaction numbers its segments from here on: it does not hold LOCK, and
 * the writer counts upward from 1.
 */
#define CDP_COMPACTED_NO ((uint64_t)1000000001)
#define CDP_PUTS_FRAME ((size_t)40 << 10)
#define CDP_PUTS_SMALL ((size_t)8 << 10) /* with a dictionary */
#define CDP_OUTS_FRAME ((size_t)512 << 10)
#define CDP_FRAMES_SHARE 8                   /* of the store's memory */
#define CDP_EPOCH_INPUTS ((uint64_t)1 << 20) /* a reader refuses more */

struct cdp_sealed {
	struct cdp_seg seg;
	struct cdp_idx idx;
	uint64_t due; /* the next of its due times to be told */
	bool due_set;
};

/* How far the log has told of due times. */
struct cdp_pending {
	struct cdp_str clock; /* dealt with, where this key stands, */
	int64_t now_ms;       /* is what was due by then */
	bool active_told;
	int64_t told_ms, next_ms; /* all up to then; the next behind it */
	struct cdp_buf key;
};

/* The epoch that is being gathered. */
struct cdp_gather {
	struct cdp_map puts; /* to struct cdp_gput */
	struct cdp_gput **put;
	size_t nput, cput;
	struct cdp_arena mem;
	size_t nput_bytes;
	uint64_t ninput;
	struct cdp_buf in;   /* META lines of the inputs */
	struct cdp_buf out;  /* META lines of their records */
	struct cdp_buf outs; /* OUTS */
	/* The run of inputs that is not yet a line. */
	struct cdp_str o;
	uint64_t from, to;
	struct cdp_hash128 id[CDP_META_IDS];
	size_t nid;
	/* The run of record counts that is not yet a line. */
	uint64_t i, j, count;
	bool igone;           /* that run is of dropped records */
	uint64_t nold;        /* the run of inputs that are known no more */
	uint64_t nset;        /* edits that OUTS holds */
	struct cdp_sets sets; /* those of them without a spot */
	/* Ends of lines that OUTS holds, and the last of them. */
	uint64_t nwith;
	struct cdp_buf with;
	/* The run of inputs that are passed with one set, not yet a line. */
	struct cdp_again again;
	uint64_t again_i;
	bool running;
	/* The records of the newest input. */
	uint64_t ncur;
	bool plain; /* the first is a pass without an edit, not yet a line */
	bool gone;  /* they were dropped */
};

struct cdp_gput {
	struct cdp_str key, val;
	int64_t due_ms;
	struct cdp_hash128 h;
	uint64_t frame, off; /* where it went */
};

/* A frame of an epoch before it is packed: a part of one of three texts. */
struct cdp_part {
	enum cdp_section section;
	const struct cdp_buf *text;
	size_t off, n;
	uint32_t records;
	uint64_t at; /* where its frame begins in the file */
};

struct cdp_parts {
	struct cdp_part *v;
	size_t n, cap;
};

/* The epoch that is on its way to the disk. */
struct cdp_batch {
	bool busy;
	struct cdp_gather g;
	uint64_t n; /* its last record */
	struct cdp_buf meta, puts, packed;
	struct cdp_parts parts;
	uint32_t chain; /* hcrc of its last frame */
	struct cdp_zip *zip;
	void (*then)(void *arg);
	void *then_arg;
	int rc;
	struct cdp_err err;
};

/* What the inputs of one epoch caused, decoded. */
struct cdp_din {
	uint64_t n; /* number of its first record */
	size_t rec, nrec;
	uint64_t gone; /* so many that were dropped */
};

struct cdp_decoded {
	uint64_t seg, off; /* off 0: nothing */
	uint64_t q;        /* first input */
	struct cdp_din *in;
	size_t nin, cin;
	struct cdp_rec *rec;
	size_t nrec, crec;
	struct cdp_rec *set; /* passed with set k */
	size_t nset, cset;
	size_t made; /* bytes that are in mem */
	struct cdp_arena mem;
	struct cdp_str *with; /* the ends of lines */
	size_t nwith, cwith;
	struct cdp_tape tape;
	struct cdp_buf outs;
};

struct cdp_log {
	struct cdp_store *st;
	char *stage;
	char *origin; /* "main.merge" */
	bool readonly, dead;
	bool sure;    /* a writer, opened and settled */
	int fault_rc; /* an index is damaged and could not be made anew */
	struct cdp_err fault;
	uint64_t segment_bytes;
	char cfg[65];               /* of the last epoch */
	struct cdp_str fingerprint; /* of this run */
	int dir, lock;
	struct cdp_manifest man;
	struct cdp_sealed *sealed; /* oldest first */
	size_t nsealed;
	struct cdp_seg active;
	struct cdp_index ix; /* of the active segment; gathered inputs too */
	/* The end of what is committed. */
	uint64_t end, e, q, n;
	uint32_t chain;
	int64_t t_ms;      /* event time has come this far; CDP_TIME_NONE */
	bool lazy;         /* a rewriter: synced when the segment is done */
	uint64_t first_e;  /* the next epoch stands for those from here on; 0 */
	uint64_t last_off; /* of the last epoch in the active one; 0: none */
	struct cdp_highs hi;
	uint64_t next_n; /* of the next record */
	struct cdp_pending pending;
	struct cdp_gather g;
	struct cdp_batch under_way;
	struct cdp_aside *aside; /* writes it out; NULL: there is none yet */
	struct cdp_zip *zip;
	struct cdp_epoch ep;
	struct cdp_meta_reader meta;
	struct cdp_decoded dec;
	struct cdp_frames frames; /* of states */
	struct cdp_buf tmp, work;
};

/* A log of which nothing is open yet. */
struct cdp_log *cdp_log_new(
    struct cdp_store *st, const struct cdp_log_opt *opt);

/* "store 'PATH', log 'STAGE': " before what err says; returns rc. */
int cdp_log_fault(const struct cdp_log *log, int rc, struct cdp_err *err);

/* What was put under the key and is not durable yet, or NULL. */
const struct cdp_gput *cdp_log_unsure(
    const struct cdp_log *log, struct cdp_str key);

/* rc, or what cdp_log_where() could not say. */
int cdp_log_faulty(struct cdp_log *log, int rc, struct cdp_err *err);

/*
 * Walk the active segment to the last whole epoch; a writer also cuts what is
 * behind it, or refuses (CDP_ECORRUPT), and makes the last epoch sure.
 */
int cdp_log_recover(struct cdp_log *log, struct cdp_err *err);

/*
 * The last epoch may be one that never reached the disk: after an error of a
 * sync the kernel shows bytes that it has given up.  To write them again is
 * to put durable bytes at risk, so they are first made durable in the file
 * LAST.  settle.c.
 *
 * mend    before the walk: put back what LAST holds, if a power cut hit just
 *         that second write
 * settle  after it: cut a torn tail off, and make the last epoch sure, unless
 *         LOCK says that it is
 * sure    a writer ends: note in LOCK that the last epoch was synced; what
 *         goes wrong there costs the next one a write
 */
struct cdp_settle {
	bool last;    /* there is a LAST */
	uint64_t off; /* where the epoch in it was just made sure; 0: nowhere */
};
int cdp_log_mend(
    struct cdp_log *log, struct cdp_settle *how, struct cdp_err *err);
int cdp_log_settle(
    struct cdp_log *log, const struct cdp_settle *how, struct cdp_err *err);
void cdp_log_sure(struct cdp_log *log);

/*
 * The folder of a stage only, with or without its LOCK: 0; CDP_END if it has
 * none; CDP_ELOCKED; CDP_EIO.
 */
int cdp_log_folder(struct cdp_store *st, const char *stage, bool lock,
    struct cdp_log **ret, struct cdp_err *err);

/*
 * The folder and MANIFEST of a stage only: 0; CDP_END if it has none;
 * CDP_ECORRUPT; CDP_EIO.
 */
int cdp_log_peek(struct cdp_store *st, const char *stage, struct cdp_log **ret,
    struct cdp_err *err);

/* Enter one epoch of segment sg into ix: 0 or CDP_ECORRUPT. */
int cdp_log_learn(struct cdp_log *log, struct cdp_index *ix,
    const struct cdp_seg *sg, const struct cdp_epoch *ep, struct cdp_err *err);

/*
 * Whether the epoch in log->ep is the next one, or stands for several of which
 * the first is: what repair has copied of a compacted log.
 */
bool cdp_log_follows(struct cdp_log *log);

/* Open all sealed segments that MANIFEST names: 0, CDP_END (one is gone)... */
int cdp_log_sealed_all(struct cdp_log *log, struct cdp_err *err);

void cdp_log_sealed_drop(struct cdp_log *log);

/* Footer and index of the active segment, both durable. */
int cdp_log_close_active(
    struct cdp_log *log, struct cdp_buf *idx, struct cdp_err *err);

/*
 * Lock the file REWRITE: files that MANIFEST does not name yet are the
 * holder's.  CDP_ELOCKED when time is up; *ret is to be closed.
 */
int cdp_log_rewriter(
    struct cdp_log *log, int timeout_ms, int *ret, struct cdp_err *err);

/*
 * Hold the right to replace MANIFEST, which whoever writes and whoever
 * compacts take for a moment each; then read it again, and go on with the
 * sealed segments that it names now.
 */
int cdp_log_man_lock(struct cdp_log *log, struct cdp_err *err);
void cdp_log_man_unlock(struct cdp_log *log);

/*
 * Put n segments in the place of the sealed ones, in MANIFEST and on the
 * disk.  0; CDP_ELOCKED if others stand there by now; CDP_EIO.
 */
int cdp_log_swap(struct cdp_log *log, const struct cdp_manifest_seg *seg,
    size_t n, struct cdp_err *err);

/* Inputs that only a rewriter notes. */
void cdp_log_old(struct cdp_log *log);
void cdp_log_gone(struct cdp_log *log, uint64_t count);

/* Put the gathered epoch at the end of the active segment. */
int cdp_log_write_epoch(struct cdp_log *log, struct cdp_err *err);

/* Seal the active segment and start the next one. */
int cdp_log_roll(struct cdp_log *log, struct cdp_err *err);

/* The header of the next segment. */
int cdp_log_head(struct cdp_log *log, uint64_t no, struct cdp_seg_head *ret,
    struct cdp_err *err);

/* Decode an epoch that was just read by cdp_seg_epoch into dec. */
int cdp_log_decode(struct cdp_log *log, struct cdp_seg *sg,
    const struct cdp_epoch *ep, struct cdp_decoded *dec, struct cdp_err *err);

/* The newest place of a key: 0 with segment and place, or CDP_END. */
int cdp_log_newest(struct cdp_log *log, struct cdp_str key, struct cdp_seg **sg,
    uint64_t *loc, struct cdp_str *val, int64_t *due_ms, struct cdp_err *err);

/* Segment i of the log (the last one is active) and where it ends. */
struct cdp_seg *cdp_log_seg(struct cdp_log *log, size_t i, uint64_t *end);

void cdp_gather_reset(struct cdp_gather *g);
void cdp_gather_free(struct cdp_gather *g);
void cdp_batch_free(struct cdp_batch *bt);

/* The lines of META that are not written yet. */
void cdp_gather_end(struct cdp_log *log);

/*
 * Learn a dictionary from what is gathered, the beginning of a segment; ret
 * stays empty if that is too little.
 */
void cdp_gather_train(const struct cdp_gather *g, struct cdp_buf *ret);

/*
 * What an epoch holds: meta is its META, dec->outs its OUTS.  False: they are
 * damaged.  decode.c.
 */
bool cdp_decoded_read(
    struct cdp_decoded *dec, struct cdp_meta_reader *r, struct cdp_str meta);
void cdp_decoded_free(struct cdp_decoded *dec);

#endif
