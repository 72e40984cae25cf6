#include <string.h>

#include "lib/rule/file.h"
#include "lib/rule/load.h"
#include "lib/rule/places.h"

/*
 * A text is either one jq program, or a file with jq programs in holes:
 * "Olá, {{ .profile.traits.firstName }}".
 */
struct scan {
	struct cdp_loader *ld;
	struct cdp_places places;
	const char *start, *p, *end;
	struct cdp_text *ret;
};

static bool
ends_in(struct cdp_str s, const char *suffix)
{
	size_t n = strlen(suffix);

	return s.n > n && memcmp(s.p + s.n - n, suffix, n) == 0;
}

static bool
is_markup(struct cdp_str s)
{
	return ends_in(s, ".html") || ends_in(s, ".mjml");
}

/* By its looks: a name that ends as texts do, or one with a slash in it and
 * nothing that jq would need there. */
static bool
is_file_name(struct cdp_str s)
{
	size_t i;

	if (s.n == 0 || s.p[0] == '$' ||
	    (s.p[0] == '.' && !cdp_str_starts(s, CDP_STR("./")) &&
		!cdp_str_starts(s, CDP_STR("../"))))
		return false;
	for (i = 0; i < s.n; i++)
		if (strchr(" \t\n\"'|()[]{}", s.p[i]) != NULL)
			return false;
	return is_markup(s) || ends_in(s, ".txt") || ends_in(s, ".md") ||
	    memchr(s.p, '/', s.n) != NULL;
}

/* ---- holes ---- */

/* Behind a jq string whose quote is at p, its interpolations included. */
static const char *
skip_string(const char *p, const char *end)
{
	unsigned depth;

	for (p++; p < end && *p != '"'; p++) {
		if (*p != '\\' || ++p == end || *p != '(')
			continue;
		for (depth = 1, p++; p < end; p++) {
			if (*p == '"') {
				p = skip_string(p, end) - 1;
				continue;
			}
			depth += *p == '(';
			if (*p == ')' && --depth == 0)
				break;
		}
		if (p == end)
			return end;
	}
	return p < end ? p + 1 : end;
}

/* The "}}" that ends the program at p, or NULL; braces of jq are counted. */
static const char *
hole_end(const char *p, const char *end)
{
	unsigned depth = 0;

	while (p < end) {
		if (*p == '"') {
			p = skip_string(p, end);
			continue;
		}
		if (*p == '{')
			depth++;
		else if (*p == '}' && depth != 0)
			depth--;
		else if (*p == '}')
			return p + 1 < end && p[1] == '}' ? p : NULL;
		p++;
	}
	return NULL;
}

static struct cdp_mark
mark(const struct scan *sc, const char *at, const char *to)
{
	return cdp_places_mark(
	    &sc->places, (size_t)(at - sc->start), (size_t)(to - sc->start));
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
trim(struct cdp_str *s)
{
	while (s->n != 0 && is_blank(s->p[0])) {
		s->p++;
		s->n--;
	}
	while (s->n != 0 && is_blank(s->p[s->n - 1]))
		s->n--;
}

/* Take "| @raw" off the end of a program. */
static bool
take_raw(struct cdp_str *s)
{
	struct cdp_str t = *s;

	if (!ends_in(t, "@raw"))
		return false;
	t.n -= 4;
	trim(&t);
	if (t.n == 0 || t.p[t.n - 1] != '|')
		return false;
	t.n--;
	trim(&t);
	*s = t;
	return true;
}

static void
add_part(struct scan *sc, struct cdp_part part, bool raw)
{
	struct cdp_text *t = sc->ret;

	if ((t->n & (t->n - 1)) == 0) {
		t->part = cdp_load_grow(
		    sc->ld, t->part, t->n, t->n + 1, sizeof(*t->part));
		t->raw = cdp_load_grow(
		    sc->ld, t->raw, t->n, t->n + 1, sizeof(*t->raw));
	}
	t->raw[t->n] = raw;
	t->part[t->n++] = part;
}

/* The hole at sc->p; false if the rest of the file makes no sense. */
static bool
read_hole(struct scan *sc)
{
	const char *open = sc->p, *close = hole_end(open + 2, sc->end);
	struct cdp_part part = { { NULL, 0 }, -1 };
	struct cdp_str text;
	bool raw;

	if (close == NULL) {
		cdp_diag_at(sc->ld->diags, mark(sc, open, open + 2),
		    "bad-template", "'{{' without its '}}'");
		return false;
	}
	text = (struct cdp_str){ open + 2, (size_t)(close - open) - 2 };
	trim(&text);
	raw = take_raw(&text);
	if (text.n == 0)
		cdp_diag_at(sc->ld->diags, mark(sc, open, close + 2),
		    "bad-template", "'{{ }}' needs a jq program in it");
	else
		part.jq = cdp_load_jq_strict(
		    sc->ld, text, mark(sc, text.p, text.p + text.n));
	add_part(sc, part, raw);
	sc->p = close + 2;
	return true;
}

static void
read_parts(struct scan *sc)
{
	const char *open;
	struct cdp_part part = { { NULL, 0 }, -1 };

	for (;;) {
		open = memmem(sc->p, (size_t)(sc->end - sc->p), "{{", 2);
		part.text.p = sc->p;
		part.text.n = (size_t)((open != NULL ? open : sc->end) - sc->p);
		if (part.text.n != 0 || (open == NULL && sc->ret->n == 0))
			add_part(sc, part, false);
		if (open == NULL)
			return;
		sc->p = open;
		if (!read_hole(sc))
			return;
	}
}

/* ---- the section ---- */

static void
load_text(struct cdp_loader *ld, const struct cdp_node *node, const char *key,
    struct cdp_text *ret)
{
	struct scan sc = { .ld = ld, .ret = ret };
	struct cdp_part part = { { NULL, 0 }, -1 };
	struct cdp_str text, name;
	const char *file;

	if (node == NULL || !cdp_load_str(ld, node, key, &name))
		return;
	if (!is_file_name(name)) {
		ld->strict = true;
		if (cdp_load_jq(ld, node, key, &part.jq))
			add_part(&sc, part, true);
		ld->strict = false;
		return;
	}
	if (!cdp_load_file(ld, node, key, &text))
		return;
	ret->html = is_markup(name) || strcmp(key, "html") == 0;
	file = cdp_file_shown(ld, name).p;
	cdp_diags_source(ld->diags, file, text);
	cdp_places_init(&sc.places, file, text);
	sc.start = sc.p = text.p;
	sc.end = text.p + text.n;
	read_parts(&sc);
	cdp_places_free(&sc.places);
}

void
cdp_load_templates(struct cdp_loader *ld, struct cdp_node *node)
{
	static const char *const known[] = { "subject", "html", "text", NULL };
	struct cdp_project *pr = ld->pr;
	struct cdp_template *t;
	struct cdp_node *map;
	size_t i;

	pr->template = cdp_load_grow(
	    ld, pr->template, pr->ntemplate, node->n, sizeof(*pr->template));
	for (i = 0; i < node->n; i++) {
		map = node->item[i];
		t = &pr->template[pr->ntemplate++];
		t->name = node->key[i]->text;
		t->node = map;
		if (!cdp_load_is_map(ld, map, "a template"))
			continue;
		cdp_diag_keys(ld->diags, map, "a template", known);
		load_text(
		    ld, cdp_node_get(map, "subject"), "subject", &t->subject);
		load_text(ld, cdp_node_get(map, "html"), "html", &t->html);
		load_text(ld, cdp_node_get(map, "text"), "text", &t->text);
		if (map->n == 0)
			cdp_diag_error(ld->diags, map, "missing-key",
			    "a template needs a subject, html or text");
	}
}
