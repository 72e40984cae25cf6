#include "lib/rule/journeys.h"

#define MAX_VISITS 100

struct steps {
	struct cdp_loader *ld;
	struct cdp_journey *jr;
	struct cdp_str *name; /* of each step */
	struct cdp_map at;    /* by name: its place + 1 */
};

/* Where "goto" or "then" leads; CDP_STEP_NEXT if it says nothing legible. */
static size_t
target(const struct steps *s, const struct cdp_node *node)
{
	struct cdp_str name;
	size_t i;

	if (node == NULL || !cdp_load_str(s->ld, node, "goto", &name))
		return CDP_STEP_NEXT;
	if ((i = (uintptr_t)cdp_map_get(&s->at, name)) != 0)
		return i - 1;
	cdp_diag_name(s->ld->diags, node, "unknown-step", "there is no step",
	    name, s->name, s->jr->nstep);
	return CDP_STEP_NEXT;
}

static void
load_restart(const struct steps *s, struct cdp_node *node, struct cdp_step *st)
{
	static const char *const own[] = { "max", "up_to", NULL };
	struct cdp_node *v;

	if (!cdp_when_load(s->ld, node, "restart_on", own, &st->restart))
		return;
	if ((v = cdp_node_get(node, "max")) != NULL)
		cdp_load_int(s->ld, v, "max", 1, 1000000, &st->max_restarts);
	if ((v = cdp_node_get(node, "up_to")) != NULL &&
	    cdp_load_duration(s->ld, v, "up_to", &st->up_to_ms) &&
	    st->up_to_ms < st->ms)
		cdp_diag_error(s->ld->diags, v, "bad-value",
		    "'up_to' is shorter than the hold itself");
	st->has_restart = true;
	if (!cdp_when_is_trigger(&st->restart))
		cdp_diag_error(s->ld->diags, node, "needs-event",
		    "'restart_on' needs an event or an audience");
}

/* hold: {events: [{event: NAME, goto: STEP}, ...], timeout: 2h, goto: STEP} */
static void
load_hold_map(const struct steps *s, struct cdp_node *map, struct cdp_step *st)
{
	static const char *const known[] = { "events", "timeout", "goto",
		NULL };
	static const char *const own[] = { "goto", NULL };
	struct cdp_node *seq = cdp_node_get(map, "events");
	struct cdp_node *time = cdp_node_get(map, "timeout");
	size_t i;

	cdp_diag_keys(s->ld->diags, map, "hold", known);
	if (seq == NULL || time == NULL) {
		cdp_diag_error(s->ld->diags, map, "missing-key",
		    "'hold' needs a duration, or 'events' and 'timeout'");
		return;
	}
	cdp_load_duration(s->ld, time, "timeout", &st->ms);
	st->timeout_go = target(s, cdp_node_get(map, "goto"));
	if (!cdp_load_is_seq(s->ld, seq, "events"))
		return;
	st->event =
	    cdp_arena_calloc(s->ld->mem, seq->n + 1, sizeof(*st->event));
	st->nevent = seq->n;
	for (i = 0; i < seq->n; i++) {
		cdp_when_load(
		    s->ld, seq->item[i], "events", own, &st->event[i].when);
		st->event[i].go = target(s, cdp_node_get(seq->item[i], "goto"));
	}
}

static void
load_hold(const struct steps *s, struct cdp_node *map, struct cdp_node *node,
    struct cdp_step *st)
{
	struct cdp_node *keep = cdp_node_get(map, "keep");
	struct cdp_node *restart = cdp_node_get(map, "restart_on");

	if (node->kind == CDP_NODE_MAP)
		load_hold_map(s, node, st);
	else
		cdp_load_duration(s->ld, node, "hold", &st->ms);
	if (restart != NULL)
		load_restart(s, restart, st);
	if (keep != NULL) {
		cdp_keep_load(s->ld, keep, "keep", &st->keep, &st->nkeep);
		if (restart == NULL)
			cdp_diag_error(s->ld->diags, keep, "needs-event",
			    "'keep' on a hold needs 'restart_on'");
	}
}

static void
load_branch(const struct steps *s, struct cdp_node *map, struct cdp_branch *ret,
    int *sum)
{
	static const char *const known[] = { "if", "percent", "goto", NULL };
	struct cdp_node *node;

	ret->percent_bp = -1;
	ret->go = CDP_STEP_NEXT;
	if (!cdp_load_is_map(s->ld, map, "split"))
		return;
	cdp_diag_keys(s->ld->diags, map, "split", known);
	if ((node = cdp_node_get(map, "if")) != NULL)
		ret->cond = cdp_cond_load(s->ld, node);
	if ((node = cdp_node_get(map, "percent")) != NULL &&
	    cdp_percent_load(s->ld, node, "percent", &ret->percent_bp)) {
		*sum += ret->percent_bp;
		if (*sum > 10000)
			cdp_diag_error(s->ld->diags, node, "bad-percent",
			    "the percentages of this split pass 100%%");
	}
	if ((node = cdp_node_get(map, "goto")) == NULL)
		cdp_diag_error(s->ld->diags, map, "missing-key",
		    "a branch of a split needs 'goto'");
	ret->go = target(s, node);
}

static void
load_split(const struct steps *s, struct cdp_node *map, struct cdp_node *seq,
    struct cdp_step *st)
{
	struct cdp_node *sticky = cdp_node_get(map, "sticky");
	int sum = 0;
	size_t i;

	if (sticky != NULL)
		cdp_load_bool(s->ld, sticky, "sticky", &st->sticky);
	if (!cdp_load_is_seq(s->ld, seq, "split"))
		return;
	st->branch =
	    cdp_arena_calloc(s->ld->mem, seq->n + 1, sizeof(*st->branch));
	st->nbranch = seq->n;
	for (i = 0; i < seq->n; i++)
		load_branch(s, seq->item[i], &st->branch[i], &sum);
}

static void
load_send(const struct steps *s, struct cdp_node *map, struct cdp_node *node,
    struct cdp_step *st)
{
	struct cdp_node *v;

	cdp_load_str(s->ld, node, "send", &st->send);
	st->action = CDP_STR("send");
	if ((v = cdp_node_get(map, "template")) != NULL)
		cdp_load_str(s->ld, v, "template", &st->template);
	if ((v = cdp_node_get(map, "action")) != NULL)
		cdp_load_str(s->ld, v, "action", &st->action);
	if ((v = cdp_node_get(map, "undo")) != NULL)
		cdp_load_str(s->ld, v, "undo", &st->undo);
	if (st->undo.n != 0 && cdp_str_eq(st->undo, st->action))
		cdp_diag_error(s->ld->diags, cdp_node_get(map, "undo"),
		    "bad-value", "'undo' is the same as 'action': '%.*s'",
		    (int)st->undo.n, st->undo.p);
	if ((v = cdp_node_get(map, "for")) == NULL)
		return;
	cdp_load_duration(s->ld, v, "for", &st->for_ms);
	if (st->undo.n == 0)
		cdp_diag_error(s->ld->diags, v, "missing-key",
		    "'for' needs 'undo': what takes it back");
}

/* What each kind of step may say beside its id. */
static const struct kind {
	const char *name;
	enum cdp_step_kind kind;
	const char *const known[8];
} kinds[] = {
	{ "hold", CDP_STEP_HOLD, { "restart_on", "keep", "then", "goto" } },
	{ "delay", CDP_STEP_DELAY, { "then", "goto" } },
	{ "until", CDP_STEP_UNTIL, { "then", "goto" } },
	{ "split", CDP_STEP_SPLIT, { "sticky", "then" } },
	{ "send", CDP_STEP_SEND,
	    { "template", "action", "undo", "for", "then", "goto" } },
	{ "set", CDP_STEP_SET, { "then", "goto" } },
	{ "end", CDP_STEP_END, { NULL } },
	{ "if", CDP_STEP_IF, { "goto" } },
	{ "goto", CDP_STEP_IF, { NULL } },
};

#define NKINDS (sizeof(kinds) / sizeof(kinds[0]))

/* A step of no kind: a key that is misspelt, or one that is missing. */
static void
no_kind(const struct steps *s, const struct cdp_node *map)
{
	const char *known[64] = { "id", "max_visits" };
	size_t n = 2, i, k;

	for (k = 0; k < NKINDS; k++) {
		known[n++] = kinds[k].name;
		for (i = 0; kinds[k].known[i] != NULL; i++)
			known[n++] = kinds[k].known[i];
	}
	cdp_diag_keys(s->ld->diags, map, "a step", known);
	cdp_diag_error(s->ld->diags, map, "missing-key",
	    "a step is one of hold, delay, until, split, send, set, if, goto, "
	    "end");
}

static const struct kind *
find_kind(const struct steps *s, const struct cdp_node *map)
{
	const char *known[16] = { "id", "max_visits" };
	size_t n = 2, i, k;

	for (k = 0; k < NKINDS; k++)
		if (cdp_node_get(map, kinds[k].name) != NULL)
			break;
	if (k < NKINDS) {
		known[n++] = kinds[k].name;
		for (i = 0; kinds[k].known[i] != NULL; i++)
			known[n++] = kinds[k].known[i];
		cdp_diag_keys(s->ld->diags, map, kinds[k].name, known);
		return &kinds[k];
	}
	no_kind(s, map);
	return NULL;
}

static void
load_kind(const struct steps *s, struct cdp_node *map, struct cdp_step *st)
{
	const struct kind *k = find_kind(s, map);
	struct cdp_node *node;

	if (k == NULL)
		return;
	st->kind = k->kind;
	node = cdp_node_get(map, k->name);
	switch (k->kind) {
	case CDP_STEP_HOLD:
		load_hold(s, map, node, st);
		break;
	case CDP_STEP_DELAY:
		cdp_load_duration(s->ld, node, "delay", &st->ms);
		break;
	case CDP_STEP_UNTIL:
		cdp_until_load(s->ld, node, st);
		break;
	case CDP_STEP_SPLIT:
		load_split(s, map, node, st);
		break;
	case CDP_STEP_SEND:
		load_send(s, map, node, st);
		break;
	case CDP_STEP_IF:
		if (cdp_node_get(map, "goto") == NULL)
			cdp_diag_error(s->ld->diags, map, "missing-key",
			    "'if' needs 'goto'");
		if (cdp_node_get(map, "if") != NULL)
			st->cond = cdp_cond_load(s->ld, node);
		break;
	case CDP_STEP_END:
		cdp_load_str(s->ld, node, "end", &st->outcome);
		break;
	case CDP_STEP_SET:
		cdp_keep_load(s->ld, node, "set", &st->keep, &st->nkeep);
		break;
	}
}

static void
load_step(const struct steps *s, struct cdp_node *map, struct cdp_step *st)
{
	struct cdp_node *go = cdp_node_get(map, "goto");
	struct cdp_node *then = cdp_node_get(map, "then");
	struct cdp_node *max = cdp_node_get(map, "max_visits");

	st->node = map;
	st->jq = -1;
	st->max_visits = MAX_VISITS;
	st->timeout_go = CDP_STEP_NEXT;
	st->go = CDP_STEP_NEXT;
	if (map->kind != CDP_NODE_MAP)
		return; /* reported with its missing id */
	if (max != NULL)
		cdp_load_int(
		    s->ld, max, "max_visits", 1, 1000000, &st->max_visits);
	load_kind(s, map, st);
	if (go != NULL && then != NULL)
		cdp_diag_error(s->ld->diags, then, "duplicate-key",
		    "'then' and 'goto' say the same; give one");
	if (go != NULL || then != NULL)
		st->go = target(s, go != NULL ? go : then);
	if (st->kind != CDP_STEP_HOLD || st->event == NULL)
		st->timeout_go = st->go;
	else if (go != NULL || then != NULL)
		cdp_diag_error(s->ld->diags, go != NULL ? go : then,
		    "duplicate-key",
		    "where this hold goes stands inside 'hold'");
}

/* ---- all of them ---- */

static void
load_ids(struct steps *s, const struct cdp_node *seq)
{
	struct cdp_node *id;
	void **at;
	size_t i;

	for (i = 0; i < seq->n; i++) {
		s->name[i] = CDP_STR("");
		if (!cdp_load_is_map(s->ld, seq->item[i], "step"))
			continue;
		if ((id = cdp_node_get(seq->item[i], "id")) == NULL) {
			cdp_diag_error(s->ld->diags, seq->item[i],
			    "missing-key", "a step needs an 'id'");
			continue;
		}
		cdp_load_str(s->ld, id, "id", &s->name[i]);
		s->jr->step[i].id = s->name[i];
		at = cdp_map_at(&s->at, s->name[i]);
		if (*at == NULL)
			*at = (void *)(uintptr_t)(i + 1);
		else
			cdp_diag_error(s->ld->diags, id, "duplicate-key",
			    "step '%.*s' is at line %u already",
			    (int)s->name[i].n, s->name[i].p,
			    seq->item[(uintptr_t)*at - 1]->at.line);
	}
}

/* migrate: {STEP OF AN OLDER VERSION: STEP OF THIS ONE} */
static void
load_moved(
    const struct steps *s, const struct cdp_node *map, struct cdp_journey *jr)
{
	struct cdp_moved *v;
	size_t i;

	if (map == NULL || !cdp_load_is_map(s->ld, map, "migrate"))
		return;
	jr->migrates = true;
	v = cdp_arena_calloc(s->ld->mem, map->n + 1, sizeof(*v));
	for (i = 0; i < map->n; i++) {
		v[i].from = map->key[i]->text;
		v[i].to = target(s, map->item[i]);
	}
	jr->moved = v;
	jr->nmoved = map->n;
}

void
cdp_steps_load(
    struct cdp_loader *ld, struct cdp_node *seq, struct cdp_journey *jr)
{
	struct steps s = { .ld = ld, .jr = jr };
	size_t nerr = ld->diags->nerrors, i;

	if (!cdp_load_is_seq(ld, seq, "steps"))
		return;
	if (seq->n == 0) {
		cdp_diag_error(
		    ld->diags, seq, "missing-key", "a journey needs a step");
		return;
	}
	jr->step = cdp_arena_calloc(ld->mem, seq->n, sizeof(*jr->step));
	jr->nstep = seq->n;
	s.name = cdp_arena_calloc(ld->mem, seq->n, sizeof(*s.name));
	load_ids(&s, seq);
	for (i = 0; i < seq->n; i++)
		load_step(&s, seq->item[i], &jr->step[i]);
	load_moved(&s, cdp_node_get(jr->node, "migrate"), jr);
	if (ld->diags->nerrors == nerr)
		cdp_steps_shape(ld, jr);
	cdp_map_free(&s.at);
}

void
cdp_send_check(struct cdp_loader *ld, const struct cdp_node *map,
    struct cdp_str send, struct cdp_str template)
{
	const struct cdp_project *pr = ld->pr;
	struct cdp_str *names;
	size_t i;

	if (cdp_project_destination(pr, send) == NULL) {
		names = cdp_arena_calloc(
		    ld->mem, pr->ndestination + 1, sizeof(*names));
		for (i = 0; i < pr->ndestination; i++)
			names[i] = pr->destination[i].name;
		cdp_diag_name(ld->diags, cdp_node_get(map, "send"),
		    "unknown-destination", "there is no destination", send,
		    names, pr->ndestination);
	}
	if (template.n != 0 && cdp_project_template(pr, template) == NULL) {
		names = cdp_arena_calloc(
		    ld->mem, pr->ntemplate + 1, sizeof(*names));
		for (i = 0; i < pr->ntemplate; i++)
			names[i] = pr->template[i].name;
		cdp_diag_name(ld->diags, cdp_node_get(map, "template"),
		    "unknown-template", "there is no template", template, names,
		    pr->ntemplate);
	}
}

void
cdp_steps_check(struct cdp_loader *ld, const struct cdp_journey *jr)
{
	const struct cdp_step *st;
	size_t i, k;

	for (i = 0; i < jr->nstep; i++) {
		st = &jr->step[i];
		if (st->kind == CDP_STEP_SEND && st->send.n != 0)
			cdp_send_check(ld, st->node, st->send, st->template);
		cdp_when_check(ld, &st->restart);
		for (k = 0; k < st->nevent; k++)
			cdp_when_check(ld, &st->event[k].when);
		for (k = 0; k < st->nbranch; k++)
			if (st->branch[k].cond != NULL)
				cdp_cond_check(ld, st->branch[k].cond);
		if (st->cond != NULL)
			cdp_cond_check(ld, st->cond);
	}
}
