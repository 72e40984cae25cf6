#ifndef CDP_AUDIENCE_BYGONE_H
#define CDP_AUDIENCE_BYGONE_H

#include "lib/base/map.h"
#include "lib/rule/project.h"
#include "lib/store/log.h"

/*
 * bygone: who was in which audience at an instant that has gone by: who is in
 * it now, less what the log says was told of since.
 *
 * People are those of today: who was merged into another has become that one.
 */
struct cdp_bygone {
	int64_t at_ms;
	int64_t last_ms;     /* how far time had come in the end */
	struct cdp_map told; /* "AUDIENCE PROFILE" to struct cdp_bygone_told */
	struct cdp_arena mem;
};

struct cdp_bygone_told {
	struct cdp_str audience, id;
	int64_t entered_ms; /* the last time until then; CDP_TIME_NONE */
	bool since;         /* something was told after at_ms, before which */
	bool was;           /* it was in */
	int64_t first_ms;
	bool seen; /* cdp_bygone_in() was called */
};

/*
 * Read it.  key: of one audience, or empty for all.  0; CDP_ECONF: the log
 * keeps no longer what was told since; or fatal.
 */
int cdp_bygone_read(struct cdp_bygone *p, struct cdp_log *log, int64_t at_ms,
    struct cdp_str key, struct cdp_err *err);
void cdp_bygone_free(struct cdp_bygone *p);

/*
 * Whether id was in the audience, and since when (CDP_TIME_NONE: not known any
 * more), who is in it since since_ms, or, CDP_TIME_NONE, is not.
 */
bool cdp_bygone_in(struct cdp_bygone *p, struct cdp_str audience,
    struct cdp_str id, int64_t since_ms, int64_t *ret);

#endif
