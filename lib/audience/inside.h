#ifndef CDP_AUDIENCE_INSIDE_H
#define CDP_AUDIENCE_INSIDE_H

#include "lib/audience/rounds.h"
#include "lib/rule/catalog.h"

/* inside: what cdp-audience is made of; for lib/audience alone. */
struct cdp_audiences {
	struct cdp_project *pr;
	struct cdp_rounds r;
	struct cdp_catalog catalog;
	int64_t clock_ms;
	bool clock_dirty;
	struct cdp_buf edit;
};

#endif
