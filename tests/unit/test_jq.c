#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/json/jq.h"
#include "lib/json/jqlex.h"
#include "lib/json/jqplain.h"

struct fix {
	struct cdp_jq *jq;
	struct cdp_arena mem;
	struct cdp_err err;
	struct cdp_str out;
};

static int
setup(void **state)
{
	struct fix *f = calloc(1, sizeof(*f));

	f->jq = cdp_jq_new();
	cdp_jq_vars(f->jq, CDP_STR("{\"shop\":\"loja\"}"));
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fix *f = *state;

	cdp_jq_free(f->jq);
	cdp_arena_free(&f->mem);
	free(f);
	return 0;
}

static int
add(struct fix *f, const char *text)
{
	int id = cdp_jq_add(f->jq, cdp_str_of(text), CDP_STR("a.yaml:3:9"));

	cdp_jq_want(f->jq, id);
	return id;
}

static int
run(struct fix *f, int id, const char *input)
{
	f->err = (struct cdp_err){ 0 };
	return cdp_jq_run(
	    f->jq, id, cdp_str_of(input), &f->mem, &f->out, &f->err);
}

static void
is(struct fix *f, const char *text, const char *input, const char *want)
{
	int rc = run(f, add(f, text), input);

	if (rc != 0)
		fail_msg("%s: %s", text, f->err.msg);
	if (!cdp_str_is(f->out, want))
		fail_msg(
		    "%s: %.*s, not %s", text, (int)f->out.n, f->out.p, want);
}

/* A program that does not compile must not stop the others of the test. */
static const char *
refused(const char *text)
{
	static struct cdp_err err;
	struct cdp_jq *jq = cdp_jq_new();
	int good = cdp_jq_add(jq, CDP_STR("."), CDP_STR("good:1:1"));
	int bad = cdp_jq_add(jq, cdp_str_of(text), CDP_STR("bad:2:2"));
	int last = cdp_jq_add(jq, CDP_STR(".a"), CDP_STR("good:3:3"));
	struct cdp_arena mem = { 0 };
	struct cdp_str out;

	cdp_jq_want(jq, good);
	cdp_jq_want(jq, bad);
	cdp_jq_want(jq, last);
	assert_int_equal(
	    cdp_jq_run(jq, good, CDP_STR("1"), &mem, &out, &err), CDP_ECONF);
	if (strstr(err.msg, "bad:2:2") == NULL)
		fail_msg("%s: does not name it: %s", text, err.msg);
	assert_int_equal(cdp_jq_check(jq, good, &err), 0);
	assert_int_equal(cdp_jq_check(jq, last, &err), 0);
	assert_int_equal(cdp_jq_check(jq, bad, &err), CDP_ECONF);
	cdp_arena_free(&mem);
	cdp_jq_free(jq);
	return err.msg;
}

static void
test_run_gives_the_first_output(void **state)
{
	struct fix *f = *state;

	is(f, ".a", "{\"a\":[1,{\"b\":null}]}", "[1,{\"b\":null}]");
	is(f, ".a, .b", "{\"a\":1,\"b\":2}", "1");
	is(f, ".", "\"\\u00e9\\n\"", "\"\xc3\xa9\\n\"");
	assert_int_equal(run(f, add(f, "empty"), "1"), CDP_END);
	assert_int_equal(run(f, add(f, ".a.b"), "{\"a\":1}"), CDP_EDATA);
	assert_string_equal(
	    f->err.msg, "cannot index number with string \"b\"");
	assert_int_equal(run(f, add(f, "error({a: 1})"), "1"), CDP_EDATA);
	assert_string_equal(f->err.msg, "{\"a\":1}");
}

static void
test_run_keeps_whole_numbers_whole(void **state)
{
	struct fix *f = *state;

	is(f, ".", "9007199254740991", "9007199254740991");
	is(f, ".", "-9007199254740991", "-9007199254740991");
	is(f, ".", "1.0", "1");
	is(f, ".", "1e15", "1000000000000000");
	is(f, ". * 100", "19.99", "1998.9999999999998");
	is(f, ".", "0.1", "0.1");
}

static void
test_programs_do_not_see_each_other(void **state)
{
	struct fix *f = *state;
	int first = add(f, "def f: 1; f + . # says one"), id;

	for (int i = 0; i < 40; i++) {
		char text[64];

		snprintf(text, sizeof(text), "def f: %d; . as $x | f + $x", i);
		add(f, text);
	}
	is(f, "def f: 100; def g: f; g", "1", "100");
	assert_int_equal(run(f, first, "1"), 0);
	assert_true(cdp_str_is(f->out, "2"));
	id = add(f, "def f: 39; . as $x | f + $x");
	assert_int_equal(run(f, id, "2"), 0);
	assert_true(cdp_str_is(f->out, "41"));
	assert_non_null(strstr(refused("$x"), "x is not defined"));
	assert_non_null(strstr(refused("__p0"), "reserved"));
}

static void
test_add_shares_equal_texts(void **state)
{
	struct fix *f = *state;

	int other = cdp_jq_add(f->jq, CDP_STR(".a"), CDP_STR("b.yaml:1:1"));

	assert_int_equal(add(f, ".a"), add(f, ".a"));
	assert_int_not_equal(add(f, ".a"), other);
	assert_true(cdp_str_is(cdp_jq_place(f->jq, other), "b.yaml:1:1"));
	assert_int_equal(run(f, other, "{\"a\":7}"), CDP_ECONF);
	cdp_jq_want(f->jq, other);
	assert_int_equal(run(f, other, "{\"a\":7}"), 0);
	assert_true(cdp_str_is(f->out, "7"));
	assert_int_not_equal(add(f, ".a"), add(f, ".b"));
	assert_int_equal(cdp_jq_count(f->jq), 3);
	assert_true(
	    cdp_str_is(cdp_jq_place(f->jq, add(f, ".b")), "a.yaml:3:9"));
}

static void
test_run_refuses_what_nobody_wanted(void **state)
{
	struct fix *f = *state;
	int id = cdp_jq_add(f->jq, CDP_STR(".a"), CDP_STR("b:1:1"));

	assert_int_equal(run(f, id, "1"), CDP_ECONF);
}

static void
test_vars_are_bound(void **state)
{
	struct fix *f = *state;

	is(f, "$vars.shop", "null", "\"loja\"");
	is(f, "$secrets", "null", "{}");
	is(f, "$ENV", "null", "{}");
	is(f, "def f: $vars.shop; f | length", "null", "4");
}

static void
test_programs_see_no_world(void **state)
{
	static const char *const text[] = { "env", "input", "[inputs]",
		"input_filename", "input_line_number", "now", "localtime",
		"strflocaltime(\"%Y\")", "debug", "stderr", "halt",
		"halt_error", "halt_error(1)", "\"a\" | modulemeta",
		"get_search_list", "[.[] | now]" };
	struct fix *f = *state;
	bool home;

	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++) {
		assert_int_equal(run(f, add(f, text[i]), "[0]"), CDP_EDATA);
		if (strstr(f->err.msg, "is disabled") == NULL)
			fail_msg("%s: %s", text[i], f->err.msg);
	}
	setenv("CDP_TEST_TOKEN", "sesame", 1);
	home = getenv("HOME") != NULL;
	is(f, "$ENV.CDP_TEST_TOKEN", "0", "null");
	cdp_jq_sandbox();
	assert_true(!home || getenv("HOME") == NULL);
	assert_string_equal(getenv("TZ"), "UTC");
}

static void
test_compile_refuses_modules(void **state)
{
	(void)state;
	refused("import \"a\" as a; 1");
	refused("include \"a\"; 1");
	refused("import \"a\" as $a; $a");
}

static void
test_compile_names_the_guilty(void **state)
{
	(void)state;
	assert_non_null(strstr(refused(".a) | (env"), "bracket"));
	assert_non_null(strstr(refused("1; def g: 2"), "semicolon"));
	assert_non_null(strstr(refused("def g: 2"), "definition"));
	assert_non_null(strstr(refused(".a\n| foo"),
	    "foo/0 is not defined at line 2 of the program"));
	assert_non_null(strstr(refused(".a |"), "syntax error"));
}

static int
lex(const char *text)
{
	struct cdp_err err = { 0 };

	return cdp_jqlex_check(cdp_str_of(text), &err);
}

static void
test_jqlex_check_passes_whole_programs(void **state)
{
	static const char *const good[] = { ".", "def f: 1; f",
		"def f(a; $b): def g: a; g + $b; f(1; 2)",
		"reduce .[] as $x (0; . + $x)", "{def: 1, \"a;b\": [2]}",
		"\"\\(.a | f(\"x)\"; 2)) ;\"", ".def", "$def", "# a ) ;\n.",
		"limit(3; def h: 1; h)", "@base64 \"a\\(.b)c\"", "\"\\\"(\"",
		".__p", "[.[] | {a: (.b; .c)}]" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (lex(good[i]) != 0)
			fail_msg("%s", good[i]);
}

static void
test_jqlex_check_refuses_what_slips_out(void **state)
{
	static const char *const bad[] = { ".a) | (env", ".a] | [1", "1;",
		"1; def f: 2", "def f: 1; 2; def g: 3", "[1; 2]", "{a: 1; b}",
		"\"\\(1; 2)\"", "\"", "(", "(]", "\"\\(\"", "def f: 1",
		"(def f: 1)", "# x \\\n.", "$__loc__", "__p1" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (lex(bad[i]) != CDP_ECONF)
			fail_msg("%s", bad[i]);
}

/* In a child: the limit ends the process. */
static void
test_run_ends_with_its_time(void **state)
{
	struct fix *f = *state;
	int id = add(f, "last(range(1e12))"), fd[2], status;
	char said[200] = "";
	pid_t pid;

	assert_int_equal(pipe(fd), 0);
	if ((pid = fork()) == 0) {
		dup2(fd[1], STDERR_FILENO);
		cdp_jq_limit(f->jq, 60);
		run(f, id, "1");
		_exit(99);
	}
	close(fd[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 2);
	assert_true(read(fd[0], said, sizeof(said) - 1) > 0);
	close(fd[0]);
	assert_non_null(strstr(said, "a.yaml:3:9 runs too long"));
}

/* Many short runs together may last longer than one may. */
static void
test_run_limits_one_not_all(void **state)
{
	struct fix *f = *state;
	int id = add(f, "[range(1000)] | length");
	clock_t from = clock();

	cdp_jq_limit(f->jq, 40);
	while (clock() - from < CLOCKS_PER_SEC / 10)
		assert_int_equal(run(f, id, "1"), 0);
}

/* FIPS 180-4's own examples, by way of NIST's test vectors. */
static void
test_sha256_is_the_standards(void **state)
{
	struct fix *f = *state;

	is(f, "sha256", "\"abc\"",
	    "\"ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad\"");
	is(f, "sha256", "\"\"",
	    "\"e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855\"");
	is(f, "[.[] | sha256[:8]]",
	    "[\"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq\","
	    "\"\u00e9\"]",
	    "[\"248d6a61\",\"4a99557e\"]");
	is(f, "try (null | sha256) catch .", "1", "\"sha256 needs a string\"");
	is(f, "[lookup(\"a\"; 1), (\"abc\" | sha256[:4])]", "1",
	    "[null,\"ba78\"]");
}

/* One text with two settings is one program, and each sees its own. */
static void
test_settings_are_bound(void **state)
{
	static const char text[] =
	    "$__settings as $settings | [., $settings.a]";
	struct fix *f = *state;
	const struct cdp_str at = CDP_STR("p:1:1");
	int one =
	    cdp_jq_add_with(f->jq, cdp_str_of(text), at, CDP_STR("{\"a\":1}"));
	int two = cdp_jq_add_with(
	    f->jq, cdp_str_of(text), at, CDP_STR("{\"a\":[2]}"));
	int none = cdp_jq_add(f->jq, cdp_str_of(text), at);

	assert_int_equal(one,
	    cdp_jq_add_with(f->jq, cdp_str_of(text), at, CDP_STR("{\"a\":1}")));
	cdp_jq_want(f->jq, one);
	cdp_jq_want(f->jq, two);
	cdp_jq_want(f->jq, none);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(run(f, one, "0"), 0);
		assert_true(cdp_str_is(f->out, "[0,1]"));
		assert_int_equal(run(f, two, "0"), 0);
		assert_true(cdp_str_is(f->out, "[0,[2]]"));
		assert_int_equal(run(f, none, "0"), 0);
		assert_true(cdp_str_is(f->out, "[0,null]"));
	}
}

static void
test_strict_texts_say_no_null(void **state)
{
	struct fix *f = *state;
	struct cdp_jqplain *plain;
	struct cdp_buf b = { 0 };
	int id;

	cdp_jqlex_strict(CDP_STR("\"a\\(.x)\\(.y.z)\""), &b);
	plain = cdp_jqplain_new(cdp_buf_str(&b));
	assert_non_null(plain); /* as quick as before */
	cdp_jqplain_free(plain);
	id = add(f, cdp_buf_cstr(&b));
	assert_int_equal(run(f, id, "{\"x\":1,\"y\":{\"z\":\"b\"}}"), 0);
	assert_true(cdp_str_is(f->out, "\"a1b\""));
	assert_int_equal(run(f, id, "{\"x\":1}"), CDP_EDATA);
	assert_string_equal(f->err.msg, ".y.z gives null");
	cdp_buf_free(&b);
}

/* In parentheses it is a program for jq: the oracle. */
static void
same_as_jq(struct fix *f, const char *text, const char *input)
{
	struct cdp_str plain = { 0 };
	char *whole = malloc(strlen(text) + 4), said[sizeof(f->err.msg)];
	int rc;

	sprintf(whole, "(%s\n)", text);
	rc = run(f, add(f, text), input);
	if (rc == 0)
		plain = f->out;
	snprintf(said, sizeof(said), "%s", f->err.msg);
	if (rc != run(f, add(f, whole), input) ||
	    strcmp(said, f->err.msg) != 0 ||
	    (rc == 0 && !cdp_str_eq(plain, f->out)))
		fail_msg("%s of %s: %.*s, but jq: %.*s", text, input,
		    (int)plain.n, plain.p, (int)f->out.n, f->out.p);
	free(whole);
}

static void
test_plain_programs_give_what_jq_gives(void **state)
{
	static const char *const texts[] = { ".", ".a", " .a.b\n", ".a.b.c",
		".a.b.c.d.e.f.g.h.i", ".a?", ".a[0]", ".a.\"b\"", "..", ".a .b",
		".if", ".a # b", "\"\"", "\"x y\"", "\"Olá \\(.a) é\"",
		"\"\\(.a)\"", "\"\\(.a.b)\\(.a.c)-\"", "\"\\(.a)\\n\"",
		"\"\\u0041\\(.a)\"", "\"\\( .a )\"", "\"\\(.a + .b)\"",
		"\"a\" + \"b\"", "\"\\(.a | length)\"", "\"\\(\"\\(.a)\")\"",
		"\"{\\(.a)}\"" };
	static const char *const values[] = { "null", "true", "false", "0",
		"-0", "1", "-17", "100", "999999999999999", "9999999999999999",
		"9007199254740993", "1.0", "1.50", "1e3", "1E400", "0.1",
		"123456789012345678901234567890", "\"\"", "\"x\"", "\"é ü 🎉\"",
		"\"a\\\"b\"", "\"\\u00e9\"", "\"\\n\"", "\"\x7f\"",
		"\"\\u0000\"", "\"a/b\"", "[]", "[1]", "{}", "{\"b\":1}",
		"{\"b\":{\"c\":\"x\"},\"c\":2}", "{\"b\":null,\"c\":[1, 2]}",
		"{\"b\":1,\"b\":\"2\"}", "{\"if\": 3}" };
	char input[256];

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		sprintf(input, "(%s\n)", texts[i]);
		add(*state, texts[i]);
		add(*state, input);
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		same_as_jq(*state, texts[i], "[]");
		same_as_jq(*state, texts[i], "\"a\"");
		same_as_jq(*state, texts[i], " null ");
		same_as_jq(*state, texts[i], "{\"a\":");
		for (size_t k = 0; k < sizeof(values) / sizeof(*values); k++) {
			sprintf(input, "{\"b\":5, \"a\": %s}", values[k]);
			same_as_jq(*state, texts[i], input);
		}
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		/* First: a child does not inherit the timer. */
		T(test_run_ends_with_its_time),
		T(test_run_gives_the_first_output),
		T(test_run_keeps_whole_numbers_whole),
		T(test_programs_do_not_see_each_other),
		T(test_add_shares_equal_texts),
		T(test_run_refuses_what_nobody_wanted),
		T(test_vars_are_bound),
		T(test_programs_see_no_world),
		T(test_compile_refuses_modules),
		T(test_compile_names_the_guilty),
		T(test_jqlex_check_passes_whole_programs),
		T(test_jqlex_check_refuses_what_slips_out),
		T(test_plain_programs_give_what_jq_gives),
		T(test_run_limits_one_not_all),
		T(test_sha256_is_the_standards),
		T(test_settings_are_bound),
		T(test_strict_texts_say_no_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
