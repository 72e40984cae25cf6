#include "lib/base/time.h"
#include "lib/journey/tale.h"

#define SAY(s) (int)(s).n, (s).n != 0 ? (s).p : ""

static size_t
list(struct cdp_tale *s, uint32_t at, struct cdp_str **ret)
{
	uint32_t it = 0, key, val;
	size_t n = cdp_tape_count(&s->tape, at), i = 0;

	*ret = cdp_arena_calloc(&s->mem, n + 1, sizeof(**ret));
	while (cdp_tape_next(&s->tape, at, &it, &key, &val))
		(*ret)[i++] = cdp_tape_str(&s->tape, val, &s->mem);
	return i;
}

/* The last reason of what is taken back is no note of the way. */
static bool
is_farewell(struct cdp_str why)
{
	return cdp_str_starts(why, CDP_STR("exit ")) ||
	    cdp_str_starts(why, CDP_STR("ended: ")) ||
	    cdp_str_starts(why, CDP_STR("displaced by ")) ||
	    cdp_str_is(why, "its time is over") ||
	    cdp_str_is(why, "suppressed");
}

/* Not that it has ended: it may go on without. */
static bool
goes_on(struct cdp_str why)
{
	return cdp_str_is(why, "its time is over") ||
	    cdp_str_is(why, "suppressed");
}

/* "entered at TIME by CAUSE", "restarted 2 times, last at TIME by CAUSE". */
static bool
when(struct cdp_str why, int64_t *ms, struct cdp_str *cause)
{
	struct cdp_str s = cdp_tale_behind(why, " at ");

	*cause = cdp_tale_behind(s, " by ");
	return cdp_time_parse(cdp_tale_until(s, " by "), ms) == 0;
}

/* What an exit sends has the event that ended it. */
static bool
of_exit(struct cdp_tale *s, struct cdp_str last)
{
	struct cdp_str step = cdp_tale_str(s, 0, "step");

	return !cdp_tale_has(s, 0, "undo") &&
	    cdp_str_starts(
		last, cdp_arena_printf(&s->mem, "exit %.*s at ", SAY(step)));
}

static struct cdp_hero *
sender(struct cdp_tale *s, const struct cdp_str *why, size_t n, int64_t ms)
{
	struct cdp_str id = cdp_tale_str(s, 0, "instance"), cause = CDP_STR("");
	struct cdp_hero *h = cdp_hero_named(s, id);
	bool told = false, again;

	if (h == NULL) {
		told = n != 0 && when(why[0], &ms, &cause);
		h = cdp_hero_new(s, id, cdp_tale_str(s, 0, "journey"), ms);
	}
	again = n > 1 && cdp_str_starts(why[1], CDP_STR("restarted"));
	if (told)
		cdp_hero_enters(s, h, cause,
		    cdp_tale_entry(s, 0, again || of_exit(s, why[n - 1])),
		    cdp_tale_has(s, 0, "holdout"));
	if (again && when(why[1], &ms, &cause))
		cdp_hero_restart(s, h, ms, cause, 0);
	return h;
}

static void
sent(struct cdp_tale *s, bool withdrawn)
{
	struct cdp_str *why, last = CDP_STR("");
	size_t k, n = list(s, cdp_tape_get(&s->tape, 0, CDP_STR("why")), &why);
	struct cdp_telling t = { .did = "" };
	struct cdp_hero *h;

	if (cdp_time_parse(cdp_tale_str(s, 0, "timestamp"), &t.ms) != 0)
		return;
	h = sender(s, why, n, t.ms);
	k = n > 1 && cdp_str_starts(why[1], CDP_STR("restarted")) ? 2 : 1;
	if (n > k && is_farewell(why[n - 1]))
		last = why[--n];
	if (n > k)
		cdp_hero_say(s, h, why + k, n - k, t.ms);
	if (last.n != 0 && !goes_on(last)) {
		h->farewell = cdp_arena_dup(&s->mem, last);
		h->farewell_ms = t.ms;
	}
	t.h = h;
	t.what = cdp_arena_printf(&s->mem, "%.*s %.*s",
	    SAY(withdrawn ? CDP_STR("withdrew") : cdp_tale_str(s, 0, "action")),
	    SAY(cdp_tale_str(s, 0, "destination")));
	t.did = cdp_tale_has(s, 0, "holdout") ? "would" : "";
	t.step = cdp_tale_str(s, 0, "step");
	t.why = last;
	t.rank = 2 * (int64_t)h->nsaid + 1;
	cdp_tale_tell(s, &t);
}

void
cdp_tale_line(struct cdp_tale *s, struct cdp_str json)
{
	bool withdrawn =
	    cdp_str_starts(json, CDP_STR("{\"type\":\"withdraw\""));
	uint32_t profile;

	if ((!withdrawn &&
		!cdp_str_starts(json, CDP_STR("{\"type\":\"activation\""))) ||
	    cdp_tape_parse(&s->tape, json, NULL) != 0)
		return;
	profile = cdp_tape_get(&s->tape, 0, CDP_STR("profile"));
	if (cdp_tape_streq(&s->tape,
		cdp_tape_get(&s->tape, profile, CDP_STR("id")), s->who))
		sent(s, withdrawn);
}
