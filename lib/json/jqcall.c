#include "lib/json/jqcall.h"

const char cdp_jqcall_defs[] =
    "def __phost: debug | input; "
    "def lookup($name; $key): [\"lookup\", $name, $key] | __phost; ";

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
on_input(jq_state *st, void *arg)
{
	struct cdp_jqcall *c = arg;
	struct cdp_err err = { 0 };
	jv args, text;
	int rc;

	(void)st;
	if (!c->has_call || c->lookup == NULL)
		return jv_null();
	args = jv_array_slice(c->call, 1, jv_array_length(jv_copy(c->call)));
	c->has_call = false;
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
}
