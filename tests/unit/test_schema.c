#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/json/schema.h"

/* ---- the standard's own cases ---- */

#define SUITE "shared/cases/json-schema/tests/draft7"

struct tally {
	unsigned passed, failed, refused, unknown;
};

static struct cdp_str
member(const struct cdp_tape *t, uint32_t at, const char *name,
    struct cdp_arena *mem)
{
	return cdp_tape_str(t, cdp_tape_get(t, at, cdp_str_of(name)), mem);
}

static void
run_case(struct tally *n, const struct cdp_schema *s, const struct cdp_tape *t,
    uint32_t at, const char *file, struct cdp_str group)
{
	struct cdp_arena mem = { 0 };
	struct cdp_violation *v = NULL;
	struct cdp_str what = member(t, at, "description", &mem);
	struct cdp_err err = { 0 };
	bool want =
	    cdp_tape_kind(t, cdp_tape_get(t, at, CDP_STR("valid"))) == CDP_TRUE;

	cdp_schema_check(
	    s, t, cdp_tape_get(t, at, CDP_STR("data")), &mem, &v, &err);
	if ((v == NULL) == want) {
		n->passed++;
	} else if (memmem(what.p, what.n, "Bidi domain", 11) != NULL ||
	    memmem(what.p, what.n, "both digit types", 16) != NULL) {
		n->unknown++; /* of labels of two directions, in IDNA */
	} else {
		n->failed++;
		print_message("%s: %.*s: %.*s: not %s\n", file, (int)group.n,
		    group.p, (int)what.n, what.p, want ? "valid" : "invalid");
	}
	cdp_arena_free(&mem);
}

static void
run_group(
    struct tally *n, const struct cdp_tape *t, uint32_t at, const char *file)
{
	uint32_t tests = cdp_tape_get(t, at, CDP_STR("tests"));
	uint32_t it = 0, key, test;
	struct cdp_arena mem = { 0 };
	struct cdp_str group = member(t, at, "description", &mem);
	struct cdp_schema *s = NULL;
	struct cdp_err err = { 0 };

	if (cdp_schema_compile(
		t, cdp_tape_get(t, at, CDP_STR("schema")), &s, &err) != 0) {
		n->refused += (unsigned)cdp_tape_count(t, tests);
		if (strcmp(file, "refRemote.json") != 0 ||
		    strstr(err.msg, "another document") == NULL)
			fail_msg("%s: %.*s: %s: %s", file, (int)group.n,
			    group.p, err.field, err.msg);
	}
	while (s != NULL && cdp_tape_next(t, tests, &it, &key, &test))
		run_case(n, s, t, test, file, group);
	cdp_schema_free(s);
	cdp_arena_free(&mem);
}

static void
run_file(struct tally *n, const char *dir, const char *name)
{
	struct cdp_tape t = { 0 };
	struct cdp_buf b = { 0 };
	struct cdp_err err = { 0 };
	uint32_t it = 0, key, group;
	char path[1024];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(cdp_io_read_file(path, 1 << 24, &b, &err), 0);
	assert_int_equal(cdp_tape_parse(&t, cdp_buf_str(&b), &err), 0);
	while (cdp_tape_next(&t, 0, &it, &key, &group))
		run_group(n, &t, group, name);
	cdp_tape_free(&t);
	cdp_buf_free(&b);
}

static int
is_json(const struct dirent *e)
{
	const char *dot = strrchr(e->d_name, '.');

	return dot != NULL && strcmp(dot, ".json") == 0;
}

static void
suite(char ret[512], const char *sub)
{
	const char *top = getenv("top");

	snprintf(ret, 512, "%s/../" SUITE "%s", top != NULL ? top : ".", sub);
}

static void
test_check_agrees_with_the_standards_cases(void **state)
{
	struct tally n = { 0 };
	struct dirent **e;
	char dir[512];
	int k;

	(void)state;
	suite(dir, "");
	if ((k = scandir(dir, &e, is_json, alphasort)) < 0)
		skip();
	for (int i = 0; i < k; i++) {
		run_file(&n, dir, e[i]->d_name);
		free(e[i]);
	}
	free(e);
	print_message("draft-07: %u passed, %u failed, %u refused, for they "
		      "lead to other documents\n",
	    n.passed, n.failed, n.refused);
	assert_int_equal(n.failed, 0);
	assert_int_equal(n.passed + n.refused, 927);
	assert_int_equal(n.refused, 23);
}

static void
test_check_knows_formats(void **state)
{
	static const char *const file[] = { "date-time", "date", "time",
		"email", "idn-email", "hostname", "idn-hostname", "ipv4",
		"ipv6", "uri", "uri-reference", "iri", "iri-reference",
		"uri-template", "regex", "json-pointer",
		"relative-json-pointer", "unknown",
		"../../../draft2019-09/optional/format/uuid" };
	struct tally n = { 0 };
	char dir[512], name[80];

	(void)state;
	suite(dir, "/optional/format");
	if (access(dir, R_OK) != 0)
		skip();
	for (size_t i = 0; i < sizeof(file) / sizeof(*file); i++) {
		snprintf(name, sizeof(name), "%s.json", file[i]);
		run_file(&n, dir, name);
	}
	print_message("formats: %u passed, %u failed, %u not checked\n",
	    n.passed, n.failed, n.unknown);
	assert_true(n.unknown <= 2);
	assert_int_equal(n.failed + n.refused, 0);
}

static void
test_check_keeps_every_digit(void **state)
{
	struct tally n = { 0 };
	char dir[512];

	(void)state;
	suite(dir, "/optional");
	if (access(dir, R_OK) != 0)
		skip();
	run_file(&n, dir, "bignum.json");
	run_file(&n, dir, "float-overflow.json");
	run_file(&n, dir, "non-bmp-regex.json");
	run_file(&n, dir, "id.json");
	assert_int_equal(n.failed + n.refused, 0);
}

/* ---- our own ---- */

/* "TYPE|FIELD|TEXT" of each violation, a line each. */
static char *
judge(const char *schema, const char *value, char ret[1024])
{
	struct cdp_tape t = { 0 };
	struct cdp_arena mem = { 0 };
	struct cdp_schema *s = NULL;
	struct cdp_violation *v = NULL;
	struct cdp_err err = { 0 };
	size_t n = 0;

	assert_int_equal(cdp_tape_parse(&t, cdp_str_of(schema), &err), 0);
	if (cdp_schema_compile(&t, 0, &s, &err) != 0)
		fail_msg("%s: %s", err.field, err.msg);
	assert_int_equal(cdp_tape_parse(&t, cdp_str_of(value), &err), 0);
	ret[0] = '\0';
	if (cdp_schema_check(s, &t, 0, &mem, &v, &err) != 0)
		n = (size_t)snprintf(ret, 1024, "! %s\n", err.msg);
	for (; v != NULL; v = v->next)
		n += (size_t)snprintf(ret + n, 1024 - n, "%s|%.*s|%.*s\n",
		    v->type, (int)v->field.n, v->field.p, (int)v->text.n,
		    v->text.p);
	cdp_schema_free(s);
	cdp_tape_free(&t);
	cdp_arena_free(&mem);
	return ret;
}

static void
test_check_speaks_as_segment_does(void **state)
{
	static const char plan[] =
	    "{\"type\":\"object\",\"properties\":{\"properties\":{"
	    "\"type\":\"object\",\"required\":[\"products\",\"id\"],"
	    "\"properties\":{\"integer\":{\"type\":\"integer\"},"
	    "\"currency\":{\"enum\":[\"BRL\",\"EUR\"]},"
	    "\"price\":{\"type\":[\"number\",\"null\"],\"minimum\":0},"
	    "\"list\":{\"items\":{\"maxLength\":1}},"
	    "\"sku\":{\"pattern\":\"^[0-9]+$\"},"
	    "\"email\":{\"format\":\"email\"}},"
	    "\"additionalProperties\":false}}}";
	char got[1024];

	(void)state;
	assert_string_equal(judge(plan, "{\"properties\":[]}", got),
	    "Invalid Type|properties|Invalid type. Expected: object, given: "
	    "array\n");
	assert_string_equal(
	    judge(plan,
		"{\"properties\":{\"id\":1,\"integer\":1.5,\"currency\":"
		"\"USD\",\"price\":\"x\",\"list\":[\"a\",\"bc\"],"
		"\"sku\":\"a1\",\"email\":\"x\",\"new\":1}}",
		got),
	    "Required|properties.products|properties.products is required\n"
	    "Invalid Type|properties.integer|Invalid type. Expected: integer, "
	    "given: number\n"
	    "Enum|properties.currency|properties.currency must be one of the "
	    "following: \"BRL\", \"EUR\"\n"
	    "Invalid Type|properties.price|Invalid type. Expected: "
	    "[number,null], given: string\n"
	    "String Lte|properties.list.1|String length must be less than or "
	    "equal to 1\n"
	    "Pattern|properties.sku|Does not match pattern '^[0-9]+$'\n"
	    "Format|properties.email|Does not match format 'email'\n"
	    "Additional Property Not Allowed|properties.id|Additional property "
	    "id is not allowed\n"
	    "Additional Property Not Allowed|properties.new|Additional "
	    "property new is not allowed\n");
	assert_string_equal(
	    judge("{\"$ref\":\"http://json-schema.org/draft-07/schema\"}",
		"{\"type\":\"text\"}", got),
	    "Number Any Of|type|Must validate at least one schema (anyOf)\n");
	assert_string_equal(judge("{\"const\":1}", "2", got),
	    "Const|(root)|(root) does not match: 1\n");
	assert_string_equal(
	    judge("{\"allOf\":[{\"maximum\":1},true]}", "2", got),
	    "Number Lte|(root)|Must be less than or equal to 1\n"
	    "Number All Of|(root)|Must validate all the schemas (allOf)\n");
}

static void
test_check_compares_numbers_as_written(void **state)
{
	char got[1024];

	(void)state;
	assert_string_equal(
	    judge("{\"maximum\":9007199254740992}", "9007199254740993", got),
	    "Number Lte|(root)|Must be less than or equal to "
	    "9007199254740992\n");
	assert_string_equal(judge("{\"multipleOf\":0.01}", "19.99", got), "");
	assert_string_equal(judge("{\"multipleOf\":0.01}", "1e300", got), "");
	assert_string_equal(judge("{\"multipleOf\":0.01}", "0.005", got),
	    "Multiple Of|(root)|Must be a multiple of 0.01\n");
	assert_string_equal(judge("{\"uniqueItems\":true}", "[1,2,1.0]", got),
	    "Unique|(root)|array items[0,2] must be unique\n");
}

static void
test_check_ends_what_does_not(void **state)
{
	char got[1024];

	(void)state;
	assert_string_equal(judge("{\"allOf\":[{\"$ref\":\"#\"}]}", "1", got),
	    "! the schema goes in circles on this value\n");
	assert_non_null(
	    strstr(judge("{\"pattern\":\"^(a+)+$\"}",
		       "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"", got),
		"took too long"));
}

static void
test_compile_names_the_place(void **state)
{
	static const char *const bad[][3] = {
		{ "{\"properties\":{\"a\":{\"typ\":\"string\"}}}",
		    "/properties/a/typ", "did you mean 'type'?" },
		{ "{\"type\":\"text\"}", "/type", "no such type" },
		{ "{\"properties\":{\"a/b\":{\"minimum\":\"1\"}}}",
		    "/properties/a~1b/minimum", "number" },
		{ "{\"items\":[true,3]}", "/items/1", "a schema is" },
		{ "{\"pattern\":\"(\"}", "/pattern", "offset 1" },
		{ "{\"$ref\":\"http://x.example/s.json\"}", "/$ref",
		    "another document" },
		{ "{\"$ref\":\"#/definitions/a\"}", "/$ref", "leads nowhere" },
		{ "{\"$ref\":\"#\"}", "", "leads to itself" },
		{ "{\"properties\":{\"a\":{\"$ref\":\"http://json-schema.org/"
		  "draft-07/schema\"},\"b\":{\"maxLength\":-1}}}",
		    "/properties/b/maxLength", "whole number" },
		{ "{\"multipleOf\":0}", "/multipleOf", "positive" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct cdp_tape t = { 0 };
		struct cdp_schema *s = NULL;
		struct cdp_err err = { 0 };

		assert_int_equal(
		    cdp_tape_parse(&t, cdp_str_of(bad[i][0]), &err), 0);
		assert_int_equal(
		    cdp_schema_compile(&t, 0, &s, &err), CDP_ECONF);
		assert_string_equal(err.field, bad[i][1]);
		if (strstr(err.msg, bad[i][2]) == NULL)
			fail_msg("%s: %s", bad[i][0], err.msg);
		cdp_tape_free(&t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check_agrees_with_the_standards_cases),
		cmocka_unit_test(test_check_knows_formats),
		cmocka_unit_test(test_check_keeps_every_digit),
		cmocka_unit_test(test_check_speaks_as_segment_does),
		cmocka_unit_test(test_check_compares_numbers_as_written),
		cmocka_unit_test(test_check_ends_what_does_not),
		cmocka_unit_test(test_compile_names_the_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
