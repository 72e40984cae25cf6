#include "lib/rule/load.h"
#include "lib/rule/trail.h"

static bool
names(
    struct cdp_loader *ld, const struct cdp_node *node, struct cdp_trigger *ret)
{
	size_t n = node->kind == CDP_NODE_SEQ ? node->n : 1;
	struct cdp_str *v = cdp_arena_calloc(ld->mem, n, sizeof(*v));
	const struct cdp_node *one;

	ret->event = v;
	if (n == 0 || node->kind == CDP_NODE_MAP) {
		cdp_diag_error(ld->diags, node, "wrong-type",
		    "'event' needs a name or a list of names");
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		one = node->kind == CDP_NODE_SEQ ? node->item[i] : node;
		if (!cdp_load_str(ld, one, "event", &v[ret->nevent]))
			return false;
		if (v[ret->nevent].n == 0) {
			cdp_diag_error(ld->diags, one, "wrong-type",
			    "'event' needs a name");
			return false;
		}
		ret->nevent++;
	}
	return true;
}

int
cdp_trigger_load(
    struct cdp_loader *ld, struct cdp_node *map, struct cdp_trigger *ret)
{
	struct cdp_node *event = cdp_node_get(map, "event");
	struct cdp_node *where = cdp_node_get(map, "where");
	int rc = 0;

	*ret = (struct cdp_trigger){ 0 };
	if (event == NULL) {
		cdp_diag_error(
		    ld->diags, map, "missing-key", "'event' is missing");
		rc = -1;
	} else if (!names(ld, event, ret)) {
		rc = -1;
	}
	if (where != NULL && cdp_trail_is_open(where)) {
		cdp_diag_error(ld->diags, where, "bad-condition",
		    "here 'where' asks of the event alone; what else must hold "
		    "('trait', 'audience', 'then', {trait: ...}) is a "
		    "condition of its own beside it");
		return -1;
	}
	if (where != NULL && (ret->where = cdp_pred_where(ld, where)) == NULL)
		rc = -1;
	return rc;
}

bool
cdp_trigger_test(const struct cdp_trigger *g, const struct cdp_line *ln)
{
	if (!cdp_type_is_event(ln->type))
		return false;
	if (g->nevent == 0)
		return cdp_pred_test(g->where, ln->tape, 0, ln->ts_ms);
	for (size_t i = 0; i < g->nevent; i++)
		if (cdp_str_eq(g->event[i], ln->event))
			return cdp_pred_test(g->where, ln->tape, 0, ln->ts_ms);
	return false;
}
