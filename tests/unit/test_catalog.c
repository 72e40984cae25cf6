#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lib/json/jq.h"
#include "lib/rule/catalog.h"
#include "tests/unit/project_dir.h"

#define ROWS 2000

static struct cdp_project *
project(void)
{
	struct cdp_diags diags = { 0 };
	struct cdp_err err = { 0 };
	struct cdp_project *pr;

	put("cdp.yaml",
	    "version: 1\nentities:\n"
	    "  orders: {by: identifiers.user_id, on: buyer}\n");
	assert_int_equal(
	    cdp_project_load(CDP_STR("."), NULL, 0, &diags, &pr, &err), 0);
	cdp_diags_free(&diags);
	return pr;
}

static void
take(struct cdp_catalog *r, struct cdp_str row)
{
	struct cdp_tape t = { 0 };
	struct cdp_arena mem = { 0 };
	struct cdp_err err = { 0 };
	struct cdp_line ln;

	assert_int_equal(cdp_line_parse(row, 1, &t, &mem, &ln, &err), 0);
	assert_int_equal(cdp_catalog_line(r, &ln, &err), 0);
	cdp_tape_free(&t);
	cdp_arena_free(&mem);
}

/* All of them are of one: each changes the list of their keys. */
static void
test_memory_grows_with_the_rows(void **state)
{
	struct cdp_project *pr = project();
	struct cdp_catalog r = { 0 };
	struct cdp_buf b = { 0 };
	struct cdp_err err = { 0 };

	(void)state;
	cdp_catalog_open(&r, pr, NULL);
	for (int i = 0; i < ROWS; i++) {
		cdp_buf_reset(&b);
		cdp_buf_printf(&b,
		    "{\"type\":\"object\",\"collection\":\"orders\","
		    "\"id\":\"o%d\",\"properties\":{\"buyer\":\"ana\"}}",
		    i);
		take(&r, cdp_buf_str(&b));
	}
	assert_true(r.bytes < ROWS * 300);
	cdp_buf_reset(&b);
	assert_int_equal(cdp_jq_lookup(pr->jq,
			     CDP_STR("[\"orders\",\"ana\",true]"), &b, &err),
	    0);
	assert_true(
	    cdp_str_starts(cdp_buf_str(&b), CDP_STR("[\"o0\",\"o1\",")));
	cdp_buf_free(&b);
	cdp_catalog_free(&r);
	cdp_project_free(pr);
}

/* What is shorter or longer than before is read as it is. */
static void
test_a_row_replaces_the_one_before(void **state)
{
	static const char *const row[] = { "{\"v\":1}",
		"{\"v\":\"a longer one than before\"}", "{\"v\":2}" };
	struct cdp_project *pr = project();
	struct cdp_catalog r = { 0 };
	struct cdp_buf b = { 0 };
	struct cdp_err err = { 0 };

	(void)state;
	cdp_catalog_open(&r, pr, NULL);
	for (int i = 0; i < 3; i++) {
		cdp_buf_reset(&b);
		cdp_buf_printf(&b,
		    "{\"type\":\"object\",\"collection\":\"orders\","
		    "\"id\":\"o\",\"properties\":%s}",
		    row[i]);
		take(&r, cdp_buf_str(&b));
		cdp_buf_reset(&b);
		assert_int_equal(cdp_jq_lookup(pr->jq,
				     CDP_STR("[\"orders\",\"o\"]"), &b, &err),
		    0);
		cdp_buf_cstr(&b);
		assert_non_null(strstr(b.p, row[i] + 1));
	}
	cdp_buf_free(&b);
	cdp_catalog_free(&r);
	cdp_project_free(pr);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_memory_grows_with_the_rows, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_a_row_replaces_the_one_before, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
