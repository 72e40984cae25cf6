#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/emit/gate.h"

/*
 * Segment's table of enforcement (its rows without "integrations"): ad maps
 * facebook and google-ads, analytics maps amplitude and, where both, facebook.
 */
static const struct cdp_str ad[] = { { "facebook", 8 }, { "google-ads", 10 } };
static const struct cdp_str an[] = { { "amplitude", 9 } };
static const struct cdp_str an_fb[] = { { "facebook", 8 }, { "amplitude", 9 } };

static const struct cdp_category apart[] = {
	{ { "ad", 2 }, ad, 2, NULL },
	{ { "analytics", 9 }, an, 1, NULL },
};
static const struct cdp_category shared[] = {
	{ { "ad", 2 }, ad, 2, NULL },
	{ { "analytics", 9 }, an_fb, 2, NULL },
};

static bool
is_open(const struct cdp_category *cat, bool unknown_allow, const char *profile,
    const char *destination)
{
	struct cdp_consent con = { (struct cdp_category *)(uintptr_t)cat, 2,
		unknown_allow };
	struct cdp_tape t = { 0 };
	struct cdp_str category = { 0 };
	enum cdp_gate_why why;

	assert_int_equal(cdp_tape_parse(&t, cdp_str_of(profile), NULL), 0);
	why = cdp_gate_consent(&con, cdp_str_of(destination), &t, 0, &category);
	cdp_tape_free(&t);
	return why == CDP_GATE_OPEN;
}

static void
test_consent_follows_segments_table(void **state)
{
	static const struct {
		const struct cdp_category *cat;
		const char *profile;
		const char *to;
		bool want;
	} row[] = {
		/* 1, 3: no consent object: no enforcement */
		{ apart, "{}", "facebook", true },
		{ apart, "{\"consent\":{}}", "amplitude", true },
		/* 2: all false; what is not mapped gets it */
		{ apart, "{\"consent\":{\"ad\":false,\"analytics\":false}}",
		    "facebook", false },
		{ apart, "{\"consent\":{\"ad\":false,\"analytics\":false}}",
		    "s3", true },
		/* 6, 7 */
		{ apart, "{\"consent\":{\"ad\":true,\"analytics\":false}}",
		    "google-ads", true },
		{ apart, "{\"consent\":{\"ad\":true,\"analytics\":false}}",
		    "amplitude", false },
		/* 9, 10, 11: all categories of a destination must agree */
		{ shared, "{\"consent\":{\"ad\":true,\"analytics\":false}}",
		    "facebook", false },
		{ shared, "{\"consent\":{\"ad\":true,\"analytics\":true}}",
		    "facebook", true },
		{ shared, "{\"consent\":{\"ad\":false,\"analytics\":true}}",
		    "facebook", false },
		/* 8.3: a conflict is no consent */
		{ apart, "{\"consent\":{\"ad\":\"conflict\"}}", "facebook",
		    false },
		{ apart, "{\"consent\":{\"ad\":1}}", "facebook", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		if (is_open(row[i].cat, true, row[i].profile, row[i].to) !=
		    row[i].want)
			fail_msg("%s to %s", row[i].profile, row[i].to);
}

static void
test_consent_unknown_is_denied(void **state)
{
	(void)state;
	assert_false(is_open(apart, false, "{}", "facebook"));
	assert_false(is_open(
	    apart, false, "{\"consent\":{\"analytics\":true}}", "facebook"));
	assert_true(
	    is_open(apart, false, "{\"consent\":{\"ad\":true}}", "facebook"));
	assert_true(is_open(apart, false, "{}", "s3"));
}

static void
test_undo_is_what_takes_back(void **state)
{
	struct cdp_step step[] = {
		{ .id = { "ad", 2 },
		    .action = { "add", 3 },
		    .undo = { "drop", 4 } },
		{ .id = { "mail", 4 }, .action = { "send", 4 } },
		{ .id = { "off", 3 }, .action = { "remove", 6 } },
	};
	struct cdp_journey jr = { .key = { "j", 1 }, .step = step, .nstep = 3 };
	struct cdp_project pr = { .journey = &jr, .njourney = 1 };
	static const struct {
		const char *journey, *step, *action;
		enum cdp_gate_way want;
	} row[] = {
		{ "j", "ad", "drop", CDP_GATE_UNDO },
		{ "j", "ad", "remove", CDP_GATE_UNDO },
		{ "x", "y", "remove", CDP_GATE_UNDO },
		{ "j", "ad", "add", CDP_GATE_UNDOABLE },
		{ "x", "ad", "add", CDP_GATE_PLAIN },
		{ "j", "mail", "send", CDP_GATE_PLAIN },
		{ "j", "mail", "drop", CDP_GATE_PLAIN },
		{ "j", "mail", "", CDP_GATE_PLAIN },
		/* asked for by the step itself: it needs consent */
		{ "j", "off", "remove", CDP_GATE_PLAIN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		if (cdp_gate_way(&pr, cdp_str_of(row[i].journey),
			cdp_str_of(row[i].step),
			cdp_str_of(row[i].action)) != row[i].want)
			fail_msg("%s %s", row[i].step, row[i].action);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_consent_follows_segments_table),
		cmocka_unit_test(test_consent_unknown_is_denied),
		cmocka_unit_test(test_undo_is_what_takes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
