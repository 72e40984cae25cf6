#include "lib/base/str.h"

#define LONGEST 64

/* Edits with two neighbours swapped as one: the commonest slip of all.
 * Names over LONGEST are never near. */
static size_t
distance(struct cdp_str a, struct cdp_str b)
{
	size_t row[3][LONGEST + 1], i, j, d;
	size_t *old, *up, *cur;

	for (j = 0; j <= b.n; j++)
		row[0][j] = j;
	for (i = 1; i <= a.n; i++) {
		old = row[(i + 1) % 3];
		up = row[(i - 1) % 3];
		cur = row[i % 3];
		cur[0] = i;
		for (j = 1; j <= b.n; j++) {
			d = up[j - 1] + (a.p[i - 1] != b.p[j - 1]);
			if (up[j] + 1 < d)
				d = up[j] + 1;
			if (cur[j - 1] + 1 < d)
				d = cur[j - 1] + 1;
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
			    a.p[i - 2] == b.p[j - 1] && old[j - 2] + 1 < d)
				d = old[j - 2] + 1;
			cur[j] = d;
		}
	}
	return row[a.n % 3][b.n];
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
