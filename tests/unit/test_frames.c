#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/store/frames.h"

#define KEYS 40
#define ROOM ((size_t)12 * 1100) /* twelve of about 1,000 bytes */

static struct cdp_str
text(uint64_t seg, uint64_t off)
{
	static char b[1000];

	memset(b, (int)('a' + (seg * 7 + off) % 26), sizeof(b));
	snprintf(b, sizeof(b), "%llu/%llu", (unsigned long long)seg,
	    (unsigned long long)off);
	return (struct cdp_str){ b, sizeof(b) };
}

/* Against a list in the order of use that is walked. */
static void
test_find_keeps_what_was_used_last(void **state)
{
	struct cdp_frames fs = { .max_bytes = ROOM };
	uint64_t used[KEYS], rnd = 1, k, seg, off;
	size_t n = 0, i, keep, found = 0;
	struct cdp_str got;
	bool had;

	(void)state;
	for (int step = 0; step < 20000; step++) {
		rnd = rnd * 6364136223846793005u + 1442695040888963407u;
		k = (rnd >> 33) % KEYS;
		seg = 1 + k % 3 + (k % 2) * 1000000000;
		off = 48 + k * 16384;
		for (i = 0; i < n && used[i] != k; i++)
			;
		had = i < n;
		keep = had ? i : n;
		memmove(used + 1, used, keep * sizeof(used[0]));
		used[0] = k;
		n += !had;
		assert_int_equal(cdp_frames_find(&fs, seg, off, &got), had);
		found += had;
		if (!had)
			cdp_frames_add(&fs, seg, off, text(seg, off), &got);
		assert_true(cdp_str_eq(got, text(seg, off)));
		assert_true(fs.bytes <= ROOM);
		n = fs.n < n ? fs.n : n;
	}
	assert_true(fs.n == 12 && found > 4000);
	cdp_frames_drop(&fs);
	assert_false(cdp_frames_find(&fs, 1, 48, &got));
	assert_int_equal(fs.max_bytes, ROOM);
}

static void
test_add_keeps_one_that_is_too_big(void **state)
{
	struct cdp_frames fs = { .max_bytes = 10 };
	struct cdp_str got;

	(void)state;
	cdp_frames_add(&fs, 1, 1, text(1, 1), &got);
	cdp_frames_add(&fs, 1, 2, text(1, 2), &got);
	assert_false(cdp_frames_find(&fs, 1, 1, &got));
	assert_true(cdp_frames_find(&fs, 1, 2, &got));
	assert_true(cdp_str_eq(got, text(1, 2)));
	cdp_frames_drop(&fs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find_keeps_what_was_used_last),
		cmocka_unit_test(test_add_keeps_one_that_is_too_big),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
