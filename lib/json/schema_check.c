#include "lib/json/schema_int.h"
#include "lib/json/write.h"

/*
 * A schema may lead to itself without going down in the value (allOf of "#"):
 * nothing would end it but this.
 */
#define DEPTH 1000

static bool judge(struct cdp_judge *j, const struct cdp_snode *n, uint32_t at,
    const struct cdp_sway *way);

/* The verdict alone, without noting what is wrong. */
static bool
fits(struct cdp_judge *j, const struct cdp_snode *n, uint32_t at,
    const struct cdp_sway *way)
{
	struct cdp_violation **tail = j->tail;
	bool ok;

	j->tail = NULL;
	ok = judge(j, n, at, way);
	j->tail = tail;
	return ok;
}

/* ---- arrays ---- */

/* Each element against those before it, or, of many, by their spelling. */
static bool
check_unique(
    struct cdp_judge *j, uint32_t at, const struct cdp_sway *way, size_t n)
{
	const struct cdp_tape *t = j->t;
	struct cdp_map seen = { 0 };
	struct cdp_buf b = { 0 };
	uint32_t it = 0, key, v;
	size_t i = 0, *index, first = 0;
	bool twice = false;
	void **slot;

	index = cdp_arena_calloc(j->mem, n + 1, sizeof(*index));
	while (!twice && cdp_tape_next(t, at, &it, &key, &v)) {
		cdp_buf_reset(&b);
		cdp_json_canonical(&b, t, v);
		slot =
		    cdp_map_at(&seen, cdp_arena_dup(j->mem, cdp_buf_str(&b)));
		twice = *slot != NULL;
		if (twice)
			first = *(size_t *)*slot;
		else {
			index[i] = i;
			*slot = &index[i++];
		}
	}
	cdp_map_free(&seen);
	cdp_buf_free(&b);
	return !twice ||
	    cdp_schema_wrong(j, way, at, "Unique",
		"array items[%zu,%zu] must be unique", first, i);
}

static bool
check_contains(struct cdp_judge *j, const struct cdp_snode *n, uint32_t at,
    const struct cdp_sway *way)
{
	uint32_t it = 0, key, v;

	while (cdp_tape_next(j->t, at, &it, &key, &v))
		if (fits(j, n->sub[CDP_SCH_CONTAINS], v, way))
			return true;
	return cdp_schema_wrong(
	    j, way, at, "Contains", "At least one of the items must match");
}

static bool
check_items(struct cdp_judge *j, const struct cdp_snode *n, uint32_t at,
    const struct cdp_sway *way)
{
	const struct cdp_snodes *tuple = &n->list[CDP_SCH_TUPLE];
	struct cdp_sway down = { way, { NULL, 0 }, 0, true };
	uint32_t it = 0, key, v;
	bool ok = true;

	for (; cdp_tape_next(j->t, at, &it, &key, &v); down.index++) {
		const struct cdp_snode *e = n->sub[CDP_SCH_ITEMS];

		if (n->has_list[CDP_SCH_TUPLE])
			e = down.index < tuple->n ? tuple->v[down.index]
						  : n->sub[CDP_SCH_MOREITEMS];
		if (e == NULL)
			continue;
		if (e->kind == CDP_SCH_FALSE && down.index >= tuple->n &&
		    n->has_list[CDP_SCH_TUPLE])
			return cdp_schema_wrong(j, way, at,
			    "Array No Additional Items",
			    "No additional items allowed on array");
		ok = judge(j, e, v, &down) && ok;
	}
	return ok;
}

static bool
check_array(struct cdp_judge *j, const struct cdp_snode *n, uint32_t at,
    const struct cdp_sway *way)
{
	const int64_t *lim = n->count;
	size_t len = cdp_tape_count(j->t, at);
	bool ok = true;

	if ((int64_t)len < lim[CDP_SCH_MINITEMS])
		ok = cdp_schema_wrong(j, way, at, "Array Min Items",
		    "Array must have at least %lld items",
		    (long long)lim[CDP_SCH_MINITEMS]);
	if (lim[CDP_SCH_MAXITEMS] >= 0 && (int64_t)len > lim[CDP_SCH_MAXITEMS])
		ok = cdp_schema_wrong(j, way, at, "Array Max Items",
		    "Array must have at most %lld items",
		    (long long)lim[CDP_SCH_MAXITEMS]);
	if (n->sub[CDP_SCH_ITEMS] != NULL || n->has_list[CDP_SCH_TUPLE])
		ok = check_items(j, n, at, way) && ok;
	if (n->unique)
		ok = check_unique(j, at, way, len) && ok;
	if (n->sub[CDP_SCH_CONTAINS] != NULL)
		ok = check_contains(j, n, at, way) && ok;
	return ok;
}

/* ---- objects ---- */

/* The field of a member that is missing, or must not be there. */
static struct cdp_str
member(struct cdp_judge *j, const struct cdp_sway *way, struct cdp_str name)
{
	struct cdp_sway down = { way, name, 0, false };

	return cdp_schema_field(j, &down);
}

static bool
check_required(struct cdp_judge *j, const struct cdp_snode *n, uint32_t at,
    const struct cdp_sway *way)
{
	bool ok = true;

	for (size_t i = 0; i < n->nneed; i++) {
		struct cdp_sway down = { way, n->need[i], 0, false };
		struct cdp_str f;

		if (cdp_tape_get(j->t, at, n->need[i]) != CDP_NOTOK)
			continue;
		if (j->tail == NULL)
			return false;
		f = member(j, way, n->need[i]);
		ok = cdp_schema_wrong(j, &down, at, "Required",
		    "%.*s is required", CDP_SCH_STR(f));
	}
	return ok;
}

/* A member that properties does not name. */
static bool
check_more(struct cdp_judge *j, const struct cdp_snode *n, uint32_t val,
    const struct cdp_sway *way)
{
	const struct cdp_snode *more = n->sub[CDP_SCH_MOREPROPS];
	bool ok = true, known = cdp_map_get(&n->by_name, way->name) != NULL;

	for (size_t i = 0; i < n->npat; i++)
		if (cdp_schema_matches(j, n->pat[i].re, way->name)) {
			known = true;
			ok = judge(j, n->pat[i].node, val, way) && ok;
		}
	if (known || more == NULL)
		return ok;
	if (more->kind == CDP_SCH_FALSE)
		return cdp_schema_wrong(j, way, val,
		    "Additional Property Not Allowed",
		    "Additional property %.*s is not allowed",
		    CDP_SCH_STR(way->name));
	return judge(j, more, val, way);
}

static bool
check_members(struct cdp_judge *j, const struct cdp_snode *n, uint32_t at,
    const struct cdp_sway *way)
{
	const struct cdp_snode *names = n->sub[CDP_SCH_NAMES];
	uint32_t it = 0, key, v;
	bool ok = true;

	while (cdp_tape_next(j->t, at, &it, &key, &v)) {
		struct cdp_sway down = { way, cdp_tape_str(j->t, key, j->mem),
			0, false };

		if (names != NULL && !fits(j, names, key, &down))
			ok = cdp_schema_wrong(j, &down, v,
			    "Invalid Property Name",
			    "Property name of \"%.*s\" does not match",
			    CDP_SCH_STR(down.name));
		ok = check_more(j, n, v, &down) && ok;
	}
	return ok;
}

static bool
check_dependencies(struct cdp_judge *j, const struct cdp_snode *n, uint32_t at,
    const struct cdp_sway *way)
{
	bool ok = true;

	for (size_t k = 0; k < n->ndep; k++) {
		const struct cdp_sdep *d = &n->dep[k];

		if (cdp_tape_get(j->t, at, d->name) == CDP_NOTOK)
			continue;
		if (d->node != NULL)
			ok = judge(j, d->node, at, way) && ok;
		for (size_t i = 0; i < d->nneed; i++)
			if (cdp_tape_get(j->t, at, d->need[i]) == CDP_NOTOK)
				ok = cdp_schema_wrong(j, way, at,
				    "Missing Dependency",
				    "Has a dependency on %.*s",
				    CDP_SCH_STR(d->need[i]));
	}
	return ok;
}

static bool
check_object(struct cdp_judge *j, const struct cdp_snode *n, uint32_t at,
    const struct cdp_sway *way)
{
	const int64_t *lim = n->count;
	bool ok = check_required(j, n, at, way);
	int64_t len = 0;

	if (lim[CDP_SCH_MINPROPS] >= 0 || lim[CDP_SCH_MAXPROPS] >= 0)
		len = (int64_t)cdp_tape_count(j->t, at);
	if (len < lim[CDP_SCH_MINPROPS])
		ok = cdp_schema_wrong(j, way, at, "Array Min Properties",
		    "Must have at least %lld properties",
		    (long long)lim[CDP_SCH_MINPROPS]);
	if (lim[CDP_SCH_MAXPROPS] >= 0 && len > lim[CDP_SCH_MAXPROPS])
		ok = cdp_schema_wrong(j, way, at, "Array Max Properties",
		    "Must have at most %lld properties",
		    (long long)lim[CDP_SCH_MAXPROPS]);
	for (size_t i = 0; i < n->nprop; i++) {
		struct cdp_sway down = { way, n->prop[i].name, 0, false };
		uint32_t v = cdp_tape_get(j->t, at, n->prop[i].name);

		if (v != CDP_NOTOK)
			ok = judge(j, n->prop[i].node, v, &down) && ok;
	}
	if (n->npat != 0 || n->sub[CDP_SCH_MOREPROPS] != NULL ||
	    n->sub[CDP_SCH_NAMES] != NULL)
		ok = check_members(j, n, at, way) && ok;
	return check_dependencies(j, n, at, way) && ok;
}

/* ---- schemas of schemas ---- */

/* Of allOf what is wrong in each is told, of the others only the verdict. */
static bool
check_lists(struct cdp_judge *j, const struct cdp_snode *n, uint32_t at,
    const struct cdp_sway *way)
{
	const struct cdp_snodes *all = &n->list[CDP_SCH_ALL];
	const struct cdp_snodes *any = &n->list[CDP_SCH_ANY];
	const struct cdp_snodes *one = &n->list[CDP_SCH_ONE];
	size_t hit = 0;
	bool ok = true;

	for (size_t i = 0; i < all->n; i++)
		ok = judge(j, all->v[i], at, way) && ok;
	if (!ok)
		cdp_schema_wrong(j, way, at, "Number All Of",
		    "Must validate all the schemas (allOf)");
	for (size_t i = 0; i < any->n && hit == 0; i++)
		hit += fits(j, any->v[i], at, way);
	if (n->has_list[CDP_SCH_ANY] && hit == 0)
		ok = cdp_schema_wrong(j, way, at, "Number Any Of",
		    "Must validate at least one schema (anyOf)");
	hit = 0;
	for (size_t i = 0; i < one->n && hit < 2; i++)
		hit += fits(j, one->v[i], at, way);
	if (n->has_list[CDP_SCH_ONE] && hit != 1)
		ok = cdp_schema_wrong(j, way, at, "Number One Of",
		    "Must validate one and only one schema (oneOf)");
	return ok;
}

static bool
check_logic(struct cdp_judge *j, const struct cdp_snode *n, uint32_t at,
    const struct cdp_sway *way)
{
	const struct cdp_snode *next;
	bool ok = true, cond;

	if (n->sub[CDP_SCH_NOT] != NULL &&
	    fits(j, n->sub[CDP_SCH_NOT], at, way))
		ok = cdp_schema_wrong(j, way, at, "Number Not",
		    "Must not validate the schema (not)");
	if (n->sub[CDP_SCH_IF] == NULL)
		return ok;
	cond = fits(j, n->sub[CDP_SCH_IF], at, way);
	next = n->sub[cond ? CDP_SCH_THEN : CDP_SCH_ELSE];
	if (next == NULL || judge(j, next, at, way))
		return ok;
	if (cond)
		cdp_schema_wrong(j, way, at, "Condition Then",
		    "Must validate \"then\" as \"if\" was valid");
	else
		cdp_schema_wrong(j, way, at, "Condition Else",
		    "Must validate \"else\" as \"if\" was not valid");
	return false;
}

static bool
check_kind(struct cdp_judge *j, const struct cdp_snode *n, uint32_t at,
    const struct cdp_sway *way)
{
	switch (cdp_tape_kind(j->t, at)) {
	case CDP_NUM:
		return cdp_schema_number(j, n, at, way);
	case CDP_STRING:
		return cdp_schema_string(j, n, at, way);
	case CDP_ARRAY:
		return check_array(j, n, at, way);
	case CDP_OBJECT:
		return check_object(j, n, at, way);
	default:
		return true;
	}
}

static bool
judge(struct cdp_judge *j, const struct cdp_snode *n, uint32_t at,
    const struct cdp_sway *way)
{
	bool ok = true;

	while (n->ref != NULL)
		n = n->ref;
	if (n->kind == CDP_SCH_TRUE)
		return true;
	if (n->kind == CDP_SCH_FALSE)
		return cdp_schema_wrong(
		    j, way, at, "False", "False always fails validation");
	if (j->depth == DEPTH || j->deep) {
		j->deep = true;
		return false;
	}
	j->depth++;
	ok = cdp_schema_type(j, n, at, way);
	ok = cdp_schema_values(j, n, at, way) && ok;
	ok = check_kind(j, n, at, way) && ok;
	ok = check_lists(j, n, at, way) && ok;
	ok = check_logic(j, n, at, way) && ok;
	j->depth--;
	return ok;
}

int
cdp_schema_check(const struct cdp_schema *s, const struct cdp_tape *t,
    uint32_t at, struct cdp_arena *mem, struct cdp_violation **ret,
    struct cdp_err *err)
{
	struct cdp_judge j = { .s = s, .t = t, .mem = mem, .tail = ret };

	*ret = NULL;
	judge(&j, s->root, at, NULL);
	if (j.deep)
		return cdp_fail(
		    err, CDP_EDATA, "the schema goes in circles on this value");
	if (j.limit)
		return cdp_fail(err, CDP_EDATA,
		    "a pattern of the schema took too long on this value");
	return 0;
}
