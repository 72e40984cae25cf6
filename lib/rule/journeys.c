#include "lib/rule/journeys.h"

#include "lib/base/hash.h"
#include "lib/json/write.h"
#include "lib/rule/jnode.h"

static struct cdp_journey *
add(struct cdp_loader *ld)
{
	struct cdp_project *pr = ld->pr;
	size_t n = pr->njourney;
	struct cdp_journey *v;

	if ((n & (n - 1)) == 0) { /* full at every power of two */
		v = cdp_arena_calloc(ld->mem, n != 0 ? 2 * n : 1, sizeof(*v));
		if (n != 0)
			memcpy(v, pr->journey, n * sizeof(*v));
		pr->journey = v;
	}
	pr->njourney = n + 1;
	return &pr->journey[n];
}

static void
load_again(
    struct cdp_loader *ld, const struct cdp_node *node, struct cdp_journey *jr)
{
	static const char *const names[] = { "once", "each", "after_exit",
		"after_exit DURATION", "after DURATION", NULL };
	struct cdp_node rest = *node;
	size_t n = 0;
	int k;

	if (node->kind == CDP_NODE_SCALAR &&
	    cdp_str_starts(node->text, CDP_STR("after "))) {
		jr->again = CDP_AGAIN_AFTER;
		n = 6;
	} else if (node->kind == CDP_NODE_SCALAR &&
	    cdp_str_starts(node->text, CDP_STR("after_exit "))) {
		jr->again = CDP_AGAIN_AFTER_EXIT;
		n = 11;
	}
	if (n != 0) {
		rest.text.p += n;
		rest.text.n -= n;
		cdp_load_duration(ld, &rest, "again", &jr->again_ms);
	} else if (cdp_load_choice(ld, node, "again", names, &k)) {
		jr->again = (enum cdp_again)k;
	}
}

static void
load_enter(struct cdp_loader *ld, struct cdp_node *map, struct cdp_journey *jr)
{
	static const char *const own[] = { "per", "again", "keep", NULL };
	struct cdp_node *node;

	cdp_when_load(ld, map, "enter", own, &jr->enter);
	jr->per_jq = -1;
	jr->again = CDP_AGAIN_AFTER_EXIT;
	if ((node = cdp_node_get(map, "again")) != NULL)
		load_again(ld, node, jr);
	if ((node = cdp_node_get(map, "per")) != NULL) {
		jr->has_per = true;
		cdp_load_path_or_jq(ld, node, "per", &jr->per, &jr->per_jq);
	}
	if ((node = cdp_node_get(map, "keep")) != NULL)
		cdp_keep_load(ld, node, "keep", &jr->keep, &jr->nkeep);
	if (cdp_when_is_trigger(&jr->enter) || jr->enter.cond == NULL)
		return;
	if (jr->has_per)
		cdp_diag_error(ld->diags, cdp_node_get(map, "per"),
		    "needs-event", "'per' needs an entry by an event");
	if (jr->nkeep != 0)
		cdp_diag_error(ld->diags, cdp_node_get(map, "keep"),
		    "needs-event", "'keep' needs an entry by an event");
}

/* What is sent when somebody leaves by it. */
static void
load_exit_send(
    struct cdp_loader *ld, const struct cdp_node *map, struct cdp_exit_def *ret)
{
	struct cdp_node *send = cdp_node_get(map, "send");
	struct cdp_node *template = cdp_node_get(map, "template");
	struct cdp_node *action = cdp_node_get(map, "action");

	if (send == NULL && (template != NULL || action != NULL))
		cdp_diag_error(ld->diags, map, "missing-key",
		    "'template' and 'action' of an exit need 'send'");
	if (send == NULL || !cdp_load_str(ld, send, "send", &ret->send))
		return;
	ret->action = CDP_STR("send");
	if (template != NULL)
		cdp_load_str(ld, template, "template", &ret->template);
	if (action != NULL)
		cdp_load_str(ld, action, "action", &ret->action);
}

static void
load_exit(struct cdp_loader *ld, struct cdp_node *map, size_t i,
    struct cdp_exit_def *ret)
{
	static const char *const own[] = { "id", "outcome", "send", "template",
		"action", NULL };
	struct cdp_node *node;

	if (!cdp_when_load(ld, map, "exit", own, &ret->when))
		return;
	ret->node = map;
	if ((node = cdp_node_get(map, "id")) != NULL)
		cdp_load_str(ld, node, "id", &ret->id);
	else
		ret->id = cdp_arena_printf(ld->mem, "exit%zu", i + 1);
	ret->outcome = ret->id;
	if ((node = cdp_node_get(map, "outcome")) != NULL)
		cdp_load_str(ld, node, "outcome", &ret->outcome);
	load_exit_send(ld, map, ret);
}

static void
load_exits(struct cdp_loader *ld, struct cdp_node *seq, struct cdp_journey *jr)
{
	size_t i;

	if (!cdp_load_is_seq(ld, seq, "exit"))
		return;
	jr->exit = cdp_arena_calloc(ld->mem, seq->n + 1, sizeof(*jr->exit));
	jr->nexit = seq->n;
	for (i = 0; i < seq->n; i++)
		load_exit(ld, seq->item[i], i, &jr->exit[i]);
}

static void
load_goal(struct cdp_loader *ld, struct cdp_node *map, struct cdp_journey *jr)
{
	static const char *const own[] = { "within", "value", NULL };
	struct cdp_node *node;

	if (!cdp_when_load(ld, map, "goal", own, &jr->goal))
		return;
	jr->has_goal = true;
	if ((node = cdp_node_get(map, "within")) != NULL)
		cdp_load_duration(ld, node, "within", &jr->goal_within_ms);
	if ((node = cdp_node_get(map, "value")) != NULL)
		cdp_load_path(ld, node, "value", &jr->goal_value);
}

static void
load_rank(struct cdp_loader *ld, struct cdp_node *map, struct cdp_journey *jr)
{
	struct cdp_node *node = cdp_node_get(map, "exclusive");
	struct cdp_node *priority = cdp_node_get(map, "priority");

	if (node != NULL)
		cdp_load_str(ld, node, "exclusive", &jr->exclusive);
	if (priority == NULL)
		return;
	cdp_load_int(ld, priority, "priority", -1000, 1000, &jr->priority);
	if (node == NULL)
		cdp_diag_error(ld->diags, priority, "missing-key",
		    "'priority' needs 'exclusive': among which it goes first");
}

/* All but "migrate", which is about other versions. */
static struct cdp_node
own_part(struct cdp_loader *ld, const struct cdp_node *map)
{
	struct cdp_node ret = *map;
	size_t i, n = 0;

	ret.key = cdp_arena_calloc(ld->mem, map->n + 1, sizeof(*ret.key));
	ret.item = cdp_arena_calloc(ld->mem, map->n + 1, sizeof(*ret.item));
	for (i = 0; i < map->n; i++) {
		if (cdp_str_is(map->key[i]->text, "migrate"))
			continue;
		ret.key[n] = map->key[i];
		ret.item[n++] = map->item[i];
	}
	ret.n = n;
	return ret;
}

/* What the journey says, whatever its layout and the order of its keys. */
static void
set_version(
    struct cdp_loader *ld, const struct cdp_node *map, struct cdp_journey *jr)
{
	struct cdp_node own = own_part(ld, map);
	struct cdp_buf json = { 0 }, canon = { 0 };
	struct cdp_tape t = { 0 };
	struct cdp_err err = { 0 };

	cdp_node_json(&json, &own);
	if (cdp_tape_parse(&t, cdp_buf_str(&json), &err) == 0)
		cdp_json_canonical(&canon, &t, 0);
	jr->text = cdp_arena_dup(ld->mem, cdp_buf_str(&canon));
	cdp_hash_sha256(&jr->text, 1, jr->version, 16);
	cdp_tape_free(&t);
	cdp_buf_free(&canon);
	cdp_buf_free(&json);
}

static void
read_journey(struct cdp_loader *ld, const struct cdp_node *key,
    struct cdp_node *map, struct cdp_journey *jr)
{
	static const char *const known[] = { "enter", "exit", "holdout", "goal",
		"steps", "exclusive", "priority", "migrate", NULL };
	struct cdp_node *node;

	cdp_diag_keys(ld->diags, map, "journey", known);
	jr->key = key->text;
	jr->node = map;
	set_version(ld, map, jr);
	if ((node = cdp_node_get(map, "enter")) != NULL)
		load_enter(ld, node, jr);
	else
		cdp_diag_error(ld->diags, key, "missing-key",
		    "journey '%.*s' has no 'enter'", (int)jr->key.n, jr->key.p);
	if ((node = cdp_node_get(map, "exit")) != NULL)
		load_exits(ld, node, jr);
	if ((node = cdp_node_get(map, "holdout")) != NULL)
		cdp_percent_load(ld, node, "holdout", &jr->holdout_bp);
	load_rank(ld, map, jr);
	if ((node = cdp_node_get(map, "goal")) != NULL)
		load_goal(ld, node, jr);
	if ((node = cdp_node_get(map, "steps")) != NULL)
		cdp_steps_load(ld, node, jr);
	else
		cdp_diag_error(ld->diags, key, "missing-key",
		    "journey '%.*s' has no 'steps'", (int)jr->key.n, jr->key.p);
}

static void
load_journey(struct cdp_loader *ld, struct cdp_node *key, struct cdp_node *map)
{
	struct cdp_journey *jr;
	size_t i;

	for (i = 0; i < ld->pr->njourney; i++) {
		jr = &ld->pr->journey[i];
		if (!cdp_str_eq(jr->key, key->text))
			continue;
		cdp_diag_error(ld->diags, key, "duplicate-key",
		    "journey '%.*s' is defined at %s:%u already",
		    (int)jr->key.n, jr->key.p, jr->node->at.file,
		    jr->node->at.line);
		return;
	}
	if (cdp_load_is_map(ld, map, "journey"))
		read_journey(ld, key, map, add(ld));
}

const struct cdp_journey *
cdp_project_journey(struct cdp_project *pr, struct cdp_str key,
    struct cdp_str json, struct cdp_diags *diags)
{
	struct cdp_loader ld = {
		.mem = &pr->mem, .diags = diags, .pr = pr, .jq = pr->jq
	};
	struct cdp_node name = { .text = cdp_arena_dup(ld.mem, key) };
	struct cdp_journey *jr = cdp_arena_calloc(ld.mem, 1, sizeof(*jr));
	struct cdp_node *map = NULL;
	size_t nerr = diags->nerrors;

	cdp_jnode_parse(cdp_arena_dup(ld.mem, json),
	    cdp_arena_printf(
		ld.mem, "an older version of journey %.*s", (int)key.n, key.p)
		.p,
	    ld.mem, diags, &map);
	if (map != NULL && cdp_load_is_map(&ld, map, "journey"))
		read_journey(&ld, &name, map, jr);
	cdp_map_free(&ld.seen);
	return diags->nerrors == nerr ? jr : NULL;
}

void
cdp_load_journeys(struct cdp_loader *ld, struct cdp_node *node)
{
	size_t i;

	if (!cdp_load_is_map(ld, node, "journeys"))
		return;
	for (i = 0; i < node->n; i++)
		load_journey(ld, node->key[i], node->item[i]);
}

/* What is sent is known by the id of what sends it. */
static void
check_exit(struct cdp_loader *ld, const struct cdp_journey *jr,
    const struct cdp_exit_def *x)
{
	size_t i;

	cdp_when_check(ld, &x->when);
	if (x->send.n == 0)
		return;
	cdp_send_check(ld, x->node, x->send, x->template);
	for (i = 0; i < jr->nstep; i++)
		if (cdp_str_eq(jr->step[i].id, x->id))
			cdp_diag_error(ld->diags, x->node, "duplicate-key",
			    "an exit that sends has an id of its own: step "
			    "'%.*s' is at line %u",
			    (int)x->id.n, x->id.p, jr->step[i].node->at.line);
}

void
cdp_check_journeys(struct cdp_loader *ld)
{
	const struct cdp_journey *jr;
	size_t i, k;

	for (i = 0; i < ld->pr->njourney; i++) {
		jr = &ld->pr->journey[i];
		cdp_when_check(ld, &jr->enter);
		for (k = 0; k < jr->nexit; k++)
			check_exit(ld, jr, &jr->exit[k]);
		cdp_when_check(ld, &jr->goal);
		cdp_steps_check(ld, jr);
	}
}
