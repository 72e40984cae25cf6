#ifndef CDP_BASE_DUE_H
#define CDP_BASE_DUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/str.h"

/*
 * due: who is due when, in the order (due, id).
 *
 * A binary heap in which an owner knows its own place: each owner has at most
 * one entry, its earliest timer.  An empty heap is { 0 }, an owner that is in
 * none has at == 0.
 */
struct cdp_due_own {
	size_t at; /* place in the heap from 1; 0: not in it */
	int64_t due_ms;
	struct cdp_str id; /* borrowed; breaks ties bytewise */
};

struct cdp_due {
	struct cdp_due_own **v;
	size_t n;
	size_t cap;
};

/* Enter o, or move it, to due_ms; INT64_MAX takes it out.  O(log n). */
void cdp_due_set(struct cdp_due *q, struct cdp_due_own *o, int64_t due_ms);

/* o was copied from elsewhere, with its place: it stands for what it was. */
void cdp_due_moved(struct cdp_due *q, struct cdp_due_own *o);

/* The earliest, or NULL. */
struct cdp_due_own *cdp_due_min(const struct cdp_due *q);

void cdp_due_free(struct cdp_due *q);

#endif
