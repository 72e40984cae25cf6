#ifndef CDP_RULE_YAML_H
#define CDP_RULE_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

/*
 * yaml: a YAML file as nodes that know where they stand.
 *
 * YAML 1.2 core scalars: only true and false are booleans ("no" and "on" are
 * strings).  Duplicate keys, a second document, tags, merge keys, files over
 * 1 MiB, more than 64 levels and alias bombs are errors with their place.
 */
struct cdp_mark {
	const char *file; /* as it is to be shown */
	unsigned line;	  /* from 1 */
	unsigned col;	  /* from 1, in bytes */
	unsigned width;	  /* bytes to underline, at least 1 */
};

enum cdp_node_kind {
	CDP_NODE_SCALAR,
	CDP_NODE_SEQ,
	CDP_NODE_MAP
};

struct cdp_node {
	enum cdp_node_kind kind;
	struct cdp_mark at;
	struct cdp_str text;	/* a scalar's, decoded */
	bool plain;		/* a scalar without quotes */
	bool block;		/* a scalar after | or >: begins a line later */
	size_t n;		/* items, or pairs */
	struct cdp_node **key;	/* of a map: scalars */
	struct cdp_node **item; /* of a sequence or map */
};

struct cdp_diags;

/*
 * Read a file's bytes.  Nodes live in mem.  Faults go to diags; *ret is NULL
 * after a fault that leaves nothing to use, and for an empty file.
 */
void cdp_yaml_parse(struct cdp_str text, const char *file,
    struct cdp_arena *mem, struct cdp_diags *diags, struct cdp_node **ret);

/* The value under key in a map, or NULL (also if node is NULL or no map). */
struct cdp_node *cdp_node_get(const struct cdp_node *node, const char *key);

/*
 * A plain scalar is a boolean, null or number by its looks; a quoted one is
 * always a string.  Numbers are JSON's: 007, 0x1f, .5 and +5 are strings.
 */
bool cdp_node_is_bool(const struct cdp_node *node, bool *ret);
bool cdp_node_is_null(const struct cdp_node *node);
bool cdp_node_is_number(const struct cdp_node *node);

/* The node as JSON text: maps in their order. */
void cdp_node_json(struct cdp_buf *b, const struct cdp_node *node);

#endif
