#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/json/write.h"
#include "tests/unit/json_gen.h"

static struct cdp_buf b;
static struct cdp_tape t;
static struct cdp_err err;

static const char *
str(struct cdp_str s)
{
	cdp_buf_reset(&b);
	cdp_json_str(&b, s);
	return cdp_buf_cstr(&b);
}

static void
test_str_escapes_no_more_than_it_must(void **state)
{
	(void)state;
	assert_string_equal(str(CDP_STR("")), "\"\"");
	assert_string_equal(str((struct cdp_str){ NULL, 0 }), "\"\"");
	assert_string_equal(str(CDP_STR("a/b \x7f")), "\"a/b \x7f\"");
	assert_string_equal(
	    str(CDP_STR("\"\\\b\f\n\r\t")), "\"\\\"\\\\\\b\\f\\n\\r\\t\"");
	assert_string_equal(
	    str(CDP_STR("\0\x01\x0b\x1f")), "\"\\u0000\\u0001\\u000b\\u001f\"");
	assert_string_equal(str(CDP_STR("a\xc3\xa7\xf0\x9d\x84\x9e")),
	    "\"a\xc3\xa7\xf0\x9d\x84\x9e\"");
}

static void
test_str_replaces_what_is_not_utf8(void **state)
{
	(void)state;
	assert_string_equal(str(CDP_STR("a\xff z")), "\"a\xef\xbf\xbd z\"");
	assert_string_equal(str(CDP_STR("\xc3")), "\"\xef\xbf\xbd\"");
	assert_string_equal(str(CDP_STR("\xed\xa0\x80")),
	    "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void
test_members_get_their_commas(void **state)
{
	(void)state;
	cdp_buf_reset(&b);
	cdp_buf_putc(&b, '{');
	cdp_json_kstr(&b, "s", CDP_STR("x\"y"));
	cdp_json_ki64(&b, "i", INT64_MIN);
	cdp_json_kraw(&b, "r", CDP_STR("[1]"));
	cdp_json_ktime(&b, "t", 1470037420000);
	cdp_json_key(&b, "l");
	cdp_buf_putc(&b, '[');
	cdp_json_comma(&b);
	cdp_json_str(&b, CDP_STR("{"));
	cdp_json_comma(&b);
	assert_int_equal(cdp_json_double(&b, 2.5), 0);
	cdp_buf_puts(&b, "]}");
	assert_string_equal(cdp_buf_cstr(&b),
	    "{\"s\":\"x\\\"y\",\"i\":-9223372036854775808,\"r\":[1],"
	    "\"t\":\"2016-08-01T07:43:40.000Z\",\"l\":[\"{\",2.5]}");
	assert_int_equal(cdp_json_double(&b, INFINITY), CDP_EDATA);
	assert_int_equal(cdp_json_double(&b, NAN), CDP_EDATA);
}

static void
parse(struct cdp_tape *tape, struct cdp_str s)
{
	if (cdp_tape_parse(tape, s, &err) != 0)
		fail_msg("%s: %.*s", err.msg, (int)s.n, s.p);
}

static const char *
canonical(const char *z)
{
	parse(&t, cdp_str_of(z));
	cdp_buf_reset(&b);
	cdp_json_canonical(&b, &t, 0);
	return cdp_buf_cstr(&b);
}

static void
test_canonical_sorts_and_respells(void **state)
{
	(void)state;
	assert_string_equal(canonical(" { \"b\" : [ 1.0 , { } ] , \"a\\u0062\""
				      " : \"\\u00e7\\/\\u0009\\u007f\", "
				      "\"a\" : null, \"\" : true } "),
	    "{\"\":true,\"a\":null,\"ab\":\"\xc3\xa7/\\t\x7f\",\"b\":[1,{}]}");
	assert_string_equal(
	    canonical("{\"a\":1,\"b\":2,\"\\u0061\":3}"), "{\"a\":3,\"b\":2}");
	assert_string_equal(canonical("[]"), "[]");
	assert_string_equal(canonical("-0.0"), "0");
	assert_string_equal(canonical("\"\\\"\\\\\\uD834\\uDD1E\""),
	    "\"\\\"\\\\\xf0\x9d\x84\x9e\"");
}

/* Two spellings of one value, and one of another. */
static void
test_canonical_is_one_spelling_for_one_value(void **state)
{
	struct cdp_buf text[3] = { 0 }, can[3] = { 0 };
	struct cdp_tape tape[3] = { 0 };
	struct gen g;
	int i, k;

	(void)state;
	for (i = 1; i <= 1500; i++) {
		for (k = 0; k < 3; k++) {
			g = (struct gen){ (uint64_t)(i + (k == 2)) * 7919,
				(uint64_t)(3 * i + k + 1) * 104729, k == 1 };
			cdp_buf_reset(&text[k]);
			cdp_buf_reset(&can[k]);
			gen_value(&g, &text[k], 4);
			parse(&tape[k], cdp_buf_str(&text[k]));
			cdp_json_canonical(&can[k], &tape[k], 0);
		}
		assert_true(
		    cdp_str_eq(cdp_buf_str(&can[0]), cdp_buf_str(&can[1])));
		assert_true(cdp_tape_equal(&tape[0], 0, &tape[1], 0));
		assert_int_equal(cdp_tape_equal(&tape[1], 0, &tape[2], 0),
		    cdp_str_eq(cdp_buf_str(&can[1]), cdp_buf_str(&can[2])));
		/* and what was written reads back as the same */
		parse(&tape[2], cdp_buf_str(&can[0]));
		assert_true(cdp_tape_equal(&tape[0], 0, &tape[2], 0));
		cdp_buf_reset(&can[1]);
		cdp_json_canonical(&can[1], &tape[2], 0);
		assert_true(
		    cdp_str_eq(cdp_buf_str(&can[0]), cdp_buf_str(&can[1])));
	}
	for (k = 0; k < 3; k++) {
		cdp_buf_free(&text[k]);
		cdp_buf_free(&can[k]);
		cdp_tape_free(&tape[k]);
	}
}

/* ---- splice ---- */

static const char *
splice(const char *line, const char *edit, const char *o, uint64_t n)
{
	parse(&t, cdp_str_of(line));
	cdp_buf_reset(&b);
	cdp_json_splice(&b, &t, cdp_str_of(edit), cdp_str_of(o), n);
	return cdp_buf_cstr(&b);
}

static void
test_splice_ends_with_cdp(void **state)
{
	(void)state;
	assert_string_equal(
	    splice("{}", "", "a", 1), "{\"cdp\":{\"o\":\"a\",\"n\":1}}");
	assert_string_equal(
	    splice("{\"x\":[1, 2]}", "", "main.merge", UINT64_MAX),
	    "{\"x\":[1, 2],\"cdp\":{\"o\":\"main.merge\","
	    "\"n\":18446744073709551615}}");
	assert_string_equal(splice("{\"cdp\":{\"n\":1},\"x\":1,"
				   "\"c\\u0064p\":2,\"y\":{\"cdp\":3}}",
				NULL, "a", 2),
	    "{\"x\":1,\"y\":{\"cdp\":3},\"cdp\":{\"o\":\"a\",\"n\":2}}");
	assert_string_equal(
	    splice("{\"x\":1,\"cdp\":2}", "", "", 0), "{\"x\":1}");
	assert_string_equal(splice("{\"cdp\":2}", "{}", "", 0), "{}");
}

static void
test_splice_replaces_removes_and_adds(void **state)
{
	(void)state;
	assert_string_equal(splice("{\"a\":1,\"b\":2,\"c\":3}",
				"{\"b\":{\"x\":[]},\"d\":\"\\n\"}", "", 0),
	    "{\"a\":1,\"c\":3,\"b\":{\"x\":[]},\"d\":\"\\n\"}");
	assert_string_equal(splice("{\"a\":1,\"b\":2,\"c\":3,\"d\":4}",
				"{\"-\":[\"a\",\"c\",\"zz\"]}", "", 0),
	    "{\"b\":2,\"d\":4}");
	assert_string_equal(splice("{\"a\":1,\"a\":2,\"b\":3,\"\\u0061\":4}",
				"{\"a\":5}", "", 0),
	    "{\"b\":3,\"a\":5}");
	assert_string_equal(
	    splice("{\"-\":1,\"a.b.c\":2}", "{\"a.b.c\":3}", "", 0),
	    "{\"-\":1,\"a.b.c\":3}");
}

static void
test_splice_changes_members_of_members(void **state)
{
	static const char edit[] = "{\"profile.audiences\":{\"vip\":true}}";

	(void)state;
	assert_string_equal(splice("{\"a\":1,\"profile\":{\"id\":\"p\"},"
				   "\"b\":2}",
				edit, "", 0),
	    "{\"a\":1,\"profile\":{\"id\":\"p\",\"audiences\":"
	    "{\"vip\":true}},\"b\":2}");
	assert_string_equal(splice("{\"profile\":{\"audiences\":{},"
				   "\"id\":\"p\",\"cdp\":1}}",
				edit, "", 0),
	    "{\"profile\":{\"id\":\"p\",\"cdp\":1,"
	    "\"audiences\":{\"vip\":true}}}");
	assert_string_equal(splice("{\"profile\":{}}", edit, "", 0),
	    "{\"profile\":{\"audiences\":{\"vip\":true}}}");
	/* not there, or no object: left alone */
	assert_string_equal(splice("{\"a\":1}", edit, "", 0), "{\"a\":1}");
	assert_string_equal(
	    splice("{\"profile\":7}", edit, "", 0), "{\"profile\":7}");
}

/* More changes and more bytes than fit where small edits are kept. */
static void
test_splice_takes_a_big_edit(void **state)
{
	struct cdp_buf edit = { 0 }, want = { 0 };
	char key[16];
	int i;

	(void)state;
	cdp_buf_puts(&edit, "{\"-\":[\"x\"]");
	cdp_buf_puts(&want, "{\"y\":2");
	for (i = 0; i < 400; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		cdp_json_ki64(&edit, key, i);
		cdp_json_ki64(&want, key, i);
	}
	cdp_buf_putc(&edit, '}');
	cdp_buf_putc(&want, '}');
	assert_string_equal(
	    splice("{\"x\":1,\"k399\":0,\"y\":2}", cdp_buf_cstr(&edit), "", 0),
	    cdp_buf_cstr(&want));
	cdp_buf_free(&edit);
	cdp_buf_free(&want);
}

/* As jq and people may write it. */
static void
test_splice_keeps_white_space_inside_runs(void **state)
{
	assert_string_equal(splice(" { \"a\" : 1 , \"b\" : 2 ,\"cdp\" : {} , "
				   "\"c\" : { \"x\" : 3 } } ",
				"{\"b\":9,\"c.y\":4}", "o", 5),
	    "{\"a\" : 1,\"c\" : {\"x\" : 3,\"y\":4},\"b\":9,"
	    "\"cdp\":{\"o\":\"o\",\"n\":5}}");
	(void)state;
}

static void
test_splice_past_the_ceiling_says_so(void **state)
{
	struct cdp_buf small = { .max = 8 };

	(void)state;
	parse(&t, CDP_STR("{\"a\":1,\"b\":2}"));
	cdp_json_splice(&small, &t, CDP_STR(""), CDP_STR("o"), 1);
	assert_true(small.over);
	cdp_buf_free(&small);
}

/* One member as text: the slow and obvious way to do what splice does. */
struct member {
	struct cdp_str name, key, val;
};

static size_t
members(const struct cdp_tape *tape, uint32_t at, struct cdp_arena *mem,
    struct member *ret)
{
	uint32_t it = 0, key, val;
	size_t n = 0;

	while (cdp_tape_next(tape, at, &it, &key, &val))
		ret[n++] = (struct member){ cdp_tape_str(tape, key, mem),
			cdp_tape_raw(tape, key), cdp_tape_raw(tape, val) };
	return n;
}

static size_t
drop(struct member *m, size_t n, struct cdp_str name)
{
	size_t i, k = 0;

	for (i = 0; i < n; i++)
		if (!cdp_str_eq(m[i].name, name))
			m[k++] = m[i];
	return k;
}

static struct cdp_str
join(struct cdp_arena *mem, const struct member *m, size_t n)
{
	struct cdp_str s = CDP_STR("");
	size_t i;

	for (i = 0; i < n; i++)
		s = cdp_arena_printf(mem, "%.*s%s%.*s:%.*s", (int)s.n, s.p,
		    i != 0 ? "," : "", (int)m[i].key.n, m[i].key.p,
		    (int)m[i].val.n, m[i].val.p);
	return cdp_arena_printf(mem, "{%.*s}", (int)s.n, s.p);
}

static struct cdp_str
slow_splice(struct cdp_arena *mem, const struct cdp_tape *line,
    const struct cdp_tape *edit)
{
	static struct member m[64], e[64], in[64];
	size_t n, ne, nin, i, k;
	struct cdp_tape sub = { 0 };
	struct cdp_str head, tail;
	const char *dot;

	n = drop(m, members(line, 0, mem, m), CDP_STR("cdp"));
	ne = members(edit, 0, mem, e);
	for (i = 0; i < ne; i++) {
		if (cdp_str_is(e[i].name, "-")) {
			parse(&sub, e[i].val);
			for (k = 1; k < sub.ntok; k++)
				n = drop(
				    m, n, cdp_tape_str(&sub, (uint32_t)k, mem));
			continue;
		}
		dot = memchr(e[i].name.p, '.', e[i].name.n);
		if (dot == NULL) {
			n = drop(m, n, e[i].name);
			m[n++] = e[i];
			continue;
		}
		head = (struct cdp_str){ e[i].name.p,
			(size_t)(dot - e[i].name.p) };
		tail = (struct cdp_str){ dot + 1, e[i].name.n - head.n - 1 };
		for (k = 0; k < n; k++) {
			if (!cdp_str_eq(m[k].name, head) ||
			    m[k].val.p[0] != '{')
				continue;
			parse(&sub, m[k].val);
			nin = drop(in, members(&sub, 0, mem, in), tail);
			in[nin].key = cdp_arena_printf(
			    mem, "\"%.*s\"", (int)tail.n, tail.p);
			in[nin++].val = e[i].val;
			m[k].val = join(mem, in, nin);
		}
	}
	cdp_tape_free(&sub);
	return join(mem, m, n);
}

/* A line over few names, so that edits meet them; as jq -c prints it. */
static void
random_object(uint64_t *what, struct cdp_buf *ret, bool edit, int depth)
{
	static const char *const names[] = { "a", "b", "ab", "cdp", "profile",
		"x y", "" };
	struct gen g = { *what * 31 + 17, 1, true };
	unsigned n = gen_pick(what, 9), used = 0, i, k;

	cdp_buf_putc(ret, '{');
	if (edit && gen_pick(what, 2)) {
		cdp_json_key(ret, "-");
		cdp_buf_puts(ret, "[\"ab\",\"\"]");
	}
	for (i = 0; i < n; i++) {
		k = gen_pick(what, 7);
		if (edit && (used & 1u << k || k == 3 || k == 6))
			continue;
		used |= 1u << k;
		cdp_json_key(ret, names[k]);
		if (edit && gen_pick(what, 3) == 0) {
			ret->n -= 2;
			cdp_buf_printf(ret, ".%c\":", "abc"[gen_pick(what, 3)]);
		}
		if (depth > 0 && !edit && gen_pick(what, 2))
			random_object(what, ret, false, depth - 1);
		else
			gen_value(&g, ret, 2);
	}
	cdp_buf_putc(ret, '}');
}

static void
test_splice_equals_the_slow_way(void **state)
{
	struct cdp_buf line = { 0 }, edit = { 0 }, got = { 0 };
	struct cdp_tape lt = { 0 }, et = { 0 };
	struct cdp_arena mem = { 0 };
	struct cdp_str want;
	uint64_t what = 99;
	int i, ones = 0;

	(void)state;
	for (i = 0; i < 3000; i++) {
		cdp_buf_reset(&line);
		cdp_buf_reset(&edit);
		cdp_buf_reset(&got);
		cdp_arena_reset(&mem);
		random_object(&what, &line, false, 1);
		random_object(&what, &edit, true, 1);
		parse(&lt, cdp_buf_str(&line));
		parse(&et, cdp_buf_str(&edit));
		want = slow_splice(&mem, &lt, &et);
		cdp_json_splice(&got, &lt, cdp_buf_str(&edit), CDP_STR(""), 0);
		if (!cdp_str_eq(cdp_buf_str(&got), want))
			fail_msg("line %.*s\nedit %.*s\nwant %.*s\ngot  %.*s",
			    (int)line.n, line.p, (int)edit.n, edit.p,
			    (int)want.n, want.p, (int)got.n, got.p);
		if (!cdp_json_splice_isone(&et))
			continue;
		ones++;
		cdp_buf_reset(&got);
		cdp_json_splice_one(
		    &got, &lt, cdp_buf_str(&edit), CDP_STR(""), 0);
		assert_true(cdp_str_eq(cdp_buf_str(&got), want));
	}
	assert_in_range(ones, 100, 2900);
	cdp_buf_free(&line);
	cdp_buf_free(&edit);
	cdp_buf_free(&got);
	cdp_tape_free(&lt);
	cdp_tape_free(&et);
	cdp_arena_free(&mem);
}

static void
test_isone_refuses_what_must_be_parsed(void **state)
{
	static const char *const no[] = { "{}", "{\"-\":[\"a\"]}",
		"{\"a\":1,\"b\":2}", "{\"\\u0061\":1}", "{ \"a\":1}",
		"{\"a\" :1}", "{\"a\": 1}", "{\"a\":1 }", " {\"a\":1}",
		"{\"a\":1} " };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		parse(&t, cdp_str_of(no[i]));
		assert_false(cdp_json_splice_isone(&t));
	}
	parse(&t, CDP_STR("{\"profile.audiences\":{\"a\":\"}\"}}"));
	assert_true(cdp_json_splice_isone(&t));
}

static int
free_all(void **state)
{
	(void)state;
	cdp_buf_free(&b);
	cdp_tape_free(&t);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_str_escapes_no_more_than_it_must),
		cmocka_unit_test(test_str_replaces_what_is_not_utf8),
		cmocka_unit_test(test_members_get_their_commas),
		cmocka_unit_test(test_canonical_sorts_and_respells),
		cmocka_unit_test(test_canonical_is_one_spelling_for_one_value),
		cmocka_unit_test(test_splice_ends_with_cdp),
		cmocka_unit_test(test_splice_replaces_removes_and_adds),
		cmocka_unit_test(test_splice_changes_members_of_members),
		cmocka_unit_test(test_splice_takes_a_big_edit),
		cmocka_unit_test(test_splice_keeps_white_space_inside_runs),
		cmocka_unit_test(test_splice_past_the_ceiling_says_so),
		cmocka_unit_test(test_splice_equals_the_slow_way),
		cmocka_unit_test(test_isone_refuses_what_must_be_parsed),
	};

	return cmocka_run_group_tests(tests, NULL, free_all);
}
