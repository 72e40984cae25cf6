#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/json/jq.h"
#include "lib/json/jqpaths.h"

static const char whole[] =
    "{\"a\":{\"b\":1,\"c\":[2,{\"d\":3}],\"d\":{\"e\":4}},\"f\":\"g\","
    "\"h\":null,\"n\":7}";

static const struct {
	const char *prog;
	const char *sees; /* NULL: all */
} cases[] = {
	{ ".a | {b, d}",
	    "{\"a\":{\"b\":1,\"c\":[2,{\"d\":3}],"
	    "\"d\":{\"e\":4}}}" },
	{ ".a.b|.", "{\"a\":{\"b\":1}}" },
	{ " .a.d.e | . + 1, .", "{\"a\":{\"d\":{\"e\":4}}}" },
	{ ".f | . as $x | $x + \"\\(.)\"", "{\"f\":\"g\"}" },
	{ "if (.a.b // 0) >= 1 then \"x.y\" else .n end",
	    "{\"a\":{\"b\":1},\"n\":7}" },
	{ ".a.b + .a.b * .n", "{\"a\":{\"b\":1},\"n\":7}" },
	{ ".a.b, .a",
	    "{\"a\":{\"b\":1,\"c\":[2,{\"d\":3}],"
	    "\"d\":{\"e\":4}}}" },
	{ ".f.g?, .f.x?", "{\"f\":\"g\"}" },
	{ ".f.g", "{\"f\":\"g\"}" },
	{ ".h.x == null and .a.zz != 1.5e1", "{\"h\":null,\"a\":{}}" },
	{ "-(.n) <= 3", "{\"n\":7}" },
	{ "12", "{}" },
	{ "\"a | .b\"", "{}" },
	/* These may see all. */
	{ ".", NULL },
	{ "..", NULL },
	{ ".a |= 1", NULL },
	{ ".a.b += 1", NULL },
	{ ".n = 2", NULL },
	{ ".a.b //= 2", NULL },
	{ ".n % 2 | not", NULL },
	{ "length", NULL },
	{ "{f}", NULL },
	{ "[.f, .n]", NULL },
	{ ".a[\"b\"]", NULL },
	{ ".a.c[0]", NULL },
	{ ".a?[\"b\"]?", NULL },
	{ ".[\"a\"].b", NULL },
	{ ".\"a\"", NULL },
	{ ".n as $n | .f", NULL },
	{ ". as $x | .n", NULL },
	{ "\"\\(.f)\"", NULL },
	{ ".f # | .n", NULL },
	{ "def k: .n; .f | k", NULL },
	{ "(.n | . + 1), .f", NULL },
	{ "map(.)", NULL },
	{ ".n, keys", NULL },
	{ "try .f.g catch .", NULL },
	{ "", NULL },
};

/* What it says it sees, and that the program gives the same on that. */
static void
test_narrow_gives_the_same(void **state)
{
	struct cdp_arena mem = { 0 };
	struct cdp_tape t = { 0 };
	struct cdp_buf b = { 0 };
	struct cdp_jq *jq = cdp_jq_new();
	size_t i, n = sizeof(cases) / sizeof(cases[0]) - 1;

	(void)state;
	assert_int_equal(cdp_tape_parse(&t, cdp_str_of(whole), NULL), 0);
	for (i = 0; i < n; i++)
		cdp_jq_want(jq,
		    cdp_jq_add(jq, cdp_str_of(cases[i].prog),
			cdp_arena_printf(&mem, "%zu", i)));
	for (i = 0; i < n; i++) {
		struct cdp_str one = { NULL, 0 }, two = { NULL, 0 };
		struct cdp_err e1 = { 0 }, e2 = { 0 };
		struct cdp_jqpaths paths;
		int rc;

		cdp_jqpaths_find(cdp_str_of(cases[i].prog), &mem, &paths);
		cdp_buf_reset(&b);
		cdp_jqpaths_narrow(&b, &paths, &t, 0);
		assert_string_equal(cdp_buf_cstr(&b),
		    cases[i].sees != NULL ? cases[i].sees : whole);
		assert_int_equal(paths.all, cases[i].sees == NULL);
		rc = cdp_jq_run(jq, (int)i, cdp_str_of(whole), &mem, &one, &e1);
		assert_int_equal(
		    cdp_jq_run(jq, (int)i, cdp_buf_str(&b), &mem, &two, &e2),
		    rc);
		assert_true(cdp_str_eq(one, two));
		assert_string_equal(e1.msg, e2.msg);
	}
	cdp_jq_free(jq);
	cdp_buf_free(&b);
	cdp_tape_free(&t);
	cdp_arena_free(&mem);
}

/* A program may be empty or end anywhere. */
static void
test_find_ends_anywhere(void **state)
{
	struct cdp_arena mem = { 0 };
	struct cdp_jqpaths paths;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (n = 0; n <= strlen(cases[i].prog); n++) {
			struct cdp_str cut = { cases[i].prog, n };

			cut = cdp_arena_dup(&mem, cut);
			cdp_jqpaths_find(cut, &mem, &paths);
		}
	cdp_arena_free(&mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_narrow_gives_the_same),
		cmocka_unit_test(test_find_ends_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
