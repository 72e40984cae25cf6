#ifndef CDP_RULE_LIST_H
#define CDP_RULE_LIST_H

#include "lib/base/buf.h"
#include "lib/json/tape.h"
#include "lib/rule/stamp.h"

/*
 * list: the list kind of trait, such as what is in the cart now.
 *
 * What it holds depends on which events there were, not on the order in which
 * they arrived: of each key the newest event counts, and what is not newer
 * than the last reset does not.  Items stand in the order of those events, so
 * one that is put again moves to the end.  Removals are remembered beside the
 * items, as many as items at most.
 */
struct cdp_item {
	struct cdp_stamp at; /* of its newest value, or of its removal */
	struct cdp_str key;  /* JSON; empty in a list without keys */
	struct cdp_str val;  /* JSON; empty: removed */
};

struct cdp_list {              /* an empty one is { 0 } */
	struct cdp_item *item; /* by time */
	size_t n, cap;
	struct cdp_stamp reset;
	bool has_reset;
};

void cdp_list_free(struct cdp_list *l);

/*
 * Put a value.  Everything is copied.
 *
 * key   JSON text of the key; empty: an item of its own
 * keep  at most so many items stay: those with the newest values
 */
void cdp_list_put(struct cdp_list *l, struct cdp_stamp at, struct cdp_str key,
    struct cdp_str val, size_t keep);
void cdp_list_remove(
    struct cdp_list *l, struct cdp_stamp at, struct cdp_str key, size_t keep);
void cdp_list_reset(struct cdp_list *l, struct cdp_stamp at);

/* Drop what is not newer than ms.  True if there was any. */
bool cdp_list_expire(struct cdp_list *l, int64_t ms);

/* When the oldest item was put, or INT64_MAX. */
int64_t cdp_list_oldest(const struct cdp_list *l);

/* Join what another profile had. */
void cdp_list_join(
    struct cdp_list *l, const struct cdp_list *from, size_t keep);

/* The JSON array that is the trait's value; nothing if there is no item. */
void cdp_list_show(struct cdp_buf *b, const struct cdp_list *l);

/* All of it, as a JSON object, and back. */
void cdp_list_write(struct cdp_buf *b, const struct cdp_list *l);
void cdp_list_read(struct cdp_list *l, const struct cdp_tape *t, uint32_t at,
    struct cdp_arena *mem);

#endif
