#include "lib/json/format.h"

/*
 * RFC 3986, and RFC 3987 where it is wide: then what is not ASCII may stand
 * wherever a letter may.
 */
static bool
is_part(struct cdp_str s, const char *more, bool wide)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '%') {
			if (i + 2 >= s.n || !cdp_format_is_hex(s.p[i + 1]) ||
			    !cdp_format_is_hex(s.p[i + 2]))
				return false;
			i += 2;
		} else if (!cdp_format_is_alnum(s.p[i]) &&
		    !cdp_format_one_of(s.p[i], "-._~!$&'()*+,;=") &&
		    !cdp_format_one_of(s.p[i], more) &&
		    (!wide || (s.p[i] & 0x80) == 0)) {
			return false;
		}
	}
	return true;
}

static bool
is_host(struct cdp_str s, bool wide)
{
	if (s.n < 2 || s.p[0] != '[' || s.p[s.n - 1] != ']')
		return is_part(s, "", wide);
	s = cdp_format_cut(s, 1, s.n - 1);
	if (s.n != 0 && (s.p[0] | 32) == 'v')
		return is_part(cdp_format_cut(s, 1, s.n), ":", false);
	return cdp_format_ipv6(s);
}

static bool
is_authority(struct cdp_str s, bool wide)
{
	size_t host = 0, port = s.n;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '@') {
			if (!is_part(cdp_format_cut(s, 0, i), ":", wide))
				return false;
			host = i + 1;
			break;
		}
	while (port > host && cdp_format_is_digit(s.p[port - 1]))
		port--;
	if (port > host && s.p[port - 1] == ':')
		port--;
	else
		port = s.n;
	return is_host(cdp_format_cut(s, host, port), wide);
}

static size_t
find(struct cdp_str s, size_t from, const char *set)
{
	while (from < s.n && !cdp_format_one_of(s.p[from], set))
		from++;
	return from;
}

/* What may follow a scheme, or stand for itself. */
static bool
is_rest(struct cdp_str s, size_t at, bool wide)
{
	size_t end;

	if (at + 1 < s.n && s.p[at] == '/' && s.p[at + 1] == '/') {
		end = find(s, at + 2, "/?#");
		if (!is_authority(cdp_format_cut(s, at + 2, end), wide))
			return false;
		at = end;
	}
	end = find(s, at, "?#");
	if (!is_part(cdp_format_cut(s, at, end), ":@/", wide))
		return false;
	if (end < s.n && s.p[end] == '?') {
		at = end + 1;
		end = find(s, at, "#");
		if (!is_part(cdp_format_cut(s, at, end), ":@/?", wide))
			return false;
	}
	return end == s.n ||
	    is_part(cdp_format_cut(s, end + 1, s.n), ":@/?", wide);
}

/* The bytes of "SCHEME:", or 0. */
static size_t
scheme(struct cdp_str s)
{
	size_t at = find(s, 0, ":/?#");

	if (at == 0 || at == s.n || s.p[at] != ':' ||
	    !cdp_format_is_alpha(s.p[0]))
		return 0;
	for (size_t i = 0; i < at; i++)
		if (!cdp_format_is_alnum(s.p[i]) &&
		    !cdp_format_one_of(s.p[i], "+-."))
			return 0;
	return at + 1;
}

static bool
is_absolute(struct cdp_str s, bool wide)
{
	size_t at = scheme(s);

	return at != 0 && is_rest(s, at, wide);
}

/* A first segment with a colon would be a scheme. */
static bool
is_reference(struct cdp_str s, bool wide)
{
	size_t at = find(s, 0, ":/?#");

	if (at < s.n && s.p[at] == ':')
		return is_absolute(s, wide);
	return is_rest(s, 0, wide);
}

bool
cdp_format_uri(struct cdp_str s)
{
	return is_absolute(s, false);
}

bool
cdp_format_uri_reference(struct cdp_str s)
{
	return is_reference(s, false);
}

bool
cdp_format_iri(struct cdp_str s)
{
	return is_absolute(s, true);
}

bool
cdp_format_iri_reference(struct cdp_str s)
{
	return is_reference(s, true);
}

/* ---- URI templates, RFC 6570 ---- */

static bool
is_percent(struct cdp_str s, size_t i)
{
	return i + 2 < s.n && s.p[i] == '%' && cdp_format_is_hex(s.p[i + 1]) &&
	    cdp_format_is_hex(s.p[i + 2]);
}

/* A name such as "a.b", then "*" or ":3" or nothing. */
static bool
is_varspec(struct cdp_str s)
{
	size_t i = 0, from;

	for (; i < s.n && !cdp_format_one_of(s.p[i], "*:"); i++)
		if (is_percent(s, i))
			i += 2;
		else if (s.p[i] == '.' &&
		    (i == 0 || s.p[i - 1] == '.' || i + 1 == s.n))
			return false;
		else if (!cdp_format_is_alnum(s.p[i]) &&
		    !cdp_format_one_of(s.p[i], "_."))
			return false;
	if (i == 0 || i == s.n)
		return i != 0;
	if (s.p[i] == '*')
		return i + 1 == s.n;
	from = ++i;
	while (i < s.n && cdp_format_is_digit(s.p[i]))
		i++;
	return i == s.n && i > from && i - from <= 4 && s.p[from] != '0';
}

static bool
is_expression(struct cdp_str s)
{
	size_t at, end;

	at = s.n != 0 && cdp_format_one_of(s.p[0], "+#./;?&=,!@|");
	for (;; at = end + 1) {
		end = find(s, at, ",");
		if (!is_varspec(cdp_format_cut(s, at, end)))
			return false;
		if (end == s.n)
			return true;
	}
}

bool
cdp_format_uri_template(struct cdp_str s)
{
	size_t end;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '{') {
			end = find(s, i, "}");
			if (end == s.n ||
			    !is_expression(cdp_format_cut(s, i + 1, end)))
				return false;
			i = end;
		} else if (s.p[i] == '%') {
			if (!is_percent(s, i))
				return false;
			i += 2;
		} else if ((unsigned char)s.p[i] <= ' ' ||
		    cdp_format_one_of(s.p[i], "\"<>\\^`|}\x7f")) {
			return false;
		}
	}
	return true;
}
