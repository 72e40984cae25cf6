#include "lib/rule/each.h"
#include "lib/rule/load.h"
#include "lib/rule/pred.h"
#include "lib/rule/trail.h"
#include "lib/rule/tree.h"

/* ---- what makes a where an open one ---- */

/* {PATH: {OPERATOR: {trait: PATH}}} */
static bool
refers(const struct cdp_node *ops)
{
	for (size_t i = 0; ops->kind == CDP_NODE_MAP && i < ops->n; i++)
		if (ops->item[i]->kind == CDP_NODE_MAP)
			return true;
	return false;
}

bool
cdp_trail_is_open(const struct cdp_node *where)
{
	const struct cdp_node *item;
	struct cdp_str key;

	if (where->kind == CDP_NODE_SEQ) {
		for (size_t i = 0; i < where->n; i++)
			if (cdp_trail_is_open(where->item[i]))
				return true;
		return false;
	}
	for (size_t i = 0; where->kind == CDP_NODE_MAP && i < where->n; i++) {
		key = where->key[i]->text;
		item = where->item[i];
		if (cdp_str_is(key, "then") || cdp_str_is(key, "trait") ||
		    cdp_str_is(key, "audience"))
			return true;
		if (cdp_str_is(key, "all") || cdp_str_is(key, "any") ||
			    cdp_str_is(key, "not")
			? cdp_trail_is_open(item)
			: refers(item))
			return true;
	}
	return false;
}

uint32_t
cdp_trail_col(struct cdp_loader *ld, const struct cdp_path *path)
{
	struct cdp_trail_def *tr = ld->trail;
	struct cdp_trail_col *v;

	if (tr == NULL)
		return 0;
	for (size_t i = 0; i < tr->ncol; i++)
		if (cdp_str_eq(tr->col[i].path.text, path->text))
			return (uint32_t)i;
	v = cdp_load_grow(ld, tr->col, tr->ncol, 1, sizeof(*v));
	v[tr->ncol] = (struct cdp_trail_col){ *path, cdp_each_is(path) };
	tr->col = v;
	return (uint32_t)tr->ncol++;
}

/* ---- how many, or what else is made of the events ---- */

static const struct {
	const char *name;
	enum cdp_trait_kind kind;
} reducers[] = { { "sum", CDP_TRAIT_SUM }, { "avg", CDP_TRAIT_AVG },
	{ "min", CDP_TRAIT_MIN }, { "max", CDP_TRAIT_MAX },
	{ "first", CDP_TRAIT_FIRST }, { "last", CDP_TRAIT_LAST },
	{ "most_frequent", CDP_TRAIT_MOST_FREQUENT },
	{ "unique_count", CDP_TRAIT_UNIQUE_COUNT } };
#define NREDUCERS (sizeof(reducers) / sizeof(*reducers))

/* Keys that are no operators. */
static const char *const own_keys[] = { "event", "where", "within", "between",
	"session", "entity", "as", "sum", "avg", "min", "max", "first", "last",
	"most_frequent", "unique_count", NULL };

/* The reducer in map, or NREDUCERS; "min" beside "most_frequent" is none. */
static size_t
reducer(const struct cdp_node *map)
{
	size_t ret = NREDUCERS;

	for (size_t i = 0; i < NREDUCERS; i++)
		if (cdp_node_get(map, reducers[i].name) != NULL)
			ret = i;
	return ret;
}

/* A count that is compared with whole numbers alone is no measure. */
static bool
is_plain(const struct cdp_node *count)
{
	static const char *const names[] = { "in", "not_in", "exists", NULL };

	if (count == NULL || count->kind != CDP_NODE_MAP)
		return true;
	for (size_t i = 0; names[i] != NULL; i++)
		if (cdp_node_get(count, names[i]) != NULL)
			return false;
	for (size_t i = 0; i < count->n; i++)
		if (count->item[i]->kind == CDP_NODE_MAP ||
		    (count->item[i]->text.n != 0 &&
			memchr(count->item[i]->text.p, '.',
			    count->item[i]->text.n) != NULL) ||
		    cdp_str_starts(count->item[i]->text, CDP_STR("-")))
			return false;
	return true;
}

bool
cdp_cond_is_value(const struct cdp_node *map)
{
	return reducer(map) != NREDUCERS ||
	    cdp_node_get(map, "session") != NULL;
}

bool
cdp_cond_is_measure(const struct cdp_node *map)
{
	const struct cdp_node *where = cdp_node_get(map, "where");

	return cdp_cond_is_value(map) ||
	    !is_plain(cdp_node_get(map, "count")) ||
	    (where != NULL && cdp_trail_is_open(where));
}

/* Whether the key is one of a condition about rows, or of one about events. */
static bool
is_of(const char *key, bool rows)
{
	static const char *const times[] = { "event", "within", "between",
		"session", NULL };

	for (size_t i = 0; times[i] != NULL; i++)
		if (strcmp(key, times[i]) == 0)
			return !rows;
	return rows || strcmp(key, "entity") != 0;
}

const char *const *
cdp_cond_event_keys(struct cdp_loader *ld, const struct cdp_node *map)
{
	bool value = reducer(map) != NREDUCERS;
	bool rows = cdp_node_get(map, "entity") != NULL;
	const char **v;
	size_t n = 0;

	v = cdp_arena_calloc(ld->mem,
	    sizeof(own_keys) / sizeof(*own_keys) + CDP_NOPS + 2, sizeof(*v));
	for (size_t i = 0; own_keys[i] != NULL; i++)
		if (is_of(own_keys[i], rows))
			v[n++] = own_keys[i];
	for (size_t i = 0; value && i < CDP_NOPS; i++)
		v[n++] = cdp_ops_names[i];
	if (!value)
		v[n++] = "count";
	return v;
}

/* One value, of the kind that is asked for. */
static bool
is_one(struct cdp_loader *ld, const struct cdp_node *map, size_t r)
{
	for (size_t i = 0; i < NREDUCERS; i++)
		if (i != r && cdp_node_get(map, reducers[i].name) != NULL &&
		    !(reducers[i].kind == CDP_TRAIT_MIN &&
			reducers[r].kind == CDP_TRAIT_MOST_FREQUENT)) {
			cdp_diag_error(ld->diags, map, "bad-condition",
			    "'%s' and '%s' in one condition; write all: [...]",
			    reducers[i].name, reducers[r].name);
			return false;
		}
	return true;
}

bool
cdp_cond_reduce(struct cdp_loader *ld, const struct cdp_node *map,
    struct cdp_measure_def *ret)
{
	static const char *const types[] = { "number", "string", "array",
		NULL };
	struct cdp_trait *def = &ret->def;
	const struct cdp_node *of, *as = cdp_node_get(map, "as"),
				   *min = cdp_node_get(map, "min");
	size_t r = reducer(map);
	int type = 0;

	def->jq = -1;
	def->min = 2;
	if (r == NREDUCERS) {
		def->kind = CDP_TRAIT_COUNT;
		def->def = CDP_STR("0");
		return true;
	}
	def->kind = reducers[r].kind;
	of = cdp_node_get(map, reducers[r].name);
	if (!is_one(ld, map, r) ||
	    !cdp_load_each(ld, of, reducers[r].name, &def->path, &ret->many) ||
	    (as != NULL && !cdp_load_choice(ld, as, "as", types, &type)))
		return false;
	if (type == 2 && def->kind == CDP_TRAIT_MOST_FREQUENT) {
		ret->whole = ret->many;
		ret->many = false;
	} else if (type == 2) {
		cdp_diag_error(ld->diags, as, "bad-condition",
		    "'as: array' is for 'most_frequent'");
		return false;
	}
	if (type == 1 &&
	    (def->kind == CDP_TRAIT_MIN || def->kind == CDP_TRAIT_MAX)) {
		ret->pick = def->kind == CDP_TRAIT_MIN ? -1 : 1;
		def->kind = CDP_TRAIT_UNIQUE;
	}
	if (def->kind == CDP_TRAIT_UNIQUE_COUNT)
		def->def = CDP_STR("0");
	if (def->kind == CDP_TRAIT_MOST_FREQUENT && min != NULL)
		return cdp_load_int(ld, min, "min", 1, INT32_MAX, &def->min);
	return true;
}

/* What its value is compared with: by default, at least one. */
const struct cdp_ops *
cdp_cond_compare(struct cdp_loader *ld, const struct cdp_node *map)
{
	static const struct cdp_const one = { .kind = CDP_NUM,
		.s = { "1", 1 } };
	static const struct cdp_ops some = {
		.kind = CDP_OP_GTE, .v = &one, .nv = 1
	};
	const struct cdp_node *count = cdp_node_get(map, "count");
	size_t r = reducer(map);

	if (r != NREDUCERS)
		return cdp_ops_load(ld, map, own_keys, reducers[r].name);
	return count == NULL ? &some : cdp_ops_short(ld, count, "count");
}

/* ---- an event ---- */

static bool
names(
    struct cdp_loader *ld, const struct cdp_node *map, struct cdp_trail_part *p)
{
	struct cdp_node only = *map;

	only.n = 0;
	for (size_t i = 0; i < map->n && only.n == 0; i++)
		if (cdp_str_is(map->key[i]->text, "event")) {
			only.key = &map->key[i];
			only.item = &map->item[i];
			only.n = 1;
		}
	return cdp_trigger_load(ld, &only, &p->on) == 0;
}

static bool
where_load(struct cdp_loader *ld, struct cdp_node *where,
    struct cdp_trail_def *tr, struct cdp_trail_part *p)
{
	struct cdp_trail_def *trail = ld->trail;
	struct cdp_trail_part *at = tr != NULL ? tr->at : NULL;
	bool open = cdp_trail_is_open(where);
	unsigned refers = ld->refers;
	struct cdp_pred *pred;

	ld->trail = open ? tr : NULL;
	ld->refers = !open ? 0
			   : CDP_REF_TRAIT | CDP_REF_EVENT |
		(p->in != NULL ? CDP_REF_PARENT : 0);
	if (tr != NULL) {
		tr->at = p;
	}
	pred = cdp_pred_where(ld, where);
	ld->trail = trail;
	ld->refers = refers;
	if (tr != NULL) {
		tr->at = at;
	}
	if (open)
		p->open = pred;
	else
		p->on.where = pred;
	return pred != NULL;
}

/* Its names, where and reducer. */
static bool
part_load(struct cdp_loader *ld, struct cdp_node *map, struct cdp_trail_def *tr,
    struct cdp_trail_part *p)
{
	struct cdp_node *where = cdp_node_get(map, "where");
	bool good = names(ld, map, p);

	good &= where == NULL || where_load(ld, where, tr, p);
	if (!cdp_cond_reduce(ld, map, &p->measure))
		return false;
	if (tr != NULL && p->measure.def.kind != CDP_TRAIT_COUNT) {
		struct cdp_trail_def *trail = ld->trail;

		ld->trail = tr;
		p->col = cdp_trail_col(ld, &p->measure.def.path);
		ld->trail = trail;
	}
	return good;
}

const struct cdp_trail_part *
cdp_trail_then(struct cdp_loader *ld, struct cdp_node *map)
{
	struct cdp_trail_def *tr = ld->trail;
	struct cdp_leaf window = { 0 };
	struct cdp_trail_part *p;

	if (!cdp_load_is_map(ld, map, "then"))
		return NULL;
	if (tr->npart == CDP_TRAIL_PARTS) {
		cdp_diag_error(ld->diags, map, "bad-condition",
		    "more than 50 events in one condition");
		return NULL;
	}
	p = &tr->part[tr->npart++];
	p->in = tr->at;
	cdp_diag_keys(ld->diags, map, "then", cdp_cond_event_keys(ld, map));
	if (!cdp_cond_window(ld, map, &window) || !part_load(ld, map, tr, p) ||
	    (p->ops = cdp_cond_compare(ld, map)) == NULL)
		return NULL;
	p->from_ms = window.from_ms;
	p->within_ms = window.to_ms;
	if (cdp_node_get(map, "session") == NULL)
		return p;
	cdp_diag_error(ld->diags, map, "bad-condition",
	    "an event behind another has 'within' or 'between', since that "
	    "one, and no 'session'");
	return NULL;
}

/* ---- the condition ---- */

/* What the history depends on, as its name in the store: all but what the
 * value is compared with. */
static void
canon(struct cdp_loader *ld, const struct cdp_node *map, struct cdp_leaf *lf)
{
	struct cdp_node most = *map;
	struct cdp_node **key, **item;

	key = cdp_arena_calloc(ld->mem, map->n, sizeof(*key));
	item = cdp_arena_calloc(ld->mem, map->n, sizeof(*item));
	most.n = 0;
	for (size_t i = 0; i < map->n; i++)
		for (size_t k = 0; own_keys[k] != NULL; k++)
			if (cdp_str_is(map->key[i]->text, own_keys[k])) {
				key[most.n] = map->key[i];
				item[most.n++] = map->item[i];
			}
	most.key = key;
	most.item = item;
	cdp_leaf_canon(ld, &most, "measure", lf);
}

/* All names of events, and whether the profile is asked. */
static void
gather(
    struct cdp_loader *ld, const struct cdp_trail_def *tr, struct cdp_leaf *lf)
{
	struct cdp_trigger on = { 0 };
	struct cdp_str *v = NULL;

	for (size_t i = 0; i < tr->npart; i++)
		for (size_t k = 0; k < tr->part[i].on.nevent; k++) {
			v = cdp_load_grow(ld, v, on.nevent, 1, sizeof(*v));
			v[on.nevent++] = tr->part[i].on.event[k];
		}
	on.event = v;
	lf->on = on;
}

static bool
session_load(struct cdp_loader *ld, const struct cdp_node *map,
    const struct cdp_leaf *lf, struct cdp_trait *def)
{
	const struct cdp_node *session = cdp_node_get(map, "session");

	if (session == NULL)
		return true;
	if (!cdp_cond_length(ld, session, "session", &def->session_ms))
		return false;
	if (def->session_ms > 0 && !lf->window)
		return true;
	cdp_diag_error(ld->diags, session, "bad-condition",
	    lf->window ? "'session' and a window of time do not go together"
		       : "'session' must be longer than nothing");
	return false;
}

bool
cdp_cond_measure(
    struct cdp_loader *ld, struct cdp_node *map, struct cdp_cond *c)
{
	struct cdp_leaf *lf = c->leaf;
	struct cdp_node *where = cdp_node_get(map, "where");
	struct cdp_trail_def *tr = NULL;
	struct cdp_trail_part *p;
	unsigned refers = ld->refers;

	c->kind = CDP_COND_MEASURE;
	if (where != NULL && cdp_trail_is_open(where)) {
		tr = cdp_arena_calloc(ld->mem, 1, sizeof(*tr));
		tr->pr = ld->pr;
		tr->npart = 1;
		p = tr->part;
	} else {
		p = cdp_arena_calloc(ld->mem, 1, sizeof(*p));
	}
	if (!part_load(ld, map, tr, p) || !cdp_cond_window(ld, map, lf) ||
	    !session_load(ld, map, lf, &p->measure.def))
		return false;
	ld->refers = CDP_REF_TRAIT;
	c->ops = (struct cdp_ops *)cdp_cond_compare(ld, map);
	ld->refers = refers;
	if (c->ops == NULL)
		return false;
	p->measure.def.within_ms = lf->to_ms - lf->from_ms;
	p->measure.from_ms = lf->from_ms;
	p->measure.trail = tr;
	lf->measure = &p->measure;
	lf->on = p->on;
	if (tr != NULL)
		gather(ld, tr, lf);
	c->uses = CDP_USES_EVENTS;
	if (tr != NULL || cdp_ops_refers(c->ops))
		c->uses |= CDP_USES_PROFILE;
	if (tr != NULL || lf->window || p->measure.def.session_ms != 0 ||
	    cdp_ops_timed(c->ops))
		c->uses |= CDP_USES_TIME;
	canon(ld, map, lf);
	return true;
}
