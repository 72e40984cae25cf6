/* Who may enter when: limits of a wait, times after an exit, who goes first. */
#include "lib/journey/chart.h"
#include "tests/unit/journey_rig.h"

#define DAY (24 * 60)

static const char browse[] =
    "journeys:\n"
    "  browse:\n"
    "    enter: {event: view}\n"
    "    exclusive: carts\n"
    "    steps:\n"
    "      - {id: list, send: ads, action: add, undo: remove}\n"
    "      - {id: w1, hold: 1h}\n"
    "      - {id: bmail, send: email}\n"
    "  cart:\n"
    "    enter: {event: [add, view], where: {properties.big: true}}\n"
    "    exclusive: carts\n"
    "    priority: 5\n"
    "    steps:\n"
    "      - {id: w2, hold: 1h}\n"
    "      - {id: cmail, send: email}\n"
    "  alone:\n"
    "    enter: {event: add}\n"
    "    steps:\n"
    "      - {id: w3, hold: 90m}\n"
    "      - {id: amail, send: sms}\n";

static void
test_exclusive_the_more_urgent_displaces(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, browse);
	rig_event(&r, 0, "a", "view", "", "");
	rig_event(&r, 10, "a", "add", "\"big\":true", "");
	rig_event(&r, 20, "a", "view", "", "");
	rig_clock(&r, DAY);
	rig_expect(&r,
	    "#0 0!list/add #10 10!list/remove #20 70!cmail 100!amail "
	    "clock1440");
	rig_has(&r, "\"displaced by cart\"");
	rig_counts(&r, "\"outcomes\":{\"displaced\":1}");
	rig_counts(&r, "\"skipped\":{\"exclusive\":1}");
	rig_free(&r);
}

/* At one line the more urgent enters first: nothing is sent in vain. */
static void
test_exclusive_at_one_line(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, browse);
	rig_event(&r, 0, "a", "view", "\"big\":true", "");
	rig_clock(&r, DAY);
	rig_expect(&r, "#0 60!cmail clock1440");
	rig_free(&r);
}

static void
test_exclusive_when_profiles_merge(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, browse);
	rig_event(&r, 0, "a", "view", "", "");
	rig_event(&r, 5, "b", "add", "\"big\":true", "");
	rig_merge(&r, 20, "a", "b");
	rig_event(&r, 30, "c", "view", "", "");
	rig_event(&r, 35, "d", "add", "\"big\":true", "");
	rig_merge(&r, 40, "d", "c");
	rig_clock(&r, DAY);
	rig_expect(&r,
	    "#0 0!list/add #5 #20 20!list/remove #30 30!list/add #35 #40 "
	    "40!list/remove 65!cmail 95!amail 95!cmail 125!amail clock1440");
	rig_free(&r);
}

static void
test_again_a_time_after_the_exit(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {event: go, again: after_exit 2h, per: properties.n}\n"
	    "    steps:\n"
	    "      - {id: mail, send: email}\n"
	    "      - {id: w, hold: 1h}\n"
	    "      - {id: e, end: done}\n");
	rig_event(&r, 0, "a", "go", "\"n\":1", "");
	rig_event(&r, 70, "a", "go", "\"n\":1", "");
	rig_event(&r, 71, "a", "go", "\"n\":2", "");
	rig_event(&r, 179, "a", "go", "\"n\":1", "");
	rig_event(&r, 180, "a", "go", "\"n\":1", "");
	rig_event(&r, 250, "a", "go", "\"n\":2", "");
	rig_event(&r, 251, "a", "go", "\"n\":2", "");
	rig_expect(&r,
	    "#0 0!mail #70 #71 71!mail #179 #180 180!mail #250 #251 251!mail");
	rig_free(&r);
}

/* A condition lets in again when the time is over, if it still holds. */
static void
test_again_a_time_after_the_exit_by_condition(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {trait: tier, eq: gold, again: after_exit 2h}\n"
	    "    steps:\n"
	    "      - {id: mail, send: email}\n"
	    "      - {id: w, hold: 1h}\n"
	    "      - {id: e, end: done}\n");
	rig_profile(&r, 0, "a", "\"traits\":{\"tier\":\"gold\"}");
	rig_clock(&r, 400);
	rig_expect(&r, "#0 0!mail 180!mail 360!mail clock400");
	rig_free(&r);
}

/* Who may enter again, but was still on the way, enters when that ends. */
static void
test_again_a_time_after_the_entry_waits_for_the_end(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {trait: tier, eq: gold, again: after 1h}\n"
	    "    steps:\n"
	    "      - {id: mail, send: email}\n"
	    "      - {id: w, hold: 90m}\n");
	rig_event(&r, 0, "a", "see", "", "\"traits\":{\"tier\":\"gold\"}");
	rig_clock(&r, 100);
	rig_event(&r, 150, "a", "see", "", "\"traits\":{}");
	rig_clock(&r, 300);
	rig_expect(&r, "#0 0!mail 90!mail clock100 #150 clock300");
	rig_free(&r);
}

/* The same for who waits for a more urgent journey; it is counted once. */
static void
test_exclusive_a_condition_waits_for_the_end(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  first:\n"
	    "    enter: {event: add}\n"
	    "    exclusive: x\n"
	    "    priority: 1\n"
	    "    steps: [{id: w, hold: 90m}]\n"
	    "  second:\n"
	    "    enter: {trait: tier, eq: gold, again: once}\n"
	    "    exclusive: x\n"
	    "    steps: [{id: mail, send: email}]\n");
	rig_event(&r, 0, "a", "add", "", "\"traits\":{\"tier\":\"gold\"}");
	rig_event(&r, 10, "a", "see", "", "\"traits\":{\"tier\":\"gold\"}");
	rig_event(&r, 20, "a", "see", "", "\"traits\":{\"tier\":\"gold\"}");
	rig_clock(&r, 300);
	rig_expect(&r, "#0 #10 #20 90!mail clock300");
	rig_counts(&r, "\"skipped\":{\"exclusive\":1}");
	rig_free(&r);
}

/* It is too soon after the first, though that is long over by now. */
static void
test_again_is_asked_of_late_events(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {event: go, again: after_exit 2h, per: properties.n}\n"
	    "    steps: [{id: mail, send: email}]\n");
	rig_event(&r, 0, "a", "go", "\"n\":1", "");
	rig_event(&r, 200, "a", "go", "\"n\":2", "");
	rig_event(&r, 100, "a", "go", "\"n\":1", "");
	rig_expect(&r, "#0 0!mail #200 200!mail #100");
	rig_free(&r);
}

static void
test_restart_at_most_so_often(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {event: go, keep: {n: properties.n}}\n"
	    "    steps:\n"
	    "      - {id: h, hold: 1h, restart_on: {event: go, max: 2},\n"
	    "         keep: {n: properties.n}}\n"
	    "      - {id: mail, send: email}\n"
	    "      - {id: more, if: {kept: n, lt: 9}, goto: h}\n"
	    "      - {id: e, end: done}\n");
	rig_event(&r, 0, "a", "go", "\"n\":1", "");
	rig_event(&r, 30, "a", "go", "\"n\":2", "");
	rig_event(&r, 60, "a", "go", "\"n\":3", "");
	rig_event(&r, 90, "a", "go", "\"n\":4", "");
	rig_event(&r, 130, "a", "go", "\"n\":9", "");
	rig_clock(&r, DAY);
	rig_expect(&r, "#0 #30 #60 #90 120!mail #130 190!mail clock1440");
	rig_has(&r, "\"kept\":{\"n\":3}");
	rig_has(&r, "\"h: 1h passed, restarted 2 times\"]");
	rig_has(&r, "\"kept\":{\"n\":9}");
	rig_free(&r);
}

static void
test_restart_up_to_a_time(void **state)
{
	struct rig r;
	int i;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {event: go}\n"
	    "    steps:\n"
	    "      - {id: h, hold: 1h, restart_on: {event: go, up_to: 2h}}\n"
	    "      - {id: mail, send: email}\n");
	for (i = 0; i < 4; i++)
		rig_event(&r, 30 * i, "a", "go", "", "");
	rig_clock(&r, DAY);
	rig_expect(&r, "#0 #30 #60 #90 120!mail clock1440");
	rig_has(&r, "\"messageId\":\"m3\"");
	rig_has(&r, "\"h: 2h with all restarts\"]");
	rig_free(&r);
}

/* The branch of a profile, and not of its instance. */
static void
test_split_that_sticks(void **state)
{
	struct rig r;
	char who[16];
	size_t yes = 0;
	const char *p;
	int i, k;

	(void)state;
	rig_init(&r,
	    "journeys:\n"
	    "  j:\n"
	    "    enter: {event: go, again: each}\n"
	    "    steps:\n"
	    "      - {id: s, sticky: true, split: [{percent: 50, goto: yes}]}\n"
	    "      - {id: no, end: b}\n"
	    "      - {id: yes, send: email}\n");
	for (i = 0; i < 20; i++)
		for (k = 0; k < 3; k++) {
			snprintf(who, sizeof(who), "w%d", i);
			rig_event(&r, 3 * i + k, who, "go", "", "");
		}
	rig_run(&r);
	for (p = r.text.p; (p = strstr(p, "yes")) != NULL; p++)
		yes++;
	assert_int_equal(yes % 3, 0);
	assert_in_range(yes / 3, 4, 16);
	rig_free(&r);
}

/* Table II of Newcombe (Statistics in Medicine 17, 1998), method 10. */
static void
test_lift_has_the_published_interval(void **state)
{
	static const struct {
		int64_t k[2], n[2];
		double low, high;
	} v[] = {
		{ { 56, 48 }, { 70, 80 }, 0.0524, 0.3339 },
		{ { 9, 3 }, { 10, 10 }, 0.1705, 0.8090 },
		{ { 6, 2 }, { 7, 7 }, 0.0582, 0.8062 },
		{ { 5, 0 }, { 56, 29 }, -0.0381, 0.1926 },
		{ { 0, 0 }, { 10, 20 }, -0.1611, 0.2775 },
		{ { 0, 0 }, { 10, 10 }, -0.2775, 0.2775 },
		{ { 10, 0 }, { 10, 20 }, 0.6791, 1.0000 },
		{ { 10, 0 }, { 10, 10 }, 0.6075, 1.0000 },
	};
	double low, high;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(v) / sizeof(*v); i++) {
		cdp_chart_difference(v[i].k, v[i].n, &low, &high);
		assert_float_equal(low, v[i].low, 0.00005);
		assert_float_equal(high, v[i].high, 0.00005);
	}
}

static void
test_lift_is_in_the_funnel(void **state)
{
	struct cdp_journey jr = { .key = CDP_STR("j"), .has_goal = true };
	struct cdp_tally t = { .entered = { 70, 80 }, .goals = { 56, 48 } };
	struct cdp_buf b = { 0 };

	(void)state;
	cdp_chart_funnel(&b, &jr, &t, false);
	assert_non_null(strstr(cdp_buf_cstr(&b),
	    "\"lift\":{\"difference\":0.2,\"low\":0.0524,\"high\":0.3339,"
	    "\"relative\":0.3333,\"confidence\":0.95,\"method\":"
	    "\"newcombe\"}"));
	cdp_buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exclusive_the_more_urgent_displaces),
		cmocka_unit_test(test_exclusive_at_one_line),
		cmocka_unit_test(test_exclusive_when_profiles_merge),
		cmocka_unit_test(test_again_a_time_after_the_exit),
		cmocka_unit_test(test_again_a_time_after_the_exit_by_condition),
		cmocka_unit_test(
		    test_again_a_time_after_the_entry_waits_for_the_end),
		cmocka_unit_test(test_exclusive_a_condition_waits_for_the_end),
		cmocka_unit_test(test_again_is_asked_of_late_events),
		cmocka_unit_test(test_restart_at_most_so_often),
		cmocka_unit_test(test_restart_up_to_a_time),
		cmocka_unit_test(test_split_that_sticks),
		cmocka_unit_test(test_lift_has_the_published_interval),
		cmocka_unit_test(test_lift_is_in_the_funnel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
