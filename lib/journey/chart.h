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

/*
 * Its steps and ways; with tally, which may be NULL, how many came to each.
 * version: with the name of its version.
 */
void cdp_chart_draw(struct cdp_buf *b, const struct cdp_journey *jr,
    const struct cdp_tally *tally, bool version, enum cdp_chart_form form);

/*
 * One line of JSON: who entered, how many came to each step, outcomes, and
 * for a holdout the share of either arm that reached the goal and the
 * difference, with a 95 % interval (Newcombe's, of two Wilson intervals).
 * all: it counts several versions, of which jr is the newest.
 */
void cdp_chart_funnel(struct cdp_buf *b, const struct cdp_journey *jr,
    const struct cdp_tally *tally, bool all);

/*
 * p1 - p2 of k[0] in n[0] and k[1] in n[1], and its 95 % interval: Newcombe's
 * hybrid score interval, method 10 of Statistics in Medicine 17 (1998), 873.
 */
void cdp_chart_difference(
    const int64_t k[2], const int64_t n[2], double *low, double *high);

#endif
