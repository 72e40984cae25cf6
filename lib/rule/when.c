#include "lib/rule/journeys.h"

#include "lib/base/dec.h"

static bool
listed(const char *const *list, struct cdp_str key)
{
	size_t i;

	for (i = 0; list[i] != NULL; i++)
		if (cdp_str_is(key, list[i]))
			return true;
	return false;
}

/* The map without the keys that are not its condition's. */
static struct cdp_node *
strip(struct cdp_loader *ld, const struct cdp_node *map, const char *const *own)
{
	struct cdp_node *ret = cdp_arena_calloc(ld->mem, 1, sizeof(*ret));
	size_t i;

	*ret = *map;
	ret->key = cdp_arena_calloc(ld->mem, map->n + 1, sizeof(*ret->key));
	ret->item = cdp_arena_calloc(ld->mem, map->n + 1, sizeof(*ret->item));
	ret->n = 0;
	for (i = 0; i < map->n; i++) {
		if (listed(own, map->key[i]->text) ||
		    cdp_str_is(map->key[i]->text, "if"))
			continue;
		ret->key[ret->n] = map->key[i];
		ret->item[ret->n++] = map->item[i];
	}
	return ret;
}

/* {all: [a, b]}, as if it had been written at a's place. */
static struct cdp_node *
both(struct cdp_loader *ld, struct cdp_node *a, struct cdp_node *b)
{
	struct cdp_node *v = cdp_arena_calloc(ld->mem, 3, sizeof(*v));
	struct cdp_node **at = cdp_arena_calloc(ld->mem, 4, sizeof(*at));

	v[0] = (struct cdp_node){ .kind = CDP_NODE_MAP,
		.at = a->at,
		.n = 1,
		.key = &at[0],
		.item = &at[1] };
	v[1] = (struct cdp_node){ .kind = CDP_NODE_SCALAR,
		.at = a->at,
		.text = CDP_STR("all"),
		.plain = true };
	v[2] = (struct cdp_node){
		.kind = CDP_NODE_SEQ, .at = a->at, .n = 2, .item = &at[2]
	};
	at[0] = &v[1];
	at[1] = &v[2];
	at[2] = a;
	at[3] = b;
	return &v[0];
}

static bool
known_keys(struct cdp_loader *ld, const struct cdp_node *map, const char *what,
    const char *const *base, const char *const *own)
{
	const char **known;
	size_t nerr = ld->diags->nerrors, i, n = 0;

	for (i = 0; base[i] != NULL; i++)
		;
	n = i;
	for (i = 0; own[i] != NULL; i++)
		;
	known = cdp_arena_calloc(ld->mem, n + i + 1, sizeof(*known));
	memcpy(known, base, n * sizeof(*known));
	memcpy(known + n, own, i * sizeof(*known));
	cdp_diag_keys(ld->diags, map, what, known);
	return ld->diags->nerrors == nerr;
}

static bool
load_if(struct cdp_loader *ld, struct cdp_node *map, struct cdp_cond **ret)
{
	struct cdp_node *node = cdp_node_get(map, "if");

	if (node == NULL)
		return true;
	*ret = cdp_cond_load(ld, node);
	return *ret != NULL;
}

static bool
load_condition(struct cdp_loader *ld, struct cdp_node *map, const char *what,
    const char *const *own, struct cdp_when *ret)
{
	struct cdp_node *rest = strip(ld, map, own);
	struct cdp_node *more = cdp_node_get(map, "if");

	if (rest->n == 0) {
		cdp_diag_error(ld->diags, map, "missing-key",
		    "%s needs an event, an audience or a condition", what);
		return false;
	}
	if (more != NULL)
		rest = both(ld, rest, more);
	ret->cond = cdp_cond_load(ld, rest);
	return ret->cond != NULL;
}

bool
cdp_when_load(struct cdp_loader *ld, struct cdp_node *map, const char *what,
    const char *const *own, struct cdp_when *ret)
{
	static const char *const windows[] = { "within", "between", "count",
		NULL };
	static const char *const event_keys[] = { "event", "where", "if",
		NULL };
	static const char *const audience_keys[] = { "audience", "exited", "if",
		NULL };
	struct cdp_node *exited;
	const struct cdp_node *rest;
	bool window;
	size_t i;

	if (!cdp_load_is_map(ld, map, what))
		return false;
	ret->node = map;
	rest = strip(ld, map, own);
	window = cdp_cond_is_value(rest);
	for (i = 0; i < rest->n; i++)
		if (listed(windows, rest->key[i]->text))
			window = true;
	if (cdp_node_get(map, "event") != NULL && !window) {
		ret->has_event = true;
		return known_keys(ld, map, what, event_keys, own) &&
		    cdp_trigger_load(ld, map, &ret->event) == 0 &&
		    load_if(ld, map, &ret->cond);
	}
	if (cdp_node_get(map, "audience") != NULL) {
		exited = cdp_node_get(map, "exited");
		return known_keys(ld, map, what, audience_keys, own) &&
		    cdp_load_str(ld, cdp_node_get(map, "audience"), "audience",
			&ret->audience) &&
		    (exited == NULL ||
			cdp_load_bool(ld, exited, "exited", &ret->exited)) &&
		    load_if(ld, map, &ret->cond);
	}
	return load_condition(ld, map, what, own, ret);
}

/* What is no text is a value; so is text that is JSON: '"gold"'. */
static bool
is_value(
    struct cdp_loader *ld, const struct cdp_node *node, struct cdp_str *ret)
{
	struct cdp_buf json = { 0 };
	struct cdp_tape t = { 0 };
	struct cdp_err err = { 0 };
	bool value;

	cdp_node_json(&json, node);
	value = json.n != 0 && json.p[0] != '"';
	if (!value && cdp_str_starts(node->text, CDP_STR("\""))) {
		cdp_buf_reset(&json);
		cdp_buf_put(&json, node->text);
		value = cdp_tape_parse(&t, node->text, &err) == 0;
	}
	if (value)
		*ret = cdp_arena_dup(ld->mem, cdp_buf_str(&json));
	cdp_tape_free(&t);
	cdp_buf_free(&json);
	return value;
}

static void
check_root(struct cdp_loader *ld, const struct cdp_node *node)
{
	static const char *const roots[] = { "profile.", "kept.", "event.",
		NULL };
	size_t i;

	for (i = 0; roots[i] != NULL; i++)
		if (cdp_str_starts(node->text, cdp_str_of(roots[i])))
			return;
	cdp_diag_error(ld->diags, node, "bad-path",
	    "a path begins with profile, kept or event; a text is written "
	    "'\"%.*s\"'",
	    (int)node->text.n, node->text.p);
}

bool
cdp_keep_load(struct cdp_loader *ld, struct cdp_node *map, const char *what,
    struct cdp_keep **ret, size_t *nret)
{
	bool set = strcmp(what, "set") == 0;
	struct cdp_keep *v;
	bool ok = true;
	size_t i;

	if (!cdp_load_is_map(ld, map, what))
		return false;
	v = cdp_arena_calloc(ld->mem, map->n + 1, sizeof(*v));
	for (i = 0; i < map->n; i++) {
		v[i].name = map->key[i]->text;
		v[i].jq = -1;
		if (memchr(v[i].name.p, '.', v[i].name.n) != NULL) {
			cdp_diag_error(ld->diags, map->key[i], "bad-name",
			    "a kept name has no dots: '%.*s'", (int)v[i].name.n,
			    v[i].name.p);
			ok = false;
		}
		if (set && is_value(ld, map->item[i], &v[i].json))
			continue;
		if (!cdp_load_path_or_jq(
			ld, map->item[i], what, &v[i].path, &v[i].jq))
			ok = false;
		else if (set && v[i].jq < 0)
			check_root(ld, map->item[i]);
	}
	*ret = v;
	*nret = map->n;
	return ok;
}

bool
cdp_percent_load(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, int *ret)
{
	const __int128 unit = 10000000000; /* a hundredth, in 10^-12 */
	struct cdp_str s = node->text;
	struct cdp_dec d;

	if (node->kind == CDP_NODE_SCALAR) {
		if (s.n != 0 && s.p[s.n - 1] == '%')
			s.n--;
		if (cdp_dec_parse(s, &d) == 0 && d.v >= 0 &&
		    d.v <= unit * 10000 && d.v % unit == 0) {
			*ret = (int)(d.v / unit);
			return true;
		}
	}
	cdp_diag_error(ld->diags, node, "bad-percent",
	    "%s must be from 0%% to 100%%, in hundredths of a percent", what);
	return false;
}

static void
check_audience(struct cdp_loader *ld, const struct cdp_when *w)
{
	struct cdp_str *names;
	size_t i;

	names =
	    cdp_arena_calloc(ld->mem, ld->pr->naudience + 1, sizeof(*names));
	for (i = 0; i < ld->pr->naudience; i++) {
		names[i] = ld->pr->audience[i].key;
		if (cdp_str_eq(names[i], w->audience))
			return;
	}
	cdp_diag_name(ld->diags, cdp_node_get(w->node, "audience"),
	    "unknown-audience", "there is no audience", w->audience, names,
	    ld->pr->naudience);
}

void
cdp_when_check(struct cdp_loader *ld, const struct cdp_when *w)
{
	if (w->audience.n != 0)
		check_audience(ld, w);
	if (w->has_event)
		cdp_trigger_check(ld, &w->event, w->node);
	if (w->cond != NULL)
		cdp_cond_check(ld, w->cond);
}
