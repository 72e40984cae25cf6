#ifndef CDP_EMIT_KEPT_H
#define CDP_EMIT_KEPT_H

#include "lib/base/map.h"
#include "lib/store/log.h"

/*
 * kept: keys of the log that hold one thing each, about one person.
 *
 * In a dry run nothing is written there: what would be is kept in memory, and
 * found before what the log says.
 */
struct cdp_kept {
	struct cdp_log *log; /* NULL: there is none yet */
	bool dry_run;
	struct cdp_map map; /* then: key to what the log would say, or "" */
	struct cdp_arena mem;
};

void cdp_kept_free(struct cdp_kept *k);

/* A name made of what it stands for: a letter, ":" and 32 hex digits. */
#define CDP_KEPT_KEY (2 + 32 + 1)
struct cdp_str cdp_kept_key(
    char letter, const struct cdp_str *part, size_t n, char ret[CDP_KEPT_KEY]);

/* What is under key, appended to val.  0, CDP_END if nothing is, or fatal. */
int cdp_kept_get(struct cdp_kept *k, struct cdp_str key, struct cdp_buf *val,
    struct cdp_err *err);

/* Put it, for the epoch being gathered; an empty one takes it away. */
void cdp_kept_put(struct cdp_kept *k, struct cdp_str key, struct cdp_str val);

#endif
