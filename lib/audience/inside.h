#ifndef CDP_AUDIENCE_INSIDE_H
#define CDP_AUDIENCE_INSIDE_H

#include "lib/audience/rounds.h"
#include "lib/rule/catalog.h"

/* Stands in the log while a backfill is not whole. */
#define CDP_BACKFILL_KEY CDP_STR("c:backfill")

/* inside: what cdp-audience is made of; for lib/audience alone. */
struct cdp_audiences {
	struct cdp_project *pr;
	struct cdp_rounds r;
	struct cdp_catalog catalog;
	int64_t clock_ms;
	bool clock_dirty;
};

#endif
