#include <ctype.h>

#include "lib/base/zone.h"
#include "lib/rule/journeys.h"

/* Two digits below limit, or -1. */
static int
two(struct cdp_str s, size_t at, int limit)
{
	int v;

	if (at + 2 > s.n || !isdigit((unsigned char)s.p[at]) ||
	    !isdigit((unsigned char)s.p[at + 1]))
		return -1;
	v = (s.p[at] - '0') * 10 + (s.p[at + 1] - '0');
	return v < limit ? v : -1;
}

/* "Mon" to "Sun": 0 to 6, or -1. */
static int
weekday(struct cdp_str s)
{
	static const char *const names[] = { "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat", "Sun" };
	int i;

	for (i = 0; i < 7; i++)
		if (s.n >= 3 && memcmp(s.p, names[i], 3) == 0)
			return i;
	return -1;
}

/* "Mon", "Mon-Fri", "Sat,Sun" and a blank; returns what was read, or 0. */
static size_t
weekdays(struct cdp_str s, unsigned *ret)
{
	struct cdp_str rest = s;
	int from, to;

	*ret = 0;
	for (;;) {
		if ((from = to = weekday(rest)) < 0)
			return 0;
		rest = (struct cdp_str){ rest.p + 3, rest.n - 3 };
		if (rest.n != 0 && rest.p[0] == '-') {
			rest = (struct cdp_str){ rest.p + 1, rest.n - 1 };
			if ((to = weekday(rest)) < 0)
				return 0;
			rest = (struct cdp_str){ rest.p + 3, rest.n - 3 };
		}
		for (; from != to; from = (from + 1) % 7)
			*ret |= 1u << from;
		*ret |= 1u << to;
		if (rest.n == 0 || (rest.p[0] != ',' && rest.p[0] != ' '))
			return 0;
		rest = (struct cdp_str){ rest.p + 1, rest.n - 1 };
		if (rest.p[-1] == ' ')
			return (size_t)(rest.p - s.p);
	}
}

/* "09:00", "09:00:30", "Mon-Fri 09:00" */
static bool
time_of_day(struct cdp_str s, struct cdp_step *st)
{
	int hour, min, sec = 0;
	size_t n;

	st->days = CDP_ZONE_DAILY;
	if (s.n != 0 && isalpha((unsigned char)s.p[0])) {
		if ((n = weekdays(s, &st->days)) == 0)
			return false;
		s = (struct cdp_str){ s.p + n, s.n - n };
	}
	if ((s.n != 5 && s.n != 8) || s.p[2] != ':' ||
	    (s.n == 8 && s.p[5] != ':'))
		return false;
	hour = two(s, 0, 24);
	min = two(s, 3, 60);
	if (s.n == 8)
		sec = two(s, 6, 60);
	st->ms = ((int64_t)hour * 3600 + min * 60 + sec) * 1000;
	return hour >= 0 && min >= 0 && sec >= 0;
}

void
cdp_until_load(
    struct cdp_loader *ld, const struct cdp_node *node, struct cdp_step *st)
{
	if (node->kind == CDP_NODE_SCALAR &&
	    cdp_str_starts(node->text, CDP_STR("."))) {
		st->until = CDP_UNTIL_JQ;
		cdp_load_jq(ld, node, "until", &st->jq);
	} else if (node->kind == CDP_NODE_SCALAR && node->text.n != 0 &&
	    memchr(node->text.p, ':', node->text.n) != NULL) {
		st->until = CDP_UNTIL_CLOCK;
		if (!time_of_day(node->text, st))
			cdp_diag_error(ld->diags, node, "bad-value",
			    "a time of day is written \"09:00\" or "
			    "\"Mon-Fri 09:00\", not '%.*s'",
			    (int)node->text.n, node->text.p);
	} else {
		cdp_load_duration(ld, node, "until", &st->ms);
	}
}
