#ifndef CDP_JOURNEY_JOURNEY_H
#define CDP_JOURNEY_JOURNEY_H

#include "lib/rule/project.h"
#include "lib/store/stage.h"

/*
 * journey: takes profiles through the journeys of a project.
 *
 * Every line passes.  What a journey decides is an activation line after the
 * line that caused it; what a timer decides stands before the line that shows
 * that its time has come.  cdp-journey(1) says in which order.
 */
struct cdp_journeys; /* opaque; the self of the stage */

/* pr is borrowed. */
struct cdp_journeys *cdp_journeys_new(struct cdp_project *pr);
void cdp_journeys_free(struct cdp_journeys *js);

/*
 * Hold about so many bytes of people in memory (256 MiB); what is held never
 * shows in what is printed.
 */
void cdp_journeys_hold(struct cdp_journeys *js, size_t max_bytes);

extern const struct cdp_stage_ops cdp_journeys_ops;

/*
 * Answers, of one that a store was opened for: where a person stands and why
 * not elsewhere, as JSON (profile: as it stands, without audiences, for those
 * of whom no journey keeps it; or empty); a journey drawn (form: chart.h); its
 * funnel.  version is the beginning of one that the store has met, or empty:
 * all together.
 */
int cdp_journeys_explain(struct cdp_journeys *js, struct cdp_str id,
    struct cdp_str profile, struct cdp_buf *b, struct cdp_err *err);
int cdp_journeys_chart(struct cdp_journeys *js, size_t jx,
    struct cdp_str version, int form, struct cdp_buf *b, struct cdp_err *err);
int cdp_journeys_funnel(struct cdp_journeys *js, size_t jx,
    struct cdp_str version, struct cdp_buf *b, struct cdp_err *err);

/*
 * An instance has entered; with an outcome, it has ended; with an action, a
 * step has sent that.
 */
struct cdp_passage {
	struct cdp_str journey, profile; /* the id of the profile */
	struct cdp_str outcome, step, action;
	struct cdp_str why;
	int64_t at_ms;
	bool control;
};

/* Have fn told of each as it happens. */
void cdp_journeys_watch(struct cdp_journeys *js,
    void (*fn)(void *arg, const struct cdp_passage *p), void *arg);

/* Add "journeys": what each has counted since the store was made. */
void cdp_journeys_stats(const struct cdp_journeys *js, struct cdp_buf *json);

#endif
