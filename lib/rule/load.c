#include "lib/rule/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/time.h"
#include "lib/json/jqlex.h"
#include "lib/rule/each.h"

static const char *
kind_name(const struct cdp_node *node)
{
	bool b;

	switch (node->kind) {
	case CDP_NODE_SEQ:
		return "a list";
	case CDP_NODE_MAP:
		return "a map";
	default:
		break;
	}
	if (cdp_node_is_null(node))
		return "nothing";
	if (cdp_node_is_bool(node, &b))
		return b ? "true" : "false";
	if (cdp_node_is_number(node))
		return "a number";
	return "a string";
}

static bool
wrong(struct cdp_loader *ld, const struct cdp_node *node, const char *what,
    const char *want)
{
	if (node == NULL)
		cdp_diag_error(
		    ld->diags, NULL, "missing-key", "%s is missing", what);
	else
		cdp_diag_error(ld->diags, node, "wrong-type",
		    "%s must be %s, not %s", what, want, kind_name(node));
	return false;
}

static bool
bad(struct cdp_loader *ld, const struct cdp_node *node, const char *what,
    const char *want)
{
	cdp_diag_error(ld->diags, node, "bad-value",
	    "%s must be %s, not '%.*s'", what, want, (int)node->text.n,
	    node->text.p);
	return false;
}

/* ---- for the loaders of the sections ---- */

bool
cdp_load_claim(
    struct cdp_loader *ld, const char *section, const struct cdp_node *key)
{
	struct cdp_str id = cdp_arena_printf(
	    ld->mem, "%s.%.*s", section, (int)key->text.n, key->text.p);
	void **slot = cdp_map_at(&ld->seen, id);
	const struct cdp_node *first = *slot;

	if (first == NULL) {
		*slot = (void *)key;
		return true;
	}
	if (first != key)
		cdp_diag_error(ld->diags, key, "duplicate-key",
		    "'%.*s' is defined twice; first at %s:%u:%u", (int)id.n,
		    id.p, first->at.file, first->at.line, first->at.col);
	return first == key;
}

struct cdp_deferred {
	struct cdp_deferred *next;
	void (*fn)(void *arg);
	void *arg;
};

void
cdp_load_defer(struct cdp_loader *ld, void (*fn)(void *arg), void *arg)
{
	struct cdp_deferred *d = cdp_arena_calloc(ld->mem, 1, sizeof(*d));

	*d = (struct cdp_deferred){ ld->pr->deferred, fn, arg };
	ld->pr->deferred = d;
}

void
cdp_load_run_deferred(struct cdp_project *pr)
{
	struct cdp_deferred *d;

	while ((d = pr->deferred) != NULL) {
		pr->deferred = d->next;
		d->fn(d->arg);
	}
}

void *
cdp_load_grow(
    struct cdp_loader *ld, const void *v, size_t n, size_t more, size_t size)
{
	char *p = cdp_arena_calloc(ld->mem, n + more + 1, size);

	if (n != 0)
		memcpy(p, v, n * size);
	return p;
}

/* ---- scalars ---- */

static bool
is_text(const struct cdp_node *node)
{
	return node != NULL && node->kind == CDP_NODE_SCALAR &&
	    !cdp_node_is_null(node);
}

bool
cdp_load_str(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, struct cdp_str *ret)
{
	if (!is_text(node))
		return wrong(ld, node, what, "a string");
	*ret = node->text;
	return true;
}

bool
cdp_load_bool(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, bool *ret)
{
	if (node != NULL && cdp_node_is_bool(node, ret))
		return true;
	return wrong(ld, node, what, "true or false");
}

bool
cdp_load_int(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, int64_t min, int64_t max, int64_t *ret)
{
	char want[80];
	int64_t v = 0;
	size_t i, neg;

	snprintf(want, sizeof(want),
	    max == INT64_MAX ? "a whole number from %lld"
			     : "a whole number from %lld to %lld",
	    (long long)min, (long long)max);
	if (node == NULL || !cdp_node_is_number(node))
		return wrong(ld, node, what, want);
	neg = node->text.p[0] == '-';
	for (i = neg; i < node->text.n; i++) {
		int d = node->text.p[i] - '0';

		if (d < 0 || d > 9 || v > (INT64_MAX - d) / 10)
			return bad(ld, node, what, want);
		v = v * 10 + d;
	}
	if (neg)
		v = -v;
	if (v < min || v > max)
		return bad(ld, node, what, want);
	*ret = v;
	return true;
}

bool
cdp_load_duration(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, int64_t *ret)
{
	static const char want[] = "a length of time such as 30m, 2h or 7d";

	if (node != NULL && cdp_node_is_number(node))
		return bad(ld, node, what, want);
	if (!is_text(node))
		return wrong(ld, node, what, want);
	if (cdp_time_duration(node->text, ret) != 0)
		return bad(ld, node, what, want);
	return true;
}

bool
cdp_load_size(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, int64_t max, int64_t *ret)
{
	static const char units[] = "KMG";
	const char *unit;
	char want[80];
	struct cdp_str s;
	int64_t v = 0;
	size_t i;
	int shift = 0;

	snprintf(want, sizeof(want),
	    "a size such as 32KB, of at most %lld bytes", (long long)max);
	if (!is_text(node))
		return wrong(ld, node, what, want);
	s = node->text;
	if (s.n > 1 && s.p[s.n - 1] == 'B')
		s.n--;
	if (s.n > 1 && (unit = strchr(units, s.p[s.n - 1])) != NULL) {
		shift = 10 * (int)(unit - units + 1);
		s.n--;
	}
	for (i = 0; i < s.n && s.p[i] >= '0' && s.p[i] <= '9' && v <= max; i++)
		v = v * 10 + (s.p[i] - '0');
	if (i < s.n || v < 1 || v > max >> shift)
		return bad(ld, node, what, want);
	*ret = v << shift;
	return true;
}

bool
cdp_load_each(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, struct cdp_path *ret, bool *many)
{
	struct cdp_err err = { 0 };

	if (!is_text(node))
		return wrong(ld, node, what, "a path such as properties.total");
	if (cdp_path_compile(node->text, ld->mem, ret, &err) != 0) {
		cdp_diag_error(
		    ld->diags, node, "bad-path", "%s: %s", what, err.msg);
		return false;
	}
	*many = cdp_each_is(ret);
	if (!cdp_str_is(ret->seg[0], "$"))
		return true;
	cdp_diag_error(ld->diags, node, "bad-path",
	    "%s: '$' is each element of what is named before it, such as "
	    "properties.products.$.price",
	    what);
	return false;
}

bool
cdp_load_path(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, struct cdp_path *ret)
{
	bool many;

	if (!cdp_load_each(ld, node, what, ret, &many))
		return false;
	if (!many)
		return true;
	cdp_diag_error(ld->diags, node, "bad-path",
	    "%s needs one value, and '$' is each element of a list", what);
	return false;
}

bool
cdp_load_choice(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, const char *const *names, int *ret)
{
	struct cdp_str known[32];
	size_t i, n = 0;
	char *text, *head;
	int k;

	for (; names[n] != NULL && n < 32; n++)
		known[n] = cdp_str_of(names[n]);
	if (is_text(node))
		for (i = 0; i < n; i++)
			if (cdp_str_eq(node->text, known[i])) {
				*ret = (int)i;
				return true;
			}
	text = head = cdp_xcalloc(n * 32 + 32, 1);
	for (i = 0; i < n; i++)
		text += sprintf(text, "%s%.28s",
		    i == 0           ? ""
			: i == n - 1 ? " or "
				     : ", ",
		    names[i]);
	if (!is_text(node)) {
		wrong(ld, node, what, head);
	} else if ((k = cdp_str_nearest(node->text, known, n)) >= 0) {
		cdp_diag_error(ld->diags, node, "bad-value",
		    "%s must be %s, not '%.*s'; did you mean '%s'?", what, head,
		    (int)node->text.n, node->text.p, names[k]);
	} else {
		bad(ld, node, what, head);
	}
	free(head);
	return false;
}

/* ---- jq ---- */

#define SETTINGS "$__settings as $settings | "

int
cdp_load_jq_text(struct cdp_loader *ld, struct cdp_str text, struct cdp_mark at)
{
	struct cdp_project *pr = ld->pr;
	const char *file = at.file;
	struct cdp_str place;
	size_t id;

	/* Places reach output, so they must not tell where the project is. */
	if (pr->dir.n != 0 && strncmp(file, pr->dir.p, pr->dir.n) == 0 &&
	    file[pr->dir.n] == '/')
		file += pr->dir.n + 1;
	place = cdp_arena_printf(ld->mem, "%s:%u:%u", file, at.line, at.col);
	id = (size_t)cdp_jq_add_with(ld->jq, text, place,
	    cdp_str_starts(text, CDP_STR(SETTINGS)) ? ld->settings
						    : CDP_STR("null"));
	if (id >= pr->njq_at) {
		pr->jq_at = cdp_load_grow(ld, pr->jq_at, pr->njq_at,
		    id * 2 + 16 - pr->njq_at, sizeof(*pr->jq_at));
		pr->njq_at = id * 2 + 16;
	}
	if (pr->jq_at[id].file == NULL)
		pr->jq_at[id] = at;
	return (int)id;
}

int
cdp_load_jq_strict(
    struct cdp_loader *ld, struct cdp_str text, struct cdp_mark at)
{
	struct cdp_buf b = { 0 };
	int id;

	cdp_jqlex_strict(text, &b);
	id = cdp_load_jq_text(ld, cdp_buf_str(&b), at);
	cdp_buf_free(&b);
	return id;
}

/* Bound, not pasted: destinations of one preset share its programs. */
static struct cdp_str
with_settings(struct cdp_loader *ld, struct cdp_str text)
{
	if (ld->settings.n == 0 ||
	    memmem(text.p, text.n, "$settings", 9) == NULL)
		return text;
	return cdp_arena_printf(ld->mem, SETTINGS "%.*s", (int)text.n, text.p);
}

bool
cdp_load_jq(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, int *ret)
{
	struct cdp_mark at;

	if (!is_text(node) || node->text.n == 0)
		return wrong(ld, node, what, "a jq program");
	if (!ld->secrets &&
	    memmem(node->text.p, node->text.n, "$secrets", 8) != NULL) {
		cdp_diag_error(ld->diags, node, "secret-place",
		    "$secrets is for the headers of a request: what any other "
		    "program gives is written into records");
		return false;
	}
	at = node->at;
	*ret = ld->strict
	    ? cdp_load_jq_strict(ld, with_settings(ld, node->text), at)
	    : cdp_load_jq_text(ld, with_settings(ld, node->text), at);
	return true;
}

bool
cdp_load_path_or_jq(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, struct cdp_path *path, int *jq)
{
	*jq = -1;
	if (is_text(node) && node->text.n != 0 && node->text.p[0] == '.')
		return cdp_load_jq(ld, node, what, jq);
	return cdp_load_path(ld, node, what, path);
}

/* ---- collections ---- */

bool
cdp_load_is_map(
    struct cdp_loader *ld, const struct cdp_node *node, const char *what)
{
	if (node != NULL && node->kind == CDP_NODE_MAP)
		return true;
	return wrong(ld, node, what, "a map");
}

bool
cdp_load_is_seq(
    struct cdp_loader *ld, const struct cdp_node *node, const char *what)
{
	if (node != NULL && node->kind == CDP_NODE_SEQ)
		return true;
	return wrong(ld, node, what, "a list");
}

bool
cdp_load_strs(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, const struct cdp_str **ret, size_t *n)
{
	struct cdp_str *v;
	bool ok = true;
	size_t i;

	if (node == NULL || node->kind == CDP_NODE_MAP)
		return wrong(ld, node, what, "a string or a list of strings");
	if (node->kind == CDP_NODE_SCALAR) {
		v = cdp_arena_calloc(ld->mem, 1, sizeof(*v));
		*ret = v;
		*n = cdp_load_str(ld, node, what, v);
		return *n != 0;
	}
	v = cdp_arena_calloc(ld->mem, node->n + 1, sizeof(*v));
	for (i = 0; i < node->n; i++)
		ok = cdp_load_str(ld, node->item[i], what, &v[i]) && ok;
	*ret = v;
	*n = ok ? node->n : 0;
	return ok;
}

bool
cdp_load_paths(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, const struct cdp_path **ret, size_t *n)
{
	struct cdp_path *v;
	bool ok = true;
	size_t i;

	if (node == NULL || node->kind == CDP_NODE_MAP)
		return wrong(ld, node, what, "a path or a list of paths");
	*n = node->kind == CDP_NODE_SCALAR ? 1 : node->n;
	v = cdp_arena_calloc(ld->mem, *n + 1, sizeof(*v));
	if (node->kind == CDP_NODE_SCALAR)
		ok = cdp_load_path(ld, node, what, v);
	else
		for (i = 0; i < node->n; i++)
			ok =
			    cdp_load_path(ld, node->item[i], what, &v[i]) && ok;
	*ret = v;
	*n = ok ? *n : 0;
	return ok;
}
