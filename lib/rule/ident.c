#include "lib/rule/ident.h"

#include <stdlib.h>

#include "lib/base/hash.h"
#include "lib/rule/cond.h"
#include "lib/rule/email.h"
#include "lib/rule/phone.h"

#define MAX_NAME 64 /* of a type that a line names */

int
cdp_ident_normalize(const struct cdp_identifier *rule, struct cdp_str raw,
    struct cdp_arena *mem, struct cdp_str *ret)
{
	switch (rule->normalize) {
	case CDP_NORM_EMAIL:
		return cdp_email_normalize(raw, mem, ret);
	case CDP_NORM_PHONE:
		return cdp_phone_normalize(
		    cdp_str_trim(raw), rule->region, mem, ret);
	case CDP_NORM_NONE:
		break;
	}
	*ret = raw;
	return raw.n != 0 ? 0 : CDP_EDATA;
}

struct cdp_str
cdp_ident_spell(const struct cdp_identity *rules, struct cdp_str type,
    struct cdp_str value, struct cdp_arena *mem)
{
	struct cdp_str s;
	size_t i;

	for (i = 0; i < rules->nid; i++)
		if (cdp_str_eq(rules->id[i].name, type) &&
		    cdp_ident_normalize(&rules->id[i], value, mem, &s) == 0)
			return s;
	return value;
}

static int
by_bytes(const void *a, const void *b)
{
	return cdp_str_cmp(
	    *(const struct cdp_str *)a, *(const struct cdp_str *)b);
}

bool
cdp_ident_blocked(const struct cdp_identity *rules, struct cdp_str value)
{
	size_t i;

	if (rules->nlisted != 0 &&
	    bsearch(&value, rules->listed, rules->nlisted, sizeof(value),
		by_bytes) != NULL)
		return true;
	for (i = 0; i < rules->nblock; i++)
		if (cdp_str_eq(rules->block[i], value))
			return true;
	for (i = 0; i < rules->npattern; i++)
		if (cdp_regex_match(rules->pattern[i], value, NULL))
			return true;
	return false;
}

struct cdp_str
cdp_ident_text(const struct cdp_tape *t, uint32_t at, struct cdp_arena *mem)
{
	if (cdp_tape_isa(t, at, CDP_STRING))
		return cdp_tape_str(t, at, mem);
	if (cdp_tape_isa(t, at, CDP_NUM))
		return cdp_tape_raw(t, at);
	return (struct cdp_str){ NULL, 0 };
}

const struct cdp_identifier *
cdp_ident_rule(const struct cdp_identity *rules, size_t type)
{
	return type < rules->nid ? &rules->id[type] : &rules->other;
}

/* ---- where they stand ---- */

/* One of 64 bits, that a name which is none of few mostly has not. */
static inline uint64_t
sign(const char *name, size_t n)
{
	return (uint64_t)1 << (5 * n + (unsigned char)name[0]) % 64;
}

/* The child of that name, made if it is new. */
static uint32_t
child_of(struct cdp_identity *rules, uint32_t up, const struct cdp_str *name)
{
	uint32_t *at = &rules->node[up].child;

	while (*at != 0 && !cdp_str_eq(rules->node[*at].step.seg[0], *name))
		at = &rules->node[*at].sibling;
	if (*at == 0) {
		*at = (uint32_t)rules->nnode++;
		rules->node[*at].step = (struct cdp_path){ *name, name, 1 };
		rules->node[*at].env = cdp_env_of(*name);
		rules->node[up].alike |= sign(name->p, name->n);
		if (up == 0 && rules->node[*at].env == CDP_ENV_N)
			rules->strange = true;
	}
	return *at;
}

static uint32_t
node_of(struct cdp_identity *rules, const struct cdp_path *path)
{
	uint32_t at = 0;
	size_t s;

	for (s = 0; s < path->n; s++)
		at = child_of(rules, at, &path->seg[s]);
	return at;
}

static uint32_t
node_at(struct cdp_identity *rules, struct cdp_str text, struct cdp_arena *mem)
{
	struct cdp_path path;

	return cdp_path_compile(text, mem, &path, NULL) == 0
	    ? node_of(rules, &path)
	    : 0;
}

void
cdp_ident_plan(struct cdp_identity *rules, struct cdp_arena *mem)
{
	size_t i, j, n = 6;

	for (i = 0; i < rules->nid; i++)
		for (j = 0; j < rules->id[i].nfrom; j++)
			n += rules->id[i].from[j].n;
	rules->node = cdp_arena_calloc(mem, n, sizeof(*rules->node));
	rules->nnode = 1;
	for (i = 0; i < rules->nid; i++) {
		uint32_t *at =
		    cdp_arena_calloc(mem, rules->id[i].nfrom + 1, sizeof(*at));

		for (j = 0; j < rules->id[i].nfrom; j++)
			at[j] = node_of(rules, &rules->id[i].from[j]);
		rules->id[i].at = at;
	}
	rules->externals = node_at(rules, CDP_STR("context.externalIds"), mem);
	rules->consent =
	    node_at(rules, CDP_STR("context.consent.categoryPreferences"), mem);
}

/* ---- what stands there ---- */

struct found {
	const struct cdp_identity *rules;
	const struct cdp_line *ln;
	struct cdp_ident_value *v;
	size_t n;
	bool more;
};

static void
add(struct found *f, size_t type, struct cdp_str name, struct cdp_str raw)
{
	if (raw.p == NULL)
		return;
	if (f->n == CDP_IDENTS_MAX)
		f->more = true;
	else
		f->v[f->n++] = (struct cdp_ident_value){ type, name, raw };
}

/* A member that is a string, or nothing. */
static struct cdp_str
word(const struct found *f, uint32_t at, const char *name)
{
	return cdp_tape_str(f->ln->tape,
	    cdp_tape_get(f->ln->tape, at, cdp_str_of(name)), f->ln->mem);
}

/*
 * One entry of context.externalIds; all four members are asked for, and types
 * are written in lower case.
 */
static bool
external(const struct found *f, uint32_t at, struct cdp_str *type,
    struct cdp_str *raw)
{
	size_t i;

	*type = word(f, at, "type");
	*raw = cdp_ident_text(f->ln->tape,
	    cdp_tape_get(f->ln->tape, at, CDP_STR("id")), f->ln->mem);
	for (i = 0; i < type->n; i++)
		if ((type->p[i] >= 'A' && type->p[i] <= 'Z') ||
		    (unsigned char)type->p[i] <= ' ' || type->p[i] == ':')
			return false;
	return type->n != 0 && type->n <= MAX_NAME &&
	    cdp_str_is(word(f, at, "collection"), "users") &&
	    cdp_str_is(word(f, at, "encoding"), "none");
}

static void
add_externals(struct found *f, uint32_t list, size_t type)
{
	struct cdp_str name, raw;
	uint32_t it = 0, key, val;

	while (cdp_tape_next(f->ln->tape, list, &it, &key, &val))
		if (external(f, val, &name, &raw) &&
		    cdp_str_eq(name, f->rules->id[type].name))
			add(f, type, name, raw);
}

static bool
is_listed(const struct cdp_identity *rules, struct cdp_str name)
{
	size_t i;

	for (i = 0; i < rules->nid; i++)
		if (cdp_str_eq(rules->id[i].name, name))
			return true;
	return false;
}

/* By name, and those of one name as they stand. */
static void
add_others(struct found *f, uint32_t list)
{
	struct cdp_str name, raw;
	uint32_t it = 0, key, val;
	size_t first = f->n, i;

	while (cdp_tape_next(f->ln->tape, list, &it, &key, &val)) {
		if (!external(f, val, &name, &raw) ||
		    is_listed(f->rules, name) || f->n == CDP_IDENTS_MAX)
			continue;
		add(f, f->rules->nid, name, raw);
		for (i = f->n - 1;
		     i > first && cdp_str_cmp(f->v[i - 1].name, name) > 0; i--)
			f->v[i] = f->v[i - 1];
		f->v[i] = (struct cdp_ident_value){ f->rules->nid, name, raw };
	}
}

/* Whether that is the name of a member. */
static inline bool
is_name(const struct cdp_tape *t, uint32_t key, struct cdp_str name)
{
	const struct cdp_tok *k = &t->tok[key];

	if (k->escaped)
		return cdp_tape_streq(t, key, name);
	return k->len == name.n && t->p[k->off] == name.p[0] &&
	    memcmp(t->p + k->off, name.p, name.n) == 0;
}

/* The places of the children of a node that is an object: of its last ones. */
static void
members(const struct found *f, const struct cdp_ident_node *up, uint32_t object,
    uint32_t *at)
{
	const struct cdp_ident_node *node = f->rules->node;
	const struct cdp_tape *t = f->ln->tape;
	const struct cdp_tok *tok = t->tok;
	uint32_t i, c, end = tok[object].next;

	for (i = object + 1; i < end; i = tok[i + 1].next) {
		if ((up->alike & sign(t->p + tok[i].off, tok[i].len)) == 0 &&
		    !tok[i].escaped)
			continue;
		for (c = up->child; c != 0; c = node[c].sibling)
			if (is_name(t, i, node[c].step.seg[0]))
				at[c] = i + 1;
	}
}

/* The children of the line itself: reading it found most of them. */
static void
roots(const struct found *f, uint32_t *at)
{
	const struct cdp_ident_node *node = f->rules->node;
	uint32_t c;

	at[0] = 0;
	if (!f->ln->known || f->rules->strange) {
		members(f, &node[0], 0, at);
		return;
	}
	for (c = node[0].child; c != 0; c = node[c].sibling)
		at[c] = f->ln->env.at[node[c].env];
}

/* The place of each node in this line; parents stand before their children. */
static uint32_t *
places(const struct found *f)
{
	const struct cdp_identity *rules = f->rules;
	const struct cdp_tape *t = f->ln->tape;
	uint32_t *at = cdp_arena_alloc(f->ln->mem, rules->nnode * sizeof(*at));
	uint32_t c;
	size_t i;

	memset(at, 0xff, rules->nnode * sizeof(*at)); /* CDP_NOTOK */
	roots(f, at);
	for (i = 1; i < rules->nnode; i++) {
		const struct cdp_ident_node *up = &rules->node[i];

		if (up->child == 0 || at[i] == CDP_NOTOK)
			continue;
		if (cdp_tape_isa(t, at[i], CDP_OBJECT))
			members(f, up, at[i], at);
		else if (cdp_tape_isa(t, at[i], CDP_ARRAY))
			for (c = up->child; c != 0; c = rules->node[c].sibling)
				at[c] = cdp_tape_path(
				    t, at[i], &rules->node[c].step);
	}
	return at;
}

/* The member of the type's own name: a value, or a list of them. */
static void
add_named(struct found *f, size_t type)
{
	const struct cdp_tape *t = f->ln->tape;
	struct cdp_str name = f->rules->id[type].name;
	uint32_t at = cdp_tape_get(t, 0, name), it = 0, key, val;

	if (!cdp_tape_isa(t, at, CDP_ARRAY)) {
		add(f, type, name, cdp_ident_text(t, at, f->ln->mem));
		return;
	}
	while (cdp_tape_next(t, at, &it, &key, &val))
		add(f, type, name, cdp_ident_text(t, val, f->ln->mem));
}

void
cdp_ident_raws(const struct cdp_identity *rules, const struct cdp_line *ln,
    struct cdp_ident_value ret[CDP_IDENTS_MAX], size_t *n, bool *more,
    uint32_t *consent)
{
	struct found f = { rules, ln, ret, 0, false };
	const uint32_t *at;
	uint32_t list;
	size_t i, j;

	*n = 0;
	*more = false;
	*consent = CDP_NOTOK;
	if (rules->nnode == 0)
		return; /* no plan was made, for nobody is asked for */
	at = places(&f);
	list = at[rules->externals];
	for (i = 0; i < rules->nid; i++) {
		const struct cdp_identifier *id = &rules->id[i];

		for (j = 0; j < id->nfrom; j++)
			if (at[id->at[j]] != CDP_NOTOK &&
			    (id->where == NULL ||
				cdp_pred_test(
				    id->where, ln->tape, 0, ln->ts_ms)))
				add(&f, i, id->name,
				    cdp_ident_text(
					ln->tape, at[id->at[j]], ln->mem));
		if (list != CDP_NOTOK)
			add_externals(&f, list, i);
		if (cdp_type_is_command(ln->type))
			add_named(&f, i);
	}
	if (list != CDP_NOTOK && rules->others)
		add_others(&f, list);
	*n = f.n;
	*more = f.more;
	*consent = at[rules->consent];
}

int
cdp_ident_values(const struct cdp_identity *rules, const struct cdp_line *ln,
    struct cdp_ident_value ret[CDP_IDENTS_MAX], size_t *n, struct cdp_err *err)
{
	bool command = cdp_type_is_command(ln->type), more;
	struct cdp_str raw, s;
	uint32_t consent;
	size_t i, j, nraw;

	*n = 0;
	cdp_ident_raws(rules, ln, ret, &nraw, &more, &consent);
	for (i = 0; i < nraw; i++) {
		raw = ret[i].value;
		if (cdp_ident_normalize(cdp_ident_rule(rules, ret[i].type), raw,
			ln->mem, &s) != 0 ||
		    cdp_ident_blocked(rules, raw) ||
		    (s.p != raw.p && cdp_ident_blocked(rules, s)))
			continue;
		for (j = 0; j < *n; j++)
			if (cdp_str_eq(ret[j].name, ret[i].name) &&
			    cdp_str_eq(ret[j].value, s))
				break;
		if (j == *n)
			ret[(*n)++] = (struct cdp_ident_value){ ret[i].type,
				ret[i].name, s };
	}
	if (command && more)
		return cdp_fail_rule(err, CDP_EDATA, "bad_request", NULL,
		    "names more than %d identifiers", CDP_IDENTS_MAX);
	if (command && *n == 0)
		return cdp_fail_rule(err, CDP_EDATA, "id_required", NULL,
		    "names no identifier of the project");
	return 0;
}

/* ---- as a set ---- */

uint32_t
cdp_ident_one(struct cdp_str type, struct cdp_str value)
{
	return (uint32_t)((cdp_hash64(type) | 1) * cdp_hash64(value) >> 32);
}

/* Whether the profile has it, at its type. */
static bool
has(const struct cdp_tape *t, uint32_t list, struct cdp_str value)
{
	uint32_t it = 0, key, val;

	while (cdp_tape_next(t, list, &it, &key, &val))
		if (cdp_tape_streq(t, val, value))
			return true;
	return false;
}

uint32_t
cdp_ident_set(const struct cdp_identity *rules, const struct cdp_line *ln)
{
	return cdp_ident_set_of(rules, ln, ln->tape, ln->profile);
}

uint32_t
cdp_ident_set_of(const struct cdp_identity *rules, const struct cdp_line *ln,
    const struct cdp_tape *t, uint32_t profile)
{
	struct cdp_ident_value v[CDP_IDENTS_MAX];
	uint32_t all = cdp_tape_get(t, profile, CDP_STR("identifiers"));
	uint32_t set = 0;
	size_t i, n;

	if (rules->irreversible || all == CDP_NOTOK)
		return 0;
	(void)cdp_ident_values(rules, ln, v, &n, NULL);
	for (i = 0; i < n; i++)
		if (has(t, cdp_tape_get(t, all, v[i].name), v[i].value))
			set += cdp_ident_one(v[i].name, v[i].value);
	return set;
}
