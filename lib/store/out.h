#ifndef CDP_STORE_OUT_H
#define CDP_STORE_OUT_H

#include "lib/store/log.h"

/*
 * out: the lines of OUTS of an epoch (cdp-store(5)).
 *
 * They have one spelling only, so they are read without a parser.
 */

/* {"i":3,"set":{..}} or "pass":true, "line":{..}, "gone":true */
void cdp_out_line(
    struct cdp_buf *b, uint64_t i, enum cdp_rec_kind kind, struct cdp_str json);

/*
 * {"i":7,"to":9,"set":0}: inputs i to j are passed with the epoch's set number
 * no.
 */
void cdp_out_again(struct cdp_buf *b, uint64_t i, uint64_t j, uint64_t no);

/* {"i":4,"tail":23,"line":{..}}: a line of which others have the end, too. */
void cdp_out_whole(
    struct cdp_buf *b, uint64_t i, struct cdp_str json, struct cdp_str with);

/* {"i":4,"line":{..},"with":0}: a line with the epoch's end number no. */
void cdp_out_with(
    struct cdp_buf *b, uint64_t i, struct cdp_str json, uint64_t no);

/* {"set":{..}}: a set of the epoch that is no record. */
void cdp_out_set(struct cdp_buf *b, struct cdp_str set);

/*
 * {"set":0,"but":[..]}: another one, now, made of was, which is the epoch's set
 * number no (patch.h).  False, and nothing is added, if that is not shorter.
 */
bool cdp_out_but(
    struct cdp_buf *b, uint64_t no, struct cdp_str was, struct cdp_str now);

/*
 * {"i":4,"tail":23,"set":0,"line":{..}}: as cdp_out_whole(), but the end, with
 * and two braces, is that of others with what the epoch's set number no sets
 * before these braces.
 */
void cdp_out_tail(struct cdp_buf *b, uint64_t i, struct cdp_str json,
    struct cdp_str with, uint64_t no);

struct cdp_again {
	uint64_t j, no;
};

enum cdp_out_form {
	CDP_OUT_WHOLE, /* a record */
	CDP_OUT_AGAIN, /* records, of inputs up to j, of set no */
	CDP_OUT_WITH,  /* a record that has end no */
	CDP_OUT_TAIL,  /* a record that lacks set no in its end */
	CDP_OUT_SET,   /* a set */
	CDP_OUT_BUT    /* a set, as the list that makes it of set no */
};

/* One such line, without its newline: what it is, or CDP_EDATA. */
int cdp_out_read(struct cdp_str line, uint64_t *i, struct cdp_rec *ret,
    struct cdp_again *again);

#endif
