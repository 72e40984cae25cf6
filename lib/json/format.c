#include "lib/json/format.h"

#include "lib/base/regex.h"

/* ---- time ---- */

/* n digits at s.p[at], or -1. */
static int
number(struct cdp_str s, size_t at, size_t n)
{
	int v = 0;

	if (at + n > s.n)
		return -1;
	for (size_t i = at; i < at + n; i++) {
		if (!cdp_format_is_digit(s.p[i]))
			return -1;
		v = v * 10 + s.p[i] - '0';
	}
	return v;
}

static bool
is_date(struct cdp_str s)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	int y = number(s, 0, 4), m = number(s, 5, 2), d = number(s, 8, 2);
	bool leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);

	return s.n == 10 && s.p[4] == '-' && s.p[7] == '-' && y >= 0 &&
	    m >= 1 && m <= 12 && d >= 1 && d <= days[m - 1] + (m == 2 && leap);
}

/* Z or +HH:MM at the end; the minutes east of UTC in *ret. */
static bool
is_offset(struct cdp_str s, int *ret)
{
	int h, m;

	*ret = 0;
	if (s.n == 1)
		return s.p[0] == 'Z' || s.p[0] == 'z';
	h = number(s, 1, 2);
	m = number(s, 4, 2);
	if (s.n != 6 || !cdp_format_one_of(s.p[0], "+-") || s.p[3] != ':' ||
	    h < 0 || h > 23 || m < 0 || m > 59)
		return false;
	*ret = (s.p[0] == '-' ? -1 : 1) * (h * 60 + m);
	return true;
}

static bool
is_time(struct cdp_str s)
{
	int h = number(s, 0, 2), m = number(s, 3, 2), sec = number(s, 6, 2);
	size_t at = 8;
	int east, utc;

	if (s.n < 9 || s.p[2] != ':' || s.p[5] != ':' || h < 0 || h > 23 ||
	    m < 0 || m > 59 || sec < 0 || sec > 60)
		return false;
	if (s.p[at] == '.') {
		for (at++; at < s.n && cdp_format_is_digit(s.p[at]);)
			at++;
		if (at == 9)
			return false;
	}
	if (at >= s.n || !is_offset(cdp_format_cut(s, at, s.n), &east))
		return false;
	utc = ((h * 60 + m - east) % 1440 + 1440) % 1440;
	return sec < 60 || utc == 1439; /* a leap second ends a day of UTC */
}

static bool
is_date_time(struct cdp_str s)
{
	return s.n > 11 && is_date(cdp_format_cut(s, 0, 10)) &&
	    cdp_format_one_of(s.p[10], "Tt ") && s.p[10] != ' ' &&
	    is_time(cdp_format_cut(s, 11, s.n));
}

/* ---- texts of other kinds ---- */

static bool
is_uuid(struct cdp_str s)
{
	if (s.n != 36)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23
			? s.p[i] != '-'
			: !cdp_format_is_hex(s.p[i]))
			return false;
	return true;
}

static bool
is_regex(struct cdp_str s)
{
	struct cdp_regex *re = NULL;
	bool ok = cdp_regex_compile(s, &re, NULL) == 0;

	cdp_regex_free(re);
	return ok;
}

static bool
is_json_pointer(struct cdp_str s)
{
	if (s.n != 0 && s.p[0] != '/')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '~' &&
		    (i + 1 == s.n || !cdp_format_one_of(s.p[i + 1], "01")))
			return false;
	return true;
}

/* How far up, by which offset, and then "#" or a pointer. */
static bool
is_relative_json_pointer(struct cdp_str s)
{
	size_t i = 0;

	while (i < s.n && cdp_format_is_digit(s.p[i]))
		i++;
	if (i == 0 || (i > 1 && s.p[0] == '0'))
		return false;
	s = cdp_format_cut(s, i, s.n);
	return cdp_str_is(s, "#") || is_json_pointer(s);
}

static const struct cdp_str names[] = {
	{ "date-time", 9 },
	{ "date", 4 },
	{ "time", 4 },
	{ "email", 5 },
	{ "idn-email", 9 },
	{ "hostname", 8 },
	{ "idn-hostname", 12 },
	{ "ipv4", 4 },
	{ "ipv6", 4 },
	{ "uri", 3 },
	{ "uri-reference", 13 },
	{ "iri", 3 },
	{ "iri-reference", 13 },
	{ "uri-template", 12 },
	{ "uuid", 4 },
	{ "regex", 5 },
	{ "json-pointer", 12 },
	{ "relative-json-pointer", 21 },
};

#define NNAMES (sizeof(names) / sizeof(*names))

const struct cdp_str *
cdp_format_names(size_t *n)
{
	*n = NNAMES;
	return names;
}

bool (*cdp_format_find(struct cdp_str name))(struct cdp_str s)
{
	static bool (*const check[NNAMES])(struct cdp_str s) = {
		is_date_time,
		is_date,
		is_time,
		cdp_format_email,
		cdp_format_idn_email,
		cdp_format_hostname,
		cdp_format_idn_hostname,
		cdp_format_ipv4,
		cdp_format_ipv6,
		cdp_format_uri,
		cdp_format_uri_reference,
		cdp_format_iri,
		cdp_format_iri_reference,
		cdp_format_uri_template,
		is_uuid,
		is_regex,
		is_json_pointer,
		is_relative_json_pointer,
	};

	for (size_t i = 0; i < NNAMES; i++)
		if (cdp_str_eq(name, names[i]))
			return check[i];
	return NULL;
}
