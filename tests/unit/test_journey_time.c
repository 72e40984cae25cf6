/* Times that clocks show, times that programs say, and what is remembered. */
#include "tests/unit/journey_rig.h"

#define DAY (24 * 60)

static const char morning[] = "journeys:\n"
			      "  j:\n"
			      "    enter: {event: go, again: each}\n"
			      "    steps:\n"
			      "      - {id: wait, until: \"09:00\"}\n"
			      "      - {id: mail, send: email}\n";

/* The trait, else the event's context, else the project. */
static void
test_until_a_clock_time_where_the_profile_is(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, morning);
	rig_event(&r, 0, "a", "go", "", "");
	rig_event(
	    &r, 0, "b", "go", "},\"context\":{\"timezone\":\"Asia/Tokyo\"", "");
	rig_event(&r, 1, "c", "go",
	    "},\"context\":{\"timezone\":\"Asia/Tokyo\"",
	    "\"traits\":{\"timezone\":\"America/Sao_Paulo\"}");
	rig_event(
	    &r, 1, "d", "go", "", "\"traits\":{\"timezone\":\"Mars/Olympus\"}");
	rig_clock(&r, DAY);
	rig_expect(
	    &r, "#0 #0 0!mail #1 #1 540!mail 540!mail 720!mail clock1440");
	rig_has(&r, "\"wait: 09:00 in America/Sao_Paulo\"");
	rig_free(&r);
}

static void
test_until_a_weekday(void **state)
{
	struct rig r;

	(void)state; /* 2025-01-01 is a Wednesday */
	rig_init(&r,
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {event: go}\n"
	    "    steps:\n"
	    "      - {id: w1, until: \"Mon-Fri 09:00\"}\n"
	    "      - {id: one, send: email}\n"
	    "      - {id: d, delay: 2d}\n"
	    "      - {id: w2, until: \"Sun,Tue 09:00:30\"}\n"
	    "      - {id: two, send: email}\n"
	    "      - {id: w3, until: \"Fri-Mon 09:00\"}\n"
	    "      - {id: three, send: email}\n");
	rig_event(&r, 600, "a", "go", "", "");
	rig_clock(&r, 10 * DAY);
	rig_expect(&r, "#600 1980!one 6300!two 7740!three clock14400");
	rig_free(&r);
}

static void
test_until_what_a_program_says(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {event: go, again: each}\n"
	    "    steps:\n"
	    "      - {id: wait, until: .event.properties.at}\n"
	    "      - {id: mail, send: email}\n");
	rig_event(&r, 0, "a", "go", "\"at\":\"2025-01-01T01:00:00Z\"", "");
	rig_event(&r, 1, "a", "go", "\"at\":\"2024-12-31T01:00:00Z\"", "");
	rig_event(&r, 2, "a", "go", "\"at\":null", "");
	rig_event(&r, 3, "a", "go", "\"at\":1735689900", "");
	rig_event(&r, 6, "a", "go", "\"at\":1735690200000", "");
	rig_event(&r, 7, "a", "go", "\"at\":\"2025-01-01T08:00\"",
	    "\"traits\":{\"timezone\":\"Asia/Tokyo\"}");
	rig_event(&r, 8, "a", "go", "\"at\":\"2025-01-02\"",
	    "\"traits\":{\"timezone\":\"Asia/Tokyo\"}");
	rig_event(&r, 9, "a", "go", "\"at\":\"soon\"", "");
	rig_clock(&r, DAY);
	rig_expect(&r,
	    "#0 #1 1!mail #2 2!mail #3 5!mail #6 #7 7!mail #8 #9 9!mail "
	    "10!mail "
	    "60!mail 900!mail clock1440");
	rig_has(&r, "\"wait: no time\"");
	rig_has(&r, "\"wait: until 2025-01-01T01:00:00.000Z\"");
	rig_free(&r);
}

static void
test_set_remembers(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {event: go, keep: {n: properties.n, old: "
	    "properties.n}}\n"
	    "    steps:\n"
	    "      - {id: s, set: {n: .kept.n + 1, who: profile.traits.name,\n"
	    "          word: '\"x\"', list: [1, a], sku: "
	    "event.properties.sku,\n"
	    "          yes: true, none: event.properties.none}}\n"
	    "      - {id: mail, send: email}\n"
	    "      - {id: w, delay: 1h}\n"
	    "      - {id: more, if: {kept: n, lt: 4}, goto: s}\n"
	    "      - {id: e, end: done}\n");
	rig_event(&r, 0, "a", "go", "\"n\":1,\"sku\":\"k\"",
	    "\"traits\":{\"name\":\"Ana\"}");
	rig_clock(&r, DAY);
	rig_expect(&r, "#0 0!mail 60!mail 120!mail clock1440");
	rig_has(&r,
	    "\"kept\":{\"old\":1,\"n\":4,\"who\":\"Ana\",\"word\":\"x\","
	    "\"list\":[1,\"a\"],\"sku\":\"k\",\"yes\":true}");
	rig_free(&r);
}

/* The time after which it may enter again may have passed, too. */
static void
test_late_entry_by_a_condition_comes_again(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {trait: tier, eq: gold, again: after 1h}\n"
	    "    steps: [{id: mail, send: email}]\n");
	rig_clock(&r, 100);
	rig_event(&r, 10, "a", "see", "", "\"traits\":{\"tier\":\"gold\"}");
	rig_event(&r, 150, "a", "see", "", "");
	rig_clock(&r, 200);
	rig_expect(&r, "clock100 #10 10!mail 70!mail 130!mail #150 clock200");
	rig_free(&r);
}

/* What comes with an earlier time after a merge is late. */
static void
test_a_merge_is_lived(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {event: go}\n"
	    "    goal: {event: see, count: {gte: 2}, within: 1h}\n"
	    "    steps: [{id: mail, send: email}]\n");
	rig_event(&r, 0, "a", "go", "", "");
	rig_event(&r, 10, "a", "see", "", "");
	rig_event(&r, 20, "b", "see", "", "");
	rig_merge(&r, 70, "b", "a");
	rig_event(&r, 50, "a", "hm", "", "");
	rig_expect(&r, "#0 0!mail #10 #20 #70 #50");
	assert_null(strstr(cdp_buf_cstr(&r.stats), "goals"));
	rig_free(&r);
}

/* An event that is seen has been seen; what has left its window has left. */
static void
test_late_steps_ask_of_now(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {event: go}\n"
	    "    exit: [{id: x, not: {event: see}}]\n"
	    "    steps:\n"
	    "      - {id: w, delay: 30m}\n"
	    "      - {id: i, if: {event: see, between: [20m, 2h]}, goto: "
	    "mail}\n"
	    "      - {id: e, end: done}\n"
	    "      - {id: mail, send: email}\n");
	rig_event(&r, 50, "a", "see", "", "");
	rig_clock(&r, 100);
	rig_event(&r, 10, "a", "go", "", "");
	rig_clock(&r, 200);
	rig_expect(&r, "#50 clock100 #10 40!mail clock200");
	rig_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_until_a_clock_time_where_the_profile_is),
		cmocka_unit_test(test_until_a_weekday),
		cmocka_unit_test(test_until_what_a_program_says),
		cmocka_unit_test(test_set_remembers),
		cmocka_unit_test(test_late_entry_by_a_condition_comes_again),
		cmocka_unit_test(test_a_merge_is_lived),
		cmocka_unit_test(test_late_steps_ask_of_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
