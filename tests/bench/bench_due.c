/*
 * bench_due N...: what a timer costs when so many are pending: nanoseconds to
 * enter one, to move one, and to take out the earliest, in no order that helps.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lib/base/due.h"
#include "lib/base/mem.h"

struct owner {
	struct cdp_due_own due;
	char id[24];
};

static uint64_t
next(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static double
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void
run(size_t n)
{
	struct owner *v = cdp_xcalloc(n, sizeof(*v));
	struct cdp_due q = { 0 };
	uint64_t x = 4711;
	double t[4];
	size_t i;

	for (i = 0; i < n; i++) {
		snprintf(v[i].id, sizeof(v[i].id), "p_%020zx", i);
		v[i].due.id = cdp_str_of(v[i].id);
	}
	t[0] = now_ns();
	for (i = 0; i < n; i++)
		cdp_due_set(&q, &v[i].due, (int64_t)(next(&x) % 86400000 * 14));
	t[1] = now_ns();
	for (i = 0; i < n; i++)
		cdp_due_set(&q, &v[next(&x) % n].due,
		    (int64_t)(next(&x) % 86400000 * 14));
	t[2] = now_ns();
	for (i = 0; i < n; i++)
		cdp_due_set(&q, cdp_due_min(&q), INT64_MAX);
	t[3] = now_ns();
	printf("  %9zu pending: %5.0f ns to enter, %5.0f to move, %5.0f to "
	       "take out\n",
	    n, (t[1] - t[0]) / (double)n, (t[2] - t[1]) / (double)n,
	    (t[3] - t[2]) / (double)n);
	cdp_due_free(&q);
	free(v);
}

int
main(int argc, char *argv[])
{
	for (int i = 1; i < argc; i++)
		run((size_t)strtoul(argv[i], NULL, 10));
	return 0;
}
