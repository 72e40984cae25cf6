#ifndef CDP_EMIT_QUIET_H
#define CDP_EMIT_QUIET_H

#include "lib/base/map.h"
#include "lib/json/line.h"
#include "lib/rule/project.h"

/*
 * quiet: whether a person is not to be disturbed.
 *
 * Where the person is says the trait timezone, or else the context of the
 * event that the activation is about, or else the project.
 */
struct cdp_hush { /* an empty one is { 0 } */
	struct cdp_map zones;
};

/*
 * Whether it is quiet on that channel for the profile of activation ln, at its
 * time, and until when.
 */
bool cdp_hush_until(struct cdp_hush *h, const struct cdp_project *pr,
    const struct cdp_line *ln, struct cdp_str channel, int64_t *ret);
void cdp_hush_free(struct cdp_hush *h);

#endif
