#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/json/tail.h"
#include "lib/json/write.h"
#include "tests/unit/json_gen.h"

static const struct cdp_str member = { "\"cdp\":{\"o\":\"main.merge\",", 24 };

static struct cdp_tape tape;
static struct cdp_arena mem;

static struct cdp_line
read_line(const char *z)
{
	struct cdp_line ln;

	cdp_arena_reset(&mem);
	assert_int_equal(
	    cdp_line_parse(cdp_str_of(z), 1, &tape, &mem, &ln, NULL), 0);
	return ln;
}

static void
test_find_tells_what_we_write(void **state)
{
	static const char line[] =
	    "{\"a\":1,\"cdp\":{\"o\":\"main.ingest\",\"n\":9007199254740992}}";
	struct cdp_tail tail;
	size_t i;

	(void)state;
	assert_true(cdp_tail_find(cdp_str_of(line), &tail));
	assert_true(cdp_str_is(tail.o, "main.ingest"));
	assert_int_equal(tail.n, CDP_LINE_N_MAX);
	assert_int_equal(tail.at, 6);
	/* No shorter part of it does, from either end. */
	for (i = 0; i + 1 < sizeof(line); i++)
		assert_false(cdp_tail_find((struct cdp_str){ line, i }, &tail));
	for (i = 7; i < sizeof(line); i++)
		assert_false(cdp_tail_find(
		    (struct cdp_str){ line + i, sizeof(line) - 1 - i }, &tail));
}

static void
test_find_refuses_other_spellings(void **state)
{
	static const char *const no[] = { "", "}", "}}",
		"{,\"cdp\":{\"o\":\"x\",\"n\":}}",
		"{,\"cdp\":{\"o\":\"\",\"n\":1}}",
		"{,\"cdp\":{\"o\":\"x\",\"n\":-1}}",
		"{,\"cdp\":{\"o\":\"x\",\"n\":1.5}}",
		"{,\"cdp\":{\"o\":\"x\\\"\",\"n\":1}}",
		"{,\"cdp\":{\"o\":\"x\", \"n\":1}}",
		"{,\"cdp\":{\"o\":\"x\",\"n\":1} }",
		"{,\"cdp\":{\"o\":\"x\",\"n\":1}}\r",
		"{,\"cdp\":{\"n\":1,\"o\":\"x\"}}",
		"{,\"cdp\":{\"o\":\"x\",\"n\":9007199254740993}}",
		"{,\"cdp\":{\"o\":\"x\",\"n\":99999999999999999999999}}",
		"{,\"cdp\":{\"o\":\"0123456789012345678901234567890123456789"
		"0123456789012345678901234\",\"n\":1}}" };
	struct cdp_tail tail;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		if (cdp_tail_find(cdp_str_of(no[i]), &tail))
			fail_msg("found in %s", no[i]);
}

#define TAIL ",\"cdp\":{\"o\":\"x\",\"n\":1}}"

static void
test_is_needs_what_a_splice_would_see(void **state)
{
	static const struct {
		const char *line;
		bool plain, profile, inside; /* for each of the names */
	} v[] = {
		{ "{\"a\":1" TAIL, true, true, true },
		{ "{\"a\":\"b\"" TAIL, true, true, true },
		{ "{\"a\":{}" TAIL, true, true, false },
		{ "{\"profile\":{\"id\":1}" TAIL, true, false, true },
		{ "{\"profile\":{}" TAIL, true, false, false },
		{ "{\"profile\":{ \"id\":1}" TAIL, true, false, false },
		{ "{\"profile\":{\"id\":1 }" TAIL, true, false, false },
		{ "{\"profile\":{\"audiences\":1}" TAIL, true, false, false },
		{ "{\"profile\":{\"audience\\u0073\":1}" TAIL, true, false,
		    false },
		{ "{\"profile\":{\"id\":1},\"x\":{\"y\":1}" TAIL, true, false,
		    false },
		{ "{\"profile\":{\"id\":1},\"x\":1" TAIL, true, false, true },
		{ "{\"x\":{\"profile\":{\"id\":1}}" TAIL, true, true, false },
		{ "{\"profile\":{\"id\":1},\"profile\":{\"id\":1}" TAIL, false,
		    false, false },
		{ "{\"\\u0070rofile\":1" TAIL, false, false, false },
		{ "{\"cdp\":1,\"a\":1" TAIL, false, false, false },
		{ "{\"\\u0063dp\":1,\"a\":1" TAIL, false, false, false },
		{ "{\"a\":1 " TAIL, false, false, false },
		{ "{ \"a\":1" TAIL, false, false, false },
		{ " {\"a\":1" TAIL, false, false, false },
		{ "{\"a\":1" TAIL " ", false, false, false },
		{ "{\"a\":{\"b\":1" TAIL "}", false, false, false },
		{ "{\"a\":\""
		  "\\\",\\\"cdp\\\":{\\\"o\\\":\\\"x\\\",\\\"n\\\":1}}"
		  "\"}",
		    false, false, false },
		{ "{\"cdp\":{\"o\":\"x\",\"n\":1}}", false, false, false },
	};
	struct cdp_tail tail;
	struct cdp_line ln;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		ln = read_line(v[i].line);
		if (cdp_tail_is(&ln, CDP_STR(""), &tail) != v[i].plain ||
		    cdp_tail_is(&ln, CDP_STR("profile"), &tail) !=
			v[i].profile ||
		    cdp_tail_is(&ln, CDP_STR("profile.audiences"), &tail) !=
			v[i].inside)
			fail_msg("wrong of %s", v[i].line);
	}
}

/* Who reads for others may say where a line is from that does not. */
static void
test_is_not_what_only_the_reader_says(void **state)
{
	struct cdp_line ln = read_line("{\"a\":1}");
	struct cdp_tail tail;

	(void)state;
	ln.o = CDP_STR("main.ingest");
	ln.n = 1;
	assert_false(cdp_tail_is(&ln, CDP_STR(""), &tail));
}

/* One member of a line: of some that are plain, and some that are traps. */
static void
put_member(uint64_t *what, struct cdp_buf *b)
{
	static const char *const odd[] = { "\"profile\":{}",
		"\"profile\":{ \"id\":\"p\"}", "\"profile\":{\"id\":\"p\"} ",
		"\"profile\":null", "\"profile\":{\"audiences\":{}}",
		"\"\\u0070rofile\":{\"id\":1}", "\"cdp\":{\"o\":\"y\",\"n\":2}",
		"\"\\u0063dp\":1", "\"x\":\"\\\"},\\\"cdp\\\":\"",
		"\"x\":\",\\\"cdp\\\":{\\\"o\\\":\\\"x\\\",\\\"n\\\":1}}\"",
		"\"x\":{\"cdp\":{\"o\":\"x\",\"n\":1}}", "\"x\":[] ",
		"\"x\":{\"profile\":{\"id\":1}}" };
	struct gen g = { *what * 31 + 17, 1, true };
	unsigned k = gen_pick(what, 60);

	cdp_json_comma(b);
	if (k < sizeof(odd) / sizeof(odd[0])) {
		cdp_buf_puts(b, odd[k]);
	} else if (k < 30) {
		cdp_buf_puts(b, "\"profile\":");
		gen_object(&g, b, 2);
	} else {
		cdp_buf_printf(b, "\"m%u\":", k);
		gen_value(&g, b, 2);
	}
}

/* Of lines that are what they look like, both ways come to the same. */
static void
test_put_equals_the_splice(void **state)
{
	static const struct {
		const char *name, *edit;
	} v[] = { { "", "" }, { "profile", "" },
		{ "profile", "{\"profile\":{\"id\":\"p_1\"}}" },
		{ "profile.audiences", "" },
		{ "profile.audiences", "{\"profile.audiences\":{\"a\":true}}" },
		{ "profile.audiences", "{\"profile.audiences\":{}}" } };
	struct cdp_buf b = { 0 }, want = { 0 }, got = { 0 };
	struct cdp_str edit, name, raw;
	struct cdp_tail tail, is;
	struct cdp_line ln;
	uint64_t what = 7;
	unsigned i, k, n, took[6] = { 0 };

	(void)state;
	for (i = 0; i < 20000; i++) {
		cdp_buf_reset(&b);
		cdp_buf_putc(&b, '{');
		for (n = gen_pick(&what, 4); n-- > 0;)
			put_member(&what, &b);
		cdp_json_comma(&b);
		cdp_buf_printf(&b, "\"cdp\":{\"o\":\"x%u\",\"n\":%u}}",
		    gen_pick(&what, 9), gen_pick(&what, 99999));
		ln = read_line(cdp_buf_cstr(&b));
		raw = ln.raw;
		for (k = 0; k < 6; k++) {
			name = cdp_str_of(v[k].name);
			edit = cdp_str_of(v[k].edit);
			if (!cdp_tail_is(&ln, name, &is))
				continue;
			assert_true(cdp_tail_find(raw, &tail));
			assert_true(cdp_str_eq(tail.o, is.o));
			assert_int_equal(tail.n, is.n);
			assert_int_equal(tail.at, is.at);
			if (!cdp_tail_takes(raw, &tail, edit, name))
				continue;
			took[k]++;
			cdp_buf_reset(&want);
			cdp_buf_reset(&got);
			cdp_json_splice(
			    &want, ln.tape, edit, CDP_STR("main.merge"), i);
			cdp_tail_put(&got, raw, &tail, edit, name, member, i);
			if (!cdp_str_eq(cdp_buf_str(&want), cdp_buf_str(&got)))
				fail_msg("%.*s and %s: %.*s, not %.*s",
				    (int)raw.n, raw.p, edit.p, (int)got.n,
				    got.p, (int)want.n, want.p);
		}
	}
	for (k = 0; k < 6; k++)
		assert_in_range(took[k], 500, 19000);
	cdp_buf_free(&b);
	cdp_buf_free(&want);
	cdp_buf_free(&got);
}

static void
test_takes_one_kind_of_edit(void **state)
{
	static const char line[] = "{\"profile\":{\"id\":1}" TAIL;
	struct cdp_str raw = cdp_str_of(line),
		       in = CDP_STR("profile.audiences");
	struct cdp_str name = CDP_STR("profile");
	struct cdp_tail tail;

	(void)state;
	assert_true(cdp_tail_find(raw, &tail));
	assert_true(cdp_tail_takes(raw, &tail, CDP_STR(""), CDP_STR("")));
	assert_false(
	    cdp_tail_takes(raw, &tail, CDP_STR("{\"profile\":1}"), in));
	assert_false(cdp_tail_takes(
	    raw, &tail, CDP_STR("{\"profile\":1}"), CDP_STR("")));
	assert_false(
	    cdp_tail_takes(raw, &tail, CDP_STR("{\"profiles\":1}"), name));
	assert_false(
	    cdp_tail_takes(raw, &tail, CDP_STR("{\"profil\":1}"), name));
	raw = CDP_STR("{\"profile\":1" TAIL);
	assert_true(cdp_tail_find(raw, &tail));
	assert_false(cdp_tail_takes(
	    raw, &tail, CDP_STR("{\"profile.audiences\":{}}"), in));
}

static int
free_all(void **state)
{
	(void)state;
	cdp_tape_free(&tape);
	cdp_arena_free(&mem);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find_tells_what_we_write),
		cmocka_unit_test(test_find_refuses_other_spellings),
		cmocka_unit_test(test_is_needs_what_a_splice_would_see),
		cmocka_unit_test(test_is_not_what_only_the_reader_says),
		cmocka_unit_test(test_put_equals_the_splice),
		cmocka_unit_test(test_takes_one_kind_of_edit),
	};

	return cmocka_run_group_tests(tests, NULL, free_all);
}
