#include "lib/ingest/planned.h"

#include "lib/json/write.h"

/* Why a member of properties or traits is left out. */
enum { KEPT, UNPLANNED, VIOLATING };

struct judge {
	const struct cdp_planned *pl;
	const struct cdp_line *ln;
	const struct cdp_envelope *env;
	const struct cdp_plan_mode *mode;
	const struct cdp_plan_version *rule; /* or NULL */
	enum cdp_env body;                   /* properties or traits */
	uint8_t *omit;                       /* a mark a member of it */
	bool unplanned, violating;           /* some mark of that kind */
	struct cdp_violation *found, *common;
};

static enum cdp_plan_part
part_of(enum cdp_type type)
{
	switch (type) {
	case CDP_IDENTIFY:
		return CDP_PLAN_IDENTIFY;
	case CDP_GROUP:
		return CDP_PLAN_GROUP;
	case CDP_PAGE:
		return CDP_PLAN_PAGE;
	case CDP_SCREEN:
		return CDP_PLAN_SCREEN;
	default:
		return CDP_PLAN_TRACK;
	}
}

static const struct cdp_plan_rule *
rule_for(const struct judge *j)
{
	const struct cdp_plan *plan = j->pl->plan;

	if (j->ln->type == CDP_TRACK)
		return cdp_map_get(&plan->by_name, j->ln->event);
	return &plan->part[part_of(j->ln->type)];
}

/* The version that the event says it is of; the oldest if it says nothing. */
static const struct cdp_plan_version *
version(const struct judge *j, const struct cdp_plan_rule *rule)
{
	const struct cdp_tape *t = j->ln->tape;
	uint32_t at = j->env->at[CDP_ENV_CONTEXT];
	int64_t number;

	if (rule == NULL || rule->n == 0)
		return NULL;
	at = cdp_tape_isa(t, at, CDP_OBJECT) && rule->n > 1
	    ? cdp_tape_get(t, at, CDP_STR("protocols"))
	    : CDP_NOTOK;
	if (cdp_tape_isa(t, at, CDP_OBJECT) &&
	    cdp_tape_i64(
		t, cdp_tape_get(t, at, CDP_STR("event_version")), &number))
		for (size_t i = 0; i < rule->n; i++)
			if (rule->v[i].number == number)
				return &rule->v[i];
	return &rule->v[0];
}

/* A pattern that hit its limit is a violation, not a reason to stop. */
static struct cdp_violation *
check(const struct cdp_plan_version *v, const struct cdp_line *ln)
{
	struct cdp_violation *ret = NULL;
	struct cdp_err ignored;

	if (v != NULL && v->schema != NULL) {
		cdp_err_clear(&ignored);
		(void)cdp_schema_check(
		    v->schema, ln->tape, 0, ln->mem, &ret, &ignored);
	}
	return ret;
}

static int
block(const struct cdp_violation *v, const char *code, struct cdp_arena *mem,
    struct cdp_err *err)
{
	const char *field = cdp_arena_dup(mem, v->field).p;
	const struct cdp_violation *o;
	struct cdp_str text = v->text;
	size_t more = 0;

	/* "properties.price is required" names it already. */
	if (!cdp_str_starts(text, v->field))
		text = cdp_arena_printf(
		    mem, "%s: %.*s", field, (int)text.n, text.p);
	for (o = v->next; o != NULL; o = o->next)
		more++;
	if (more == 0)
		return cdp_fail_rule(
		    err, CDP_EDATA, code, field, "%.*s", (int)text.n, text.p);
	return cdp_fail_rule(err, CDP_EDATA, code, field, "%.*s (and %zu more)",
	    (int)text.n, text.p, more);
}

/* Whether one of the violations that lead to omission is in the value. */
static bool
is_wrong(const struct judge *j, uint32_t val)
{
	const struct cdp_tape *t = j->ln->tape;
	const struct cdp_violation *v;

	v = j->mode->violation == CDP_OMIT ? j->found : NULL;
	for (; v != NULL; v = v->next)
		if (v->at >= val && v->at < t->tok[val].next)
			return true;
	v = j->mode->common == CDP_OMIT ? j->common : NULL;
	for (; v != NULL; v = v->next)
		if (v->at >= val && v->at < t->tok[val].next)
			return true;
	return false;
}

/* Mark the members of the body that the plan's modes leave out. */
static void
mark(struct judge *j, bool by_name, struct cdp_planned_counts *n)
{
	const struct cdp_tape *t = j->ln->tape;
	uint32_t at = j->env->at[j->body], it = 0, key, val;
	size_t i;

	if (!cdp_tape_isa(t, at, CDP_OBJECT))
		return;
	j->omit = cdp_arena_calloc(j->ln->mem, cdp_tape_count(t, at) + 1, 1);
	for (i = 0; cdp_tape_next(t, at, &it, &key, &val); i++) {
		if (by_name &&
		    cdp_map_get(&j->rule->planned,
			cdp_tape_str(t, key, j->ln->mem)) == NULL)
			j->omit[i] = UNPLANNED;
		else if (is_wrong(j, val))
			j->omit[i] = VIOLATING;
		j->unplanned |= j->omit[i] == UNPLANNED;
		j->violating |= j->omit[i] == VIOLATING;
		n->omitted += j->omit[i] != KEPT;
	}
}

/* The body without what is left out, as a member of the edit. */
static void
put_body(const struct judge *j, struct cdp_buf *edit)
{
	const struct cdp_tape *t = j->ln->tape;
	uint32_t at = j->env->at[j->body], it = 0, key, val;
	size_t i;

	cdp_json_key(edit, j->body == CDP_ENV_TRAITS ? "traits" : "properties");
	cdp_buf_putc(edit, '{');
	for (i = 0; cdp_tape_next(t, at, &it, &key, &val); i++) {
		if (j->omit[i] != KEPT)
			continue;
		cdp_json_comma(edit);
		cdp_buf_put(edit, cdp_tape_raw(t, key));
		cdp_buf_putc(edit, ':');
		cdp_buf_put(edit, cdp_tape_raw(t, val));
	}
	cdp_buf_putc(edit, '}');
}

/* "omitted":["a","b"] */
static void
put_omitted(
    const struct judge *j, const char *name, uint8_t why, struct cdp_buf *edit)
{
	const struct cdp_tape *t = j->ln->tape;
	uint32_t at = j->env->at[j->body], it = 0, key, val;
	size_t i;

	cdp_json_key(edit, name);
	cdp_buf_putc(edit, '[');
	for (i = 0; cdp_tape_next(t, at, &it, &key, &val); i++)
		if (j->omit[i] == why) {
			cdp_json_comma(edit);
			cdp_buf_put(edit, cdp_tape_raw(t, key));
		}
	cdp_buf_putc(edit, ']');
}

static void
put_violations(const struct cdp_violation *v, struct cdp_buf *edit)
{
	for (; v != NULL; v = v->next) {
		cdp_json_comma(edit);
		cdp_buf_putc(edit, '{');
		cdp_json_kstr(edit, "type", cdp_str_of(v->type));
		cdp_json_kstr(edit, "field", v->field);
		cdp_json_kstr(edit, "description", v->text);
		cdp_buf_putc(edit, '}');
	}
}

/* What the sender already wrote there, such as event_version, stays. */
static void
put_old(const struct judge *j, struct cdp_buf *edit)
{
	static const char *const ours[] = { "sourceId", "omitted",
		"omitted_on_violation", "violations", NULL };
	const struct cdp_tape *t = j->ln->tape;
	uint32_t it = 0, key, val, old;
	const char *const *o;

	old =
	    cdp_tape_get(t, j->env->at[CDP_ENV_CONTEXT], CDP_STR("protocols"));
	if (!cdp_tape_isa(t, old, CDP_OBJECT))
		return;
	while (cdp_tape_next(t, old, &it, &key, &val)) {
		for (o = ours; *o != NULL; o++)
			if (cdp_tape_streq(t, key, cdp_str_of(*o)))
				break;
		if (*o != NULL)
			continue;
		cdp_json_comma(edit);
		cdp_buf_put(edit, cdp_tape_raw(t, key));
		cdp_buf_putc(edit, ':');
		cdp_buf_put(edit, cdp_tape_raw(t, val));
	}
}

static void
stamp(const struct judge *j, struct cdp_str source, struct cdp_buf *edit)
{
	bool inside =
	    cdp_tape_isa(j->ln->tape, j->env->at[CDP_ENV_CONTEXT], CDP_OBJECT);

	if (j->unplanned || j->violating)
		put_body(j, edit);
	cdp_json_key(edit, inside ? "context.protocols" : "context");
	cdp_buf_putc(edit, '{');
	if (!inside) {
		cdp_json_key(edit, "protocols");
		cdp_buf_putc(edit, '{');
	}
	put_old(j, edit);
	cdp_json_kstr(edit, "sourceId", source);
	if (j->unplanned)
		put_omitted(j, "omitted", UNPLANNED, edit);
	if (j->violating)
		put_omitted(j, "omitted_on_violation", VIOLATING, edit);
	if (j->found != NULL || j->common != NULL) {
		cdp_json_key(edit, "violations");
		cdp_buf_putc(edit, '[');
		put_violations(j->found, edit);
		put_violations(j->common, edit);
		cdp_buf_putc(edit, ']');
	}
	cdp_buf_puts(edit, inside ? "}" : "}}");
}

/* Whoever asked is told of each, with what becomes of the event. */
static void
tell(const struct judge *j, const struct cdp_violation *v, const char *code,
    bool blocked)
{
	for (; v != NULL && j->pl->violation != NULL; v = v->next)
		j->pl->violation(j->pl->arg, j->ln, v, code, blocked);
}

int
cdp_planned_judge(struct cdp_planned *pl, const struct cdp_line *ln,
    const struct cdp_envelope *env, struct cdp_buf *edit, struct cdp_err *err)
{
	struct judge j = { .pl = pl, .ln = ln, .env = env };
	const struct cdp_plan *plan = pl->plan;
	const struct cdp_plan_rule *rule;
	bool by_name, stop;

	if (!plan->present || !cdp_type_is_event(ln->type))
		return 0;
	j.mode = &plan->mode[part_of(ln->type)];
	rule = rule_for(&j);
	if (rule == NULL) {
		pl->n.unplanned++;
		if (plan->unplanned_event == CDP_BLOCK)
			return cdp_fail_rule(err, CDP_EDATA, "unplanned",
			    "event", "event is not in the plan");
	}
	j.rule = version(&j, rule);
	j.found = check(j.rule, ln);
	j.common = check(version(&j, &plan->part[CDP_PLAN_COMMON]), ln);
	pl->n.violating += j.found != NULL || j.common != NULL;
	stop = (j.mode->violation == CDP_BLOCK && j.found != NULL) ||
	    (j.mode->common == CDP_BLOCK && j.common != NULL);
	tell(&j, j.found, "schema_violation", stop);
	tell(&j, j.common, "common_schema_violation", stop);
	if (j.mode->violation == CDP_BLOCK && j.found != NULL)
		return block(j.found, "schema_violation", ln->mem, err);
	if (stop)
		return block(j.common, "common_schema_violation", ln->mem, err);
	j.body = ln->type == CDP_IDENTIFY || ln->type == CDP_GROUP
	    ? CDP_ENV_TRAITS
	    : CDP_ENV_PROPERTIES;
	by_name = j.mode->unplanned_property == CDP_OMIT && j.rule != NULL &&
	    !j.rule->open;
	if (j.found != NULL || j.common != NULL || by_name)
		mark(&j, by_name, &pl->n);
	if (j.found != NULL || j.common != NULL || j.unplanned)
		stamp(&j, pl->source, edit);
	return 0;
}
