#ifndef CDP_RULE_VALUES_H
#define CDP_RULE_VALUES_H

#include "lib/base/dec.h"
#include "lib/rule/stamp.h"

/*
 * values: what windows are made of.
 *
 * A value is JSON text; a set holds distinct ones in alphabetical order with
 * counts; points are values or numbers by time, cheap to add at the end and
 * to take from the front.
 *
 * Both are bounded: somebody who is a robot, or thousands, must not make a
 * state that nobody can store.
 */
#define CDP_VALUES_MAX 10000  /* of one set */
#define CDP_POINTS_MAX 100000 /* of one window: the newest */

struct cdp_val {
	uint32_t n;    /* how often it was added to its set; a source's rank */
	uint32_t jlen; /* its JSON text, at p */
	uint32_t mlen; /* then a message id (first, last) */
	char p[];
};

/* Both are copied; freed with free(). */
struct cdp_val *cdp_val_new(struct cdp_str json, struct cdp_str mid);

static inline struct cdp_str
cdp_val_json(const struct cdp_val *v)
{
	return (struct cdp_str){ v->p, v->jlen };
}

/* ---- sets ---- */

struct cdp_values { /* an empty one is { 0 } */
	struct cdp_val **v;
	size_t n, cap;
};

/* Add it so many times; the one in the set, or NULL: new, and no room. */
struct cdp_val *cdp_values_add(
    struct cdp_values *s, struct cdp_str json, int64_t weight);

/* Take one of it away; the last one frees it. */
void cdp_values_drop(struct cdp_values *s, struct cdp_val *v);
void cdp_values_free(struct cdp_values *s);

/* ---- points ---- */

struct cdp_pt {
	int64_t ms;
	union {
		struct cdp_val *val;
		uint64_t dec[2]; /* a cdp_dec, unaligned */
	} u;
};

struct cdp_points { /* an empty one is { 0 } */
	struct cdp_pt *v;
	size_t head, n, cap; /* v[head] to v[head + n - 1], by time */
};

static inline struct cdp_pt *
cdp_points_at(const struct cdp_points *s, size_t i)
{
	return &s->v[s->head + i];
}

/* Make pt the i-th. */
void cdp_points_insert(struct cdp_points *s, size_t i, struct cdp_pt pt);

/* Drop n from the i-th on, or the first. */
void cdp_points_cut(struct cdp_points *s, size_t i, size_t n);
void cdp_points_shift(struct cdp_points *s);

struct cdp_pt cdp_pt_of(int64_t ms, struct cdp_dec d);
struct cdp_dec cdp_pt_dec(const struct cdp_pt *pt);

/* Of a point that holds a value: its time and message id. */
struct cdp_stamp cdp_pt_stamp(const struct cdp_pt *pt);

#endif
