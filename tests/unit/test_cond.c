#include <stdio.h>

#include "tests/unit/cond_world.h"

/* ---- one value ---- */

#define NOW INT64_C(1772355600000) /* 2026-03-01T09:00:00Z */

static bool
holds(struct world *w, const char *cond, const char *profile)
{
	struct cdp_hist none = { 0 };
	struct cdp_err fault = { 0 };
	struct cdp_ctx ctx = { .now_ms = NOW,
		.hist = &none,
		.profile = &w->tape,
		.jq = w->pr->jq,
		.mem = &w->mem,
		.err = &fault };
	struct cdp_cond *c = world_cond(w, cond);
	bool yes;

	assert_int_equal(
	    cdp_tape_parse(&w->tape, cdp_str_of(profile), &fault), 0);
	cdp_cond_want(c, w->pr->jq);
	yes = cdp_cond_test(c, &ctx);
	if (fault.code != 0)
		print_error("%s: %s\n", cond, fault.msg);
	assert_int_equal(fault.code, 0);
	return yes;
}

/* The operators of a trait x, its value as JSON ("" for none), the answer. */
static const struct {
	const char *ops, *value;
	bool yes;
} values[] = {
	{ "eq: gold", "\"gold\"", true },
	{ "eq: gold", "\"Gold\"", false },
	{ "eq: gold", "\"g\\u006fld\"", true },
	{ "eq: gold", "", false },
	{ "eq: gold", "null", false },
	{ "eq: gold", "[\"gold\"]", false },
	{ "eq: '5'", "5", false },
	{ "eq: 5", "\"5\"", false },
	{ "eq: 5", "5.0", true },
	{ "eq: 5", "0.5e1", true },
	{ "eq: 9007199254740993", "9007199254740992", false },
	{ "eq: 9007199254740993", "9007199254740993", true },
	{ "eq: 0.1", "0.1000000000000000000001", false },
	{ "eq: 0", "-0.0", true },
	{ "eq: true", "true", true },
	{ "eq: true", "false", false },
	{ "eq: true", "\"true\"", false },
	{ "eq: 2026-03-01", "\"2026-03-01T01:00:00+01:00\"", true },
	{ "ne: gold", "\"silver\"", true },
	{ "ne: gold", "\"gold\"", false },
	{ "ne: gold", "", false },
	{ "ne: gold", "null", false },
	{ "ne: gold", "7", false },
	{ "ne: true", "false", true },
	{ "gt: 100", "100.5", true },
	{ "gt: 100", "100", false },
	{ "gt: 100", "\"abc\"", false },
	{ "gt: 100", "1e3", true },
	{ "gt: -1", "-2", false },
	{ "gt: -2", "-1", true },
	{ "gt: 9007199254740992", "9007199254740993", true },
	{ "gt: 0", "1e-400", true },
	{ "lt: 1", "1e99999999999999999999", false },
	{ "lt: 1", "-1e99999999999999999999", true },
	{ "gte: 0.05", "0.050", true },
	{ "gte: 0.05", "0.049", false },
	{ "lte: 12", "12.0000", true },
	{ "lt: 12", "", false },
	{ "gt: 1, lt: 3", "2", true },
	{ "gt: 1, lt: 3", "3", false },
	{ "gt: b", "\"c\"", true },
	{ "gt: b", "\"\\u0062\\u0061\"", true },
	{ "gt: b", "\"a\"", false },
	{ "gte: 2026-03-01T09:00:00Z", "\"2026-03-01T10:00:00.000+01:00\"",
	    true },
	{ "lt: 2026-03-01T09:00:00Z", "\"2026-03-01T09:59:59+01:00\"", true },
	{ "lt: 2026-03-01T09:00:00Z", "\"2026\"", false },
	{ "in: [gold, 7]", "7", true },
	{ "in: [gold, 7]", "\"gold\"", true },
	{ "in: [gold, 7]", "\"7\"", false },
	{ "not_in: [gold, silver]", "\"tin\"", true },
	{ "not_in: [gold, silver]", "\"gold\"", false },
	{ "not_in: [gold, silver]", "5", false },
	{ "not_in: [gold, silver]", "", false },
	{ "exists: true", "0", true },
	{ "exists: true", "null", false },
	{ "exists: true", "", false },
	{ "exists: false", "", true },
	{ "exists: false", "null", true },
	{ "exists: false", "\"\"", false },
	{ "contains: oo", "\"foot\"", true },
	{ "contains: oo", "\"fo\\u006ft\"", true },
	{ "contains: oo", "\"fot\"", false },
	{ "contains: [x, oo]", "\"foot\"", true },
	{ "contains: oo", "[\"foot\"]", false },
	{ "contains: foot", "[1, \"foot\"]", true },
	{ "contains: 1", "[1.0, \"foot\"]", true },
	{ "contains: oo", "", false },
	{ "starts_with: fo", "\"foot\"", true },
	{ "starts_with: [x, fo]", "\"foot\"", true },
	{ "starts_with: foots", "\"foot\"", false },
	{ "ends_with: ot", "\"foot\"", true },
	{ "ends_with: fo", "\"foot\"", false },
	{ "matches: '^f.*t$'", "\"foot\"", true },
	{ "matches: '^o'", "\"foot\"", false },
	{ "matches: '1'", "1", false },
	{ "before: 2026-03-01T09:00:00Z", "\"2026-03-01T08:59:59.999Z\"",
	    true },
	{ "before: 2026-03-01T09:00:00Z", "\"2026-03-01T09:00:00Z\"", false },
	{ "before: 2026-03-01", "\"2026-02-28\"", true },
	{ "before: 2026-03-01", "\"yesterday\"", false },
	{ "after: 2026-03-01T09:00:00Z", "\"2026-03-01T09:00:00.001Z\"", true },
	{ "before: 7d", "\"2026-02-22T09:00:00Z\"", true },
	{ "before: 7d", "\"2026-02-22T09:00:00.001Z\"", false },
	{ "before: now", "\"2026-03-01T09:00:00Z\"", true },
	{ "after: now", "\"2026-03-01T09:00:00Z\"", false },
	{ "after: 7d", "\"2026-03-08T09:00:00Z\"", false },
	{ "after: 7d", "\"2026-03-08T09:00:00.001Z\"", true },
	{ "within_last: 7d", "\"2026-02-22T09:00:00Z\"", false },
	{ "within_last: 7d", "\"2026-02-22T09:00:00.001Z\"", true },
	{ "within_last: 7d", "\"2026-03-01T09:00:00Z\"", true },
	{ "within_last: 7d", "\"2026-03-01T09:00:00.001Z\"", false },
	{ "within_last: 7d", "1772355600000", false },
	{ "within_next: 7d", "\"2026-03-08T09:00:00Z\"", true },
	{ "within_next: 7d", "\"2026-03-08T09:00:00.001Z\"", false },
	{ "within_next: 7d", "\"2026-03-01T09:00:00Z\"", false },
	{ "within_next: 7d", "\"2026-03-08\"", true },
};

static void
test_trait_operators_are_strict(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		char cond[200], profile[200];

		snprintf(cond, sizeof(cond), "{trait: x, %s}", values[i].ops);
		snprintf(profile, sizeof(profile), "{\"traits\":{%s%s}}",
		    *values[i].value != '\0' ? "\"x\":" : "", values[i].value);
		if (holds(&w, cond, profile) != values[i].yes)
			fail_msg("%s of %s", cond, profile);
		snprintf(
		    cond, sizeof(cond), "{not: {trait: x, %s}}", values[i].ops);
		if (holds(&w, cond, profile) == values[i].yes)
			fail_msg("%s of %s", cond, profile);
	}
	world_free(&w);
}

static void
test_numcmp_orders_as_decimals(void **state)
{
	/* In ascending order, equal ones on one line. */
	static const char *const nums[][3] = {
		{ "-1e30", "-1000000000000000000000000000000", "-10e29" },
		{ "-12.5", "-1.25e1", "-0.125E+2" },
		{ "-1", "-1.0", "-10e-1" },
		{ "0", "-0", "0.000e5" },
		{ "1e-30", "0.1e-29", "0.000000000000000000000000000001" },
		{ "0.00999", "9.99e-3", "99.9e-4" },
		{ "0.01", "1e-2", "0.0100" },
		{ "9", "9.0", "0.9e1" },
		{ "10", "1e1", "1.0e+01" },
		{ "10.01", "1001e-2", "1.0010e1" },
		{ "9007199254740992", "9007199254740992.0",
		    "9.007199254740992e15" },
		{ "9007199254740993", "9007199254740993.0",
		    "90071992547409930e-1" },
	};
	size_t n = sizeof(nums) / sizeof(*nums);

	(void)state;
	for (size_t i = 0; i < n * 3; i++)
		for (size_t j = 0; j < n * 3; j++) {
			const char *a = nums[i / 3][i % 3];
			const char *b = nums[j / 3][j % 3];
			int want = (i / 3 > j / 3) - (i / 3 < j / 3);

			if (cdp_ops_numcmp(cdp_str_of(a), cdp_str_of(b)) !=
			    want)
				fail_msg("%s against %s", a, b);
		}
}

static void
test_cond_reads_profile_groups_audiences_consent(void **state)
{
	static struct cdp_group group = { .name = CDP_STR("household") };
	static const char profile[] =
	    "{\"id\":\"p_1\",\"traits\":{\"a\":{\"b\":[1,2]},"
	    "\"household\":{\"x\":1}},"
	    "\"groups\":{\"household\":{\"id\":\"h\",\"traits\":"
	    "{\"orders_7d\":2}}},"
	    "\"audiences\":{\"vip\":true,\"old\":false},"
	    "\"consent\":{\"Ads\":true,\"Mail\":false,\"Sms\":\"conflict\"}}";
	struct world w;

	(void)state;
	world_init(&w);
	assert_true(holds(&w, "{trait: a.b.1, eq: 2}", profile));
	assert_true(holds(&w, "{trait: household.x, eq: 1}", profile));
	w.pr->group = &group;
	w.pr->ngroup = 1;
	assert_true(holds(&w, "{trait: household.orders_7d, gt: 1}", profile));
	assert_false(holds(&w, "{trait: household.x, exists: true}", profile));
	assert_true(holds(&w, "{audience: vip}", profile));
	assert_false(holds(&w, "{audience: old}", profile));
	assert_false(holds(&w, "{audience: none}", profile));
	assert_true(holds(&w, "{consent: Ads}", profile));
	assert_false(holds(&w, "{consent: Mail}", profile));
	assert_false(holds(&w, "{consent: Sms}", profile));
	assert_false(holds(&w, "{consent: Other}", profile));
	w.pr->consent.unknown_allow = true;
	assert_true(holds(&w, "{consent: Other}", profile));
	assert_false(holds(&w, "{consent: Sms}", profile));
	assert_true(holds(&w,
	    "{all: [{audience: vip}, {any: [{audience: old}, "
	    "{consent: Ads}]}, {not: {audience: old}}]}",
	    profile));
	world_free(&w);
}

static void
test_cond_jq_sees_the_profile(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	assert_true(holds(&w,
	    "{any: [{jq: '.traits.n > 5'}, "
	    "{jq: '[.id, .groups, .audiences, .consent, .identifiers, "
	    ".event] == [\"p\", {}, {}, {}, {}, null]'}]}",
	    "{\"id\":\"p\",\"traits\":{\"n\":1}}"));
	world_free(&w);
}

/* ---- what is refused ---- */

static const struct {
	const char *cond, *rule, *says;
} wrong[] = {
	{ "{trait: points}", "missing-operator",
	    "needs an operator: eq ne gt" },
	{ "{trait: points, gtt: 5}", "unknown-operator", "did you mean 'gt'?" },
	{ "{trait: points, gt: '100'}", "wrong-type", "in quotes is a string" },
	{ "{trait: points, gt: true}", "wrong-type", "needs a number" },
	{ "{trait: points, gt: [1, 2]}", "wrong-type", "one value" },
	{ "{trait: points, eq: null}", "wrong-type", "exists: false" },
	{ "{trait: points, in: gold}", "", "in" },
	{ "{trait: points, in: []}", "wrong-type", "at least one" },
	{ "{trait: points, exists: yes}", "", "exists" },
	{ "{trait: points, starts_with: 5}", "wrong-type", "a string" },
	{ "{trait: points, matches: '('}", "bad-pattern", "" },
	{ "{trait: points, before: soon}", "wrong-type", "an instant" },
	{ "{trait: points, within_last: 5}", "", "within_last" },
	{ "{event: A, where: {properties: {total: {gt: 5}}}}",
	    "unknown-operator", "properties.total" },
	{ "{event: A, where: {}}", "empty-where", "at least one path" },
	{ "{event: []}", "wrong-type", "list of names" },
	{ "{event: A, wihtin: 5d}", "unknown-key", "within" },
	{ "{event: A, within: 5d, between: [1d, 2d]}", "bad-condition",
	    "do not go together" },
	{ "{event: A, within: 0s}", "wrong-type", "longer than nothing" },
	{ "{event: A, between: [2d, 1d]}", "wrong-type", "shorter" },
	{ "{event: A, between: 2d}", "wrong-type", "two lengths" },
	{ "{event: A, count: {gt: x}}", "", "count" },
	{ "{event: A, count: {}}", "missing-operator", "count" },
	{ "{event: A, count: {inn: [1]}}", "unknown-key", "in" },
	{ "{event: A, sum: a, avg: b, gt: 1}", "bad-condition", "in one" },
	{ "{event: A, sum: a}", "missing-operator", "needs an operator" },
	{ "{event: A, sum: a, count: 1}", "unknown-key", "count" },
	{ "{event: A, gt: 1}", "unknown-key", "gt" },
	{ "{event: A, session: 1h, within: 1d}", "bad-condition",
	    "do not go together" },
	{ "{trait: a, in: {trait: b}}", "wrong-type", "no map" },
	{ "{trait: a, gt: {path: b}}", "wrong-type", "no map" },
	{ "{event: A, where: {then: {event: B, session: 1h}}}", "bad-condition",
	    "no 'session'" },
	{ "{event: A, trait: b}", "bad-condition", "all: [...]" },
	{ "{}", "bad-condition", "empty condition" },
	{ "[{event: A}]", "bad-condition", "not a list" },
	{ "vip", "bad-condition", "a condition is a map" },
	{ "{audiense: vip}", "unknown-key", "audience" },
	{ "{all: []}", "bad-condition", "at least one" },
	{ "{not: [{event: A}]}", "bad-condition", "one condition" },
	{ "{segment: \"event('A').count() > \"}", "bad-query", "a value" },
	{ "{event: A, where: {any: []}}", "empty-where", "at least one" },
	{ "{event: A, where: {all: {a: 1}}}", "", "all" },
	{ "{event: A, where: {not: {}}}", "empty-where", "at least one" },
	{ "{in_group: household, any: {event: A}}", "bad-condition",
	    "asked by audiences alone" },
};

static void
test_cond_load_says_what_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct cdp_node *node;
		const struct cdp_diag *d;
		struct world w;

		world_init(&w);
		node = world_yaml(&w, wrong[i].cond);
		if (cdp_cond_load(&w.ld, node) != NULL || w.diags.nerrors == 0)
			fail_msg("%s was taken", wrong[i].cond);
		d = &w.diags.v[0];
		if ((*wrong[i].rule != '\0' &&
			strcmp(d->rule, wrong[i].rule) != 0) ||
		    strstr(d->msg, wrong[i].says) == NULL)
			fail_msg("%s: %s: %s", wrong[i].cond, d->rule, d->msg);
		world_free(&w);
	}
}

static void
test_cond_text_is_one_line(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	assert_string_equal(
	    cdp_cond_text(world_cond(&w,
			      "all:\n- event: Order Completed\n"
			      "  where: {properties.total: {gt: 100}}\n"
			      "- not: {trait: tier, in: [a, 'b']}\n"))
		.p,
	    "{all: [{event: Order Completed, where: {properties.total: "
	    "{gt: 100}}}, {not: {trait: tier, in: [a, \"b\"]}}]}");
	world_free(&w);
}

static void
test_cond_uses_what_it_names(void **state)
{
	static const struct {
		const char *cond;
		unsigned uses;
	} v[] = {
		{ "{event: A}", CDP_USES_EVENTS },
		{ "{event: A, within: 1d}", CDP_USES_EVENTS | CDP_USES_TIME },
		{ "{trait: a, eq: 1}", CDP_USES_PROFILE },
		{ "{trait: a, within_last: 1d}",
		    CDP_USES_PROFILE | CDP_USES_TIME },
		{ "{trait: a, before: 2026-01-01}", CDP_USES_PROFILE },
		{ "{kept: a, eq: 1}", CDP_USES_KEPT },
		{ "{audience: a}", CDP_USES_AUDIENCES },
		{ "{consent: a}", CDP_USES_PROFILE },
		{ "{jq: '.traits.events'}", CDP_USES_PROFILE },
		{ "{jq: '.event.x and .audiences.b'}",
		    CDP_USES_PROFILE | CDP_USES_LINE | CDP_USES_AUDIENCES },
		{ "{not: {any: [{event: A}, {audience: a}]}}",
		    CDP_USES_EVENTS | CDP_USES_AUDIENCES },
	};
	struct world w;

	(void)state;
	world_init(&w);
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		if (cdp_cond_uses(world_cond(&w, v[i].cond)) != v[i].uses)
			fail_msg("%s", v[i].cond);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trait_operators_are_strict),
		cmocka_unit_test(test_numcmp_orders_as_decimals),
		cmocka_unit_test(
		    test_cond_reads_profile_groups_audiences_consent),
		cmocka_unit_test(test_cond_jq_sees_the_profile),
		cmocka_unit_test(test_cond_load_says_what_is_wrong),
		cmocka_unit_test(test_cond_text_is_one_line),
		cmocka_unit_test(test_cond_uses_what_it_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
