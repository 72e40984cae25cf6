#include "lib/json/scan.h"

static int
hex4(const char *p, const char *end, uint32_t *ret)
{
	uint32_t v = 0;
	int i;

	if (end - p < 4)
		return 0;
	for (i = 0; i < 4; i++) {
		unsigned c = (unsigned char)p[i];

		if (c - '0' < 10)
			c -= '0';
		else if ((c | 0x20) - 'a' < 6)
			c = (c | 0x20) - 'a' + 10;
		else
			return 0;
		v = v << 4 | c;
	}
	*ret = v;
	return 1;
}

static size_t
unicode(const char *p, const char *end, uint32_t *ret)
{
	uint32_t hi, lo;

	if (!hex4(p + 2, end, &hi))
		return 0;
	*ret = hi;
	if (hi < 0xd800 || hi > 0xdfff)
		return 6;
	if (hi > 0xdbff || end - p < 12 || p[6] != '\\' || p[7] != 'u' ||
	    !hex4(p + 8, end, &lo) || lo < 0xdc00 || lo > 0xdfff)
		return 0;
	*ret = 0x10000 + ((hi - 0xd800) << 10) + (lo - 0xdc00);
	return 12;
}

size_t
cdp_scan_escape(const char *p, const char *end, uint32_t *ret)
{
	if (end - p < 2)
		return 0;
	switch (p[1]) {
	case '"':
	case '\\':
	case '/':
		*ret = (unsigned char)p[1];
		return 2;
	case 'b':
		*ret = '\b';
		return 2;
	case 'f':
		*ret = '\f';
		return 2;
	case 'n':
		*ret = '\n';
		return 2;
	case 'r':
		*ret = '\r';
		return 2;
	case 't':
		*ret = '\t';
		return 2;
	case 'u':
		return unicode(p, end, ret);
	}
	return 0;
}
