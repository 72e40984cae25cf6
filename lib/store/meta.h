#ifndef CDP_STORE_META_H
#define CDP_STORE_META_H

#include "lib/base/hash.h"
#include "lib/json/tape.h"
#include "lib/store/log.h"

/*
 * meta: the lines of META and PUTS of an epoch (cdp-store(5)).
 *
 * META says all that an index needs, so that opening a log unpacks no state.
 * PUTS lines have one spelling only, so they are read without a parser.
 */
enum cdp_meta_kind {
	CDP_META_HEAD, /* first line of every epoch */
	CDP_META_IN,   /* inputs (o, from) to (o, to), in this order */
	CDP_META_HASH, /* a hashed input, or, for who counts, count of them */
	CDP_META_OLD,  /* the next count inputs are known no more */
	CDP_META_OUT,  /* inputs i to j of the epoch have count records each */
	CDP_META_GONE, /* the same, but the records were dropped */
	CDP_META_PUT   /* a state: where it stands, and when it is due */
};

struct cdp_meta {
	enum cdp_meta_kind kind;
	uint64_t e, q, n; /* HEAD: epoch; first input and first record */
	uint64_t first;   /* HEAD: first of the epochs that are one now */
	int64_t t_ms;     /* HEAD: event time; CDP_TIME_NONE */
	bool unsynced;    /* HEAD: written without a sync */
	struct cdp_str cfg;
	uint32_t hi;      /* HEAD: highest input per origin, in tape */
	struct cdp_str o; /* IN */
	uint64_t from, to;
	struct cdp_hash128 h; /* HASH */
	uint64_t i, j, count; /* OUT, GONE; count: OLD, HASH */
	uint64_t frame, off;  /* PUT: which PUTS frame, byte in it */
	struct cdp_str key;   /* PUT */
	int64_t due_ms;       /* PUT; INT64_MAX: none */
};

/* Reads line after line; the strings of an item live until the next one. */
struct cdp_meta_reader {
	struct cdp_str rest;
	const uint8_t *ids; /* a line of hashed inputs */
	size_t nids, id;    /* so many, and how many of them were read */
	bool counting;      /* the hashes are not asked for */
	struct cdp_tape tape;
	struct cdp_arena mem;
};

void cdp_meta_start(struct cdp_meta_reader *r, struct cdp_str text);

/* 0, CDP_END, or CDP_EDATA if the line is none of ours. */
int cdp_meta_next(struct cdp_meta_reader *r, struct cdp_meta *ret);
void cdp_meta_free(struct cdp_meta_reader *r);

/* How many inputs an IN, HASH or OLD stands for. */
uint64_t cdp_meta_inputs(const struct cdp_meta *m);

/* One line each, newline included. */
void cdp_meta_in(
    struct cdp_buf *b, struct cdp_str o, uint64_t from, uint64_t to);
void cdp_meta_old(struct cdp_buf *b, uint64_t count);
void cdp_meta_out(struct cdp_buf *b, uint64_t i, uint64_t j, uint64_t count);
void cdp_meta_gone(struct cdp_buf *b, uint64_t i, uint64_t j, uint64_t count);
void cdp_meta_put(struct cdp_buf *b, uint64_t frame, uint64_t off,
    struct cdp_str key, int64_t due_ms);

/* At most CDP_META_IDS hashed inputs; so many need no padding. */
#define CDP_META_IDS 255
void cdp_meta_ids(struct cdp_buf *b, const struct cdp_hash128 *h, size_t n);

/* 32 hex digits of a hashed input. */
void cdp_meta_hash(struct cdp_buf *b, struct cdp_hash128 h);

/* {"k":..,"due":..,"v":..} or {"k":..,"del":1}, with newline. */
void cdp_put_line(
    struct cdp_buf *b, struct cdp_str key, struct cdp_str val, int64_t due_ms);

/*
 * The line that begins at s: 0 with val (empty: removed) and due; CDP_END
 * if it is of another key; CDP_EDATA if it is no such line.  tmp is scratch.
 */
int cdp_put_read(struct cdp_str s, struct cdp_str key, struct cdp_buf *tmp,
    struct cdp_str *val, int64_t *due_ms);

#endif
