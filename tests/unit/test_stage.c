#include "tests/unit/count_stage.h"

static void
test_stage_prints_the_same_again(void **state)
{
	struct run r = { .store = "s1" };
	size_t lines;

	(void)state;
	for (lines = 1; lines < 9; lines += 3) {
		clean("s1");
		r.epoch_lines = lines;
		assert_int_equal(run(&r, input), 0);
		assert_string_equal(r.out, output);
		assert_int_equal(r.rejects, 1);
		assert_int_equal(r.stats.replayed, 0);
		assert_int_equal(run(&r, input), 0);
		assert_string_equal(r.out, output);
		assert_int_equal(r.stats.replayed, 6);
		assert_int_equal(r.rejects, 2);
		r.rejects = 0;
	}
	free(r.out);
	clean("s1");
}

static void
test_stage_goes_on_from_any_prefix(void **state)
{
	struct run r = { .store = "s2", .epoch_lines = 2 };
	char *part;
	const char *nl = input;

	(void)state;
	while ((nl = strchr(nl, '\n')) != NULL) {
		nl++;
		clean("s2");
		part = strndup(input, (size_t)(nl - input));
		assert_int_equal(run(&r, part), 0);
		free(part);
		assert_int_equal(run(&r, input), 0);
		assert_string_equal(r.out, output);
	}
	free(r.out);
	clean("s2");
}

static void
test_stage_prints_a_line_once_a_run(void **state)
{
	struct run r = { .store = "s3", .epoch_lines = 1 };
	char twice[2 * sizeof(input)];

	(void)state;
	clean("s3");
	snprintf(twice, sizeof(twice), "%s%s", input, input);
	assert_int_equal(run(&r, twice), 0);
	assert_string_equal(r.out, output);
	assert_int_equal(r.stats.duplicates, 6);
	r.store = NULL;
	assert_int_equal(run(&r, twice), 0);
	assert_string_equal(r.out, output);
	free(r.out);
	clean("s3");
}

static void
test_stage_dry_run_changes_nothing(void **state)
{
	struct run r = { .store = "s4", .dry = true };
	static const char more[] = "{\"p\":\"a\"" CDP(8);
	static const char want[] = "{\"p\":\"a\",\"n\":4" OUT(7) ENDS(1);

	(void)state;
	clean("s4");
	assert_int_equal(run(&r, input), 0);
	assert_string_equal(r.out, output);
	assert_int_equal(access("s4", F_OK), -1);
	r.dry = false;
	assert_int_equal(run(&r, input), 0);
	r.dry = true;
	assert_int_equal(run(&r, more), 0);
	assert_string_equal(r.out, want);
	assert_int_equal(run(&r, more), 0);
	assert_string_equal(r.out, want);
	r.dry = false;
	assert_int_equal(run(&r, more), 0);
	assert_string_equal(r.out, want);
	free(r.out);
	clean("s4");
}

static void
test_stage_warns_of_changed_rules(void **state)
{
	struct run r = { .store = "s5", .cfg = "0123456789" };

	(void)state;
	clean("s5");
	assert_int_equal(run(&r, input), 0);
	assert_int_equal(run(&r, input), 0);
	assert_int_equal(r.warnings, 0);
	r.cfg = "abcdef0123";
	assert_int_equal(run(&r, input), 0);
	assert_int_equal(r.warnings, 1);
	assert_string_equal(r.out, output);
	free(r.out);
	clean("s5");
}

static void
test_stage_lines_without_cdp(void **state)
{
	struct run r = { .store = "s6" };
	static const char in[] = "{\"type\":\"note\"}\n{\"type\":\"note\"}\n";
	static const char want[] =
	    "{\"type\":\"note\"" OUT(1) "{\"type\":\"note\"" OUT(2) ENDS(2);

	(void)state;
	clean("s6");
	assert_int_equal(run(&r, in), 0);
	assert_string_equal(r.out, want);
	assert_int_equal(run(&r, in), 0);
	assert_string_equal(r.out, want);
	assert_int_equal(r.stats.replayed, 2);
	assert_int_equal(
	    run(&r, "{\"type\":\"track\",\"event\":\"x\"}\n"), CDP_ECONF);
	assert_non_null(strstr(r.err.msg, "cdp-ingest"));
	free(r.out);
	clean("s6");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stage_prints_the_same_again),
		cmocka_unit_test(test_stage_goes_on_from_any_prefix),
		cmocka_unit_test(test_stage_prints_a_line_once_a_run),
		cmocka_unit_test(test_stage_dry_run_changes_nothing),
		cmocka_unit_test(test_stage_warns_of_changed_rules),
		cmocka_unit_test(test_stage_lines_without_cdp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
