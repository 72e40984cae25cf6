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

/* The members of the root that lines are about, CDP_NOTOK if not there. */
struct members {
	uint32_t type, event, timestamp, now, message_id, profile, cdp;
	bool plain;
};

/* Where ret keeps the member of that name; NULL if nobody asks for it. */
static inline uint32_t *
place(struct members *ret, struct cdp_str s)
{
	switch (s.n) {
	case 3:
		if (memcmp(s.p, "cdp", 3) == 0)
			return &ret->cdp;
		return memcmp(s.p, "now", 3) == 0 ? &ret->now : NULL;
	case 4:
		return memcmp(s.p, "type", 4) == 0 ? &ret->type : NULL;
	case 5:
		return memcmp(s.p, "event", 5) == 0 ? &ret->event : NULL;
	case 7:
		return memcmp(s.p, "profile", 7) == 0 ? &ret->profile : NULL;
	case 9:
		if (memcmp(s.p, "messageId", 9) == 0)
			return &ret->message_id;
		return memcmp(s.p, "timestamp", 9) == 0 ? &ret->timestamp
							: NULL;
	}
	return NULL;
}

static void
find(const struct cdp_tape *t, struct cdp_arena *mem, struct members *ret)
{
	const struct cdp_tok *tok = t->tok;
	struct cdp_names *x = t->names; /* of what rules ask for later */
	uint32_t i, end = tok[0].next, *at;
	struct cdp_str s;

	memset(ret, 0xff, sizeof(*ret)); /* CDP_NOTOK */
	ret->plain = true;
	for (i = 1; i < end; i = tok[i + 1].next) {
		s = (struct cdp_str){ t->p + tok[i].off, tok[i].len };
		if (tok[i].escaped) {
			s = cdp_tape_str(t, i, mem);
			ret->plain = false;
			x = NULL;
		}
		if (x != NULL && !cdp_names_add(x, i, s))
			x = NULL;
		if ((at = place(ret, s)) != NULL) {
			ret->plain = ret->plain && *at == CDP_NOTOK;
			*at = i + 1;
		}
	}
	if (x != NULL)
		x->at = 0;
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
	struct members m;
	int rc;

	if ((rc = cdp_tape_parse(t, raw, err)) != 0)
		return rc;
	if (!cdp_tape_isa(t, 0, CDP_OBJECT))
		return cdp_fail_rule(
		    err, CDP_EDATA, "not_object", NULL, "not a JSON object");
	find(t, mem, &m);
	/* Each by itself: to clear all of it first would take as long. */
	ret->raw = raw;
	ret->tape = t;
	ret->mem = mem;
	ret->lineno = lineno;
	ret->profile = m.profile;
	ret->cdp = m.cdp;
	ret->o = CDP_STR("");
	ret->n = 0;
	ret->plain = m.plain;
	ret->item = 0;
	ret->type = type_of(cdp_tape_str(t, m.type, mem));
	ret->event = event_of(ret, m.event);
	if (cdp_time_parse(
		cdp_tape_str(
		    t, ret->type == CDP_CLOCK ? m.now : m.timestamp, mem),
		&ret->ts_ms) != 0)
		ret->ts_ms = CDP_TIME_NONE;
	ret->message_id = cdp_tape_str(t, m.message_id, mem);
	ret->profile_id =
	    cdp_tape_str(t, cdp_tape_get(t, m.profile, CDP_STR("id")), mem);
	read_cdp(ret, m.cdp);
	return 0;
}
