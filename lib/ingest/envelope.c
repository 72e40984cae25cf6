#include "lib/ingest/envelope.h"

struct name {
	const char *name;
	enum cdp_env env;
};

/* There, and not null. */
static bool
given(const struct cdp_line *ln, uint32_t at)
{
	return cdp_tape_kind(ln->tape, at) != CDP_NULL;
}

/* A string with something in it. */
static bool
filled(const struct cdp_line *ln, uint32_t at)
{
	return cdp_tape_isa(ln->tape, at, CDP_STRING) &&
	    ln->tape->tok[at].len != 0;
}

static int
bad(struct cdp_err *err, const char *code, const char *field, const char *what)
{
	return cdp_fail_rule(err, CDP_EDATA, code, field, "%s %s", field, what);
}

/* Given, it must be of that kind. */
static int
must_be(const struct cdp_line *ln, uint32_t at, enum cdp_kind kind,
    const char *code, const char *field, struct cdp_err *err)
{
	if (!given(ln, at) || cdp_tape_isa(ln->tape, at, kind))
		return 0;
	return bad(err, code, field,
	    kind == CDP_OBJECT       ? "is not an object"
		: kind == CDP_STRING ? "is not a string"
				     : "is not a number");
}

static int
check_ids(const struct cdp_line *ln, const struct cdp_envelope *env,
    struct cdp_err *err)
{
	static const struct name ids[] = {
		{ "userId", CDP_ENV_USER_ID },
		{ "anonymousId", CDP_ENV_ANONYMOUS_ID },
		{ "groupId", CDP_ENV_GROUP_ID },
		{ "previousId", CDP_ENV_PREVIOUS_ID },
	};
	size_t i;
	int rc;

	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if ((rc = must_be(ln, env->at[ids[i].env], CDP_STRING,
			 "id_not_string", ids[i].name, err)) != 0)
			return rc;
	if (ln->type == CDP_GROUP && !filled(ln, env->at[CDP_ENV_GROUP_ID]))
		return bad(err, "id_required", "groupId", "is missing");
	if (ln->type == CDP_ALIAS && !filled(ln, env->at[CDP_ENV_PREVIOUS_ID]))
		return bad(err, "id_required", "previousId", "is missing");
	if (ln->type == CDP_ALIAS && !filled(ln, env->at[CDP_ENV_USER_ID]))
		return bad(err, "id_required", "userId", "is missing");
	if (!filled(ln, env->at[CDP_ENV_USER_ID]) &&
	    !filled(ln, env->at[CDP_ENV_ANONYMOUS_ID]))
		return bad(err, "no_user_anon_id", "userId",
		    "and anonymousId are missing");
	return 0;
}

/* A name that may be left out but not be empty. */
static int
check_name(const struct cdp_line *ln, uint32_t at, const char *code,
    const char *field, struct cdp_err *err)
{
	if (!given(ln, at) || filled(ln, at))
		return 0;
	return bad(err, code, field, "is not a string with something in it");
}

/* Segment Consent Preference Updated alone has these rules. */
static int
check_consent(const struct cdp_line *ln, uint32_t context, struct cdp_err *err)
{
	const struct cdp_tape *t = ln->tape;
	uint32_t consent = cdp_tape_get(t, context, CDP_STR("consent"));
	uint32_t prefs =
	    cdp_tape_get(t, consent, CDP_STR("categoryPreferences"));
	uint32_t device = cdp_tape_get(t, context, CDP_STR("device"));
	uint32_t it = 0, key, val;
	int rc;

	if (!given(ln, prefs))
		return bad(err, "consent_categorypreferences_should_exist",
		    "context.consent.categoryPreferences", "is missing");
	rc = must_be(ln, prefs, CDP_OBJECT,
	    "consent_categorypreferences_fields_should_be_object",
	    "context.consent.categoryPreferences", err);
	if (rc != 0)
		return rc;
	while (cdp_tape_next(t, prefs, &it, &key, &val))
		if (!cdp_tape_isa(t, val, CDP_TRUE) &&
		    !cdp_tape_isa(t, val, CDP_FALSE))
			return bad(err,
			    "consent_categorypreferences_fields_should_be_bool",
			    "context.consent.categoryPreferences",
			    "has a value that is neither true nor false");
	if ((rc = must_be(ln, cdp_tape_get(t, device, CDP_STR("advertisingId")),
		 CDP_STRING, "device_advertisingid_should_be_string",
		 "context.device.advertisingId", err)) != 0)
		return rc;
	return must_be(ln, cdp_tape_get(t, consent, CDP_STR("version")),
	    CDP_NUM, "consent_version_should_be_number",
	    "context.consent.version", err);
}

static int
check_track(const struct cdp_line *ln, const struct cdp_envelope *env,
    struct cdp_err *err)
{
	uint32_t event = env->at[CDP_ENV_EVENT];
	int rc;

	if ((rc = must_be(
		 ln, event, CDP_STRING, "event_not_string", "event", err)) != 0)
		return rc;
	if (!filled(ln, event))
		return bad(err, "event_not_defined", "event", "is missing");
	if (cdp_str_is(ln->event, "Segment Consent Preference Updated"))
		return check_consent(ln, env->at[CDP_ENV_CONTEXT], err);
	return 0;
}

static int
check_event(const struct cdp_line *ln, const struct cdp_envelope *env,
    struct cdp_err *err)
{
	const uint32_t *at = env->at;
	int rc;

	if ((rc = check_ids(ln, env, err)) != 0 ||
	    (ln->type == CDP_TRACK && (rc = check_track(ln, env, err)) != 0))
		return rc;
	if (ln->type == CDP_PAGE || ln->type == CDP_SCREEN) {
		if ((rc = check_name(ln, at[CDP_ENV_NAME], "name_not_string",
			 "name", err)) != 0 ||
		    (rc = check_name(ln, at[CDP_ENV_CATEGORY],
			 "category_not_string", "category", err)) != 0)
			return rc;
	}
	if ((rc = must_be(ln, at[CDP_ENV_PROPERTIES], CDP_OBJECT,
		 "properties_not_object", "properties", err)) != 0 ||
	    (rc = must_be(ln, at[CDP_ENV_TRAITS], CDP_OBJECT,
		 "traits_not_object", "traits", err)) != 0 ||
	    (rc = must_be(ln, at[CDP_ENV_CONTEXT], CDP_OBJECT, "bad_request",
		 "context", err)) != 0 ||
	    (rc = must_be(ln, at[CDP_ENV_INTEGRATIONS], CDP_OBJECT,
		 "bad_request", "integrations", err)) != 0)
		return rc;
	return 0;
}

static int
check_object(const struct cdp_line *ln, const struct cdp_envelope *env,
    struct cdp_err *err)
{
	uint32_t id = env->at[CDP_ENV_ID];

	if (!filled(ln, env->at[CDP_ENV_COLLECTION]))
		return bad(err, "bad_request", "collection",
		    "is not a string with something in it");
	if (!given(ln, id))
		return bad(err, "id_required", "id", "is missing");
	if (!filled(ln, id) && !cdp_tape_isa(ln->tape, id, CDP_NUM))
		return bad(err, "id_not_string", "id",
		    "is neither a string nor a number");
	return 0;
}

/* ---- limits ---- */

/* Whether s has more characters than max; bytes are enough of a bound. */
static bool
longer(struct cdp_str s, int64_t max)
{
	size_t i, n = 0;

	if (s.n <= (size_t)max)
		return false;
	for (i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n > (size_t)max;
}

static int
check_limits(const struct cdp_line *ln, const struct cdp_envelope *env,
    const struct cdp_limits *limits, struct cdp_err *err)
{
	static const struct name maps[] = { { "properties",
						CDP_ENV_PROPERTIES },
		{ "traits", CDP_ENV_TRAITS } };
	size_t i, n;

	if (longer(ln->message_id, limits->message_id))
		return cdp_fail_rule(err, CDP_EDATA, "bad_request", "messageId",
		    "messageId has more than %lld characters "
		    "(ingest.message_id)",
		    (long long)limits->message_id);
	if (env->at[CDP_ENV_GROUP_ID] != CDP_NOTOK &&
	    longer(cdp_tape_str(ln->tape, env->at[CDP_ENV_GROUP_ID], ln->mem),
		limits->group_id))
		return cdp_fail_rule(err, CDP_EDATA, "bad_request", "groupId",
		    "groupId has more than %lld characters (ingest.group_id)",
		    (long long)limits->group_id);
	if (ln->tape->ntok <= 2 * (uint64_t)limits->properties)
		return 0;
	for (i = 0; i < 2; i++) {
		n = cdp_tape_count(ln->tape, env->at[maps[i].env]);
		if (n > (size_t)limits->properties)
			return cdp_fail_rule(err, CDP_EDATA, "bad_request",
			    maps[i].name,
			    "%s has %zu members, the limit (ingest.properties) "
			    "is %lld",
			    maps[i].name, n, (long long)limits->properties);
	}
	return 0;
}

int
cdp_envelope_check(const struct cdp_line *ln, const struct cdp_envelope *env,
    const struct cdp_limits *limits, struct cdp_err *err)
{
	int rc;

	/* Stages wrap what they keep, which must stay readable. */
	if (ln->tape->depth > CDP_JSON_OUTER)
		return cdp_fail_rule(err, CDP_EDATA, "bad_json", NULL,
		    "nests deeper than %d", CDP_JSON_OUTER);
	if ((rc = must_be(ln, env->at[CDP_ENV_MESSAGE_ID], CDP_STRING,
		 "bad_request", "messageId", err)) != 0 ||
	    (rc = check_limits(ln, env, limits, err)) != 0)
		return rc;
	switch (ln->type) {
	case CDP_TRACK:
	case CDP_IDENTIFY:
	case CDP_PAGE:
	case CDP_SCREEN:
	case CDP_GROUP:
	case CDP_ALIAS:
		return check_event(ln, env, err);
	case CDP_OBJECT_ROW:
		return check_object(ln, env, err);
	case CDP_SUPPRESS:
	case CDP_UNSUPPRESS:
	case CDP_DELETE:
	case CDP_UNMERGE:
		return 0; /* whom it names is for the project to say */
	case CDP_OTHER:
		break;
	default:
		return bad(err, "reserved_type", "type",
		    "is one that only our own stages write");
	}
	if (!given(ln, env->at[CDP_ENV_TYPE]))
		return bad(err, "bad_request", "type", "is missing");
	return bad(err, "bad_request", "type",
	    "is none of track identify page screen group alias object");
}

/* ---- time ---- */

/* CDP_TIME_NONE if it is not given. */
static int
time_at(const struct cdp_line *ln, uint32_t at, const char *field, int64_t *ret,
    struct cdp_err *err)
{
	*ret = CDP_TIME_NONE;
	if (!given(ln, at))
		return 0;
	if (cdp_tape_isa(ln->tape, at, CDP_STRING) &&
	    cdp_time_parse(cdp_tape_str(ln->tape, at, ln->mem), ret) == 0)
		return 0;
	return bad(err, "bad_timestamp", field, "is not an RFC 3339 time");
}

int
cdp_envelope_time(const struct cdp_line *ln, const struct cdp_envelope *env,
    int64_t *ret, int64_t *received, struct cdp_err *err)
{
	const uint32_t *at = env->at;
	int64_t original, sent, ts = ln->ts_ms, client;
	int rc;

	if (ts == CDP_TIME_NONE &&
	    (rc = time_at(ln, at[CDP_ENV_TIMESTAMP], "timestamp", &ts, err)) !=
		0)
		return rc;
	if ((rc = time_at(ln, at[CDP_ENV_ORIGINAL], "originalTimestamp",
		 &original, err)) != 0 ||
	    (rc = time_at(ln, at[CDP_ENV_SENT], "sentAt", &sent, err)) != 0 ||
	    (rc = time_at(
		 ln, at[CDP_ENV_RECEIVED], "receivedAt", received, err)) != 0)
		return rc;
	/* Before a server has seen it, timestamp is what the caller said. */
	client = original != CDP_TIME_NONE ? original : ts;
	if (client != CDP_TIME_NONE && sent != CDP_TIME_NONE &&
	    *received != CDP_TIME_NONE)
		ts = *received - (sent - client);
	else if (ts == CDP_TIME_NONE)
		ts = original != CDP_TIME_NONE ? original
		    : sent != CDP_TIME_NONE    ? sent
					       : *received;
	if (ts > CDP_TIME_END || (ts < CDP_TIME_MIN && ts != CDP_TIME_NONE))
		return bad(err, "bad_timestamp", "timestamp",
		    "is outside the years 0 to 9999");
	*ret = ts;
	return 0;
}
