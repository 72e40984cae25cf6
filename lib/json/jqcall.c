#include "lib/json/jqcall.h"

#include <string.h>

#include "lib/base/hash.h"

static const char ours[] =
    "def __phost: debug | input; "
    "def lookup($name; $key): [\"lookup\", $name, $key] | __phost; "
    "def sha256: [\"sha256\", .] | __phost; "
    "def number: [\"number\", ., null, null] | __phost; "
    "def number($digits): [\"number\", ., $digits, null] | __phost; "
    "def currency: [\"currency\", ., null, null] | __phost; "
    "def currency($code): [\"currency\", ., $code, null] | __phost; "
    "def date($form): [\"date\", ., $form, null] | __phost; "
    "def date($form; $zone): [\"date\", ., $form, $zone] | __phost; "
    "def seconds: [\"seconds\", ., null, null] | __phost; "
    "def cdp_given($what): if . == null then error(\"\\($what) gives null\") "
    "else . end; ";

/*
 * What must not reach a program: the world, and the time of day.  A shadowed
 * name compiles, so that the message says what is wrong with it.  All of this
 * is on one line: the text of a program begins on the second.
 */
static const char *const disabled[] = { "env", "input", "inputs",
	"input_filename", "input_line_number", "now", "localtime",
	"strflocaltime(f)", "debug", "debug(f)", "stderr", "halt", "halt_error",
	"halt_error(c)", "modulemeta", "get_search_list", "get_prog_origin",
	"get_jq_origin", "have_decnum", "have_literal_numbers", NULL };

void
cdp_jqcall_prelude(struct cdp_buf *b)
{
	cdp_buf_puts(b, ours);
	for (size_t i = 0; disabled[i] != NULL; i++)
		cdp_buf_printf(b, "def %s: error(\"%s is disabled\"); ",
		    disabled[i], disabled[i]);
	cdp_buf_puts(b, "{} as $ENV | ");
}

static void
on_debug(void *arg, jv msg)
{
	struct cdp_jqcall *c = arg;

	if (c->has_call)
		jv_free(c->call);
	c->call = msg;
	c->has_call = true;
}

static jv
answer_lookup(struct cdp_jqcall *c, jv args)
{
	struct cdp_err err = { 0 };
	jv text;
	int rc;

	if (c->lookup == NULL) {
		jv_free(args);
		return jv_null();
	}
	text = jv_dump_string(args, 0);
	cdp_buf_reset(&c->answer);
	rc = c->lookup(c->lookup_arg,
	    (struct cdp_str){ jv_string_value(text),
		(size_t)jv_string_length_bytes(jv_copy(text)) },
	    &c->answer, &err);
	jv_free(text);
	if (rc != 0)
		return jv_invalid_with_msg(jv_string(err.msg));
	if (c->answer.n == 0)
		return jv_null();
	return jv_parse_sized(c->answer.p, (int)c->answer.n);
}

/* The digest of null or of a number would be a value that matches nobody. */
static jv
answer_sha256(jv args)
{
	jv s = jv_array_get(args, 0);
	char hex[65];

	if (jv_get_kind(s) != JV_KIND_STRING) {
		jv_free(s);
		return jv_invalid_with_msg(jv_string("sha256 needs a string"));
	}
	cdp_hash_sha256_plain((struct cdp_str){ jv_string_value(s),
				  (size_t)jv_string_length_bytes(jv_copy(s)) },
	    hex);
	jv_free(s);
	return jv_string(hex);
}

static jv
on_input(jq_state *st, void *arg)
{
	struct cdp_jqcall *c = arg;
	jv name, args;
	jv ret;

	(void)st;
	if (!c->has_call)
		return jv_null();
	name = jv_array_get(jv_copy(c->call), 0);
	args = jv_array_slice(c->call, 1, jv_array_length(jv_copy(c->call)));
	c->has_call = false;
	if (strcmp(jv_string_value(name), "sha256") == 0)
		ret = answer_sha256(args);
	else if (strcmp(jv_string_value(name), "lookup") == 0)
		ret = answer_lookup(c, args);
	else
		ret =
		    cdp_jqformat_call(&c->format, jv_string_value(name), args);
	jv_free(name);
	return ret;
}

void
cdp_jqcall_attach(struct cdp_jqcall *c, jq_state *st)
{
	jq_set_debug_cb(st, on_debug, c);
	jq_set_input_cb(st, on_input, c);
}

void
cdp_jqcall_free(struct cdp_jqcall *c)
{
	if (c->has_call)
		jv_free(c->call);
	cdp_buf_free(&c->answer);
	cdp_jqformat_free(&c->format);
}
