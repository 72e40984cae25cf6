#ifndef CDP_STORE_MANIFEST_H
#define CDP_STORE_MANIFEST_H

#include "lib/base/io.h"
#include "lib/json/tape.h"

/*
 * manifest: which segments a log consists of, in one file that is replaced as
 * a whole: the only view of a log that is always of one moment.
 */

/* The highest input number seen of each origin.  Empty: { 0 }. */
struct cdp_high {
	char *o;
	uint64_t n;
};

struct cdp_highs {
	struct cdp_high *v;
	size_t n;
};

void cdp_highs_raise(struct cdp_highs *hs, struct cdp_str o, uint64_t n);
uint64_t cdp_highs_get(const struct cdp_highs *hs, struct cdp_str o);

/* As a JSON object, and back; false if it is none. */
void cdp_highs_write(const struct cdp_highs *hs, struct cdp_buf *b);
bool cdp_highs_read(
    struct cdp_highs *hs, const struct cdp_tape *t, uint32_t at);
void cdp_highs_free(struct cdp_highs *hs);

struct cdp_manifest_seg {
	uint64_t no;
	uint64_t size;        /* with its footer; 0: the active one */
	uint64_t epoch, last; /* first and last epoch */
	uint64_t q, nrec;     /* last input and record at its end */
};

struct cdp_manifest { /* an empty one is { .t_ms = CDP_TIME_NONE } */
	uint64_t gen;
	struct cdp_manifest_seg *seg; /* the last one is active */
	size_t nseg;
	char cfg[65];        /* fingerprint of the last sealed epoch */
	int64_t t_ms;        /* its event time, or CDP_TIME_NONE */
	struct cdp_highs hi; /* at the end of the last sealed epoch */
};

/* 0; CDP_END if there is none; CDP_ECORRUPT; CDP_EIO. */
int cdp_manifest_read(const struct cdp_io *io, int dir,
    struct cdp_manifest *ret, struct cdp_err *err);
int cdp_manifest_write(const struct cdp_io *io, int dir,
    const struct cdp_manifest *m, struct cdp_err *err);

/* Add a segment at the end. */
struct cdp_manifest_seg *cdp_manifest_add(struct cdp_manifest *m);
void cdp_manifest_free(struct cdp_manifest *m);

#endif
