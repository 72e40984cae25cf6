#ifndef CDP_BASE_MAP_H
#define CDP_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/str.h"

/*
 * map: bytes to a pointer, by open addressing over a seeded XXH3.
 *
 * Keys are borrowed: the bytes must live as long as the entry, usually inside
 * the value.  The order of iteration depends on the seed and must reach no
 * output.  An empty one is { 0 }.
 */
struct cdp_map_ent {
	uint64_t hash; /* 0: free; 1: deleted */
	struct cdp_str key;
	void *val;
};

struct cdp_map {
	struct cdp_map_ent *ent;
	size_t cap; /* a power of two, or 0 */
	size_t n;
	size_t used; /* n and the deleted */
};

/* The value, or NULL. */
void *cdp_map_get(const struct cdp_map *m, struct cdp_str key);

/*
 * The entry, or NULL: its value may be replaced, and its key by the same bytes
 * elsewhere.  Valid until the next call that changes the map.
 */
struct cdp_map_ent *cdp_map_find(const struct cdp_map *m, struct cdp_str key);

/*
 * The place of key's value, made (as NULL, with the key borrowed) if it was
 * not there.  Valid until the next call that changes the map.  Amortised O(1).
 */
void **cdp_map_at(struct cdp_map *m, struct cdp_str key);

/* Remove key; its value, or NULL if it was not there. */
void *cdp_map_del(struct cdp_map *m, struct cdp_str key);

/* Walk: start with *i at 0; NULL at the end. */
struct cdp_map_ent *cdp_map_next(const struct cdp_map *m, size_t *i);

void cdp_map_free(struct cdp_map *m);

#endif
