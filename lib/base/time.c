#include <stdio.h>
#include <string.h>

#include "lib/base/time.h"

#define DAY 86400000

/*
 * Days from 1970-01-01 to a date of the proleptic Gregorian calendar, counted
 * in years that begin in March so that the leap day is the last.
 */
static int64_t
days(int64_t y, int m, int d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static int
last_day(int y, int m)
{
	static const char len[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };

	if (m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0))
		return 29;
	return len[m - 1];
}

/* n digits at p as a number; -1 if one of them is none. */
static inline int
digits(const char *p, int n)
{
	unsigned v = 0, d, bad = 0;
	int i;

#pragma GCC unroll 4
	for (i = 0; i < n; i++) {
		d = (unsigned char)p[i] - (unsigned)'0';
		bad |= d > 9;
		v = v * 10 + d;
	}
	return bad ? -1 : (int)v;
}

static int
new_date(const char *p, int64_t *ret)
{
	int y = digits(p, 4), m = digits(p + 5, 2), d = digits(p + 8, 2);

	if (y < 0 || m < 1 || m > 12 || d < 1 || p[4] != '-' || p[7] != '-' ||
	    d > last_day(y, m))
		return CDP_EDATA;
	*ret = days(y, m, d) * DAY;
	return 0;
}

/* Events come by time: it is mostly the day of the one before. */
static int
date(const char *p, int64_t *ret)
{
	static _Thread_local char last[10] = "1970-01-01";
	static _Thread_local int64_t day;
	int64_t new;

	if (!cdp_str_same(p, last, sizeof(last))) {
		if (new_date(p, &new) != 0)
			return CDP_EDATA;
		memcpy(last, p, sizeof(last));
		day = new;
	}
	*ret = day;
	return 0;
}

/*
 * "+02:00" or "Z" that fills p..end, as milliseconds to subtract; "+02", as
 * PostgreSQL has it, too.
 */
static int
zone(const char *p, const char *end, int64_t *ret)
{
	int h, m = 0;

	if (end - p == 1 && (*p == 'Z' || *p == 'z')) {
		*ret = 0;
		return 0;
	}
	if ((end - p != 6 && end - p != 3) || (*p != '+' && *p != '-'))
		return CDP_EDATA;
	h = digits(p + 1, 2);
	if (end - p == 6)
		m = p[3] == ':' ? digits(p + 4, 2) : -1;
	if (h < 0 || h > 23 || m < 0 || m > 59)
		return CDP_EDATA;
	*ret = (int64_t)(h * 60 + m) * 60000;
	if (*p == '-')
		*ret = -*ret;
	return 0;
}

int
cdp_time_parse(struct cdp_str s, int64_t *ret)
{
	const char *p = s.p, *end = s.p + s.n;
	int h, mi, sec, ms = 0, scale = 100;
	int64_t day, off;

	if (s.n < 20 || date(p, &day) != 0 ||
	    (p[10] != 'T' && p[10] != 't' && p[10] != ' ') || p[13] != ':' ||
	    p[16] != ':')
		return CDP_EDATA;
	h = digits(p + 11, 2);
	mi = digits(p + 14, 2);
	sec = digits(p + 17, 2);
	if (h < 0 || h > 23 || mi < 0 || mi > 59 || sec < 0 || sec > 60)
		return CDP_EDATA;
	if (sec == 60)
		sec = 59;
	p += 19;
	if (end - p == 5 && *p == '.' && p[4] == 'Z') {
		if ((ms = digits(p + 1, 3)) < 0)
			return CDP_EDATA;
		p += 4; /* as most are written */
	} else if (*p == '.') {
		if (++p == end || digits(p, 1) < 0)
			return CDP_EDATA;
		for (; p < end && digits(p, 1) >= 0; p++, scale /= 10)
			ms += digits(p, 1) * scale;
	}
	if (p == end || zone(p, end, &off) != 0)
		return CDP_EDATA;
	*ret = day + ((int64_t)(h * 60 + mi) * 60 + sec) * 1000 + ms - off;
	return 0;
}

int
cdp_time_option(struct cdp_str s, int64_t *ret)
{
	int64_t v = 0;
	size_t i;

	if (s.n == 10 && date(s.p, ret) == 0)
		return 0;
	if (s.n < 2 || s.n > 13 || s.p[0] != '@')
		return cdp_time_parse(s, ret);
	for (i = 1; i < s.n; i++) {
		int d = digits(s.p + i, 1);

		if (d < 0)
			return CDP_EDATA;
		v = v * 10 + d;
	}
	*ret = v * 1000;
	return 0;
}

static void
put(char *p, int64_t v, int n)
{
	while (n-- > 0) {
		p[n] = (char)('0' + v % 10);
		v /= 10;
	}
}

void
cdp_time_format(int64_t ms, char ret[CDP_TIME_SIZE])
{
	int64_t day = ms / DAY, rest = ms % DAY, era, doe, yoe, doy, mp, y;

	if (rest < 0) {
		rest += DAY;
		day--;
	}
	day += 719468;
	era = (day >= 0 ? day : day - 146096) / 146097;
	doe = day - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	y = yoe + era * 400 + (mp >= 10);
	memcpy(ret, "0000-00-00T00:00:00.000Z", CDP_TIME_SIZE);
	put(ret, y, 4);
	put(ret + 5, mp < 10 ? mp + 3 : mp - 9, 2);
	put(ret + 8, doy - (153 * mp + 2) / 5 + 1, 2);
	put(ret + 11, rest / 3600000, 2);
	put(ret + 14, rest / 60000 % 60, 2);
	put(ret + 17, rest / 1000 % 60, 2);
	put(ret + 20, rest % 1000, 3);
}

static const struct unit {
	const char *name;
	int64_t ms;
} units[] = { { "w", 7 * (int64_t)DAY }, { "d", DAY }, { "h", 3600000 },
	{ "m", 60000 }, { "s", 1000 }, { "ms", 1 } };

#define NUNITS (sizeof(units) / sizeof(units[0]))

int
cdp_time_duration(struct cdp_str s, int64_t *ret)
{
	int64_t total = 0, v;
	size_t i = 0, k, from;

	if (s.n == 0 || s.n > 32)
		return CDP_EDATA;
	while (i < s.n) {
		for (v = 0, from = i; i < s.n && digits(s.p + i, 1) >= 0; i++)
			if ((v = v * 10 + digits(s.p + i, 1)) > 1000000000000)
				return CDP_EDATA;
		if (i == from)
			return CDP_EDATA;
		for (from = i; i < s.n && digits(s.p + i, 1) < 0;)
			i++;
		for (k = 0; k < NUNITS; k++)
			if (cdp_str_is((struct cdp_str){ s.p + from, i - from },
				units[k].name))
				break;
		if (k == NUNITS || __builtin_mul_overflow(v, units[k].ms, &v) ||
		    __builtin_add_overflow(total, v, &total) ||
		    total > CDP_TIME_END)
			return CDP_EDATA;
	}
	*ret = total;
	return 0;
}

void
cdp_time_duration_format(int64_t ms, char ret[24])
{
	/* "14d" reads better than "2w", and "24h" better than "1d". */
	size_t k = ms < 2 * (int64_t)DAY ? 2 : 1;

	while (k < NUNITS - 1 && (ms == 0 || ms % units[k].ms != 0))
		k++;
	snprintf(
	    ret, 24, "%lld%s", (long long)(ms / units[k].ms), units[k].name);
}
