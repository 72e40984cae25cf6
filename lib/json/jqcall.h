#ifndef CDP_JSON_JQCALL_H
#define CDP_JSON_JQCALL_H

#include <jq.h>
#include <jv.h>

#include "lib/json/jq.h"
#include "lib/json/jqformat.h"

/*
 * jqcall: functions of ours that programs may call; part of jq.c.
 *
 * libjq 1.6 has no way to add a function, but it has two calls back: `debug`
 * hands out a value and `input` takes one in.  One after the other they are a
 * call.  No program reaches either of them by its own name.
 */
struct cdp_jqcall {          /* an empty one is { 0 } */
	cdp_jq_host *lookup; /* or NULL */
	void *lookup_arg;
	jv call; /* [name, arguments...] */
	bool has_call;
	struct cdp_buf answer;
	struct cdp_jqformat format;
};

/*
 * What stands before all programs, on one line: defines them, and disables
 * what must not reach a program.
 */
void cdp_jqcall_prelude(struct cdp_buf *b);

void cdp_jqcall_attach(struct cdp_jqcall *c, jq_state *st);
void cdp_jqcall_free(struct cdp_jqcall *c);

#endif
