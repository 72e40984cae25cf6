#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/regex.h"

static bool
matches(const char *pattern, struct cdp_str s)
{
	struct cdp_regex *re = NULL;
	struct cdp_err err = { 0 };
	bool limit = true, rc;

	assert_int_equal(cdp_regex_compile(cdp_str_of(pattern), &re, &err), 0);
	rc = cdp_regex_match(re, s, &limit);
	assert_false(limit);
	assert_int_equal(cdp_regex_match(re, s, NULL), rc);
	cdp_regex_free(re);
	return rc;
}

static void
test_match_is_unanchored(void **state)
{
	(void)state;
	assert_true(matches("b+", CDP_STR("abbc")));
	assert_false(matches("^b+", CDP_STR("abbc")));
	assert_true(matches("^[0-]*$", CDP_STR("")));
	assert_true(matches("", CDP_STR("x")));
	assert_false(matches("^[0-]*$", CDP_STR("00a")));
}

static void
test_match_knows_utf8_and_ends(void **state)
{
	(void)state;
	assert_true(matches("^.$", CDP_STR("\xf0\x9f\x90\xb2")));
	assert_true(matches("^\\u00e9$", CDP_STR("\xc3\xa9")));
	assert_false(matches("^a$", CDP_STR("a\n")));
	assert_false(matches("^\\d$", CDP_STR("\xd9\xa1")));
	assert_true(matches("^a.b$", (struct cdp_str){ "a\0b", 3 }));
}

static void
test_match_gives_up_at_its_limit(void **state)
{
	struct cdp_regex *re = NULL;
	struct cdp_err err = { 0 };
	bool limit = false;

	(void)state;
	assert_int_equal(cdp_regex_compile(CDP_STR("^(a+)+$"), &re, &err), 0);
	assert_false(cdp_regex_match(re,
	    CDP_STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"), &limit));
	assert_true(limit);
	/* The next value is judged afresh. */
	assert_true(cdp_regex_match(re, CDP_STR("aaa"), &limit));
	assert_false(limit);
	cdp_regex_free(re);
}

static void
test_match_of_bad_utf8_is_no_match(void **state)
{
	(void)state;
	assert_false(matches(".", CDP_STR("\xff")));
}

static void
test_compile_names_the_place(void **state)
{
	struct cdp_regex *re = NULL;
	struct cdp_err err = { 0 };

	(void)state;
	assert_int_equal(
	    cdp_regex_compile(CDP_STR("a(b"), &re, &err), CDP_ECONF);
	assert_null(re);
	assert_non_null(strstr(err.msg, "a(b"));
	assert_non_null(strstr(err.msg, "offset 3"));
	cdp_regex_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match_is_unanchored),
		cmocka_unit_test(test_match_knows_utf8_and_ends),
		cmocka_unit_test(test_match_gives_up_at_its_limit),
		cmocka_unit_test(test_match_of_bad_utf8_is_no_match),
		cmocka_unit_test(test_compile_names_the_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
