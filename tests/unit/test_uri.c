/*
 * The examples of RFC 3986, sections 5.4.1 and 5.4.2, are the oracle.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/json/uri.h"

#define BASE CDP_STR("http://a/b/c/d;p?q")

static void
test_resolve_agrees_with_the_standard(void **state)
{
	static const char *const want[][2] = {
		{ "g:h", "g:h" },
		{ "g", "http://a/b/c/g" },
		{ "./g", "http://a/b/c/g" },
		{ "g/", "http://a/b/c/g/" },
		{ "/g", "http://a/g" },
		{ "//g", "http://g" },
		{ "?y", "http://a/b/c/d;p?y" },
		{ "g?y", "http://a/b/c/g?y" },
		{ "#s", "http://a/b/c/d;p?q#s" },
		{ "g#s", "http://a/b/c/g#s" },
		{ "g?y#s", "http://a/b/c/g?y#s" },
		{ ";x", "http://a/b/c/;x" },
		{ "g;x", "http://a/b/c/g;x" },
		{ "g;x?y#s", "http://a/b/c/g;x?y#s" },
		{ "", "http://a/b/c/d;p?q" },
		{ ".", "http://a/b/c/" },
		{ "./", "http://a/b/c/" },
		{ "..", "http://a/b/" },
		{ "../", "http://a/b/" },
		{ "../g", "http://a/b/g" },
		{ "../..", "http://a/" },
		{ "../../", "http://a/" },
		{ "../../g", "http://a/g" },
		{ "../../../g", "http://a/g" },
		{ "../../../../g", "http://a/g" },
		{ "/./g", "http://a/g" },
		{ "/../g", "http://a/g" },
		{ "g.", "http://a/b/c/g." },
		{ ".g", "http://a/b/c/.g" },
		{ "g..", "http://a/b/c/g.." },
		{ "..g", "http://a/b/c/..g" },
		{ "./../g", "http://a/b/g" },
		{ "./g/.", "http://a/b/c/g/" },
		{ "g/./h", "http://a/b/c/g/h" },
		{ "g/../h", "http://a/b/c/h" },
		{ "g;x=1/./y", "http://a/b/c/g;x=1/y" },
		{ "g;x=1/../y", "http://a/b/c/y" },
		{ "g?y/./x", "http://a/b/c/g?y/./x" },
		{ "g?y/../x", "http://a/b/c/g?y/../x" },
		{ "g#s/./x", "http://a/b/c/g#s/./x" },
		{ "g#s/../x", "http://a/b/c/g#s/../x" },
	};
	struct cdp_arena mem = { 0 };
	struct cdp_str got;

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		got = cdp_uri_resolve(BASE, cdp_str_of(want[i][0]), &mem);
		assert_string_equal(got.p, want[i][1]);
	}
	cdp_arena_free(&mem);
}

static void
test_resolve_needs_no_base(void **state)
{
	struct cdp_arena mem = { 0 };
	struct cdp_str none = CDP_STR("");

	(void)state;
	assert_string_equal(
	    cdp_uri_resolve(none, CDP_STR("node"), &mem).p, "node");
	assert_string_equal(cdp_uri_resolve(none, CDP_STR("#a"), &mem).p, "#a");
	assert_string_equal(
	    cdp_uri_resolve(CDP_STR("urn:uuid:1"), CDP_STR("#a"), &mem).p,
	    "urn:uuid:1#a");
	cdp_arena_free(&mem);
}

static void
test_fragment_is_cut_off(void **state)
{
	struct cdp_str uri = CDP_STR("http://a/b#c#d");

	(void)state;
	assert_true(cdp_str_is(cdp_uri_fragment(&uri), "c#d"));
	assert_true(cdp_str_is(uri, "http://a/b"));
	assert_int_equal(cdp_uri_fragment(&uri).n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resolve_agrees_with_the_standard),
		cmocka_unit_test(test_resolve_needs_no_base),
		cmocka_unit_test(test_fragment_is_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
