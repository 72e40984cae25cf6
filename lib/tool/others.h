#ifndef CDP_TOOL_OTHERS_H
#define CDP_TOOL_OTHERS_H

#include "lib/emit/others.h"
#include "lib/profile/merge.h"
#include "lib/profile/standing.h"

/*
 * others: what lib/emit asks of other stages, answered by them.
 */
struct cdp_asker { /* an empty one has pr set */
	struct cdp_project *pr;
	struct cdp_standing standing;
	struct cdp_merge *merge; /* who tells of everybody */
	/* of one walk */
	struct cdp_log *audience;
	struct cdp_buf text;
	int (*fn)(void *arg, struct cdp_str profile, struct cdp_err *err);
	void *arg;
};

/*
 * The two ways to ask k.  With everybody, each() may be called, too: before
 * any program of the project is compiled.
 */
struct cdp_others cdp_asker_make(struct cdp_asker *k, bool everybody);
void cdp_asker_free(struct cdp_asker *k);

#endif
