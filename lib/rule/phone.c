#include "lib/rule/phone.h"

#include "lib/base/err.h"

#define MAX_DIGITS 17 /* 00 and 15 */

struct region {
	const char *name;
	const char *cc;
	const char *trunk; /* dialled before a number inside the country */
	bool needs_trunk;  /* without it a number is local, hence unknown */
	uint8_t min, max;  /* digits of a number without the trunk prefix */
	const char *first; /* what it may begin with */
};

static const struct region regions[] = {
	{ "BR", "55", "0", false, 10, 11, "123456789" },
	{ "CA", "1", "1", false, 10, 10, "23456789" },
	{ "DE", "49", "0", true, 6, 11, "123456789" },
	{ "ES", "34", "", false, 9, 9, "6789" },
	{ "FR", "33", "0", true, 9, 9, "123456789" },
	{ "GB", "44", "0", true, 9, 10, "1235789" },
	{ "IT", "39", "", false, 6, 11, "03" },
	{ "NL", "31", "0", true, 9, 9, "123456789" },
	{ "PT", "351", "", false, 9, 9, "236789" },
	{ "US", "1", "1", false, 10, 10, "23456789" },
};

/*
 * What is particular: in Brazil an area code has no zero and eleven digits are
 * a mobile, whose number begins with 9; in North America the exchange begins
 * like the area; in Italy the leading zero belongs to the number.
 */
static bool
valid(const struct region *r, const char *p, size_t n)
{
	if (n < r->min || n > r->max || strchr(r->first, p[0]) == NULL)
		return false;
	if (strcmp(r->cc, "55") == 0)
		return p[1] != '0' &&
		    (n == 11 ? p[2] == '9' : p[2] >= '2' && p[2] <= '5');
	if (strcmp(r->cc, "1") == 0)
		return p[3] >= '2';
	if (strcmp(r->cc, "39") == 0)
		return p[0] == '0' || n == 9 || n == 10;
	return true;
}

/* The digits of s; *plus: it began with +; a "(0)" after that is left out. */
static bool
digits(struct cdp_str s, char *ret, size_t *nret, bool *plus)
{
	size_t i, n = 0;

	*plus = false;
	for (i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c >= '0' && c <= '9') {
			if (n == MAX_DIGITS)
				return false;
			ret[n++] = c;
		} else if (c == '+') {
			if (n != 0 || *plus)
				return false;
			*plus = true;
		} else if (c == '(' && *plus && i + 2 < s.n &&
		    s.p[i + 1] == '0' && s.p[i + 2] == ')') {
			i += 2;
		} else if (strchr(" .-/()", c) == NULL || c == '\0') {
			return false;
		}
	}
	*nret = n;
	return true;
}

static int
give(struct cdp_arena *mem, const char *cc, const char *p, size_t n,
    struct cdp_str *ret)
{
	*ret = cdp_arena_printf(mem, "+%s%.*s", cc, (int)n, p);
	return 0;
}

static int
international(
    const char *p, size_t n, struct cdp_arena *mem, struct cdp_str *ret)
{
	size_t i, ncc;

	if (n < 8 || n > 15 || p[0] == '0')
		return CDP_EDATA;
	for (i = 0; i < sizeof(regions) / sizeof(regions[0]); i++) {
		const struct region *r = &regions[i];

		ncc = strlen(r->cc);
		if (strncmp(p, r->cc, ncc) == 0 && !valid(r, p + ncc, n - ncc))
			return CDP_EDATA;
	}
	return give(mem, "", p, n, ret);
}

static int
national(const struct region *r, const char *p, size_t n, struct cdp_arena *mem,
    struct cdp_str *ret)
{
	size_t nt = strlen(r->trunk), ncc = strlen(r->cc);

	if (nt != 0 && n > nt && strncmp(p, r->trunk, nt) == 0 &&
	    valid(r, p + nt, n - nt))
		return give(mem, r->cc, p + nt, n - nt, ret);
	if (r->needs_trunk)
		return CDP_EDATA;
	if (valid(r, p, n))
		return give(mem, r->cc, p, n, ret);
	if (n > r->max && strncmp(p, r->cc, ncc) == 0 &&
	    valid(r, p + ncc, n - ncc))
		return give(mem, "", p, n, ret);
	return CDP_EDATA;
}

int
cdp_phone_normalize(struct cdp_str s, struct cdp_str region,
    struct cdp_arena *mem, struct cdp_str *ret)
{
	char d[MAX_DIGITS];
	size_t n, i;
	bool plus;

	if (!digits(s, d, &n, &plus) || n == 0)
		return CDP_EDATA;
	if (plus)
		return international(d, n, mem, ret);
	if (n > 2 && d[0] == '0' && d[1] == '0')
		return international(d + 2, n - 2, mem, ret);
	for (i = 0; i < sizeof(regions) / sizeof(regions[0]); i++)
		if (cdp_str_is(region, regions[i].name))
			return national(&regions[i], d, n, mem, ret);
	return CDP_EDATA;
}
