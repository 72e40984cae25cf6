#include <arpa/inet.h>
#include <string.h>

#include "lib/base/regex.h"
#include "lib/json/schema_int.h"

/*
 * The formats of draft-07 that are checked; a format that is not here is an
 * annotation, as the standard allows.
 */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_alnum(char c)
{
	return is_digit(c) || is_alpha(c);
}

static bool
is_hex(char c)
{
	return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

static bool
one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static struct cdp_str
cut(struct cdp_str s, size_t from, size_t to)
{
	return (struct cdp_str){ s.p + from, to - from };
}

/* ---- time ---- */

/* n digits at s.p[at], or -1. */
static int
number(struct cdp_str s, size_t at, size_t n)
{
	int v = 0;

	if (at + n > s.n)
		return -1;
	for (size_t i = at; i < at + n; i++) {
		if (!is_digit(s.p[i]))
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
	if (s.n != 6 || !one_of(s.p[0], "+-") || s.p[3] != ':' || h < 0 ||
	    h > 23 || m < 0 || m > 59)
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
		for (at++; at < s.n && is_digit(s.p[at]);)
			at++;
		if (at == 9)
			return false;
	}
	if (at >= s.n || !is_offset(cut(s, at, s.n), &east))
		return false;
	utc = ((h * 60 + m - east) % 1440 + 1440) % 1440;
	return sec < 60 || utc == 1439; /* a leap second ends a day of UTC */
}

static bool
is_date_time(struct cdp_str s)
{
	return s.n > 11 && is_date(cut(s, 0, 10)) && one_of(s.p[10], "Tt ") &&
	    s.p[10] != ' ' && is_time(cut(s, 11, s.n));
}

/* ---- names of machines ---- */

static bool
is_ip(struct cdp_str s, int family)
{
	char z[64], out[16];

	if (s.n == 0 || s.n >= sizeof(z) || memchr(s.p, '\0', s.n) != NULL)
		return false;
	memcpy(z, s.p, s.n);
	z[s.n] = '\0';
	return inet_pton(family, z, out) == 1;
}

static bool
is_ipv4(struct cdp_str s)
{
	return is_ip(s, AF_INET);
}

static bool
is_ipv6(struct cdp_str s)
{
	return is_ip(s, AF_INET6);
}

/* Letters, digits and hyphens, none at the ends, none third and fourth but
 * in an A-label. */
static bool
is_label(struct cdp_str s)
{
	if (s.n == 0 || s.n > 63 || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_alnum(s.p[i]) && s.p[i] != '-')
			return false;
	return s.n < 4 || s.p[2] != '-' || s.p[3] != '-' ||
	    ((s.p[0] | 32) == 'x' && (s.p[1] | 32) == 'n' && s.n > 4);
}

static bool
is_hostname(struct cdp_str s)
{
	size_t from = 0;

	if (s.n == 0 || s.n > 253)
		return false;
	for (size_t i = 0; i <= s.n; i++)
		if (i == s.n || s.p[i] == '.') {
			if (!is_label(cut(s, from, i)))
				return false;
			from = i + 1;
		}
	return true;
}

/* ---- mail ---- */

static bool
is_dot_atom(struct cdp_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '.' &&
		    (i == 0 || i == s.n - 1 || s.p[i - 1] == '.'))
			return false;
		if (!is_alnum(s.p[i]) &&
		    !one_of(s.p[i], ".!#$%&'*+/=?^_`{|}~-"))
			return false;
	}
	return s.n != 0;
}

static bool
is_quoted(struct cdp_str s)
{
	if (s.n < 3 || s.p[0] != '"' || s.p[s.n - 1] != '"')
		return false;
	for (size_t i = 1; i < s.n - 1; i++) {
		if (s.p[i] == '\\' && ++i == s.n - 1)
			return false;
		if (s.p[i] < ' ' || s.p[i] > '~' ||
		    (s.p[i] == '"' && s.p[i - 1] != '\\'))
			return false;
	}
	return true;
}

static bool
is_mail_domain(struct cdp_str s)
{
	if (s.n < 3 || s.p[0] != '[' || s.p[s.n - 1] != ']')
		return is_hostname(s);
	s = cut(s, 1, s.n - 1);
	if (cdp_str_starts(s, CDP_STR("IPv6:")))
		return is_ipv6(cut(s, 5, s.n));
	return is_ipv4(s);
}

static bool
is_email(struct cdp_str s)
{
	struct cdp_str local;

	for (size_t i = s.n; i-- > 0;)
		if (s.p[i] == '@') {
			local = cut(s, 0, i);
			return (is_dot_atom(local) || is_quoted(local)) &&
			    is_mail_domain(cut(s, i + 1, s.n));
		}
	return false;
}

/* ---- names of things ---- */

static bool
is_uri_part(struct cdp_str s, const char *more)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '%') {
			if (i + 2 >= s.n || !is_hex(s.p[i + 1]) ||
			    !is_hex(s.p[i + 2]))
				return false;
			i += 2;
		} else if (!is_alnum(s.p[i]) &&
		    !one_of(s.p[i], "-._~!$&'()*+,;=") &&
		    !one_of(s.p[i], more)) {
			return false;
		}
	}
	return true;
}

static bool
is_host(struct cdp_str s)
{
	if (s.n < 2 || s.p[0] != '[' || s.p[s.n - 1] != ']')
		return is_uri_part(s, "");
	s = cut(s, 1, s.n - 1);
	if (s.n != 0 && (s.p[0] | 32) == 'v')
		return is_uri_part(cut(s, 1, s.n), ":");
	return is_ipv6(s);
}

static bool
is_authority(struct cdp_str s)
{
	size_t host = 0, port = s.n;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '@') {
			if (!is_uri_part(cut(s, 0, i), ":"))
				return false;
			host = i + 1;
			break;
		}
	while (port > host && is_digit(s.p[port - 1]))
		port--;
	if (port > host && s.p[port - 1] == ':')
		port--;
	else
		port = s.n;
	return is_host(cut(s, host, port));
}

static size_t
find(struct cdp_str s, size_t from, const char *set)
{
	while (from < s.n && !one_of(s.p[from], set))
		from++;
	return from;
}

static bool
is_uri(struct cdp_str s)
{
	size_t at = find(s, 0, ":/?#"), end;

	if (at == 0 || at == s.n || s.p[at] != ':' || !is_alpha(s.p[0]))
		return false;
	for (size_t i = 0; i < at; i++)
		if (!is_alnum(s.p[i]) && !one_of(s.p[i], "+-."))
			return false;
	at++;
	if (at + 1 < s.n && s.p[at] == '/' && s.p[at + 1] == '/') {
		end = find(s, at + 2, "/?#");
		if (!is_authority(cut(s, at + 2, end)))
			return false;
		at = end;
	}
	end = find(s, at, "?#");
	if (!is_uri_part(cut(s, at, end), ":@/"))
		return false;
	if (end < s.n && s.p[end] == '?') {
		at = end + 1;
		end = find(s, at, "#");
		if (!is_uri_part(cut(s, at, end), ":@/?"))
			return false;
	}
	return end == s.n || is_uri_part(cut(s, end + 1, s.n), ":@/?");
}

static bool
is_uuid(struct cdp_str s)
{
	if (s.n != 36)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23 ? s.p[i] != '-'
							    : !is_hex(s.p[i]))
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
		    (i + 1 == s.n || !one_of(s.p[i + 1], "01")))
			return false;
	return true;
}

bool (*cdp_format_find(struct cdp_str name))(struct cdp_str s)
{
	static const struct {
		const char *name;
		bool (*check)(struct cdp_str s);
	} known[] = {
		{ "date-time", is_date_time },
		{ "date", is_date },
		{ "time", is_time },
		{ "email", is_email },
		{ "hostname", is_hostname },
		{ "ipv4", is_ipv4 },
		{ "ipv6", is_ipv6 },
		{ "uri", is_uri },
		{ "uuid", is_uuid },
		{ "regex", is_regex },
		{ "json-pointer", is_json_pointer },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (cdp_str_is(name, known[i].name))
			return known[i].check;
	return NULL;
}
