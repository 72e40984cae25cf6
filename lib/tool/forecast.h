#ifndef CDP_TOOL_FORECAST_H
#define CDP_TOOL_FORECAST_H

#include <stdio.h>

#include "lib/journey/counts.h"
#include "lib/journey/journey.h"

/*
 * forecast: what journeys decide in one run, counted for a table.
 */
struct cdp_forecast {         /* an empty one is { 0 } */
	struct cdp_counts of; /* by journey, step and action or outcome */
	int64_t first_ms, last_ms;
};

/* For cdp_journeys_watch(); arg is a struct cdp_forecast. */
void cdp_forecast_note(void *arg, const struct cdp_passage *p);

/* The table, in the order of the project; nothing is in it that was not. */
void cdp_forecast_print(const struct cdp_forecast *fc,
    const struct cdp_project *pr, const char *tool, FILE *fp);
void cdp_forecast_free(struct cdp_forecast *fc);

#endif
