/* Edits of a journey in which somebody stands, at every stage of their way. */
#include "tests/unit/journey_rig.h"

#define DAY (24 * 60)

/* A journey j with an entry by "go" and what else it says. */
#define J(more) "journeys:\n  j:\n    enter: {event: go}\n" more

static const char hour[] = J("    steps:\n"
			     "      - {id: w, hold: 1h}\n"
			     "      - {id: mail, send: email}\n"
			     "      - {id: w2, hold: 1h}\n"
			     "      - {id: sms, send: sms}\n");

static const char two_hours[] = J("    steps:\n"
				  "      - {id: w, hold: 2h}\n"
				  "      - {id: new, send: email}\n");

static void
test_who_runs_stays_under_the_version_they_entered_by(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, hour);
	rig_event(&r, 0, "a", "go", "", "");
	rig_edit(&r, two_hours);
	rig_event(&r, 10, "b", "go", "", "");
	rig_event(&r, 20, "a", "look", "", "");
	rig_clock(&r, DAY);
	rig_expect(&r, "#0 #10 #20 60!mail 120!sms 130!new clock1440");
	rig_counts(&r,
	    "\"entered\":2,\"control\":0,\"running\":0,"
	    "\"outcomes\":{\"completed\":2},"
	    "\"sent\":{\"mail\":1,\"new\":1,\"sms\":1}");
	rig_counts(&r,
	    "\"entered\":1,\"control\":0,\"running\":0,"
	    "\"outcomes\":{\"completed\":1},\"sent\":{\"new\":1}");
	rig_free(&r);
}

/* Between two waits, too; and what is done under the old one is its own. */
static void
test_an_edit_between_two_waits_changes_neither(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, hour);
	rig_event(&r, 0, "a", "go", "", "");
	rig_clock(&r, 70);
	rig_edit(&r, two_hours);
	rig_clock(&r, DAY);
	rig_expect(&r, "#0 60!mail clock70 120!sms clock1440");
	rig_free(&r);
}

/* The same decision has the same id, edited or not. */
static void
test_ids_are_those_of_the_version(void **state)
{
	struct rig r, edited;
	const char *id;
	char want[64];

	(void)state;
	rig_init(&r, hour);
	rig_event(&r, 0, "a", "go", "", "");
	rig_clock(&r, DAY);
	rig_run(&r);
	id = strstr(cdp_buf_cstr(&r.out), "\"act_");
	assert_non_null(id);
	snprintf(want, sizeof(want), "%.30s", id);
	rig_init(&edited, hour);
	rig_event(&edited, 0, "a", "go", "", "");
	rig_edit(&edited, two_hours);
	rig_clock(&edited, DAY);
	rig_run(&edited);
	rig_has(&edited, want);
	rig_free(&r);
	rig_free(&edited);
}

static void
test_an_edit_that_is_taken_back_is_one_version(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, hour);
	rig_event(&r, 0, "a", "go", "", "");
	rig_edit(&r, two_hours);
	rig_event(&r, 5, "b", "go", "", "");
	rig_edit(&r, hour);
	rig_event(&r, 10, "c", "go", "", "");
	rig_clock(&r, DAY);
	rig_expect(
	    &r, "#0 #5 #10 60!mail 70!mail 120!sms 125!new 130!sms clock1440");
	rig_counts(&r,
	    "\"entered\":2,\"control\":0,\"running\":0,"
	    "\"outcomes\":{\"completed\":2},\"sent\":{\"mail\":2,\"sms\":2}");
	rig_free(&r);
}

/* Restarts, branches, what is kept and conditions of time are the old ones. */
static void
test_a_hold_goes_on_as_it_was(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    J("    steps:\n"
	      "      - {id: w, hold: 1h, restart_on: {event: add},\n"
	      "         keep: {n: properties.n}}\n"
	      "      - {id: mail, send: email}\n"
	      "      - {id: b, hold: {events: [{event: click, goto: yes},\n"
	      "          {event: old, within: 1h, count: 0, goto: none}],\n"
	      "          timeout: 10h}}\n"
	      "      - {id: none, send: sms, then: e}\n"
	      "      - {id: yes, send: ads}\n"
	      "      - {id: e, end: done}\n"));
	rig_event(&r, 0, "a", "go", "", "");
	rig_event(&r, 1, "a", "old", "", "");
	rig_event(&r, 2, "b", "go", "", "");
	rig_event(&r, 3, "b", "old", "", "");
	rig_edit(&r, J("    steps:\n      - {id: x, send: email}\n"));
	rig_event(&r, 30, "a", "add", "\"n\":7", "");
	rig_event(&r, 89, "a", "old", "", "");
	rig_event(&r, 91, "a", "click", "", "");
	rig_event(&r, 100, "c", "go", "", "");
	rig_clock(&r, DAY);
	rig_expect(&r,
	    "#0 #1 #2 #3 #30 #89 90!mail #91 91!yes #100 100!x 62!mail "
	    "63!none clock1440");
	rig_has(&r, "\"kept\":{\"n\":7}");
	rig_free(&r);
}

static void
test_exits_goals_and_undo_are_the_old_ones(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    J("    exit: [{id: bought, event: buy}]\n"
	      "    goal: {event: buy, within: 1d, value: properties.v}\n"
	      "    steps:\n"
	      "      - {id: ad, send: ads, action: add, undo: remove, for: "
	      "2h}\n"
	      "      - {id: w, hold: 30m}\n"
	      "      - {id: e, end: done}\n"));
	rig_event(&r, 0, "a", "go", "", "");
	rig_event(&r, 1, "b", "go", "", "");
	rig_event(&r, 2, "c", "go", "", "");
	rig_clock(&r, 40);
	rig_edit(&r,
	    J("    exit: [{id: other, event: leave}]\n"
	      "    goal: {event: never, within: 1h}\n"
	      "    steps: [{id: w, hold: 9h}]\n"));
	rig_event(&r, 50, "a", "leave", "", "");
	rig_event(&r, 60, "a", "buy", "\"v\":5", ""); /* while an undo runs */
	rig_clock(&r, 200);                           /* b and c have ended */
	rig_event(&r, 300, "b", "buy", "\"v\":2", "");
	rig_event(&r, DAY + 10, "c", "buy", "\"v\":9", "");
	rig_expect(&r,
	    "#0 0!ad/add #1 1!ad/add #2 2!ad/add clock40 #50 #60 "
	    "60!ad/remove 121!ad/remove 122!ad/remove clock200 #300 #1450");
	rig_counts(&r, "\"goals\":{\"treated\":{\"n\":2,\"value\":7}}");
	rig_counts(&r, "\"outcomes\":{\"bought\":1,\"done\":2}");
	rig_free(&r);
}

static void
test_clocks_and_programs_are_the_old_ones(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    J("    steps:\n"
	      "      - {id: w, delay: 30m}\n"
	      "      - {id: s, set: {n: .event.properties.n + 1}}\n"
	      "      - {id: t, until: \"09:00\"}\n"
	      "      - {id: go9, if: {kept: n, eq: 3}, goto: mail}\n"
	      "      - {id: no, end: no}\n"
	      "      - {id: mail, send: email, template: hello}\n"));
	rig_event(&r, 0, "a", "go", "\"n\":2", "");
	rig_edit(&r, J("    steps: [{id: w, delay: 3d}]\n"));
	rig_clock(&r, DAY);
	rig_expect(&r, "#0 540!mail clock1440");
	rig_free(&r);
}

/* Who may enter again counts instances of all versions. */
static void
test_again_counts_all_versions(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, hour);
	rig_event(&r, 0, "a", "go", "", "");
	rig_edit(&r, two_hours);
	rig_event(&r, 10, "a", "go", "", "");
	rig_event(&r, 121, "a", "go", "", "");
	rig_clock(&r, DAY);
	rig_expect(&r, "#0 #10 60!mail 120!sms #121 241!new clock1440");
	rig_free(&r);
}

/* A journey does not exclude its own older version. */
static void
test_exclusive_is_among_journeys(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    "journeys:\n  j:\n    enter: {event: go, again: each}\n"
	    "    exclusive: x\n    steps: [{id: w, hold: 1h},"
	    " {id: mail, send: email}]\n");
	rig_event(&r, 0, "a", "go", "", "");
	rig_edit(&r,
	    "journeys:\n  j:\n    enter: {event: go, again: each}\n"
	    "    exclusive: x\n    steps: [{id: w, hold: 2h},"
	    " {id: mail, send: email}]\n");
	rig_event(&r, 10, "a", "go", "", "");
	rig_clock(&r, DAY);
	rig_expect(&r, "#0 #10 60!mail 130!mail clock1440");
	rig_free(&r);
}

static void
test_merge_of_two_versions(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, hour);
	rig_event(&r, 0, "a", "go", "", "");
	rig_edit(&r, two_hours);
	rig_event(&r, 10, "b", "go", "", "");
	rig_merge(&r, 20, "b", "a");
	rig_clock(&r, DAY);
	rig_expect(&r, "#0 #10 #20 60!mail 120!sms clock1440");
	rig_counts(&r, "\"outcomes\":{\"merged\":1}");
	rig_free(&r);
}

/* ---- migrate ---- */

static const char moved[] = J("    migrate: {w: first, w2: second}\n"
			      "    steps:\n"
			      "      - {id: first, hold: 5h}\n"
			      "      - {id: m1, send: email}\n"
			      "      - {id: second, hold: 5h}\n"
			      "      - {id: m2, send: email}\n");

/* With the time that it had; what it goes through then is new. */
static void
test_migrate_moves_who_waits(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, hour);
	rig_event(&r, 0, "a", "go", "", "");
	rig_clock(&r, 70);
	rig_event(&r, 80, "b", "go", "", "");
	rig_edit(&r, moved);
	rig_event(&r, 90, "b", "look", "", "");
	rig_clock(&r, DAY);
	rig_expect(
	    &r, "#0 60!mail clock70 #80 #90 120!m2 140!m1 440!m2 clock1440");
	rig_counts(&r, "\"running\":0,\"moved\":-2,");
	rig_counts(&r, "\"running\":0,\"moved\":2,");
	rig_free(&r);
}

/* Steps of the same name need no word; one that nobody names is finished. */
static void
test_migrate_leaves_who_has_no_step(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, hour);
	rig_event(&r, 0, "a", "go", "", "");
	rig_clock(&r, 70);
	rig_event(&r, 80, "b", "go", "", "");
	rig_edit(&r,
	    J("    migrate: {}\n"
	      "    steps: [{id: w, hold: 9h}, {id: new, send: email}]\n"));
	rig_clock(&r, DAY);
	rig_expect(&r, "#0 60!mail clock70 #80 120!sms 140!new clock1440");
	rig_free(&r);
}

/* It may be said later, and is not part of what a version is. */
static void
test_migrate_is_no_edit(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, hour);
	rig_event(&r, 0, "a", "go", "", "");
	rig_edit(&r, two_hours);
	rig_event(&r, 5, "b", "go", "", "");
	rig_edit(&r,
	    J("    migrate: {}\n"
	      "    steps:\n"
	      "      - {id: w, hold: 2h}\n"
	      "      - {id: new, send: email}\n"));
	rig_clock(&r, DAY);
	rig_expect(&r, "#0 #5 60!new 125!new clock1440");
	rig_free(&r);
}

/* Visits go along, and the end of a journey is never moved. */
static void
test_migrate_keeps_counting_visits(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r,
	    J("    steps:\n"
	      "      - {id: mail, send: email, max_visits: 3}\n"
	      "      - {id: w, hold: 1h}\n"
	      "      - {id: back, goto: mail}\n"));
	rig_event(&r, 0, "a", "go", "", "");
	rig_clock(&r, 70);
	rig_edit(&r,
	    J("    migrate: {w: pause}\n"
	      "    steps:\n"
	      "      - {id: pause, hold: 1h}\n"
	      "      - {id: mail, send: email, max_visits: 3}\n"
	      "      - {id: back, goto: pause}\n"));
	rig_clock(&r, DAY);
	rig_expect(&r, "#0 0!mail 60!mail clock70 120!mail clock1440");
	rig_counts(&r, "\"outcomes\":{\"max_visits\":1}");
	rig_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_who_runs_stays_under_the_version_they_entered_by),
		cmocka_unit_test(
		    test_an_edit_between_two_waits_changes_neither),
		cmocka_unit_test(test_ids_are_those_of_the_version),
		cmocka_unit_test(
		    test_an_edit_that_is_taken_back_is_one_version),
		cmocka_unit_test(test_a_hold_goes_on_as_it_was),
		cmocka_unit_test(test_exits_goals_and_undo_are_the_old_ones),
		cmocka_unit_test(test_clocks_and_programs_are_the_old_ones),
		cmocka_unit_test(test_again_counts_all_versions),
		cmocka_unit_test(test_exclusive_is_among_journeys),
		cmocka_unit_test(test_merge_of_two_versions),
		cmocka_unit_test(test_migrate_moves_who_waits),
		cmocka_unit_test(test_migrate_leaves_who_has_no_step),
		cmocka_unit_test(test_migrate_is_no_edit),
		cmocka_unit_test(test_migrate_keeps_counting_visits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
