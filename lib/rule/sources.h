#ifndef CDP_RULE_SOURCES_H
#define CDP_RULE_SOURCES_H

#include <stdbool.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

/*
 * sources: what cdp-ingest reads, and what it makes of it.
 */
enum cdp_format {
	CDP_FORMAT_SEGMENT, /* events of the Spec, lists and bodies of them */
	CDP_FORMAT_NDJSON,  /* JSON, for a map or a table */
	CDP_FORMAT_CSV,
	CDP_FORMAT_TSV,
	CDP_FORMAT_SNOWPLOW /* enriched events */
};

/* A table that Segment writes to a warehouse: what its rows are. */
enum cdp_warehouse {
	CDP_WAREHOUSE_NONE,
	CDP_WAREHOUSE_ACCOUNTS,
	CDP_WAREHOUSE_ALIASES,
	CDP_WAREHOUSE_GROUPS,
	CDP_WAREHOUSE_IDENTIFIES,
	CDP_WAREHOUSE_PAGES,
	CDP_WAREHOUSE_SCREENS,
	CDP_WAREHOUSE_TRACKS, /* also those of one event each */
	CDP_WAREHOUSE_USERS
};

struct cdp_source {
	struct cdp_str name;
	enum cdp_format format;
	char separator; /* of csv and tsv */
	enum cdp_warehouse table;
	bool kcat; /* each in a message of a topic, as kcat prints it */
	int map; /* jq: gives an event or a list of them; -1 */
};

struct cdp_sources {
	struct cdp_source *v;
	size_t n;
};

/*
 * The source of that name.  Where the project names none, every name will do,
 * as "default" always does, and is of format segment.
 *
 * 0; CDP_ECONF, with the nearest name, otherwise.
 */
int cdp_sources_find(const struct cdp_sources *s, struct cdp_str name,
    struct cdp_source *ret, struct cdp_err *err);

#endif
