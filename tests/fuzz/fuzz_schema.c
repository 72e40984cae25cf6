/*
 * A schema on the first line, a value on the rest: whatever they are, what is
 * compiled judges without a fault, and "not" of the schema says the opposite.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/json/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct cdp_tape schema, value;
static struct cdp_arena mem;
static struct cdp_buf text;

/* 1 valid, 0 invalid, -1 no verdict. */
static int
judge(struct cdp_str s)
{
	struct cdp_violation *v = NULL;
	struct cdp_schema *sc = NULL;
	struct cdp_err err = { 0 };
	int ret = -1;

	if (cdp_tape_parse(&schema, s, &err) != 0)
		return -1;
	if (cdp_schema_compile(&schema, 0, &sc, &err) == 0 &&
	    cdp_schema_check(sc, &value, 0, &mem, &v, &err) == 0)
		ret = v == NULL;
	for (; v != NULL; v = v->next)
		if (v->field.n == 0 || v->text.n == 0 || v->at >= value.ntok)
			abort();
	cdp_schema_free(sc);
	return ret;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cdp_str in = { (const char *)data, size }, s, v;
	const char *nl = size != 0 ? memchr(data, '\n', size) : NULL;
	struct cdp_err err = { 0 };
	int yes, no;

	if (nl == NULL)
		return 0;
	s = (struct cdp_str){ in.p, (size_t)(nl - in.p) };
	v = (struct cdp_str){ nl + 1, size - s.n - 1 };
	if (cdp_tape_parse(&value, v, &err) != 0)
		return 0;
	yes = judge(s);
	/* A $ref starts at the root, which "not" moves. */
	if (yes != -1 && memmem(s.p, s.n, "ref", 3) == NULL &&
	    memchr(s.p, '\\', s.n) == NULL) {
		cdp_buf_reset(&text);
		cdp_buf_puts(&text, "{\"not\":");
		cdp_buf_put(&text, s);
		cdp_buf_putc(&text, '}');
		no = judge(cdp_buf_str(&text));
		if (no != -1 && no == yes) {
			fprintf(stderr, "not says the same\n");
			abort();
		}
	}
	cdp_arena_reset(&mem);
	return 0;
}
