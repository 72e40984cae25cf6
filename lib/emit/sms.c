#include "lib/emit/sms.h"

#include <string.h>

static const char basic[] = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./"
			    "0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
			    "abcdefghijklmnopqrstuvwxyzäöñüà";
static const char extended[] = "\f^{}\\[~]|€";

/* The character that s begins with. */
static struct cdp_str
first(struct cdp_str s)
{
	size_t n = 1;

	while (n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n++;
	return (struct cdp_str){ s.p, n };
}

/* Of UTF-8 no character is found within others. */
static bool
has(const char *set, size_t n, struct cdp_str c)
{
	return memmem(set, n, c.p, c.n) != NULL;
}

/* Septets; 0: it is not of GSM. */
static size_t
septets(struct cdp_str c)
{
	if (has(basic, sizeof(basic) - 1, c))
		return 1;
	return has(extended, sizeof(extended) - 1, c) ? 2 : 0;
}

static size_t
width(const struct cdp_sms *sms, struct cdp_str c)
{
	return sms->ucs2 ? (c.n == 4 ? 2 : 1) : septets(c);
}

size_t
cdp_sms_cut(const struct cdp_sms *sms, struct cdp_str rest)
{
	size_t room = sms->ucs2 ? 67 : 153, used = 0, at = 0;
	struct cdp_str c;

	if (sms->length <= (sms->ucs2 ? 70 : 160))
		return rest.n;
	while (at < rest.n) {
		c = first((struct cdp_str){ rest.p + at, rest.n - at });
		used += width(sms, c);
		if (used > room)
			break;
		at += c.n;
	}
	return at;
}

void
cdp_sms_count(struct cdp_str text, struct cdp_sms *ret)
{
	struct cdp_str c;
	size_t at, n;

	*ret = (struct cdp_sms){ 0 };
	for (at = 0; at < text.n && !ret->ucs2; at += c.n) {
		c = first((struct cdp_str){ text.p + at, text.n - at });
		if (septets(c) == 0) {
			ret->ucs2 = true;
			ret->odd = c;
		}
	}
	for (at = 0; at < text.n; at += c.n) {
		c = first((struct cdp_str){ text.p + at, text.n - at });
		ret->length += width(ret, c);
	}
	do {
		n = cdp_sms_cut(ret, text);
		text = (struct cdp_str){ text.p + n, text.n - n };
		ret->segments++;
	} while (text.n != 0);
}
