#ifndef CDP_JOURNEY_COUNTS_H
#define CDP_JOURNEY_COUNTS_H

#include "lib/base/buf.h"
#include "lib/base/dec.h"
#include "lib/json/tape.h"
#include "lib/rule/project.h"

/*
 * counts: how often which name was counted, and what a journey counts.
 *
 * Totals decide nothing: they may be added up over machines.
 */
struct cdp_count {
	char *name;
	int64_t n;
};

struct cdp_counts { /* sorted by name; an empty one is { 0 } */
	struct cdp_count *v;
	size_t n;
};

void cdp_counts_add(struct cdp_counts *c, struct cdp_str name, int64_t n);
int64_t cdp_counts_sum(const struct cdp_counts *c);
/* ,"key":{"name":n,...}, or nothing if nothing was counted. */
void cdp_counts_write(
    struct cdp_buf *b, const char *key, const struct cdp_counts *c);
void cdp_counts_read(
    struct cdp_counts *c, const struct cdp_tape *t, uint32_t at);
void cdp_counts_free(struct cdp_counts *c);

/* The two arms of a holdout. */
enum cdp_arm { CDP_ARM_TREATED, CDP_ARM_CONTROL, CDP_NARMS };

struct cdp_tally { /* an empty one is { 0 } */
	int64_t entered[CDP_NARMS];
	int64_t goals[CDP_NARMS];
	struct cdp_dec value[CDP_NARMS];
	struct cdp_counts outcome;
	struct cdp_counts step;         /* instances that came to it */
	struct cdp_counts sent, undone; /* by step */
	struct cdp_counts skipped;      /* entries that were none, by reason */
	int64_t moved; /* by "migrate": to this version, less those from it */
	int64_t until_ms; /* goals of who has ended may come until then, or 0 */
	bool dirty;
};

/* How many have entered, or were moved here, and neither ended nor left. */
int64_t cdp_tally_running(const struct cdp_tally *t);

/* Its members, behind those of an object that was begun. */
void cdp_tally_write(struct cdp_buf *b, const struct cdp_tally *t);
/* Add what another version has counted. */
void cdp_tally_add(struct cdp_tally *to, const struct cdp_tally *from);
void cdp_tally_read(
    struct cdp_tally *ret, const struct cdp_tape *t, uint32_t at);
void cdp_tally_free(struct cdp_tally *t);

#endif
