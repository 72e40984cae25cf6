#include "lib/tool/optval.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/time.h"

int
cdp_optval_bad(
    struct cdp_err *err, const char *name, const char *val, const char *want)
{
	return cdp_fail(
	    err, CDP_ECONF, "--%s wants %s, not '%s'", name, want, val);
}

int
cdp_optval_duration(
    const char *name, const char *val, int64_t *ret, struct cdp_err *err)
{
	if (strcmp(val, "0") == 0)
		*ret = 0;
	else if (cdp_time_duration(cdp_str_of(val), ret) != 0 || *ret > INT_MAX)
		return cdp_optval_bad(err, name, val, "a duration such as 30s");
	return 0;
}

int
cdp_optval_until(const char *name, const char *val, struct cdp_err *err)
{
	int64_t ms;

	if (strcmp(val, "now") == 0 || strcmp(val, "end") == 0 ||
	    cdp_time_option(cdp_str_of(val), &ms) == 0)
		return 0;
	return cdp_optval_bad(
	    err, name, val, "now, end, or a time such as 2025-03-03T10:00:00Z");
}

int
cdp_optval_share(
    const char *name, const char *val, int64_t *n, int *bp, struct cdp_err *err)
{
	char *end;
	double pct;

	errno = 0;
	if (strchr(val, '%') != NULL) {
		pct = strtod(val, &end);
		if (end == val || strcmp(end, "%") != 0 || !(pct >= 0) ||
		    pct > 100)
			goto bad;
		*bp = (int)(pct * 100 + 0.5);
		return 0;
	}
	*n = strtoll(val, &end, 10);
	if (errno == 0 && end != val && *end == '\0' && *n >= 0)
		return 0;
bad:
	return cdp_optval_bad(
	    err, name, val, "a number or a percentage such as 1%");
}

int
cdp_optval_size(
    const char *name, const char *val, size_t *ret, struct cdp_err *err)
{
	static const char units[] = "KMG";
	unsigned long long n;
	const char *unit;
	char *end;
	int shift = 0;

	errno = 0;
	n = strtoull(val, &end, 10);
	unit = *end != '\0' ? strchr(units, *end) : NULL;
	if (unit != NULL) {
		shift = 10 * (int)(unit - units + 1);
		end += strcmp(end + 1, "iB") == 0 ? 3 : 1;
	}
	if (errno != 0 || *val < '0' || *val > '9' || *end != '\0' ||
	    n > SIZE_MAX >> shift)
		return cdp_optval_bad(err, name, val, "a size such as 512M");
	*ret = (size_t)n << shift;
	return 0;
}

int
cdp_optval_word(const char *name, const char *words, const char *val, int *ret,
    struct cdp_err *err)
{
	const char *p = words;
	size_t n;

	for (*ret = 0; *p != '\0'; p += n + (p[n] == '|'), ++*ret) {
		n = strcspn(p, "|");
		if (n == strlen(val) && memcmp(p, val, n) == 0)
			return 0;
	}
	return cdp_optval_bad(err, name, val, words);
}
