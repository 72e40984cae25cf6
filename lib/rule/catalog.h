#ifndef CDP_RULE_CATALOG_H
#define CDP_RULE_CATALOG_H

#include "lib/base/map.h"
#include "lib/json/jq.h"
#include "lib/json/line.h"
#include "lib/rule/project.h"
#include "lib/store/log.h"

/*
 * catalog: the entities (products, stores, loyalty accounts) that a stage has
 * been told of by lines of `type: object`, for lookup() in jq.
 *
 * Each stage keeps them in its own log, under "e:ENTITY:KEY": what a line is
 * answered then depends on the lines before it alone, in a replay too.  The
 * newest row of a key counts, by time and messageId; one without a time is
 * newer than all before it, and one with `deleted: true` is none.  The key is
 * text: 12 and "12" are the same.
 *
 * Of an entity with "on", "e::ENTITY:VALUE" holds the keys of the rows that
 * have that value there, in the order in which they came to have it: the newest
 * CDP_SAME_MAX.
 */
#define CDP_SAME_MAX 10000

struct cdp_catalog { /* an empty one is { 0 } */
	const struct cdp_project *pr;
	struct cdp_log *log;  /* NULL: kept in mem */
	struct cdp_map known; /* by key: what the log says */
	struct cdp_arena mem; /* of known; emptied when it grows */
	size_t bytes;
	struct cdp_buf key, text;
	struct cdp_tape tape;
};

/* log may be NULL.  From now on lookups of pr's programs are answered. */
void cdp_catalog_open(
    struct cdp_catalog *r, const struct cdp_project *pr, struct cdp_log *log);
void cdp_catalog_free(struct cdp_catalog *r);

/* Take in a line of `type: object`, into the epoch being gathered. */
int cdp_catalog_line(
    struct cdp_catalog *r, const struct cdp_line *ln, struct cdp_err *err);

#endif
