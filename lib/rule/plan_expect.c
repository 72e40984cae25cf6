#include "lib/json/num.h"
#include "lib/rule/plan.h"

/* What is expected of a whole input. */

static void
bound(struct cdp_loader *ld, const struct cdp_node *node, const char *key,
    enum cdp_metric metric, struct cdp_bound *ret)
{
	const struct cdp_node *v = cdp_node_get(node, key);
	int64_t ms;

	if (v == NULL)
		return;
	if (metric == CDP_METRIC_MAX_AGE) {
		ret->given = cdp_load_duration(ld, v, key, &ms);
		ret->value = ret->given ? (double)ms : 0;
	} else if (!cdp_node_is_number(v) || v->text.p[0] == '-') {
		cdp_diag_error(ld->diags, v, "wrong-type",
		    "'%s' must be a number from 0 on", key);
	} else {
		ret->given = true;
		ret->value = cdp_num_double(v->text);
	}
	if (ret->given && ret->value > 1 && metric != CDP_METRIC_COUNT &&
	    metric != CDP_METRIC_MAX_AGE) {
		cdp_diag_error(ld->diags, v, "bad-value",
		    "a share is from 0 to 1: for 99 %% write 0.99");
		ret->given = false;
	}
	ret->text = v->text;
}

static void
load_one(struct cdp_loader *ld, struct cdp_node *node, struct cdp_expect *ret)
{
	static const char *const known[] = { "id", "metric", "event", "where",
		"min", "max", "severity", NULL };
	static const char *const metrics[] = { "count", "ratio", "valid_ratio",
		"duplicate_ratio", "max_age", NULL };
	static const char *const severities[] = { "error", "warn", NULL };
	struct cdp_node *id = cdp_node_get(node, "id");
	struct cdp_node *metric = cdp_node_get(node, "metric");
	struct cdp_node *where = cdp_node_get(node, "where");
	struct cdp_node *severity = cdp_node_get(node, "severity");
	int k = 0;

	cdp_diag_keys(ld->diags, node, "an expectation", known);
	ret->node = node;
	if (id == NULL || metric == NULL)
		cdp_diag_error(ld->diags, node, "missing-key",
		    "an expectation needs an id and a metric");
	if (id != NULL &&
	    cdp_load_str(ld, id, "the id of an expectation", &ret->id))
		cdp_load_claim(ld, "plan.expect", id);
	if (metric != NULL &&
	    cdp_load_choice(
		ld, metric, "the metric of an expectation", metrics, &k))
		ret->metric = (enum cdp_metric)k;
	ret->metric_name = metrics[k];
	if (cdp_node_get(node, "event") != NULL)
		(void)cdp_trigger_load(ld, node, &ret->on);
	else if (where != NULL)
		ret->on.where = cdp_pred_where(ld, where);
	bound(ld, node, "min", ret->metric, &ret->min);
	bound(ld, node, "max", ret->metric, &ret->max);
	if (cdp_node_get(node, "min") == NULL &&
	    cdp_node_get(node, "max") == NULL)
		cdp_diag_error(ld->diags, node, "missing-key",
		    "an expectation needs 'min' or 'max'");
	if (severity != NULL &&
	    cdp_load_choice(ld, severity, "severity", severities, &k))
		ret->warning = k == 1;
}

void
cdp_plan_expect(struct cdp_loader *ld, const struct cdp_node *seq)
{
	struct cdp_plan *plan = &ld->pr->plan;

	if (!cdp_load_is_seq(ld, seq, "expect"))
		return;
	plan->expect =
	    cdp_arena_calloc(ld->mem, seq->n + 1, sizeof(*plan->expect));
	for (size_t i = 0; i < seq->n; i++)
		if (cdp_load_is_map(ld, seq->item[i], "an expectation"))
			load_one(
			    ld, seq->item[i], &plan->expect[plan->nexpect++]);
}
