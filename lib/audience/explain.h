#ifndef CDP_AUDIENCE_EXPLAIN_H
#define CDP_AUDIENCE_EXPLAIN_H

#include "lib/audience/audience.h"

/*
 * explain: why one profile is in each audience, or is not.
 *
 * {"profile","now","audiences":[{"audience","in","since","by","changes_at",
 * "why"}]}
 *
 * now         up to when time has come: the last clock line, or the profile's
 *             own last line
 * by          min_stay or leave_after, if it is that and not the condition
 * changes_at  when it enters or leaves though nothing happens; absent: never
 * why         the condition: {"holds","all"|"any":[...]|"not":{...}}, and of a
 *             leaf {"holds","if","decides","needed","actual","events",
 *             "would_change","changes_at"}; decides: it alone could turn the
 *             whole
 */
struct cdp_explained {
	struct cdp_str id;      /* of the profile */
	struct cdp_str profile; /* as it stands, if cdp-merge knows; or empty */
	char *const *key;       /* the audiences; none: all */
	size_t nkey;
};

/*
 * For an au whose log was opened (cdp_audiences_ops.open) and that is used for
 * nothing else: time goes on in it.  0; CDP_END: nobody of that id is known,
 * here or to the caller; CDP_ECONF: no such audience; or fatal.
 */
int cdp_audiences_explain(struct cdp_audiences *au,
    const struct cdp_explained *q, struct cdp_buf *b, struct cdp_err *err);

#endif
