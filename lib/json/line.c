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
	[CDP_MERGE] = "merge",
	[CDP_ACTIVATION] = "activation",
	[CDP_DELIVERY] = "delivery",
	[CDP_PROFILE] = "profile",
	[CDP_CLOCK] = "clock",
	[CDP_END_LINE] = "end",
};

/* The members of the root that lines are about, CDP_NOTOK if not there. */
struct members {
	uint32_t type, event, timestamp, now, message_id, profile, cdp;
};

static void
find(const struct cdp_tape *t, struct cdp_arena *mem, struct members *ret)
{
	static const struct {
		struct cdp_str name;
		size_t off;
	} known[] = {
		{ { "cdp", 3 }, offsetof(struct members, cdp) },
		{ { "now", 3 }, offsetof(struct members, now) },
		{ { "type", 4 }, offsetof(struct members, type) },
		{ { "event", 5 }, offsetof(struct members, event) },
		{ { "profile", 7 }, offsetof(struct members, profile) },
		{ { "messageId", 9 }, offsetof(struct members, message_id) },
		{ { "timestamp", 9 }, offsetof(struct members, timestamp) },
	};
	uint32_t it = 0, key, val;
	struct cdp_str s;
	size_t i;

	memset(ret, 0xff, sizeof(*ret));
	while (cdp_tape_next(t, 0, &it, &key, &val)) {
		s = cdp_tape_str(t, key, mem);
		for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (cdp_str_eq(s, known[i].name)) {
				*(uint32_t *)(void *)((char *)ret +
				    known[i].off) = val;
				break;
			}
	}
}

static enum cdp_type
type_of(struct cdp_str s)
{
	int i;

	for (i = CDP_OTHER + 1; i < CDP_NTYPES; i++)
		if (cdp_str_is(s, cdp_type_names[i]))
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

int
cdp_line_parse(struct cdp_str raw, uint64_t lineno, struct cdp_tape *t,
    struct cdp_arena *mem, struct cdp_line *ret, struct cdp_err *err)
{
	struct members m;
	int64_t n;
	int rc;

	if ((rc = cdp_tape_parse(t, raw, err)) != 0)
		return rc;
	if (!cdp_tape_isa(t, 0, CDP_OBJECT))
		return cdp_fail_rule(
		    err, CDP_EDATA, "not_object", NULL, "not a JSON object");
	find(t, mem, &m);
	*ret = (struct cdp_line){ .raw = raw,
		.tape = t,
		.mem = mem,
		.lineno = lineno,
		.profile = m.profile };
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
	if (cdp_tape_i64(t, cdp_tape_get(t, m.cdp, CDP_STR("n")), &n) &&
	    n >= 0) {
		ret->o =
		    cdp_tape_str(t, cdp_tape_get(t, m.cdp, CDP_STR("o")), mem);
		ret->n = (uint64_t)n;
	}
	return 0;
}
