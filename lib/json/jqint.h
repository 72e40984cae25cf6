#ifndef CDP_JSON_JQINT_H
#define CDP_JSON_JQINT_H

#include "lib/base/map.h"
#include "lib/json/jqcall.h"
#include "lib/json/jqplain.h"

/*
 * jqint: what jq.c and jqrun.c share; jv stays in them, and in jqcall.c.
 */
struct cdp_jqprog {
	char *text;
	char *place;
	char *settings; /* "null" of most */
	jv settings_jv;
	size_t n;
	bool want; /* it may run */
	bool used; /* it, or one of the same text, may run */
	int id;
	struct cdp_jqplain *plain; /* NULL: only jq knows */
	/* Of the same text: the one that is compiled, and another. */
	struct cdp_jqprog *first, *next;
};

struct cdp_jq {
	struct cdp_jqprog **v;
	size_t n, cap;
	struct cdp_map by_text; /* to struct cdp_jqprog */
	struct cdp_buf vars, secrets;
	jq_state *run;  /* the wanted programs, joined */
	bool stale;     /* more are wanted than run knows */
	size_t checked; /* so many, from the first, are known to compile */
	bool guilty;    /* together they do not: ask each */
	struct cdp_buf text;
	struct cdp_buf msg; /* what libjq said while compiling */
	int limit_ms;
	struct cdp_jqcall call;
	struct cdp_buf in; /* the last input, and what it was read into */
	jv in_jv;
	struct cdp_tape in_tape;
	bool has_jv, has_tape;
	struct cdp_buf out;
};

/* Compile what is wanted, if that is not done. */
int cdp_jq_ready(struct cdp_jq *jq, struct cdp_err *err);

/* The input that was read last. */
void cdp_jq_forget(struct cdp_jq *jq);

#endif
