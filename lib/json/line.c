#include "lib/json/line.h"

#include <assert.h>

const char *const cdp_type_names[CDP_NTYPES] = {
	[CDP_OTHER] = "other",
	[CDP_TRACK] = "track",
	[CDP_IDENTIFY] = "identify",
	[CDP_PAGE] = "page",
	[CDP_SCREEN] = "screen",
	[CDP_GROUP] = "group",
	[CDP_ALIAS] = "alias",
	[CDP_OBJECT_ROW] = "object",
	[CDP_SUPPRESS] = "suppress",
	[CDP_UNSUPPRESS] = "unsuppress",
	[CDP_DELETE] = "delete",
	[CDP_UNMERGE] = "unmerge",
	[CDP_MERGE] = "merge",
	[CDP_ACTIVATION] = "activation",
	[CDP_WITHDRAW] = "withdraw",
	[CDP_DELIVERY] = "delivery",
	[CDP_PROFILE] = "profile",
	[CDP_CLOCK] = "clock",
	[CDP_END_LINE] = "end",
};

static const struct cdp_str names[CDP_ENV_N] = {
	[CDP_ENV_AHEAD] = { "ahead", 5 },
	[CDP_ENV_ANONYMOUS_ID] = { "anonymousId", 11 },
	[CDP_ENV_CATEGORY] = { "category", 8 },
	[CDP_ENV_CDP] = { "cdp", 3 },
	[CDP_ENV_COLLECTION] = { "collection", 10 },
	[CDP_ENV_CONTEXT] = { "context", 7 },
	[CDP_ENV_EVENT] = { "event", 5 },
	[CDP_ENV_GROUP_ID] = { "groupId", 7 },
	[CDP_ENV_ID] = { "id", 2 },
	[CDP_ENV_INTEGRATIONS] = { "integrations", 12 },
	[CDP_ENV_LATE] = { "late", 4 },
	[CDP_ENV_MESSAGE_ID] = { "messageId", 9 },
	[CDP_ENV_NAME] = { "name", 4 },
	[CDP_ENV_NOW] = { "now", 3 },
	[CDP_ENV_ORIGINAL] = { "originalTimestamp", 17 },
	[CDP_ENV_PREVIOUS_ID] = { "previousId", 10 },
	[CDP_ENV_PROFILE] = { "profile", 7 },
	[CDP_ENV_PROPERTIES] = { "properties", 10 },
	[CDP_ENV_RECEIVED] = { "receivedAt", 10 },
	[CDP_ENV_SENT] = { "sentAt", 6 },
	[CDP_ENV_TIMESTAMP] = { "timestamp", 9 },
	[CDP_ENV_TRAITS] = { "traits", 6 },
	[CDP_ENV_TYPE] = { "type", 4 },
	[CDP_ENV_USER_ID] = { "userId", 6 },
};

/* 1 + the one name of that sign: no two of them have the same. */
static const uint8_t signs[256] = {
	[CDP_NAMES_SIGN('a', 'd', 5)] = 1 + CDP_ENV_AHEAD,
	[CDP_NAMES_SIGN('a', 'd', 11)] = 1 + CDP_ENV_ANONYMOUS_ID,
	[CDP_NAMES_SIGN('c', 'y', 8)] = 1 + CDP_ENV_CATEGORY,
	[CDP_NAMES_SIGN('c', 'p', 3)] = 1 + CDP_ENV_CDP,
	[CDP_NAMES_SIGN('c', 'n', 10)] = 1 + CDP_ENV_COLLECTION,
	[CDP_NAMES_SIGN('c', 't', 7)] = 1 + CDP_ENV_CONTEXT,
	[CDP_NAMES_SIGN('e', 't', 5)] = 1 + CDP_ENV_EVENT,
	[CDP_NAMES_SIGN('g', 'd', 7)] = 1 + CDP_ENV_GROUP_ID,
	[CDP_NAMES_SIGN('i', 'd', 2)] = 1 + CDP_ENV_ID,
	[CDP_NAMES_SIGN('i', 's', 12)] = 1 + CDP_ENV_INTEGRATIONS,
	[CDP_NAMES_SIGN('l', 'e', 4)] = 1 + CDP_ENV_LATE,
	[CDP_NAMES_SIGN('m', 'd', 9)] = 1 + CDP_ENV_MESSAGE_ID,
	[CDP_NAMES_SIGN('n', 'e', 4)] = 1 + CDP_ENV_NAME,
	[CDP_NAMES_SIGN('n', 'w', 3)] = 1 + CDP_ENV_NOW,
	[CDP_NAMES_SIGN('o', 'p', 17)] = 1 + CDP_ENV_ORIGINAL,
	[CDP_NAMES_SIGN('p', 'd', 10)] = 1 + CDP_ENV_PREVIOUS_ID,
	[CDP_NAMES_SIGN('p', 'e', 7)] = 1 + CDP_ENV_PROFILE,
	[CDP_NAMES_SIGN('p', 's', 10)] = 1 + CDP_ENV_PROPERTIES,
	[CDP_NAMES_SIGN('r', 't', 10)] = 1 + CDP_ENV_RECEIVED,
	[CDP_NAMES_SIGN('s', 't', 6)] = 1 + CDP_ENV_SENT,
	[CDP_NAMES_SIGN('t', 'p', 9)] = 1 + CDP_ENV_TIMESTAMP,
	[CDP_NAMES_SIGN('t', 's', 6)] = 1 + CDP_ENV_TRAITS,
	[CDP_NAMES_SIGN('t', 'e', 4)] = 1 + CDP_ENV_TYPE,
	[CDP_NAMES_SIGN('u', 'd', 6)] = 1 + CDP_ENV_USER_ID,
};

static inline enum cdp_env
env_of(struct cdp_str s, uint8_t sign)
{
	unsigned i = signs[sign];

	return i != 0 && cdp_str_eq(s, names[i - 1]) ? (enum cdp_env)(i - 1)
						     : CDP_ENV_N;
}

enum cdp_env
cdp_env_of(struct cdp_str name)
{
	return env_of(name, cdp_names_sign(name));
}

/* Returns whether the line is plain. */
static bool
find(const struct cdp_tape *t, struct cdp_arena *mem, struct cdp_envelope *ret)
{
	const struct cdp_tok *tok = t->tok;
	struct cdp_names *x = t->names; /* of what rules ask for later */
	uint32_t i, end = tok[0].next;
	enum cdp_env env;
	struct cdp_str s;
	bool plain = true;
	uint8_t sign;

	memset(ret, 0xff, sizeof(*ret)); /* CDP_NOTOK */
	for (i = 1; i < end; i = tok[i + 1].next) {
		s = (struct cdp_str){ t->p + tok[i].off, tok[i].len };
		if (tok[i].escaped) {
			s = cdp_tape_str(t, i, mem);
			plain = false;
			x = NULL;
		}
		sign = cdp_names_sign(s);
		if (x != NULL && !cdp_names_add(x, i, sign))
			x = NULL;
		if ((env = env_of(s, sign)) != CDP_ENV_N) {
			plain = plain && ret->at[env] == CDP_NOTOK;
			ret->at[env] = i + 1;
		}
	}
	if (x != NULL)
		x->at = 0;
	return plain;
}

static enum cdp_type
type_of(struct cdp_str s)
{
	int i;

	for (i = CDP_OTHER + 1; i < CDP_NTYPES; i++)
		if (s.n != 0 && s.p[0] == cdp_type_names[i][0] &&
		    cdp_str_is(s, cdp_type_names[i]))
			return (enum cdp_type)i;
	return CDP_OTHER;
}

static struct cdp_str
event_of(const struct cdp_line *ln, uint32_t event)
{
	switch (ln->type) {
	case CDP_TRACK:
		return cdp_tape_str(ln->tape, event, ln->mem);
	case CDP_PAGE:
		return CDP_STR("Page Viewed");
	case CDP_SCREEN:
		return CDP_STR("Screen Viewed");
	default:
		return CDP_STR("");
	}
}

/* Whether it is as we write it: {"o":...,"n":...}, neither an object. */
static bool
is_ours(const struct cdp_tape *t, uint32_t cdp)
{
	const struct cdp_tok *k;

	if (!cdp_tape_isa(t, cdp, CDP_OBJECT))
		return false;
	k = &t->tok[cdp];
	return k[0].next == cdp + 5 && k[2].next == cdp + 3 && k[1].len == 1 &&
	    k[3].len == 1 && t->p[k[1].off] == 'o' && t->p[k[3].off] == 'n';
}

/*
 * Which log's line it claims to be.  A claim that no log of ours can make is
 * none: jq keeps whole numbers up to 2^53 only.
 */
static void
read_cdp(struct cdp_line *ln, uint32_t cdp)
{
	const struct cdp_tape *t = ln->tape;
	uint32_t at_o, at_n;
	struct cdp_str o;
	int64_t n;

	if (is_ours(t, cdp)) {
		at_o = cdp + 2;
		at_n = cdp + 4;
	} else {
		at_o = cdp_tape_get(t, cdp, CDP_STR("o"));
		at_n = cdp_tape_get(t, cdp, CDP_STR("n"));
	}
	if (!cdp_tape_i64(t, at_n, &n) || n < 0 || n > CDP_LINE_N_MAX)
		return;
	o = cdp_tape_str(t, at_o, ln->mem);
	if (o.n == 0 || o.n > CDP_LINE_O_MAX)
		return;
	ln->o = o;
	ln->n = (uint64_t)n;
}

int
cdp_line_parse(struct cdp_str raw, uint64_t lineno, struct cdp_tape *t,
    struct cdp_arena *mem, struct cdp_line *ret, struct cdp_err *err)
{
	const uint32_t *at = ret->env.at;
	int rc;

	if ((rc = cdp_tape_parse(t, raw, err)) != 0)
		return rc;
	if (!cdp_tape_isa(t, 0, CDP_OBJECT))
		return cdp_fail_rule(
		    err, CDP_EDATA, "not_object", NULL, "not a JSON object");
	/* Each by itself: to clear all of it first would take as long. */
	ret->plain = find(t, mem, &ret->env);
	ret->known = true;
	ret->raw = raw;
	ret->tape = t;
	ret->mem = mem;
	ret->lineno = lineno;
	ret->profile = at[CDP_ENV_PROFILE];
	ret->cdp = at[CDP_ENV_CDP];
	ret->o = CDP_STR("");
	ret->n = 0;
	ret->item = 0;
	ret->type = type_of(cdp_tape_str(t, at[CDP_ENV_TYPE], mem));
	ret->event = event_of(ret, at[CDP_ENV_EVENT]);
	if (cdp_time_parse(cdp_tape_str(t,
			       at[ret->type == CDP_CLOCK ? CDP_ENV_NOW
							 : CDP_ENV_TIMESTAMP],
			       mem),
		&ret->ts_ms) != 0)
		ret->ts_ms = CDP_TIME_NONE;
	ret->message_id = cdp_tape_str(t, at[CDP_ENV_MESSAGE_ID], mem);
	ret->profile_id =
	    cdp_tape_str(t, cdp_tape_get(t, ret->profile, CDP_STR("id")), mem);
	read_cdp(ret, ret->cdp);
	return 0;
}
