#ifndef CDP_JOURNEY_CHART_H
#define CDP_JOURNEY_CHART_H

#include "lib/journey/counts.h"

/*
 * chart: a journey for people: its drawing, and what became of who entered.
 */
enum cdp_chart_form {
	CDP_CHART_NONE,
	CDP_CHART_DOT,
	CDP_CHART_SVG,
	CDP_CHART_MERMAID
};

/* Its steps and ways; with tally, how many came to each.  May be NULL. */
void cdp_chart_draw(struct cdp_buf *b, const struct cdp_journey *jr,
    const struct cdp_tally *tally, enum cdp_chart_form form);

/*
 * One line of JSON: who entered, how many came to each step, outcomes, and
 * for a holdout the share of either arm that reached the goal and the
 * difference, with a 95 % interval (Newcombe's, of two Wilson intervals).
 */
void cdp_chart_funnel(struct cdp_buf *b, const struct cdp_journey *jr,
    const struct cdp_tally *tally);

#endif
