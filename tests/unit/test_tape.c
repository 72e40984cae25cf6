#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/io.h"
#include "lib/json/tape.h"

static struct cdp_tape t;
static struct cdp_err err;

/* Parse a copy that ends where the memory does. */
static int
parse(struct cdp_str s)
{
	static char *copy;

	free(copy);
	copy = malloc(s.n + (s.n == 0));
	if (s.n != 0)
		memcpy(copy, s.p, s.n);
	err = (struct cdp_err){ 0 };
	return cdp_tape_parse(&t, (struct cdp_str){ copy, s.n }, &err);
}

static int
parsez(const char *z)
{
	return parse(cdp_str_of(z));
}

static void
test_parse_accepts_what_the_grammar_has(void **state)
{
	static const char *const good[] = { "0", "-0", "-0.0e-0", "1E+2",
		"12.25", "true", "false", "null", "\"\"", "[]", "{}", "[ ]",
		"{ }", " [ 1 , 2 ] ", "\t\r\n{\"a\" : [ ] }\n", "[[],[{}]]",
		"{\"a\":{\"b\":{\"c\":null}}}", "{\"a\":1,\"a\":2}",
		"\"\\u0000\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\uD834\\uDD1E\"",
		"\"\xc3\xa7\xe2\x82\xac\xf0\x9f\x9b\x92\"", "\"\x7f\"",
		"\"\xef\xbf\xbf\"", "\"\xf4\x8f\xbf\xbf\"" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (parsez(good[i]) != 0)
			fail_msg("refused %s: %s", good[i], err.msg);
}

/* What stands behind "bad JSON at column ". */
static const struct {
	const char *text, *msg;
} bad[] = {
	{ "", "1: expected a value, found the end" },
	{ "  ", "3: expected a value, found the end" },
	{ "{", "2: expected a key in quotes, found the end" },
	{ "[1,]", "4: expected a value" },
	{ "[1 2]", "4: expected ',' or ']'" },
	{ "[1", "3: expected ',' or ']', found the end" },
	{ "[1}", "3: expected ',' or ']'" },
	{ "{\"a\"}", "5: expected ':'" },
	{ "{\"a\":}", "6: expected a value" },
	{ "{\"a\":1,}", "8: expected a key in quotes" },
	{ "{\"a\":1]", "7: expected ',' or '}'" },
	{ "{a:1}", "2: expected a key in quotes" },
	{ "{1:1}", "2: expected a key in quotes" },
	{ "1 2", "3: expected nothing behind the value" },
	{ "{}}", "3: expected nothing behind the value" },
	{ "01", "2: expected nothing behind the value" },
	{ "-", "2: expected a digit, found the end" },
	{ "-a", "2: expected a digit" },
	{ "1.", "3: expected a digit, found the end" },
	{ ".5", "1: expected a value" },
	{ "+1", "1: expected a value" },
	{ "1.e2", "3: expected a digit" },
	{ "1e", "3: expected a digit, found the end" },
	{ "1e+", "4: expected a digit, found the end" },
	{ "NaN", "1: expected a value" },
	{ "nan", "1: expected null" },
	{ "tru", "1: expected true" },
	{ "nulll", "5: expected nothing behind the value" },
	{ "'a'", "1: expected a value" },
	{ "\"a",
	    "3: expected '\"' at the end of the string, "
	    "found the end" },
	{ "\"a\nb\"", "3: expected an escaped control character" },
	{ "\"\\x\"", "2: expected a legal escape" },
	{ "\"\\", "2: expected a legal escape" },
	{ "\"\\u12\"", "2: expected a legal escape" },
	{ "\"\\ud800\"", "2: expected a legal escape" },
	{ "\"\\ud800\\u0041\"", "2: expected a legal escape" },
	{ "\"\\udc00\"", "2: expected a legal escape" },
	{ "\"\\udc00\\ud800\"", "2: expected a legal escape" },
	{ "\"ab\x80\"", "4: expected valid UTF-8" },
	{ "\"\xc0\xaf\"", "2: expected valid UTF-8" },
	{ "\"\xc1\xbf\"", "2: expected valid UTF-8" },
	{ "\"\xc3\"", "2: expected valid UTF-8" },
	{ "\"\xe0\x9f\xbf\"", "2: expected valid UTF-8" },
	{ "\"\xe2\x82\"", "2: expected valid UTF-8" },
	{ "\"\xed\xa0\x80\"", "2: expected valid UTF-8" },
	{ "\"\xf0\x8f\xbf\xbf\"", "2: expected valid UTF-8" },
	{ "\"\xf4\x90\x80\x80\"", "2: expected valid UTF-8" },
	{ "\"\xf5\x80\x80\x80\"", "2: expected valid UTF-8" },
	{ "\xef\xbb\xbf{}", "1: expected a value" },
	{ "[1]\f", "4: expected nothing behind the value" },
	{ "[\v1]", "2: expected a value" },
	{ "{}//", "3: expected nothing behind the value" },
};

static void
test_parse_refuses_with_place_and_expectation(void **state)
{
	char want[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (parsez(bad[i].text) != CDP_EDATA)
			fail_msg("accepted %s", bad[i].text);
		snprintf(
		    want, sizeof(want), "bad JSON at column %s", bad[i].msg);
		assert_string_equal(err.msg, want);
		assert_string_equal(err.rule, "bad_json");
		assert_int_equal(t.ntok, 0);
	}
	assert_int_equal(parse((struct cdp_str){ "1\0", 2 }), CDP_EDATA);
	assert_int_equal(parse((struct cdp_str){ NULL, 0 }), CDP_EDATA);
}

static void
test_parse_limits_depth_and_length(void **state)
{
	char z[2 * CDP_JSON_DEPTH + 3];
	size_t n;

	(void)state;
	for (n = CDP_JSON_DEPTH; n <= CDP_JSON_DEPTH + 1; n++) {
		memset(z, '[', n);
		memset(z + n, ']', n);
		assert_int_equal(parse((struct cdp_str){ z, 2 * n }),
		    n == CDP_JSON_DEPTH ? 0 : CDP_EDATA);
		if (n == CDP_JSON_DEPTH)
			assert_int_equal(t.depth, n);
	}
	assert_string_equal(
	    err.msg, "bad JSON at column 129: expected no deeper nesting");
	assert_int_equal(parsez("1"), 0);
	assert_int_equal(t.depth, 0);
	assert_int_equal(parsez("[{},[[]]]"), 0);
	assert_int_equal(t.depth, 3);
	assert_int_equal(
	    cdp_tape_parse(&t, (struct cdp_str){ z, CDP_JSON_MAX + 1 }, &err),
	    CDP_EDATA);
	assert_string_equal(err.msg, "bad JSON: longer than 16777216 bytes");
}

/* No proper prefix of an object is one, and nothing is read beyond its end. */
static void
test_parse_refuses_every_prefix(void **state)
{
	static const char z[] = "{\"a\\u00e7\":[1.5e+3,{\"b\":\"\xc3\xa7 and a "
				"string that is longer than one block of 32\"}"
				",true,false,null,-0],\"\":{\"k\":[[],{}]}}";
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(z) - 1; n++)
		assert_int_equal(parse((struct cdp_str){ z, n }), CDP_EDATA);
	assert_int_equal(parse((struct cdp_str){ z, n }), 0);
}

/* Strings of every length, with a special byte at every place. */
static void
test_parse_finds_specials_wherever_they_stand(void **state)
{
	static const struct {
		const char *put;
		int rc;
	} what[] = { { "x", 0 }, { "\\n", 0 }, { "\xc3\xa7", 0 },
		{ "\xc3", CDP_EDATA }, { "\x1f", CDP_EDATA },
		{ "\\", CDP_EDATA }, { "\x7f", 0 } };
	char z[160];
	size_t n, at, i, len;

	(void)state;
	for (n = 1; n < 70; n++)
		for (at = 0; at < n; at++)
			for (i = 0; i < sizeof(what) / sizeof(what[0]); i++) {
				len = strlen(what[i].put);
				memset(z, 'a', sizeof(z));
				z[0] = '"';
				memcpy(z + 1 + at, what[i].put, len);
				z[1 + n - 1 + len] = '"';
				if (what[i].rc != 0 && at == n - 1 &&
				    *what[i].put == '\\')
					continue; /* it escapes the quote */
				assert_int_equal(
				    parse((struct cdp_str){ z, n + 1 + len }),
				    what[i].rc);
				if (what[i].rc == 0)
					assert_int_equal(
					    t.tok[0].len, n - 1 + len);
			}
}

static void
test_tape_lays_tokens_out_in_order(void **state)
{
	static const struct cdp_tok want[] = { { 1, 29, 8, CDP_OBJECT, 0 },
		{ 3, 1, 2, CDP_STRING, 0 }, { 6, 11, 6, CDP_ARRAY, 0 },
		{ 7, 1, 4, CDP_NUM, 0 }, { 9, 4, 5, CDP_TRUE, 0 },
		{ 14, 2, 6, CDP_OBJECT, 0 }, { 19, 3, 7, CDP_STRING, 1 },
		{ 25, 2, 8, CDP_STRING, 0 } };
	uint32_t i;

	(void)state;
	assert_int_equal(
	    parsez(" {\"a\":[1,true,{}],\"b\\n\":\"\xc3\xa7\" } "), 0);
	assert_int_equal(t.ntok, 8);
	for (i = 0; i < 8; i++) {
		assert_int_equal(t.tok[i].off, want[i].off);
		assert_int_equal(t.tok[i].len, want[i].len);
		assert_int_equal(t.tok[i].next, want[i].next);
		assert_int_equal(t.tok[i].kind, want[i].kind);
		assert_int_equal(t.tok[i].escaped, want[i].escaped);
	}
}

static void
test_get_takes_the_last_of_equal_names(void **state)
{
	int64_t v;

	(void)state;
	assert_int_equal(
	    parsez("{\"a\":1,\"b\":{\"a\":9},\"\\u0061\":2,\"ab\":3,\"\":4}"),
	    0);
	assert_true(cdp_tape_i64(&t, cdp_tape_get(&t, 0, CDP_STR("a")), &v));
	assert_int_equal(v, 2);
	assert_true(cdp_tape_i64(&t, cdp_tape_get(&t, 0, CDP_STR("")), &v));
	assert_int_equal(v, 4);
	assert_int_equal(cdp_tape_get(&t, 0, CDP_STR("c")), CDP_NOTOK);
	assert_int_equal(cdp_tape_get(&t, 2, CDP_STR("a")), CDP_NOTOK);
	assert_int_equal(cdp_tape_get(&t, CDP_NOTOK, CDP_STR("a")), CDP_NOTOK);
	assert_int_equal(cdp_tape_count(&t, 0), 5);
	assert_int_equal(cdp_tape_count(&t, 2), 0);
	assert_int_equal(cdp_tape_count(&t, CDP_NOTOK), 0);
}

/* What a walk finds, in the object whose member has so many others beside. */
static uint32_t
walk_for(uint32_t at, struct cdp_str name)
{
	uint32_t it = 0, key, val, found = CDP_NOTOK;

	while (cdp_tape_next(&t, at, &it, &key, &val))
		if (cdp_tape_streq(&t, key, name))
			found = val;
	return found;
}

/* All names that may be in it, asked for again and again. */
static void
check_names(uint32_t at)
{
	char name[40];
	int i, n, round;

	for (round = 0; round < 3; round++)
		for (i = 0; i < 45; i++) {
			n = snprintf(name, sizeof(name), "%.*s%d", i % 19,
			    "a longer name than 16", i / 2);
			struct cdp_str s = { name, (size_t)n };

			assert_int_equal(
			    cdp_tape_get(&t, at, s), walk_for(at, s));
			s.n = (size_t)(i % 5);
			assert_int_equal(
			    cdp_tape_get(&t, at, s), walk_for(at, s));
		}
}

static void
test_get_finds_the_same_when_asked_again(void **state)
{
	struct cdp_buf b = { 0 };
	size_t members;
	int i;

	(void)state;
	/* Of each the root, and an object in it and one in that. */
	for (members = 0; members < 45; members++) {
		cdp_buf_reset(&b);
		cdp_buf_puts(&b, "{\"in\":{\"\":{");
		for (i = 0; i < (int)members; i++)
			cdp_buf_printf(&b, "%s\"%.*s%d\":[%d,{}]",
			    i == 0 ? "" : ",", i % 19, "a longer name than 16",
			    i / 3, i);
		cdp_buf_puts(&b, "}");
		for (i = 0; i < (int)members; i++)
			cdp_buf_printf(&b, ",\"%s%.*s%d\":%d",
			    i == 30 ? "\\u0061" : "", i % 19,
			    "a longer name than 16", i / 2, i);
		cdp_buf_puts(&b, "}");
		for (i = 0; i < (int)members; i++)
			cdp_buf_printf(&b, ",\"%.*s%d\":\"%d\"", i % 7,
			    "a longer name than 16", i % 40, i);
		cdp_buf_puts(&b, "}");
		assert_int_equal(parse(cdp_buf_str(&b)), 0);
		check_names(0);
		check_names(2);
		check_names(4);
		check_names(2);
	}
	cdp_buf_free(&b);
}

static void
test_str_decodes_escapes(void **state)
{
	static const char z[] = "[\"a\\u0000b\\\"\\\\\\/\\b\\f\\n\\r\\t\","
				"\"\\u00e7\\u20AC\\uD834\\uDD1E!\",\"ab\",7]";
	static const char one[] = "a\0b\"\\/\b\f\n\r\t";
	static const char two[] = "\xc3\xa7\xe2\x82\xac\xf0\x9d\x84\x9e!";
	struct cdp_str s1 = { one, sizeof(one) - 1 }, s2 = CDP_STR("ab"), s;
	struct cdp_arena mem = { 0 };

	(void)state;
	assert_int_equal(parsez(z), 0);
	assert_true(cdp_str_eq(cdp_tape_str(&t, 1, &mem), s1));
	assert_true(cdp_tape_streq(&t, 1, s1));
	s1.n--;
	assert_false(cdp_tape_streq(&t, 1, s1));
	assert_true(cdp_str_is(cdp_tape_str(&t, 2, &mem), two));
	assert_true(cdp_tape_streq(&t, 2, cdp_str_of(two)));
	assert_false(cdp_tape_streq(&t, 2, CDP_STR("\xc3\xa7")));
	s = cdp_tape_str(&t, 3, &mem);
	assert_ptr_equal(s.p, t.p + t.tok[3].off);
	assert_true(cdp_str_eq(s, s2));
	assert_true(cdp_tape_streq(&t, 3, s2));
	assert_int_equal(cdp_tape_str(&t, 4, &mem).n, 0);
	assert_false(cdp_tape_streq(&t, 4, CDP_STR("7")));
	assert_false(cdp_tape_streq(&t, CDP_NOTOK, CDP_STR("")));
	assert_true(cdp_str_is(cdp_tape_raw(&t, 3), "\"ab\""));
	assert_true(cdp_str_is(cdp_tape_raw(&t, 4), "7"));
	assert_true(cdp_str_is(cdp_tape_raw(&t, 0), z));
	assert_true(cdp_tape_strcmp(&t, 1, &t, 3) < 0);
	assert_true(cdp_tape_strcmp(&t, 2, &t, 3) > 0);
	assert_int_equal(cdp_tape_strcmp(&t, 2, &t, 2), 0);
	cdp_arena_free(&mem);
}

static void
test_i64_is_exact_or_nothing(void **state)
{
	static const struct {
		const char *z;
		bool ok;
		int64_t v;
	} cases[] = { { "0", true, 0 }, { "-0", true, 0 }, { "42", true, 42 },
		{ "-42", true, -42 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "-9223372036854775808", true, INT64_MIN },
		{ "9223372036854775808", false, 0 },
		{ "-9223372036854775809", false, 0 },
		{ "99999999999999999999", false, 0 }, { "1.0", false, 0 },
		{ "1e2", false, 0 }, { "\"1\"", false, 0 },
		{ "true", false, 0 } };
	int64_t v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(parsez(cases[i].z), 0);
		assert_int_equal(cdp_tape_i64(&t, 0, &v), cases[i].ok);
		if (cases[i].ok)
			assert_true(v == cases[i].v);
	}
	assert_false(cdp_tape_i64(&t, CDP_NOTOK, &v));
}

static bool
equal(const char *a, const char *b)
{
	struct cdp_tape u = { 0 };
	bool eq, back;

	assert_int_equal(parsez(a), 0);
	assert_int_equal(cdp_tape_parse(&u, cdp_str_of(b), &err), 0);
	eq = cdp_tape_equal(&t, 0, &u, 0);
	back = cdp_tape_equal(&u, 0, &t, 0);
	assert_int_equal(eq, back);
	cdp_tape_free(&u);
	return eq;
}

static void
test_equal_is_by_value(void **state)
{
	(void)state;
	assert_true(equal("{\"a\":1,\"b\":[2,null]}",
	    "{ \"b\" : [2.0,null], \"\\u0061\" : 10e-1 }"));
	assert_true(equal("{\"a\":1,\"a\":2}", "{\"a\":2}"));
	assert_true(equal("[]", "[ ]"));
	assert_true(equal("{}", "{ }"));
	assert_true(equal("\"\\u00e7\"", "\"\xc3\xa7\""));
	assert_true(equal("-0", "0.0"));
	assert_false(equal("9007199254740993", "9007199254740992"));
	assert_false(equal("1", "true"));
	assert_false(equal("1", "\"1\""));
	assert_false(equal("[1,2]", "[2,1]"));
	assert_false(equal("[1]", "[1,1]"));
	assert_false(equal("[]", "[[]]"));
	assert_false(equal("{\"a\":1}", "{\"b\":1}"));
	assert_false(equal("{\"a\":1}", "{\"a\":1,\"b\":1}"));
	assert_false(equal("{\"a\":1,\"a\":2}", "{\"a\":1,\"b\":2}"));
	assert_false(equal("null", "false"));
	assert_true(cdp_tape_equal(&t, CDP_NOTOK, &t, CDP_NOTOK));
	assert_false(cdp_tape_equal(&t, CDP_NOTOK, &t, 0));
}

static struct cdp_str
at_path(const char *z, struct cdp_arena *mem)
{
	struct cdp_path path;

	assert_int_equal(cdp_path_compile(cdp_str_of(z), mem, &path, &err), 0);
	assert_true(cdp_str_is(path.text, z));
	return cdp_tape_raw(&t, cdp_tape_path(&t, 0, &path));
}

static void
test_path_walks_members_and_elements(void **state)
{
	static const char *const none[] = { "x", "a.x", "a.c.2", "a.c.1.x",
		"a.c.1x", "a.c.99999999999999999999", "a.b.0", "7.0" };
	struct cdp_arena mem = { 0 };
	struct cdp_path path;
	size_t i;

	(void)state;
	assert_int_equal(parsez("{\"a\":{\"b\":1,\"c\":[2,{\"d.e\":3}],"
				"\"\\\\\":4},\"7\":5}"),
	    0);
	assert_true(cdp_str_is(at_path("a.b", &mem), "1"));
	assert_true(cdp_str_is(at_path("a.c.0", &mem), "2"));
	assert_true(cdp_str_is(at_path("a.c.1.d\\.e", &mem), "3"));
	assert_true(cdp_str_is(at_path("a.\\\\", &mem), "4"));
	assert_true(cdp_str_is(at_path("7", &mem), "5"));
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(at_path(none[i], &mem).n, 0);
	assert_int_equal(
	    cdp_path_compile(CDP_STR(""), &mem, &path, &err), CDP_ECONF);
	assert_int_equal(
	    cdp_path_compile(CDP_STR("a..b"), &mem, &path, &err), CDP_ECONF);
	assert_string_equal(err.msg, "empty name in path 'a..b'");
	assert_int_equal(
	    cdp_path_compile(CDP_STR("a."), &mem, &path, &err), CDP_ECONF);
	assert_int_equal(
	    cdp_path_compile(CDP_STR(".a"), &mem, &path, &err), CDP_ECONF);
	cdp_arena_free(&mem);
}

/* ---- JSONTestSuite ---- */

/*
 * What RFC 8259 leaves open, decided.  Numbers are text and may be of any
 * size.  What is not UTF-8, and what no UTF-8 could be made of, is refused; so
 * is a byte order mark, and depth beyond CDP_JSON_DEPTH.
 */
static const char *const suite_accepted[] = {
	"i_number_double_huge_neg_exp.json",
	"i_number_huge_exp.json",
	"i_number_neg_int_huge_exp.json",
	"i_number_pos_double_huge_exp.json",
	"i_number_real_neg_overflow.json",
	"i_number_real_pos_overflow.json",
	"i_number_real_underflow.json",
	"i_number_too_big_neg_int.json",
	"i_number_too_big_pos_int.json",
	"i_number_very_big_negative_int.json",
};
static const char *const suite_refused[] = {
	"i_object_key_lone_2nd_surrogate.json",
	"i_string_1st_surrogate_but_2nd_missing.json",
	"i_string_1st_valid_surrogate_2nd_invalid.json",
	"i_string_UTF-16LE_with_BOM.json",
	"i_string_UTF-8_invalid_sequence.json",
	"i_string_UTF8_surrogate_U+D800.json",
	"i_string_incomplete_surrogate_and_escape_valid.json",
	"i_string_incomplete_surrogate_pair.json",
	"i_string_incomplete_surrogates_escape_valid.json",
	"i_string_invalid_lonely_surrogate.json",
	"i_string_invalid_surrogate.json",
	"i_string_invalid_utf-8.json",
	"i_string_inverted_surrogates_U+1D11E.json",
	"i_string_iso_latin_1.json",
	"i_string_lone_second_surrogate.json",
	"i_string_lone_utf8_continuation_byte.json",
	"i_string_not_in_unicode_range.json",
	"i_string_overlong_sequence_2_bytes.json",
	"i_string_overlong_sequence_6_bytes.json",
	"i_string_overlong_sequence_6_bytes_null.json",
	"i_string_truncated-utf-8.json",
	"i_string_utf16BE_no_BOM.json",
	"i_string_utf16LE_no_BOM.json",
	"i_structure_500_nested_arrays.json",
	"i_structure_UTF-8_BOM_empty_object.json",
};

static bool
among(const char *name, const char *const *v, size_t n)
{
	while (n-- > 0)
		if (strcmp(name, v[n]) == 0)
			return true;
	return false;
}

#define AMONG(name, list) among(name, list, sizeof(list) / sizeof(list[0]))

static bool
expected(const char *name)
{
	if (name[0] != 'i')
		return name[0] == 'y';
	if (AMONG(name, suite_accepted))
		return true;
	if (!AMONG(name, suite_refused))
		fail_msg("%s is undecided", name);
	return false;
}

static void
test_parse_passes_the_json_test_suite(void **state)
{
	const char *top = getenv("top");
	struct cdp_buf b = { 0 };
	struct dirent *e;
	char dir[4000], path[4400];
	int n = 0;
	DIR *d;

	(void)state;
	snprintf(dir, sizeof(dir),
	    "%s/../shared/cases/json-parsing/test_parsing",
	    top != NULL ? top : ".");
	if ((d = opendir(dir)) == NULL)
		skip();
	while ((e = readdir(d)) != NULL) {
		if (strstr(e->d_name, ".json") == NULL)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		cdp_buf_reset(&b);
		assert_int_equal(
		    cdp_io_read_file(path, CDP_JSON_MAX, &b, &err), 0);
		if ((parse(cdp_buf_str(&b)) == 0) != expected(e->d_name))
			fail_msg("%s: %s", e->d_name, err.msg);
		n++;
	}
	closedir(d);
	cdp_buf_free(&b);
	assert_true(n >= 318);
}

static int
free_tape(void **state)
{
	(void)state;
	parsez("0");
	free((void *)(uintptr_t)t.p);
	cdp_tape_free(&t);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_accepts_what_the_grammar_has),
		cmocka_unit_test(test_parse_refuses_with_place_and_expectation),
		cmocka_unit_test(test_parse_limits_depth_and_length),
		cmocka_unit_test(test_parse_refuses_every_prefix),
		cmocka_unit_test(test_parse_finds_specials_wherever_they_stand),
		cmocka_unit_test(test_tape_lays_tokens_out_in_order),
		cmocka_unit_test(test_get_takes_the_last_of_equal_names),
		cmocka_unit_test(test_get_finds_the_same_when_asked_again),
		cmocka_unit_test(test_str_decodes_escapes),
		cmocka_unit_test(test_i64_is_exact_or_nothing),
		cmocka_unit_test(test_equal_is_by_value),
		cmocka_unit_test(test_path_walks_members_and_elements),
		cmocka_unit_test(test_parse_passes_the_json_test_suite),
	};

	return cmocka_run_group_tests(tests, NULL, free_tape);
}
