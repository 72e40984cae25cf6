#include "lib/base/zone.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

#define ZONES "/usr/share/zoneinfo"
#define FILE_MAX ((size_t)1 << 20)
#define DAY 86400

/* A day of each year: "M3.2.0", "J60" or "59", and its second. */
struct day {
	char kind;
	int month, week, day;
	int64_t sec;
};

/* What holds behind the last change that is listed. */
struct rule {
	bool known, summer;
	int64_t std, dst; /* seconds ahead of UTC */
	struct day from, to;
};

struct cdp_zone {
	char name[64];
	size_t n;
	int64_t *at;   /* seconds: when it changes */
	int64_t *off;  /* to what */
	int64_t first; /* what was before */
	struct rule rule;
};

/* ---- the rule of all later years ---- */

/* A number, perhaps with a sign; false if there is none. */
static bool
number(const char **p, int64_t *ret)
{
	bool minus = **p == '-';
	int64_t v = 0;

	if (**p == '-' || **p == '+')
		(*p)++;
	if (!isdigit((unsigned char)**p))
		return false;
	for (; isdigit((unsigned char)**p) && v < 100000; (*p)++)
		v = v * 10 + (**p - '0');
	*ret = minus ? -v : v;
	return true;
}

/* h, h:mm or h:mm:ss */
static bool
clock_time(const char **p, int64_t *ret)
{
	bool minus = **p == '-';
	int64_t part, unit = 3600;

	if (!number(p, ret))
		return false;
	*ret *= unit;
	while (**p == ':' && unit > 1) {
		(*p)++;
		unit /= 60;
		if (!number(p, &part))
			return false;
		*ret += (minus ? -part : part) * unit;
	}
	return true;
}

static bool
abbreviation(const char **p)
{
	const char *from = *p, *s = from;

	if (*s == '<') {
		while (*s != '>' && *s != '\0')
			s++;
		*p = *s == '>' ? s + 1 : s;
		return *s == '>';
	}
	while (isalpha((unsigned char)*s))
		s++;
	*p = s;
	return s != from;
}

static bool
rule_day(const char **p, struct day *ret)
{
	int64_t v[3] = { 0 };
	int i;

	ret->sec = 2 * 3600;
	if (*(*p)++ != ',')
		return false;
	ret->kind = **p == 'M' || **p == 'J' ? *(*p)++ : 'n';
	for (i = 0; i < (ret->kind == 'M' ? 3 : 1); i++)
		if ((i > 0 && *(*p)++ != '.') || !number(p, &v[i]))
			return false;
	ret->month = (int)v[0];
	ret->week = (int)v[1];
	ret->day = ret->kind == 'M' ? (int)v[2] : (int)v[0];
	if (ret->kind == 'M' && (ret->month < 1 || ret->month > 12))
		return false;
	if (**p != '/')
		return true;
	(*p)++;
	return clock_time(p, &ret->sec);
}

/* "EST5EDT,M3.2.0,M11.1.0": signs are the other way round there. */
static void
read_rule(struct rule *r, const char *p)
{
	int64_t west;

	if (!abbreviation(&p) || !clock_time(&p, &west))
		return;
	r->std = -west;
	if (*p == '\0') {
		r->known = true;
		return;
	}
	if (!abbreviation(&p))
		return;
	r->dst = r->std + 3600;
	if (*p != ',') {
		if (!clock_time(&p, &west))
			return;
		r->dst = -west;
	}
	r->summer = rule_day(&p, &r->from) && rule_day(&p, &r->to);
	r->known = r->summer;
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Days from 1970 to the first of a month, in the proleptic calendar. */
static int64_t
days_to(int64_t year, int month)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243,
		273, 304, 334 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	int64_t y = year - 1;

	return y * 365 + floor_div(y, 4) - floor_div(y, 100) +
	    floor_div(y, 400) - 719162 + before[month - 1] +
	    (leap && month > 2);
}

/* The local second of day d in a year. */
static int64_t
second_of(const struct day *d, int64_t year)
{
	bool leap = days_to(year, 3) - days_to(year, 2) == 29;
	int64_t day, end;

	switch (d->kind) {
	case 'M':
		day = days_to(year, d->month);
		end = d->month == 12 ? days_to(year + 1, 1)
				     : days_to(year, d->month + 1);
		day += ((d->day - (day + 4)) % 7 + 7) % 7 + 7 * (d->week - 1);
		while (day >= end) /* "the fifth" is the last */
			day -= 7;
		break;
	case 'J':
		day = days_to(year, 1) + d->day - 1 + (leap && d->day >= 60);
		break;
	default:
		day = days_to(year, 1) + d->day;
		break;
	}
	return day * DAY + d->sec;
}

static int64_t
rule_offset(const struct rule *r, int64_t s)
{
	int64_t year, from, to;

	if (!r->summer)
		return r->std;
	year = 1970 + floor_div(s + r->std, 31556952);
	if (s + r->std < days_to(year, 1) * DAY)
		year--;
	else if (s + r->std >= days_to(year + 1, 1) * DAY)
		year++;
	from = second_of(&r->from, year) - r->std;
	to = second_of(&r->to, year) - r->dst;
	if (from < to)
		return s >= from && s < to ? r->dst : r->std;
	return s >= to && s < from ? r->std : r->dst;
}

/* ---- the file ---- */

static int64_t
big(const unsigned char *p, int n)
{
	uint64_t v = p[0] >= 128 && n == 4 ? UINT64_MAX : 0;
	int i;

	for (i = 0; i < n; i++)
		v = v << 8 | p[i];
	return (int64_t)v;
}

/* The size of what follows a header, with times of wide bytes. */
static size_t
body(const unsigned char *p, size_t wide)
{
	size_t c[6];
	int i;

	for (i = 0; i < 6; i++) {
		c[i] = (size_t)big(p + 20 + 4 * i, 4);
		if (c[i] > FILE_MAX)
			return FILE_MAX;
	}
	return c[3] * (wide + 1) + c[4] * 6 + c[5] + c[2] * (wide + 4) + c[1] +
	    c[0];
}

static bool
read_changes(struct cdp_zone *z, const unsigned char *p)
{
	size_t ntype = (size_t)big(p + 36, 4), i;
	const unsigned char *at = p + 44, *which, *type;

	z->n = (size_t)big(p + 32, 4);
	which = at + 8 * z->n;
	type = which + z->n;
	if (ntype == 0)
		return false;
	z->first = big(type, 4);
	z->at = cdp_xcalloc(z->n + 1, sizeof(*z->at));
	z->off = cdp_xcalloc(z->n + 1, sizeof(*z->off));
	for (i = 0; i < z->n; i++) {
		if (which[i] >= ntype)
			return false;
		z->at[i] = big(at + 8 * i, 8);
		z->off[i] = big(type + 6 * which[i], 4);
	}
	return true;
}

/* Two blocks, the second with wide times, and the rule as a line. */
static bool
read_zone(struct cdp_zone *z, const unsigned char *p, size_t n)
{
	char text[64];
	size_t k, len;

	if (n < 44 || memcmp(p, "TZif", 4) != 0 || p[4] < '2')
		return false;
	k = 44 + body(p, 4);
	if (k + 44 > n || memcmp(p + k, "TZif", 4) != 0)
		return false;
	p += k;
	n -= k;
	k = 44 + body(p, 8);
	if (k + 2 > n || !read_changes(z, p))
		return false;
	len = n - k - 2;
	if (p[k] != '\n' || p[n - 1] != '\n' || len >= sizeof(text))
		return false;
	memcpy(text, p + k + 1, len);
	text[len] = '\0';
	read_rule(&z->rule, text);
	return true;
}

static bool
read_file(struct cdp_zone *z)
{
	char path[sizeof(ZONES) + sizeof(z->name) + 1];
	unsigned char *p = cdp_xmalloc(FILE_MAX);
	bool ok = false;
	FILE *fp;

	snprintf(path, sizeof(path), ZONES "/%s", z->name);
	if ((fp = fopen(path, "re")) != NULL) {
		ok = read_zone(z, p, fread(p, 1, FILE_MAX, fp));
		fclose(fp);
	}
	free(p);
	return ok;
}

static bool
is_name(struct cdp_str s)
{
	size_t i;

	if (s.n == 0 || s.n >= sizeof(((struct cdp_zone *)0)->name) ||
	    !isalpha((unsigned char)s.p[0]))
		return false;
	for (i = 0; i < s.n; i++)
		if (!isalnum((unsigned char)s.p[i]) &&
		    memchr("/_+-", s.p[i], 4) == NULL)
			return false;
	return true;
}

struct cdp_zone *
cdp_zone_open(struct cdp_str name)
{
	struct cdp_zone *z;

	if (!is_name(name))
		return NULL;
	z = cdp_xcalloc(1, sizeof(*z));
	memcpy(z->name, name.p, name.n);
	if (cdp_str_is(name, "UTC") || read_file(z))
		return z;
	cdp_zone_close(z);
	return NULL;
}

void
cdp_zone_close(struct cdp_zone *z)
{
	if (z == NULL)
		return;
	free(z->at);
	free(z->off);
	free(z);
}

struct cdp_str
cdp_zone_name(const struct cdp_zone *z)
{
	return cdp_str_of(z->name);
}

/* ---- asking ---- */

int64_t
cdp_zone_offset_ms(const struct cdp_zone *z, int64_t ms)
{
	int64_t s = floor_div(ms, 1000);
	size_t lo = 0, hi = z->n, mid;

	if (z->n == 0 || s >= z->at[z->n - 1]) {
		if (z->rule.known)
			return rule_offset(&z->rule, s) * 1000;
		return (z->n != 0 ? z->off[z->n - 1] : z->first) * 1000;
	}
	while (lo < hi) { /* the first that is later */
		mid = lo + (hi - lo) / 2;
		if (z->at[mid] <= s)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo == 0 ? z->first : z->off[lo - 1]) * 1000;
}

/* No zone changes twice within the two days that are looked at. */
int64_t
cdp_zone_instant(const struct cdp_zone *z, int64_t local_ms)
{
	int64_t lo = local_ms - DAY * 1000, hi = local_ms + DAY * 1000, mid;
	int64_t before = cdp_zone_offset_ms(z, lo);
	int64_t after = cdp_zone_offset_ms(z, hi);

	if (cdp_zone_offset_ms(z, local_ms - before) == before)
		return local_ms - before;
	if (cdp_zone_offset_ms(z, local_ms - after) == after)
		return local_ms - after;
	while (hi - lo > 1) {
		mid = lo + (hi - lo) / 2;
		if (cdp_zone_offset_ms(z, mid) == before)
			lo = mid;
		else
			hi = mid;
	}
	return hi;
}

int64_t
cdp_zone_next(
    const struct cdp_zone *z, int64_t ms, unsigned days, int64_t tod_ms)
{
	int64_t local = ms + cdp_zone_offset_ms(z, ms), at = ms;
	int64_t day = floor_div(local, DAY * 1000) - 1, end = day + 9;

	/* A time that the end of yesterday did not have may be this instant. */
	for (; day < end; day++) { /* 1970 began on a Thursday */
		if (((days >> ((day % 7 + 7 + 3) % 7)) & 1) == 0)
			continue;
		at = cdp_zone_instant(z, day * DAY * 1000 + tod_ms);
		if (at >= ms)
			break;
	}
	return at;
}
