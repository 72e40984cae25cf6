#include "lib/rule/load.h"

/* ---- loading ---- */

static void
load_separator(
    struct cdp_loader *ld, const struct cdp_node *map, struct cdp_source *s)
{
	const struct cdp_node *v = cdp_node_get(map, "separator");
	struct cdp_str sep;

	s->separator = s->format == CDP_FORMAT_TSV ? '\t' : ',';
	if (v == NULL || !cdp_load_str(ld, v, "separator", &sep))
		return;
	if (s->format != CDP_FORMAT_CSV)
		cdp_diag_error(ld->diags, v, "bad-value",
		    "only format csv has a separator");
	else if (sep.n != 1 || (unsigned char)*sep.p < ' ' ||
	    (unsigned char)*sep.p > '~' || *sep.p == '"')
		cdp_diag_error(ld->diags, v, "bad-value",
		    "a separator is one character of ASCII, such as \";\"; for "
		    "tabs there is format tsv");
	else
		s->separator = *sep.p;
}

/*
 * The output of the program, or the list of them if there are several or none;
 * a comment may end its text.
 */
static void
load_map(struct cdp_loader *ld, const struct cdp_node *v, struct cdp_source *s)
{
	struct cdp_str text;

	if (!cdp_load_str(ld, v, "map", &text))
		return;
	text = cdp_arena_printf(ld->mem,
	    "[%.*s\n] | if length == 1 then .[0] "
	    "else . end",
	    (int)text.n, text.p);
	s->map = cdp_load_jq_text(ld, text, v->at);
}

/* Whether the records of a source can be events: rows of text cannot. */
static void
check_shape(struct cdp_loader *ld, const struct cdp_node *map,
    const struct cdp_node *table, const struct cdp_source *s)
{
	if (s->table != CDP_WAREHOUSE_NONE &&
	    (s->format == CDP_FORMAT_SEGMENT ||
		s->format == CDP_FORMAT_SNOWPLOW))
		cdp_diag_error(ld->diags, table, "bad-value",
		    "the rows of a table are csv, tsv or ndjson: add "
		    "'format: csv'");
	if ((s->format == CDP_FORMAT_CSV || s->format == CDP_FORMAT_TSV) &&
	    table == NULL && cdp_node_get(map, "map") == NULL)
		cdp_diag_error(ld->diags, map, "missing-key",
		    "a row of text is no event: source '%.*s' needs a map, "
		    "such as map: '{type: \"identify\", userId: .id, "
		    "timestamp: .updated_at, traits: {email}}', or a table",
		    (int)s->name.n, s->name.p);
}

static void
load_source(
    struct cdp_loader *ld, const struct cdp_node *map, struct cdp_source *s)
{
	static const char *const known[] = { "format", "map", "separator",
		"table", "through", NULL };
	static const char *const through[] = { "kcat", NULL };
	static const char *const format[] = { "segment", "ndjson", "csv", "tsv",
		"snowplow", NULL };
	static const char *const table[] = { "", "accounts", "aliases",
		"groups", "identifies", "pages", "screens", "tracks", "users",
		NULL };
	const struct cdp_node *v;
	int k;

	cdp_diag_keys(ld->diags, map, "a source", known);
	v = cdp_node_get(map, "format");
	if (v != NULL && cdp_load_choice(ld, v, "format", format, &k))
		s->format = (enum cdp_format)k;
	load_separator(ld, map, s);
	if ((v = cdp_node_get(map, "map")) != NULL)
		load_map(ld, v, s);
	v = cdp_node_get(map, "table");
	if (v != NULL && cdp_load_choice(ld, v, "table", table + 1, &k))
		s->table = (enum cdp_warehouse)(k + 1);
	check_shape(ld, map, v, s);
	v = cdp_node_get(map, "through");
	if (v == NULL || !cdp_load_choice(ld, v, "through", through, &k))
		return;
	s->kcat = true;
	if (s->format == CDP_FORMAT_CSV || s->format == CDP_FORMAT_TSV)
		cdp_diag_error(ld->diags, v, "bad-value",
		    "a message is no table: it has no header");
}

void
cdp_load_sources(struct cdp_loader *ld, struct cdp_node *node)
{
	struct cdp_sources *all = &ld->pr->sources;
	struct cdp_source *s;
	size_t i;

	all->v = cdp_load_grow(ld, all->v, all->n, node->n, sizeof(*all->v));
	for (i = 0; i < node->n; i++) {
		s = &all->v[all->n++];
		s->name = node->key[i]->text;
		s->map = -1;
		if (!cdp_node_is_null(node->item[i]) &&
		    cdp_load_is_map(ld, node->item[i], "a source"))
			load_source(ld, node->item[i], s);
	}
}

/* ---- asking ---- */

int
cdp_sources_find(const struct cdp_sources *s, struct cdp_str name,
    struct cdp_source *ret, struct cdp_err *err)
{
	struct cdp_arena mem = { 0 };
	struct cdp_str *known;
	size_t i;
	int at;

	for (i = 0; i < s->n; i++)
		if (cdp_str_eq(s->v[i].name, name)) {
			*ret = s->v[i];
			return 0;
		}
	*ret = (struct cdp_source){ .name = name, .map = -1 };
	if (s->n == 0 || cdp_str_is(name, "default"))
		return 0;
	known = cdp_arena_calloc(&mem, s->n, sizeof(*known));
	for (i = 0; i < s->n; i++)
		known[i] = s->v[i].name;
	at = cdp_str_nearest(name, known, s->n);
	if (at < 0 && s->n == 1)
		at = 0;
	cdp_fail(err, CDP_ECONF,
	    at >= 0 ? "no source '%.*s' in the project; did you mean '%.*s'?"
		    : "no source '%.*s' in the project; see --list sources",
	    (int)name.n, name.p, at >= 0 ? (int)known[at].n : 0,
	    at >= 0 ? known[at].p : "");
	cdp_arena_free(&mem);
	return CDP_ECONF;
}
