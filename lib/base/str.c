#include "lib/base/str.h"

#define LONGEST 64

/* Levenshtein, one row; names over LONGEST are never near. */
static size_t
distance(struct cdp_str a, struct cdp_str b)
{
	size_t row[LONGEST + 1], diag, i, j, up;

	for (j = 0; j <= b.n; j++)
		row[j] = j;
	for (i = 1; i <= a.n; i++) {
		diag = row[0];
		row[0] = i;
		for (j = 1; j <= b.n; j++) {
			up = row[j];
			if (a.p[i - 1] != b.p[j - 1])
				diag++;
			if (up + 1 < diag)
				diag = up + 1;
			if (row[j - 1] + 1 < diag)
				diag = row[j - 1] + 1;
			row[j] = diag;
			diag = up;
		}
	}
	return row[b.n];
}

int
cdp_str_nearest(struct cdp_str s, const struct cdp_str *names, size_t n)
{
	size_t best, d, i;
	int ret = -1;

	if (s.n > LONGEST)
		return -1;
	best = s.n < 3 ? 1 : s.n / 3;
	if (best > 3)
		best = 3;
	best++;
	for (i = 0; i < n; i++) {
		if (names[i].n > LONGEST)
			continue;
		if ((d = distance(s, names[i])) < best) {
			best = d;
			ret = (int)i;
		}
	}
	return ret;
}
