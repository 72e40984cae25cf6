#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "lib/store/meta.h"

static const struct cdp_hash128 given[3] = {
	{ .lo = 0x0123456789abcdef, .hi = 0xfedcba9876543210 },
	{ .lo = 1, .hi = 2 },
	{ .lo = UINT64_MAX, .hi = 0 },
};

/* Their bytes in base64, by another program. */
static const char *const lines[3] = {
	"{\"ids\":\"ASNFZ4mrze/+3LqYdlQyEA==\"}\n",
	"{\"ids\":\"ASNFZ4mrze/+3LqYdlQAAAAAAAAAAQAAAAAAADIQAAI=\"}\n",
	"{\"ids\":\"ASNFZ4mrze/+3LqYdlQAAAAAAAAAAQAAAAAAAP//////////AAAAAAAA"
	"MhAAAgAA\"}\n",
};

static void
read_back(struct cdp_str text, const struct cdp_hash128 *h, size_t n)
{
	struct cdp_meta_reader r = { 0 };
	struct cdp_meta m;

	cdp_meta_start(&r, text);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(cdp_meta_next(&r, &m), 0);
		assert_int_equal(m.kind, CDP_META_HASH);
		assert_true(m.h.lo == h[i].lo && m.h.hi == h[i].hi);
	}
	assert_int_equal(cdp_meta_next(&r, &m), CDP_END);
	cdp_meta_start(&r, text);
	r.counting = true;
	assert_int_equal(cdp_meta_next(&r, &m), 0);
	assert_int_equal(cdp_meta_inputs(&m), n);
	assert_int_equal(cdp_meta_next(&r, &m), CDP_END);
	cdp_meta_free(&r);
}

static void
test_ids(void **state)
{
	struct cdp_buf b = { 0 };

	(void)state;
	for (size_t n = 1; n <= 3; n++) {
		cdp_buf_reset(&b);
		cdp_meta_ids(&b, given, n);
		assert_true(
		    cdp_str_eq(cdp_buf_str(&b), cdp_str_of(lines[n - 1])));
		read_back(cdp_buf_str(&b), given, n);
	}
	cdp_buf_free(&b);
}

static void
test_most_ids(void **state)
{
	struct cdp_hash128 h[CDP_META_IDS];
	struct cdp_buf b = { 0 };
	uint64_t seed = 4711;

	(void)state;
	for (size_t i = 0; i < CDP_META_IDS; i++) {
		h[i].lo = seed = seed * 6364136223846793005 + 1;
		h[i].hi = seed = seed * 6364136223846793005 + 1;
	}
	for (size_t n = 1; n <= CDP_META_IDS; n++) {
		cdp_buf_reset(&b);
		cdp_meta_ids(&b, h, n);
		read_back(cdp_buf_str(&b), h, n);
	}
	cdp_buf_free(&b);
}

/* What segments of before have: digits, the higher half first. */
static void
test_digits(void **state)
{
	(void)state;
	read_back(CDP_STR("{\"h\":\"fedcba98765432100123456789abcdef"
			  "00000000000000020000000000000001\"}\n"),
	    given, 2);
}

static void
test_damage(void **state)
{
	static const char *const bad[] = { "{\"ids\":\"\"}", "{\"ids\":3}",
		"{\"ids\":\"ASNFZ4mrze/+3LqYdlQyEA\"}",
		"{\"ids\":\"ASNFZ4mrze/+3LqYdlQyE===\"}",
		"{\"ids\":\"ASNF-4mrze/+3LqYdlQyEA==\"}",
		"{\"ids\":\"ASNFZ4mrze/+3LqYdlQyEEFB\"}",
		"{\"ids\":\"ASNFZ4mrze/+3LqYdlQyEA==AAAA\"}",
		"{\"ids\":\"====\"}", "{\"h\":\"\"}",
		"{\"h\":\"fedcba98765432100123456789abcde\"}",
		"{\"h\":\"fedcba98765432100123456789abcdeg\"}" };
	struct cdp_meta_reader r = { 0 };
	struct cdp_meta m;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		cdp_meta_start(&r, cdp_str_of(bad[i]));
		assert_int_equal(cdp_meta_next(&r, &m), CDP_EDATA);
	}
	cdp_meta_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_most_ids),
		cmocka_unit_test(test_digits),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
