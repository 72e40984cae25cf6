#include "lib/json/schema.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/schema_int.h"

/* A chain of $ref that comes back to itself would never end. */
static int
check_loops(struct cdp_scomp *c)
{
	const struct cdp_schema *s = c->s;

	for (uint32_t i = 0; i < s->tape.ntok; i++) {
		const struct cdp_snode *n = s->node[i];

		for (uint32_t k = 0; n != NULL && n->ref != NULL; k++) {
			if (k > s->tape.ntok)
				return cdp_schema_fault(
				    c, i, "a $ref that leads to itself");
			n = n->ref;
		}
	}
	return 0;
}

static bool
mentions(struct cdp_str s, const char *what)
{
	return memmem(s.p, s.n, what, strlen(what)) != NULL;
}

/*
 * The schema's own text, and, if a reference may lead there, the schema of
 * schemas behind it: [SCHEMA,META].
 */
static void
take_text(struct cdp_scomp *c, struct cdp_str raw)
{
	struct cdp_schema *s = c->s;
	struct cdp_buf b = { 0 };

	c->root = mentions(raw, "$ref") && mentions(raw, "/draft-07/schema");
	if (c->root == 0) {
		s->text = cdp_xstrndup(raw);
		return;
	}
	cdp_buf_printf(&b, "[%.*s,%s]", (int)raw.n, raw.p, cdp_schema_meta);
	s->text = cdp_xstrndup(cdp_buf_str(&b));
	cdp_buf_free(&b);
}

int
cdp_schema_compile(const struct cdp_tape *t, uint32_t at,
    struct cdp_schema **ret, struct cdp_err *err)
{
	struct cdp_schema *s = cdp_xcalloc(1, sizeof(*s));
	struct cdp_scomp c = { .s = s, .err = err };
	int rc;

	take_text(&c, cdp_tape_raw(t, at));
	rc = cdp_tape_parse(&s->tape, cdp_str_of(s->text), err);
	if (rc != 0)
		goto out;
	s->node = cdp_xcalloc(s->tape.ntok, sizeof(*s->node));
	if ((rc = cdp_schema_node(&c, c.root, &s->root)) != 0 ||
	    (rc = check_loops(&c)) != 0)
		goto out;
	*ret = s;
	s = NULL;
out:
	cdp_map_free(&c.names);
	free(c.base);
	cdp_schema_free(s);
	return rc;
}

bool
cdp_schema_unchecked(
    const struct cdp_schema *s, uint32_t *it, struct cdp_err *err)
{
	struct cdp_scomp c = { (struct cdp_schema *)s, err,
		.root = s->root->at };
	const struct cdp_snode *n;

	while (*it < s->tape.ntok) {
		n = s->node[(*it)++];
		if (n == NULL || n->format_text.n == 0 || n->format != NULL)
			continue;
		cdp_schema_fault(&c,
		    cdp_tape_get(&s->tape, n->at, CDP_STR("format")), "%.*s",
		    CDP_SCH_STR(n->format_text));
		return true;
	}
	return false;
}

void
cdp_schema_free(struct cdp_schema *s)
{
	if (s == NULL)
		return;
	for (uint32_t i = 0; s->node != NULL && i < s->tape.ntok; i++)
		if (s->node[i] != NULL)
			cdp_map_free(&s->node[i]->by_name);
	for (size_t i = 0; i < s->nre; i++)
		cdp_regex_free(s->re[i]);
	free(s->re);
	free(s->node);
	free(s->text);
	cdp_tape_free(&s->tape);
	cdp_arena_free(&s->mem);
	free(s);
}
