#ifndef CDP_TOOL_REJECTS_H
#define CDP_TOOL_REJECTS_H

#include <stdio.h>

#include "lib/base/buf.h"
#include "lib/base/map.h"
#include "lib/json/line.h"

/*
 * rejects: what was not accepted, each with its reason.
 *
 * To a file as {"line","item","source","code","field","message","record"}, one
 * line each, with item if the line holds several; else to standard error, ten
 * of a code and then their number.  Only the file has the record: a log must
 * not become a copy of the customers.
 */
struct cdp_rejects {
	const char *tool;
	FILE *fp; /* of --rejects, or NULL */
	const char *path;
	bool quiet;
	uint64_t total;
	struct cdp_map by_code; /* to struct cdp_reject_count */
	struct cdp_reject_count *first, **last;
	struct cdp_buf buf;
	struct cdp_arena mem;
};

struct cdp_reject_count {
	struct cdp_str code;
	uint64_t n;
	struct cdp_reject_count *next; /* in order of first sight */
};

/* Opens and empties the file, if path is not NULL.  0 or CDP_EIO. */
int cdp_rejects_open(struct cdp_rejects *rj, const char *tool, const char *path,
    bool quiet, struct cdp_err *err);

/* source: the input's name. */
void cdp_rejects_add(struct cdp_rejects *rj, const struct cdp_line *ln,
    const char *source, const char *code, struct cdp_str field,
    struct cdp_str message);

/* Say how many were not shown, close the file: 0 or CDP_EIO. */
int cdp_rejects_close(struct cdp_rejects *rj, struct cdp_err *err);

/* {"code":n,...} in order of first sight. */
void cdp_rejects_json(const struct cdp_rejects *rj, struct cdp_buf *b);
void cdp_rejects_free(struct cdp_rejects *rj);

#endif
