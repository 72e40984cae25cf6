#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "lib/base/utf8.h"
#include "lib/json/scan.h"
#include "tests/unit/json_gen.h"

/* What is special, spelled out. */
static bool
special(unsigned c)
{
	return c < 0x20 || c == '"' || c == '\\' || c >= 0x80;
}

static void
test_plain_stops_at_every_special_byte(void **state)
{
	char z[50];
	unsigned c, at;
	size_t n;

	(void)state;
	for (c = 0; c < 256; c++)
		for (n = 1; n < sizeof(z); n += 1 + n / 9)
			for (at = 0; at < n; at++) {
				const char *want = z + (special(c) ? at : n);

				memset(z, 'x', sizeof(z));
				z[at] = (char)c;
				assert_ptr_equal(
				    cdp_scan_bytes(z, z + n), want);
				assert_ptr_equal(
				    cdp_scan_words(z, z + n), want);
				assert_ptr_equal(
				    cdp_scan_plain(z, z + n), want);
			}
}

/* Many special bytes side by side: borrows must not reach a neighbour. */
static void
test_plain_agrees_on_random_bytes(void **state)
{
	uint64_t what = 5;
	char z[40];
	size_t i, k;

	(void)state;
	for (i = 0; i < 50000; i++) {
		for (k = 0; k < sizeof(z); k++)
			z[k] = gen_pick(&what, 4) != 0
			    ? 'x'
			    : "\x1f !\"#[\\]\x7f\x80"[gen_pick(&what, 10)];
		assert_ptr_equal(cdp_scan_words(z, z + sizeof(z)),
		    cdp_scan_bytes(z, z + sizeof(z)));
		assert_ptr_equal(cdp_scan_plain(z, z + sizeof(z)),
		    cdp_scan_bytes(z, z + sizeof(z)));
	}
}

/* Every lead and second byte, with thirds and fourths at their limits. */
static void
test_utf8_agrees_with_the_base(void **state)
{
	static const unsigned char edge[] = { 0x00, 0x7f, 0x80, 0xbf, 0xc0 };
	unsigned char u[4];
	struct cdp_str s = { (const char *)u, 4 };
	unsigned a, b, c, d;
	size_t valid, n;

	(void)state;
	for (a = 0; a < 256; a++)
		for (b = 0; b < 256; b++)
			for (c = 0; c < 5; c++)
				for (d = 0; d < 5; d++) {
					u[0] = (unsigned char)a;
					u[1] = (unsigned char)b;
					u[2] = edge[c];
					u[3] = edge[d];
					n = cdp_scan_utf8(s.p, s.p + 4);
					valid = cdp_utf8_valid(s);
					assert_true(
					    n == 0 ? valid == 0 : valid >= n);
				}
}

static void
test_utf8_wants_the_whole_sequence(void **state)
{
	static const char *const whole[] = { "\xc3\xa7", "\xe2\x82\xac",
		"\xf0\x9d\x84\x9e" };
	size_t i, n;

	(void)state;
	for (i = 0; i < 3; i++)
		for (n = 1; n <= i + 2; n++)
			assert_int_equal(cdp_scan_utf8(whole[i], whole[i] + n),
			    n == i + 2 ? n : 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_stops_at_every_special_byte),
		cmocka_unit_test(test_plain_agrees_on_random_bytes),
		cmocka_unit_test(test_utf8_agrees_with_the_base),
		cmocka_unit_test(test_utf8_wants_the_whole_sequence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
