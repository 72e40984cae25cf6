#include "lib/base/hash.h"
#include "lib/json/write.h"
#include "lib/rule/load.h"
#include "lib/rule/seq.h"
#include "lib/rule/tree.h"

static bool
fault(struct cdp_loader *ld, const struct cdp_node *at, const char *msg)
{
	cdp_diag_error(ld->diags, at, "bad-condition", "%s", msg);
	return false;
}

static bool
step_load(struct cdp_loader *ld, struct cdp_node *map, struct cdp_seq_step *st)
{
	static const char *const here[] = { "event", "where", "within", NULL };
	static const char *const gone[] = { "not", "within", NULL };
	static const char *const in_not[] = { "event", "where", NULL };
	struct cdp_node *on, *within;

	if (!cdp_load_is_map(ld, map, "a step of a sequence"))
		return false;
	within = cdp_node_get(map, "within");
	if (within != NULL &&
	    !cdp_cond_length(ld, within, "within", &st->within_ms))
		return false;
	if (within != NULL && st->within_ms == 0)
		return fault(
		    ld, within, "'within' must be longer than nothing");
	on = cdp_node_get(map, "not");
	st->absent = on != NULL;
	cdp_diag_keys(
	    ld->diags, map, "step of a sequence", st->absent ? gone : here);
	if (!st->absent)
		return cdp_trigger_load(ld, map, &st->on) == 0;
	if (!cdp_load_is_map(ld, on, "not"))
		return false;
	cdp_diag_keys(ld->diags, on, "not", in_not);
	return cdp_trigger_load(ld, on, &st->on) == 0;
}

/* What the steps must be for each other. */
static bool
check(
    struct cdp_loader *ld, const struct cdp_node *list, const struct cdp_seq *s)
{
	if (s->step[0].absent)
		return fault(ld, list->item[0],
		    "a sequence begins with an event; 'not' comes behind one");
	if (s->step[0].within_ms != 0)
		return fault(ld, list->item[0],
		    "'within' of a step counts from the step before it, and "
		    "there is none; put it beside 'sequence'");
	for (size_t i = 1; i < s->n; i++)
		if (s->step[i].absent && s->step[i].within_ms == 0 &&
		    (i + 1 == s->n ||
			(s->step[i + 1].absent &&
			    s->step[i + 1].within_ms != 0)))
			return fault(ld, list->item[i],
			    "how long must it not happen? 'not' needs "
			    "'within', or an event behind it");
	return true;
}

/* Each name of an event, of any step. */
static void
names(struct cdp_loader *ld, const struct cdp_seq *s, struct cdp_trigger *ret)
{
	struct cdp_str *v;
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->step[i].on.nevent;
	v = cdp_arena_calloc(ld->mem, n, sizeof(*v));
	n = 0;
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->step[i].on.nevent; k++)
			v[n++] = s->step[i].on.event[k];
	*ret = (struct cdp_trigger){ .event = v, .nevent = n };
}

void
cdp_leaf_canon(struct cdp_loader *ld, const struct cdp_node *map,
    const char *kind, struct cdp_leaf *lf)
{
	struct cdp_buf text = { 0 }, b = { 0 };
	struct cdp_tape t = { 0 };

	cdp_node_json(&text, map);
	if (cdp_tape_parse(&t, cdp_buf_str(&text), NULL) == 0)
		cdp_json_canonical(&b, &t, 0);
	cdp_buf_puts(&b, kind);
	lf->group = ld->in_group;
	if (ld->in_group != NULL)
		cdp_buf_put(&b, *ld->in_group);
	lf->canon = cdp_arena_dup(ld->mem, cdp_buf_str(&b));
	cdp_hash_sha256(&lf->canon, 1, lf->id, 12);
	cdp_tape_free(&t);
	cdp_buf_free(&text);
	cdp_buf_free(&b);
}

bool
cdp_seq_load(struct cdp_loader *ld, struct cdp_node *map, struct cdp_leaf *ret)
{
	struct cdp_seq *s = cdp_arena_calloc(ld->mem, 1, sizeof(*s));
	struct cdp_node *list = cdp_node_get(map, "sequence");
	struct cdp_node *match = cdp_node_get(map, "match");
	struct cdp_node *within = cdp_node_get(map, "within");
	bool good = true;

	if (!cdp_load_is_seq(ld, list, "sequence"))
		return false;
	if (list->n < 2 || list->n > CDP_SEQ_STEPS)
		return fault(ld, list, "'sequence' needs 2 to 30 steps");
	s->n = list->n;
	s->step = cdp_arena_calloc(ld->mem, s->n, sizeof(*s->step));
	for (size_t i = 0; i < s->n; i++)
		good &= step_load(ld, list->item[i], &s->step[i]);
	if (match != NULL)
		good &= cdp_load_path(ld, match, "match", &s->match);
	if (within != NULL)
		good &= cdp_cond_length(ld, within, "within", &s->within_ms);
	if (good && within != NULL && s->within_ms == 0)
		return fault(
		    ld, within, "'within' must be longer than nothing");
	if (!good || !check(ld, list, s))
		return false;
	ret->seq = s;
	names(ld, s, &ret->on);
	cdp_leaf_canon(ld, map, "", ret);
	return true;
}
