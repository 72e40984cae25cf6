#include "lib/rule/email.h"

#include <idn2.h>
#include <stdbool.h>

#include "lib/base/err.h"
#include "lib/base/utf8.h"

static bool
is_ascii(struct cdp_str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

/*
 * Folding is not for domains: it makes "ss" of the German sharp s, and under
 * IDNA2008 that is somebody else's.
 */
static int
international(struct cdp_str local, struct cdp_str domain,
    struct cdp_arena *mem, struct cdp_str *ret)
{
	struct cdp_err ignored = { 0 };
	char *ascii;

	if (cdp_utf8_fold(local, mem, &local, &ignored) != 0 ||
	    idn2_to_ascii_8z(cdp_arena_dup(mem, domain).p, &ascii,
		IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
		return CDP_EDATA;
	*ret = cdp_arena_printf(mem, "%.*s@%s", (int)local.n, local.p, ascii);
	idn2_free(ascii);
	return 0;
}

int
cdp_email_normalize(
    struct cdp_str s, struct cdp_arena *mem, struct cdp_str *ret)
{
	struct cdp_err ignored = { 0 };
	struct cdp_str local, domain;
	const char *sign;
	size_t i;

	s = cdp_str_trim(s);
	sign = s.n != 0 ? memchr(s.p, '@', s.n) : NULL;
	if (sign == NULL)
		return CDP_EDATA;
	local = (struct cdp_str){ s.p, (size_t)(sign - s.p) };
	domain = (struct cdp_str){ sign + 1, s.n - local.n - 1 };
	if (local.n == 0 || domain.n == 0 ||
	    memchr(domain.p, '@', domain.n) != NULL)
		return CDP_EDATA;
	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ')
			return CDP_EDATA;
	if (!is_ascii(domain))
		return international(local, domain, mem, ret);
	return cdp_utf8_fold(s, mem, ret, &ignored);
}
