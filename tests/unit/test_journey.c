#include "tests/unit/journey_rig.h"

#define ADD "Product Added"
#define BUY "Order Completed"

static const char abandoned[] =
    "journeys:\n"
    "  cart:\n"
    "    enter: {event: Product Added, keep: {added: properties}}\n"
    "    exit: [{id: bought, event: Order Completed, outcome: converted}]\n"
    "    steps:\n"
    "      - {id: shopping, hold: 30m}\n"
    "      - {id: mail, send: email, template: hello}\n"
    "      - {id: end, end: abandoned}\n";

/* ---- hold and exit ---- */

static void
test_hold_sends_at_its_deadline(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, abandoned);
	rig_event(&r, 0, "a", ADD, "\"sku\":\"x\"", "\"traits\":{\"n\":1}");
	rig_clock(&r, 29);
	rig_clock(&r, 60);
	rig_expect(&r, "#0 clock29 30!mail clock60");
	rig_has(&r, "\"kept\":{\"added\":{\"sku\":\"x\"}}");
	rig_has(&r, "\"profile\":{\"id\":\"p_a\",\"traits\":{\"n\":1}}");
	rig_has(&r,
	    "\"destination\":\"email\",\"action\":\"send\","
	    "\"template\":\"hello\"");
	rig_has(&r,
	    "\"why\":[\"entered at 2025-01-01T00:00:00.000Z by "
	    "Product Added\",\"shopping: 30m passed, no Order "
	    "Completed\"]");
	rig_counts(&r, "\"outcomes\":{\"abandoned\":1}");
	rig_free(&r);
}

static void
test_hold_is_over_before_an_event_at_its_deadline(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, abandoned);
	rig_event(&r, 0, "a", ADD, "", "");
	rig_event(&r, 30, "a", BUY, "", "");
	rig_expect(&r, "#0 30!mail #30");
	rig_counts(&r, "\"outcomes\":{\"abandoned\":1}");
	rig_free(&r);
}

static void
test_exit_stops_everything(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, abandoned);
	rig_event(&r, 0, "a", ADD, "", "");
	rig_event(&r, 29, "a", BUY, "", "");
	rig_clock(&r, 600);
	rig_expect(&r, "#0 #29 clock600");
	rig_counts(&r, "\"outcomes\":{\"converted\":1}");
	rig_free(&r);
}

static void
test_timers_wait_for_the_clock_or_the_profile(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, abandoned);
	rig_event(&r, 0, "b", ADD, "", "");
	rig_event(&r, 0, "a", ADD, "", "");
	rig_event(&r, 1, "c", ADD, "", "");
	rig_event(&r, 50, "c", "Product Viewed", "", "");
	rig_event(&r, 55, "z", "Product Viewed", "", "");
	rig_clock(&r, 60);
	rig_expect(&r, "#0 #0 #1 31!mail #50 #55 30!mail 30!mail clock60");
	assert_true(strstr(r.out.p, "\"profile\":{\"id\":\"p_a\"},\"kept\"") <
	    strstr(r.out.p, "\"profile\":{\"id\":\"p_b\"},\"kept\""));
	rig_free(&r);
}

/* T15: five changes during a hold of two hours; over two hours after the
 * last, with the newest event. */
static void
test_restart_moves_deadline_and_event(void **state)
{
	struct rig r;
	char props[32];
	int i;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  cart:\n"
	    "    enter: {event: Cart_Modified, keep: {c: properties.n}}\n"
	    "    steps:\n"
	    "      - {id: h, hold: 2h, restart_on: {event: Cart_Modified},\n"
	    "         keep: {c: properties.n}}\n"
	    "      - {id: mail, send: email}\n"
	    "      - {id: later, until: 3h}\n"
	    "      - {id: text, send: sms}\n");
	for (i = 0; i < 6; i++) {
		snprintf(props, sizeof(props), "\"n\":%d", i);
		rig_event(&r, 20 * i, "a", "Cart_Modified", props, "");
	}
	rig_clock(&r, 1000);
	rig_expect(&r, "#0 #20 #40 #60 #80 #100 220!mail 280!text clock1000");
	rig_has(&r,
	    "\"kept\":{\"c\":5},\"event\":{\"type\":\"track\","
	    "\"event\":\"Cart_Modified\",\"messageId\":\"m5\"");
	rig_has(&r,
	    "\"restarted 5 times, last at 2025-01-01T01:40:00.000Z "
	    "by Cart_Modified\"");
	rig_counts(&r,
	    "\"entered\":1,\"control\":0,\"running\":0,"
	    "\"outcomes\":{\"completed\":1}");
	rig_free(&r);
}

/* T14: one instance per application; an answer releases its own only. */
static void
test_per_runs_instances_side_by_side(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  app:\n"
	    "    enter: {event: started, per: properties.id, again: each,\n"
	    "            keep: {id: properties.id}}\n"
	    "    exit: [{id: done, event: completed}]\n"
	    "    steps:\n"
	    "      - {id: h, hold: 1h}\n"
	    "      - {id: mail, send: email}\n");
	rig_event(&r, 0, "a", "started", "\"id\":1", "");
	rig_event(&r, 10, "a", "started", "\"id\":2", "");
	rig_event(&r, 15, "a", "started", "", "");
	rig_event(&r, 20, "a", "completed", "\"id\":2", "");
	rig_clock(&r, 100);
	rig_expect(&r, "#0 #10 #15 #20 60!mail clock100");
	rig_has(&r, "\"kept\":{\"id\":1}");
	rig_counts(&r, "\"outcomes\":{\"completed\":1,\"done\":1}");
	rig_counts(&r, "\"skipped\":{\"no_per\":1}");
	rig_event(&r, 110, "a", "started", "\"id\":3", "");
	rig_event(&r, 115, "a", "started", "\"id\":4", "");
	rig_event(&r, 120, "a", "completed", "", "");
	rig_clock(&r, 300);
	rig_free(&r);
}

static void
test_instances_of_a_profile_are_bounded(void **state)
{
	struct rig r;
	int i;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {event: go, again: each}\n"
	    "    steps: [{id: h, hold: 1h}]\n");
	for (i = 0; i < 1003; i++)
		rig_event(&r, 0, "a", "go", "", "");
	rig_once(&r, NULL, 0, false, &r.out);
	rig_counts(&r, "\"entered\":1000,");
	rig_counts(&r, "\"skipped\":{\"too_many\":3}");
	rig_free(&r);
	rig_init(&r,
	    "limits: {instances: 2}\n"
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {event: go, again: each}\n"
	    "    steps: [{id: h, hold: 1h}]\n");
	for (i = 0; i < 5; i++)
		rig_event(&r, 0, "a", "go", "", "");
	rig_run(&r);
	rig_counts(&r, "\"entered\":2,");
	rig_counts(&r, "\"skipped\":{\"too_many\":3}");
	rig_free(&r);
}

static void
test_exit_without_the_per_property_concerns_all(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  app:\n"
	    "    enter: {event: started, per: properties.id}\n"
	    "    exit: [{id: done, event: completed}]\n"
	    "    steps:\n"
	    "      - {id: h, hold: 1h}\n"
	    "      - {id: mail, send: email}\n");
	rig_event(&r, 0, "a", "started", "\"id\":1", "");
	rig_event(&r, 10, "a", "started", "\"id\":2", "");
	rig_event(&r, 20, "a", "completed", "", "");
	rig_clock(&r, 100);
	rig_expect(&r, "#0 #10 #20 clock100");
	rig_counts(&r, "\"outcomes\":{\"done\":2}");
	rig_free(&r);
}

/* ---- undo ---- */

/* About the event that was the exit, before what was added is undone. */
static void
test_exit_sends(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {event: go, keep: {n: properties.n}}\n"
	    "    exit:\n"
	    "      - {id: bye, event: stop, send: email, template: hello}\n"
	    "      - {id: old, event: never, within: 3h, count: 0, if: "
	    "{trait: x, eq: 1}, send: sms, action: late}\n"
	    "    steps:\n"
	    "      - {id: ad, send: ads, action: add, undo: remove}\n"
	    "      - {id: w, delay: 1d}\n");
	rig_event(&r, 0, "a", "go", "\"n\":1", "");
	rig_event(&r, 5, "b", "never", "", "\"traits\":{\"x\":1}");
	rig_event(&r, 6, "b", "go", "\"n\":2", "\"traits\":{\"x\":1}");
	rig_event(&r, 10, "a", "stop", "\"n\":3", "");
	rig_clock(&r, 300);
	rig_expect(&r,
	    "#0 0!ad/add #5 #6 6!ad/add #10 10!bye 10!ad/remove "
	    "185!old/late 185!ad/remove clock300");
	rig_has(&r, "\"step\":\"bye\"");
	rig_has(&r, "\"event\":\"stop\"");
	rig_counts(&r, "\"sent\":{\"ad\":2,\"bye\":1,\"old\":1}");
	rig_free(&r);
}

static const char adverts[] =
    "journeys:\n"
    "  cart:\n"
    "    enter: {event: Product Added}\n"
    "    exit: [{id: bought, event: Order Completed, outcome: converted}]\n"
    "    steps:\n"
    "      - {id: day, until: 24h}\n"
    "      - {id: ad, send: ads, action: add, undo: remove, for: 14d}\n"
    "      - {id: end, end: not_converted}\n";

static void
test_undo_comes_when_its_time_is_over(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, adverts);
	rig_event(&r, 0, "a", ADD, "", "");
	rig_clock(&r, 100000);
	rig_expect(&r, "#0 1440!ad/add 21600!ad/remove clock100000");
	rig_counts(&r,
	    "\"outcomes\":{\"not_converted\":1},\"sent\":{\"ad\":1},"
	    "\"undone\":{\"ad\":1}");
	rig_free(&r);
}

static void
test_undo_comes_with_the_purchase(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, adverts);
	rig_event(&r, 0, "a", ADD, "", "");
	rig_event(&r, 5000, "a", BUY, "", "");
	rig_clock(&r, 100000);
	rig_expect(&r, "#0 1440!ad/add #5000 5000!ad/remove clock100000");
	rig_has(&r,
	    "\"exit bought at 2025-01-04T11:20:00.000Z by Order "
	    "Completed\"]");
	rig_counts(&r, "\"outcomes\":{\"converted\":1}");
	rig_free(&r);
}

/* T16: an exit during a delay takes effect at once. */
static void
test_exit_during_a_delay_undoes(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {event: go}\n"
	    "    exit: [{event: stop}]\n"
	    "    steps:\n"
	    "      - {id: ad, send: ads, action: add, undo: remove}\n"
	    "      - {id: d, delay: 7d}\n"
	    "      - {id: mail, send: email}\n");
	rig_event(&r, 0, "a", "go", "", "");
	rig_event(&r, 5, "b", "go", "", "");
	rig_event(&r, 60, "a", "stop", "", "");
	rig_clock(&r, 20000);
	rig_expect(&r,
	    "#0 0!ad/add #5 5!ad/add #60 60!ad/remove "
	    "10085!mail 10085!ad/remove clock20000");
	rig_counts(&r, "\"outcomes\":{\"completed\":1,\"exit1\":1}");
	rig_free(&r);
}

/* ---- again ---- */

static void
entries(const char *again, const char *want)
{
	char yaml[512];
	struct rig r;
	int i;

	snprintf(yaml, sizeof(yaml),
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {event: go, again: %s}\n"
	    "    exit: [{event: stop}]\n"
	    "    steps: [{id: s, send: email}, {id: h, hold: 1h}]\n",
	    again);
	rig_init(&r, yaml);
	for (i = 0; i < 5; i++)
		rig_event(&r, 30 * i, "a", "go", "", "");
	rig_event(&r, 125, "a", "stop", "", "");
	rig_event(&r, 126, "a", "go", "", "");
	rig_expect(&r, want);
	rig_free(&r);
}

static void
test_again_says_who_may_enter(void **state)
{
	(void)state;
	entries("once", "#0 0!s #30 #60 #90 #120 #125 #126");
	entries("each",
	    "#0 0!s #30 30!s #60 60!s #90 90!s #120 120!s #125 "
	    "#126 126!s");
	entries(
	    "after_exit", "#0 0!s #30 #60 60!s #90 #120 120!s #125 #126 126!s");
	entries("after 90m", "#0 0!s #30 #60 #90 90!s #120 #125 #126");
}

static void
test_exit_event_that_is_an_entry_too(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {event: go}\n"
	    "    exit: [{event: go}]\n"
	    "    steps: [{id: s, send: ads, undo: back}, {id: h, hold: 1h}]\n");
	rig_event(&r, 0, "a", "go", "", "");
	rig_event(&r, 30, "a", "go", "", "");
	rig_expect(&r, "#0 0!s #30 30!s/back 30!s");
	rig_free(&r);
}

/* ---- holdout and goal ---- */

static void
test_holdout_is_said_and_counts(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {event: go}\n"
	    "    exit: [{id: bought, event: Order Completed}]\n"
	    "    holdout: 100%\n"
	    "    goal: {event: Order Completed, within: 2h,\n"
	    "           value: properties.total}\n"
	    "    steps: [{id: s, send: ads, undo: back}, {id: h, hold: 1h}]\n");
	rig_event(&r, 0, "a", "go", "", "");
	rig_event(&r, 0, "b", "go", "", "");
	rig_event(&r, 0, "c", "go", "", "");
	rig_event(&r, 30, "a", BUY, "\"total\":19.9", "");
	rig_event(&r, 90, "b", BUY, "\"total\":0.1", ""); /* it has ended */
	rig_event(&r, 120, "c", BUY, "\"total\":5", "");  /* too late */
	rig_event(&r, 121, "a", BUY, "\"total\":7", "");  /* once is enough */
	rig_expect(&r, "#0 0!s #0 0!s #0 0!s #30 #90 #120 #121");
	rig_once(&r, NULL, 0, false, &r.out);
	rig_has(&r, "\"action\":\"send\",\"holdout\":true,");
	rig_counts(&r,
	    "\"entered\":3,\"control\":3,\"running\":0,"
	    "\"outcomes\":{\"bought\":1,\"completed\":2},\"goals\"");
	rig_counts(&r, "\"control\":{\"n\":2,\"value\":20}");
	rig_free(&r);
}

/* It needs no further line to be seen. */
static void
test_goal_that_holds_at_the_entry(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {event: go}\n"
	    "    goal: {trait: tier, eq: gold, within: 2h}\n"
	    "    steps: [{id: h, hold: 1h}]\n");
	rig_event(&r, 0, "a", "go", "", "\"traits\":{\"tier\":\"gold\"}");
	rig_event(&r, 0, "b", "go", "", "\"traits\":{}");
	rig_once(&r, NULL, 0, false, &r.out);
	rig_counts(&r, "\"goals\":{\"treated\":{\"n\":1,");
	rig_free(&r);
}

/* ---- branches ---- */

static void
test_split_takes_the_first_that_holds(void **state)
{
	struct rig r;
	char who[16];
	int i, half = 0;
	const char *p;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {event: go}\n"
	    "    steps:\n"
	    "      - id: s\n"
	    "        split:\n"
	    "          - {if: {trait: tier, eq: gold}, goto: gold}\n"
	    "          - {percent: 50, goto: half}\n"
	    "          - {goto: rest}\n"
	    "      - {id: gold, send: email, then: rest}\n"
	    "      - {id: half, send: sms}\n"
	    "      - {id: rest, end: done}\n");
	rig_event(&r, 0, "g", "go", "", "\"traits\":{\"tier\":\"gold\"}");
	for (i = 0; i < 200; i++) {
		snprintf(who, sizeof(who), "n%d", i);
		rig_event(&r, 1, who, "go", "", "");
	}
	rig_once(&r, NULL, 0, false, &r.out);
	rig_has(&r, "\"step\":\"gold\"");
	for (p = cdp_buf_cstr(&r.out);
	     (p = strstr(p, "\"step\":\"half\"")) != NULL; p++)
		half++;
	/* 200 fair coins: outside of this once in 10^7. */
	assert_in_range(half, 63, 137);
	rig_counts(&r, "\"outcomes\":{\"done\":201}");
	rig_free(&r);
}

static void
test_hold_branches_on_what_happens_first(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {event: go}\n"
	    "    steps:\n"
	    "      - id: h\n"
	    "        hold:\n"
	    "          events: [{event: yes, goto: thanks},\n"
	    "                   {event: maybe, goto: h2}]\n"
	    "          timeout: 2h\n"
	    "          goto: remind\n"
	    "      - {id: h2, hold: 10m, then: remind}\n"
	    "      - {id: thanks, send: email}\n"
	    "      - {id: e, end: answered}\n"
	    "      - {id: remind, send: sms}\n");
	rig_event(&r, 0, "a", "go", "", "");
	rig_event(&r, 0, "b", "go", "", "");
	rig_event(&r, 0, "c", "go", "", "");
	rig_event(&r, 20, "a", "yes", "", "");
	rig_event(&r, 30, "b", "maybe", "", "");
	rig_clock(&r, 200);
	rig_expect(
	    &r, "#0 #0 #0 #20 20!thanks #30 40!remind 120!remind clock200");
	rig_counts(&r, "\"outcomes\":{\"answered\":1,\"completed\":2}");
	rig_free(&r);
}

static void
test_loop_ends_after_max_visits(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {event: go}\n"
	    "    steps:\n"
	    "      - {id: d, delay: 1h, max_visits: 3}\n"
	    "      - {id: mail, send: email, then: d}\n");
	rig_event(&r, 0, "a", "go", "", "");
	rig_clock(&r, 10000);
	rig_expect(&r, "#0 60!mail 120!mail 180!mail clock10000");
	rig_counts(&r, "\"outcomes\":{\"max_visits\":1}");
	rig_free(&r);
}

static void
test_if_jumps_when_it_holds(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {event: go, keep: {price: properties.price}}\n"
	    "    steps:\n"
	    "      - {id: dear, if: {kept: price, gt: 100}, goto: mail}\n"
	    "      - {id: text, send: sms}\n"
	    "      - {id: e, end: cheap}\n"
	    "      - {id: mail, send: email}\n");
	rig_event(&r, 0, "a", "go", "\"price\":99", "");
	rig_event(&r, 1, "b", "go", "\"price\":101", "");
	rig_expect(&r, "#0 0!text #1 1!mail");
	rig_free(&r);
}

/* ---- audiences and conditions ---- */

static void
test_audience_lines_start_and_end(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {audience: vip}\n"
	    "    exit: [{id: left, audience: vip, exited: true}]\n"
	    "    steps: [{id: s, send: email}, {id: h, hold: 1h},\n"
	    "            {id: t, send: sms}]\n");
	rig_event(&r, 0, "a", "Audience Entered", "\"audience_key\":\"x\"", "");
	rig_event(
	    &r, 1, "a", "Audience Entered", "\"audience_key\":\"vip\"", "");
	rig_event(
	    &r, 2, "b", "Audience Entered", "\"audience_key\":\"vip\"", "");
	rig_event(
	    &r, 9, "a", "Audience Exited", "\"audience_key\":\"vip\"", "");
	rig_clock(&r, 100);
	rig_expect(&r, "#0 #1 1!s #2 2!s #9 62!t clock100");
	rig_counts(&r, "\"left\":1");
	rig_free(&r);
}

static void
test_condition_lets_in_when_it_becomes_true(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {trait: tier, eq: gold}\n"
	    "    exit: [{id: no, not: {trait: tier, eq: gold}}]\n"
	    "    steps: [{id: s, send: email}, {id: h, hold: 1h}]\n");
	rig_event(&r, 0, "a", "x", "", "\"traits\":{\"tier\":\"none\"}");
	rig_profile(&r, 5, "a", "\"traits\":{\"tier\":\"gold\"}");
	rig_event(&r, 9, "a", "x", "", "\"traits\":{\"tier\":\"gold\"}");
	rig_event(&r, 90, "a", "x", "", "\"traits\":{\"tier\":\"gold\"}");
	rig_profile(&r, 100, "a", "\"traits\":{\"tier\":\"none\"}");
	rig_profile(&r, 110, "a", "\"traits\":{\"tier\":\"gold\"}");
	rig_profile(&r, 120, "a", "\"traits\":{\"tier\":\"none\"}");
	rig_expect(&r, "#0 #5 5!s #9 #90 #100 #110 110!s #120");
	rig_counts(&r, "\"outcomes\":{\"completed\":1,\"no\":1}");
	rig_free(&r);
}

static void
test_condition_is_seen_to_change_by_time(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  quiet:\n"
	    "    enter: {all: [{event: go},\n"
	    "                  {not: {event: go, within: 1h}}]}\n"
	    "    exit: [{id: old, not: {event: go, within: 3h}}]\n"
	    "    steps: [{id: s, send: email}, {id: h, hold: 10h},\n"
	    "            {id: t, send: sms}]\n");
	rig_event(&r, 0, "a", "go", "", "");
	rig_event(&r, 30, "a", "go", "", "");
	rig_clock(&r, 1000);
	rig_expect(&r, "#0 #30 90!s clock1000");
	rig_counts(&r, "\"outcomes\":{\"old\":1}");
	rig_free(&r);
}

static void
test_exit_that_holds_at_entry_sends_nothing(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {event: go}\n"
	    "    exit: [{id: no, trait: out, eq: true}]\n"
	    "    steps: [{id: s, send: email}]\n");
	rig_event(&r, 0, "a", "go", "", "\"traits\":{\"out\":true}");
	rig_event(&r, 1, "b", "go", "", "\"traits\":{}");
	rig_expect(&r, "#0 #1 1!s");
	rig_counts(&r, "\"outcomes\":{\"completed\":1,\"no\":1}");
	rig_free(&r);
}

/* ---- merges ---- */

static void
test_merge_moves_instances(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, abandoned);
	rig_event(&r, 0, "b", ADD, "", "\"traits\":{\"n\":2}");
	rig_merge(&r, 10, "b", "a");
	rig_event(&r, 10, "a", "x", "", "\"merged\":[\"p_b\"]");
	rig_clock(&r, 60);
	rig_expect(&r, "#0 #10 #10 30!mail clock60");
	rig_has(&r,
	    "\"profile\":{\"id\":\"p_a\",\"merged\":[\"p_b\"]},"
	    "\"kept\"");
	rig_free(&r);
}

static void
test_merge_keeps_the_older_of_two(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, adverts);
	rig_event(&r, 0, "a", ADD, "", "\"traits\":{\"n\":1}");
	rig_event(&r, 10, "b", ADD, "", "\"traits\":{\"n\":2}");
	rig_clock(&r, 2000);
	rig_merge(&r, 2000, "b", "a");
	rig_clock(&r, 100000);
	rig_expect(&r,
	    "#0 #10 1440!ad/add 1450!ad/add clock2000 #2000 "
	    "2000!ad/remove 21600!ad/remove clock100000");
	rig_has(&r,
	    "\"action\":\"remove\",\"undo\":true,\"profile\":{\"id\":\"p_b\","
	    "\"traits\":{\"n\":2}}");
	rig_counts(&r, "\"outcomes\":{\"merged\":1,\"not_converted\":1}");
	rig_free(&r);
}

static void
test_merge_that_was_missed_is_caught_up(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, abandoned);
	rig_event(&r, 0, "b", ADD, "", "");
	rig_event(&r, 10, "a", BUY, "", "\"merged\":[\"p_b\"]");
	rig_clock(&r, 60);
	rig_expect(&r, "#0 #10 clock60");
	rig_counts(&r, "\"outcomes\":{\"converted\":1}");
	rig_free(&r);
}

/* ---- time ---- */

static void
test_late_event_does_not_turn_time_back(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, abandoned);
	rig_event(&r, 0, "b", ADD, "", "");
	rig_clock(&r, 20);
	rig_event(&r, 10, "b", BUY, "", ""); /* late, and still an exit */
	rig_clock(&r, 100);
	rig_event(&r, 50, "a", ADD, "", ""); /* over by now */
	rig_expect(&r, "#0 clock20 #10 clock100 #50 80!mail");
	rig_counts(&r, "\"outcomes\":{\"abandoned\":1,\"converted\":1}");
	rig_free(&r);
}

static void
test_late_event_is_about_its_own_time(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  cart:\n"
	    "    enter: {event: Product Added}\n"
	    "    exit: [{id: bought, event: Order Completed}]\n"
	    "    goal: {event: Order Completed, within: 7d}\n"
	    "    steps:\n"
	    "      - {id: d, delay: 1h}\n"
	    "      - {id: h, hold: 30m, restart_on: {event: Product Added}}\n"
	    "      - {id: mail, send: email}\n");
	rig_event(&r, 10, "a", ADD, "", "");
	rig_event(&r, 20, "b", "x", "", "");
	rig_event(&r, 5, "a", BUY, "", ""); /* before it entered */
	rig_clock(&r, 80);
	rig_event(&r, 60, "a", ADD, "", ""); /* before it held, at 70 */
	rig_event(&r, 85, "a", ADD, "", "");
	rig_event(&r, 75, "a", ADD, "", ""); /* before the restart */
	rig_clock(&r, 200);
	rig_event(&r, 4, "a", BUY, "", "");
	rig_expect(&r, "#10 #20 #5 clock80 #60 #85 #75 115!mail clock200 #4");
	rig_counts(&r, "\"outcomes\":{\"completed\":1}");
	rig_has(&r, "\"restarted at 2025-01-01T01:25");
	assert_null(strstr(cdp_buf_cstr(&r.stats), "goals"));
	rig_free(&r);
}

static void
test_late_entry_ends_by_the_exit_that_was_seen(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, abandoned);
	rig_event(&r, 60, "a", BUY, "", "");
	rig_clock(&r, 100);
	rig_event(&r, 50, "a", ADD, "", ""); /* bought since */
	rig_event(&r, 70, "a", ADD, "", ""); /* not since then */
	rig_event(&r, 90, "b", BUY, "", "");
	rig_event(&r, 80, "b", ADD, "", "\"merged\":[\"p_a\"]");
	rig_expect(&r, "#60 clock100 #50 #70 100!mail #90 #80");
	rig_counts(&r, "\"outcomes\":{\"abandoned\":1,\"converted\":2}");
	rig_free(&r);
}

static void
test_late_entry_ends_by_an_exit_of_its_value(void **state)
{
	struct rig r;
	char props[32];
	int i;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  cart:\n"
	    "    enter: {event: Product Added, per: properties.cart}\n"
	    "    exit: [{id: bought, event: Order Completed}]\n"
	    "    steps:\n"
	    "      - {id: shopping, hold: 30m}\n"
	    "      - {id: mail, send: email}\n");
	for (i = 0; i < 20; i++) {
		snprintf(props, sizeof(props), "\"cart\":%d", i);
		rig_event(&r, 60 + i, "a", BUY, props, "");
	}
	rig_clock(&r, 100);
	rig_event(&r, 50, "a", ADD, "\"cart\":19", "");
	rig_event(&r, 51, "a", ADD, "\"cart\":99", ""); /* another */
	rig_event(&r, 52, "a", ADD, "\"cart\":0", "");  /* forgotten */
	rig_event(&r, 90, "a", BUY, "", "");            /* of all */
	rig_event(&r, 53, "a", ADD, "\"cart\":98", "");
	rig_expect(&r,
	    "#60 #61 #62 #63 #64 #65 #66 #67 #68 #69 #70 #71 #72 #73 #74 #75 "
	    "#76 #77 #78 #79 clock100 #50 #51 81!mail #52 82!mail #90 #53");
	rig_counts(&r, "\"outcomes\":{\"bought\":2,\"completed\":2}");
	rig_free(&r);
}

static void
test_timers_of_one_instant_run_by_instance(void **state)
{
	char yaml[1024] = "journeys:\n", last[64] = "", id[64];
	struct rig r;
	const char *p;
	int i, n = 0;

	(void)state;
	for (i = 0; i < 8; i++)
		snprintf(yaml + strlen(yaml), sizeof(yaml) - strlen(yaml),
		    "  j%d: {enter: {event: go}, steps: [{id: h, hold: 1h},"
		    " {id: mail, send: email}]}\n",
		    i);
	rig_init(&r, yaml);
	rig_event(&r, 0, "a", "go", "", "");
	rig_clock(&r, 100);
	rig_run(&r);
	for (p = cdp_buf_cstr(&r.out);
	     (p = strstr(p, "\"instance\":\"")) != NULL; p++) {
		assert_int_equal(sscanf(p, "\"instance\":\"%40[^\"]", id), 1);
		assert_true(strcmp(last, id) < 0);
		strcpy(last, id);
		n++;
	}
	assert_int_equal(n, 8);
	rig_free(&r);
}

static void
test_lines_of_no_profile_pass(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, abandoned);
	cdp_buf_puts(rig_line(&r),
	    "{\"type\":\"track\",\"event\":\"Product Added\","
	    "\"timestamp\":\"2025-01-01T00:07:00Z\"}");
	rig_clock(&r, 100);
	rig_expect(&r, "#7 clock100");
	rig_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hold_sends_at_its_deadline),
		cmocka_unit_test(
		    test_hold_is_over_before_an_event_at_its_deadline),
		cmocka_unit_test(test_exit_stops_everything),
		cmocka_unit_test(test_timers_wait_for_the_clock_or_the_profile),
		cmocka_unit_test(test_restart_moves_deadline_and_event),
		cmocka_unit_test(test_per_runs_instances_side_by_side),
		cmocka_unit_test(test_instances_of_a_profile_are_bounded),
		cmocka_unit_test(
		    test_exit_without_the_per_property_concerns_all),
		cmocka_unit_test(test_exit_sends),
		cmocka_unit_test(test_undo_comes_when_its_time_is_over),
		cmocka_unit_test(test_undo_comes_with_the_purchase),
		cmocka_unit_test(test_exit_during_a_delay_undoes),
		cmocka_unit_test(test_again_says_who_may_enter),
		cmocka_unit_test(test_exit_event_that_is_an_entry_too),
		cmocka_unit_test(test_holdout_is_said_and_counts),
		cmocka_unit_test(test_goal_that_holds_at_the_entry),
		cmocka_unit_test(test_split_takes_the_first_that_holds),
		cmocka_unit_test(test_hold_branches_on_what_happens_first),
		cmocka_unit_test(test_loop_ends_after_max_visits),
		cmocka_unit_test(test_if_jumps_when_it_holds),
		cmocka_unit_test(test_audience_lines_start_and_end),
		cmocka_unit_test(test_condition_lets_in_when_it_becomes_true),
		cmocka_unit_test(test_condition_is_seen_to_change_by_time),
		cmocka_unit_test(test_exit_that_holds_at_entry_sends_nothing),
		cmocka_unit_test(test_merge_moves_instances),
		cmocka_unit_test(test_merge_keeps_the_older_of_two),
		cmocka_unit_test(test_merge_that_was_missed_is_caught_up),
		cmocka_unit_test(test_late_event_does_not_turn_time_back),
		cmocka_unit_test(test_late_event_is_about_its_own_time),
		cmocka_unit_test(
		    test_late_entry_ends_by_the_exit_that_was_seen),
		cmocka_unit_test(test_late_entry_ends_by_an_exit_of_its_value),
		cmocka_unit_test(test_timers_of_one_instant_run_by_instance),
		cmocka_unit_test(test_lines_of_no_profile_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
