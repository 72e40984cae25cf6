#include "lib/rule/jnode.h"

#include <stdio.h>

#include "lib/json/tape.h"
#include "lib/rule/places.h"

struct reader {
	struct cdp_tape tape;
	struct cdp_places places;
	struct cdp_arena *mem;
};

static struct cdp_node *node(struct reader *rd, uint32_t at);

static bool
again(const struct reader *rd, uint32_t at, uint32_t key, uint32_t val)
{
	struct cdp_str name = cdp_tape_str(&rd->tape, key, rd->mem);

	return cdp_tape_get(&rd->tape, at, name) != val;
}

static void
members(struct reader *rd, uint32_t at, struct cdp_node *ret)
{
	size_t n = cdp_tape_count(&rd->tape, at);
	uint32_t it = 0, key, val;

	ret->item = cdp_arena_calloc(rd->mem, n + 1, sizeof(*ret->item));
	if (ret->kind == CDP_NODE_MAP)
		ret->key = cdp_arena_calloc(rd->mem, n + 1, sizeof(*ret->key));
	while (cdp_tape_next(&rd->tape, at, &it, &key, &val)) {
		if (key != CDP_NOTOK && again(rd, at, key, val))
			continue;
		if (key != CDP_NOTOK)
			ret->key[ret->n] = node(rd, key);
		ret->item[ret->n++] = node(rd, val);
	}
}

static struct cdp_node *
node(struct reader *rd, uint32_t at)
{
	struct cdp_node *ret = cdp_arena_calloc(rd->mem, 1, sizeof(*ret));
	struct cdp_str raw = cdp_tape_raw(&rd->tape, at);
	size_t from = (size_t)(raw.p - rd->tape.p);

	ret->at = cdp_places_mark(&rd->places, from, from + raw.n);
	switch (cdp_tape_kind(&rd->tape, at)) {
	case CDP_OBJECT:
		ret->kind = CDP_NODE_MAP;
		members(rd, at, ret);
		break;
	case CDP_ARRAY:
		ret->kind = CDP_NODE_SEQ;
		members(rd, at, ret);
		break;
	case CDP_STRING:
		ret->text = cdp_tape_str(&rd->tape, at, rd->mem);
		break;
	default:
		ret->text = raw;
		ret->plain = true;
		break;
	}
	return ret;
}

/* Where the parser stopped: it says the column of a text of one line. */
static size_t
fault_at(const struct cdp_err *err)
{
	const char *p = strstr(err->msg, "column ");
	size_t col = 0;

	if (p != NULL)
		(void)sscanf(p, "column %zu", &col);
	return col > 0 ? col - 1 : 0;
}

void
cdp_jnode_parse(struct cdp_str text, const char *file, struct cdp_arena *mem,
    struct cdp_diags *diags, struct cdp_node **ret)
{
	struct reader rd = { .mem = mem };
	struct cdp_err err = { 0 };
	const char *why;
	size_t at;

	*ret = NULL;
	file = cdp_arena_dup(mem, cdp_str_of(file)).p;
	cdp_diags_source(diags, file, text);
	cdp_places_init(&rd.places, file, text);
	if (cdp_tape_parse(&rd.tape, text, &err) == 0) {
		*ret = node(&rd, 0);
	} else {
		at = fault_at(&err);
		why = strstr(err.msg, "expected");
		cdp_diag_at(diags, cdp_places_mark(&rd.places, at, at + 1),
		    "bad-json", "this is not JSON%s%s", why ? ": " : "",
		    why ? why : "");
	}
	cdp_tape_free(&rd.tape);
	cdp_places_free(&rd.places);
}
