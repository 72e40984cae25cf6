#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>

#include <cmocka.h>

#include "lib/emit/address.h"
#include "lib/emit/pace.h"
#include "lib/emit/retry.h"

static void
test_retry_class_is_segments(void **state)
{
	static const int again[] = { 408, 410, 429, 460, 500, 502, 503, 504,
		507, 511, 599 };
	static const int dead[] = { 100, 300, 301, 302, 307, 400, 401, 403, 404,
		409, 413, 422, 451, 501, 505, 600, 999 };

	(void)state;
	for (int s = 200; s < 300; s++)
		assert_int_equal(cdp_retry_class(s), CDP_TAKEN);
	for (size_t i = 0; i < sizeof(again) / sizeof(*again); i++)
		assert_int_equal(cdp_retry_class(again[i]), CDP_AGAIN);
	for (size_t i = 0; i < sizeof(dead) / sizeof(*dead); i++)
		assert_int_equal(cdp_retry_class(dead[i]), CDP_DEAD);
}

static void
test_retry_delay_doubles_to_an_hour(void **state)
{
	int64_t most = 1000, sum = 0, ms;
	char id[16];

	(void)state;
	for (int64_t n = 1; n < 70; n++) {
		ms = cdp_retry_delay(CDP_STR("one"), n);
		assert_true(ms > most / 2 && ms <= most);
		assert_int_equal(ms, cdp_retry_delay(CDP_STR("one"), n));
		most = most * 2 < 3600000 ? most * 2 : 3600000;
	}
	/* What failed together comes back spread out. */
	for (int i = 0; i < 1000; i++) {
		snprintf(id, sizeof(id), "%d", i);
		sum += cdp_retry_delay(cdp_str_of(id), 1);
	}
	assert_true(sum > 735000 && sum < 765000);
}

static void
test_address_public_is_the_internets(void **state)
{
	static const char *const open[] = { "1.1.1.1", "8.8.8.8",
		"100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1",
		"192.167.1.1", "169.253.1.1", "223.255.255.255", "9.9.9.9",
		"11.0.0.1", "126.0.0.1", "128.0.0.1", "198.17.1.1",
		"198.20.0.1", "2606:4700::1111", "2001:4860:4860::8888",
		"2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808",
		"2002:808:808::1" };
	static const char *const closed[] = { "0.0.0.0", "0.1.2.3", "10.0.0.1",
		"10.255.255.255", "100.64.0.1", "100.127.1.1", "127.0.0.1",
		"127.255.255.254", "169.254.169.254", "172.16.0.1",
		"172.31.255.255", "192.168.0.1", "192.0.0.8", "192.0.2.1",
		"198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1",
		"239.1.1.1", "240.0.0.1", "255.255.255.255", "::", "::1",
		"::ffff:127.0.0.1", "::ffff:169.254.169.254",
		"::ffff:10.0.0.1", "::127.0.0.1", "fe80::1", "fc00::1",
		"fd12:3456::1", "ff02::1", "fec0::1", "2001:db8::1",
		"2001:0:1::1", "2001:10::1", "3fff::1", "64:ff9b::a9fe:a9fe",
		"64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1", "100::1",
		"4000::1", "", "localhost", "127.1", "2130706433" };

	(void)state;
	for (size_t i = 0; i < sizeof(open) / sizeof(*open); i++)
		if (!cdp_address_text_public(open[i]))
			fail_msg("%s is public", open[i]);
	for (size_t i = 0; i < sizeof(closed) / sizeof(*closed); i++)
		if (cdp_address_text_public(closed[i]))
			fail_msg("%s is not public", closed[i]);
}

/* A rate of n in so many ms is kept over any time, however often one asks. */
static void
test_pace_may_keeps_the_rate(void **state)
{
	static const struct {
		int64_t n, ms;
	} rate[] = { { 50, 1000 }, { 600, 60000 }, { 1, 1000 },
		{ 1000, 3600000 }, { 5000, 1000 } };

	(void)state;
	for (size_t k = 0; k < sizeof(rate) / sizeof(*rate); k++) {
		struct cdp_pace p = { .rate_n = rate[k].n,
			.rate_ms = rate[k].ms };
		int64_t left = 0, t, spent = 60000, want;

		for (t = 1; t <= spent; t++)
			while (cdp_pace_may(&p, t, 0, 8)) {
				cdp_pace_left(&p);
				left++;
			}
		want = spent * rate[k].n / rate[k].ms;
		/* It begins with one, at the first millisecond. */
		assert_true(left >= want - 1 - rate[k].n / rate[k].ms);
		assert_true(left <= want + 1);
		assert_true(cdp_pace_next(&p, spent) > spent);
	}
}

static void
test_pace_opens_the_circuit(void **state)
{
	struct cdp_pace p = { .id = CDP_STR("x") };
	int64_t now = 1000, shut;

	(void)state;
	for (int i = 0; i < CDP_PACE_FAULTS - 1; i++) {
		cdp_pace_ill(&p, now);
		assert_true(cdp_pace_may(&p, now, 7, 8));
	}
	cdp_pace_ill(&p, now);
	assert_false(cdp_pace_may(&p, now, 0, 8));
	shut = cdp_pace_next(&p, now);
	assert_true(shut > now && shut <= now + 1000);
	/* What was in flight and fails, too, makes it no longer. */
	cdp_pace_ill(&p, now);
	assert_int_equal(cdp_pace_next(&p, now), shut);
	/* Then one alone. */
	assert_true(cdp_pace_may(&p, shut, 0, 8));
	assert_false(cdp_pace_may(&p, shut, 1, 8));
	for (int i = 0; i < 20; i++) {
		now = cdp_pace_next(&p, now);
		cdp_pace_ill(&p, now);
	}
	assert_true(cdp_pace_next(&p, now) > now + 150000);
	assert_true(cdp_pace_next(&p, now) <= now + 300000);
	cdp_pace_well(&p);
	assert_true(cdp_pace_may(&p, cdp_pace_next(&p, now), 7, 8));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_retry_class_is_segments),
		cmocka_unit_test(test_retry_delay_doubles_to_an_hour),
		cmocka_unit_test(test_address_public_is_the_internets),
		cmocka_unit_test(test_pace_may_keeps_the_rate),
		cmocka_unit_test(test_pace_opens_the_circuit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
