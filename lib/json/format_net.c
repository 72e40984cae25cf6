#include <arpa/inet.h>
#include <idn2.h>
#include <stdlib.h>

#include "lib/json/format.h"

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

bool
cdp_format_ipv4(struct cdp_str s)
{
	return is_ip(s, AF_INET);
}

bool
cdp_format_ipv6(struct cdp_str s)
{
	return is_ip(s, AF_INET6);
}

/* ---- labels of a host name ---- */

/*
 * Whether a U-label may be registered: IDNA2008, with its rules of context but
 * not those between labels of two directions.  The length of its A-label, or 0.
 */
static size_t
u_label(const char *z)
{
	uint8_t *out = NULL;
	size_t n = 0;

	if (idn2_register_u8((const uint8_t *)z, NULL, &out, IDN2_NFC_INPUT) ==
	    0)
		n = strlen((const char *)out);
	idn2_free(out);
	return n <= 63 ? n : 0;
}

/* "xn--" and a U-label in Punycode, and no other spelling of it. */
static bool
is_a_label(struct cdp_str s)
{
	char z[64], *wide = NULL;
	uint8_t *out = NULL;
	bool ok;

	for (size_t i = 0; i < s.n; i++)
		z[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] | 32)
						      : s.p[i];
	z[s.n] = '\0';
	ok = idn2_to_unicode_8z8z(z, &wide, 0) == 0 && strcmp(wide, z) != 0 &&
	    idn2_register_u8((const uint8_t *)wide, (const uint8_t *)z, &out,
		IDN2_NFC_INPUT) == 0;
	idn2_free(out);
	idn2_free(wide);
	return ok;
}

/* Letters, digits and hyphens, none at the ends, none third and fourth but
 * in an A-label. */
static bool
is_label(struct cdp_str s)
{
	if (s.n == 0 || s.n > 63 || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!cdp_format_is_alnum(s.p[i]) && s.p[i] != '-')
			return false;
	if (s.n < 4 || s.p[2] != '-' || s.p[3] != '-')
		return true;
	return (s.p[0] | 32) == 'x' && (s.p[1] | 32) == 'n' && is_a_label(s);
}

bool
cdp_format_hostname(struct cdp_str s)
{
	size_t from = 0;

	if (s.n == 0 || s.n > 253)
		return false;
	for (size_t i = 0; i <= s.n; i++)
		if (i == s.n || s.p[i] == '.') {
			if (!is_label(cdp_format_cut(s, from, i)))
				return false;
			from = i + 1;
		}
	return true;
}

/* The bytes of a dot at i: IDNA knows three more. */
static size_t
dot(struct cdp_str s, size_t i)
{
	static const char *const dots[] = { ".", "\xe3\x80\x82", "\xef\xbc\x8e",
		"\xef\xbd\xa1" };
	struct cdp_str rest = { s.p + i, s.n - i };

	for (size_t k = 0; k < 4; k++)
		if (cdp_str_starts(rest, cdp_str_of(dots[k])))
			return strlen(dots[k]);
	return 0;
}

/* The length of the label in ASCII, or 0 if it is none. */
static size_t
wide_label(struct cdp_str s)
{
	char z[256];
	size_t i = 0;

	while (i < s.n && (s.p[i] & 0x80) == 0)
		i++;
	if (i == s.n)
		return is_label(s) ? s.n : 0;
	if (s.n >= sizeof(z) || memchr(s.p, '\0', s.n) != NULL)
		return 0;
	memcpy(z, s.p, s.n);
	z[s.n] = '\0';
	return u_label(z);
}

bool
cdp_format_idn_hostname(struct cdp_str s)
{
	size_t from = 0, n, label, all = 0;

	for (size_t i = 0; i <= s.n; i++) {
		n = i < s.n ? dot(s, i) : 1;
		if (n == 0)
			continue;
		label = wide_label(cdp_format_cut(s, from, i));
		if (label == 0)
			return false;
		all += label + (from != 0);
		from = i + n;
		i += n - 1;
	}
	return all <= 253;
}

/* ---- mail ---- */

static bool
is_dot_atom(struct cdp_str s, bool wide)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '.' &&
		    (i == 0 || i == s.n - 1 || s.p[i - 1] == '.'))
			return false;
		if (!cdp_format_is_alnum(s.p[i]) &&
		    !cdp_format_one_of(s.p[i], ".!#$%&'*+/=?^_`{|}~-") &&
		    (!wide || (s.p[i] & 0x80) == 0))
			return false;
	}
	return s.n != 0;
}

static bool
is_quoted(struct cdp_str s, bool wide)
{
	if (s.n < 3 || s.p[0] != '"' || s.p[s.n - 1] != '"')
		return false;
	for (size_t i = 1; i < s.n - 1; i++) {
		if (s.p[i] == '\\' && ++i == s.n - 1)
			return false;
		if (wide && (s.p[i] & 0x80) != 0)
			continue;
		if (s.p[i] < ' ' || s.p[i] > '~' ||
		    (s.p[i] == '"' && s.p[i - 1] != '\\'))
			return false;
	}
	return true;
}

static bool
is_mail_domain(struct cdp_str s, bool wide)
{
	if (s.n < 3 || s.p[0] != '[' || s.p[s.n - 1] != ']')
		return wide ? cdp_format_idn_hostname(s)
			    : cdp_format_hostname(s);
	s = cdp_format_cut(s, 1, s.n - 1);
	if (cdp_str_starts(s, CDP_STR("IPv6:")))
		return cdp_format_ipv6(cdp_format_cut(s, 5, s.n));
	return cdp_format_ipv4(s);
}

static bool
is_email(struct cdp_str s, bool wide)
{
	struct cdp_str local;

	for (size_t i = s.n; i-- > 0;)
		if (s.p[i] == '@') {
			local = cdp_format_cut(s, 0, i);
			return (is_dot_atom(local, wide) ||
				   is_quoted(local, wide)) &&
			    is_mail_domain(cdp_format_cut(s, i + 1, s.n), wide);
		}
	return false;
}

bool
cdp_format_email(struct cdp_str s)
{
	return is_email(s, false);
}

bool
cdp_format_idn_email(struct cdp_str s)
{
	return is_email(s, true);
}
