#include "lib/rule/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "lib/base/map.h"
#include "lib/base/mem.h"
#include "lib/base/utf8.h"
#include "lib/rule/diag.h"
#include "lib/rule/places.h"

#define MAX_BYTES ((size_t)1 << 20)
#define MAX_DEPTH 64
#define MAX_NODES 200000 /* aliases expanded */

/* What an anchor names; node is NULL while it is still being read. */
struct anchor {
	struct cdp_str name;
	struct cdp_node *node;
	size_t size;
	unsigned height;
};

/* A node with what aliases of it would cost. */
struct sub {
	struct cdp_node *node;
	size_t size; /* nodes in it, aliases expanded */
	unsigned height;
};

struct reader {
	yaml_parser_t yp;
	struct cdp_arena *mem;
	struct cdp_diags *diags;
	struct cdp_places places;
	struct anchor *anchor;
	size_t nanchor, capanchor;
	size_t size;
	bool stop; /* a fault after which nothing is usable */
};

static struct cdp_mark
mark_of(const struct reader *rd, const yaml_mark_t *from, const yaml_mark_t *to)
{
	return cdp_places_mark(&rd->places,
	    cdp_places_byte(&rd->places, from->index),
	    cdp_places_byte(&rd->places, to->index));
}

static struct cdp_mark
mark_event(const struct reader *rd, const yaml_event_t *ev)
{
	return mark_of(rd, &ev->start_mark, &ev->end_mark);
}

/* ---- events ---- */

static void
syntax_error(struct reader *rd)
{
	const yaml_parser_t *yp = &rd->yp;
	struct cdp_mark at, ctx;
	size_t i;

	rd->stop = true;
	if (yp->error == YAML_READER_ERROR) {
		at = cdp_places_mark(&rd->places, yp->problem_offset, 0);
		cdp_diag_at(rd->diags, at, "yaml", "%s", yp->problem);
		return;
	}
	if (yp->error == YAML_MEMORY_ERROR)
		cdp_mem_short(rd->places.text.n);
	at = mark_of(rd, &yp->problem_mark, &yp->problem_mark);
	i = cdp_places_byte(&rd->places, yp->problem_mark.index);
	if (i < rd->places.text.n && rd->places.text.p[i] == '\t') {
		cdp_diag_at(
		    rd->diags, at, "yaml", "a tab where YAML needs blanks");
		return;
	}
	if (yp->context == NULL) {
		cdp_diag_at(rd->diags, at, "yaml", "%s", yp->problem);
		return;
	}
	ctx = mark_of(rd, &yp->context_mark, &yp->context_mark);
	cdp_diag_at(rd->diags, at, "yaml", "%s, %s that begins at %u:%u%s",
	    yp->problem, yp->context, ctx.line, ctx.col,
	    strstr(yp->problem, "expected ','") == NULL
		? ""
		: "; a value with any of [ ] { } , goes in quotes");
}

static bool
next(struct reader *rd, yaml_event_t *ev)
{
	if (rd->stop)
		return false;
	if (!yaml_parser_parse(&rd->yp, ev)) {
		syntax_error(rd);
		return false;
	}
	return true;
}

static struct cdp_str
copy(struct reader *rd, const yaml_char_t *p, size_t n)
{
	return cdp_arena_dup(rd->mem, (struct cdp_str){ (const char *)p, n });
}

static struct anchor *
find_anchor(struct reader *rd, const yaml_char_t *name)
{
	size_t i;

	/* The newest of a name counts. */
	for (i = rd->nanchor; i-- > 0;)
		if (cdp_str_is(rd->anchor[i].name, (const char *)name))
			return &rd->anchor[i];
	return NULL;
}

/* Enter a name; its index, or SIZE_MAX for no name. */
static size_t
open_anchor(struct reader *rd, const yaml_char_t *name)
{
	if (name == NULL)
		return SIZE_MAX;
	if (rd->nanchor == rd->capanchor) {
		rd->capanchor = rd->capanchor != 0 ? rd->capanchor * 2 : 8;
		rd->anchor = cdp_xreallocarray(
		    rd->anchor, rd->capanchor, sizeof(*rd->anchor));
	}
	rd->anchor[rd->nanchor] =
	    (struct anchor){ .name = copy(rd, name, strlen((char *)name)) };
	return rd->nanchor++;
}

static void
close_anchor(struct reader *rd, size_t i, const struct sub *s)
{
	if (i == SIZE_MAX)
		return;
	rd->anchor[i].node = s->node;
	rd->anchor[i].size = s->size;
	rd->anchor[i].height = s->height;
}

static void
refuse_tag(struct reader *rd, const yaml_event_t *ev, const yaml_char_t *tag)
{
	if (tag != NULL)
		cdp_diag_at(rd->diags, mark_event(rd, ev), "yaml",
		    "tags such as '%s' are not allowed", (const char *)tag);
}

static bool
within_limits(
    struct reader *rd, struct cdp_mark at, size_t size, unsigned depth)
{
	rd->size += size;
	if (depth > MAX_DEPTH)
		cdp_diag_at(rd->diags, at, "yaml", "more than %d levels deep",
		    MAX_DEPTH);
	else if (rd->size > MAX_NODES)
		cdp_diag_at(rd->diags, at, "yaml",
		    "more than %d values, aliases expanded", MAX_NODES);
	else
		return true;
	rd->stop = true;
	return false;
}

static struct cdp_node *
new_node(struct reader *rd, enum cdp_node_kind kind, const yaml_event_t *ev)
{
	struct cdp_node *node = cdp_arena_calloc(rd->mem, 1, sizeof(*node));

	node->kind = kind;
	node->at = mark_event(rd, ev);
	return node;
}

/* ---- building: each takes its event over and frees it ---- */

static struct sub read_node(
    struct reader *rd, yaml_event_t *ev, unsigned depth);

static struct sub
read_scalar(struct reader *rd, yaml_event_t *ev)
{
	struct sub s = { new_node(rd, CDP_NODE_SCALAR, ev), 1, 1 };
	size_t a = open_anchor(rd, ev->data.scalar.anchor);

	refuse_tag(rd, ev, ev->data.scalar.tag);
	s.node->text = copy(rd, ev->data.scalar.value, ev->data.scalar.length);
	s.node->plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	s.node->block = ev->data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
	    ev->data.scalar.style == YAML_FOLDED_SCALAR_STYLE;
	close_anchor(rd, a, &s);
	yaml_event_delete(ev);
	return s;
}

static struct sub
read_alias(struct reader *rd, yaml_event_t *ev, unsigned depth)
{
	const yaml_char_t *name = ev->data.alias.anchor;
	struct anchor *a = find_anchor(rd, name);
	struct cdp_mark at = mark_event(rd, ev);
	struct sub s = { new_node(rd, CDP_NODE_SCALAR, ev), 1, 1 };

	if (a == NULL)
		cdp_diag_at(rd->diags, at, "yaml", "no anchor '&%s' above",
		    (const char *)name);
	else if (a->node == NULL)
		cdp_diag_at(rd->diags, at, "yaml",
		    "alias '*%s' stands inside what it names",
		    (const char *)name);
	else if (within_limits(rd, at, a->size, depth + a->height - 1))
		s = (struct sub){ a->node, a->size, a->height };
	yaml_event_delete(ev);
	return s;
}

/* What grows while a collection is read. */
struct items {
	struct cdp_node **key, **item;
	size_t n, cap;
};

static void
add_item(struct items *it, struct cdp_node *key, struct cdp_node *item)
{
	if (it->n == it->cap) {
		it->cap = it->cap != 0 ? it->cap * 2 : 8;
		it->key = cdp_xreallocarray(it->key, it->cap, sizeof(*it->key));
		it->item =
		    cdp_xreallocarray(it->item, it->cap, sizeof(*it->item));
	}
	it->key[it->n] = key;
	it->item[it->n++] = item;
}

static struct cdp_node **
keep_items(struct reader *rd, struct cdp_node **v, size_t n)
{
	struct cdp_node **p = cdp_arena_calloc(rd->mem, n + 1, sizeof(*p));

	if (n != 0)
		memcpy(p, v, n * sizeof(*p));
	return p;
}

/* Whether the key may stand; the second of a name names the first. */
static bool
good_key(struct reader *rd, struct cdp_map *seen, struct cdp_node *key)
{
	void **slot;

	if (key->kind != CDP_NODE_SCALAR) {
		cdp_diag_at(rd->diags, key->at, "yaml",
		    "a key must be a plain or quoted word");
		return false;
	}
	if (key->plain && cdp_str_is(key->text, "<<")) {
		cdp_diag_at(rd->diags, key->at, "yaml",
		    "merge keys are not allowed: write the keys out");
		return false;
	}
	slot = cdp_map_at(seen, key->text);
	if (*slot != NULL) {
		const struct cdp_node *first = *slot;

		cdp_diag_at(rd->diags, key->at, "duplicate-key",
		    "'%.*s' is here twice; first at %s:%u:%u", (int)key->text.n,
		    key->text.p, first->at.file, first->at.line, first->at.col);
		return false;
	}
	*slot = key;
	return true;
}

static void
read_pairs(struct reader *rd, struct items *it, struct sub *s, unsigned depth)
{
	struct cdp_map seen = { 0 };
	yaml_event_t ev;
	struct sub k, v;

	while (next(rd, &ev)) {
		if (ev.type == YAML_MAPPING_END_EVENT) {
			yaml_event_delete(&ev);
			break;
		}
		k = read_node(rd, &ev, depth + 1);
		if (rd->stop || !next(rd, &ev))
			break;
		v = read_node(rd, &ev, depth + 1);
		if (rd->stop)
			break;
		s->size += k.size + v.size;
		s->height = v.height >= s->height ? v.height + 1 : s->height;
		if (good_key(rd, &seen, k.node))
			add_item(it, k.node, v.node);
	}
	cdp_map_free(&seen);
}

static void
read_items(struct reader *rd, struct items *it, struct sub *s, unsigned depth)
{
	yaml_event_t ev;
	struct sub v;

	while (next(rd, &ev)) {
		if (ev.type == YAML_SEQUENCE_END_EVENT) {
			yaml_event_delete(&ev);
			break;
		}
		v = read_node(rd, &ev, depth + 1);
		if (rd->stop)
			break;
		s->size += v.size;
		s->height = v.height >= s->height ? v.height + 1 : s->height;
		add_item(it, NULL, v.node);
	}
}

static struct sub
read_collection(struct reader *rd, yaml_event_t *ev, unsigned depth)
{
	bool map = ev->type == YAML_MAPPING_START_EVENT;
	struct sub s = { new_node(rd, map ? CDP_NODE_MAP : CDP_NODE_SEQ, ev), 1,
		1 };
	size_t a = open_anchor(rd,
	    map ? ev->data.mapping_start.anchor
		: ev->data.sequence_start.anchor);
	struct items it = { 0 };

	refuse_tag(rd, ev,
	    map ? ev->data.mapping_start.tag : ev->data.sequence_start.tag);
	yaml_event_delete(ev);
	if (map)
		read_pairs(rd, &it, &s, depth);
	else
		read_items(rd, &it, &s, depth);
	s.node->n = it.n;
	s.node->item = keep_items(rd, it.item, it.n);
	if (map)
		s.node->key = keep_items(rd, it.key, it.n);
	free(it.key);
	free(it.item);
	close_anchor(rd, a, &s);
	return s;
}

static struct sub
read_node(struct reader *rd, yaml_event_t *ev, unsigned depth)
{
	struct sub none = { NULL, 0, 0 };

	if (ev->type == YAML_ALIAS_EVENT)
		return read_alias(rd, ev, depth);
	if (!within_limits(rd, mark_event(rd, ev), 1, depth)) {
		yaml_event_delete(ev);
		return none;
	}
	if (ev->type == YAML_SCALAR_EVENT)
		return read_scalar(rd, ev);
	return read_collection(rd, ev, depth);
}

/* The root of the first document; a second one is a fault. */
static struct cdp_node *
read_stream(struct reader *rd)
{
	struct cdp_node *root = NULL;
	bool seen = false;
	yaml_event_t ev;

	while (next(rd, &ev)) {
		switch (ev.type) {
		case YAML_STREAM_END_EVENT:
			yaml_event_delete(&ev);
			return rd->stop ? NULL : root;
		case YAML_STREAM_START_EVENT:
		case YAML_DOCUMENT_END_EVENT:
			yaml_event_delete(&ev);
			break;
		case YAML_DOCUMENT_START_EVENT:
			if (seen) {
				cdp_diag_at(rd->diags, mark_event(rd, &ev),
				    "yaml", "a second document in one file");
				yaml_event_delete(&ev);
				return root;
			}
			seen = true;
			yaml_event_delete(&ev);
			break;
		default:
			root = read_node(rd, &ev, 1).node;
		}
	}
	return NULL;
}

void
cdp_yaml_parse(struct cdp_str text, const char *file, struct cdp_arena *mem,
    struct cdp_diags *diags, struct cdp_node **ret)
{
	struct reader rd = { .mem = mem, .diags = diags };
	size_t ok;

	*ret = NULL;
	file = cdp_arena_dup(mem, cdp_str_of(file)).p;
	if (text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0)
		text = (struct cdp_str){ text.p + 3, text.n - 3 };
	cdp_diags_source(diags, file, text);
	if (text.n > MAX_BYTES) {
		cdp_diag_at(diags, (struct cdp_mark){ file, 1, 1, 1 }, "yaml",
		    "the file is longer than 1 MiB");
		return;
	}
	cdp_places_init(&rd.places, file, text);
	ok = cdp_utf8_valid(text);
	if (ok != text.n) {
		cdp_diag_at(diags, cdp_places_mark(&rd.places, ok, ok + 1),
		    "yaml", "bytes that are not UTF-8");
	} else {
		if (!yaml_parser_initialize(&rd.yp))
			cdp_mem_short(sizeof(rd.yp));
		yaml_parser_set_encoding(&rd.yp, YAML_UTF8_ENCODING);
		yaml_parser_set_input_string(
		    &rd.yp, (const unsigned char *)text.p, text.n);
		*ret = read_stream(&rd);
		yaml_parser_delete(&rd.yp);
	}
	if (*ret != NULL && cdp_node_is_null(*ret))
		*ret = NULL;
	free(rd.anchor);
	cdp_places_free(&rd.places);
}
