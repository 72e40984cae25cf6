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
enum cdp_env {
	CDP_ENV_AHEAD,
	CDP_ENV_ANONYMOUS_ID,
	CDP_ENV_CATEGORY,
	CDP_ENV_CDP,
	CDP_ENV_COLLECTION,
	CDP_ENV_CONTEXT,
	CDP_ENV_EVENT,
	CDP_ENV_GROUP_ID,
	CDP_ENV_ID,
	CDP_ENV_INTEGRATIONS,
	CDP_ENV_LATE,
	CDP_ENV_MESSAGE_ID,
	CDP_ENV_NAME,
	CDP_ENV_ORIGINAL,
	CDP_ENV_PREVIOUS_ID,
	CDP_ENV_PROFILE,
	CDP_ENV_PROPERTIES,
	CDP_ENV_RECEIVED,
	CDP_ENV_SENT,
	CDP_ENV_TIMESTAMP,
	CDP_ENV_TRAITS,
	CDP_ENV_TYPE,
	CDP_ENV_USER_ID,
	CDP_ENV_N
};

/* Where each known top-level member's value is, or CDP_NOTOK. */
struct cdp_envelope {
	uint32_t at[CDP_ENV_N];
};

/* One walk over the line's members. */
void cdp_envelope_read(const struct cdp_line *ln, struct cdp_envelope *ret);

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
