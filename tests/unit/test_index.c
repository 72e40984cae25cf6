#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "lib/store/index.h"

static uint64_t
mix(uint64_t v)
{
	v = (v ^ v >> 31) * 0x9e3779b97f4a7c15;
	return v ^ v >> 29;
}

/*
 * The i-th of hashes that all ask for the last places of the table, however
 * big it is, and so stand in long runs from its end on to its beginning.
 */
static struct cdp_hash128
nth(size_t i, size_t places)
{
	uint64_t r = mix(i * 64 + places);

	return (struct cdp_hash128){ ~(r % places) ^ (r >> 32 & 15) << 8,
		(uint64_t)i << CDP_MARK_BITS };
}

static void
check(const struct cdp_index *ix, size_t n, size_t places)
{
	struct cdp_log_key key = { 0 };

	for (size_t i = 0; i < n + 40; i++) {
		key.h = nth(i, places);
		assert_int_equal(cdp_index_where(ix, &key), i < n ? i + 1 : 0);
	}
}

static void
test_crowd(void **state)
{
	struct cdp_index ix = { 0 };

	(void)state;
	for (size_t places = 1; places < 120; places += 7) {
		for (size_t n = 1; n <= 900; n++) {
			cdp_index_hash(&ix, nth(n - 1, places), n);
			if (n == places)
				cdp_index_reserve(&ix, n * 9);
			if (n < 110 || n % 97 == 0)
				check(&ix, n, places);
		}
		check(&ix, 900, places);
		cdp_index_free(&ix);
	}
}

static void
test_many(void **state)
{
	size_t i, n = 400000; /* some megabytes */
	struct cdp_index ix = { 0 };
	struct cdp_log_key key = { 0 };

	(void)state;
	for (i = 0; i < n; i++)
		cdp_index_hash(
		    &ix, (struct cdp_hash128){ mix(i), mix(~i) }, i + 1);
	for (i = 0; i < n + 1000; i++) {
		key.h = (struct cdp_hash128){ mix(i), mix(~i) };
		assert_int_equal(cdp_index_where(&ix, &key), i < n ? i + 1 : 0);
	}
	cdp_index_free(&ix);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crowd),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
