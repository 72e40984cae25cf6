#include <stdlib.h>

#include "lib/base/hash.h"
#include "lib/base/map.h"
#include "lib/base/mem.h"

enum { FREE, DELETED, FIRST_HASH };

static uint64_t
hash(struct cdp_str key)
{
	uint64_t h = cdp_hash_seeded(key);

	return h < FIRST_HASH ? h + FIRST_HASH : h;
}

static struct cdp_map_ent *
find(const struct cdp_map *m, struct cdp_str key, uint64_t h)
{
	size_t i;

	if (m->cap == 0)
		return NULL;
	for (i = h & (m->cap - 1);; i = (i + 1) & (m->cap - 1)) {
		struct cdp_map_ent *e = &m->ent[i];

		if (e->hash == FREE)
			return NULL;
		if (e->hash == h && cdp_str_eq(e->key, key))
			return e;
	}
}

/* The first place free for h; the table has one. */
static struct cdp_map_ent *
place(struct cdp_map_ent *ent, size_t cap, uint64_t h)
{
	size_t i = h & (cap - 1);

	while (ent[i].hash >= FIRST_HASH)
		i = (i + 1) & (cap - 1);
	return &ent[i];
}

static void
rehash(struct cdp_map *m)
{
	size_t cap = 16, i;
	struct cdp_map_ent *ent;

	while (cap < m->n * 2 + 2)
		cap *= 2;
	ent = cdp_xcalloc(cap, sizeof(*ent));
	for (i = 0; i < m->cap; i++)
		if (m->ent[i].hash >= FIRST_HASH)
			*place(ent, cap, m->ent[i].hash) = m->ent[i];
	free(m->ent);
	m->ent = ent;
	m->cap = cap;
	m->used = m->n;
}

struct cdp_map_ent *
cdp_map_find(const struct cdp_map *m, struct cdp_str key)
{
	return m->n != 0 ? find(m, key, hash(key)) : NULL;
}

void *
cdp_map_get(const struct cdp_map *m, struct cdp_str key)
{
	const struct cdp_map_ent *e = cdp_map_find(m, key);

	return e != NULL ? e->val : NULL;
}

void **
cdp_map_at(struct cdp_map *m, struct cdp_str key)
{
	uint64_t h = hash(key);
	struct cdp_map_ent *e = find(m, key, h);

	if (e != NULL)
		return &e->val;
	if ((m->used + 1) * 4 > m->cap * 3)
		rehash(m);
	e = place(m->ent, m->cap, h);
	m->used += e->hash == FREE;
	m->n++;
	*e = (struct cdp_map_ent){ h, key, NULL };
	return &e->val;
}

void *
cdp_map_del(struct cdp_map *m, struct cdp_str key)
{
	struct cdp_map_ent *e = cdp_map_find(m, key);
	void *val;

	if (e == NULL)
		return NULL;
	val = e->val;
	*e = (struct cdp_map_ent){ DELETED, { NULL, 0 }, NULL };
	m->n--;
	return val;
}

struct cdp_map_ent *
cdp_map_next(const struct cdp_map *m, size_t *i)
{
	while (*i < m->cap) {
		struct cdp_map_ent *e = &m->ent[(*i)++];

		if (e->hash >= FIRST_HASH)
			return e;
	}
	return NULL;
}

void
cdp_map_free(struct cdp_map *m)
{
	free(m->ent);
	*m = (struct cdp_map){ 0 };
}
