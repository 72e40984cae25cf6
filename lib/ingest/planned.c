#include "lib/ingest/planned.h"

#include "lib/json/write.h"

/* Why a member of properties or traits is left out. */
enum { KEPT, UNPLANNED, VIOLATING };

struct judge {
	const struct cdp_plan *plan;
	const struct cdp_line *ln;
	const struct cdp_envelope *env;
	const struct cdp_plan_event *event; /* of a track, or NULL */
	enum cdp_env body;                  /* properties or traits */
	uint8_t *omit;                      /* a mark a member of it */
	bool unplanned, violating;          /* some mark of that kind */
	struct cdp_violation *found, *common;
};

static struct cdp_schema *
schema_for(const struct judge *j)
{
	switch (j->ln->type) {
	case CDP_TRACK:
		return j->event != NULL ? j->event->schema : NULL;
	case CDP_IDENTIFY:
		return j->plan->identify;
	case CDP_GROUP:
		return j->plan->group;
	case CDP_PAGE:
		return j->plan->page;
	case CDP_SCREEN:
		return j->plan->screen;
	default:
		return NULL;
	}
}

/* A pattern that hit its limit is a violation, not a reason to stop. */
static struct cdp_violation *
check(const struct cdp_schema *s, const struct cdp_line *ln)
{
	struct cdp_violation *v = NULL;
	struct cdp_err ignored = { 0 };

	if (s != NULL)
		(void)cdp_schema_check(s, ln->tape, 0, ln->mem, &v, &ignored);
	return v;
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

static bool
is_planned(const struct cdp_plan_event *ev, struct cdp_str name)
{
	size_t i;

	for (i = 0; i < ev->nprops; i++)
		if (cdp_str_eq(ev->props[i], name))
			return true;
	return false;
}

/* Mark the members of the body that the plan's modes leave out. */
static void
mark(struct judge *j, struct cdp_planned_counts *n)
{
	const struct cdp_tape *t = j->ln->tape;
	uint32_t at = j->env->at[j->body], it = 0, key, val;
	const struct cdp_violation *v;
	bool by_name =
	    j->event != NULL && j->plan->unplanned_property == CDP_OMIT;
	size_t i;

	if (!cdp_tape_isa(t, at, CDP_OBJECT))
		return;
	j->omit = cdp_arena_calloc(j->ln->mem, cdp_tape_count(t, at) + 1, 1);
	for (i = 0; cdp_tape_next(t, at, &it, &key, &val); i++) {
		if (by_name &&
		    !is_planned(j->event, cdp_tape_str(t, key, j->ln->mem)))
			j->omit[i] = UNPLANNED;
		for (v = j->plan->violation == CDP_OMIT ? j->found : NULL;
		     v != NULL && j->omit[i] == KEPT; v = v->next)
			if (v->at >= val && v->at < t->tok[val].next)
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

int
cdp_planned_judge(const struct cdp_plan *plan, struct cdp_str source,
    const struct cdp_line *ln, const struct cdp_envelope *env,
    struct cdp_buf *edit, struct cdp_planned_counts *n, struct cdp_err *err)
{
	struct judge j = { .plan = plan, .ln = ln, .env = env };

	if (!plan->present || !cdp_type_is_event(ln->type))
		return 0;
	if (ln->type == CDP_TRACK &&
	    (j.event = cdp_map_get(&plan->by_name, ln->event)) == NULL) {
		n->unplanned++;
		if (plan->unplanned_event == CDP_BLOCK)
			return cdp_fail_rule(err, CDP_EDATA, "unplanned",
			    "event", "event is not in the plan");
	}
	j.found = check(schema_for(&j), ln);
	j.common = check(plan->common, ln);
	n->violating += j.found != NULL || j.common != NULL;
	if (plan->violation == CDP_BLOCK && j.found != NULL)
		return block(j.found, "schema_violation", ln->mem, err);
	if (plan->violation == CDP_BLOCK && j.common != NULL)
		return block(j.common, "common_schema_violation", ln->mem, err);
	j.body = ln->type == CDP_IDENTIFY || ln->type == CDP_GROUP
	    ? CDP_ENV_TRAITS
	    : CDP_ENV_PROPERTIES;
	if (j.found != NULL ||
	    (j.event != NULL && plan->unplanned_property == CDP_OMIT))
		mark(&j, n);
	if (j.found != NULL || j.common != NULL || j.unplanned)
		stamp(&j, source, edit);
	return 0;
}
