#ifndef CDP_INGEST_ENVELOPE_H
#define CDP_INGEST_ENVELOPE_H

#include "lib/json/line.h"
#include "lib/rule/project.h"

/*
 * envelope: what every event carries around what it says.
 *
 * The checks and their codes are Segment's ("no_user_anon_id",
 * "event_not_string", ...); null counts as missing, as its libraries write it.
 */
/*
 * Whether the line may come in: 0, or CDP_EDATA with the code as the rule and
 * the member as the field.
 */
int cdp_envelope_check(const struct cdp_line *ln,
    const struct cdp_envelope *env, const struct cdp_limits *limits,
    struct cdp_err *err);

/*
 * When it happened: receivedAt - (sentAt - originalTimestamp) if all three are
 * there, and timestamp in the place of the last if only that is missing; else
 * the first of timestamp, originalTimestamp, sentAt, receivedAt; CDP_TIME_NONE
 * if there is none.  *received is receivedAt, or CDP_TIME_NONE.  0, or
 * CDP_EDATA "bad_timestamp".
 */
int cdp_envelope_time(const struct cdp_line *ln, const struct cdp_envelope *env,
    int64_t *ret, int64_t *received, struct cdp_err *err);

#endif
