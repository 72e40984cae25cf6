#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lib/rule/diag.h"
#include "lib/rule/yaml.h"

struct doc {
	struct cdp_arena mem;
	struct cdp_diags diags;
	struct cdp_node *root;
	struct cdp_buf out;
};

static void
parse(struct doc *d, const char *text, size_t n)
{
	cdp_yaml_parse((struct cdp_str){ text, n }, "f.yaml", &d->mem,
	    &d->diags, &d->root);
}

static void
done(struct doc *d)
{
	cdp_buf_free(&d->out);
	cdp_diags_free(&d->diags);
	cdp_arena_free(&d->mem);
}

/* What a text reads as, in JSON. */
static void
reads_as(const char *text, const char *json)
{
	struct doc d = { 0 };

	parse(&d, text, strlen(text));
	assert_int_equal(d.diags.n, 0);
	assert_non_null(d.root);
	cdp_node_json(&d.out, d.root);
	assert_string_equal(cdp_buf_cstr(&d.out), json);
	done(&d);
}

/* The one fault of a text: its place, and a part of its message. */
static void
fails_at(const char *text, unsigned line, unsigned col, const char *msg)
{
	struct doc d = { 0 };

	parse(&d, text, strlen(text));
	if (d.diags.n != 1)
		fail_msg("%zu faults in '%s'", d.diags.n, text);
	if (strstr(d.diags.v[0].msg, msg) == NULL)
		fail_msg("'%s' is not in '%s'", msg, d.diags.v[0].msg);
	if (d.diags.v[0].at.line != line || d.diags.v[0].at.col != col)
		fail_msg("%u:%u for '%s'", d.diags.v[0].at.line,
		    d.diags.v[0].at.col, text);
	done(&d);
}

static void
test_parse_scalars(void **state)
{
	(void)state;
	reads_as("[true, false, yes, no, on, off, y, n]",
	    "[true,false,\"yes\",\"no\",\"on\",\"off\",\"y\",\"n\"]");
	reads_as("[True, FALSE, null, ~, Null, 'true', \"null\"]",
	    "[true,false,null,null,null,\"true\",\"null\"]");
	reads_as("[1, -2.5, 1e3, 0, -0, 9007199254740993]",
	    "[1,-2.5,1e3,0,-0,9007199254740993]");
	reads_as("[007, 0x1f, +5, .5, 5., .inf, 1_000, 2026-01-01, 30m, '1']",
	    "[\"007\",\"0x1f\",\"+5\",\".5\",\"5.\",\".inf\",\"1_000\","
	    "\"2026-01-01\",\"30m\",\"1\"]");
	reads_as("a:\nb: ''\n", "{\"a\":null,\"b\":\"\"}");
	reads_as("t: |\n  one\n  two\nf: >\n  a\n  b\n",
	    "{\"t\":\"one\\ntwo\\n\",\"f\":\"a b\\n\"}");
	reads_as("\xef\xbb\xbf"
		 "k: v\r\n",
	    "{\"k\":\"v\"}");
}

static void
test_parse_collections(void **state)
{
	(void)state;
	reads_as("z: {b: 1, a: [x, {y: 2}]}\na: []\nm: {}\n",
	    "{\"z\":{\"b\":1,\"a\":[\"x\",{\"y\":2}]},\"a\":[],\"m\":{}}");
	reads_as("a: &x {k: 1}\nb: *x\nc: [*x, *x]\n",
	    "{\"a\":{\"k\":1},\"b\":{\"k\":1},\"c\":[{\"k\":1},{\"k\":1}]}");
	/* The newest anchor of a name counts. */
	reads_as("[&x 1, *x, &x 2, *x]", "[1,1,2,2]");
}

static void
test_parse_keeps_places_in_bytes(void **state)
{
	static const char text[] = "a: 1\n"
				   "n\xc3\xa3o: {caf\xc3\xa9: \"x\", b: yes}\n"
				   "t: \xe2\x80\xa8 |\n"
				   "z: [1,\n 2]\n";
	static const char good[] = "a: 1\n"
				   "n\xc3\xa3o: {caf\xc3\xa9: \"x\", b: yes}\n"
				   "z: [1,\n 2]\n";
	struct cdp_node *v;
	struct doc d = { 0 };

	(void)state;
	parse(&d, good, sizeof(good) - 1);
	assert_int_equal(d.diags.n, 0);
	v = cdp_node_get(d.root, "n\xc3\xa3o");
	assert_int_equal(v->at.line, 2);
	assert_int_equal(v->at.col, 7);
	v = cdp_node_get(v, "caf\xc3\xa9");
	assert_int_equal(v->at.col, 15);
	assert_int_equal(v->at.width, 3);
	v = cdp_node_get(cdp_node_get(d.root, "n\xc3\xa3o"), "b");
	assert_int_equal(v->at.col, 23);
	assert_string_equal(v->at.file, "f.yaml");
	v = cdp_node_get(d.root, "z");
	assert_int_equal(v->at.line, 3);
	assert_int_equal(v->item[1]->at.line, 4);
	assert_int_equal(v->item[1]->at.col, 2);
	done(&d);
	/* A line separator ends a line for libyaml, not for an editor. */
	d = (struct doc){ 0 };
	parse(&d, text, sizeof(text) - 1);
	if (d.root != NULL) {
		v = cdp_node_get(d.root, "z");
		assert_true(v == NULL || v->at.line == 4);
	}
	done(&d);
}

static void
test_parse_refuses_with_place(void **state)
{
	(void)state;
	fails_at("a: 1\nb: 2\na: 3\n", 3, 1, "first at f.yaml:1:1");
	fails_at("m: {x: 1, x: 2}\n", 1, 11, "first at f.yaml:1:5");
	fails_at("a: 1\n---\nb: 2\n", 2, 1, "second document");
	fails_at("a: !!str 1\n", 1, 4, "tags");
	fails_at("a: !foo {b: 1}\n", 1, 4, "tags");
	fails_at("a: &x {k: 1}\nb:\n  <<: *x\n", 3, 3, "merge keys");
	fails_at("a: *nope\n", 1, 4, "no anchor");
	fails_at("a: &x [1, *x]\n", 1, 11, "inside what it names");
	fails_at("{[a]: 1}\n", 1, 2, "a key must be");
	fails_at("a: [1, 2\nb: 3\n", 2, 2, "did not find");
	fails_at("a: \"x\n", 2, 1, "unexpected end");
	fails_at("a: b\n\tc: d\n", 2, 1, "tab");
	fails_at("a: \xff\n", 1, 4, "UTF-8");
	fails_at("a: 1\nb: x\x01y\n", 2, 5, "control characters");
}

static void
test_parse_refuses_depth(void **state)
{
	char text[400] = "";
	struct doc d = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 64; i++)
		text[i] = '[';
	for (; i < 128; i++)
		text[i] = ']';
	parse(&d, text, 128);
	assert_int_equal(d.diags.n, 0);
	done(&d);
	d = (struct doc){ 0 };
	memset(text, '[', 65);
	memset(text + 65, ']', 65);
	parse(&d, text, 130);
	assert_int_equal(d.diags.n, 1);
	assert_int_equal(d.diags.v[0].at.col, 65);
	assert_null(d.root);
	done(&d);
	/* An alias brings its depth with it. */
	d = (struct doc){ 0 };
	i = 0;
	memcpy(text, "- &a ", 5);
	memset(text + 5, '[', 40);
	memset(text + 45, ']', 40);
	memcpy(text + 85, "\n- ", 3);
	memset(text + 88, '[', 40);
	memcpy(text + 128, "*a ", 3);
	memset(text + 131, ']', 40);
	parse(&d, text, 171);
	assert_int_equal(d.diags.n, 1);
	assert_null(d.root);
	done(&d);
}

static void
test_parse_refuses_alias_bombs(void **state)
{
	struct cdp_buf b = { 0 };
	struct doc d = { 0 };
	int i, k;

	(void)state;
	cdp_buf_puts(&b, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
	for (i = 1; i < 10; i++) {
		cdp_buf_printf(&b, "a%d: &a%d [", i, i);
		for (k = 0; k < 10; k++)
			cdp_buf_printf(&b, "%s*a%d", k ? ", " : "", i - 1);
		cdp_buf_puts(&b, "]\n");
	}
	parse(&d, b.p, b.n);
	assert_int_equal(d.diags.n, 1);
	assert_non_null(strstr(d.diags.v[0].msg, "aliases expanded"));
	assert_null(d.root);
	cdp_buf_free(&b);
	done(&d);
}

static void
test_parse_refuses_long_files(void **state)
{
	size_t n = ((size_t)1 << 20) + 1;
	char *text = malloc(n);
	struct doc d = { 0 };

	(void)state;
	memset(text, ' ', n);
	parse(&d, text, n - 1);
	assert_int_equal(d.diags.n, 0);
	assert_null(d.root);
	done(&d);
	d = (struct doc){ 0 };
	parse(&d, text, n);
	assert_int_equal(d.diags.n, 1);
	done(&d);
	free(text);
}

static void
test_parse_empty(void **state)
{
	static const char *const texts[] = { "", "# nothing\n", "---\n", "~",
		"---\n...\n" };
	struct doc d;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		d = (struct doc){ 0 };
		parse(&d, texts[i], strlen(texts[i]));
		assert_int_equal(d.diags.n, 0);
		assert_null(d.root);
		done(&d);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_scalars),
		cmocka_unit_test(test_parse_collections),
		cmocka_unit_test(test_parse_keeps_places_in_bytes),
		cmocka_unit_test(test_parse_refuses_with_place),
		cmocka_unit_test(test_parse_refuses_depth),
		cmocka_unit_test(test_parse_refuses_alias_bombs),
		cmocka_unit_test(test_parse_refuses_long_files),
		cmocka_unit_test(test_parse_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
