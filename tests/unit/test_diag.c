#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lib/rule/diag.h"

static void
prints(struct cdp_diags *d, const char *want)
{
	char *got = NULL;
	size_t n = 0;
	FILE *fp = open_memstream(&got, &n);

	cdp_diags_print(d, "cdp-x", fp);
	fclose(fp);
	assert_string_equal(got, want);
	free(got);
	cdp_diags_free(d);
}

static struct cdp_mark
at(const char *file, unsigned line, unsigned col, unsigned width)
{
	return (struct cdp_mark){ file, line, col, width };
}

static void
test_print_underlines(void **state)
{
	struct cdp_diags d = { 0 };

	(void)state;
	cdp_diags_source(
	    &d, "a.yaml", CDP_STR("one:\n  - {audience: loyall}\nlast"));
	cdp_diag_at(&d, at("a.yaml", 2, 16, 6), "unknown-audience",
	    "no audience '%s'; did you mean '%s'?", "loyall", "loyal");
	cdp_diag_at(&d, at("a.yaml", 3, 5, 1), "r", "behind the end");
	prints(&d,
	    "cdp-x:a.yaml:2:16: error[unknown-audience]: no audience "
	    "'loyall'; did you mean 'loyal'?\n"
	    "    2 |   - {audience: loyall}\n"
	    "      |                ^^^^^^\n"
	    "cdp-x:a.yaml:3:5: error[r]: behind the end\n"
	    "    3 | last\n"
	    "      |     ^\n");
}

static void
test_print_escapes_and_aligns(void **state)
{
	struct cdp_diags d = { 0 };

	(void)state;
	cdp_diags_source(&d, "a", CDP_STR("\tn\xc3\xa3o\x1b[1m: bad\r\n"));
	cdp_diag_at(&d, at("a", 1, 12, 3), "r", "x\x1b[2Jy\nz");
	prints(&d,
	    "cdp-x:a:1:12: error[r]: x\\x1b[2Jy\\x0az\n"
	    "    1 |  n\xc3\xa3o\\x1b[1m: bad\n"
	    "      |              ^^^\n");
}

static void
test_print_sorts_by_place(void **state)
{
	struct cdp_diags d = { 0 };

	(void)state;
	cdp_diag_at(&d, at("b", 1, 1, 1), "r", "4");
	cdp_diag_at(&d, at("a", 2, 1, 1), "r", "3");
	cdp_diag_at(&d, at("a", 1, 9, 1), "r", "2");
	cdp_diag_at(&d, at("a", 1, 9, 1), "q", "2b");
	cdp_diag_warn(&d, NULL, "r", "1");
	assert_int_equal(d.nerrors, 4);
	prints(&d,
	    "cdp-x: warning[r]: 1\n"
	    "cdp-x:a:1:9: error[r]: 2\n"
	    "cdp-x:a:1:9: error[q]: 2b\n"
	    "cdp-x:a:2:1: error[r]: 3\n"
	    "cdp-x:b:1:1: error[r]: 4\n");
}

static void
test_print_counts_after_ten(void **state)
{
	struct cdp_diags d = { 0 };
	char *got = NULL;
	size_t n = 0;
	unsigned i;
	FILE *fp = open_memstream(&got, &n);

	(void)state;
	for (i = 1; i <= 14; i++)
		cdp_diag_at(&d, at("a", i, 1, 1), "many", "x");
	cdp_diag_at(&d, at("a", 99, 1, 1), "few", "y");
	cdp_diags_print(&d, "t", fp);
	fclose(fp);
	assert_non_null(strstr(got, "t:a:10:1: error[many]: x\n"));
	assert_null(strstr(got, "t:a:11:1:"));
	assert_non_null(strstr(got, "t:a:99:1: error[few]: y\n"));
	assert_non_null(strstr(got, "t: error[many]: 4 more, not shown\n"));
	free(got);
	cdp_diags_free(&d);
}

static void
test_print_cuts_long_lines(void **state)
{
	struct cdp_diags d = { 0 };
	char *text = malloc(5000), *got = NULL;
	const char *line, *caret;
	size_t n = 0;
	FILE *fp = open_memstream(&got, &n);

	(void)state;
	memset(text, 'x', 5000);
	text[3000] = 'Y';
	cdp_diags_source(&d, "a", (struct cdp_str){ text, 5000 });
	cdp_diag_at(&d, at("a", 1, 3001, 1), "r", "m");
	cdp_diags_print(&d, "t", fp);
	fclose(fp);
	assert_true(n < 500);
	line = strchr(got, '\n') + 1;
	caret = strchr(line, '\n') + 1;
	assert_int_equal(strchr(line, 'Y') - line, strchr(caret, '^') - caret);
	free(got);
	free(text);
	cdp_diags_free(&d);
}

/* A run of bytes that only go on with a character once drew the cut back
 * past what is shown. */
static void
test_print_cuts_lines_of_bad_bytes(void **state)
{
	struct cdp_diags d = { 0 };
	char *text = malloc(1000), *got = NULL;
	size_t n = 0;
	FILE *fp = open_memstream(&got, &n);

	(void)state;
	memset(text, 0x80, 1000);
	cdp_diags_source(&d, "a", (struct cdp_str){ text, 1000 });
	cdp_diag_at(&d, at("a", 1, 500, 9), "r", "m");
	cdp_diags_print(&d, "t", fp);
	fclose(fp);
	assert_non_null(strstr(got, "^"));
	assert_true(n < 2000);
	free(got);
	free(text);
	cdp_diags_free(&d);
}

static void
test_keys_offers_the_nearest(void **state)
{
	static const char *const known[] = { "within", "event", NULL };
	struct cdp_arena mem = { 0 };
	struct cdp_diags d = { 0 };
	struct cdp_node *root;

	(void)state;
	cdp_yaml_parse(
	    CDP_STR("{event: x, withn: 1, qqqq: 3}"), "f", &mem, &d, &root);
	cdp_diag_keys(&d, root, "a trait", known);
	cdp_arena_free(&mem);
	prints(&d,
	    "cdp-x:f:1:12: error[unknown-key]: a trait has no key 'withn'; "
	    "did you mean 'within'?\n"
	    "    1 | {event: x, withn: 1, qqqq: 3}\n"
	    "      |            ^^^^^\n"
	    "cdp-x:f:1:22: error[unknown-key]: a trait has no key 'qqqq'\n"
	    "    1 | {event: x, withn: 1, qqqq: 3}\n"
	    "      |                      ^^^^\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_print_underlines),
		cmocka_unit_test(test_print_escapes_and_aligns),
		cmocka_unit_test(test_print_sorts_by_place),
		cmocka_unit_test(test_print_counts_after_ten),
		cmocka_unit_test(test_print_cuts_long_lines),
		cmocka_unit_test(test_print_cuts_lines_of_bad_bytes),
		cmocka_unit_test(test_keys_offers_the_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
