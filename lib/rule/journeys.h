#ifndef CDP_RULE_JOURNEYS_H
#define CDP_RULE_JOURNEYS_H

#include "lib/rule/load.h"

/*
 * journeys: what the loader of journeys and that of their steps share.
 */

/*
 * What starts or ends something.
 *
 * map   a trigger on the present line (event without within, between and
 *       count; audience with an optional "exited: true"), or else a condition;
 *       with an optional "if"
 * what  names it in messages ("enter")
 * own   further keys of map, which the caller reads (NULL-terminated)
 *
 * False, with diagnostics, if it is wrong.
 */
bool cdp_when_load(struct cdp_loader *ld, struct cdp_node *map,
    const char *what, const char *const *own, struct cdp_when *ret);

/* Whether it is about the line itself, rather than a state of things. */
static inline bool
cdp_when_is_trigger(const struct cdp_when *w)
{
	return w->has_event || w->audience.n != 0;
}

/*
 * A map of names to paths or jq programs: over the event; or (what is "set")
 * over what an activation says, and to values that are no text.
 */
bool cdp_keep_load(struct cdp_loader *ld, struct cdp_node *map,
    const char *what, struct cdp_keep **ret, size_t *nret);

/* until: a length of time, a time of day ("Mon-Fri 09:00"), or jq. */
void cdp_until_load(
    struct cdp_loader *ld, const struct cdp_node *node, struct cdp_step *st);

/* "5%", 5 or 2.5 as hundredths of a percent, 0 to 10,000. */
bool cdp_percent_load(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, int *ret);

/* Read the steps of jr from seq and resolve where they go. */
void cdp_steps_load(
    struct cdp_loader *ld, struct cdp_node *seq, struct cdp_journey *jr);

/*
 * Report steps that cannot be reached and those that could run in a circle
 * without waiting.
 */
void cdp_steps_shape(struct cdp_loader *ld, const struct cdp_journey *jr);

/* Report what map sends to, or a template, that nobody defines. */
void cdp_send_check(struct cdp_loader *ld, const struct cdp_node *map,
    struct cdp_str send, struct cdp_str template);

/* After all files: destinations, templates and audiences of the steps. */
void cdp_steps_check(struct cdp_loader *ld, const struct cdp_journey *jr);

/* Report names that nobody defines, in a trigger and its condition. */
void cdp_when_check(struct cdp_loader *ld, const struct cdp_when *w);

#endif
