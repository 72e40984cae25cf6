#ifndef TESTS_COND_WORLD_H
#define TESTS_COND_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lib/rule/load.h"
#include "lib/rule/ops.h"

/* A project without files, to compile conditions in. */
struct world {
	struct cdp_project *pr;
	struct cdp_diags diags;
	struct cdp_loader ld;
	struct cdp_arena mem; /* for records */
	struct cdp_tape tape, line_tape;
	struct cdp_line line;
};

static inline void
world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->pr = calloc(1, sizeof(*w->pr));
	assert_non_null(w->pr);
	w->pr->jq = cdp_jq_new();
	w->ld = (struct cdp_loader){ .mem = &w->pr->mem,
		.diags = &w->diags,
		.pr = w->pr,
		.jq = w->pr->jq };
}

static inline void
world_free(struct world *w)
{
	cdp_load_run_deferred(w->pr);
	cdp_jq_free(w->pr->jq);
	cdp_arena_free(&w->pr->mem);
	free(w->pr);
	cdp_map_free(&w->ld.seen);
	cdp_diags_free(&w->diags);
	cdp_arena_free(&w->mem);
	cdp_tape_free(&w->tape);
	cdp_tape_free(&w->line_tape);
}

static inline struct cdp_node *
world_yaml(struct world *w, const char *text)
{
	struct cdp_node *node = NULL;

	cdp_yaml_parse(
	    cdp_str_of(text), "cdp.yaml", &w->pr->mem, &w->diags, &node);
	assert_non_null(node);
	return node;
}

static inline struct cdp_cond *
world_cond(struct world *w, const char *text)
{
	struct cdp_cond *c = cdp_cond_load(&w->ld, world_yaml(w, text));

	for (size_t i = 0; c == NULL && i < w->diags.n; i++)
		print_error("%s: %s\n", text, w->diags.v[i].msg);
	assert_non_null(c);
	return c;
}

static inline const struct cdp_line *
world_line(struct world *w, const char *json)
{
	struct cdp_err err = { 0 };
	struct cdp_str raw;

	cdp_arena_reset(&w->mem);
	raw = cdp_arena_dup(&w->mem, cdp_str_of(json));
	if (cdp_line_parse(raw, 1, &w->line_tape, &w->mem, &w->line, &err) != 0)
		fail_msg("%s: %s", json, err.msg);
	return &w->line;
}

#endif
