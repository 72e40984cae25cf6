#ifndef CDP_INGEST_TRANSFORM_H
#define CDP_INGEST_TRANSFORM_H

#include "lib/json/line.h"
#include "lib/rule/transforms.h"

/*
 * transform: events on their way in, changed as the project says.
 *
 * Each transform sees what those before it have made.  Privacy commands are
 * never changed.
 */
struct cdp_transformer; /* opaque */

/* Whether a hash among them wants a key. */
bool cdp_transforms_keyed(const struct cdp_transforms *t);

/*
 * All but the strings is borrowed; jq is told what it is to run.
 *
 * secrets  JSON object of the keys' values
 *
 * 0, or CDP_ECONF if a key has no value.
 */
int cdp_transformer_new(const struct cdp_transforms *t, struct cdp_jq *jq,
    struct cdp_str secrets, struct cdp_transformer **ret, struct cdp_err *err);
void cdp_transformer_free(struct cdp_transformer *tr);

/*
 * Change a line.
 *
 * ret  receives the line as it is now, which lives until the next call, in the
 *      same arena; untouched if nothing was to be changed
 *
 * 0; CDP_END if a program has no output: the line is to be dropped; CDP_EDATA
 * with the rule "transform_failed".  *changed says whether ret was written.
 */
int cdp_transform_line(struct cdp_transformer *tr, const struct cdp_line *ln,
    struct cdp_line *ret, bool *changed, struct cdp_err *err);

#endif
