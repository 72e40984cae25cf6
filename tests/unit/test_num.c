#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/json/num.h"
#include "tests/unit/json_gen.h"

static struct cdp_buf b;

static const char *
spelled(const char *z)
{
	cdp_buf_reset(&b);
	cdp_num_put(&b, cdp_str_of(z));
	return cdp_buf_cstr(&b);
}

static const char *
of_double(double v)
{
	cdp_buf_reset(&b);
	cdp_num_put_double(&b, v);
	return cdp_buf_cstr(&b);
}

static void
test_put_has_one_spelling_for_a_value(void **state)
{
	static const char *const same[][4] = {
		{ "0", "-0", "0.000", "-0e99" },
		{ "1", "1.0", "10e-1", "0.001E+3" },
		{ "-1200", "-1200.0", "-12e2", "-0.12e+4" },
		{ "0.05", "5e-2", "0.0500", "50E-3" },
		{ "100.001", "100.0010", "100001e-3", "1.00001e2" },
		{ "9007199254740993", "9007199254740993.0",
		    "9.007199254740993e15", "90071992547409930E-1" },
		{ "100000000000000000000", "1e20", "10e19", "0.1e21" },
		{ "1e21", "1000000000000000000000", "10e20", "1.0E+21" },
		{ "1.5e300", "15e299", "0.15e301", "1.50e+300" },
		{ "0.000001", "1e-6", "10e-7", "0.1E-5" },
		{ "1e-7", "0.0000001", "10e-8", "0.1E-6" },
		{ "-1.25e-9", "-0.00000000125", "-125e-11", "-12.5E-10" },
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		for (j = 0; j < 4; j++) {
			assert_string_equal(spelled(same[i][j]), same[i][0]);
			assert_true(cdp_num_eq(
			    cdp_str_of(same[i][0]), cdp_str_of(same[i][j])));
		}
}

static void
test_eq_counts_every_digit(void **state)
{
	static const char *const all[] = { "0", "1", "-1", "10", "11", "101",
		"1.1", "1.01", "0.1", "1e21", "1e22", "9007199254740992",
		"9007199254740993", "0.30000000000000004", "0.3", "1e400",
		"1e-400", "-1e400", "1e99999999999999999999" };
	size_t n = sizeof(all) / sizeof(all[0]), i, j;

	(void)state;
	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++)
			assert_int_equal(
			    cdp_num_eq(cdp_str_of(all[i]), cdp_str_of(all[j])),
			    i == j);
}

/* strtod() of the same text is the other opinion. */
static void
test_double_is_correctly_rounded(void **state)
{
	static const char *const hard[] = { "0.1", "0.3", "1e22", "1e23",
		"9007199254740993", "9007199254740992.5", "123456789012345678",
		"2.2250738585072011e-308", "5e-324", "2.4703282292062327e-324",
		"2.4703282292062328e-324", "1.7976931348623157e308",
		"1.7976931348623159e308", "1e400", "-1e400", "1e-400",
		"0.000000000000000000000000000001", "8.988465674311581e307",
		"179769313486231570e291", "1e99999999999999999999",
		"1e-99999999999999999999", "7.2057594037927933e16",
		"4503599627370496.5", "4503599627370497.5",
		"0.500000000000000166533453693773481063",
		"3.518437208883201171875e13", "62.5364939768271845828",
		"8.10109172351e-10", "1.50000000000000011102230246251565" };
	uint64_t state_what = 42;
	char z[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(hard) / sizeof(hard[0]); i++)
		assert_true(cdp_num_double(cdp_str_of(hard[i])) ==
		    strtod(hard[i], NULL));
	for (i = 0; i < 20000; i++) {
		snprintf(z, sizeof(z), "%s%u.%0*ue%d",
		    gen_pick(&state_what, 2) ? "-" : "",
		    gen_pick(&state_what, 1000000),
		    (int)gen_pick(&state_what, 14) + 1,
		    gen_pick(&state_what, 2000000000),
		    (int)gen_pick(&state_what, 60) - 30);
		assert_true(cdp_num_double(cdp_str_of(z)) == strtod(z, NULL));
	}
	assert_true(signbit(cdp_num_double(CDP_STR("-0"))));
}

/* A tie that only the last of a thousand digits breaks. */
static void
test_double_minds_far_digits(void **state)
{
	char z[1100];

	(void)state;
	memset(z, '0', sizeof(z));
	memcpy(z, "9007199254740993.", 17);
	z[1099] = '\0';
	assert_true(cdp_num_double(cdp_str_of(z)) == 9007199254740992.0);
	z[1098] = '1';
	assert_true(cdp_num_double(cdp_str_of(z)) == 9007199254740994.0);
}

static void
test_put_double_is_the_shortest_that_reads_back(void **state)
{
	static const struct {
		double v;
		const char *z;
	} known[] = { { 0, "0" }, { -0.0, "0" }, { 1, "1" }, { -1, "-1" },
		{ 0.1, "0.1" }, { 0.1 + 0.2, "0.30000000000000004" },
		{ 19.99, "19.99" }, { 1.0 / 3, "0.3333333333333333" },
		{ 1e21, "1e21" }, { 1e20, "100000000000000000000" },
		{ 9007199254740991.0, "9007199254740991" },
		{ 9007199254740992.0, "9007199254740992" }, { 1e-7, "1e-7" },
		{ 0.000001, "0.000001" }, { 5e-324, "5e-324" },
		{ 2.2250738585072014e-308, "2.2250738585072014e-308" },
		{ DBL_MAX, "1.7976931348623157e308" },
		{ 123456.789, "123456.789" }, { -2.5e-5, "-0.000025" } };
	uint64_t what = 7, bits;
	double v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_string_equal(of_double(known[i].v), known[i].z);
	for (i = 0; i < 20000; i++) {
		bits = (uint64_t)gen_pick(&what, 1u << 31) << 33 ^
		    (uint64_t)gen_pick(&what, 1u << 31) << 11 ^
		    gen_pick(&what, 1u << 11);
		memcpy(&v, &bits, sizeof(v));
		if (i % 2 == 0)
			v = (double)(bits % 100000000) / 1000;
		if (!isfinite(v))
			continue;
		assert_true(strtod(of_double(v), NULL) == v);
	}
}

static int
free_all(void **state)
{
	(void)state;
	cdp_buf_free(&b);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put_has_one_spelling_for_a_value),
		cmocka_unit_test(test_eq_counts_every_digit),
		cmocka_unit_test(test_double_is_correctly_rounded),
		cmocka_unit_test(test_double_minds_far_digits),
		cmocka_unit_test(
		    test_put_double_is_the_shortest_that_reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, free_all);
}
